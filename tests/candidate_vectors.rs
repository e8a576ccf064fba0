//! Every candidate vector, as its columns say.

use crate::common::{corpora, rows, unescape};
use icelens::candidate::{Content, lint};
use icelens::explain::Severity;
use icelens::predict::candidate::{Outcome, Reason, chromium, firefox};

/// Name of a reason in the column of a browser.
fn label(reason: Reason) -> &'static [&'static str] {
    match reason {
        Reason::Prefix => &["prefix"],
        Reason::NoColon => &["no ':' in the line"],
        Reason::OneLine => &["one line only"],
        Reason::Fields => &["fields"],
        Reason::Component => &["component"],
        Reason::Transport => &["transport"],
        Reason::Priority => &["priority"],
        Reason::Address => &["address"],
        Reason::Hostname => &["hostname"],
        Reason::Unspecified => &["unspecified"],
        Reason::Loopback => &["loopback"],
        Reason::Port => &["port"],
        Reason::PortZero => &["port 0"],
        Reason::PortLow => &["port<1024"],
        Reason::PortPrivate => &["port 80 at a private"],
        Reason::Typ => &["typ"],
        Reason::Type => &["type"],
        Reason::Related => &["raddr/rport"],
        Reason::TcpType => &["tcptype"],
        Reason::TcpDirection => &["tcp"],
        Reason::LinkLocal => &["link-local"],
        Reason::PortBlocked => &["port blocked"],
        Reason::TcpRelay => &["tcp relay"],
        Reason::ExtensionNumber => &["network-cost", "network-id", "generation"],
    }
}

fn matches_column(outcome: Outcome, column: &str) -> bool {
    let reasoned = |prefix: &str, reason: Reason| {
        let rest = column.strip_prefix(prefix).unwrap_or("");
        // "port" must not match "port 0" or "port<1024": the word ends there.
        label(reason).iter().any(|label| {
            rest.strip_prefix(label).is_some_and(|after| !after.starts_with(|c: char| c == '<' || c.is_alphanumeric()))
        })
    };
    match outcome {
        Outcome::Used => column.starts_with("ok"),
        Outcome::EndOfCandidates => column == "end-of-candidates",
        Outcome::Ignored(reason) => reasoned("ignored: ", reason),
        Outcome::Rejected(reason) => reasoned("reject: ", reason),
    }
}

#[test]
fn browsers() {
    for corpus in corpora() {
        for row in rows(&corpus.join("candidate_vectors.tsv")) {
            let [id, line, _, in_chromium, in_firefox, ..] = &row[..] else { panic!("{row:?}") };
            let line = unescape(line);
            let (c, f) = (chromium(&line), firefox(&line));
            assert!(matches_column(c, in_chromium), "{id}: Chromium {c:?}, measured {in_chromium}");
            assert!(matches_column(f, in_firefox), "{id}: Firefox {f:?}, measured {in_firefox}");
        }
    }
}

/// `ok+warn(a,b)` and the like: the codes named, with their severity.
fn named(column: &str, kind: &str) -> Vec<String> {
    let Some((_, rest)) = column.split_once(&format!("{kind}(")) else { return Vec::new() };
    let inside = rest.split(')').next().unwrap_or("");
    inside.split(',').map(|code| format!("cand.{}", code.trim())).collect()
}

#[test]
fn icelens() {
    for corpus in corpora() {
        for row in rows(&corpus.join("candidate_vectors.tsv")) {
            let [id, line, _, _, _, column, ..] = &row[..] else { panic!("{row:?}") };
            if column.starts_with("found by scan") {
                continue; // JSON: the npm package's parseCandidate and scan read it.
            }
            let line = unescape(line);
            let parsed = lint(&line);
            let found: Vec<_> =
                parsed.diagnostics.as_slice().iter().map(|d| (d.code.name(), d.code.severity())).collect();
            let error = column.starts_with("error");
            let end = column.starts_with("endOfCandidates");
            assert_eq!(matches!(parsed.content, Content::EndOfCandidates), end, "{id}: {column}");
            assert_eq!(parsed.candidate().is_some(), !error && !end, "{id}: {column}, found {found:?}");
            for (kind, severity) in [("error", Severity::Error), ("warn", Severity::Warning), ("info", Severity::Info)]
            {
                let expected = named(column, kind);
                let got: Vec<_> =
                    found.iter().filter(|(_, s)| *s == severity).map(|(code, _)| code.to_string()).collect();
                let mut sorted = (expected.clone(), got.clone());
                sorted.0.sort();
                sorted.1.sort();
                assert_eq!(sorted.0, sorted.1, "{id}: {column}, found {found:?}");
            }
            for diagnostic in parsed.diagnostics.as_slice() {
                let span = diagnostic.span;
                assert!(line.get(span.start as usize..span.end as usize).is_some(), "{id}: {span:?}");
            }
        }
    }
}
