//! Byte offsets to UTF-16 offsets.

use alloc::vec::Vec;

/// Bytes between two marks.
const STRIDE: usize = 64;

/// Answers "how many UTF-16 code units come before this byte" for one UTF-8 text, after one pass over it.
///
/// ```
/// let index = icelens::text::Utf16Index::new("本地 a".as_bytes());
/// assert_eq!(index.utf16("本地 a".as_bytes(), 7), 3);
/// ```
/// The default is the index of any ASCII text.
#[derive(Clone, Debug, Default)]
pub struct Utf16Index {
    /// Code units before each multiple of `STRIDE`; empty when the text is ASCII.
    marks: Vec<usize>,
}

/// Code units that a byte begins: 1 for the first byte of a character, 2 for that of a surrogate pair, 0 inside one.
fn units(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

/// UTF-16 length of UTF-8 bytes.
pub fn utf16_len(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| units(byte)).sum()
}

impl Utf16Index {
    /// Reads the text once.
    pub fn new(text: &[u8]) -> Self {
        if text.is_ascii() {
            return Self { marks: Vec::new() };
        }
        let mut total = 0;
        let marks = text
            .chunks(STRIDE)
            .map(|chunk| {
                let before = total;
                total += utf16_len(chunk);
                before
            })
            .collect();
        Self { marks }
    }

    /// UTF-16 code units before byte `offset` of the same text.
    pub fn utf16(&self, text: &[u8], offset: usize) -> usize {
        if self.marks.is_empty() {
            return offset;
        }
        let slot = (offset / STRIDE).min(self.marks.len() - 1);
        let before = self.marks.get(slot).copied().unwrap_or(0);
        before + text.get(slot * STRIDE..offset.min(text.len())).map_or(0, utf16_len)
    }
}
