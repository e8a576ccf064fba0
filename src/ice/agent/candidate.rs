//! Local and remote candidates as values, their lines, and why one is not taken.
use super::ComponentId;
use crate::candidate::{self, CandidateType, TcpType};
use crate::ice::{self, Transport};
use crate::net::Protocol;
use alloc::string::String;
use core::fmt;
use core::net::SocketAddr;

/// A local candidate to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCandidate {
    /// Stream and component.
    pub component: ComponentId,
    /// Type.
    pub kind: CandidateType,
    /// Transport protocol.
    pub transport: Transport,
    /// Its address. That of a host candidate may differ from its base, where a one-to-one NAT is in front.
    pub address: SocketAddr,
    /// Address that its checks are sent from: the socket, for a relayed candidate the relayed address itself.
    pub base: SocketAddr,
    /// The STUN or TURN server it was learned from.
    pub server: Option<SocketAddr>,
    /// Local preference; from 65535 downwards in the order of adding when absent.
    pub preference: Option<u16>,
    /// Priority; by the formula of RFC 8445 §5.1.2.1 when absent.
    pub priority: Option<u32>,
}

impl LocalCandidate {
    /// A UDP host candidate of component 1 of the first stream.
    pub fn host(address: SocketAddr) -> Self {
        Self {
            component: ComponentId::FIRST,
            kind: CandidateType::Host,
            transport: Transport::Udp,
            address,
            base: address,
            server: None,
            preference: None,
            priority: None,
        }
    }

    /// A server-reflexive candidate that `server` told of the socket `base`.
    pub fn server_reflexive(address: SocketAddr, base: SocketAddr, server: SocketAddr) -> Self {
        let kind = CandidateType::ServerReflexive;
        Self { kind, base, server: Some(server), ..Self::host(address) }
    }

    /// A candidate that `server` relays.
    pub fn relayed(address: SocketAddr, server: SocketAddr) -> Self {
        Self { kind: CandidateType::Relayed, server: Some(server), ..Self::host(address) }
    }

    /// The same for another component.
    #[must_use]
    pub fn of(self, component: ComponentId) -> Self {
        Self { component, ..self }
    }
}

/// A local candidate of an agent.
#[derive(Clone, Debug)]
pub struct Local {
    /// Candidate as it was added; of a peer-reflexive candidate, as it was learned.
    pub candidate: LocalCandidate,
    /// Priority.
    pub priority: u32,
    /// Foundation, a number written in decimal.
    pub foundation: u32,
    pub(super) core: ice::Candidate,
    pub(super) removed: bool,
}

impl Local {
    /// False once its address is gone.
    pub const fn is_current(&self) -> bool {
        !self.removed
    }

    pub(super) fn protocol(&self) -> Protocol {
        if self.candidate.transport == Transport::Udp { Protocol::Udp } else { Protocol::Tcp }
    }

    /// True when requests are received on this candidate: host and relayed, and a reflexive one whose base is not a candidate.
    pub(super) fn receives(&self, base: SocketAddr, protocol: Protocol) -> bool {
        !self.removed && self.candidate.base == base && self.protocol() == protocol
    }
}

/// The candidate attribute of RFC 8839 §5.1, without `a=`.
impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.candidate;
        write_line(f, &self.foundation, it.component.component, it.transport, self.priority)?;
        write!(f, "{} {} typ {}", it.address.ip(), it.address.port(), it.kind.token())?;
        if it.kind != CandidateType::Host {
            write!(f, " raddr {} rport {}", it.base.ip(), it.base.port())?;
        }
        f.write_str(tcp_type(it.transport))
    }
}

/// A remote candidate as signalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCandidate {
    /// Stream and component.
    pub component: ComponentId,
    /// Type.
    pub kind: CandidateType,
    /// Transport protocol.
    pub transport: Transport,
    /// Its address.
    pub address: SocketAddr,
    /// Priority, 1 to 2³¹ − 1.
    pub priority: u32,
    /// Foundation.
    pub foundation: String,
}

impl RemoteCandidate {
    /// From a candidate line of this stream.
    ///
    /// # Errors
    ///
    /// [`Refused`]: the line names a host instead of an address, or a transport, type or component that no agent has.
    pub fn from_line(stream: u16, line: &candidate::Candidate<'_>) -> Result<Self, Refused> {
        let ip = line.ip().ok_or(Refused::Name)?;
        let component = u16::try_from(line.component).map_err(|_| Refused::Component)?;
        let transport = match (line.transport, line.tcp_type) {
            (name, _) if name.eq_ignore_ascii_case("udp") => Transport::Udp,
            (name, _) if !name.eq_ignore_ascii_case("tcp") => return Err(Refused::Transport),
            (_, Some(TcpType::Active)) => Transport::TcpActive,
            (_, Some(TcpType::SimultaneousOpen)) => Transport::TcpSimultaneousOpen,
            (_, Some(TcpType::Passive) | None) => Transport::TcpPassive,
        };
        Ok(Self {
            component: ComponentId { stream, component },
            kind: line.candidate_type().ok_or(Refused::Type)?,
            transport,
            address: SocketAddr::new(ip, line.port),
            priority: line.priority,
            foundation: line.foundation.into(),
        })
    }
}

/// The candidate attribute of RFC 8839 §5.1, without `a=`.
impl fmt::Display for RemoteCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, &self.foundation, self.component.component, self.transport, self.priority)?;
        write!(f, "{} {} typ {}", self.address.ip(), self.address.port(), self.kind.token())?;
        f.write_str(tcp_type(self.transport))
    }
}

/// A line up to the address.
fn write_line(
    f: &mut fmt::Formatter<'_>,
    foundation: &dyn fmt::Display,
    component: u16,
    transport: Transport,
    priority: u32,
) -> fmt::Result {
    let name = if transport == Transport::Udp { "udp" } else { "tcp" };
    write!(f, "candidate:{foundation} {component} {name} {priority} ")
}

const fn tcp_type(transport: Transport) -> &'static str {
    match transport {
        Transport::TcpActive => " tcptype active",
        Transport::TcpPassive => " tcptype passive",
        Transport::TcpSimultaneousOpen => " tcptype so",
        Transport::Udp | Transport::Other(_) => "",
    }
}

/// A remote candidate of an agent.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Candidate as it was signalled; of a peer-reflexive candidate, as it was learned.
    pub candidate: RemoteCandidate,
    pub(super) core: ice::Candidate,
    pub(super) removed: bool,
}

impl Remote {
    /// False once it was withdrawn.
    pub const fn is_current(&self) -> bool {
        !self.removed
    }
}

/// Why a candidate was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The agent has no such stream or component.
    Component,
    /// The address is a name; the caller resolves it first.
    Name,
    /// The type is none of RFC 8445.
    Type,
    /// The transport protocol is neither UDP nor TCP.
    Transport,
    /// Priority 0, or over 2³¹ − 1 (RFC 8445 §5.1.2).
    Priority,
    /// Port 0, where a port is needed.
    Port,
    /// An unspecified or multicast address.
    Address,
    /// [`MAX_CANDIDATES`](crate::ice::MAX_CANDIDATES) of that side are known.
    TooMany,
    /// Same address and base as one that is known (RFC 8445 §5.1.3).
    Redundant,
    /// A lite agent has host candidates only (RFC 8445 §5.2).
    LiteHostOnly,
    /// A rule of the configuration leaves it out; servers are asked from the socket all the same.
    Rule,
    /// The agent uses relayed candidates only; servers are asked from the socket all the same.
    RelayOnly,
    /// The agent is closed.
    Closed,
}

impl Refused {
    /// The reason as a clause.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Component => "there is no such component",
            Self::Name => "its address is a name that was not resolved",
            Self::Type => "its type is none of RFC 8445",
            Self::Transport => "its transport is neither UDP nor TCP",
            Self::Priority => "its priority is not between 1 and 2147483647",
            Self::Port => "its port is 0",
            Self::Address => "its address is unspecified or multicast",
            Self::TooMany => "too many candidates",
            Self::Redundant => "it is known already",
            Self::LiteHostOnly => "a lite agent has host candidates only",
            Self::Rule => "a rule leaves it out",
            Self::RelayOnly => "only relayed candidates are used",
            Self::Closed => "the agent is closed",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())
    }
}

impl core::error::Error for Refused {}
