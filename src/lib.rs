//! See and prove why a peer-to-peer connection works or fails.
//!
//! # The contract
//!
//! - **Sans-IO.** Nothing here touches a socket, a clock or randomness: time and entropy are arguments.
//! - **Total.** No input makes a function panic, hang or grow without bound; every table has a stated cap.
//! - **Lossless.** Parsing keeps every byte; what was not edited is written back unchanged.
//! - **Explained.** A verdict names the evidence it rests on, or says *unknown* and why.
//!
//! # Map
//!
//! The modules are floors: each uses only those above it in this table, and a test (`tests/floors.rs`) reads every
//! import against it.
//!
//! | module | what |
//! |---|---|
//! | `sorting` | one sort for all lists that are not hot |
//! | `net` | datagrams, addresses as text, frames of a stream, the protocol of a payload |
//! | `text` | spans, and bytes to UTF-16 code units |
//! | `explain` | codes of what is found, their severity, and where |
//! | `stun` | STUN and TURN messages: view, builder, attribute table, integrity, transactions |
//! | `turn` | ChannelData, the client, the server |
//! | `candidate` | one ICE candidate: parse, format, priority |
//! | `sdp` | session descriptions: spans, typed attributes, diagnostics |
//! | `predict` | what Chromium and Firefox do with candidates and offers |
//! | `ice` | pairs, check lists, the agent |
//! | `nat` | NAT behaviour from observations |
//! | `browser` | what a browser shows: candidates, errors, pair statistics |
//! | `scan` | findings in any text, dump or capture |
//! | `sim` | a network under virtual time |
#![cfg_attr(not(any(feature = "std", test)), no_std)]
// No input makes it panic: CONTRIBUTING.md.
#![warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

#[cfg(all(feature = "nat", feature = "ice"))]
pub mod browser;
#[cfg(feature = "sdp")]
pub mod candidate;
pub mod explain;
#[cfg(feature = "ice")]
pub mod ice;
#[cfg(feature = "nat")]
pub mod nat;
pub mod net;
#[cfg(feature = "predict")]
pub mod predict;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "sdp")]
pub mod sdp;
#[cfg(feature = "sim")]
pub mod sim;
mod sorting;
#[cfg(feature = "stun")]
pub mod stun;
pub mod text;
#[cfg(feature = "stun")]
pub mod turn;
