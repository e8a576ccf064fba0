//! Reactions of Chromium and Firefox to candidates and offers, as measured.

pub mod candidate;
pub mod offer;
