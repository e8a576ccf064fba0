//! Session descriptions for the npm package. Layouts are read by `npm/src/sdp.ts`.

use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use crate::candidate::push_diagnostics;
use crate::offsets::Offsets;
use icelens::explain::Diagnostics;
use icelens::sdp::Line;

/// Parses the session description in the first `len` bytes of the input. The records start with three words: how many
/// lines, candidates and diagnostics follow. Returns how many words there are.
#[wasm_bindgen]
pub fn sdp_parse(len: usize, ascii: bool) -> usize {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let offsets = Offsets::new(text, ascii);
        let records = &mut area.records;
        records.clear();
        records.extend_from_slice(&[0, 0, 0]);
        let mut candidates = Candidates { records: Vec::new(), count: 0 };
        let diagnostics = read(text, records, &mut candidates, &offsets);
        let lines = records.len() / LINE_WORDS;
        records.extend_from_slice(&candidates.records);
        area.output.clear();
        push_diagnostics(records, &mut area.output, &diagnostics, &offsets);
        if let Some(header) = records.first_chunk_mut() {
            *header = [lines as u32, candidates.count, diagnostics.as_slice().len() as u32];
        }
        records.len()
    })
}

/// Words of a line record, one more than the header has.
const LINE_WORDS: usize = 4;

/// Candidate records, which come after those of all lines.
struct Candidates {
    records: Vec<u32>,
    count: u32,
}

/// Appends a line record: type and key of the name, then where line and value start and the line ends.
fn push_line(records: &mut Vec<u32>, line: &Line, name: &[u8], offsets: &Offsets<'_>) {
    let kind = u32::from(line.kind) | u32::from(name_key(name)) << 16;
    let [start, value, end] = [line.start, line.value, line.end].map(|offset| offsets.at(offset));
    records.extend_from_slice(&[kind, start, value, end]);
}

/// A number by which the npm package finds the attributes of one name; it then compares the name. Only ASCII counts, which
/// is the same in UTF-8 and UTF-16.
fn name_key(name: &[u8]) -> u16 {
    name.iter().filter(|byte| byte.is_ascii()).fold(0, |key, &byte| key.wrapping_mul(31).wrapping_add(byte.into()))
}

/// Appends line and candidate records; returns the diagnostics.
#[cfg(feature = "lint")]
fn read(text: &str, records: &mut Vec<u32>, candidates: &mut Candidates, offsets: &Offsets<'_>) -> Diagnostics {
    let parsed = icelens::sdp::lint(text);
    for line in parsed.lines() {
        push_line(records, line, line.name(text).as_bytes(), offsets);
    }
    for (line, candidate) in parsed.candidates() {
        crate::candidate::push_candidate(&mut candidates.records, text, *line, candidate, offsets);
        candidates.count += 1;
    }
    parsed.into_diagnostics()
}

/// Without the rules nothing looks at the description as a whole, so it is not kept.
#[cfg(not(feature = "lint"))]
fn read(text: &str, records: &mut Vec<u32>, candidates: &mut Candidates, offsets: &Offsets<'_>) -> Diagnostics {
    use icelens::candidate::Content;
    use icelens::explain::Report;
    use icelens::sdp::{Ends, Lines, report_unreadable};

    let mut diagnostics = Diagnostics::new();
    for (index, (line, name)) in (0u32..).zip(Lines::new(text, Ends::Any)) {
        report_unreadable(&mut diagnostics, &line, index + 1);
        push_line(records, &line, name, offsets);
        if name == b"candidate" {
            let mut report = Report::new(&mut diagnostics, line.start, index + 1);
            let part = line.span().slice(text);
            let found = crate::candidate::read(&mut candidates.records, text, part, index, &mut report, offsets);
            candidates.count += u32::from(matches!(found, Content::Candidate(_)));
        }
    }
    diagnostics
}
