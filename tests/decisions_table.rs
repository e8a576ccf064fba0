//! `docs/decisions.tsv` has the sentence of each decision of the ICE agent and the words that fill it, for translations;
//! it is compared here, and written with `ICELENS_BLESS=1`.
#![cfg(feature = "agent")]
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use icelens::ice::agent::{Code, WORDS};

#[test]
fn the_table_has_every_sentence_and_word() {
    let mut table = String::from("kind\tname\ttext\n");
    for code in Code::ALL {
        writeln!(table, "sentence\t{}\t{}", code.name(), code.sentence()).unwrap();
    }
    for word in WORDS {
        writeln!(table, "word\t\t{word}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions.tsv");
    if std::env::var_os("ICELENS_BLESS").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), table, "ICELENS_BLESS=1 writes it anew");
}

#[test]
fn no_word_is_listed_twice() {
    assert_eq!(WORDS.iter().collect::<BTreeSet<_>>().len(), WORDS.len());
}
