//! Everything a NAT may do differently.

use core::net::IpAddr;
use core::time::Duration;

use crate::nat::{Behaviour, FilterScope};

/// Kind of translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translation {
    /// Address and port (NAPT).
    AddressAndPort,
    /// One external address for each internal one, ports unchanged: the n-th host gets the n-th address of the pool.
    OneToOne,
    /// Nothing: a firewall.
    None,
    /// The first 64 bits of an IPv6 address (RFC 6296), to those of the first address of the pool.
    Prefix,
    /// IPv6 to IPv4 by 64:ff9b::/96 (RFC 6146).
    Nat64,
}

/// How an external port is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// The internal port, else a random one.
    PreserveElseRandom,
    /// The internal port, else the next free one.
    PreserveElseNext,
    /// The internal port even when it is in use, as long as address, port and destination together are unique, as Linux does.
    PreserveOverload,
    /// The port used last plus this step.
    Sequential(i16),
    /// Any.
    Random,
    /// The next one of a block of this size that the internal address has for itself (RFC 6888).
    Block(u16),
    /// Any of such a block.
    RandomInBlock(u16),
    /// A range fixed by the internal address (MAP-E, RFC 7597), of this size.
    FixedRange(u16),
}

/// Choice of the pool's address for a new mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolChoice {
    /// The same for all mappings of an internal address (RFC 4787 REQ-2).
    Paired,
    /// Any.
    Arbitrary,
    /// By the destination's address, as with several ways out.
    PerDestination,
}

/// Whether an internal host reaches an external address of its own NAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hairpin {
    /// No.
    None,
    /// Yes; the packet comes from the sender's external address (RFC 4787 REQ-9).
    ExternalSource,
    /// Yes; the packet comes from the sender's internal address.
    InternalSource,
}

/// Answer to a packet from outside that is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsolicited {
    /// It is dropped.
    Drop,
    /// It is dropped, and the sender is told.
    IcmpUnreachable,
    /// It is dropped, and the mapping it was sent to with it.
    DestroysMapping,
    /// It is dropped, and remembered as a connection to the NAT itself: a mapping that would use the same external port
    /// towards the same remote address gets another. What Linux does without a rule that drops such packets.
    TakesTuple,
}

/// Treatment of fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragments {
    /// They pass.
    Pass,
    /// They are dropped.
    Drop,
}

/// Lifetimes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timers {
    /// Of a UDP mapping that saw nothing come in.
    pub udp_unreplied: Duration,
    /// Of a UDP mapping that did.
    pub udp_replied: Duration,
    /// Of UDP mappings towards a destination port, such as 53.
    pub udp_ports: Vec<(u16, Duration)>,
    /// Of a TCP mapping before it is established, and after it ended.
    pub tcp_transitory: Duration,
    /// Of an established TCP mapping.
    pub tcp_established: Duration,
    /// Of what a filter remembers; that of the mapping when `None`.
    pub filter: Option<Duration>,
    /// Packets going out renew a mapping (RFC 4787 REQ-6: must).
    pub refresh_out: bool,
    /// Packets coming in do (may).
    pub refresh_in: bool,
}

/// Limits on what may go out at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Firewall {
    /// No UDP goes out, but to these ports.
    pub udp_only: Option<Vec<u16>>,
    /// No TCP goes out, but to these ports.
    pub tcp_only: Option<Vec<u16>>,
    /// On port 53 only what looks like DNS passes.
    pub inspect_dns: bool,
}

/// A NAT in all its parameters. [`NatSpec::default`] is what RFC 4787 asks of a home router.
#[derive(Debug, Clone, PartialEq)]
pub struct NatSpec {
    /// Kind of translation.
    pub translation: Translation,
    /// Mapping behaviour.
    pub mapping: Behaviour,
    /// UDP and TCP share mappings.
    pub protocol_shared: bool,
    /// Filtering behaviour.
    pub filtering: Behaviour,
    /// Memory of a filter.
    pub filter_scope: FilterScope,
    /// Port choice.
    pub ports: PortChoice,
    /// First and last external port.
    pub range: (u16, u16),
    /// Ports below 512, below 1024 and above stay in their class.
    pub keep_class: bool,
    /// Even ports get even ones, odd ports odd ones (RFC 4787 REQ-4).
    pub keep_parity: bool,
    /// The port after a mapped one gets the port after its external one, when free.
    pub keep_contiguity: bool,
    /// Mappings per second that others open.
    pub cross_traffic: f64,
    /// External addresses; the world gives one when empty.
    pub pool: Vec<IpAddr>,
    /// Address choice.
    pub pooling: PoolChoice,
    /// Lifetimes.
    pub timers: Timers,
    /// Hairpin.
    pub hairpin: Hairpin,
    /// A hairpinned packet to the sender's own mapping is dropped as an attack.
    pub drop_land: bool,
    /// Packets that are not let in.
    pub unsolicited: Unsolicited,
    /// An ICMP error ends the mapping it is about (RFC 4787 REQ-12: must not).
    pub icmp_ends_mapping: bool,
    /// Mappings at most; [`super::MAX_MAPPINGS`] at most.
    pub max_mappings: usize,
    /// Mappings of one internal address at most.
    pub max_per_host: usize,
    /// New mappings per second at most.
    pub max_new_per_second: u32,
    /// When full, the mapping that was not used for longest gives way; else the new one is refused.
    pub evict: bool,
    /// Rewrites its addresses where it finds them inside packets.
    pub alg: bool,
    /// Fragments.
    pub fragments: Fragments,
    /// Forgets everything this often.
    pub reboots_every: Option<Duration>,
    /// Chance that a new destination gets a mapping of its own although the mapping is endpoint-independent (RFC 4787 REQ-11: must be 0).
    pub falters: f64,
    /// Limits on what may go out.
    pub firewall: Firewall,
    /// Port mappings made by hand or by UPnP: UDP and TCP to this external port go to this internal address, from anywhere.
    pub forwards: Vec<(u16, core::net::SocketAddr)>,
}

impl Default for NatSpec {
    fn default() -> Self {
        Self {
            translation: Translation::AddressAndPort,
            mapping: Behaviour::EndpointIndependent,
            protocol_shared: false,
            filtering: Behaviour::AddressDependent,
            filter_scope: FilterScope::Mapping,
            ports: PortChoice::PreserveElseRandom,
            range: (1024, 65_535),
            keep_class: false,
            keep_parity: true,
            keep_contiguity: false,
            cross_traffic: 0.0,
            pool: Vec::new(),
            pooling: PoolChoice::Paired,
            timers: Timers {
                udp_unreplied: Duration::from_secs(120),
                udp_replied: Duration::from_secs(300),
                udp_ports: Vec::new(),
                tcp_transitory: Duration::from_secs(240),
                tcp_established: Duration::from_secs(7440),
                filter: None,
                refresh_out: true,
                refresh_in: false,
            },
            hairpin: Hairpin::ExternalSource,
            drop_land: false,
            unsolicited: Unsolicited::Drop,
            icmp_ends_mapping: false,
            max_mappings: super::MAX_MAPPINGS,
            max_per_host: super::MAX_MAPPINGS,
            max_new_per_second: u32::MAX,
            evict: false,
            alg: false,
            fragments: Fragments::Pass,
            reboots_every: None,
            falters: 0.0,
            firewall: Firewall::default(),
            forwards: Vec::new(),
        }
    }
}

impl NatSpec {
    /// A NAT with these two behaviours, random ports and no other peculiarity.
    #[must_use]
    pub fn new(mapping: Behaviour, filtering: Behaviour) -> Self {
        Self { mapping, filtering, ports: PortChoice::Random, keep_parity: false, ..Self::default() }
    }
}
