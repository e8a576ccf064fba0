//! Reports of the network about packets it could not deliver (RFC 792, RFC 4443).

use core::net::{IpAddr, SocketAddr};

use super::layers::{self, Packet, UDP};

/// Why a packet was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreached {
    /// Nobody listens on the port.
    Port,
    /// A filter forbids it.
    Prohibited,
    /// The host does not answer on its link, or no such host is known.
    Host,
    /// No route leads to the network.
    Network,
    /// Any other reason: protocol, fragmentation needed, source route, rejected route.
    Other,
}

impl Unreached {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Prohibited => "prohibited",
            Self::Host => "host",
            Self::Network => "network",
            Self::Other => "other",
        }
    }

    fn of_icmp(code: u8) -> Self {
        match code {
            0 | 6 | 11 => Self::Network,
            1 | 7 | 12 => Self::Host,
            3 => Self::Port,
            9 | 10 | 13 => Self::Prohibited,
            _ => Self::Other,
        }
    }

    fn of_icmpv6(code: u8) -> Self {
        match code {
            0 => Self::Network,
            1 | 5 => Self::Prohibited,
            3 => Self::Host,
            4 => Self::Port,
            _ => Self::Other,
        }
    }
}

/// A STUN request that came back as ICMP "destination unreachable".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// Number of the ICMP packet, from 1.
    pub packet: u32,
    /// Nanoseconds since 1970.
    pub time: u64,
    /// Address of the reporter: the host itself, or a router on the way.
    pub by: IpAddr,
    /// Sender of the request.
    pub from: SocketAddr,
    /// Whom it could not reach.
    pub to: SocketAddr,
    /// Why.
    pub reason: Unreached,
    /// Index of the request's transaction.
    pub transaction: usize,
}

/// The datagram that an ICMP message quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote<'a> {
    pub(super) reason: Unreached,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// As much of the payload as is quoted; nothing, where a host quotes eight bytes only.
    pub(super) payload: &'a [u8],
}

const ICMP: u8 = 1;
const ICMPV6: u8 = 58;

/// Packet that an ICMP message of type "destination unreachable" quotes, when that is UDP.
pub(super) fn quote<'a>(packet: &Packet, data: &'a [u8]) -> Option<Quote<'a>> {
    let reason = match (packet.protocol, data) {
        (ICMP, &[3, code, ..]) => Unreached::of_icmp(code),
        (ICMPV6, &[1, code, ..]) => Unreached::of_icmpv6(code),
        _ => return None,
    };
    let quoted = layers::internet(data, 8, 0).ok()?;
    if quoted.protocol != UDP || quoted.fragment.is_some_and(|fragment| fragment.offset > 0) {
        return None;
    }
    let datagram = data.get(quoted.start..quoted.end)?;
    let segment = layers::segment(UDP, quoted.from, quoted.to, datagram).ok()?;
    let payload = datagram.get(segment.start..segment.end).unwrap_or(&[]);
    Some(Quote { reason, from: segment.from, to: segment.to, payload })
}
