//! The network as a browser shows it: candidates, errors, pair statistics.
//!
//! The rules that turn them into observations and rows are plain Rust and tested natively: [`server`], [`evidence`]
//! and [`pairs`]. The glue to `RTCPeerConnection` (feature `browser`, wasm32 only) only collects: it gathers
//! candidates, runs the probes and polls `getStats`. Verdicts are made by [`crate::nat`] alone.

pub mod evidence;
pub mod missing;
pub mod pairs;
pub mod server;
