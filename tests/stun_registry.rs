//! The tables of the crate against IANA's registries (`fixtures/stun_parameters.tsv`).
#![cfg(feature = "stun")]

use icelens::stun::{ATTRIBUTES, Method, default_reason, lookup};
use std::collections::BTreeMap;

/// Attributes in use that the registry does not list, or lists under another name.
const OUTSIDE: &[(u16, &str)] = &[
    (0x0011, "DESTINATION-ADDRESS"), // reserved without a name
    (0x8008, "MS-VERSION"),
    (0x8020, "XOR-MAPPED-ADDRESS (0x8020)"),
    (0x802f, "ORIGIN"),
    (0x8050, "MS-SEQUENCE-NUMBER"),
    (0x8054, "CANDIDATE-IDENTIFIER"),
    (0x8055, "MS-SERVICE-QUALITY"),
    (0x8070, "IMPLEMENTATION-VERSION"),
    (0xc001, "NOMINATION"), // registered as ENF-FLOW-DESCRIPTION; what is on the wire is libwebrtc's
    (0xc05e, "GOOG-DELTA-SYNC-REQ"),
    (0xff00, "RETRANSMIT-COUNT"),
];

/// `value → (name, specification)` of one registry.
fn registry(wanted: &str) -> BTreeMap<u16, (&'static str, &'static str)> {
    let rows = include_str!("fixtures/stun_parameters.tsv").lines().filter(|line| !line.starts_with('#'));
    let cells = rows.map(|line| line.split('\t').collect::<Vec<_>>());
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).unwrap(),
        None => text.parse().unwrap(),
    };
    cells.filter(|row| row[0] == wanted).map(|row| (number(row[1]), (row[2], row[3]))).collect()
}

#[test]
fn attributes_are_those_of_iana() {
    let registry = registry("attribute");
    assert!(registry.len() > 60);
    for (code, (name, specification)) in &registry {
        let row = lookup(*code).unwrap_or_else(|| panic!("{name} ({code:#06x}) is not in the table"));
        if OUTSIDE.iter().any(|(outside, _)| outside == code) {
            continue;
        }
        assert_eq!(row.name, name.trim_start_matches("was "), "{code:#06x}");
        // Attributes that the registry keeps as "was X" are defined by older RFCs.
        if *specification != "-" && !name.starts_with("was ") {
            assert_eq!(row.specification(), format!("RFC {specification}"), "{name}");
        }
    }
    for row in ATTRIBUTES {
        let outside = OUTSIDE.contains(&(row.code, row.name));
        assert!(outside || registry.contains_key(&row.code), "{} is neither registered nor listed here", row.name);
    }
}

#[test]
fn methods_are_those_of_iana() {
    let registry = registry("method");
    let plain = |name: &str| name.trim_start_matches("was ").to_lowercase().replace('-', "");
    for (code, (name, _)) in &registry {
        assert_eq!(Method::new(*code).name().map(plain), Some(plain(name)));
    }
    let ours = Method::NAMED.iter().map(|(method, ..)| method.code());
    assert_eq!(ours.filter(|code| !registry.contains_key(code)).collect::<Vec<_>>(), [0x080]); // GOOG-PING
}

#[test]
fn error_codes_are_those_of_iana() {
    let registry = registry("error");
    for (code, (name, _)) in &registry {
        // RFC 8489 renamed it.
        let name = if *code == 401 { "Unauthenticated" } else { name };
        assert_eq!(default_reason(*code), name, "{code}");
    }
    // RFC 3489's own.
    let ours = (300..700).filter(|code| !default_reason(*code).is_empty() && !registry.contains_key(code));
    assert_eq!(ours.collect::<Vec<_>>(), [430, 431, 432, 433, 600]);
}
