//! A NAT without a network: packets in, packets and decisions out.

mod decision;
mod ports;
mod presets;
mod rewrite;
mod spec;
mod table;

pub use decision::{Decision, Direction, Reason};
pub use presets::Preset;
pub use spec::{Firewall, Fragments, Hairpin, NatSpec, PoolChoice, PortChoice, Timers, Translation, Unsolicited};

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::HashMap;

use super::random::Random;
use super::{Packet, Protocol};
use crate::nat::{Behaviour, FilterScope};
use ports::Ports;
use table::{Key, Mapping, Remote, Table};

/// Mappings at most.
pub const MAX_MAPPINGS: usize = 65_536;
/// Remotes that a filter remembers per mapping or endpoint; further ones are not remembered.
const MAX_CONTACTED: usize = 4096;
/// How long a connection to the NAT itself is remembered.
const TAKEN: Duration = Duration::from_secs(30);

/// A side of a NAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Side of the hosts.
    Inside,
    /// Side of the servers.
    Outside,
}

/// Fate of a packet.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) decision: Decision,
    /// The packet as it goes on, and to which side.
    pub(super) forward: Option<(Side, Packet)>,
    /// An ICMP error back to where it came from.
    pub(super) reply: Option<Packet>,
}

/// A NAT, firewall or carrier's translator.
///
/// ```
/// use core::time::Duration;
/// use icelens::sim::{Packet, NatDevice, NatSpec, Preset, Reason, Side};
///
/// let mut spec = NatSpec::preset(Preset::LinuxMasquerade);
/// spec.pool = vec!["203.0.113.5".parse()?];
/// let mut nat = NatDevice::new(spec, 1);
/// let request = Packet::udp("10.0.0.2:5000".parse()?, "198.51.100.1:3478".parse()?, vec![]);
/// let (decision, sent, _) = nat.handle(Duration::ZERO, Side::Inside, request);
/// assert_eq!(sent.map(|(_, packet)| packet.source), Some("203.0.113.5:5000".parse()?)); // the port is kept
/// let stranger = Packet::udp("198.51.100.9:1".parse()?, "203.0.113.5:5000".parse()?, vec![]);
/// let (decision, sent, _) = nat.handle(Duration::ZERO, Side::Outside, stranger);
/// assert!(matches!(decision.reason, Reason::Filtered(_)) && sent.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NatDevice {
    spec: NatSpec,
    table: Table,
    ports: Ports,
    random: Random,
    /// Remotes that each internal endpoint contacted, for filters of that scope.
    contacted: HashMap<SocketAddr, HashMap<Remote, Duration>>,
    /// External address and remote of connections to the NAT itself.
    taken: HashMap<(SocketAddr, SocketAddr), Duration>,
    /// Internal addresses in the order they appeared, for one-to-one and paired pools.
    hosts: Vec<IpAddr>,
    window: (u64, u32),
    boots: u64,
}

impl NatDevice {
    /// A NAT with its own randomness.
    #[must_use]
    pub fn new(mut spec: NatSpec, seed: u64) -> Self {
        spec.max_mappings = spec.max_mappings.min(MAX_MAPPINGS);
        Self {
            ports: Ports::default(),
            random: Random::new(seed, 0x6e61_7400),
            spec,
            table: Table::default(),
            contacted: HashMap::new(),
            taken: HashMap::new(),
            hosts: Vec::new(),
            window: (0, 0),
            boots: 0,
        }
    }

    /// The parameters.
    #[must_use]
    pub const fn spec(&self) -> &NatSpec {
        &self.spec
    }

    /// Mappings, those that expired since they were last looked at included.
    #[must_use]
    pub fn mappings(&self) -> usize {
        self.table.len()
    }

    /// Forgets everything, as when switched off and on.
    pub fn reboot(&mut self) {
        self.table.clear();
        self.contacted.clear();
        self.taken.clear();
        self.ports = Ports::default();
    }

    /// Takes a packet that arrived on a side. Returns the decision, the packet as it goes on with its side, and an ICMP
    /// error for the sender where the NAT sends one.
    pub fn handle(
        &mut self,
        now: Duration,
        side: Side,
        packet: Packet,
    ) -> (Decision, Option<(Side, Packet)>, Option<Packet>) {
        let Step { decision, forward, reply } = self.step(now, side, packet);
        (decision, forward, reply)
    }

    pub(super) fn step(&mut self, now: Duration, side: Side, packet: Packet) -> Step {
        self.reboot_if_due(now);
        let before = (packet.source, packet.destination);
        let mut direction = if side == Side::Inside { Direction::Out } else { Direction::In };
        let mut reply = None;
        let result = if packet.fragments > 1 && self.spec.fragments == Fragments::Drop {
            Err(Reason::Fragment)
        } else if side == Side::Outside {
            self.inbound(now, packet, &mut reply)
        } else if self.is_own(packet.destination.ip()) {
            direction = Direction::Hairpin;
            self.hairpin(now, packet)
        } else {
            self.outbound(now, packet)
        };
        let (reason, forward) = match result {
            Ok((reason, side, packet)) => (reason, Some((side, packet))),
            Err(reason) => (reason, None),
        };
        let after = forward.as_ref().map(|(_, packet)| (packet.source, packet.destination));
        Step { decision: Decision { time: now, direction, before, after, reason }, forward, reply }
    }

    fn reboot_if_due(&mut self, now: Duration) {
        let Some(every) = self.spec.reboots_every.filter(|every| !every.is_zero()) else { return };
        let boots = (now.as_nanos() / every.as_nanos()) as u64;
        if boots != self.boots {
            self.boots = boots;
            self.reboot();
        }
    }

    fn is_own(&self, ip: IpAddr) -> bool {
        self.spec.pool.contains(&ip) && !matches!(self.spec.translation, Translation::None | Translation::Prefix)
    }

    fn outbound(&mut self, now: Duration, mut packet: Packet) -> Result<(Reason, Side, Packet), Reason> {
        self.may_go_out(&packet)?;
        let destination = match self.spec.translation {
            Translation::Nat64 => rewrite::from_nat64(packet.destination).ok_or(Reason::WrongFamily)?,
            _ => packet.destination,
        };
        let (id, new) = self.mapping_for(now, &packet, destination)?;
        let external = self.table.get(id).map(|mapping| mapping.external).ok_or(Reason::NoPort)?;
        if self.spec.alg {
            rewrite::payload(&mut packet.bytes, packet.source, external);
        }
        let reason = match (self.spec.translation, new) {
            (Translation::None, _) => Reason::NotTranslated,
            (_, true) => Reason::NewMapping(external),
            (_, false) => Reason::KnownMapping(external),
        };
        packet.source = external;
        packet.destination = destination;
        Ok((reason, Side::Outside, packet))
    }

    fn may_go_out(&self, packet: &Packet) -> Result<(), Reason> {
        let port = packet.destination.port();
        let closed = |only: &Option<Vec<u16>>| only.as_ref().is_some_and(|ports| !ports.contains(&port));
        let firewall = &self.spec.firewall;
        match packet.protocol {
            Protocol::Udp if closed(&firewall.udp_only) => Err(Reason::UdpBlocked),
            Protocol::Udp if port == 53 && firewall.inspect_dns && !rewrite::looks_like_dns(&packet.bytes) => {
                Err(Reason::NotDns)
            }
            Protocol::Tcp { .. } if closed(&firewall.tcp_only) => Err(Reason::TcpBlocked),
            _ => Ok(()),
        }
    }

    /// The mapping of a packet from inside, renewed; and whether it is new.
    fn mapping_for(&mut self, now: Duration, packet: &Packet, destination: SocketAddr) -> Result<(u64, bool), Reason> {
        let (tcp, opens, ends) = match packet.protocol {
            Protocol::Tcp { opens, ends } => (true, opens, ends),
            _ => (false, false, false),
        };
        let exit =
            (self.spec.pooling == PoolChoice::PerDestination).then(|| self.exit_towards(destination.ip())).flatten();
        let remote = remote(self.spec.mapping, destination);
        let tcp_key = tcp && !self.spec.protocol_shared;
        let mut key = Key { tcp: tcp_key, internal: packet.source, remote, exit };
        if self.spec.falters > 0.0 && self.spec.mapping == Behaviour::EndpointIndependent {
            let own = Key { remote: Remote::Port(destination), ..key };
            let falters = self.table.find(&own).is_some()
                || (self.table.find(&key).is_some() && self.random.chance(self.spec.falters));
            key = if falters { own } else { key };
        }
        let known = self.table.find(&key).filter(|id| self.alive(now, *id));
        let (id, new) = match known {
            Some(id) => (id, false),
            None => (self.open(now, key, destination)?, true),
        };
        if self.spec.timers.refresh_out || new {
            self.table.renew(id, now);
        }
        if let Some(mapping) = self.table.get_mut(id) {
            mapping.ending = (mapping.ending && !opens) || ends;
        }
        self.remember(now, id, packet.source, destination);
        Ok((id, new))
    }

    /// Whether a mapping lives; removes it when not.
    fn alive(&mut self, now: Duration, id: u64) -> bool {
        let Some(mapping) = self.table.get(id) else { return false };
        let alive = now < mapping.renewed.saturating_add(self.lifetime(mapping));
        if !alive {
            self.table.remove(id);
        }
        alive
    }

    fn lifetime(&self, mapping: &Mapping) -> Duration {
        let timers = &self.spec.timers;
        if mapping.key.tcp {
            return if mapping.replied && !mapping.ending { timers.tcp_established } else { timers.tcp_transitory };
        }
        let port = mapping.first_remote.port();
        if let Some((_, lifetime)) = timers.udp_ports.iter().find(|(special, _)| *special == port) {
            return *lifetime;
        }
        if mapping.replied { timers.udp_replied } else { timers.udp_unreplied }
    }

    fn open(&mut self, now: Duration, key: Key, destination: SocketAddr) -> Result<u64, Reason> {
        self.count_new(now)?;
        let host = key.internal.ip();
        if self.table.of_host(host) >= self.spec.max_per_host {
            return Err(Reason::TooManyOfHost);
        }
        if self.table.len() >= self.spec.max_mappings {
            let oldest = self.table.oldest().ok_or(Reason::TooManyMappings)?;
            if self.alive(now, oldest) && !self.spec.evict {
                return Err(Reason::TooManyMappings);
            }
            self.table.remove(oldest);
        }
        let external = self.external_for(now, &key, destination)?;
        let mapping = Mapping {
            key,
            external,
            first_remote: destination,
            renewed: now,
            replied: false,
            ending: false,
            contacted: HashMap::new(),
        };
        Ok(self.table.insert(mapping))
    }

    fn count_new(&mut self, now: Duration) -> Result<(), Reason> {
        if self.window.0 != now.as_secs() {
            self.window = (now.as_secs(), 0);
        }
        self.window.1 = self.window.1.saturating_add(1);
        if self.window.1 > self.spec.max_new_per_second { Err(Reason::TooFast) } else { Ok(()) }
    }

    /// The external address of a new mapping.
    fn external_for(&mut self, now: Duration, key: &Key, destination: SocketAddr) -> Result<SocketAddr, Reason> {
        let internal = key.internal;
        match self.spec.translation {
            Translation::None => return Ok(internal),
            Translation::Prefix => {
                let pool = self.spec.pool.first().ok_or(Reason::WrongFamily)?;
                let ip = rewrite::with_prefix(internal.ip(), *pool).ok_or(Reason::WrongFamily)?;
                return Ok(SocketAddr::new(ip, internal.port()));
            }
            Translation::OneToOne => {
                let ip = self
                    .host_number(internal.ip())
                    .and_then(|number| self.spec.pool.get(number))
                    .ok_or(Reason::NoPort)?;
                return Ok(SocketAddr::new(*ip, internal.port()));
            }
            Translation::AddressAndPort | Translation::Nat64 => {}
        }
        let pool = self.spec.pool.len();
        let ip = match (key.exit, self.spec.pooling) {
            (Some(exit), _) => exit,
            (None, PoolChoice::Arbitrary) => {
                *self.spec.pool.get(self.random.below(pool as u64) as usize).ok_or(Reason::NoPort)?
            }
            (None, _) => {
                let number = self.host_number(internal.ip()).unwrap_or(0);
                *self.spec.pool.get(number % pool.max(1)).ok_or(Reason::NoPort)?
            }
        };
        self.choose_port(now, key, ip, destination).map(|port| SocketAddr::new(ip, port)).ok_or(Reason::NoPort)
    }

    /// The place of an internal address in the order they appeared; `None` when there are too many.
    fn host_number(&mut self, host: IpAddr) -> Option<usize> {
        if let Some(number) = self.hosts.iter().position(|known| *known == host) {
            return Some(number);
        }
        if self.hosts.len() >= 256 {
            return None;
        }
        self.hosts.push(host);
        Some(self.hosts.len() - 1)
    }

    fn exit_towards(&self, destination: IpAddr) -> Option<IpAddr> {
        let sum = match destination {
            IpAddr::V4(ip) => ip.octets().iter().map(|byte| usize::from(*byte)).sum::<usize>(),
            IpAddr::V6(ip) => ip.octets().iter().map(|byte| usize::from(*byte)).sum(),
        };
        self.spec.pool.get(sum % self.spec.pool.len().max(1)).copied()
    }

    /// The filter learns that an internal endpoint sent there.
    fn remember(&mut self, now: Duration, id: u64, internal: SocketAddr, destination: SocketAddr) {
        let remote = remote(self.spec.filtering, destination);
        let contacted = match self.spec.filter_scope {
            FilterScope::Mapping => self.table.get_mut(id).map(|mapping| &mut mapping.contacted),
            FilterScope::Endpoint => {
                let room = self.contacted.len() < MAX_MAPPINGS || self.contacted.contains_key(&internal);
                room.then(|| self.contacted.entry(internal).or_default())
            }
        };
        if let Some(contacted) = contacted
            && (contacted.len() < MAX_CONTACTED || contacted.contains_key(&remote))
        {
            contacted.insert(remote, now);
        }
    }

    /// Why a source may use a mapping, if it may.
    fn lets_in(&self, now: Duration, mapping: &Mapping, source: SocketAddr) -> Option<Reason> {
        let remote = remote(self.spec.filtering, source);
        let contacted = match self.spec.filter_scope {
            FilterScope::Mapping => Some(&mapping.contacted),
            FilterScope::Endpoint => self.contacted.get(&mapping.key.internal),
        };
        let known = contacted.and_then(|contacted| contacted.get(&remote));
        let alive =
            |since: &Duration| self.spec.timers.filter.is_none_or(|lifetime| now < since.saturating_add(lifetime));
        match self.spec.filtering {
            Behaviour::EndpointIndependent => Some(Reason::AnySource),
            Behaviour::AddressDependent => known.filter(|since| alive(since)).map(|_| Reason::KnownAddress),
            Behaviour::AddressAndPortDependent => known.filter(|since| alive(since)).map(|_| Reason::KnownPort),
        }
    }

    fn inbound(
        &mut self,
        now: Duration,
        mut packet: Packet,
        reply: &mut Option<Packet>,
    ) -> Result<(Reason, Side, Packet), Reason> {
        if packet.protocol != Protocol::IcmpUnreachable && self.is_own(packet.destination.ip()) {
            let port = packet.destination.port();
            if let Some((_, internal)) = self.spec.forwards.iter().find(|(external, _)| *external == port) {
                packet.destination = *internal;
                return Ok((Reason::Forwarded, Side::Inside, packet));
            }
        }
        let tcp = matches!(packet.protocol, Protocol::Tcp { .. }) && !self.spec.protocol_shared;
        let mut refusal = Reason::NoMapping;
        for id in self.table.at(tcp, packet.destination) {
            if !self.alive(now, id) {
                continue;
            }
            let Some(mapping) = self.table.get(id) else { continue };
            if packet.protocol == Protocol::IcmpUnreachable {
                return Ok(self.icmp(id, packet));
            }
            match self.lets_in(now, mapping, packet.source) {
                Some(reason) => return Ok(self.deliver(now, id, reason, packet)),
                None => refusal = Reason::Filtered(self.spec.filtering),
            }
        }
        self.refuse(now, tcp, &packet, reply);
        Err(refusal)
    }

    fn deliver(&mut self, now: Duration, id: u64, reason: Reason, mut packet: Packet) -> (Reason, Side, Packet) {
        if self.spec.timers.refresh_in {
            self.table.renew(id, now);
        }
        let external = packet.destination;
        if let Some(mapping) = self.table.get_mut(id) {
            mapping.replied = true;
            if let Protocol::Tcp { ends, .. } = packet.protocol {
                mapping.ending |= ends;
            }
            packet.destination = mapping.key.internal;
        }
        if self.spec.alg {
            rewrite::payload(&mut packet.bytes, external, packet.destination);
        }
        if self.spec.translation == Translation::Nat64 {
            packet.source = rewrite::to_nat64(packet.source);
        }
        (reason, Side::Inside, packet)
    }

    fn icmp(&mut self, id: u64, mut packet: Packet) -> (Reason, Side, Packet) {
        if let Some(mapping) = self.table.get(id) {
            packet.destination = mapping.key.internal;
        }
        if self.spec.icmp_ends_mapping {
            self.table.remove(id);
        }
        (Reason::IcmpError, Side::Inside, packet)
    }

    /// A packet is not let in.
    fn refuse(&mut self, now: Duration, tcp: bool, packet: &Packet, reply: &mut Option<Packet>) {
        match self.spec.unsolicited {
            Unsolicited::Drop => {}
            Unsolicited::IcmpUnreachable if packet.protocol == Protocol::IcmpUnreachable => {}
            Unsolicited::IcmpUnreachable => {
                *reply = Some(Packet {
                    protocol: Protocol::IcmpUnreachable,
                    source: packet.destination,
                    destination: packet.source,
                    bytes: Vec::new(),
                    fragments: 1,
                    id: 0,
                });
            }
            Unsolicited::DestroysMapping => {
                for id in self.table.at(tcp, packet.destination) {
                    self.table.remove(id);
                }
            }
            Unsolicited::TakesTuple => {
                let tuple = (packet.destination, packet.source);
                if self.taken.len() < MAX_MAPPINGS || self.taken.contains_key(&tuple) {
                    self.taken.insert(tuple, now);
                }
            }
        }
    }

    fn hairpin(&mut self, now: Duration, packet: Packet) -> Result<(Reason, Side, Packet), Reason> {
        self.may_go_out(&packet)?;
        if self.spec.hairpin == Hairpin::None {
            return Err(Reason::NoHairpin);
        }
        let internal = packet.source;
        let destination = packet.destination;
        let (id, _) = self.mapping_for(now, &packet, destination)?;
        let external = self.table.get(id).map(|mapping| mapping.external).ok_or(Reason::NoPort)?;
        if self.spec.drop_land && external == destination {
            return Err(Reason::Land);
        }
        let mut reply = None;
        let (reason, side, mut packet) = self.inbound(now, Packet { source: external, ..packet }, &mut reply)?;
        if self.spec.hairpin == Hairpin::InternalSource {
            packet.source = internal;
        }
        Ok((reason, side, packet))
    }
}

/// The other end, as far as a behaviour remembers it.
const fn remote(behaviour: Behaviour, other: SocketAddr) -> Remote {
    match behaviour {
        Behaviour::EndpointIndependent => Remote::Any,
        Behaviour::AddressDependent => Remote::Address(other.ip()),
        Behaviour::AddressAndPortDependent => Remote::Port(other),
    }
}
