//! One ICE candidate: parse, format, priority (RFC 8839 §5.1, RFC 8445 §5.1.2).
//!
//! ```
//! use icelens::candidate::{self, AddressKind, PriorityParts};
//!
//! let parsed = candidate::parse("a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host generation 0");
//! let host = parsed.candidate().expect("a candidate");
//! assert_eq!((host.address, host.port, host.kind), ("10.0.1.1", 8998, "host"));
//! assert_eq!(host.address_kind, AddressKind::Ipv4);
//! assert_eq!(host.priority_parts(), PriorityParts { type_preference: 126, local_preference: 65535, component_part: 255 });
//! assert_eq!(host.extensions().collect::<Vec<_>>(), [("generation", "0")]);
//! assert!(parsed.diagnostics.as_slice().is_empty());
//! ```

mod pairs;
mod parse;
mod priority;
mod tokens;

#[cfg(feature = "lint")]
pub(crate) use parse::is_ice_char;
#[cfg(feature = "lint")]
pub use parse::lint;
pub(crate) use parse::number;
#[cfg(any(feature = "ice", feature = "predict"))]
pub(crate) use parse::strip_ignoring_case;
pub use parse::{Content, Parsed, parse, parse_with};
pub use priority::{PriorityParts, priority, type_preference};
pub use tokens::line_end;

use core::fmt;
use core::net::IpAddr;

use tokens::{fold, word};

/// The types of candidate that RFC 8445 §5.1.1 defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CandidateType {
    /// An address of the agent itself.
    Host = 0,
    /// The address a NAT gave, as a STUN or TURN server saw it.
    ServerReflexive = 1,
    /// The address a NAT gave, as the peer saw it.
    PeerReflexive = 2,
    /// An address of a TURN server.
    Relayed = 3,
}

impl CandidateType {
    /// The token of the candidate line: `host`, `srflx`, `prflx` or `relay`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relayed => "relay",
        }
    }

    /// The type with this token, in any case (RFC 5234 §2.3), or `None`.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::from_folded(fold(word(token.as_bytes())))
    }

    /// The type whose token has this folded word.
    fn from_folded(token: u64) -> Option<Self> {
        const HOST: u64 = fold(word(b"host"));
        const SRFLX: u64 = fold(word(b"srflx"));
        const PRFLX: u64 = fold(word(b"prflx"));
        const RELAY: u64 = fold(word(b"relay"));
        match token {
            HOST => Some(Self::Host),
            SRFLX => Some(Self::ServerReflexive),
            PRFLX => Some(Self::PeerReflexive),
            RELAY => Some(Self::Relayed),
            _ => None,
        }
    }
}

/// How a TCP candidate connects (RFC 6544 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TcpType {
    /// Opens connections.
    Active = 1,
    /// Accepts connections.
    Passive = 2,
    /// Both at the same time.
    SimultaneousOpen = 3,
}

impl TcpType {
    /// The value of `tcptype`: `active`, `passive` or `so`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::SimultaneousOpen => "so",
        }
    }

    /// The type with this token, in any case, or `None`.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::from_folded(fold(word(token.as_bytes())))
    }

    /// The type whose token has this folded word.
    fn from_folded(token: u64) -> Option<Self> {
        const ACTIVE: u64 = fold(word(b"active"));
        const PASSIVE: u64 = fold(word(b"passive"));
        const SO: u64 = fold(word(b"so"));
        match token {
            ACTIVE => Some(Self::Active),
            PASSIVE => Some(Self::Passive),
            SO => Some(Self::SimultaneousOpen),
            _ => None,
        }
    }
}

/// Kind of connection-address that a candidate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AddressKind {
    /// Digits and dots.
    Ipv4 = 0,
    /// With a colon (RFC 8839 §5.1); a zone id is possible.
    Ipv6 = 1,
    /// A name under `.local` (draft-ietf-rtcweb-mdns-ice-candidates).
    Mdns = 2,
    /// Any other name.
    Fqdn = 3,
}

/// A candidate line, its strings borrowed from the text.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The line as given, from its first character to its last, without the line end.
    pub text: &'a str,
    /// Equal for candidates of one type, base address, server and transport (RFC 8445 §5.1.1.3). Any text, even empty.
    pub foundation: &'a str,
    /// 1 to 256 by the RFC; as written here.
    pub component: u32,
    /// As written: `udp`, `UDP`, `tcp`, `ssltcp` …
    pub transport: &'a str,
    /// 1 to 2³¹−1 by the RFC; as written here.
    pub priority: u32,
    /// As written; without the brackets that some put around IPv6.
    pub address: &'a str,
    /// Kind of `address`.
    pub address_kind: AddressKind,
    /// 0 to 65535.
    pub port: u16,
    /// Type: the word after `typ`, as written.
    pub kind: &'a str,
    /// From `tcptype`, or from an old transport such as `TCP-ACT`.
    pub tcp_type: Option<TcpType>,
    /// Address after `raddr`.
    pub related_address: Option<&'a str>,
    /// Port after `rport`, when it is one.
    pub related_port: Option<u16>,
    /// Rest of the line after the type, as written.
    pub(crate) tail: &'a str,
}

impl<'a> Candidate<'a> {
    /// The address, when it is an IP address (with a zone id: the address before it).
    pub fn ip(&self) -> Option<IpAddr> {
        crate::net::host_ip(self.address)
    }

    /// The type, when it is one of the RFC's.
    pub fn candidate_type(&self) -> Option<CandidateType> {
        CandidateType::from_token(self.kind)
    }

    /// The priority split by its formula.
    pub fn priority_parts(&self) -> PriorityParts {
        PriorityParts::split(self.priority)
    }

    /// Name and value of every extension in order: all that follows the type, but `raddr`, `rport` and `tcptype`,
    /// of which the first of each is a field. A name without a value has an empty one.
    pub fn extensions(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        pairs::extensions(self.tail)
    }

    /// The value of the first `ufrag` extension: the ICE generation this candidate belongs to.
    pub fn username_fragment(&self) -> Option<&'a str> {
        self.extensions().find(|(name, _)| *name == "ufrag").map(|(_, value)| value)
    }
}

/// Writes the candidate in the order of the grammar, with single spaces, `candidate:` first. `text` has the line as it was.
impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "candidate:{} {} {} {} ", self.foundation, self.component, self.transport, self.priority)?;
        write!(f, "{} {} typ {}", self.address, self.port, self.kind)?;
        if let Some(address) = self.related_address {
            write!(f, " raddr {address}")?;
        }
        if let Some(port) = self.related_port {
            write!(f, " rport {port}")?;
        }
        if let Some(tcp_type) = self.tcp_type {
            write!(f, " tcptype {}", tcp_type.token())?;
        }
        self.extensions().try_for_each(|(name, value)| write!(f, " {name} {value}"))
    }
}
