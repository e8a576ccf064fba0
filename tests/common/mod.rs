//! Fixtures: those of the repository, and the larger corpus beside it when it is there.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

/// Directories with `sdp/*.sdp`, `sdp/browser_verdicts.tsv` and `candidate_vectors.tsv`.
pub(crate) fn corpora() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("ICELENS_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let extra = shared.join("corpus");
    let mut found = vec![root.join("tests/fixtures")];
    if extra.is_dir() {
        found.push(extra);
    } else {
        eprintln!("skipped: no larger corpus at {} (ICELENS_SHARED)", extra.display());
    }
    found
}

/// Every description of a corpus with its file name.
pub(crate) fn descriptions(corpus: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = fs::read_dir(corpus.join("sdp"))
        .expect("a corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sdp"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("UTF-8"))
        })
        .collect();
    found.sort();
    assert!(found.len() > 100, "{} descriptions in {}", found.len(), corpus.display());
    found
}

/// The rows of a tab-separated file, without its heading.
pub(crate) fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("a table");
    let rows: Vec<Vec<String>> =
        text.lines().skip(1).map(|line| line.split('\t').map(String::from).collect()).collect();
    assert!(!rows.is_empty(), "{} is empty", path.display());
    rows
}

/// Undoes the escapes of the candidate vectors.
pub(crate) fn unescape(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\u00a0", "\u{a0}")
}

/// Undoes backslash escapes of `\`, CR, LF, TAB and NUL.
pub(crate) fn unescape_all(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next() {
            Some('r') => '\r',
            Some('n') => '\n',
            Some('t') => '\t',
            Some('0') => '\0',
            other => other.expect("an escape"),
        });
    }
    out
}
