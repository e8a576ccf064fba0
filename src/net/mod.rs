//! Words of the network for every engine: the datagram that goes out or came in, addresses as text and their scope, the
//! frames of a stream, the protocol of a payload, and how much one source may ask.
//!
//! The engines never touch a socket. They are given a [`Datagram`] with `receive` and give theirs with `poll_transmit`;
//! `local` is always the address on the engine's own side, `remote` the address on the other side.

mod address;
mod datagram;
mod framing;
mod rate;
mod scope;

pub use address::{host_ip, ip};
#[cfg(feature = "sdp")]
pub(crate) use address::{ipv4, ipv6};
pub use datagram::{Datagram, Protocol};
pub use framing::{Deframer, Framing, FramingError, Payload, write_rfc4571};
pub use rate::{Rate, SourceLimiter, SourceRates};
pub use scope::{Scope, scope};
