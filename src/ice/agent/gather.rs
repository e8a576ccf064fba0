//! Gathering from STUN and TURN servers over the sockets of the host candidates (RFC 8445 §5.1.1.2), and relaying.
use super::event::{Code, Event};
use super::pair::{CheckFailure, PairId};
use super::request::milliseconds;
use super::{Agent, ComponentId, LocalCandidate, Refused};
use crate::candidate::CandidateType;
use crate::ice::{PairState, Transport};
use crate::net::{Datagram, Protocol};
use crate::stun::transaction::{Action, Timing, Transaction};
use crate::stun::{BuildError, Builder, Class, Message, Method, TransactionId};
use crate::turn::client::{Client, ClientConfig, Event as TurnEvent, Families};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Most socket-and-server combinations that are asked; further ones are not.
pub const MAX_GATHERINGS: usize = 256;

/// A STUN or TURN server, resolved: an agent does no DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceServer {
    /// Address of the server.
    pub address: SocketAddr,
    /// How it is reached. STUN servers are asked over UDP only.
    pub protocol: Protocol,
    /// User name and password of a TURN server; `None` for a STUN server.
    pub turn: Option<(String, String)>,
}

impl IceServer {
    /// A STUN server.
    pub const fn stun(address: SocketAddr) -> Self {
        Self { address, protocol: Protocol::Udp, turn: None }
    }

    /// A TURN server over UDP.
    pub fn turn(address: SocketAddr, username: &str, password: &str) -> Self {
        Self { turn: Some((username.into(), password.into())), ..Self::stun(address) }
    }
}

/// One socket and one server.
#[derive(Debug)]
pub(super) struct Gathering {
    component: ComponentId,
    base: SocketAddr,
    server: IceServer,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Queued,
    Asking(Transaction, Vec<u8>),
    /// Answered; asked again when the binding needs it (RFC 8445 §5.1.1.4).
    Kept(Duration),
    Relaying(Box<Client>),
    Done,
}

impl Gathering {
    /// True once it has given what it can.
    fn is_settled(&self) -> bool {
        match &self.step {
            Step::Queued | Step::Asking(..) => false,
            Step::Kept(_) | Step::Done => true,
            Step::Relaying(client) => !client.relayed().is_empty(),
        }
    }

    fn relays(&self, address: SocketAddr) -> bool {
        matches!(&self.step, Step::Relaying(client) if client.relayed().contains(&address))
    }
}

impl Agent {
    /// Asks every server from the socket of a new host candidate.
    pub(super) fn gather_from(&mut self, candidate: &LocalCandidate) {
        if candidate.kind != CandidateType::Host || candidate.transport != Transport::Udp || self.lite {
            return;
        }
        for server in self.servers.clone() {
            let same_family = server.address.is_ipv4() == candidate.base.is_ipv4();
            let asked = |it: &Gathering| it.base == candidate.base && it.server == server;
            if !same_family || self.gatherings.len() >= MAX_GATHERINGS || self.gatherings.iter().any(asked) {
                continue;
            }
            let (component, base) = (candidate.component, candidate.base);
            self.gatherings.push(Gathering { component, base, server, step: Step::Queued });
        }
    }

    /// True while a server has yet to answer.
    pub fn is_gathering(&self) -> bool {
        self.gatherings.iter().any(|gathering| !gathering.is_settled())
    }

    pub(super) fn has_gathering_to_start(&self) -> bool {
        self.gatherings.iter().any(|gathering| matches!(gathering.step, Step::Queued))
    }

    /// Starts one transaction with a server; true when there was one to start.
    pub(super) fn start_gathering(&mut self) -> bool {
        let queued = |gathering: &Gathering| matches!(gathering.step, Step::Queued);
        let Some(at) = self.gatherings.iter().position(queued) else { return false };
        let Some(gathering) = self.gatherings.get(at) else { return false };
        let (base, server) = (gathering.base, gathering.server.clone());
        let what = if server.turn.is_some() { "an allocation" } else { "our address" };
        self.log(Code::ServerAsked, |line| {
            (line.local, line.remote, line.what) = (Some(base), Some(server.address), what);
        });
        let step = match &server.turn {
            Some((username, password)) => {
                let seed = self.entropy.bytes();
                let mut config = ClientConfig::new(base, server.address, server.protocol, username, password, seed);
                config.families = if base.is_ipv4() { Families::V4 } else { Families::V6 };
                Step::Relaying(Box::new(Client::new(config)))
            }
            None => self.ask(base, server.address),
        };
        if let Some(gathering) = self.gatherings.get_mut(at) {
            gathering.step = step;
        }
        self.gathering_due();
        true
    }

    /// A Binding request to a server, without credentials (RFC 8445 §5.1.1.2).
    fn ask(&mut self, local: SocketAddr, remote: SocketAddr) -> Step {
        let id = self.entropy.transaction_id();
        let Ok(bytes) = binding_request(id) else { return Step::Done };
        // RTO of gathering (RFC 8445 §14.3).
        let product = milliseconds(self.ta()).saturating_mul(self.gatherings.len() as u64);
        let rto = u32::try_from(product).unwrap_or(u32::MAX).max(self.policy.timing.rto);
        let timing = Timing { rto, ..self.policy.timing };
        let transaction = Transaction::new(id, timing, milliseconds(self.now));
        self.transmit(Datagram::udp(local, remote, bytes.clone()));
        Step::Asking(transaction, bytes)
    }

    /// Sends again, asks again, and lets the TURN clients act.
    pub(super) fn gathering_due(&mut self) {
        let mut at = 0;
        while at < self.gatherings.len() {
            self.one_gathering_due(at);
            self.serve_relay(at);
            at += 1;
        }
    }

    fn one_gathering_due(&mut self, at: usize) {
        let now = self.now;
        let Some(gathering) = self.gatherings.get_mut(at) else { return };
        let (base, server) = (gathering.base, gathering.server.address);
        match &mut gathering.step {
            Step::Asking(transaction, bytes) => match transaction.handle_timeout(milliseconds(now)) {
                Action::Wait => {}
                Action::Send => {
                    let again = Datagram::udp(base, server, bytes.clone());
                    self.transmit(again);
                }
                Action::Failed => {
                    gathering.step = Step::Done;
                    self.log(Code::ServerSilent, |line| (line.local, line.remote) = (Some(base), Some(server)));
                }
            },
            Step::Kept(next) if now >= *next => {
                let step = if self.freed { Step::Done } else { self.ask(base, server) };
                if let Some(gathering) = self.gatherings.get_mut(at) {
                    gathering.step = step;
                }
            }
            Step::Relaying(client) if client.poll_timeout().is_some_and(|due| due <= now) => client.timeout(now),
            _ => {}
        }
    }

    pub(super) fn next_gathering(&self) -> Option<Duration> {
        let due = |gathering: &Gathering| match &gathering.step {
            Step::Asking(transaction, _) => Some(Duration::from_millis(transaction.next_timeout())),
            Step::Kept(next) => Some(*next),
            Step::Relaying(client) => client.poll_timeout(),
            Step::Queued | Step::Done => None,
        };
        self.gatherings.iter().filter_map(due).min()
    }

    /// Takes what a server sent; true when it was for gathering or relaying.
    pub(super) fn receive_from_server(&mut self, datagram: &Datagram) -> bool {
        let from = |gathering: &Gathering| {
            gathering.base == datagram.local
                && (gathering.server.address == datagram.remote
                    || matches!(&gathering.step, Step::Relaying(client) if client.server() == datagram.remote))
        };
        let places: Vec<usize> =
            (0..).zip(&self.gatherings).filter(|(_, gathering)| from(gathering)).map(|(at, _)| at).collect();
        places.into_iter().any(|at| self.receive_for(at, datagram))
    }

    fn receive_for(&mut self, at: usize, datagram: &Datagram) -> bool {
        let now = self.now;
        let Some(gathering) = self.gatherings.get_mut(at) else { return false };
        match &mut gathering.step {
            Step::Relaying(client) => {
                let taken = client.receive(now, datagram);
                self.serve_relay(at);
                taken
            }
            Step::Asking(transaction, _) => {
                let Ok(message) = Message::parse(&datagram.bytes) else { return false };
                if !transaction.handle_response(&message) {
                    return false;
                }
                self.server_answered(at, &message);
                true
            }
            _ => false,
        }
    }

    fn server_answered(&mut self, at: usize, message: &Message<'_>) {
        let next = self.now.saturating_add(self.policy.keepalive);
        let Some(gathering) = self.gatherings.get_mut(at) else { return };
        let (base, server, component) = (gathering.base, gathering.server.address, gathering.component);
        let mapped = if message.class() == Class::Success { message.mapped_address() } else { None };
        let Some(mapped) = mapped else {
            gathering.step = Step::Done;
            let code = message.error_code().map_or(0, |error| u64::from(error.code));
            return self.log(Code::ServerRefused, |line| {
                (line.local, line.remote, line.number) = (Some(base), Some(server), code);
            });
        };
        gathering.step = Step::Kept(next);
        self.add_gathered(LocalCandidate::server_reflexive(mapped, base, server).of(component));
    }

    fn add_gathered(&mut self, candidate: LocalCandidate) {
        match self.take_local(candidate) {
            Ok(_) | Err(Refused::Redundant | Refused::RelayOnly | Refused::Rule) => {}
            Err(refused) => self.log(Code::LocalRefused, |line| line.what = refused.why()),
        }
    }

    /// Passes on what a TURN client has to send and to tell.
    fn serve_relay(&mut self, at: usize) {
        loop {
            let Some(gathering) = self.gatherings.get_mut(at) else { return };
            let Step::Relaying(client) = &mut gathering.step else { return };
            if let Some(datagram) = client.poll_transmit() {
                self.push_transmit(datagram);
            } else if let Some(event) = client.poll_event() {
                self.relay_event(at, event);
            } else {
                return;
            }
        }
    }

    fn relay_event(&mut self, at: usize, event: TurnEvent) {
        let Some(gathering) = self.gatherings.get_mut(at) else { return };
        let Step::Relaying(client) = &mut gathering.step else { return };
        let (base, component) = (gathering.base, gathering.component);
        let (server, relayed) = (client.server(), client.relayed().to_vec());
        let over_udp = gathering.server.protocol == Protocol::Udp;
        match event {
            TurnEvent::Allocated(mut allocated) => {
                // The mapped address of a TCP connection is none that UDP can be sent to.
                allocated.mapped = allocated.mapped.filter(|_| over_udp);
                self.relay_allocated(base, server, component, &allocated);
            }
            TurnEvent::Data { peer, bytes } => {
                let relayed = relayed.into_iter().find(|relayed| relayed.is_ipv4() == peer.is_ipv4());
                if let Some(relayed) = relayed {
                    self.take(&Datagram::udp(relayed, peer, bytes));
                }
            }
            TurnEvent::PermissionRefused { peer, refusal } => {
                self.log(Code::PermissionRefused, |line| {
                    (line.remote, line.local) = (Some(SocketAddr::new(peer, 0)), Some(server));
                    (line.number, line.what) = (u64::from(refusal.code), refusal.reason.name());
                });
                self.fail_relayed_pairs(&relayed, peer, refusal.code);
            }
            TurnEvent::Failed(refusal) => {
                gathering.step = Step::Done;
                self.counts.relays_refused += 1;
                self.log(Code::RelayFailed, |line| {
                    (line.local, line.remote) = (Some(base), Some(server));
                    (line.number, line.what) = (u64::from(refusal.code), refusal.reason.name());
                });
                self.relay_lost();
            }
            TurnEvent::Closed => {
                gathering.step = Step::Done;
                self.relay_lost();
            }
            TurnEvent::LocalAddressWanted { code } => {
                // An agent has the sockets it was given: the client's wait for another ends in a failure.
                self.log(Code::RelayFailed, |line| {
                    (line.local, line.remote, line.number) = (Some(base), Some(server), u64::from(code));
                    line.what = "another local address is wanted";
                });
            }
            _ => {}
        }
    }

    fn relay_allocated(
        &mut self,
        base: SocketAddr,
        server: SocketAddr,
        component: ComponentId,
        allocated: &crate::turn::client::Allocated,
    ) {
        if let Some(mapped) = allocated.mapped.filter(|mapped| mapped.is_ipv4() == base.is_ipv4()) {
            self.add_gathered(LocalCandidate::server_reflexive(mapped, base, server).of(component));
        }
        for relayed in &allocated.relayed {
            self.add_gathered(LocalCandidate::relayed(*relayed, server).of(component));
        }
    }

    /// Relayed candidates whose allocation is gone go too.
    fn relay_lost(&mut self) {
        let gone = |local: &super::Local| {
            local.is_current()
                && local.candidate.kind == CandidateType::Relayed
                && local.candidate.server.is_some_and(|server| self.servers.iter().any(|it| it.address == server))
                && !self.gatherings.iter().any(|gathering| gathering.relays(local.candidate.address))
        };
        let lost: Vec<SocketAddr> =
            self.locals.iter().filter(|local| gone(local)).map(|local| local.candidate.address).collect();
        for address in lost {
            self.remove_local_address(address);
        }
    }

    /// No packet gets through to a peer without its permission (RFC 8656 §9): those pairs fail.
    fn fail_relayed_pairs(&mut self, relayed: &[SocketAddr], peer: IpAddr, code: u16) {
        for stream in 0..self.streams.len() as u16 {
            let from = |pair: &&super::Pair| {
                let local = self.locals.get(usize::from(pair.local)).map(|it| it.candidate.base);
                let remote = self.remotes.get(usize::from(pair.remote)).map(|it| it.candidate.address.ip());
                local.is_some_and(|local| relayed.contains(&local)) && remote == Some(peer)
            };
            let found: Vec<PairId> = self.pairs(stream).iter().filter(from).map(|pair| pair.id).collect();
            for id in found {
                self.cancel_checks(stream, id, "the relay does not let it through");
                self.counts.relays_refused += 1;
                if let Some(list) = self.stream_mut(stream) {
                    list.triggered.retain(|queued| *queued != id);
                }
                if let Some(pair) = self.pair_mut(stream, id) {
                    (pair.state, pair.failure) = (PairState::Failed, Some(CheckFailure::RelayRefused(code)));
                }
            }
        }
    }

    /// Sends a packet: by the relay when it leaves from a relayed address.
    pub(super) fn transmit(&mut self, datagram: Datagram) {
        let now = self.now;
        let Some(at) = self.gatherings.iter().position(|gathering| gathering.relays(datagram.local)) else {
            return self.push_transmit(datagram);
        };
        let Some(Step::Relaying(client)) = self.gatherings.get_mut(at).map(|gathering| &mut gathering.step) else {
            return;
        };
        let sent = client.send_to(now, datagram.remote, &datagram.bytes);
        if sent.is_err() {
            let (local, remote) = (Some(datagram.local), Some(datagram.remote));
            self.log(Code::RelayFull, |line| (line.local, line.remote) = (local, remote));
        }
        self.serve_relay(at);
    }

    /// The permission comes before the check (RFC 8445 §7.2.1).
    pub(super) fn permit(&mut self, local: SocketAddr, peer: IpAddr) {
        let now = self.now;
        let relaying = self.gatherings.iter().position(|gathering| gathering.relays(local));
        let Some(at) = relaying else { return };
        if let Some(Step::Relaying(client)) = self.gatherings.get_mut(at).map(|gathering| &mut gathering.step) {
            _ = client.create_permission(now, peer);
        }
        self.serve_relay(at);
    }

    /// A selected pair through a relay gets a channel: 32 bytes less for each packet.
    pub(super) fn bind_channel(&mut self, local: SocketAddr, peer: SocketAddr) {
        let now = self.now;
        let Some(at) = self.gatherings.iter().position(|gathering| gathering.relays(local)) else { return };
        if let Some(Step::Relaying(client)) = self.gatherings.get_mut(at).map(|gathering| &mut gathering.step) {
            _ = client.bind_channel(now, peer);
        }
        self.serve_relay(at);
    }

    /// The socket is gone: nothing is asked or relayed over it.
    pub(super) fn stop_gathering(&mut self, base: SocketAddr) {
        let relayed: Vec<SocketAddr> = self
            .gatherings
            .iter()
            .filter(|gathering| gathering.base == base)
            .filter_map(|gathering| match &gathering.step {
                Step::Relaying(client) => Some(client.relayed().to_vec()),
                _ => None,
            })
            .flatten()
            .collect();
        self.gatherings.retain(|gathering| gathering.base != base);
        for address in relayed {
            self.remove_local_address(address);
        }
    }

    /// Deletes the allocations.
    pub(super) fn close_relays(&mut self) {
        let now = self.now;
        for at in 0..self.gatherings.len() {
            let Some(Step::Relaying(client)) = self.gatherings.get_mut(at).map(|gathering| &mut gathering.step) else {
                continue;
            };
            client.close(now);
            let last: Vec<Datagram> = core::iter::from_fn(|| client.poll_transmit()).collect();
            last.into_iter().for_each(|datagram| self.push_transmit(datagram));
        }
        self.gatherings.clear();
    }

    /// Local candidates end when the caller has no more and no server is left to answer.
    pub(super) fn gathering_done(&mut self) {
        if self.host_end && !self.local_end && !self.is_gathering() {
            self.local_end = true;
            self.log(Code::LocalEnd, |_| {});
        }
    }

    pub(super) fn announce(&mut self, index: u16) {
        self.data.push_back((self.sequence, Event::Candidate { time: self.now, index }));
        self.sequence += 1;
    }
}

fn binding_request(id: TransactionId) -> Result<Vec<u8>, BuildError> {
    let mut buffer = [0; 32];
    let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id)?;
    builder.fingerprint()?;
    Ok(builder.finish().to_vec())
}
