//! Signalling between the two sides of a call: parameters and candidates, as offer and answer or trickled (RFC 8838).

use core::net::SocketAddr;
use core::time::Duration;

use super::trace::What;
use super::{Action, Simulation};
use crate::candidate::{self, CandidateType};
use crate::ice::agent::{Agent, AgentState, ComponentId, Local, LocalCandidate, RemoteCandidate, RemoteParameters};
use crate::sim::Machine;
use crate::sim::scenario::Program;
use crate::sim::world::HostId;

/// A message of signalling.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Message {
    /// Offer or answer: user name fragment, password, whether the sender is lite, and the candidates that go with it.
    Parameters {
        /// User name fragment.
        ufrag: String,
        /// Password.
        pwd: String,
        /// The sender is lite.
        lite: bool,
        /// Candidate lines.
        candidates: Vec<String>,
        /// No more candidates follow.
        complete: bool,
    },
    /// A candidate on its own.
    Candidate(String),
    /// No more candidates follow.
    EndOfCandidates,
    /// The answer came: ACK of SIP, which takes three messages for an offer (RFC 3261 §13).
    Acknowledgement,
}

impl Message {
    /// The SIP request or response that carries it: offers go in INVITE, candidates of their own in INFO (RFC 8840).
    const fn sip(&self, answers: bool) -> &'static str {
        match self {
            Self::Parameters { .. } if answers => "200 OK",
            Self::Parameters { .. } => "INVITE",
            Self::Candidate(_) | Self::EndOfCandidates => "INFO",
            Self::Acknowledgement => "ACK",
        }
    }
}

/// One side of a call.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) host: HostId,
    /// Index of the host in the scenario.
    pub(super) index: usize,
    gathering_begun: bool,
    /// It may send: it offers, or it has the offer.
    may_send: bool,
    parameters_sent: bool,
    /// Local candidates looked at so far.
    seen: usize,
    end_sent: bool,
    /// Its offer waits for an answer.
    offered: bool,
    /// An offer waits for its answer.
    owes_answer: bool,
    /// When it first had a selected pair.
    pub(super) connected: Option<Duration>,
    pub(super) failed: Option<Duration>,
    /// Packets of media that arrived.
    pub(super) received: u64,
}

impl Side {
    pub(super) const fn new(host: HostId, index: usize) -> Self {
        Self {
            host,
            index,
            gathering_begun: false,
            may_send: false,
            parameters_sent: false,
            seen: 0,
            end_sent: false,
            offered: false,
            owes_answer: false,
            connected: None,
            failed: None,
            received: 0,
        }
    }

    fn signal_again(&mut self) {
        (self.parameters_sent, self.end_sent, self.seen) = (false, false, 0);
    }
}

impl Simulation {
    /// A call begins: the offerer gathers.
    pub(super) fn begin(&mut self, call: usize) {
        self.gather(call * 2);
        if let Some(side) = self.sides.get_mut(call * 2) {
            side.may_send = true;
        }
    }

    /// Adds the host candidates of a side, which asks its servers from them.
    pub(super) fn gather(&mut self, side: usize) {
        let Some(state) = self.sides.get_mut(side).filter(|side| !side.gathering_begun) else { return };
        state.gathering_begun = true;
        let Some(host) = self.scenario.hosts.get(state.index) else { return };
        let Program::Ice { port, .. } = host.run else { return };
        let sockets: Vec<_> = host.addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        self.add_addresses(side, &sockets);
    }

    pub(super) fn add_addresses(&mut self, side: usize, sockets: &[SocketAddr]) {
        self.with_agent(side, |agent| {
            for socket in sockets {
                // A refused candidate is in the agent's own log.
                let _ = agent.add_local_candidate(LocalCandidate::host(*socket));
            }
            agent.end_of_local_candidates();
        });
    }

    /// Runs `change` on a side's agent at the present time.
    pub(super) fn with_agent<R>(&mut self, side: usize, change: impl FnOnce(&mut Agent) -> R) -> Option<R> {
        let (host, now) = (self.sides.get(side)?.host, self.world.now());
        self.world.with_machine(host, |machine| match machine {
            Machine::Ice(agent) => {
                agent.timeout(now);
                Some(change(agent))
            }
            _ => None,
        })?
    }

    /// Sends what of a side's candidates was not signalled yet.
    pub(super) fn signal_candidates(&mut self, side: usize) {
        let Some(state) = self.sides.get(side).filter(|side| side.may_send && !side.end_sent) else { return };
        let Some(call) = self.call_of(side) else { return };
        let (vanilla, index, seen) = (call.vanilla, state.index, state.seen);
        let Some(Machine::Ice(agent)) = self.world.machine(state.host) else { return };
        let gathering = agent.is_gathering();
        let nothing_new = state.parameters_sent && gathering && seen == agent.local_candidates().len();
        if nothing_new || (vanilla && gathering) {
            return;
        }
        let lines: Vec<_> =
            agent.local_candidates().iter().skip(seen).filter_map(|one| self.line(index, one)).collect();
        let (total, credentials) = (agent.local_candidates().len(), agent.local_credentials());
        let parameters = |candidates| Message::Parameters {
            ufrag: credentials.ufrag.clone(),
            pwd: credentials.pwd.clone(),
            lite: self.is_lite(index),
            candidates,
            complete: !gathering,
        };
        let mut messages = Vec::new();
        if state.parameters_sent {
            messages.extend(lines.into_iter().map(Message::Candidate));
            messages.extend((!gathering).then_some(Message::EndOfCandidates));
        } else {
            messages.push(parameters(lines));
        }
        if let Some(state) = self.sides.get_mut(side) {
            (state.parameters_sent, state.seen, state.end_sent) = (true, total, !gathering);
        }
        for message in messages {
            let answers = matches!(message, Message::Parameters { .. }) && self.answers(side);
            self.send_signal(side, message, answers);
        }
    }

    /// Whether the parameters that a side sends now are an answer; otherwise they are an offer, which waits for one.
    fn answers(&mut self, side: usize) -> bool {
        let Some(state) = self.sides.get_mut(side) else { return false };
        let answers = core::mem::take(&mut state.owes_answer);
        state.offered = !answers;
        answers
    }

    fn is_lite(&self, index: usize) -> bool {
        self.scenario.hosts.get(index).is_some_and(|host| matches!(host.run, Program::Ice { lite: true, .. }))
    }

    /// The candidate line that a host signals for a candidate; `None` where it signals none.
    fn line(&self, index: usize, local: &Local) -> Option<String> {
        let Program::Ice { relay_only, announces, .. } = &self.scenario.hosts.get(index)?.run else { return None };
        let kind = local.candidate.kind;
        if kind == CandidateType::PeerReflexive
            || !local.is_current()
            || (*relay_only && kind != CandidateType::Relayed)
        {
            return None;
        }
        let line = local.to_string();
        match announces {
            Some(ip) if kind == CandidateType::Host => {
                Some(line.replacen(&format!(" {} ", local.candidate.address.ip()), &format!(" {ip} "), 1))
            }
            _ => Some(line),
        }
    }

    fn send_signal(&mut self, side: usize, message: Message, answers: bool) {
        let Some(call) = self.call_of(side) else { return };
        let at = self.world.now().saturating_add(Duration::from_millis(call.signalling));
        let sip = call.sip.then(|| message.sip(answers));
        let hosts = (self.sides.get(side).map(|side| side.host), self.sides.get(side ^ 1).map(|side| side.host));
        if let (Some(from), Some(to)) = hosts {
            self.note(What::Signal { from, to, message: message.clone(), sip });
        }
        self.schedule(at, Action::Deliver(side ^ 1, message));
    }

    /// A message of signalling arrives.
    pub(super) fn deliver(&mut self, side: usize, message: Message) {
        match message {
            Message::Parameters { ufrag, pwd, lite, candidates, complete } => {
                self.take_offer_or_answer(side);
                self.take_parameters(side, &ufrag, &pwd, lite);
                for line in candidates {
                    self.take_candidate(side, &line);
                }
                if complete {
                    self.with_agent(side, Agent::end_of_remote_candidates);
                }
            }
            Message::Candidate(line) => self.take_candidate(side, &line),
            Message::EndOfCandidates => {
                self.with_agent(side, Agent::end_of_remote_candidates);
            }
            Message::Acknowledgement => {}
        }
    }

    /// A message that arrives while an offer waits is its answer, and SIP acknowledges it; otherwise it is an offer.
    fn take_offer_or_answer(&mut self, side: usize) {
        let sip = self.call_of(side).is_some_and(|call| call.sip);
        let Some(state) = self.sides.get_mut(side) else { return };
        let is_answer = core::mem::take(&mut state.offered);
        state.owes_answer = !is_answer;
        if is_answer && sip {
            self.send_signal(side, Message::Acknowledgement, false);
        }
    }

    fn take_parameters(&mut self, side: usize, ufrag: &str, pwd: &str, lite: bool) {
        let parameters = RemoteParameters { lite, ..RemoteParameters::new(ufrag, pwd) };
        // Other parameters than before make the agent restart (RFC 8445 §9); it answers with new ones of its own.
        let restarts = self.with_agent(side, |agent| {
            let restarts = agent.remote_parameters().is_some_and(|known| known.credentials != parameters.credentials);
            agent.set_remote_parameters(parameters);
            if restarts {
                agent.end_of_local_candidates();
            }
            restarts
        });
        if let Some(state) = self.sides.get_mut(side) {
            if restarts == Some(true) {
                state.signal_again();
            }
            state.may_send = true;
        }
        self.gather(side);
    }

    fn take_candidate(&mut self, side: usize, line: &str) {
        let parsed = candidate::parse(line);
        let Some(remote) = parsed.candidate().and_then(|line| RemoteCandidate::from_line(0, line).ok()) else { return };
        self.with_agent(side, |agent| {
            // A refused candidate is in the agent's own log.
            let _ = agent.add_remote_candidate(remote);
        });
    }

    /// A side's agent restarts and offers again.
    pub(super) fn restart(&mut self, side: usize) {
        self.with_agent(side, |agent| {
            agent.restart(None);
            agent.end_of_local_candidates();
        });
        if let Some(state) = self.sides.get_mut(side) {
            state.signal_again();
        }
    }

    /// A packet of media leaves, and the next is planned.
    pub(super) fn media(&mut self, side: usize) {
        let now = self.world.now();
        let rate = self.call_of(side).map_or(0, |call| call.media);
        self.with_agent(side, |agent| {
            // Without a pair there is no media; the agent says so in its log.
            let _ = agent.send(now, ComponentId::FIRST, &[0x80; 160]);
        });
        if rate > 0 {
            let every = Duration::from_secs(1) / rate;
            self.schedule(now.saturating_add(every.max(Duration::from_millis(1))), Action::Media(side));
        }
    }

    /// Remembers when a side first had a selected pair, and when it failed; media begins then.
    pub(super) fn note_connected(&mut self, side: usize) {
        let (Some(state), now) = (self.state(side), self.world.now()) else { return };
        let media = self.call_of(side).is_some_and(|call| call.media > 0);
        let Some(entry) = self.sides.get_mut(side) else { return };
        match state {
            AgentState::Completed if entry.connected.is_none() => {
                entry.connected = Some(now);
                if media {
                    self.schedule(now, Action::Media(side));
                }
            }
            AgentState::Failed if entry.failed.is_none() => entry.failed = Some(now),
            _ => {}
        }
    }
}
