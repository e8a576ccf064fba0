//! Byte offsets of a text as offsets of the caller's string.

use icelens::text::{Span, Utf16Index};

/// A text and its index.
pub(super) struct Offsets<'a> {
    text: &'a [u8],
    /// None where the text is ASCII, so that both offsets are equal.
    index: Option<Utf16Index>,
}

impl<'a> Offsets<'a> {
    /// `ascii`: whether the caller knows that the text is.
    pub(super) fn new(text: &'a str, ascii: bool) -> Self {
        let text = text.as_bytes();
        Self { text, index: (!ascii).then(|| Utf16Index::new(text)) }
    }

    #[inline(always)]
    pub(super) fn at(&self, offset: u32) -> u32 {
        self.index.as_ref().map_or(offset, |index| index.utf16(self.text, offset as usize) as u32)
    }

    #[inline(always)]
    pub(super) fn span(&self, span: Span) -> Span {
        Span { start: self.at(span.start), end: self.at(span.end) }
    }
}
