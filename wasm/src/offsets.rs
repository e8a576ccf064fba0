//! Byte offsets to UTF-16 offsets.

use alloc::vec::Vec;

use icelens::sdp::Span;

/// Bytes between two remembered offsets.
const STEP: usize = 64;

/// Converts byte offsets of a text to offsets of the caller's string.
pub(super) struct Offsets<'a> {
    text: &'a [u8],
    /// UTF-16 units before each multiple of [`STEP`]; empty when the text is ASCII, where both offsets are equal.
    marks: Vec<u32>,
}

/// UTF-16 units that the character starting with `byte` has; 0 inside a character.
fn units(byte: u8) -> u32 {
    match byte {
        0x80..=0xbf => 0,
        0xf0..=0xff => 2,
        _ => 1,
    }
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str, ascii: bool) -> Self {
        let text = text.as_bytes();
        if ascii {
            return Self { text, marks: Vec::new() };
        }
        let mut marks = Vec::with_capacity(text.len() / STEP + 1);
        let mut total = 0;
        for block in text.chunks(STEP) {
            marks.push(total);
            total += block.iter().map(|&byte| units(byte)).sum::<u32>();
        }
        Self { text, marks }
    }

    pub(super) fn at(&self, offset: u32) -> u32 {
        let block = offset as usize / STEP;
        let Some((block, &mark)) = self.marks.get(block).map(|mark| (block, mark)).or_else(|| {
            // The end of a text whose length is a multiple of the step has no mark of its own.
            self.marks.last().map(|mark| (self.marks.len() - 1, mark))
        }) else {
            return offset;
        };
        let rest = self.text.get(block * STEP..offset as usize).unwrap_or(&[]);
        mark + rest.iter().map(|&byte| units(byte)).sum::<u32>()
    }

    pub(super) fn span(&self, span: Span) -> Span {
        if self.marks.is_empty() {
            return span;
        }
        Span { start: self.at(span.start), end: self.at(span.end) }
    }
}
