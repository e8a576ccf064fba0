//! `docs/diagnostics.tsv` says what each diagnostic means. From it come the page `docs/diagnostics.md` and the tables of
//! the npm package and of Inspect; all are compared here, and written with `ICELENS_BLESS=1`. Every example is parsed.

use crate::common;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::common::rows;
use icelens::explain::{Code, Diagnostic, Severity};
use icelens::sdp;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<[String; 9]> {
    rows(&root().join("docs/diagnostics.tsv")).into_iter().map(|row| row.try_into().expect("9 columns")).collect()
}

fn unescape(text: &str) -> String {
    let text = common::unescape(text).replace("\\0", "\0");
    text.replace("\\u005c", "\\").replace("\\ufeff", "\u{feff}").replace("\\u00e9", "\u{e9}")
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

#[test]
fn the_table_has_every_code_in_order() {
    let table = table();
    let rows: Vec<(&str, &str)> = table.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let codes: Vec<(&str, &str)> = Code::ALL.iter().map(|code| (code.name(), word(code.severity()))).collect();
    assert_eq!(rows, codes);
}

/// A candidate example starts with `|`; others are descriptions.
fn diagnostics(example: &str) -> Vec<Diagnostic> {
    match example.strip_prefix('|') {
        Some(line) => icelens::candidate::lint(line).diagnostics.as_slice().to_vec(),
        None => sdp::lint(example).diagnostics().as_slice().to_vec(),
    }
}

#[test]
fn examples_show_their_diagnostic_and_fixes_settle_it() {
    let mut fixes = 0;
    for [code, _, _, _, _, _, example, _, _] in table() {
        if example.is_empty() {
            // One takes a megabyte of lines, the other is what a browser says about a `cand.*` of its own.
            assert!(
                ["sdp.too-many-lines", "ice.candidate-unreadable"].contains(&code.as_str()),
                "{code} has no example"
            );
            continue;
        }
        let example = unescape(&example);
        let found = diagnostics(&example);
        let names: Vec<_> = found.iter().map(|one| one.code.name()).collect();
        let one = found.iter().find(|one| one.code.name() == code);
        let one = one.unwrap_or_else(|| panic!("{code}: {example:?} gives {names:?}"));
        let Some(fix) = &one.fix else { continue };
        fixes += 1;
        // Candidate examples are parsed without their mark.
        let mark = usize::from(example.starts_with('|'));
        let mut fixed = example.clone();
        fixed.replace_range(mark + fix.span.start as usize..mark + fix.span.end as usize, &fix.replacement);
        let count = |list: &[Diagnostic]| list.iter().filter(|one| one.code.name() == code).count();
        assert!(count(&diagnostics(&fixed)) < count(&found), "{code}: the fix leaves {fixed:?}");
    }
    assert!(fixes > 20, "{fixes} fixes");
}

/// Compares a file with what it should be, or writes it.
fn check(path: &str, expected: &str) {
    let file = root().join(path);
    if std::env::var_os("ICELENS_BLESS").is_some() {
        fs::write(&file, expected).expect("a writable file");
    }
    let there = fs::read_to_string(&file).unwrap_or_default();
    assert!(there == expected, "{path} is out of date: run ICELENS_BLESS=1 cargo test --test all diagnostics_page");
}

#[test]
fn page() {
    let mut page = String::from(
        "# Diagnostics\n\n\
        What icelens says about a candidate or a session description. A code is stable. *error*: it can't be read, or no\n\
        browser takes it; *warning*: somebody refuses it, or something is lost; *info*: worth knowing. The last two columns of\n\
        each table say what was measured in Chromium 156 and Firefox 153: candidates given to `addIceCandidate`, descriptions\n\
        given to `setRemoteDescription` as an offer. `icelens/sdp`, and the crate without feature `lint`, report only what they\n\
        can't read: `cand.too-short` to `cand.typ`, `sdp.not-a-line` and `sdp.too-many-lines`.\n\n\
        Made from `diagnostics.tsv`; run `ICELENS_BLESS=1 cargo test --test all diagnostics_page` after a change.\n",
    );
    let areas = [("cand.", "Candidates"), ("sdp.", "Session descriptions"), ("ice.", "ICE attributes")];
    for (area, title) in areas {
        write!(page, "\n## {title}\n").expect("a string");
        for row in table().iter().filter(|row| row[0].starts_with(area)) {
            describe(&mut page, row);
        }
    }
    check("docs/diagnostics.md", &page);
}

/// The part of the page about one code.
fn describe(page: &mut String, [code, severity, message, rfc, chromium, firefox, example, fix, section]: &[String; 9]) {
    write!(page, "\n### {code}\n\n{message}\n\n").expect("a string");
    write!(page, "| severity | RFC | Chromium | Firefox |\n|---|---|---|---|\n").expect("a string");
    writeln!(page, "| {severity} | {rfc} | {chromium} | {firefox} |\n").expect("a string");
    if !example.is_empty() {
        let shown = example.trim_start_matches('|').replace("\\n", "\n").replace("\\t", "<TAB>");
        let shown = shown.replace("\\u00a0", "<NBSP>").replace("\\ufeff", "<BOM>").replace("\\u00e9", "\u{e9}");
        let shown = shown.replace("\\0", "<NUL>").replace("\\r", "<CR>");
        writeln!(page, "```sdp\n{}\n```\n", shown.trim_end_matches('\n')).expect("a string");
    }
    writeln!(page, "Fix: {fix}").expect("a string");
    if let Some((number, place)) = reference(section) {
        let link = format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{place}");
        writeln!(page, "\nRule: [RFC {number} §{place}]({link})").expect("a string");
    }
}

/// Number and section of `RFC 8839 5.1`; `None` where no RFC has the rule.
fn reference(section: &str) -> Option<(&str, &str)> {
    let (number, place) = section.strip_prefix("RFC ")?.split_once(' ')?;
    Some((number, place))
}

/// Anchors that Inspect links to.
#[test]
fn references() {
    let mut out = String::from(
        "/** Made from `docs/diagnostics.tsv` by `tests/diagnostics_page.rs`: where each rule stands; empty where no RFC has it. */\n\
        export const references: Readonly<Record<string, string>> = {\n",
    );
    for [code, .., section] in table() {
        let reference = reference(&section).map_or(String::new(), |(number, place)| {
            assert!(number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_digit()), "{section}");
            assert!(place.split('.').all(|part| part.parse::<u8>().is_ok()), "{section}");
            format!("RFC {number} §{place}")
        });
        assert!(!reference.is_empty() || section.is_empty(), "{code}: {section}");
        writeln!(out, "  '{code}': '{reference}',").expect("a string");
    }
    out.push_str("};\n");
    check("www/src/views/inspect/report/references.ts", &out);
}

#[test]
fn npm_table() {
    let mut out = String::from(
        "/** Made from `docs/diagnostics.tsv` by `tests/diagnostics_page.rs`: code, severity, message, RFC, Chromium, Firefox, hint. */\n\
        export const table = `",
    );
    for (index, [code, severity, message, rfc, chromium, firefox, _, fix, _]) in table().into_iter().enumerate() {
        let row = [&code, &severity[..1], &message, &rfc, &chromium, &firefox, &fix].join("|");
        assert!(!row.contains(['`', '\\', '$']) && row.matches('|').count() == 6, "{row}");
        write!(out, "{}{row}", if index == 0 { "" } else { "\n" }).expect("a string");
    }
    out.push_str("`;\n");
    check("npm/src/diagnostics-table.ts", &out);
}

/// Rows of the table that `icelens/sdp` has: the codes of the parser, which come first.
#[test]
fn npm_codes() {
    let row = |code: &Code| [code.name(), &word(code.severity())[..1]].join("|");
    let rows: Vec<String> = Code::ALL.iter().filter(|code| !code.is_rule()).map(row).collect();
    assert!(Code::ALL[..rows.len()].iter().all(|code| !code.is_rule()));
    let out = format!(
        "/** Made by `tests/diagnostics_page.rs`: code and severity of what the parser itself reports. */\n\
        export const table = `{}`;\n",
        rows.join("\n")
    );
    check("npm/src/diagnostics-codes.ts", &out);
}
