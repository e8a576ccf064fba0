//! Responses to our checks (RFC 8445 §7.2.5).
use super::event::Code;
use super::pair::{CheckFailure, PairId};
use super::request::Check;
use super::stream::ListState;
use super::{Agent, ComponentId, LocalCandidate};
use crate::candidate::CandidateType;
use crate::ice::{PairState, Role};
use crate::net::Datagram;
use crate::stun::{Class, Message, Value, attribute};
use core::net::SocketAddr;

/// 487 Role Conflict (RFC 8445 §7.3.1.1).
const ROLE_CONFLICT: u16 = 487;
/// 403 Forbidden: consent is revoked (RFC 7675 §5.2).
const FORBIDDEN: u16 = 403;

impl Agent {
    pub(super) fn receive_response(&mut self, datagram: &Datagram, message: &Message<'_>) {
        let remote = Some(datagram.remote);
        let Some(at) = self.checks.iter().position(|check| check.transaction.matches(message)) else {
            return self.log(Code::ResponseUnknown, |line| line.remote = remote);
        };
        let Some(check) = self.checks.get(at) else { return };
        let verdict = message.verify_sha1(&check.key);
        if !verdict.is_valid() {
            // Over UDP, as if it had not come (RFC 8489 §9.1.4); but a refusal for wrong credentials is evidence.
            self.counts.unauthenticated += 1;
            if message.error_code().is_some_and(|error| error.code == 401) {
                self.counts.unauthorized += 1;
            }
            return self.log(Code::ResponseUnauthenticated, |line| (line.remote, line.what) = (remote, verdict.name()));
        }
        let check = self.checks.remove(at);
        if check.purpose.is_consent() {
            return self.consent_answered(&check, datagram, message);
        }
        if (datagram.local, datagram.remote) != (check.datagram.local, check.datagram.remote) {
            let (pair, local) = (check.pair, Some(datagram.local));
            self.log(Code::CheckNotSymmetric, |line| (line.pair, line.local, line.remote) = (pair, local, remote));
            return self.check_failed(&check, CheckFailure::NotSymmetric);
        }
        if message.class() == Class::Success {
            return self.check_succeeded(&check, datagram, message);
        }
        match message.error_code().map_or(0, |error| error.code) {
            ROLE_CONFLICT => self.role_conflict_answered(&check),
            code => self.check_failed(&check, CheckFailure::Refused(code)),
        }
    }

    /// RFC 8445 §7.2.5.1.
    fn role_conflict_answered(&mut self, check: &Check) {
        let remote = Some(check.datagram.remote);
        if check.role != self.role {
            self.log(Code::RoleConflictStale, |line| line.remote = remote);
        } else {
            self.switch_role();
            self.tie_breaker = self.entropy.number();
            let what = role_name(self.role);
            self.log(Code::RoleSwitchedBy487, |line| (line.remote, line.what) = (remote, what));
        }
        let Some(id) = check.pair else { return };
        if let Some(pair) = self.pair_mut(check.stream, id).filter(|pair| pair.listed || pair.nominating) {
            pair.state = PairState::Waiting;
            if let Some(stream) = self.stream_mut(check.stream) {
                stream.trigger(id);
            }
        }
    }

    /// Takes the other role; priorities and who nominates follow from it (RFC 8445 §7.3.1.1).
    pub(super) fn switch_role(&mut self) {
        self.role = match self.role {
            Role::Controlling => Role::Controlled,
            Role::Controlled => Role::Controlling,
        };
        for pair in self.streams.iter_mut().flat_map(|stream| &mut stream.pairs) {
            (pair.nominating, pair.nominate_on_success) = (false, false);
        }
        self.recompute_priorities();
    }

    /// RFC 8445 §7.2.5.2: this pair fails, no other of its foundation.
    pub(super) fn check_failed(&mut self, check: &Check, failure: CheckFailure) {
        let Some(id) = check.pair else { return };
        self.counts.note_failure(failure);
        match failure {
            CheckFailure::Silent => {
                let sent = u64::from(check.transaction.sent());
                self.log(Code::CheckTimedOut, |line| (line.pair, line.number) = (Some(id), sent));
            }
            CheckFailure::Refused(code) => {
                self.log(Code::CheckRefused, |line| (line.pair, line.number) = (Some(id), u64::from(code)));
            }
            CheckFailure::NotSymmetric | CheckFailure::RelayRefused(_) => {}
        }
        let Some(pair) = self.pair_mut(check.stream, id) else { return };
        if check.cancelled {
            return;
        }
        (pair.state, pair.failure) = (PairState::Failed, Some(failure));
        let asked = core::mem::take(&mut pair.nominate_on_success);
        // With several nominations (RFC 5245) one of them may fail.
        if check.use_candidate && pair.nominating || asked && !self.expects_several_nominations() {
            self.nomination_failed(check.stream, id);
        }
    }

    /// RFC 8445 §7.2.5.3.4: a failed nomination takes the pair from the valid list and fails the list.
    fn nomination_failed(&mut self, stream: u16, id: PairId) {
        let Some(pair) = self.pair_mut(stream, id) else { return };
        pair.nominating = false;
        let component = ComponentId { stream, component: pair.component };
        let made = pair.makes.take().unwrap_or(id);
        if let Some(valid) = self.pair_mut(stream, made) {
            valid.valid = false;
        }
        self.log(Code::NominationFailed, |line| (line.component, line.pair) = (Some(component), Some(id)));
        self.counts.nominations_lost += 1;
        self.set_list_state(stream, ListState::Failed);
    }

    /// RFC 8445 §7.2.5.3.
    fn check_succeeded(&mut self, check: &Check, datagram: &Datagram, message: &Message<'_>) {
        let Some(id) = check.pair else { return };
        let mapped = match message.value(attribute::XOR_MAPPED_ADDRESS) {
            Some(Value::Address(mapped)) => mapped,
            _ => return self.check_failed(check, CheckFailure::Refused(0)),
        };
        let remote = Some(datagram.remote);
        self.log(Code::CheckSucceeded, |line| {
            (line.pair, line.local, line.remote) = (Some(id), Some(mapped), remote);
        });
        self.note_response(check, id);
        let Some(valid) = self.valid_pair(check, id, mapped) else { return };
        let foundation = self.pair(check.stream, id).map(|pair| pair.foundation);
        for name in [id, valid] {
            if let Some(pair) = self.pair_mut(check.stream, name) {
                pair.state = PairState::Succeeded;
            }
        }
        let nominating = self.pair(check.stream, id).is_some_and(|pair| pair.nominating);
        if !nominating || check.use_candidate {
            self.cancel_checks(check.stream, id, "another check of it was answered");
            if let Some(stream) = self.stream_mut(check.stream) {
                stream.triggered.retain(|queued| *queued != id);
            }
        }
        if let Some(foundation) = foundation {
            self.thaw(id, foundation);
        }
        self.update_nominated(check, id, valid);
    }

    fn note_response(&mut self, check: &Check, id: PairId) {
        let now = self.now;
        let round_trip = (check.transaction.sent() == 1).then(|| now.saturating_sub(check.sent));
        self.counts.answered += 1;
        let Some(pair) = self.pair_mut(check.stream, id) else { return };
        pair.stats.responses_received += 1;
        (pair.stats.last_response, pair.stats.last_received) = (Some(now), Some(now));
        pair.stats.round_trip = round_trip.or(pair.stats.round_trip);
        pair.failure = None;
    }

    /// RFC 8445 §7.2.5.3.2: the pair of the mapped address and the destination of the request.
    fn valid_pair(&mut self, check: &Check, id: PairId, mapped: SocketAddr) -> Option<PairId> {
        let pair = self.pair(check.stream, id)?;
        let (checked_local, remote, component) = (pair.local, pair.remote, pair.component);
        let component = ComponentId { stream: check.stream, component };
        let local = self.mapped_local(check, component, checked_local, mapped)?;
        let valid = match self.stream(check.stream)?.find(local, remote) {
            Some(found) => found.id,
            None => {
                let ours = self.locals.get(usize::from(local))?.priority;
                let theirs = self.remotes.get(usize::from(remote))?.core.priority;
                let priority = self.priority_of(ours, theirs);
                // When the limit leaves no room, the checked pair stands for it: data takes the same way.
                self.insert_pair(component, local, remote, priority, false).unwrap_or(id)
            }
        };
        self.pair_mut(check.stream, id)?.makes = Some(valid);
        let now = self.now;
        let made = self.pair_mut(check.stream, valid)?;
        let is_new = !made.valid;
        (made.valid, made.made_by) = (true, Some(id));
        (made.stats.last_response, made.stats.last_received) = (Some(now), Some(now));
        self.renew_consent(component, valid);
        let addresses = self.addresses(check.stream, valid);
        if is_new {
            self.component_mut(component)?.first_valid.get_or_insert(now);
            self.log(Code::ValidPair, |line| {
                (line.component, line.pair, line.number) = (Some(component), Some(valid), u64::from(id.0));
                (line.local, line.remote) = addresses;
            });
        }
        Some(valid)
    }

    /// The addresses of a pair's candidates.
    pub(super) fn addresses(&self, stream: u16, id: PairId) -> (Option<SocketAddr>, Option<SocketAddr>) {
        let Some(pair) = self.pair(stream, id) else { return (None, None) };
        let local = self.locals.get(usize::from(pair.local)).map(|it| it.candidate.address);
        (local, self.remotes.get(usize::from(pair.remote)).map(|it| it.candidate.address))
    }

    /// The local candidate with the mapped address; a new peer-reflexive one when there is none (RFC 8445 §7.2.5.3.1).
    fn mapped_local(&mut self, check: &Check, id: ComponentId, checked: u16, mapped: SocketAddr) -> Option<u16> {
        let sent_from = self.locals.get(usize::from(checked))?;
        let (transport, base, server) =
            (sent_from.candidate.transport, check.datagram.local, sent_from.candidate.server);
        if sent_from.candidate.address == mapped {
            return Some(checked);
        }
        let same = |local: &super::Local| {
            let it = &local.candidate;
            !local.removed && it.component == id && it.address == mapped && it.transport == transport
        };
        if let Some((index, _)) = (0..).zip(&self.locals).find(|(_, local)| same(local)) {
            return Some(index);
        }
        let candidate = LocalCandidate {
            component: id,
            kind: CandidateType::PeerReflexive,
            transport,
            address: mapped,
            base,
            server,
            preference: None,
            priority: Some(check.priority),
        };
        // A table that is full: the candidate that was checked stands for it.
        let Some(index) = self.store_local(candidate) else { return Some(checked) };
        let (remote, pair) = (Some(check.datagram.remote), check.pair);
        self.log(Code::LocalPeerReflexive, |line| {
            (line.component, line.local, line.remote, line.pair) = (Some(id), Some(mapped), remote, pair);
        });
        Some(index)
    }

    /// RFC 8445 §7.2.5.3.4.
    fn update_nominated(&mut self, check: &Check, id: PairId, valid: PairId) {
        let Some(pair) = self.pair_mut(check.stream, id) else { return };
        let asked = core::mem::take(&mut pair.nominate_on_success);
        let count = pair.asked_count.take();
        let component = ComponentId { stream: check.stream, component: pair.component };
        if check.use_candidate && self.role == Role::Controlling {
            if let Some(pair) = self.pair_mut(check.stream, id) {
                pair.nominating = false;
            }
            self.nominate(check.stream, valid, "its check with USE-CANDIDATE was answered");
        } else if let Some(count) = count.filter(|_| asked && self.renominates()) {
            self.renominated(component, valid, count);
        } else if asked && self.role == Role::Controlled {
            self.nominate(check.stream, valid, "the other side asked for it, and our own check of it was answered");
        }
    }

    fn consent_answered(&mut self, check: &Check, datagram: &Datagram, message: &Message<'_>) {
        if (datagram.local, datagram.remote) != (check.datagram.local, check.datagram.remote) {
            return self.ignore(datagram, "the answer of a consent check came another way");
        }
        let code = message.error_code().map_or(0, |error| error.code);
        match (message.class(), code) {
            (Class::Success, _) => self.consent_granted(check),
            (_, FORBIDDEN) => self.consent_revoked(check),
            (_, ROLE_CONFLICT) => self.role_conflict_answered(check),
            _ => {}
        }
    }
}

pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Controlling => "controlling",
        Role::Controlled => "controlled",
    }
}
