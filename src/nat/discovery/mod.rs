//! RFC 3489 §10.1 and RFC 5780 §4.3 to §4.6 as a machine without sockets, clock or randomness.
//!
//! The caller binds the sockets, sends what [`Discovery::poll_transmit`] gives, hands in what arrives with
//! [`Discovery::receive`], and calls [`Discovery::timeout`] when [`Discovery::poll_timeout`] says so. The machine only
//! collects [`Observation`]s; what they mean is [`infer`]'s business.
//!
//! Rules that keep the observations clean:
//!
//! - Filtering is tested on a socket that has sent to the server's primary address only, before anything else.
//! - An answer is matched by transaction id, and its source is recorded.
//! - Beside each request of a test that may stay silent goes a plain request, so that loss is measured at the same
//!   time; the test goes on until loss is no longer an explanation, or says that it is.
//! - Afterwards the server's other addresses are asked directly, which shows that they work, and the first again, which
//!   shows that the mapping is still the same.
//! - Mapping is compared among requests that left at the same moment, so that a NAT that restarts, runs out of mappings or
//!   forgets them meanwhile is not taken for another.
//! - From then on the requests of RFC 3489's procedure have the magic cookie too: a newer server then answers with
//!   XOR-MAPPED-ADDRESS, which no ALG rewrites.

mod answers;
mod burst;
mod lane;
mod lifetime;
mod messages;
mod transaction;

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use super::infer::infer;

use super::observation::{Endpoint, Observation, Outcome, Test};
use super::report::{NatReport, Warning};
use crate::net::Datagram;
use crate::stun::{Message, Method};
use lane::{Lane, Step, Target};
use lifetime::Lifetime;
use messages::Ids;
use transaction::{Kind, Transaction};

/// The document whose procedure is followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Procedure {
    /// RFC 3489 §10.1: classic messages, one socket, one test after the other. Slow, for old servers.
    Rfc3489,
    /// RFC 5780 §4: mapping and filtering on sockets of their own, at the same time.
    #[default]
    Rfc5780,
}

/// Tests to make beyond whether the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tests {
    /// Mapping, RFC 5780 §4.3.
    pub mapping: bool,
    /// Filtering, RFC 5780 §4.4.
    pub filtering: bool,
    /// Hairpin, RFC 5780 §3.4; some firewalls log it as an attack. Needs two sockets.
    pub hairpin: bool,
    /// Binding lifetime, RFC 5780 §4.6; takes several times the lifetime. Needs two sockets of its own.
    pub lifetime: bool,
    /// Fragments, RFC 5780 §3.5.
    pub fragments: bool,
}

impl Default for Tests {
    fn default() -> Self {
        Self { mapping: true, filtering: true, hairpin: false, lifetime: false, fragments: false }
    }
}

/// Settings of a [`Discovery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The procedure.
    pub procedure: Procedure,
    /// The server's primary address.
    pub server: SocketAddr,
    /// Further servers to ask from the mapping socket, at most [`MAX_SERVERS`]: they tell mapping when the first has one address only.
    pub others: Vec<SocketAddr>,
    /// The caller's sockets, bound and never used before, at most [`MAX_SOCKETS`]. One is enough; the second and third
    /// make it faster, further ones show how ports are chosen. Empty: one socket whose address is not known.
    pub sockets: Vec<SocketAddr>,
    /// Tests to make.
    pub tests: Tests,
    /// Longest lifetime to look for.
    pub longest_lifetime: Duration,
    /// Random bytes; transaction ids are derived from them.
    pub seed: [u8; 32],
}

impl Options {
    /// RFC 5780 with one server and nothing else.
    #[must_use]
    pub const fn new(server: SocketAddr, seed: [u8; 32]) -> Self {
        Self {
            procedure: Procedure::Rfc5780,
            server,
            others: Vec::new(),
            sockets: Vec::new(),
            tests: Tests { mapping: true, filtering: true, hairpin: false, lifetime: false, fragments: false },
            longest_lifetime: Duration::from_secs(600),
            seed,
        }
    }
}

/// Further servers asked.
pub const MAX_SERVERS: usize = 16;
/// Sockets used.
pub const MAX_SOCKETS: usize = 32;
/// Events kept until polled; older ones are dropped.
pub const MAX_EVENTS: usize = 1024;
/// Observations kept; a procedure makes far fewer, but for a lifetime search that lasts days.
const MAX_KEPT: usize = 4096;

/// Something worth telling, in the order it happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub time: Duration,
    /// `sent`, `answered`, `silent`, `refused`, `warning` or `finished`.
    pub kind: &'static str,
    /// The paragraph behind it.
    pub rule: &'static str,
    /// Sentence that tells what happened, and why it is done.
    pub why: String,
}

/// Facts that the server told about itself.
#[derive(Debug, Default)]
struct Server {
    /// OTHER-ADDRESS or CHANGED-ADDRESS, once checked.
    other: Option<SocketAddr>,
    /// Answers named different other addresses.
    pool: bool,
    /// Test I was answered.
    answered: bool,
    /// OTHER-ADDRESS was there and can't be used.
    unusable: bool,
    /// Test I was given up, and no other was answered: no further one is begun.
    silent: bool,
}

/// The procedure under way.
#[derive(Debug)]
pub struct Discovery {
    options: Options,
    ids: Ids,
    server: Server,
    lanes: Vec<Lane>,
    lifetime: Option<Lifetime>,
    pending: Vec<Transaction>,
    transmits: VecDeque<Datagram>,
    events: VecDeque<Event>,
    observations: Vec<Observation>,
    warnings: Vec<Warning>,
    /// No new step before (RFC 5780 §5: at most ten transactions per second).
    next_start: Duration,
    began: Option<Duration>,
    /// Bursts sent.
    bursts: u32,
    finished: bool,
}

/// Time between the starts of two steps.
const PACE: Duration = Duration::from_millis(100);

impl Discovery {
    /// Prepares; nothing is sent before the first [`Discovery::timeout`].
    #[must_use]
    pub fn new(mut options: Options) -> Self {
        options.others.truncate(MAX_SERVERS);
        options.sockets.truncate(MAX_SOCKETS);
        if options.sockets.is_empty() {
            let any = if options.server.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
            options.sockets.extend(any.parse::<SocketAddr>());
        }
        let lanes = lane::plan(&options);
        let lifetime = (options.tests.lifetime && options.sockets.len() > 1)
            .then(|| Lifetime::new(options.sockets.len(), options.longest_lifetime));
        Self {
            ids: Ids::new(options.seed),
            options,
            server: Server::default(),
            lanes,
            lifetime,
            pending: Vec::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            observations: Vec::new(),
            warnings: Vec::new(),
            next_start: Duration::ZERO,
            began: None,
            bursts: 0,
            finished: false,
        }
    }

    /// Takes a datagram that arrived on one of the sockets. Anything that is not an answer to a request of ours is ignored.
    pub fn receive(&mut self, now: Duration, packet: &Datagram) {
        let Ok(message) = Message::parse(&packet.bytes) else { return };
        if message.method() != Method::BINDING {
            return;
        }
        let id = message.transaction_id();
        let found = self.pending.iter().enumerate().find(|(_, pending)| pending.id == id);
        let Some((at, &Transaction { kind, .. })) = found else { return };
        if let Some(socket) = self.options.sockets.first_mut()
            && socket.port() == 0
        {
            *socket = packet.local;
        }
        if !message.class().is_response() {
            if kind == Kind::Hairpin {
                self.hairpinned(now, at, packet);
            }
            return;
        }
        let transaction = self.pending.remove(at);
        let answer = messages::read(&message);
        if transaction.destination == self.options.server {
            self.learn_other(now, &message);
        }
        self.answered(now, transaction, packet, answer);
        self.go_on(now);
    }

    /// To be called at the start, and whenever the time given by [`Discovery::poll_timeout`] has come.
    pub fn timeout(&mut self, now: Duration) {
        let began = *self.began.get_or_insert(now);
        let mut at = 0;
        while let Some(pending) = self.pending.get(at) {
            if pending.next_send.is_some_and(|due| due <= now) || self.must_go_on(now, pending) {
                self.send(now, at);
            } else if pending.done_at <= now {
                let transaction = self.pending.remove(at);
                self.silent(now, transaction);
                continue;
            }
            at += 1;
        }
        self.next_start = self.next_start.max(began);
        self.go_on(now);
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Datagram> {
        self.transmits.pop_front()
    }

    /// When to call [`Discovery::timeout`] next; `None` when finished.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.finished {
            return None;
        }
        let Some(began) = self.began else { return Some(Duration::ZERO) };
        let pending = self.pending.iter().map(Transaction::due);
        let ready = self.lanes.iter().filter(|lane| lane.is_ready());
        let lanes = ready.map(|lane| began.saturating_add(lane.not_before).max(self.next_start));
        let lifetime = self.lifetime.as_ref().and_then(Lifetime::due);
        pending.chain(lanes).chain(lifetime).min()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// All tests are over.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.finished
    }

    /// Observations so far.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// Faults of the server, beyond those that the observations show.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Observations so far, and what they mean. Observations of other sources can be added with [`infer`].
    #[must_use]
    pub fn report(&self) -> NatReport {
        let mut report = infer(&self.observations);
        report.warnings.extend(self.warnings.iter().cloned());
        report
    }

    fn event(&mut self, time: Duration, kind: &'static str, rule: &'static str, why: String) {
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(Event { time, kind, rule, why });
    }

    fn warn(&mut self, now: Duration, code: &'static str, text: String) {
        if self.warnings.iter().any(|warning| warning.code == code) {
            return;
        }
        self.event(now, "warning", "RFC 5780 §7.4", text.clone());
        self.warnings.push(Warning { code, text });
    }

    fn observe(&mut self, now: Duration, mut observation: Observation) {
        observation.time = Some(now.as_secs_f64() * 1000.0);
        if self.observations.len() < MAX_KEPT {
            self.observations.push(observation);
        }
    }

    fn base(&self, socket: usize) -> Endpoint {
        let first = || self.options.sockets.first();
        self.options.sockets.get(socket).or_else(first).copied().unwrap_or(self.options.server).into()
    }

    /// Starts a transaction; its first request goes out at once.
    fn start(&mut self, now: Duration, lane: Option<usize>, socket: usize, destination: SocketAddr, kind: Kind) {
        let classic = self.options.procedure == Procedure::Rfc3489 && self.bursts == 0;
        let id = self.ids.next(classic);
        let Some(bytes) = messages::request(id, kind) else { return };
        if let Some(lane) = lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.busy += 1;
        }
        let schedule = transaction::schedule(self.options.procedure, kind);
        self.next_start = now.max(self.next_start).saturating_add(PACE);
        self.pending.push(Transaction {
            id,
            lane,
            socket,
            destination,
            kind,
            bytes,
            sends: 0,
            next_send: None,
            done_at: now.saturating_add(Duration::from_millis(schedule.1)),
            began: now,
            last_sent: now,
            schedule,
        });
        self.send(now, self.pending.len() - 1);
    }

    fn send(&mut self, now: Duration, at: usize) {
        let Some(transaction) = self.pending.get_mut(at) else { return };
        transaction.sent(now);
        let Transaction { sends, socket, destination, kind, .. } = *transaction;
        let bytes = transaction.bytes.clone();
        let local = self.options.sockets.get(socket).copied().unwrap_or(self.options.server);
        self.transmits.push_back(Datagram::udp(local, destination, bytes));
        if sends == 1 && kind != Kind::Control {
            self.event(
                now,
                "sent",
                kind.rule(self.options.procedure),
                format!("{} to {destination} from {local}.", kind.title()),
            );
        }
        if matches!(kind, Kind::Change { .. }) {
            self.start(now, None, socket, self.options.server, Kind::Control);
        }
    }

    /// A test that is about to end in silence goes on while the loss measured beside it may explain the silence.
    fn must_go_on(&self, now: Duration, pending: &Transaction) -> bool {
        if !pending.kind.may_be_silent() || pending.done_at > now || pending.sends >= transaction::MAX_SENDS {
            return false;
        }
        let (lost, answered) = self.losses(now, pending.socket);
        transaction::explained_by_loss(pending.sends, lost, answered)
    }

    /// Plain requests of a socket to the server that were lost and answered. One that is on its way for longer than
    /// usual counts as lost, until it is answered.
    fn losses(&self, now: Duration, socket: usize) -> (u32, u32) {
        let base = self.base(socket);
        let mut count = (0_u32, 0_u32);
        for seen in self.observations.iter().filter(|seen| seen.base == base && seen.test == Test::Binding) {
            let sends = seen.sends.unwrap_or(1);
            match seen.outcome {
                _ if seen.destination.address() != Some(self.options.server) => {}
                Outcome::Answer { .. } => count = (count.0.saturating_add(sends.saturating_sub(1)), count.1 + 1),
                Outcome::Silence => count.0 = count.0.saturating_add(sends),
                _ => {}
            }
        }
        let overdue = self
            .pending
            .iter()
            .filter(|pending| pending.socket == socket && pending.kind == Kind::Control && pending.waited(now));
        (count.0.saturating_add(overdue.count() as u32), count.1)
    }

    /// The lane goes on to its next step; a control belongs to none.
    fn step_over(&mut self, lane: Option<usize>) {
        let Some(index) = lane else { return };
        let Some(lane) = self.lanes.get_mut(index) else { return };
        lane.busy = lane.busy.saturating_sub(1);
        if lane.busy == 0 {
            self.burst_over(index);
        }
    }

    /// Starts what can be started, and finishes.
    fn go_on(&mut self, now: Duration) {
        let Some(began) = self.began else { return };
        for index in 0..self.lanes.len() {
            while self.next_start <= now
                && let Some((socket, step)) = self.lanes.get_mut(index).and_then(|lane| lane.next_step(began, now))
            {
                self.begin(now, index, socket, step);
            }
        }
        let over = self.lanes.iter().all(Lane::is_over) && self.pending.is_empty();
        if over {
            self.lifetime_begin(now);
        }
        self.lifetime_go_on(now);
        let over = over && self.pending.is_empty() && self.lifetime.as_ref().is_none_or(Lifetime::is_over);
        if over && !self.finished {
            self.finished = true;
            self.event(now, "finished", "", format!("{} observations.", self.observations.len()));
        }
    }

    fn begin(&mut self, now: Duration, lane: usize, socket: usize, step: Step) {
        let worthwhile = match step {
            Step::Together => true,
            Step::Plain(Target::Server) => !self.server.silent,
            // When the server is silent there is nothing to compare with.
            _ => self.server.answered,
        };
        if !worthwhile {
            return;
        }
        let server = self.options.server;
        let (destination, kind) = match step {
            Step::Plain(target) => (target.resolve(server, self.server.other), Kind::Plain(target.title())),
            Step::Change { ip } => (self.may_change(now, socket, ip), Kind::Change { ip }),
            Step::Together => return self.burst_begin(now, lane, socket),
            Step::Fragments => (Some(server), Kind::Fragments),
            Step::Hairpin => (self.mapping_of(if socket == 0 { 1 } else { 0 }), Kind::Hairpin),
        };
        if let Some(destination) = destination {
            self.start(now, Some(lane), socket, destination, kind);
        }
    }

    /// The first mapped address that a socket was seen with.
    fn mapping_of(&self, socket: usize) -> Option<SocketAddr> {
        let base = self.base(socket);
        self.observations.iter().filter(|seen| seen.base == base).find_map(Observation::mapped)
    }

    /// The server, if a test of filtering makes sense; else notes why not.
    fn may_change(&mut self, now: Duration, socket: usize, ip: bool) -> Option<SocketAddr> {
        let server = self.options.server;
        let reason = match self.server.other {
            _ if self.server.pool => "server-pool",
            Some(_) => return Some(server),
            None if self.server.unusable => "other-address-unusable",
            None => "no-other-address",
        };
        let test = Kind::Change { ip }.test();
        self.observe(now, Observation::new(self.base(socket), server.into(), test, Outcome::Untestable(reason)));
        None
    }
}
