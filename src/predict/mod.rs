//! What Chromium and Firefox do with candidates and offers, as measured.

pub mod candidate;
pub mod offer;
