//! Candidates as numbers, of which check lists are made, and the rules that pair two of them.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::candidate::{self, CandidateType, TcpType};

/// An agent's role: whether it nominates (RFC 8445 §6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Chooses the pair that is used.
    Controlling,
    /// Follows.
    Controlled,
}

/// The priority of a pair (RFC 8445 §6.1.2.3): 2³² × min(G, D) + 2 × max(G, D) + (1 if G > D). `controlling` is G.
///
/// ```
/// use icelens::ice::pair_priority;
/// assert_eq!(pair_priority(2130706431, 2130706431), 9151314442783293438);
/// assert_eq!(pair_priority(1694498815, 2130706431), 7277816997797167102);
/// ```
pub fn pair_priority(controlling: u32, controlled: u32) -> u64 {
    let (g, d) = (u64::from(controlling), u64::from(controlled));
    // (2³²−1) × 2³² + 2 × (2³²−1) + 1 = 2⁶⁴ + 2³² − 1 would not fit: only for priorities that no RFC allows.
    (g.min(d) << 32).saturating_add(2 * g.max(d) + u64::from(g > d))
}

/// Host of a candidate: an address, or a name that is not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6(Ipv6Addr),
    /// A name, by a number that the caller gave it; its family is not known.
    Name(u32),
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::V4(ip),
            IpAddr::V6(ip) => Self::V6(ip),
        }
    }
}

/// The transport protocol, with the direction of TCP (RFC 6544 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP, opens connections.
    TcpActive,
    /// TCP, accepts connections.
    TcpPassive,
    /// TCP, both at once.
    TcpSimultaneousOpen,
    /// Anything else, by a number that the caller gave it.
    Other(u32),
}

/// The base of a candidate: what its checks are sent from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// The candidate's own address: host and relayed.
    Itself,
    /// Another address of this agent: reflexive candidates (`raddr` and `rport`).
    At(Host, u16),
    /// Hidden, as browsers do with `raddr 0.0.0.0` or `rport 0`. The host candidate at the same address is taken as the
    /// base, or else the only one that fits.
    Hidden,
}

/// A candidate as check lists need it: numbers only, compared in constant time.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Component id, from 1.
    pub component: u32,
    /// Transport protocol.
    pub transport: Transport,
    /// Type.
    pub kind: CandidateType,
    /// Priority.
    pub priority: u32,
    /// Address.
    pub host: Host,
    /// Port.
    pub port: u16,
    /// Address that checks are sent from.
    pub base: Base,
    /// A number that stands for the foundation: equal strings of one agent, equal numbers.
    pub foundation: u32,
}

/// Why two candidates make no pair, or their pair is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Rule {
    /// Different components (RFC 8445 §6.1.2.2).
    Component = 0,
    /// Different transport protocols (RFC 8445 §6.1.2.2).
    Transport = 1,
    /// TCP directions that do not meet (RFC 6544 §6.2).
    TcpDirection = 2,
    /// Different address families (RFC 8445 §6.1.2.2); of a pair that was formed, those of the base and the remote one.
    AddressFamily = 3,
    /// An IPv6 link-local address with one that is not (RFC 8445 §6.1.2.2), likewise.
    LinkLocal = 4,
    /// Same base and same remote as a pair of higher priority (RFC 8445 §6.1.2.4).
    Redundant = 5,
    /// The local side only waits for the connection (RFC 6544 §6.2).
    TcpPassiveLocal = 6,
    /// Over the limit of pairs, lowest priority first (RFC 8445 §6.1.2.5).
    PairLimit = 7,
}

impl Rule {
    /// The rule as a clause.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Component => "they have different components",
            Self::Transport => "they have different transport protocols",
            Self::TcpDirection => "their TCP directions do not meet",
            Self::AddressFamily => "one is IPv4 and one IPv6",
            Self::LinkLocal => "only one is link-local",
            Self::Redundant => "a better pair has the same base and the same remote candidate",
            Self::TcpPassiveLocal => "the local side only waits for the connection",
            Self::PairLimit => "there are too many pairs",
        }
    }
}

/// The rule that keeps two candidates from being a pair, if there is one.
pub(super) fn excluded(local: &Candidate, remote: &Candidate) -> Option<Rule> {
    if local.component != remote.component {
        return Some(Rule::Component);
    }
    if let Some(rule) = transports(local.transport, remote.transport) {
        return Some(rule);
    }
    hosts(local.host, remote.host)
}

/// The rule that keeps two addresses from exchanging packets. A name may stand for any.
pub(super) fn hosts(local: Host, remote: Host) -> Option<Rule> {
    match (local, remote) {
        (Host::V4(_), Host::V4(_)) | (Host::Name(_), _) | (_, Host::Name(_)) => None,
        (Host::V6(local), Host::V6(remote)) => {
            (local.is_unicast_link_local() != remote.is_unicast_link_local()).then_some(Rule::LinkLocal)
        }
        (Host::V4(_), Host::V6(_)) | (Host::V6(_), Host::V4(_)) => Some(Rule::AddressFamily),
    }
}

fn transports(local: Transport, remote: Transport) -> Option<Rule> {
    use Transport::{Other, TcpActive, TcpPassive, TcpSimultaneousOpen, Udp};
    match (local, remote) {
        (Udp, Udp) | (TcpActive, TcpPassive) | (TcpPassive, TcpActive) | (TcpSimultaneousOpen, TcpSimultaneousOpen) => {
            None
        }
        (Other(local), Other(remote)) if local == remote => None,
        (Udp | Other(_), _) | (_, Udp | Other(_)) => Some(Rule::Transport),
        _ => Some(Rule::TcpDirection),
    }
}

/// The candidates of one agent, from their lines. Lines with a type that no RFC defines are taken as relayed:
/// sent from themselves. A foundation, name or transport gets the number of its first appearance.
pub fn candidates(lines: &[candidate::Candidate<'_>]) -> Vec<Candidate> {
    let mut names = Names::default();
    lines
        .iter()
        .map(|line| {
            let kind = line.candidate_type().unwrap_or(CandidateType::Relayed);
            Candidate {
                component: line.component,
                transport: transport(line, &mut names),
                kind,
                priority: line.priority,
                host: line.ip().map_or_else(|| Host::Name(names.number(line.address)), Host::from),
                port: line.port,
                base: base(line, kind),
                foundation: names.number(line.foundation),
            }
        })
        .collect()
}

fn transport(line: &candidate::Candidate<'_>, names: &mut Names) -> Transport {
    if line.transport.eq_ignore_ascii_case("udp") {
        return Transport::Udp;
    }
    if candidate::strip_ignoring_case(line.transport, "tcp").is_none() {
        return Transport::Other(names.number(line.transport));
    }
    match line.tcp_type {
        Some(TcpType::Active) => Transport::TcpActive,
        Some(TcpType::SimultaneousOpen) => Transport::TcpSimultaneousOpen,
        // Chromium takes a TCP candidate without tcptype as passive.
        Some(TcpType::Passive) | None => Transport::TcpPassive,
    }
}

fn base(line: &candidate::Candidate<'_>, kind: CandidateType) -> Base {
    if matches!(kind, CandidateType::Host | CandidateType::Relayed) {
        return Base::Itself;
    }
    let ip = line.related_address.and_then(crate::net::ip);
    match (ip, line.related_port) {
        (Some(ip), Some(port)) if !ip.is_unspecified() && port != 0 => Base::At(Host::from(ip), port),
        _ => Base::Hidden,
    }
}

/// Numbers for strings, in ASCII case-insensitive order of their first appearance.
#[derive(Debug, Default)]
pub struct Names {
    seen: alloc::collections::BTreeMap<alloc::string::String, u32>,
}

impl Names {
    /// The number of `name`, a new one where it was not seen.
    pub fn number(&mut self, name: &str) -> u32 {
        let next = self.seen.len() as u32;
        *self.seen.entry(name.to_ascii_lowercase()).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities() {
        assert_eq!(pair_priority(2130706431, 2130706431), 9151314442783293438);
        assert_eq!(pair_priority(1694498815, 2130706431), 7277816997797167102);
        assert_eq!(pair_priority(2130706431, 1694498815), 7277816997797167103);
        assert_eq!(pair_priority(2113937151, 2113937151), 9079290933572287998);
        assert_eq!(pair_priority(u32::MAX, u32::MAX), u64::MAX);
    }
}
