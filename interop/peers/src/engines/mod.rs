//! One file for each crate.
pub mod icelens;
pub mod is;
pub mod rice;
pub mod rtc;
