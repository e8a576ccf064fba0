//! What every engine says of the network: the datagram that goes out or came in, and its transport protocol.
//!
//! The engines never touch a socket. They are given a [`Datagram`] with `receive` and give theirs with `poll_transmit`;
//! `local` is always the address on the engine's own side, `remote` the address on the other side.

mod datagram;

pub use datagram::{Datagram, Protocol};
