//! Session descriptions for the npm package. Layouts are read by `npm/src/sdp.ts`.

use wasm_bindgen::prelude::wasm_bindgen;

use super::area;
use super::candidate::{push_candidate, push_diagnostics};
use super::offsets::Offsets;
use crate::sdp;

/// Parses the session description in the first `len` bytes of the input. The records start with five words: how many
/// lines, media sections, candidates and diagnostics follow, and how many diagnostics did not fit. Returns how many
/// words there are.
#[wasm_bindgen]
pub fn sdp_parse(len: usize, ascii: bool) -> usize {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let offsets = Offsets::new(text, ascii);
        let parsed = sdp::parse(text);
        let records = &mut area.records;
        records.clear();
        area.output.clear();
        let diagnostics = parsed.diagnostics();
        records.extend_from_slice(&[
            parsed.lines().len() as u32,
            parsed.media_lines().len() as u32,
            parsed.candidates().len() as u32,
            diagnostics.as_slice().len() as u32,
            diagnostics.dropped(),
        ]);
        for line in parsed.lines() {
            let kind = u32::from(line.kind) | (line.attribute as u32) << 8;
            let [start, value, end] = [line.start, line.value, line.end].map(|offset| offsets.at(offset));
            records.extend_from_slice(&[kind, start, value, end]);
        }
        records.extend_from_slice(parsed.media_lines());
        for (line, candidate) in parsed.candidates() {
            push_candidate(records, text, *line, candidate, &offsets);
        }
        push_diagnostics(records, &mut area.output, diagnostics, &offsets);
        records.len()
    })
}
