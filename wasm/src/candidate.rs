//! Candidates for the npm package. Layouts are read by `npm/src/candidate.ts`.

use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use crate::offsets::Offsets;
use icelens::candidate::{self, Candidate, Content};
use icelens::explain::{Diagnostics, Report};
use icelens::text::Span;

/// Words of a candidate record before its extensions.
pub const CANDIDATE_WORDS: usize = 20;

/// Transports with a number of their own, from 1; 0 for any other.
const PROTOCOLS: [&str; 2] = ["udp", "tcp"];

/// Names of extensions that are told by their number.
const NAMES: [&[u8]; 4] = [b"generation", b"ufrag", b"network-id", b"network-cost"];

/// Words of a diagnostic record.
pub const DIAGNOSTIC_WORDS: usize = 7;

/// Parses a part of the text and appends the record of its candidate: kinds, then numbers and spans, then four words for
/// each extension.
pub(super) fn read<'a>(
    records: &mut Vec<u32>,
    text: &str,
    part: &'a str,
    line: u32,
    report: &mut Report<'_>,
    offsets: &Offsets<'_>,
) -> Content<'a> {
    let at = records.len();
    records.resize(at + CANDIDATE_WORDS, 0);
    let content = candidate::parse_with::<{ cfg!(feature = "lint") }>(part, report, &mut |name, value| {
        push_extension(records, text, (name, value), offsets);
    });
    match &content {
        Content::Candidate(one) => fill_candidate(records.get_mut(at..).unwrap_or(&mut []), text, line, one, offsets),
        _ => records.truncate(at),
    }
    content
}

/// Appends the record of a candidate that is parsed already.
#[cfg(feature = "lint")]
pub(super) fn push_candidate(records: &mut Vec<u32>, text: &str, line: u32, one: &Candidate<'_>, offsets: &Offsets) {
    let at = records.len();
    records.extend_from_slice(&[0; CANDIDATE_WORDS]);
    for (name, value) in one.extensions() {
        push_extension(records, text, (name.as_bytes(), value.as_bytes()), offsets);
    }
    fill_candidate(records.get_mut(at..).unwrap_or(&mut []), text, line, one, offsets);
}

/// Appends the spans of name and value; a common name as its number and 0.
fn push_extension(records: &mut Vec<u32>, text: &str, (name, value): (&[u8], &[u8]), offsets: &Offsets) {
    let span = |part: &[u8]| {
        let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        offsets.span(Span::new(start, start.wrapping_add(part.len())))
    };
    let name = match NAMES.iter().position(|&common| common == name) {
        Some(number) => Span::new(number, 0),
        None => span(name),
    };
    let value = span(value);
    records.extend_from_slice(&[name.start, name.end, value.start, value.end]);
}

/// Fills the words before the extensions, which are there already.
fn fill_candidate(record: &mut [u32], text: &str, line: u32, one: &Candidate<'_>, offsets: &Offsets) {
    let extensions = (record.len().saturating_sub(CANDIDATE_WORDS) / 4) as u32;
    let Some(words) = record.first_chunk_mut::<CANDIDATE_WORDS>() else { return };
    let span = |part: &str| offsets.span(Span::of(text, part));
    let protocol = PROTOCOLS.iter().position(|&common| common == one.transport).map_or(0, |number| number + 1);
    let flags = one.candidate_type().map_or(4, |kind| kind as u32)
        | (one.address_kind as u32) << 4
        | one.tcp_type.map_or(0, |tcp_type| tcp_type as u32) << 8
        | u32::from(one.related_address.is_some()) << 12
        | u32::from(one.related_port.is_some()) << 13
        | (protocol as u32) << 16;
    let [foundation, transport, address, kind, whole] =
        [one.foundation, one.transport, one.address, one.kind, one.text].map(span);
    let related = one.related_address.map_or_else(Span::default, span);
    *words = [
        flags,
        line,
        one.component,
        one.priority,
        u32::from(one.port),
        u32::from(one.related_port.unwrap_or(0)),
        foundation.start,
        foundation.end,
        transport.start,
        transport.end,
        address.start,
        address.end,
        kind.start,
        kind.end,
        related.start,
        related.end,
        whole.start,
        whole.end,
        0,
        extensions,
    ];
}

/// Appends the diagnostics; the text of their fixes goes to the output area.
pub(super) fn push_diagnostics(records: &mut Vec<u32>, output: &mut Vec<u8>, list: &Diagnostics, offsets: &Offsets) {
    for diagnostic in list.as_slice() {
        let span = offsets.span(diagnostic.span);
        let mut words = [diagnostic.code as u32, diagnostic.line, span.start, span.end, u32::MAX, 0, 0];
        // Rules alone have fixes.
        if cfg!(feature = "lint")
            && let (Some(fix), [.., start, end, text_end]) = (&diagnostic.fix, &mut words)
        {
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
        let mut diagnostics = Diagnostics::new();
        let records = &mut area.records;
        records.clear();
        let found = match read(records, text, text, 0, &mut Report::new(&mut diagnostics, 0, 1), &offsets) {
            Content::Nothing => 0,
            Content::Candidate(_) => 1,
            Content::EndOfCandidates => 2,
        };
        area.output.clear();
        push_diagnostics(records, &mut area.output, &diagnostics, &offsets);
        found | (diagnostics.as_slice().len() as u32) << 2
    })
}
