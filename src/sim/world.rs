//! The world: networks in networks, and the queue of what happens next.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};

use super::Packet;
use super::link::{Link, Wire};
use super::machine::Machine;
use super::nat::{Decision, NatDevice, NatSpec, Reason, Side, Translation};
use super::random::Random;
use super::streams::Streams;
use crate::nat::discovery::{Discovery, Options};

/// Events of one [`World::run`] at most.
pub const MAX_EVENTS: u64 = 10_000_000;
/// Entries of the trace at most.
pub const MAX_TRACE: usize = 1_000_000;
/// Packets on their way at most; further ones are lost.
const MAX_QUEUE: usize = 100_000;

/// A host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(usize);

/// A NAT, and the network behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NatId(usize);

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The one that everything is connected to.
    Internet,
    /// The one behind a NAT.
    Behind(NatId),
}

/// One line of the trace.
#[derive(Debug, Clone, PartialEq)]
pub enum Trace {
    /// A host sent a packet.
    Sent {
        /// When.
        time: Duration,
        /// Host that sent it.
        host: HostId,
        /// The packet.
        packet: Packet,
    },
    /// A NAT decided.
    Nat {
        /// Which.
        nat: NatId,
        /// The decision, with its reason.
        decision: Decision,
        /// The packet as it came.
        packet: Packet,
    },
    /// A link lost a packet.
    Lost {
        /// When it was sent.
        time: Duration,
        /// The packet's number.
        id: u64,
        /// From where.
        source: SocketAddr,
        /// To where.
        destination: SocketAddr,
    },
    /// There is no way to that address.
    NoRoute {
        /// When.
        time: Duration,
        /// The packet's number.
        id: u64,
        /// From where.
        source: SocketAddr,
        /// To where.
        destination: SocketAddr,
    },
    /// A packet reached a host.
    Received {
        /// When.
        time: Duration,
        /// Host that received it.
        host: HostId,
        /// The packet.
        packet: Packet,
    },
}

#[derive(Debug)]
enum Kind {
    Host(Machine),
    Nat(Box<NatDevice>),
}

/// A host or NAT, in the network it is connected to.
#[derive(Debug)]
struct Node {
    place: Place,
    up: Wire,
    down: Wire,
    kind: Kind,
    streams: Streams,
    timer: Option<Duration>,
}

#[derive(Debug)]
enum Event {
    /// A packet came out of a link into a network.
    Enters(Place, Packet),
    /// A packet came out of a link at a node.
    Arrives(usize, Packet),
    Timer(usize),
}

/// A network under virtual time. Same seed, same run.
#[derive(Debug)]
pub struct World {
    seed: u64,
    now: Duration,
    sequence: u64,
    packets: u64,
    queue: BTreeMap<(Duration, u64), Event>,
    nodes: Vec<Node>,
    routes: HashMap<(Place, IpAddr), usize>,
    trace: Option<Vec<Trace>>,
    /// How many packets each NAT dropped, by reason.
    drops: BTreeMap<(NatId, &'static str), (Reason, u64)>,
    /// Hosts whose machine did something since it was last asked.
    touched: Vec<HostId>,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            now: Duration::ZERO,
            sequence: 0,
            packets: 0,
            queue: BTreeMap::new(),
            nodes: Vec::new(),
            routes: HashMap::new(),
            trace: None,
            drops: BTreeMap::new(),
            touched: Vec::new(),
        }
    }

    /// Keeps a trace from now on.
    pub fn record(&mut self) {
        self.trace.get_or_insert_with(Vec::new);
    }

    /// The trace since it was last taken.
    pub fn take_trace(&mut self) -> Vec<Trace> {
        self.trace.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// Hosts whose machine did something since this was last asked.
    pub(super) fn take_touched(&mut self) -> Vec<HostId> {
        core::mem::take(&mut self.touched)
    }

    /// The trace so far.
    #[must_use]
    pub fn trace(&self) -> &[Trace] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// Virtual time.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// Connects a host; `link` is used in both directions.
    pub fn add_host(&mut self, place: Place, addresses: Vec<SocketAddr>, link: Link, machine: Machine) -> HostId {
        let id = self.nodes.len();
        for address in addresses {
            self.route(place, address.ip(), id);
        }
        self.add_node(place, link.clone(), link, Kind::Host(machine));
        self.settle(id);
        HostId(id)
    }

    /// Connects a client that discovers its NAT; its address is that of its sockets.
    pub fn add_discovery(&mut self, place: Place, options: Options, link: Link) -> HostId {
        let sockets = options.sockets.clone();
        self.add_host(place, sockets, link, Discovery::new(options).into())
    }

    /// Connects a NAT. Without a pool it gets an address: 203.0.113.100 and on, behind another NAT 100.64.0.2 and on.
    pub fn add_nat(&mut self, place: Place, spec: NatSpec, link: Link) -> NatId {
        self.add_nat_asymmetric(place, spec, link.clone(), link)
    }

    /// The same with another link for the way in.
    pub fn add_nat_asymmetric(&mut self, place: Place, mut spec: NatSpec, up: Link, down: Link) -> NatId {
        let id = self.nodes.len();
        if spec.pool.is_empty() && spec.translation != Translation::None {
            let last = u8::try_from(id % 100).unwrap_or(0);
            let ip = if place == Place::Internet { [203, 0, 113, 100 + last] } else { [100, 64, 0, 2 + last] };
            spec.pool.push(ip.into());
        }
        for ip in spec.pool.clone() {
            self.route(place, ip, id);
        }
        let device = NatDevice::new(spec, self.seed.wrapping_add(id as u64));
        self.add_node(place, up, down, Kind::Nat(Box::new(device)));
        NatId(id)
    }

    fn add_node(&mut self, place: Place, up: Link, down: Link, kind: Kind) {
        let stream = self.nodes.len() as u64 * 2;
        let wire = |link, stream| Wire::new(link, Random::new(self.seed, 0x7769_7265 + stream));
        let (up, down) = (wire(up, stream), wire(down, stream + 1));
        self.nodes.push(Node { place, up, down, kind, streams: Streams::default(), timer: None });
    }

    /// Packets to `ip` in a network go to a node. An address that no NAT on the way translates is known further out too.
    fn route(&mut self, place: Place, ip: IpAddr, node: usize) {
        let (mut place, mut node) = (place, node);
        loop {
            self.routes.insert((place, ip), node);
            let Place::Behind(NatId(nat)) = place else { return };
            let Some(Node { place: outer, kind: Kind::Nat(device), .. }) = self.nodes.get(nat) else { return };
            if device.spec().translation != Translation::None {
                return;
            }
            (place, node) = (*outer, nat);
        }
    }

    /// The machine on a host.
    #[must_use]
    pub fn machine(&self, host: HostId) -> Option<&Machine> {
        match &self.nodes.get(host.0)?.kind {
            Kind::Host(machine) => Some(machine),
            Kind::Nat(_) => None,
        }
    }

    /// The machine on a host, to change.
    pub fn machine_mut(&mut self, host: HostId) -> Option<&mut Machine> {
        match &mut self.nodes.get_mut(host.0)?.kind {
            Kind::Host(machine) => Some(machine),
            Kind::Nat(_) => None,
        }
    }

    /// The discovery that runs on a host.
    #[must_use]
    pub fn discovery(&self, host: HostId) -> Option<&Discovery> {
        match self.machine(host)? {
            Machine::Discovery(discovery) => Some(discovery),
            _ => None,
        }
    }

    /// A NAT.
    pub fn nat_mut(&mut self, nat: NatId) -> Option<&mut NatDevice> {
        match &mut self.nodes.get_mut(nat.0)?.kind {
            Kind::Nat(device) => Some(device),
            Kind::Host(_) => None,
        }
    }

    /// When the next event is due.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        self.queue.first_key_value().map(|((time, _), _)| *time)
    }

    /// How many packets each NAT dropped, by reason.
    pub fn drops(&self) -> impl Iterator<Item = (NatId, Reason, u64)> {
        self.drops.iter().map(|((nat, _), (reason, count))| (*nat, *reason, *count))
    }

    /// How many packets hosts have sent.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// Moves the clock on to `now`, if nothing is due before, so that what is changed next happens then.
    pub fn advance(&mut self, now: Duration) {
        if self.next_event().is_none_or(|next| next >= now) {
            self.now = self.now.max(now);
        }
    }

    /// Changes the way out of a node's network link and the way in; `None` leaves one as it is.
    pub fn set_links(&mut self, host: HostId, up: Option<Link>, down: Option<Link>) {
        let Some(node) = self.nodes.get_mut(host.0) else { return };
        if let Some(up) = up {
            node.up.link = up;
        }
        if let Some(down) = down {
            node.down.link = down;
        }
    }

    /// Takes a host out of its network and puts it into another, with other addresses.
    pub fn move_host(&mut self, host: HostId, place: Place, addresses: &[IpAddr]) {
        self.routes.retain(|_, node| *node != host.0);
        if let Some(node) = self.nodes.get_mut(host.0) {
            node.place = place;
        }
        for ip in addresses {
            self.route(place, *ip, host.0);
        }
    }

    /// Runs `change` on the machine of a host, then sends what it has to send and sets its timer.
    pub fn with_machine<R>(&mut self, host: HostId, change: impl FnOnce(&mut Machine) -> R) -> Option<R> {
        let result = change(self.machine_mut(host)?);
        self.settle(host.0);
        Some(result)
    }

    /// Sends a packet from a host, now.
    pub fn send(&mut self, host: HostId, packet: Packet) {
        self.leave(host.0, packet, true);
    }

    /// Runs until that time, until nothing is left to happen, or for [`MAX_EVENTS`]. Returns how many events there were.
    pub fn run(&mut self, until: Duration) -> u64 {
        let mut events = 0;
        while events < MAX_EVENTS && self.step(until) {
            events += 1;
        }
        self.now = self.now.max(if events < MAX_EVENTS { until } else { self.now });
        events
    }

    /// Makes the next event happen, if it is not after `until`.
    pub fn step(&mut self, until: Duration) -> bool {
        let Some(entry) = self.queue.first_entry() else { return false };
        if entry.key().0 > until {
            return false;
        }
        let ((time, _), event) = entry.remove_entry();
        self.now = time;
        match event {
            Event::Enters(place, packet) => self.enters(place, packet),
            Event::Arrives(node, packet) => self.arrives(node, packet),
            Event::Timer(node) => self.timer(node),
        }
        true
    }

    /// False when there is no room. Timers have some of their own: packets without end must not stop a host's clock.
    fn schedule(&mut self, after: Duration, event: Event) -> bool {
        let room = if matches!(event, Event::Timer(_)) { 2 * MAX_QUEUE } else { MAX_QUEUE };
        let has_room = self.queue.len() < room;
        if has_room {
            self.sequence += 1;
            self.queue.insert((self.now.saturating_add(after), self.sequence), event);
        }
        has_room
    }

    fn note(&mut self, line: impl FnOnce() -> Trace) {
        if let Some(trace) = self.trace.as_mut().filter(|trace| trace.len() < MAX_TRACE) {
            trace.push(line());
        }
    }

    /// A packet leaves a node into the network that the node is connected to.
    fn leave(&mut self, node: usize, mut packet: Packet, from_host: bool) {
        let now = self.now;
        if from_host {
            self.packets += 1;
            packet.id = self.packets;
            self.note(|| Trace::Sent { time: now, host: HostId(node), packet: packet.clone() });
        }
        let Some(Node { place, up, .. }) = self.nodes.get_mut(node) else { return };
        let place = *place;
        packet.fragments = packet.fragments.max(up.fragments(packet.bytes.len()));
        let delays = up.carry(now, packet.bytes.len(), packet.fragments);
        let again = up.again();
        self.carried(delays, packet, again, |packet| Event::Enters(place, packet));
    }

    /// A packet goes down from a network to a node.
    fn go_down(&mut self, node: usize, mut packet: Packet) {
        let Some(Node { down, .. }) = self.nodes.get_mut(node) else { return };
        packet.fragments = packet.fragments.max(down.fragments(packet.bytes.len()));
        let delays = down.carry(self.now, packet.bytes.len(), packet.fragments);
        let again = down.again();
        self.carried(delays, packet, again, |packet| Event::Arrives(node, packet));
    }

    /// A link has carried a packet: it arrives after the first delay, after the second again, or not at all.
    fn carried(
        &mut self,
        [first, second]: [Option<Duration>; 2],
        packet: Packet,
        again: Option<Duration>,
        event: impl Fn(Packet) -> Event,
    ) {
        // TCP sends again what is lost, and leaves out what comes twice.
        let (first, second) = if packet.is_tcp() { (first.or(again), None) } else { (first, second) };
        match (first, second) {
            (Some(first), None) => _ = self.schedule(first, event(packet)),
            (Some(first), Some(second)) => {
                self.schedule(first, event(packet.clone()));
                self.schedule(second, event(packet));
            }
            (None, _) => {
                let (time, id) = (self.now, packet.id);
                let (source, destination) = (packet.source, packet.destination);
                self.note(|| Trace::Lost { time, id, source, destination });
            }
        }
    }

    fn enters(&mut self, place: Place, packet: Packet) {
        if let Some(node) = self.routes.get(&(place, packet.destination.ip())).copied() {
            return self.go_down(node, packet);
        }
        match place {
            Place::Behind(nat) => self.through(nat, Side::Inside, packet),
            Place::Internet => {
                let (time, id) = (self.now, packet.id);
                let (source, destination) = (packet.source, packet.destination);
                self.note(|| Trace::NoRoute { time, id, source, destination });
            }
        }
    }

    fn arrives(&mut self, node: usize, packet: Packet) {
        let now = self.now;
        match self.nodes.get_mut(node) {
            Some(Node { kind: Kind::Nat(_), .. }) => self.through(NatId(node), Side::Outside, packet),
            Some(Node { kind: Kind::Host(machine), streams, .. }) => {
                let copy = self.trace.is_some().then(|| packet.clone());
                let (replies, is_message) = match packet.is_tcp() {
                    true => streams.receive(&packet, machine.listens()),
                    false => (Vec::new(), true),
                };
                if is_message {
                    machine.receive(now, packet);
                }
                if let Some(packet) = copy {
                    self.note(|| Trace::Received { time: now, host: HostId(node), packet });
                }
                for reply in replies {
                    self.leave(node, reply, true);
                }
                self.settle(node);
            }
            None => {}
        }
    }

    fn through(&mut self, nat: NatId, side: Side, packet: Packet) {
        let now = self.now;
        let copy = self.trace.is_some().then(|| packet.clone());
        let Some(device) = self.nat_mut(nat) else { return };
        let (decision, forward, reply) = device.handle(now, side, packet);
        if !decision.reason.passes() {
            self.drops.entry((nat, decision.reason.name())).or_insert((decision.reason, 0)).1 += 1;
        }
        if let Some(packet) = copy {
            self.note(|| Trace::Nat { nat, decision, packet });
        }
        match forward {
            Some((Side::Outside, packet)) => self.leave(nat.0, packet, false),
            Some((Side::Inside, packet)) => self.enters_inside(nat, packet),
            None => {}
        }
        if let Some(reply) = reply {
            match side {
                Side::Outside => self.leave(nat.0, reply, false),
                Side::Inside => self.enters_inside(nat, reply),
            }
        }
    }

    /// A packet that a NAT let in goes to the host it is for, or nowhere.
    fn enters_inside(&mut self, nat: NatId, packet: Packet) {
        match self.routes.get(&(Place::Behind(nat), packet.destination.ip())).copied() {
            Some(node) => self.go_down(node, packet),
            None => {
                let (time, id) = (self.now, packet.id);
                let (source, destination) = (packet.source, packet.destination);
                self.note(|| Trace::NoRoute { time, id, source, destination });
            }
        }
    }

    fn timer(&mut self, node: usize) {
        let now = self.now;
        let Some(Node { kind: Kind::Host(machine), timer, .. }) = self.nodes.get_mut(node) else { return };
        // Another has taken its place, which was due earlier.
        if *timer != Some(now) {
            return;
        }
        *timer = None;
        if machine.poll_timeout().is_some_and(|due| due <= now) {
            machine.timeout(now);
        }
        self.settle(node);
    }

    /// Sends what a machine has to send, and sets its timer.
    fn settle(&mut self, node: usize) {
        if !self.touched.contains(&HostId(node)) {
            self.touched.push(HostId(node));
        }
        loop {
            let Some(Node { kind: Kind::Host(machine), streams, .. }) = self.nodes.get_mut(node) else { return };
            let Some(packet) = machine.poll_transmit() else { break };
            let packet = if packet.is_tcp() { streams.send(packet) } else { Some(packet) };
            if let Some(packet) = packet {
                self.leave(node, packet, true);
            }
        }
        let now = self.now;
        let Some(Node { kind: Kind::Host(machine), timer, .. }) = self.nodes.get_mut(node) else { return };
        let Some(due) = machine.poll_timeout().map(|due| due.max(now)) else { return };
        if timer.is_some_and(|set| set <= due) || !self.schedule(due.saturating_sub(now), Event::Timer(node)) {
            return;
        }
        if let Some(Node { timer, .. }) = self.nodes.get_mut(node) {
            *timer = Some(due);
        }
    }
}
