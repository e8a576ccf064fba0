//! The fuzz targets on stable: the kept corpus with seeded mutations, and texts put together from the shapes people paste.
#![cfg(not(target_arch = "wasm32"))] // proptest does not compile there

#[path = "../fuzz/targets/scan.rs"]
mod targets;

use std::path::Path;

use icelens::scan::{Found, scan};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a corpus").flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {target} is kept in the repository");
    files.iter().map(|file| std::fs::read(file).expect("readable")).collect()
}

/// A piece of a seed, from anywhere.
fn piece(seeds: &'static [Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    (0..seeds.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(seed, a, b)| {
        let seed = &seeds[seed];
        let (a, b) = (a.index(seed.len() + 1), b.index(seed.len() + 1));
        seed[a.min(b)..a.max(b)].to_vec()
    })
}

/// Pieces of seeds and random bytes behind one another.
fn mixture(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let seeds: &'static [Vec<u8>] = Vec::leak(corpus(target));
    let whole = prop::sample::select(seeds);
    let bytes = prop::collection::vec(any::<u8>(), 0..24);
    prop::collection::vec(prop_oneof![whole, piece(seeds), bytes], 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, rng_seed: RngSeed::Fixed(20261121), ..ProptestConfig::default() })]

    #[test]
    fn any_input(data in mixture("scan_any")) {
        targets::any(&data);
    }

    #[test]
    fn random_bytes(data in prop::collection::vec(any::<u8>(), 0..600)) {
        targets::any(&data);
    }

    #[test]
    fn any_capture(data in mixture("scan_capture")) {
        targets::capture(&data);
    }
}

#[test]
fn the_corpus() {
    corpus("scan_any").iter().for_each(|seed| targets::any(seed));
    corpus("scan_capture").iter().for_each(|seed| targets::capture(seed));
}

/// A line of a description: no character that a layout gives a meaning of its own.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "a=[a-z]{1,8}:[A-Za-z0-9/+ ]{1,40}[a-z0-9]",
        "a=candidate:[a-z0-9]{1,8} [12] udp [1-9][0-9]{3,8} 192\\.0\\.2\\.[1-9] [1-9][0-9]{3} typ host",
        "m=(audio|video) 9 UDP/TLS/RTP/SAVPF [0-9]{1,3}",
        "a=[会议ü]{1,5}[a-z]{2}",
    ]
}

fn description() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 1..12)
        .prop_map(|lines| format!("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n{}\r\n", lines.join("\r\n")))
}

fn escaped(text: &str, times: usize) -> String {
    let quoted =
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n"));
    if times == 1 { quoted } else { escaped(&quoted, times - 1) }
}

/// Each shape that research found in public text, and whether its line ends are LF.
fn shapes(sdp: &str) -> Vec<(String, bool)> {
    let each = |wrap: &dyn Fn(usize, &str) -> String| -> String {
        sdp.lines().enumerate().map(|(number, line)| wrap(number, line)).collect()
    };
    vec![
        (format!("type: offer, sdp: {sdp}\nnext line\n"), false),
        (format!("{{\"type\":\"answer\",\"sdp\":{}}}", escaped(sdp, 1)), false),
        (format!("sending {} now", escaped(sdp, 2)), false),
        (format!("x={}", escaped(sdp, 3)), false),
        (each(&|_, line| format!("    {line}\n")), true),
        (each(&|_, line| format!("> {line}\n")), true),
        (each(&|number, line| format!("[{number}.{number}] pc.js:{number} {line}\n")), true),
        (each(&|_, line| format!("{line}.\n")), false),
        (format!("\u{feff}{sdp}"), false),
        (format!("前文。{sdp}\n后文。\n"), false),
        (sdp.replace("\r\n", "\r\n\r\n"), false),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(20261121), ..ProptestConfig::default() })]

    #[test]
    fn every_shape_gives_the_description_back(sdp in description()) {
        for (text, lf) in shapes(&sdp) {
            let report = scan(text.as_bytes());
            let found: Vec<_> = report.findings.iter().filter_map(|finding| match &finding.found {
                Found::Sdp(description) => Some(description.extract.text(text.as_bytes()).into_owned()),
                _ => None,
            }).collect();
            let expected = if lf { sdp.replace("\r\n", "\n") } else { sdp.clone() };
            prop_assert_eq!(found, vec![expected], "in {:?}", text);
        }
    }
}
