//! Observations: one request each, and what became of it.

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::str::FromStr;

/// An address and port, or a name and port where only a name is known: a STUN URL of a browser, a base hidden by mDNS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// An IP address and port.
    Address(SocketAddr),
    /// A name in lower case, and port; 0 where hidden.
    Name(String, u16),
}

/// Longest text that parses as an [`Endpoint`]; a domain name has at most 253 characters.
const MAX_ENDPOINT: usize = 300;

impl Endpoint {
    /// The address, when it is known.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Name(..) => None,
        }
    }

    /// The IP address, when it is known and says something (not `0.0.0.0` or `::`).
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self {
            Self::Address(address) => address.port(),
            Self::Name(_, port) => *port,
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name, port) => write!(f, "{name}:{port}"),
        }
    }
}

/// The text is not an address, name or STUN URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointError;

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an address: write 192.0.2.1:3478, [2001:db8::1]:3478, name:3478 or stun:name:3478")
    }
}

impl core::error::Error for EndpointError {}

impl FromStr for Endpoint {
    type Err = EndpointError;

    /// `address:port`, `name:port`, either after `stun:`, `stuns:`, `turn:` or `turns:` (then the port may be missing
    /// and `?transport=…` may follow), an address alone (port 0), or a name alone (port 0).
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.is_empty() || text.len() > MAX_ENDPOINT {
            return Err(EndpointError);
        }
        let (rest, default_port) = match text.split_once(':') {
            Some(("stun" | "turn", rest)) => (rest, 3478),
            Some(("stuns" | "turns", rest)) => (rest, 5349),
            _ => (text, 0),
        };
        let rest = rest.split_once('?').map_or(rest, |(host, _)| host);
        if let Ok(address) = rest.parse::<SocketAddr>() {
            return Ok(Self::Address(address));
        }
        let bare = rest.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(rest);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(Self::Address(SocketAddr::new(ip, default_port)));
        }
        let (name, port) = match rest.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().map_err(|_| EndpointError)?),
            None => (rest, default_port),
        };
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if name.is_empty() || !name.bytes().all(valid) {
            return Err(EndpointError);
        }
        Ok(Self::Name(name.to_ascii_lowercase(), port))
    }
}

/// Kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// A plain Binding request: the answer carries the mapped address.
    Binding,
    /// A Binding request that asks for an answer from the other address and the other port (RFC 5780 §4.4 test II).
    ChangeIpPort,
    /// A Binding request that asks for an answer from the other port (RFC 5780 §4.4 test III).
    ChangePort,
    /// A packet was sent to the mapped address from [`Observation::expected`], unasked for.
    Unsolicited,
    /// A packet was sent from behind the NAT to its own mapped address, which is the destination.
    Hairpin,
    /// Whether the mapping was still there after [`Observation::idle`] seconds of silence.
    Lifetime,
    /// The mapped address is what a peer saw as source: a peer-reflexive candidate.
    Peer,
    /// The mapped address is what the gateway says of itself (UPnP, NAT-PMP, PCP).
    Gateway,
    /// A TCP connection to the destination: tells blocked UDP from a dead network.
    Tcp,
    /// A Binding request padded beyond the MTU, so that it is fragmented (RFC 5780 §4.5, PADDING).
    Fragments,
}

impl Test {
    const NAMES: [(Self, &'static str); 10] = [
        (Self::Binding, "binding"),
        (Self::ChangeIpPort, "change-ip-port"),
        (Self::ChangePort, "change-port"),
        (Self::Unsolicited, "unsolicited"),
        (Self::Hairpin, "hairpin"),
        (Self::Lifetime, "lifetime"),
        (Self::Peer, "peer"),
        (Self::Gateway, "gateway"),
        (Self::Tcp, "tcp"),
        (Self::Fragments, "fragments"),
    ];

    /// The name in the npm package.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(test, _)| *test == self).map_or("binding", |(_, name)| name)
    }

    /// The inverse of [`Test::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(test, _)| *test)
    }
}

/// Result of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something arrived.
    Answer {
        /// XOR-MAPPED-ADDRESS, or the address that the test is about; `None` when a browser hid it as equal to another.
        mapped: Option<SocketAddr>,
        /// Source of the answer; `None` when not known.
        from: Option<SocketAddr>,
        /// MAPPED-ADDRESS next to XOR-MAPPED-ADDRESS, which an ALG may have rewritten.
        plain: Option<SocketAddr>,
    },
    /// Nothing arrived.
    Silence,
    /// A STUN error response with this code.
    Error(u16),
    /// The test was not made, because the server can't serve it: `no-other-address`, `other-address-unusable`,
    /// `server-pool`, `response-port-ignored`, `response-port-silent`, `server-silent`.
    Untestable(&'static str),
}

impl Outcome {
    const REASONS: [&'static str; 6] = [
        "no-other-address",
        "other-address-unusable",
        "server-pool",
        "response-port-ignored",
        "response-port-silent",
        "server-silent",
    ];

    /// The reason of [`Outcome::Untestable`] with that text; `untestable` when there is none.
    #[must_use]
    pub fn reason(text: &str) -> &'static str {
        Self::REASONS.into_iter().find(|reason| *reason == text).unwrap_or("untestable")
    }
}

/// Observer of the mapped address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A STUN transaction on our own socket.
    Stun,
    /// A server-reflexive candidate of a browser.
    Srflx,
    /// A relayed candidate's related address.
    Relay,
    /// A peer.
    Peer,
    /// The browser's TURN loopback : a relayed packet to the srflx address.
    TurnLoopback,
    /// Anything else.
    Other,
}

impl Source {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Stun, "stun"),
        (Self::Srflx, "srflx"),
        (Self::Relay, "relay"),
        (Self::Peer, "peer"),
        (Self::TurnLoopback, "turn-loopback"),
        (Self::Other, "other"),
    ];

    /// The name in the npm package.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(source, _)| *source == self).map_or("other", |(_, name)| name)
    }

    /// The inverse of [`Source::name`]; [`Source::Other`] for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::NAMES.iter().find(|(_, known)| *known == name).map_or(Self::Other, |(source, _)| *source)
    }
}

/// Conditions under which a peer-reflexive address says anything on mapping: the caller knows them, the data does not.
/// See [`crate::nat::infer`] for the conditions that the data does show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Every candidate of the sender had been signalled and processed before the check arrived.
    pub all_signalled: bool,
    /// The check came from the base of the compared candidates: the low 24 bits of PRIORITY match.
    pub same_base: bool,
    /// The sender's base is not a relay.
    pub not_relay: bool,
    /// No ICE restart, network change or idle time beyond the mapping's lifetime in between.
    pub same_generation: bool,
}

impl Conditions {
    /// All four hold.
    #[must_use]
    pub const fn all(self) -> bool {
        self.all_signalled && self.same_base && self.not_relay && self.same_generation
    }
}

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The local address the request left from, as the host knows it. Requests of one socket share it.
    pub base: Endpoint,
    /// Destination of the request.
    pub destination: Endpoint,
    /// Kind of request.
    pub test: Test,
    /// Result of the request.
    pub outcome: Outcome,
    /// Observer of the mapped address.
    pub source: Source,
    /// When it was over, in milliseconds of any clock.
    pub time: Option<f64>,
    /// How often the request was sent until the answer, or in all; `None` when unknown.
    pub sends: Option<u32>,
    /// Address that should answer a test of filtering.
    pub expected: Option<SocketAddr>,
    /// Seconds of silence before a [`Test::Lifetime`].
    pub idle: Option<f64>,
    /// Requests of one socket with the same number left at the same moment, so that their mappings were there together.
    pub burst: Option<u32>,
    /// The mapped address came in MAPPED-ADDRESS alone, which an ALG may have rewritten.
    pub plain_only: bool,
    /// For [`Test::Peer`].
    pub conditions: Conditions,
    /// Name of the network interface of the base; empty when unknown.
    pub interface: String,
}

impl Observation {
    /// Any test with any outcome; the rest is set by field.
    #[must_use]
    pub const fn new(base: Endpoint, destination: Endpoint, test: Test, outcome: Outcome) -> Self {
        Self {
            base,
            destination,
            test,
            outcome,
            source: Source::Stun,
            time: None,
            sends: None,
            expected: None,
            idle: None,
            burst: None,
            plain_only: false,
            conditions: Conditions { all_signalled: false, same_base: false, not_relay: false, same_generation: false },
            interface: String::new(),
        }
    }

    /// A plain Binding request answered by its destination.
    #[must_use]
    pub const fn binding(base: Endpoint, destination: Endpoint, mapped: SocketAddr) -> Self {
        let from = destination.address();
        Self::new(base, destination, Test::Binding, Outcome::Answer { mapped: Some(mapped), from, plain: None })
    }

    /// The mapped address of an answer.
    #[must_use]
    pub const fn mapped(&self) -> Option<SocketAddr> {
        match self.outcome {
            Outcome::Answer { mapped, .. } => mapped,
            _ => None,
        }
    }

    /// Something arrived.
    #[must_use]
    pub const fn answered(&self) -> bool {
        matches!(self.outcome, Outcome::Answer { .. })
    }

    /// Address that the answer came from: as seen, or the destination when that was not recorded.
    #[must_use]
    pub fn answered_from(&self) -> Option<SocketAddr> {
        match self.outcome {
            Outcome::Answer { from: Some(from), .. } => Some(from),
            Outcome::Answer { from: None, .. } => match self.test {
                Test::Binding => self.destination.address(),
                _ => self.expected,
            },
            _ => None,
        }
    }
}
