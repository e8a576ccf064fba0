//! Candidates for the npm package. Layouts are read by `npm/src/candidate.ts`.

use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use super::area;
use super::offsets::Offsets;
use crate::candidate::{self, Candidate, Content};
use crate::sdp::{Diagnostics, Span};

/// Words of a candidate record before its extensions.
pub const CANDIDATE_WORDS: usize = 20;

/// Words of a diagnostic record.
pub const DIAGNOSTIC_WORDS: usize = 7;

/// Appends a candidate record: kinds, then numbers and spans, then four words for each extension.
pub(super) fn push_candidate(records: &mut Vec<u32>, text: &str, line: u32, one: &Candidate<'_>, offsets: &Offsets) {
    let span = |part: &str| offsets.span(Span::of(text, part));
    let kind = one.candidate_type().map_or(4, |kind| kind as u32);
    let tcp = one.tcp_type.map_or(0, |tcp_type| tcp_type as u32);
    let flags = kind
        | (one.address_kind as u32) << 4
        | tcp << 8
        | u32::from(one.related_address.is_some()) << 12
        | u32::from(one.related_port.is_some()) << 13;
    let [foundation, transport, address, typ, whole] =
        [one.foundation, one.transport, one.address, one.kind, one.text].map(span);
    let related = one.related_address.map_or_else(Span::default, span);
    let count_at = records.len() + CANDIDATE_WORDS - 1;
    records.extend_from_slice(&[
        flags,
        line,
        one.component,
        one.priority,
        u32::from(one.port),
        u32::from(one.related_port.unwrap_or(0)),
    ]);
    for part in [foundation, transport, address, typ, related, whole] {
        records.extend_from_slice(&[part.start, part.end]);
    }
    records.extend_from_slice(&[0, 0]);
    let mut count = 0;
    for (name, value) in one.extensions() {
        let (name, value) = (span(name), span(value));
        records.extend_from_slice(&[name.start, name.end, value.start, value.end]);
        count += 1;
    }
    if let Some(word) = records.get_mut(count_at) {
        *word = count;
    }
}

/// Appends the diagnostics; the text of their fixes goes to the output area.
pub(super) fn push_diagnostics(records: &mut Vec<u32>, output: &mut Vec<u8>, list: &Diagnostics, offsets: &Offsets) {
    for diagnostic in list.as_slice() {
        let span = offsets.span(diagnostic.span);
        let mut words = [diagnostic.code as u32, diagnostic.line, span.start, span.end, u32::MAX, 0, 0];
        if let (Some(fix), [.., start, end, text_end]) = (&diagnostic.fix, &mut words) {
            let span = offsets.span(fix.span);
            output.extend_from_slice(fix.replacement.as_bytes());
            (*start, *end, *text_end) = (span.start, span.end, output.len() as u32);
        }
        records.extend_from_slice(&words);
    }
}

/// Parses the candidate in the first `len` bytes of the input. Returns 0 for nothing, 1 for a candidate, 2 for an end
/// marker; above that, from bit 2 on, how many diagnostics follow the candidate in the records.
#[wasm_bindgen]
pub fn candidate_parse(len: usize, ascii: bool) -> u32 {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let offsets = Offsets::new(text, ascii);
        let parsed = candidate::parse(text);
        area.records.clear();
        area.output.clear();
        let found = match &parsed.content {
            Content::Candidate(one) => {
                push_candidate(&mut area.records, text, 0, one, &offsets);
                1
            }
            Content::EndOfCandidates => 2,
            Content::Nothing => 0,
        };
        push_diagnostics(&mut area.records, &mut area.output, &parsed.diagnostics, &offsets);
        found | (parsed.diagnostics.as_slice().len() as u32) << 2
    })
}
