//! A network under virtual time: hosts, links, NATs, STUN servers. Same seed, same run, to the byte.
//!
//! A [`World`] moves [`Packet`]s between machines that know nothing of it; a [`NatDevice`] can be used by itself, for
//! it is a machine too. Every decision of a NAT is a [`Decision`] with its [`Reason`].
//!
//! ```
//! use core::time::Duration;
//! use icelens::nat::Classic;
//! use icelens::sim::{Link, NatSpec, Place, Preset, SimServer, World, client_options};
//!
//! let mut world = World::new(7);
//! let server = SimServer::new("198.51.100.1:3478".parse()?, Some("198.51.100.2:3479".parse()?));
//! world.add_host(Place::Internet, server.addresses(), Link::default(), server.into());
//! let nat = world.add_nat(Place::Internet, NatSpec::preset(Preset::LinuxMasquerade), Link::default());
//! let options = client_options("10.0.0.2".parse()?, "198.51.100.1:3478".parse()?, 11, 7);
//! let client = world.add_discovery(Place::Behind(nat), options, Link::default());
//! world.run(Duration::from_secs(60));
//! let report = world.discovery(client).ok_or("no client")?.report();
//! assert_eq!(report.paths[0].classic, Classic::PortRestrictedCone);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compare;
mod evidence;
mod fault;
mod json;
mod link;
mod machine;
mod matrix;
mod namespace;
mod nat;
mod pcapng;
mod population;
mod random;
mod scenario;
mod simulation;
mod streams;
mod world;

pub use compare::{Comparison, Deciding, Row, compare_runs};
pub use evidence::{
    Agreement, Assumption, CandidateSeen, Change, Cut, End, EndSeen, ErrorSeen, Evidence, Fact, Limit, MAX_SEEN, Made,
    Other, PairSeen, Report, SideSeen, Source, StateSeen, Step,
};
pub use fault::{Fault, ScenarioError};
pub use link::{Burst, Link};
pub use machine::{Machine, Own, Quirk, SimServer, client_options};
pub use matrix::{MAX_KINDS, Matrix, MatrixOptions, cell, nine_kinds, traversal_matrix};
pub use nat::{
    Decision, Direction, Firewall, Fragments, Hairpin, MAX_MAPPINGS, NatDevice, NatSpec, PoolChoice, PortChoice,
    Preset, Reason, Side, Timers, Translation, Unsolicited,
};
pub use population::{
    BIN_MILLISECONDS, BINS, Kinds, MAX_CALLS, MAX_MIX, MixPart, Population, PopulationOptions, PopulationReport, Share,
    Times, relay_bandwidth,
};
pub use random::Random;
pub use scenario::{
    BUILT_IN, BuiltIn, Call, Happening, Host, INTERNET, LinkChoice, MAX_BYTES, MAX_HOSTS, MAX_LIST, MAX_NAME,
    MAX_NETWORKS, MAX_TIMED, MAX_UNTIL, NatChoice, Network, PortName, Program, Scenario, Timed,
};
pub use simulation::{
    Arrival, Cause, Entry, MAX_AT_ONCE, MAX_ENTRIES, MAX_STEPS, Message, Outcome, Selected, Simulation,
    SimulationResult, What,
};
pub use world::{HostId, MAX_EVENTS, MAX_TRACE, NatId, Place, Trace, World};

use core::net::SocketAddr;

/// Content of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A UDP datagram.
    Udp,
    /// A TCP segment that opens, or else carries.
    Tcp {
        /// SYN.
        opens: bool,
        /// FIN or RST.
        ends: bool,
    },
    /// An ICMP "port unreachable" about a packet that the destination of this one had sent.
    IcmpUnreachable,
}

/// A packet on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Content.
    pub protocol: Protocol,
    /// Source address and port.
    pub source: SocketAddr,
    /// Destination address and port.
    pub destination: SocketAddr,
    /// Payload.
    pub bytes: Vec<u8>,
    /// In how many pieces it travels since a link with a small MTU; 1 for whole.
    pub fragments: u16,
    /// Its number in the world, which it keeps over every hop; 0 until a host sends it.
    pub id: u64,
}

impl Packet {
    /// A TCP segment.
    #[must_use]
    pub const fn is_tcp(&self) -> bool {
        matches!(self.protocol, Protocol::Tcp { .. })
    }

    /// A UDP datagram.
    #[must_use]
    pub const fn udp(source: SocketAddr, destination: SocketAddr, bytes: Vec<u8>) -> Self {
        Self { protocol: Protocol::Udp, source, destination, bytes, fragments: 1, id: 0 }
    }
}
