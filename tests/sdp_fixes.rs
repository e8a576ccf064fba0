//! Every fix is applied and the text read again: what it was for is gone, and nothing else is broken by it.
#![cfg(feature = "lint")]

use crate::common;
use icelens::candidate;
use icelens::explain::{Code, Diagnostic, Severity};
use icelens::sdp;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % end.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const LINES: [&str; 34] = [
    "\r\n",
    "\n",
    "\r",
    " \t\r\n",
    "\t",
    "\0",
    "a=x\0\0y\r\n",
    "\u{feff}",
    "\u{feff}\u{feff}",
    "S=-\r\n",
    "s=\r\n",
    "s= \r\n",
    "t=\r\n",
    "t=0 0 0\r\n",
    "v=1\r\n",
    "V=0\n",
    "  a=mid:y\n",
    "A=mid:z\r",
    "m=application 9 DTLS/SCTP 5000\r\n",
    "m=application 9 TCP/DTLS/SCTP 5000 5001\r\n",
    "m=application 9 UDP/DTLS/SCTP 5000\r\n",
    "a=sctpmap:5000 webrtc-datachannel 1024\r\n",
    "  a=sctpmap:5000\n",
    "a=sctp-port:5000\r\n",
    "a=fingerprint:SHA-256 aa:bb\r\n",
    "a=ice-options:ice2 trickle google-ice\r\n",
    "a=ice-options:\r\n",
    "a=ice-pwd: abc\r\n",
    "a=candidate:1 1 UDP 1 192.0.2.1 5 typ host \r\n",
    "a=candidate:1  1\tudp 1 192.0.2.1 5 typ HOST generation 0\r\n",
    "a=candidate:1 1 udp 1 [2001:db8::1%eth0] 5 typ srflx\r\n",
    "A=candidate:candidate:1 1 ssltcp 1 192.0.2.1 0 typ local\r\n",
    "a=CANDIDATE:1 1 tcp 1 192.0.2.1 9 typ relay\u{a0}raddr 0.0.0.0\r\n",
    "a=setup:ACTPASS\r\n",
];

fn mutated(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(String::from).collect();
    for _ in 0..random.below(5) {
        if lines.is_empty() {
            lines.push(String::new());
        }
        let at = random.below(lines.len());
        match random.below(9) {
            0..=2 => lines.insert(at, random.pick(&LINES).to_string()),
            3 => lines[at] = lines[at].trim_end_matches(['\r', '\n']).to_string(),
            4 => lines[at] = lines[at].replace("\r\n", "\r"),
            5 => lines[at] = lines[at].to_ascii_uppercase(),
            6 => lines.truncate(at + 1),
            7 => lines[at].insert(0, ' '),
            _ => {
                let mark = random.pick(&["\0", "\u{a0}", " ", "\t", "\u{feff}", "é"]);
                let place = (0..=lines[at].len()).filter(|&i| lines[at].is_char_boundary(i)).collect::<Vec<_>>();
                let place = place[random.below(place.len())];
                lines[at].insert_str(place, mark);
            }
        }
    }
    lines.concat()
}

fn count(diagnostics: &[Diagnostic], code: Code) -> usize {
    diagnostics.iter().filter(|one| one.code == code).count()
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|one| one.code.severity() == Severity::Error).count()
}

/// The text with one fix applied.
fn applied(text: &str, diagnostic: &Diagnostic) -> Option<String> {
    let fix = diagnostic.fix.as_ref()?;
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{diagnostic:?} of {text:?}");
    Some([&text[..start], &fix.replacement, &text[end..]].concat())
}

/// Applies each fix by itself and returns what is wrong with it.
fn faults(text: &str, read: fn(&str) -> Vec<Diagnostic>) -> Vec<String> {
    let before = read(text);
    let mut faults = Vec::new();
    for diagnostic in before.iter().take(40) {
        let Some(fixed) = applied(text, diagnostic) else { continue };
        let after = read(&fixed);
        let code = diagnostic.code;
        let name = code.name();
        if count(&after, code) >= count(&before, code) {
            faults.push(format!("{name} is still there: {diagnostic:?} of {text:?} gives {fixed:?}"));
        }
        if errors(&after) > errors(&before) {
            faults.push(format!("the fix of {name} makes an error: {diagnostic:?} of {text:?} gives {fixed:?}"));
        }
    }
    faults
}

fn of_description(text: &str) -> Vec<Diagnostic> {
    sdp::lint(text).diagnostics().as_slice().to_vec()
}

fn of_candidate(text: &str) -> Vec<Diagnostic> {
    candidate::lint(text).diagnostics.as_slice().to_vec()
}

/// Applies the first fix over and over: in the end there is none.
fn settle(text: &str) -> String {
    let mut text = text.to_string();
    for _ in 0..2000 {
        let fixed = of_description(&text).iter().find_map(|one| applied(&text, one));
        match fixed {
            Some(fixed) => text = fixed,
            None => return text,
        }
    }
    panic!("fixes go on for ever: {text:?}");
}

#[test]
fn fixes_remove_what_they_are_for() {
    let random = &mut Random(5);
    let mut texts: Vec<String> =
        ["", " ", "\u{feff}", "\0", "\u{feff}\u{feff}v=0\r\n", "v=0\0\r\n\0\0", "v=0\r\n \r\n\t"]
            .map(String::from)
            .to_vec();
    texts.extend(LINES.map(String::from));
    for corpus in common::corpora() {
        texts.extend(common::descriptions(&corpus).into_iter().map(|(_, text)| text));
    }
    let mut found = Vec::new();
    for round in 0..6 {
        for text in &texts {
            let text = if round == 0 { text.clone() } else { mutated(text, random) };
            if text.len() < 20_000 {
                found.extend(faults(&text, of_description));
            }
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found[..found.len().min(12)].join("\n"));
}

#[test]
fn fixes_of_candidates_remove_what_they_are_for() {
    let random = &mut Random(6);
    let mut found = Vec::new();
    for corpus in common::corpora() {
        for row in common::rows(&corpus.join("candidate_vectors.tsv")) {
            let line = common::unescape(&row[1]);
            found.extend(faults(&line, of_candidate));
            for _ in 0..40 {
                found.extend(faults(&mutated(&line, random), of_candidate));
            }
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found[..found.len().min(12)].join("\n"));
}

#[test]
fn fixes_one_after_the_other_come_to_an_end() {
    let random = &mut Random(7);
    for corpus in common::corpora() {
        for (_, text) in common::descriptions(&corpus).into_iter().filter(|(_, text)| text.len() < 4000) {
            settle(&mutated(&text, random));
        }
    }
}
