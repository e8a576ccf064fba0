//! Answers of `setRemoteDescription` of Chromium and Firefox to an offer.
//!
//! Each browser reads the text in its own way and tells only the first thing it does not like, so each has its own model,
//! in the order in which the browser looks. The rules are those measured in Chromium 156 and Firefox 153: of 73 offers
//! each line deleted, and 3 000 more with something changed, in `tests/fixtures/predict/`. They were made from one half of
//! these edits; for the other half `tests/predict_measured.rs` asserts 99 %.

mod chromium;
mod firefox;

pub use chromium::chromium;
pub use firefox::firefox;

use crate::explain::Code;

/// Why a browser refuses an offer: the first cause it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The diagnostic that explains it.
    pub code: Code,
    /// 1-based line, the `m=` line where a whole section is meant, 0 for the whole description.
    pub line: u32,
}
