//! Programs that run on the hosts.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::VecDeque;

use super::random::Random;
use super::{Arrival, Packet, Protocol};
use crate::nat::discovery::{Discovery, Options};
use crate::nat::{ServerOptions, StunServer};
use crate::stun::{Message, attribute};
use crate::{ice, net, turn};

/// Packets that a [`Machine::Sink`] keeps; further ones are dropped.
const MAX_INBOX: usize = 4096;

/// A machine on a host.
#[derive(Debug)]
pub enum Machine {
    /// A STUN server.
    Server(Box<SimServer>),
    /// A client that discovers its NAT.
    Discovery(Box<Discovery>),
    /// An ICE agent.
    Ice(Box<ice::agent::Agent>),
    /// A TURN server, which answers Binding requests too.
    Turn(Box<turn::Server>),
    /// A program of the caller's own.
    Own(Box<Own>),
    /// Takes packets and does nothing with them.
    Silent,
    /// Keeps what arrives, for a test that plays the part itself.
    Sink(VecDeque<Packet>),
}

impl Machine {
    pub(super) fn receive(&mut self, now: Duration, datagram: Packet) {
        if let Self::Sink(inbox) = self {
            if inbox.len() < MAX_INBOX {
                inbox.push_back(datagram);
            }
            return;
        }
        let protocol = match datagram.protocol {
            Protocol::Udp => net::Protocol::Udp,
            Protocol::Tcp { .. } => net::Protocol::Tcp,
            Protocol::IcmpUnreachable => return,
        };
        let (local, remote, bytes) = (datagram.destination, datagram.source, datagram.bytes);
        let packet = net::Datagram { protocol, ..net::Datagram::udp(local, remote, bytes) };
        match self {
            Self::Server(server) => server.receive(packet),
            Self::Discovery(discovery) => discovery.receive(now, &packet),
            Self::Ice(agent) => agent.receive(now, &packet),
            Self::Turn(server) => server.receive(now, &packet),
            Self::Own(own) => own.receive(packet),
            Self::Sink(_) | Self::Silent => {}
        }
    }

    pub(super) fn timeout(&mut self, now: Duration) {
        match self {
            Self::Discovery(discovery) => discovery.timeout(now),
            Self::Ice(agent) => agent.timeout(now),
            Self::Turn(server) => server.timeout(now),
            Self::Own(own) => own.timeout(),
            Self::Server(_) | Self::Sink(_) | Self::Silent => {}
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        match self {
            Self::Discovery(discovery) => discovery.poll_timeout(),
            Self::Ice(agent) => agent.poll_timeout(),
            Self::Turn(server) => server.poll_timeout(),
            Self::Own(own) => own.wake,
            Self::Server(_) | Self::Sink(_) | Self::Silent => None,
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Packet> {
        let net::Datagram { local, remote, bytes, protocol, .. } = match self {
            Self::Server(server) => server.poll_transmit()?,
            Self::Discovery(discovery) => discovery.poll_transmit()?,
            Self::Ice(agent) => agent.poll_transmit()?,
            Self::Turn(server) => server.poll_transmit()?,
            Self::Own(own) => own.leaving.pop_front()?,
            Self::Sink(_) | Self::Silent => return None,
        };
        let packet = Packet::udp(local, remote, bytes);
        Some(match protocol {
            net::Protocol::Udp => packet,
            net::Protocol::Tcp => Packet { protocol: Protocol::Tcp { opens: false, ends: false }, ..packet },
        })
    }

    /// TCP connections to it are taken.
    pub(super) const fn listens(&self) -> bool {
        matches!(self, Self::Turn(_))
    }
}

/// Packets that wait for a program of the caller's own, and its requests.
#[derive(Debug, Default)]
pub struct Own {
    arrived: VecDeque<net::Datagram>,
    leaving: VecDeque<net::Datagram>,
    wake: Option<Duration>,
    woken: bool,
}

impl Own {
    fn receive(&mut self, datagram: net::Datagram) {
        if self.arrived.len() < MAX_INBOX {
            self.arrived.push_back(datagram);
        }
    }

    const fn timeout(&mut self) {
        (self.wake, self.woken) = (None, true);
    }

    pub(super) fn waits(&self) -> bool {
        self.woken || !self.arrived.is_empty()
    }

    pub(super) fn take(&mut self) -> Option<Arrival> {
        if core::mem::take(&mut self.woken) {
            return Some(Arrival::Timeout);
        }
        let net::Datagram { local, remote, bytes, .. } = self.arrived.pop_front()?;
        Some(Arrival::Datagram { local, remote, bytes })
    }

    pub(super) fn send(&mut self, datagram: net::Datagram) {
        self.leaving.push_back(datagram);
    }

    pub(super) const fn wake_at(&mut self, time: Duration) {
        self.wake = Some(time);
    }
}

impl From<SimServer> for Machine {
    fn from(server: SimServer) -> Self {
        Self::Server(Box::new(server))
    }
}

impl From<Discovery> for Machine {
    fn from(discovery: Discovery) -> Self {
        Self::Discovery(Box::new(discovery))
    }
}

/// Fault of a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quirk {
    /// Nothing.
    #[default]
    None,
    /// Answers requests for a change as if there were none, as big public servers do.
    IgnoresChange,
    /// Refuses CHANGE-REQUEST with 420 although it names another address.
    RefusesChange,
    /// Its second address does not work: a firewall, a missing route.
    OtherUnreachable,
    /// A pool behind one address: every other answer comes from a server with this other address.
    Pool(SocketAddr),
    /// Answers to the port that asked whatever RESPONSE-PORT says.
    IgnoresResponsePort,
}

/// Type of an attribute that nobody knows and whoever does not know it refuses (RFC 8489 §14).
const REQUIRED: [u8; 2] = [0x7f, 0xfe];
/// Type of an attribute that nobody knows and whoever does not know it ignores (RFC 8489 §14).
const OPTIONAL: [u8; 2] = [0xff, 0xfe];

/// A STUN server with a quirk.
#[derive(Debug)]
pub struct SimServer {
    primary: SocketAddr,
    server: StunServer,
    twin: Option<StunServer>,
    quirk: Quirk,
    turns: u64,
}

impl SimServer {
    /// A server that does what the documents say.
    #[must_use]
    pub fn new(primary: SocketAddr, other: Option<SocketAddr>) -> Self {
        Self::with_quirk(primary, other, Quirk::None)
    }

    /// A server that does not.
    #[must_use]
    pub fn with_quirk(primary: SocketAddr, other: Option<SocketAddr>, quirk: Quirk) -> Self {
        let server = |other| StunServer::new(ServerOptions::new(primary, other));
        let twin = match quirk {
            Quirk::Pool(other) => Some(server(Some(other))),
            _ => None,
        };
        Self { primary, server: server(other), twin, quirk, turns: 0 }
    }

    /// Addresses on which it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let mut addresses = self.server.addresses();
        addresses.extend(self.twin.iter().flat_map(StunServer::addresses));
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    fn dead(&self, address: SocketAddr) -> bool {
        self.quirk == Quirk::OtherUnreachable && address.ip() != self.primary.ip()
    }

    fn receive(&mut self, mut packet: net::Datagram) {
        if self.dead(packet.local) {
            return;
        }
        let header = |code: u16| {
            let message = Message::parse(&packet.bytes).ok()?;
            message.get(code)?.offset().checked_sub(4)
        };
        let change = header(attribute::CHANGE_REQUEST);
        let port = header(attribute::RESPONSE_PORT);
        match (self.quirk, change, port) {
            (Quirk::IgnoresChange, Some(at), _) => overwrite(&mut packet.bytes, at, &OPTIONAL),
            (Quirk::RefusesChange, Some(at), _) => overwrite(&mut packet.bytes, at, &REQUIRED),
            (Quirk::IgnoresResponsePort, _, Some(at)) => overwrite(&mut packet.bytes, at, &OPTIONAL),
            _ => {}
        }
        self.turns += 1;
        match &mut self.twin {
            Some(twin) if self.turns.is_multiple_of(2) => twin.receive(Duration::ZERO, &packet),
            _ => self.server.receive(Duration::ZERO, &packet),
        }
    }

    fn poll_transmit(&mut self) -> Option<net::Datagram> {
        loop {
            let packet = self.server.poll_transmit().or_else(|| self.twin.as_mut()?.poll_transmit())?;
            if !self.dead(packet.local) {
                return Some(packet);
            }
        }
    }
}

/// Writes `with` over the bytes from `at` on; nothing where the bytes end before.
fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + with.len()) {
        place.copy_from_slice(with);
    }
}

/// Options for a client with so many sockets on random ports of 32768 to 65535 (RFC 5780 §4.1).
#[must_use]
pub fn client_options(ip: IpAddr, server: SocketAddr, sockets: usize, seed: u64) -> Options {
    let mut random = Random::new(seed, 0x636c_6965_6e74);
    let mut bytes = [0; 32];
    for chunk in bytes.as_chunks_mut().0 {
        *chunk = random.next().to_be_bytes();
    }
    let mut options = Options::new(server, bytes);
    while options.sockets.len() < sockets.min(crate::nat::discovery::MAX_SOCKETS) {
        let socket = SocketAddr::new(ip, 32_768 + random.below(32_768) as u16);
        if !options.sockets.contains(&socket) {
            options.sockets.push(socket);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::super::link::Link;
    use super::super::world::{HostId, Place, World};
    use super::*;

    fn own(world: &mut World, address: &str) -> HostId {
        world.add_host(Place::Internet, vec![address.parse().unwrap()], Link::default(), Machine::Own(Box::default()))
    }

    fn wake_at(world: &mut World, host: HostId, milliseconds: u64) {
        world.with_machine(host, |machine| match machine {
            Machine::Own(own) => own.wake_at(Duration::from_millis(milliseconds)),
            _ => unreachable!(),
        });
    }

    fn woken(world: &mut World, host: HostId) -> bool {
        let Some(Machine::Own(own)) = world.machine_mut(host) else { return false };
        own.take() == Some(Arrival::Timeout)
    }

    #[test]
    fn a_timer_that_another_replaced_makes_no_more() {
        let mut world = World::new(1);
        let host = own(&mut world, "192.0.2.1:1");
        for time in (50..100).rev() {
            wake_at(&mut world, host, time);
        }
        world.run(Duration::from_millis(50));
        assert!(woken(&mut world, host));
        wake_at(&mut world, host, 200);
        world.run(Duration::from_millis(100));
        assert_eq!(world.run(Duration::from_millis(200)), 1);
        assert!(woken(&mut world, host));
    }

    /// A CHANGE-REQUEST without its value, as the last attribute.
    #[test]
    fn a_change_request_cut_short_is_survived() {
        let (server, client) = ("192.0.2.1:3478".parse().unwrap(), "192.0.2.2:1".parse().unwrap());
        let mut bytes = vec![0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([7; 12]);
        bytes.extend([0, 3, 0, 0]);
        for quirk in [Quirk::IgnoresChange, Quirk::RefusesChange] {
            let mut machine = SimServer::with_quirk(server, None, quirk);
            machine.receive(net::Datagram::udp(server, client, bytes.clone()));
            assert!(machine.poll_transmit().is_some_and(|answer| answer.remote == client));
        }
    }

    /// The attribute behind a CHANGE-REQUEST without a value stays what it is: here one that need not be understood.
    #[test]
    fn a_change_that_is_ignored_leaves_the_next_attribute_alone() {
        let (server, client) = ("192.0.2.1:3478".parse().unwrap(), "192.0.2.2:1".parse().unwrap());
        let mut bytes = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([7; 12]);
        bytes.extend([0, 3, 0, 0, 0x80, 0x22, 0, 4, b'n', b'a', b'm', b'e']);
        let mut machine = SimServer::with_quirk(server, None, Quirk::IgnoresChange);
        machine.receive(net::Datagram::udp(server, client, bytes));
        let answer = machine.poll_transmit().unwrap().bytes;
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.error_code().map(|error| error.code), None);
        assert_eq!(answer.mapped_address(), Some(client));
    }

    #[test]
    fn packets_without_end_stop_no_timer() {
        let mut world = World::new(1);
        let host = own(&mut world, "192.0.2.1:1");
        let packet = Packet::udp("192.0.2.1:1".parse().unwrap(), "192.0.2.2:1".parse().unwrap(), vec![0]);
        for _ in 0..100_001 {
            world.send(host, packet.clone());
        }
        wake_at(&mut world, host, 1);
        world.run(Duration::from_millis(2));
        assert!(woken(&mut world, host));
    }
}
