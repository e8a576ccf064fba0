//! Places in a text: spans of bytes, and the same places in UTF-16 code units, which JavaScript counts.

mod span;
mod utf16;

pub use span::Span;
pub use utf16::{Utf16Index, utf16_len};
