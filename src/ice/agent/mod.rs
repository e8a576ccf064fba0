//! The ICE agent: RFC 8445 full and lite, trickle (8838), PAC (8863), consent (7675), restarts, role conflicts.
//!
//! An [`Agent`] is a machine without sockets, clock or randomness. The caller adds candidates, sends what
//! [`Agent::poll_transmit`] gives, hands in what arrives with [`Agent::receive`], calls [`Agent::timeout`] when
//! [`Agent::poll_timeout`] says so, and reads [`Agent::poll_event`]: every decision with its rule and reason, and the data
//! that arrived. Methods that change something without a `now` take effect at the latest time the agent was told; when
//! they leave something to do, `poll_timeout` is due at once.
//!
//! ```
//! use core::time::Duration;
//! use icelens::ice::Role;
//! use icelens::ice::agent::{Agent, AgentConfig, AgentState, LocalCandidate, RemoteCandidate, RemoteParameters};
//!
//! let mut agents = [Role::Controlling, Role::Controlled].map(|role| Agent::new(AgentConfig::new(role, [role as u8; 32])));
//! for (agent, address) in agents.iter_mut().zip(["192.0.2.1:5000", "192.0.2.2:5000"]) {
//!     agent.add_local_candidate(LocalCandidate::host(address.parse()?))?;
//! }
//! let [mut a, mut b] = agents;
//! for (one, other) in [(&mut a, &b)] {
//!     let theirs = other.local_credentials();
//!     one.set_remote_parameters(RemoteParameters::new(&theirs.ufrag, &theirs.pwd));
//!     for line in other.local_candidates().iter().map(|local| local.to_string()) {
//!         let parsed = icelens::candidate::parse(&line);
//!         one.add_remote_candidate(RemoteCandidate::from_line(0, parsed.candidate().ok_or("no candidate")?)?)?;
//!     }
//! }
//! let ours = a.local_credentials();
//! b.set_remote_parameters(RemoteParameters::new(&ours.ufrag, &ours.pwd)); // and no candidates: b learns a's from its check
//! let mut now = Duration::ZERO;
//! while a.state() != AgentState::Completed || b.state() != AgentState::Completed {
//!     now = a.poll_timeout().into_iter().chain(b.poll_timeout()).min().ok_or("stuck")?.max(now);
//!     for agent in [&mut a, &mut b] {
//!         agent.timeout(now);
//!     }
//!     while let Some(packet) = a.poll_transmit().or_else(|| b.poll_transmit()) {
//!         let to = if packet.remote.ip() == "192.0.2.1".parse::<core::net::IpAddr>()? { &mut a } else { &mut b };
//!         to.receive(now, &icelens::net::Datagram { local: packet.remote, remote: packet.local, ..packet });
//!     }
//! }
//! assert!(now < Duration::from_secs(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod candidate;
mod candidates;
mod check_lists;
mod config;
mod consent;
mod data;
mod entropy;
mod event;
mod failure;
mod gather;
mod mux;
mod nominate;
mod pair;
mod policy;
mod request;
mod response;
mod restart;
mod rules;
mod schedule;
mod server;
mod state;
mod stream;
mod switch;
mod words;

pub use candidate::{Local, LocalCandidate, Refused, Remote, RemoteCandidate};
pub use config::{
    AgentConfig, Credentials, DEFAULT_PACING, LEAST_PACING, MAX_COMPONENTS, MAX_PAIR_LIMIT, MAX_STREAMS, Nomination,
    RemoteParameters,
};
pub use data::SendError;
pub use event::{Code, Decision, Event, MAX_DATA, MAX_EVENTS};
pub use failure::{Counts, Failure, IceFailure};
pub use gather::{IceServer, MAX_GATHERINGS};
pub use mux::{MAX_AGENTS, MAX_PATHS, Mux};
pub use pair::{CheckFailure, Pair, PairId, PairStats};
pub use policy::{Acceptance, Policy, Profile};
pub use request::MAX_TRANSACTIONS;
pub use rules::{CandidateRule, Matches, Treatment, local_preferences};
pub use server::MAX_EARLY_CHECKS;
pub use state::AgentState;
pub use stream::ListState;
pub use switch::SwitchReason;
pub use words::WORDS;

use crate::ice::Role;
use crate::net::Datagram;
use crate::stun::{Class, Key, Message, Method, is_message};
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use entropy::Entropy;
use gather::Gathering;
use request::Check;
use server::EarlyCheck;
use stream::{Component, Stream};

/// Packets kept until polled; when there are more, new ones are dropped, as a full socket buffer would.
pub const MAX_TRANSMITS: usize = 1024;

/// A component of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId {
    /// Stream, from 0 in the order of the check list set.
    pub stream: u16,
    /// Component id, from 1.
    pub component: u16,
}

impl ComponentId {
    /// Component 1 of the first stream.
    pub const FIRST: Self = Self { stream: 0, component: 1 };
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.stream, self.component)
    }
}

/// The credentials between two restarts.
#[derive(Clone, Debug)]
struct Generation {
    local: Credentials,
    local_key: Key,
    remote: Option<RemoteSide>,
}

/// The other side, once it is known.
#[derive(Clone, Debug)]
struct RemoteSide {
    parameters: RemoteParameters,
    key: Key,
    /// USERNAME of checks: its fragment, a colon, ours (RFC 8445 §7.2.2).
    username: String,
}

/// An ICE agent.
#[derive(Debug)]
pub struct Agent {
    role: Role,
    lite: bool,
    nomination: Nomination,
    renomination: bool,
    policy: Policy,
    tie_breaker: u64,
    pacing: Duration,
    pair_limit: usize,
    entropy: Entropy,
    generation: Generation,
    previous: Option<Generation>,
    /// Components of a stream, those that the other side does not use included.
    components: u16,
    streams: Vec<Stream>,
    locals: Vec<Local>,
    remotes: Vec<Remote>,
    /// The caller has no more local candidates.
    host_end: bool,
    local_end: bool,
    remote_end: bool,
    servers: Vec<IceServer>,
    relay_only: bool,
    rules: Vec<CandidateRule>,
    gatherings: Vec<Gathering>,
    checks: Vec<Check>,
    early: VecDeque<EarlyCheck>,
    /// When the next check may be sent: Ta after the last.
    next_check: Duration,
    /// The stream whose turn it is.
    turn: usize,
    started: Option<Duration>,
    starting: bool,
    pac_elapsed: bool,
    completed_at: Option<Duration>,
    freed: bool,
    next_pair: u32,
    state: AgentState,
    closed: bool,
    /// Set by what may have made timers due at once.
    stirred: bool,
    failure: Option<Failure>,
    counts: Counts,
    now: Duration,
    transmits: VecDeque<Datagram>,
    decisions: VecDeque<(u64, Decision)>,
    data: VecDeque<(u64, Event)>,
    sequence: u64,
    dropped_events: u64,
}

impl Agent {
    /// A new agent. Numbers out of range are taken as the nearer end of it.
    pub fn new(config: AgentConfig) -> Self {
        let mut entropy = Entropy::new(config.entropy);
        let local = config.credentials.unwrap_or_else(|| Self::new_credentials(&mut entropy));
        let tie_breaker = config.tie_breaker.unwrap_or_else(|| entropy.number());
        let components = config.components.clamp(1, MAX_COMPONENTS);
        let streams = config.streams.clamp(1, MAX_STREAMS);
        let local_key = Key::short_term(&local.pwd);
        Self {
            role: config.role,
            lite: config.lite,
            nomination: config.nomination,
            renomination: config.renomination,
            policy: config.policy,
            tie_breaker,
            pacing: config.pacing.unwrap_or(config.policy.pacing).max(LEAST_PACING),
            pair_limit: config.pair_limit.clamp(1, MAX_PAIR_LIMIT),
            entropy,
            generation: Generation { local, local_key, remote: None },
            previous: None,
            components,
            streams: (0..streams).map(|stream| Stream::new(stream, components)).collect(),
            locals: Vec::new(),
            remotes: Vec::new(),
            host_end: false,
            local_end: false,
            remote_end: false,
            servers: config.servers,
            relay_only: config.relay_only,
            rules: config.rules,
            gatherings: Vec::new(),
            checks: Vec::new(),
            early: VecDeque::new(),
            next_check: Duration::ZERO,
            turn: 0,
            started: None,
            starting: false,
            pac_elapsed: false,
            completed_at: None,
            freed: false,
            next_pair: 0,
            state: AgentState::New,
            closed: false,
            stirred: false,
            failure: None,
            counts: Counts::default(),
            now: Duration::ZERO,
            transmits: VecDeque::new(),
            decisions: VecDeque::new(),
            data: VecDeque::new(),
            sequence: 0,
            dropped_events: 0,
        }
    }

    /// 48 and 144 random bits: RFC 8445 §5.3 asks for 24 and 128.
    fn new_credentials(entropy: &mut Entropy) -> Credentials {
        Credentials { ufrag: entropy.ice_chars(8), pwd: entropy.ice_chars(24) }
    }

    /// Our credentials, for the other side.
    pub const fn local_credentials(&self) -> &Credentials {
        &self.generation.local
    }

    /// ICE parameters of the other side.
    pub fn remote_parameters(&self) -> Option<&RemoteParameters> {
        self.generation.remote.as_ref().map(|remote| &remote.parameters)
    }

    /// The role now.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The tie-breaker now.
    pub const fn tie_breaker(&self) -> u64 {
        self.tie_breaker
    }

    /// The state.
    pub const fn state(&self) -> AgentState {
        self.state
    }

    /// The local candidates; see [`Local::is_current`].
    pub fn local_candidates(&self) -> &[Local] {
        &self.locals
    }

    /// The remote candidates; see [`Remote::is_current`].
    pub fn remote_candidates(&self) -> &[Remote] {
        &self.remotes
    }

    /// The pairs of a stream, best first: its check list, and those that are valid only or were removed by a nomination.
    pub fn pairs(&self, stream: u16) -> &[Pair] {
        self.streams.get(usize::from(stream)).map_or(&[], |stream| &stream.pairs)
    }

    /// The state of a stream's check list.
    pub fn list_state(&self, stream: u16) -> Option<ListState> {
        self.streams.get(usize::from(stream)).map(|stream| stream.state)
    }

    /// The selected pair of a component.
    pub fn selected(&self, id: ComponentId) -> Option<&Pair> {
        let selected = self.component(id)?.selected?;
        self.stream(id.stream)?.pair(selected)
    }

    /// Why the agent failed.
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Counts so far.
    pub fn counts(&self) -> Counts {
        self.count()
    }

    /// Events that were dropped because nobody polled them.
    pub const fn dropped_events(&self) -> u64 {
        self.dropped_events
    }

    /// Takes a datagram that arrived on one of our sockets.
    pub fn receive(&mut self, now: Duration, datagram: &Datagram) {
        self.advance(now);
        if self.closed {
            return;
        }
        self.start_if_ready();
        if !self.receive_from_server(datagram) {
            self.take(datagram);
        }
        self.settle();
    }

    /// Takes a datagram that came from the other side, directly or through a relay.
    fn take(&mut self, datagram: &Datagram) {
        if !is_message(&datagram.bytes) {
            return self.receive_data(datagram);
        }
        let Ok(message) = Message::parse(&datagram.bytes) else {
            return self.ignore(datagram, "its attributes do not fit its length");
        };
        if !message.fingerprint().is_valid() {
            return self.ignore(datagram, "it has no valid FINGERPRINT");
        }
        match (message.class(), message.method()) {
            (Class::Request, Method::BINDING) => self.receive_request(datagram, &message),
            (Class::Success | Class::Error, Method::BINDING) => self.receive_response(datagram, &message),
            (Class::Indication, Method::BINDING) => self.note_received(datagram),
            _ => self.ignore(datagram, "its method is not Binding"),
        }
    }

    fn ignore(&mut self, datagram: &Datagram, what: &'static str) {
        let (local, remote) = (Some(datagram.local), Some(datagram.remote));
        self.log(Code::MessageIgnored, |line| (line.local, line.remote, line.what) = (local, remote, what));
    }

    /// Does what is due at `now`.
    pub fn timeout(&mut self, now: Duration) {
        self.advance(now);
        self.stirred = false;
        if self.closed {
            return;
        }
        self.start_if_ready();
        self.gathering_due();
        self.checks_due();
        self.next_check_due();
        self.consent_due();
        self.settle();
    }

    /// When to call [`Self::timeout`]; `None` when nothing is left to wait for.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.closed {
            return None;
        }
        if self.stirred || self.starting {
            return Some(self.now);
        }
        let waits = self.has_check_to_send() || self.has_gathering_to_start();
        let check = waits.then_some(self.next_check.max(self.now));
        [check, self.next_gathering(), self.next_retransmission(), self.next_consent(), self.next_state_timer()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Datagram> {
        self.transmits.pop_front()
    }

    /// The next event, in the order they happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        let decision = self.decisions.front().map_or(u64::MAX, |(sequence, _)| *sequence);
        let data = self.data.front().map_or(u64::MAX, |(sequence, _)| *sequence);
        if decision <= data {
            return self.decisions.pop_front().map(|(_, decision)| Event::Decision(decision));
        }
        self.data.pop_front().map(|(_, event)| event)
    }

    /// Ends everything: nothing is sent or taken any more.
    pub fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        self.checks.clear();
        self.early.clear();
        self.transmits.clear();
        self.close_relays();
        self.log(Code::Closed, |_| {});
        self.set_state(AgentState::Closed);
    }

    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    fn push_transmit(&mut self, datagram: Datagram) {
        if self.transmits.len() < MAX_TRANSMITS {
            self.transmits.push_back(datagram);
        }
    }

    /// Notes a decision; `fill` adds what belongs to it.
    fn log(&mut self, code: Code, fill: impl FnOnce(&mut Decision)) {
        let mut decision = Decision::new(self.now, code);
        fill(&mut decision);
        debug_assert!(words::known(decision.what, decision.was), "{:?} is not in WORDS", decision.what);
        if self.decisions.len() >= MAX_EVENTS {
            self.decisions.pop_front();
            self.dropped_events += 1;
        }
        self.decisions.push_back((self.sequence, decision));
        self.sequence += 1;
    }

    fn stream(&self, stream: u16) -> Option<&Stream> {
        self.streams.get(usize::from(stream))
    }

    fn stream_mut(&mut self, stream: u16) -> Option<&mut Stream> {
        self.streams.get_mut(usize::from(stream))
    }

    fn component(&self, id: ComponentId) -> Option<&Component> {
        self.stream(id.stream)?.components.get(usize::from(id.component.checked_sub(1)?))
    }

    fn component_mut(&mut self, id: ComponentId) -> Option<&mut Component> {
        self.stream_mut(id.stream)?.components.get_mut(usize::from(id.component.checked_sub(1)?))
    }

    fn pair(&self, stream: u16, id: PairId) -> Option<&Pair> {
        self.stream(stream)?.pair(id)
    }

    fn pair_mut(&mut self, stream: u16, id: PairId) -> Option<&mut Pair> {
        self.stream_mut(stream)?.pair_mut(id)
    }

    /// Every component's id, stream by stream.
    fn component_ids(&self) -> Vec<ComponentId> {
        self.streams.iter().flat_map(|stream| stream.components.iter().map(|component| component.id)).collect()
    }
}
