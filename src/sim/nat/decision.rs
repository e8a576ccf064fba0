//! Decisions of a NAT on packets, and why.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use crate::nat::Behaviour;

/// The way a packet was going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From inside.
    Out,
    /// From outside.
    In,
    /// From inside to an external address of the same NAT.
    Hairpin,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A new mapping was made, with this external address.
    NewMapping(SocketAddr),
    /// A mapping was there, with this external address.
    KnownMapping(SocketAddr),
    /// Nothing is translated; the state of a firewall was made or renewed.
    NotTranslated,
    /// Let in: the filter allows every source.
    AnySource,
    /// Let in: the filter remembers the source's address.
    KnownAddress,
    /// Let in: the filter remembers the source's address and port.
    KnownPort,
    /// Let in by a port mapping.
    Forwarded,
    /// An ICMP error about a mapping.
    IcmpError,
    /// Dropped: no mapping has that external address.
    NoMapping,
    /// Dropped: the filter does not remember the source.
    Filtered(Behaviour),
    /// Dropped: UDP to that port may not go out.
    UdpBlocked,
    /// Dropped: TCP to that port may not go out.
    TcpBlocked,
    /// Dropped: on port 53, and not DNS.
    NotDns,
    /// Dropped: the most mappings are in use.
    TooManyMappings,
    /// Dropped: the host has the most mappings it may.
    TooManyOfHost,
    /// Dropped: too many new mappings this second.
    TooFast,
    /// Dropped: no external port is free.
    NoPort,
    /// Dropped: this NAT does not hairpin.
    NoHairpin,
    /// Dropped: a packet to the sender's own mapping, taken for an attack.
    Land,
    /// Dropped: a fragment.
    Fragment,
    /// Dropped: an address that can't be translated here.
    WrongFamily,
}

impl Reason {
    /// The packet went on.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::NewMapping(_)
                | Self::KnownMapping(_)
                | Self::NotTranslated
                | Self::AnySource
                | Self::KnownAddress
                | Self::KnownPort
                | Self::Forwarded
                | Self::IcmpError
        )
    }
}

impl Reason {
    /// A stable name for traces, such as `filtered`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewMapping(_) => "new-mapping",
            Self::KnownMapping(_) => "known-mapping",
            Self::NotTranslated => "not-translated",
            Self::AnySource => "any-source",
            Self::KnownAddress => "known-address",
            Self::KnownPort => "known-port",
            Self::Forwarded => "forwarded",
            Self::IcmpError => "icmp-error",
            Self::NoMapping => "no-mapping",
            Self::Filtered(_) => "filtered",
            Self::UdpBlocked => "udp-blocked",
            Self::TcpBlocked => "tcp-blocked",
            Self::NotDns => "not-dns",
            Self::TooManyMappings => "too-many-mappings",
            Self::TooManyOfHost => "too-many-of-host",
            Self::TooFast => "too-fast",
            Self::NoPort => "no-port",
            Self::NoHairpin => "no-hairpin",
            Self::Land => "land",
            Self::Fragment => "fragment",
            Self::WrongFamily => "wrong-family",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NewMapping(external) => return write!(f, "new mapping {external}"),
            Self::KnownMapping(external) => return write!(f, "mapping {external}"),
            Self::Filtered(behaviour) => return write!(f, "dropped: {behaviour} filtering does not know the source"),
            Self::NotTranslated => "not translated",
            Self::AnySource => "let in: every source may",
            Self::KnownAddress => "let in: its address was contacted",
            Self::KnownPort => "let in: its address and port were contacted",
            Self::Forwarded => "let in by a port mapping",
            Self::IcmpError => "ICMP error about a mapping",
            Self::NoMapping => "dropped: no mapping has that address",
            Self::UdpBlocked => "dropped: UDP to that port may not go out",
            Self::TcpBlocked => "dropped: TCP to that port may not go out",
            Self::NotDns => "dropped: not DNS",
            Self::TooManyMappings => "dropped: too many mappings",
            Self::TooManyOfHost => "dropped: too many mappings of this host",
            Self::TooFast => "dropped: too many new mappings this second",
            Self::NoPort => "dropped: no free port",
            Self::NoHairpin => "dropped: no hairpin",
            Self::Land => "dropped: to the sender's own mapping",
            Self::Fragment => "dropped: a fragment",
            Self::WrongFamily => "dropped: an address that can't be translated",
        };
        f.write_str(text)
    }
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub time: Duration,
    /// Direction of the packet.
    pub direction: Direction,
    /// Source and destination as it came.
    pub before: (SocketAddr, SocketAddr),
    /// Source and destination as it went on; `None` when it did not.
    pub after: Option<(SocketAddr, SocketAddr)>,
    /// Why.
    pub reason: Reason,
}
