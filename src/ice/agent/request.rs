//! Sending checks and consent checks, and their retransmissions (RFC 8445 §7.2.4, §14.3).
use super::candidates::type_preference;
use super::event::Code;
use super::pair::{CheckFailure, PairId};
use super::{Agent, ComponentId, Nomination};
use crate::candidate::{CandidateType, PriorityParts};
use crate::ice::{PairState, Role};
use crate::net::{Datagram, Protocol};
use crate::stun::transaction::{Action, Timing, Transaction};
use crate::stun::{BuildError, Builder, Class, Key, Method, TransactionId, Value, attribute};
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

/// Most requests waiting for an answer; when there are more, the oldest that is not sent again is given up.
pub const MAX_TRANSACTIONS: usize = 1024;

/// Room for the largest request: both fragments of 256 characters and all attributes.
const MAX_REQUEST: usize = 720;

/// Why a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Ordinary,
    Triggered,
    Nominating,
    Consent,
    /// Consent of the path from before a restart.
    PreviousConsent,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Triggered => "triggered",
            Self::Nominating => "nominating",
            Self::Consent | Self::PreviousConsent => "consent",
        }
    }

    pub(super) const fn is_consent(self) -> bool {
        matches!(self, Self::Consent | Self::PreviousConsent)
    }
}

/// A request waiting for its answer.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) stream: u16,
    pub(super) component: u16,
    pub(super) pair: Option<PairId>,
    pub(super) purpose: Purpose,
    pub(super) transaction: Transaction,
    pub(super) datagram: Datagram,
    /// The role it was sent in.
    pub(super) role: Role,
    pub(super) priority: u32,
    pub(super) use_candidate: bool,
    /// Not sent again, and silence is not a failure (RFC 8445 §7.3.1.4).
    pub(super) cancelled: bool,
    pub(super) sent: Duration,
    pub(super) key: Key,
}

/// Parts that differ between requests.
pub(super) struct Request<'a> {
    pub(super) id: TransactionId,
    pub(super) username: &'a str,
    pub(super) key: &'a Key,
    pub(super) role: Role,
    pub(super) tie_breaker: u64,
    pub(super) priority: u32,
    pub(super) use_candidate: bool,
    pub(super) nomination: Option<u32>,
}

impl Request<'_> {
    pub(super) fn write(&self) -> Result<Vec<u8>, BuildError> {
        let mut buffer = [0; MAX_REQUEST];
        let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, self.id)?;
        builder.attribute(attribute::USERNAME, &Value::Text(self.username))?;
        builder.attribute(attribute::PRIORITY, &Value::Number(self.priority))?;
        let role = match self.role {
            Role::Controlling => attribute::ICE_CONTROLLING,
            Role::Controlled => attribute::ICE_CONTROLLED,
        };
        builder.attribute(role, &Value::Long(self.tie_breaker))?;
        if self.use_candidate {
            builder.attribute(attribute::USE_CANDIDATE, &Value::Flag)?;
        }
        if let Some(count) = self.nomination {
            builder.attribute(attribute::NOMINATION, &Value::Number(count))?;
        }
        builder.sign(self.key)?.fingerprint()?;
        Ok(builder.finish().to_vec())
    }
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Agent {
    /// Sends a check of a pair; false when there is no such pair or no credentials.
    pub(super) fn send_check(&mut self, stream: u16, id: PairId, purpose: Purpose) -> bool {
        let Some(pair) = self.pair(stream, id) else { return false };
        let (local, remote) = (usize::from(pair.local), usize::from(pair.remote));
        let component = pair.component;
        let use_candidate = self.role == Role::Controlling
            && !purpose.is_consent()
            && (pair.nominating || self.nomination == Nomination::Aggressive);
        let Some((ours, theirs)) = self.locals.get(local).zip(self.remotes.get(remote)) else { return false };
        let (base, destination, protocol) = (ours.candidate.base, theirs.candidate.address, ours.protocol());
        let priority = peer_reflexive_priority(ours.priority, protocol);
        let Some(side) = self.generation.remote.clone() else { return false };
        let number = self.component(ComponentId { stream, component }).map_or(0, |it| it.nomination);
        let nomination = (use_candidate && self.renominates()).then_some(number);
        let transaction_id = self.entropy.transaction_id();
        let request = Request {
            id: transaction_id,
            username: &side.username,
            key: &side.key,
            role: self.role,
            tie_breaker: self.tie_breaker,
            priority,
            use_candidate,
            nomination,
        };
        let Ok(bytes) = request.write() else { return false };
        let timing = self.timing(purpose, protocol);
        let check = Check {
            stream,
            component,
            pair: Some(id),
            purpose,
            transaction: Transaction::new(transaction_id, timing, milliseconds(self.now)),
            datagram: Datagram { local: base, remote: destination, protocol, bytes },
            role: self.role,
            priority,
            use_candidate,
            cancelled: false,
            sent: self.now,
            key: side.key,
        };
        self.note_sent(&check, timing);
        if !purpose.is_consent()
            && let Some(pair) = self.pair_mut(stream, id)
        {
            pair.state = PairState::InProgress;
            pair.failure = None;
        }
        self.begin(check);
        true
    }

    fn note_sent(&mut self, check: &Check, timing: Timing) {
        let (local, remote) = (Some(check.datagram.local), Some(check.datagram.remote));
        let id = ComponentId { stream: check.stream, component: check.component };
        let code = if check.purpose.is_consent() { Code::ConsentSent } else { Code::CheckSent };
        let (pair, what) = (check.pair, check.purpose.name());
        self.log(code, |line| {
            (line.component, line.pair, line.local, line.remote) = (Some(id), pair, local, remote);
            (line.what, line.number) = (what, u64::from(timing.rto));
        });
        let now = self.now;
        self.counts.checks_sent += 1;
        if let Some(pair) = pair.and_then(|pair| self.pair_mut(check.stream, pair)) {
            pair.stats.checks += 1;
            pair.stats.requests_sent += 1;
            pair.stats.first_sent.get_or_insert(now);
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) fn begin(&mut self, check: Check) {
        self.transmit(check.datagram.clone());
        if self.checks.len() >= MAX_TRANSACTIONS {
            let idle = self.checks.iter().position(|check| check.cancelled || check.purpose.is_consent());
            self.checks.remove(idle.unwrap_or(0));
        }
        self.checks.push(check);
    }

    /// RFC 8445 §14.3, with N the number of running check lists: see `docs/deviations.md`. Consent checks are sent once
    /// (RFC 7675 §5.1), checks over TCP too (RFC 8489 §6.2.2).
    fn timing(&self, purpose: Purpose, protocol: Protocol) -> Timing {
        if purpose.is_consent() {
            let wait = u32::try_from(milliseconds(self.policy.expiry)).unwrap_or(u32::MAX);
            return Timing { rto: wait, rc: 1, rm: 1 };
        }
        if protocol == Protocol::Tcp {
            return Timing::RELIABLE;
        }
        let open = |state| matches!(state, PairState::Waiting | PairState::InProgress);
        let pairs = self.streams.iter().flat_map(|stream| &stream.pairs);
        let open = pairs.filter(|pair| pair.listed && open(pair.state)).count();
        let running = self.streams.iter().filter(|stream| stream.state == super::ListState::Running).count();
        let product = milliseconds(self.ta()).saturating_mul((open * running) as u64);
        let rto = u32::try_from(product).unwrap_or(u32::MAX).max(self.policy.timing.rto);
        Timing { rto, ..self.policy.timing }
    }

    /// When the next request is to be sent again or given up.
    pub(super) fn next_retransmission(&self) -> Option<Duration> {
        self.checks.iter().map(|check| Duration::from_millis(check.transaction.next_timeout())).min()
    }

    /// Sends again what is due, and gives up what was not answered.
    pub(super) fn checks_due(&mut self) {
        let now = milliseconds(self.now);
        let mut at = 0;
        while let Some(check) = self.checks.get_mut(at) {
            match check.transaction.handle_timeout(now) {
                Action::Wait => at += 1,
                Action::Send => {
                    at += 1;
                    if !check.cancelled {
                        let (datagram, sent) = (check.datagram.clone(), check.transaction.sent());
                        let (stream, pair) = (check.stream, check.pair);
                        self.send_again(stream, pair, sent, datagram);
                    }
                }
                Action::Failed => {
                    let check = self.checks.remove(at);
                    if !check.cancelled && !check.purpose.is_consent() {
                        self.check_failed(&check, CheckFailure::Silent);
                    }
                }
            }
        }
    }

    fn send_again(&mut self, stream: u16, pair: Option<PairId>, sent: u32, datagram: Datagram) {
        self.transmit(datagram);
        self.log(Code::CheckAgain, |line| (line.pair, line.number) = (pair, u64::from(sent)));
        if let Some(pair) = pair.and_then(|pair| self.pair_mut(stream, pair)) {
            pair.stats.requests_sent += 1;
        }
    }

    /// Ends the checks of a pair: they are not sent again, and an answer that still comes counts.
    pub(super) fn cancel_checks(&mut self, stream: u16, id: PairId, why: &'static str) {
        let of = |check: &&mut Check| {
            check.stream == stream && check.pair == Some(id) && !check.purpose.is_consent() && !check.cancelled
        };
        let mut any = false;
        for check in self.checks.iter_mut().filter(of) {
            check.cancelled = true;
            any = true;
        }
        if any {
            self.log(Code::CheckCancelled, |line| (line.pair, line.what) = (Some(id), why));
        }
    }

    pub(super) fn base_of(&self, stream: u16, id: PairId) -> Option<(SocketAddr, SocketAddr, Protocol)> {
        let pair = self.pair(stream, id)?;
        let local = self.locals.get(usize::from(pair.local))?;
        let remote = self.remotes.get(usize::from(pair.remote))?;
        Some((local.candidate.base, remote.candidate.address, local.protocol()))
    }
}

/// PRIORITY of a check: what a peer-reflexive candidate that it reveals would have (RFC 8445 §7.1.1, RFC 6544 §4.2).
fn peer_reflexive_priority(priority: u32, protocol: Protocol) -> u32 {
    let type_preference = type_preference(CandidateType::PeerReflexive, protocol);
    PriorityParts { type_preference, ..PriorityParts::split(priority) }.join()
}
