//! Nothing is lost: every byte is in a line or between two, every line and attribute is found, nothing is refused.
#![cfg(not(target_arch = "wasm32"))] // proptest does not compile there

use crate::common::{corpora, descriptions};
use icelens::predict;
use icelens::sdp::{self, Line, Sdp};
use proptest::prelude::*;

/// The text put together from the lines and what lies between them, which may only be line ends, indentation and a BOM.
fn rebuild(sdp: &Sdp<'_>) -> String {
    let text = sdp.text();
    let mut out = String::new();
    let mut at = 0;
    for line in sdp.lines() {
        let (start, end) = (line.start as usize, line.end as usize);
        let between = &text[at..start];
        let allowed = |c: char| matches!(c, '\r' | '\n' | ' ' | '\t' | '\u{feff}');
        assert!(between.chars().all(allowed), "between two lines: {between:?}");
        out.push_str(between);
        out.push_str(&text[start..end]);
        at = end;
    }
    out.push_str(&text[at..]);
    assert!(text[at..].chars().all(|c| matches!(c, '\r' | '\n' | '\u{feff}')), "after the last: {:?}", &text[at..]);
    out
}

/// The attributes that a plain reading finds, line by line.
fn attributes(text: &str) -> Vec<(String, Option<String>)> {
    let lines =
        text.trim_start_matches('\u{feff}').split(['\r', '\n']).map(|line| line.trim_start_matches([' ', '\t']));
    lines
        .filter_map(|line| line.strip_prefix("a="))
        .map(|attribute| attribute.trim_start_matches(' '))
        .map(|attribute| match attribute.split_once([':', ' ']) {
            Some((name, value)) => (name.to_string(), Some(value.to_string())),
            None => (attribute.to_string(), None),
        })
        .collect()
}

fn lines_in_sections<'s>(sdp: &'s Sdp<'_>) -> Vec<&'s Line> {
    let media = sdp.media().flat_map(|media| media.section().lines().iter());
    sdp.session().lines().iter().chain(media).collect()
}

fn check(text: &str) {
    let sdp = sdp::lint(text);
    assert_eq!(sdp.text(), text);
    assert_eq!(rebuild(&sdp), text);
    assert_eq!(lines_in_sections(&sdp).len(), sdp.lines().len(), "every line is in exactly one section");
    let found: Vec<_> = sdp
        .lines()
        .iter()
        .filter(|line| line.kind == b'a')
        .map(|line| {
            let value = line.has_value(text).then(|| line.value(text).to_string());
            (line.name(text).to_string(), value)
        })
        .collect();
    assert_eq!(found, attributes(text));
    for diagnostic in sdp.diagnostics().as_slice() {
        let spans = [Some(diagnostic.span), diagnostic.fix.as_ref().map(|fix| fix.span)];
        for span in spans.into_iter().flatten() {
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{} at {span:?}",
                diagnostic.code.name()
            );
        }
        assert!(diagnostic.line >= 1 && diagnostic.line as usize <= sdp.lines().len().max(1));
    }
    // The browser models are total as well.
    predict::offer::chromium(&sdp);
    predict::offer::firefox(&sdp);
    for (_, candidate) in sdp.candidates() {
        let line = candidate.to_string();
        let again = icelens::candidate::parse(&line);
        let again = again.candidate().unwrap_or_else(|| panic!("{line} from {}", candidate.text));
        assert_eq!(again.to_string(), line);
        assert!(again.extensions().eq(candidate.extensions()));
    }
}

#[test]
fn corpus() {
    for corpus in corpora() {
        for (name, text) in descriptions(&corpus) {
            println!("{name}");
            check(&text);
            check(&text.replace("\r\n", "\n"));
            check(&text.replace("\r\n", "\n").replace('\n', "\r\n"));
            check(text.trim_end());
            check(&format!("\u{feff}{text}"));
        }
    }
}

/// A prefix of a description invents no lines.
#[test]
fn prefixes() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sdp/aiortc_03.sdp"));
    let text = text.expect("a fixture");
    let all = sdp::lint(&text).lines().len();
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let prefix = sdp::lint(&text[..end]);
        assert!(prefix.lines().len() <= all);
        assert_eq!(prefix.text(), &text[..end]);
    }
}

/// Line ends do not change what is read.
#[test]
fn line_ends() {
    for (name, text) in descriptions(&corpora()[0]) {
        let lf = text.replace("\r\n", "\n");
        let crlf = lf.replace('\n', "\r\n");
        let mixed: String = lf
            .split_inclusive('\n')
            .enumerate()
            .map(|(i, l)| if i % 2 == 0 { l.replace('\n', "\r\n") } else { l.into() })
            .collect();
        let model = |text: &str| {
            let sdp = sdp::lint(text);
            let media: Vec<_> = sdp
                .media()
                .map(|m| {
                    let ice = m.ice();
                    format!("{:?} {:?} {:?} {:?} {}", m.line(), m.mid(), ice, m.direction(), m.candidates().count())
                })
                .collect();
            let codes: Vec<_> = sdp.diagnostics().as_slice().iter().map(|d| (d.code, d.line)).collect();
            (media, codes)
        };
        assert_eq!(model(&lf), model(&crlf), "{name}");
        assert_eq!(model(&lf), model(&mixed), "{name}");
    }
}

/// An unknown attribute changes nothing but its own line.
#[test]
fn unknown_attributes() {
    for (name, text) in descriptions(&corpora()[0]) {
        let before = sdp::lint(&text);
        let Some(line) = before.lines().iter().rfind(|line| line.kind == b'a') else { continue };
        let mut with = text.clone();
        with.insert_str(line.start as usize, "a=x-icelens-test:1\r\n");
        let after = sdp::lint(&with);
        assert_eq!(after.lines().len(), before.lines().len() + 1, "{name}");
        assert_eq!(after.candidates().len(), before.candidates().len(), "{name}");
        let codes = |sdp: &Sdp<'_>| sdp.diagnostics().as_slice().iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(codes(&after), codes(&before), "{name}");
    }
}

/// Pieces that descriptions are made of, good and bad.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "s=",
        "t=0 0",
        "c=IN IP4 0.0.0.0",
        "b=AS:30",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=application 9 DTLS/SCTP 5000",
        "m=",
        "a=",
        "a=:",
        "a=ice-ufrag:8hhY",
        "a=ice-pwd:asd88fgpdd777uzjYhagZg",
        "a=ice-options:trickle",
        "a=ice-lite",
        "a=mid:0",
        "a=mid:1",
        "a=rtcp-mux",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host generation 0 ufrag x",
        "a=candidate:",
        "A=x",
        " a=x",
        "a=sctpmap:5000 webrtc-datachannel 1024",
        "a=remote-candidates:1 192.0.2.1 5",
        "a=end-of-candidates",
        "=",
        "x",
        "a=fingerprint:sha-1 AB",
        "a=extmap:1 urn:x",
        "a=ssrc-group:FID 1 2",
        "\u{1f600}",
        "a=x:\0",
        "a=setup:actpass",
    ]);
    prop_oneof![4 => fixed.prop_map(String::from), 1 => "[a-z]=[ -~]{0,40}", 1 => "\\PC{0,20}", 1 => any::<String>()]
}

fn document() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\r\n", "\r\n", "\n", "\r", "", "\n\n"]);
    prop::collection::vec((piece(), end), 0..40)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_string()]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, rng_seed: proptest::test_runner::RngSeed::Fixed(8839), ..ProptestConfig::default() })]

    #[test]
    fn generated(text in document()) {
        check(&text);
    }

    #[test]
    fn candidates(text in "(a=)?(candidate:)?[ -~]{0,60}|\\PC{0,40}|candidate:[0-9a-z]{0,4}( {1,2}[0-9a-z.:%]{1,12}){4,6} typ (host|srflx)( [a-z]{1,7} ?[0-9]{0,3}){0,5}") {
        let parsed = icelens::candidate::lint(&text);
        for diagnostic in parsed.diagnostics.as_slice() {
            prop_assert!(text.get(diagnostic.span.start as usize..diagnostic.span.end as usize).is_some());
        }
        predict::candidate::chromium(&text);
        icelens::predict::candidate::firefox(&text);
        if let Some(candidate) = parsed.candidate() {
            let line = candidate.to_string();
            let again = icelens::candidate::parse(&line);
            prop_assert_eq!(again.candidate().map(ToString::to_string), Some(line));
        }
    }
}

/// A feature adds and never changes: `parse` gives what `lint` gives, without the rules.
#[test]
fn parse_is_lint_without_the_rules() {
    for (name, text) in descriptions(&corpora()[0]) {
        let (plain, linted) = (sdp::parse(&text), sdp::lint(&text));
        assert_eq!(plain.lines(), linted.lines(), "{name}");
        let read: Vec<_> = linted.diagnostics().as_slice().iter().filter(|one| !one.code.is_rule()).collect();
        assert_eq!(plain.diagnostics().as_slice().iter().collect::<Vec<_>>(), read, "{name}");
        assert!(plain.diagnostics().as_slice().len() <= linted.diagnostics().as_slice().len());
    }
}
