//! Events that a [`Server`](super::Server) tells its owner.
use super::FiveTuple;
use crate::stun::Method;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

/// One thing that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The owner binds a UDP socket to this address and calls [`Server::opened`](super::Server::opened). Only with
    /// [`ServerConfig::ask`](super::ServerConfig::ask).
    Open(SocketAddr),
    /// The owner closes the socket of this address.
    Close(SocketAddr),
    /// An allocation was made.
    Allocated {
        /// Client, and the server's address that it asked.
        client: FiveTuple,
        /// The user.
        username: String,
        /// The addresses that peers send to.
        relayed: Vec<SocketAddr>,
    },
    /// An allocation ended.
    Ended {
        /// Client, and the server's address that it asked.
        client: FiveTuple,
        /// Why.
        why: Ended,
        /// Bytes of data relayed to peers.
        to_peers: u64,
        /// Bytes of data relayed to the client.
        to_client: u64,
    },
    /// A request was refused.
    Refused {
        /// Client, and the server's address that it asked.
        client: FiveTuple,
        /// Method of the request.
        method: Method,
        /// The error code.
        code: u16,
    },
}

/// Why an allocation ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ended {
    /// The client deleted it.
    Deleted,
    /// It was not refreshed in time.
    Expired,
    /// The client's connection ended.
    Disconnected,
}

impl Ended {
    /// `deleted`, `expired` or `disconnected`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::Disconnected => "disconnected",
        }
    }
}
