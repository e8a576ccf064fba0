//! Byte offsets of a text as offsets of the caller's string.

use icelens::text::{Span, Utf16Index};

/// A text and its index.
pub(super) struct Offsets<'a> {
    text: &'a [u8],
    index: Utf16Index,
}

impl<'a> Offsets<'a> {
    /// `ascii`: whether the caller knows that the text is ASCII, where both offsets are equal.
    pub(super) fn new(text: &'a str, ascii: bool) -> Self {
        let text = text.as_bytes();
        Self { text, index: if ascii { Utf16Index::default() } else { Utf16Index::new(text) } }
    }

    pub(super) fn at(&self, offset: u32) -> u32 {
        self.index.utf16(self.text, offset as usize) as u32
    }

    pub(super) fn span(&self, span: Span) -> Span {
        Span { start: self.at(span.start), end: self.at(span.end) }
    }
}
