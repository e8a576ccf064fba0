//! Exports that the npm package calls.
//!
//! A hot call works on three areas of linear memory, so that nothing is allocated or marshalled per call:
//! the caller writes its bytes or UTF-8 text to the *input* area, calls with the length, and reads *records*
//! (`u32` words: numbers and spans of the input) or *output* bytes. `npm/src/core.ts` is the other half.
//! Calls that are not hot return objects through `serde-wasm-bindgen` (feature `objects`).
#![cfg(target_arch = "wasm32")]
// No input makes it panic: CONTRIBUTING.md.
#![warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(any(feature = "stun", feature = "text"))]
pub mod area;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "sdp")]
pub mod candidate;
#[cfg(feature = "discovery")]
pub mod discovery;
#[cfg(feature = "heap")]
mod heap;
#[cfg(feature = "ice")]
pub mod ice;
#[cfg(feature = "nat")]
pub mod nat;
#[cfg(any(feature = "nat", feature = "browser"))]
mod nat_report;
#[cfg(feature = "objects")]
mod objects;
#[cfg(any(feature = "discovery", feature = "browser"))]
mod observations;
#[cfg(feature = "sdp")]
mod offsets;
#[cfg(feature = "predict")]
pub mod predict;
#[cfg(any(feature = "nat", feature = "discovery", feature = "turn", feature = "agent", feature = "browser"))]
mod reader;
#[cfg(not(feature = "std"))]
mod runtime;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "scan")]
mod scan_capture;
#[cfg(feature = "sdp")]
pub mod sdp;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(any(feature = "stun", feature = "heap"))]
mod single;
#[cfg(feature = "stun")]
pub mod stun;
#[cfg(feature = "stun")]
pub mod stun_names;
#[cfg(feature = "responder")]
pub mod stun_server;
#[cfg(feature = "turn")]
pub mod turn;
#[cfg(feature = "turn")]
mod turn_ends;
#[cfg(feature = "turn")]
pub mod turn_server;
