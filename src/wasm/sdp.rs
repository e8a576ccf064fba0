//! Session descriptions for the npm package. Layouts are read by `npm/src/sdp.ts`.

use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use super::area;
use super::candidate::{push_candidate, push_diagnostics};
use super::offsets::Offsets;
use crate::candidate::Candidate;
use crate::sdp::{Diagnostics, Line};

/// Parses the session description in the first `len` bytes of the input. The records start with three words: how many
/// lines, candidates and diagnostics follow. Returns how many words there are.
#[wasm_bindgen]
pub fn sdp_parse(len: usize, ascii: bool) -> usize {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let offsets = Offsets::new(text, ascii);
        let records = &mut area.records;
        records.clear();
        area.output.clear();
        records.extend_from_slice(&[0, 0, 0]);
        let (mut lines, mut count) = (0, 0);
        let mut candidates = Vec::new();
        let diagnostics = read(text, |line, candidate| {
            let kind = u32::from(line.kind) | u32::from(name_key(line.name(text))) << 16;
            let [start, value, end] = [line.start, line.value, line.end].map(|offset| offsets.at(offset));
            records.extend_from_slice(&[kind, start, value, end]);
            if let Some(candidate) = candidate {
                push_candidate(&mut candidates, text, lines, candidate, &offsets);
                count += 1;
            }
            lines += 1;
        });
        records.extend_from_slice(&candidates);
        push_diagnostics(records, &mut area.output, &diagnostics, &offsets);
        if let Some(header) = records.first_chunk_mut() {
            *header = [lines, count, diagnostics.as_slice().len() as u32];
        }
        records.len()
    })
}

/// A number by which the npm package finds the attributes of one name; it then compares the name. Only ASCII counts, which
/// is the same in UTF-8 and UTF-16.
fn name_key(name: &str) -> u16 {
    name.bytes().filter(u8::is_ascii).fold(0, |key, byte| key.wrapping_mul(31).wrapping_add(byte.into()))
}

/// Hands on every line with its candidate; returns the diagnostics.
#[cfg(feature = "lint")]
fn read(text: &str, mut take: impl FnMut(&Line, Option<&Candidate<'_>>)) -> Diagnostics {
    let parsed = crate::sdp::parse(text);
    let mut candidates = parsed.candidates().iter().peekable();
    for (index, line) in (0u32..).zip(parsed.lines()) {
        let candidate = candidates.next_if(|(line, _)| *line == index);
        take(line, candidate.map(|(_, candidate)| candidate));
    }
    parsed.into_diagnostics()
}

/// Without the rules nothing looks at the description as a whole, so that it needs not be kept.
#[cfg(not(feature = "lint"))]
fn read(text: &str, mut take: impl FnMut(&Line, Option<&Candidate<'_>>)) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    crate::sdp::visit(text, crate::sdp::Ends::Any, &mut diagnostics, |line, _, candidate| {
        take(&line, candidate.as_ref());
    });
    diagnostics
}
