//! The datagram that an engine takes or gives.
use alloc::vec::Vec;
use core::net::SocketAddr;

/// The transport protocol under a datagram.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Protocol {
    /// UDP.
    #[default]
    Udp,
    /// TCP: `bytes` are one frame of the stream, without its framing.
    Tcp,
}

/// One datagram with its two ends, as the engine that sends or receives it sees them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Datagram {
    /// The address on the engine's own side.
    pub local: SocketAddr,
    /// The address on the other side.
    pub remote: SocketAddr,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The payload.
    pub bytes: Vec<u8>,
}

impl Datagram {
    /// A UDP datagram.
    #[must_use]
    pub const fn udp(local: SocketAddr, remote: SocketAddr, bytes: Vec<u8>) -> Self {
        Self { local, remote, protocol: Protocol::Udp, bytes }
    }
}
