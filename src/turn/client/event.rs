//! Events that a [`Client`](super::Client) tells its owner.
use super::super::Family;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// One thing that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The server allocated relayed addresses (RFC 8656 §7.3).
    Allocated(Allocated),
    /// The allocation was refreshed.
    Refreshed {
        /// Time that is left by the answer.
        lifetime: Duration,
    },
    /// The server sends the client elsewhere (error 300); the request goes there. Over TCP the owner opens a connection to it.
    Redirected {
        /// ALTERNATE-SERVER.
        server: SocketAddr,
        /// ALTERNATE-DOMAIN: the name to expect in the server's certificate; empty when there is none.
        domain: String,
    },
    /// This local address can't be used (error 437, or 441 after new credentials). The owner opens another socket and
    /// calls [`Client::rebind`](super::Client::rebind) within [`REBIND_TIMEOUT`](super::REBIND_TIMEOUT).
    LocalAddressWanted {
        /// The error code.
        code: u16,
    },
    /// The server lets datagrams of this address through.
    Permitted {
        /// The peer.
        peer: IpAddr,
    },
    /// The server does not let this address through. What waited for it is dropped.
    PermissionRefused {
        /// The peer.
        peer: IpAddr,
        /// The reason.
        refusal: Refusal,
    },
    /// A channel is bound to a peer.
    ChannelBound {
        /// The peer.
        peer: SocketAddr,
        /// The number.
        channel: u16,
    },
    /// No channel is bound; data goes on as indications.
    ChannelRefused {
        /// The peer.
        peer: SocketAddr,
        /// The reason.
        refusal: Refusal,
    },
    /// Data from a peer.
    Data {
        /// The peer.
        peer: SocketAddr,
        /// The data.
        bytes: Vec<u8>,
    },
    /// An ICMP error about what was sent to a peer (RFC 8656 §11.6).
    Icmp {
        /// The peer; port 0 when the server does not know it.
        peer: SocketAddr,
        /// ICMP type.
        kind: u8,
        /// ICMP code.
        code: u16,
        /// The field that goes with the type, such as the MTU.
        data: u32,
    },
    /// There is no allocation, and there will be none unless the owner asks again.
    Failed(Refusal),
    /// The allocation was deleted because the owner closed the client.
    Closed,
}

/// An allocation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allocated {
    /// The relayed addresses: one, or one of each family.
    pub relayed: Vec<SocketAddr>,
    /// The client's address as the server sees it.
    pub mapped: Option<SocketAddr>,
    /// Time that is left by the answer.
    pub lifetime: Duration,
    /// The family that was asked for and not allocated, and the error code.
    pub missing: Option<(Family, u16)>,
}

/// Why something was refused or failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The reason.
    pub reason: Reason,
    /// The server's error code; 0 when there is none.
    pub code: u16,
    /// The server's reason phrase, without control characters, at most 128 of them; may be empty.
    pub phrase: String,
    /// How long to leave this server alone before asking for another allocation (RFC 8656 §7.4); `None` when waiting
    /// does not help.
    pub retry_after: Option<Duration>,
}

/// The closed list of reasons.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// No answer came.
    Silent,
    /// Answers came, and none had a right MESSAGE-INTEGRITY (RFC 8489 §9.2.5).
    Integrity,
    /// The server asks for credentials and there are none.
    NoCredentials,
    /// The server refuses the user name or password: 401 for a request that had them.
    WrongCredentials,
    /// The server's challenge can't be answered (RFC 8489 §9.2.5).
    Challenge,
    /// 300 without an address that can be used: none, another family, port 0, or a loopback address.
    AlternateUnusable,
    /// 300 back to a server that was asked before, or one time too many.
    AlternateLoop,
    /// 400: the server finds the request malformed.
    BadRequest,
    /// 403: not allowed by the server's policy.
    Forbidden,
    /// 420: the server does not know an attribute that is needed.
    UnknownAttribute,
    /// 437 for three local addresses, or no other one was given in time.
    AddressInUse,
    /// 437 for a request about an allocation, or its time ran out: it no longer exists.
    AllocationLost,
    /// 440: the server relays no such address family.
    FamilyNotSupported,
    /// 441: the allocation was made with another user name.
    OtherCredentials,
    /// 442: the server relays no such transport protocol.
    TransportNotSupported,
    /// 443: the peer is not of the relayed address's family.
    FamilyMismatch,
    /// 446 and 447: a TCP connection to the peer exists already, or can't be made (RFC 6062).
    PeerConnection,
    /// 486: the user has as many allocations as allowed.
    Quota,
    /// 500 and codes not listed here.
    Server,
    /// 508: the server has no address or room left.
    Capacity,
    /// The success response lacks what it must have, or has an address of a family that was not asked for.
    BadResponse,
    /// The request can't be written: the user name is longer than 509 bytes, or a text too long.
    TooLong,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::Silent,
        Self::Integrity,
        Self::NoCredentials,
        Self::WrongCredentials,
        Self::Challenge,
        Self::AlternateUnusable,
        Self::AlternateLoop,
        Self::BadRequest,
        Self::Forbidden,
        Self::UnknownAttribute,
        Self::AddressInUse,
        Self::AllocationLost,
        Self::FamilyNotSupported,
        Self::OtherCredentials,
        Self::TransportNotSupported,
        Self::FamilyMismatch,
        Self::PeerConnection,
        Self::Quota,
        Self::Server,
        Self::Capacity,
        Self::BadResponse,
        Self::TooLong,
    ];

    /// A stable name, such as `wrong-credentials`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Integrity => "integrity",
            Self::NoCredentials => "no-credentials",
            Self::WrongCredentials => "wrong-credentials",
            Self::Challenge => "challenge",
            Self::AlternateUnusable => "alternate-unusable",
            Self::AlternateLoop => "alternate-loop",
            Self::BadRequest => "bad-request",
            Self::Forbidden => "forbidden",
            Self::UnknownAttribute => "unknown-attribute",
            Self::AddressInUse => "address-in-use",
            Self::AllocationLost => "allocation-lost",
            Self::FamilyNotSupported => "family-not-supported",
            Self::OtherCredentials => "other-credentials",
            Self::TransportNotSupported => "transport-not-supported",
            Self::FamilyMismatch => "family-mismatch",
            Self::PeerConnection => "peer-connection",
            Self::Quota => "quota",
            Self::Server => "server",
            Self::Capacity => "capacity",
            Self::BadResponse => "bad-response",
            Self::TooLong => "too-long",
        }
    }

    /// Meaning of an error code when the exchange ends with it (RFC 8656 §7.4 and §19).
    #[must_use]
    pub const fn of_code(code: u16) -> Self {
        match code {
            300 => Self::AlternateUnusable,
            400 => Self::BadRequest,
            401 | 438 => Self::WrongCredentials,
            403 => Self::Forbidden,
            420 => Self::UnknownAttribute,
            437 => Self::AllocationLost,
            440 => Self::FamilyNotSupported,
            441 => Self::OtherCredentials,
            442 => Self::TransportNotSupported,
            443 => Self::FamilyMismatch,
            446 | 447 => Self::PeerConnection,
            486 => Self::Quota,
            508 => Self::Capacity,
            _ => Self::Server,
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        // RFC 8656 §7.4: a minute after 486 and 508, two after the third 437.
        let retry_after = match reason {
            Reason::Quota | Reason::Capacity => Some(60),
            Reason::AddressInUse => Some(120),
            Reason::Silent | Reason::Server | Reason::AllocationLost => Some(0),
            _ => None,
        };
        Self { reason, code: 0, phrase: String::new(), retry_after: retry_after.map(Duration::from_secs) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.name())?;
        if self.code != 0 {
            write!(f, " ({} {})", self.code, self.phrase)?;
        }
        Ok(())
    }
}
