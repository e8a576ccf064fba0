//! Requests from the other side (RFC 8445 §7.3).
//!
//! The order is fixed, and nothing changes before the message is authenticated: FINGERPRINT, USERNAME and
//! MESSAGE-INTEGRITY there (400), username fragment ours (401), integrity right (401), required attributes known (420),
//! PRIORITY there (400), role conflict (487); then the rest.
use super::candidates::learned_foundation;
use super::event::Code;
use super::pair::{Pair, PairId};
use super::response::role_name;
use super::stream::ListState;
use super::{Agent, ComponentId, RemoteCandidate};
use crate::candidate::CandidateType;
use crate::ice::{Base, MAX_CANDIDATES, PairState, Role, Transport};
use crate::net::{Datagram, Protocol};
use crate::stun::{BuildError, Builder, Class, Codes, Key, Message, Method, Value, attribute, lookup};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

/// Most requests kept until the other side's credentials are known.
pub const MAX_EARLY_CHECKS: usize = 100;
/// Most remote candidates learned from requests, of all that fit in the table.
const MAX_LEARNED: usize = MAX_CANDIDATES / 2;
/// Candidates of one address that were learned at one socket and whose pairs failed, after which no more are learned there. Two
/// NATs with a port for each destination and no filter make each check look as if it came from a new candidate, which
/// triggers the next one, for ever: the relay would wait.
const MAX_FAILED_LEARNED: usize = 16;
/// Room for a response.
const MAX_RESPONSE: usize = 256;
/// Most unknown attributes named in a 420.
const MAX_UNKNOWN: usize = 16;

/// Parts of a request that later steps need.
#[derive(Clone, Debug)]
pub(super) struct EarlyCheck {
    local: SocketAddr,
    remote: SocketAddr,
    protocol: Protocol,
    priority: u32,
    use_candidate: bool,
    nomination: Option<u32>,
    /// The sender's own fragment: what follows the colon of USERNAME.
    fragment: String,
}

/// A refusal: the code, why, and whether it is signed.
struct Refusal {
    code: u16,
    why: &'static str,
    signed: bool,
    unknown: Vec<[u8; 2]>,
}

impl Refusal {
    const fn unsigned(code: u16, why: &'static str) -> Self {
        Self { code, why, signed: false, unknown: Vec::new() }
    }

    const fn signed(code: u16, why: &'static str) -> Self {
        Self { code, why, signed: true, unknown: Vec::new() }
    }
}

impl Agent {
    pub(super) fn receive_request(&mut self, datagram: &Datagram, message: &Message<'_>) {
        let Some(local) = self.receiving_local(datagram.local, datagram.protocol) else {
            return self.ignore(datagram, "no candidate of ours is there");
        };
        let (key, current) = match self.authenticate(message) {
            Ok(found) => found,
            Err(refusal) => return self.refuse(datagram, message, &refusal, None),
        };
        if !current {
            let remote = Some(datagram.remote);
            self.log(Code::RequestOldGeneration, |line| line.remote = remote);
            return self.answer(datagram, message, &key);
        }
        if let Err(refusal) = self.accept(datagram, message) {
            return self.refuse(datagram, message, &refusal, Some(&key));
        }
        self.answer(datagram, message, &key);
        self.counts.requests_answered += 1;
        // A controlled agent must not send it (RFC 8445 §7.1.2); some do, and it means nothing then.
        let use_candidate = message.use_candidate() && message.get(attribute::ICE_CONTROLLED).is_none();
        let (at, remote) = (Some(datagram.local), Some(datagram.remote));
        self.log(Code::RequestAnswered, |line| {
            (line.local, line.remote) = (at, remote);
            line.what = if use_candidate { ", with USE-CANDIDATE" } else { "" };
        });
        let nomination = match message.value(attribute::NOMINATION) {
            Some(Value::Number(count)) => Some(count),
            _ => None,
        };
        let fragment = message.username().and_then(|name| name.split_once(':')).map_or("", |(_, fragment)| fragment);
        self.take_up(
            local,
            EarlyCheck {
                local: datagram.local,
                remote: datagram.remote,
                protocol: datagram.protocol,
                priority: message.priority().unwrap_or_default(),
                use_candidate,
                nomination,
                fragment: fragment.into(),
            },
        );
    }

    /// The key of the request, and whether it belongs to the credentials of now.
    fn authenticate(&mut self, message: &Message<'_>) -> Result<(Key, bool), Refusal> {
        let (Some(username), Some(_)) = (message.username(), message.get(attribute::MESSAGE_INTEGRITY)) else {
            return Err(Refusal::unsigned(400, "USERNAME or MESSAGE-INTEGRITY is missing"));
        };
        let fragment = username.split_once(':').map_or("", |(ours, _)| ours);
        let known = core::iter::once((&self.generation, true)).chain(self.previous.as_ref().map(|it| (it, false)));
        let found = known.into_iter().find(|(generation, _)| generation.local.ufrag == fragment);
        let Some((key, current)) = found.map(|(generation, current)| (generation.local_key.clone(), current)) else {
            self.counts.wrong_username += 1;
            return Err(Refusal::unsigned(401, "its USERNAME does not begin with our fragment"));
        };
        if !message.verify_sha1(&key).is_valid() {
            self.counts.wrong_integrity += 1;
            return Err(Refusal::unsigned(401, "its MESSAGE-INTEGRITY was not made with our password"));
        }
        Ok((key, current))
    }

    /// Looks for other faults of an authenticated request; a role conflict may switch our role.
    fn accept(&mut self, datagram: &Datagram, message: &Message<'_>) -> Result<(), Refusal> {
        let unknown = |found: &crate::stun::Attribute<'_>| found.code() < 0x8000 && lookup(found.code()).is_none();
        let unknown: Vec<[u8; 2]> =
            message.effective().filter(unknown).take(MAX_UNKNOWN).map(|found| found.code().to_be_bytes()).collect();
        if !unknown.is_empty() {
            let why = "it has attributes that must be understood and are not";
            return Err(Refusal { unknown, ..Refusal::signed(420, why) });
        }
        if !self.lite && !message.priority().is_some_and(|priority| (1..1 << 31).contains(&priority)) {
            return Err(Refusal::signed(400, "it has no PRIORITY from 1 to 2147483647"));
        }
        let long = |code| match message.value(code) {
            Some(Value::Long(number)) => Some(number),
            _ => None,
        };
        let theirs = match (long(attribute::ICE_CONTROLLING), long(attribute::ICE_CONTROLLED)) {
            (Some(number), _) => Some((Role::Controlling, number)),
            (None, Some(number)) => Some((Role::Controlled, number)),
            (None, None) => None,
        };
        match theirs {
            Some((role, number)) if role == self.role && !self.lite => self.settle_conflict(datagram, number),
            _ => Ok(()),
        }
    }

    /// RFC 8445 §7.3.1.1: the larger tie-breaker controls, ours when they are equal.
    fn settle_conflict(&mut self, datagram: &Datagram, theirs: u64) -> Result<(), Refusal> {
        let ours_is_larger = self.tie_breaker >= theirs;
        let we_control = self.role == Role::Controlling;
        let remote = Some(datagram.remote);
        if ours_is_larger == we_control {
            let what = role_name(self.role);
            self.log(Code::RoleKept, |line| (line.remote, line.what) = (remote, what));
            return Err(Refusal::signed(487, "role conflict, and our tie-breaker decides"));
        }
        self.switch_role();
        let what = role_name(self.role);
        self.log(Code::RoleSwitched, |line| (line.remote, line.what) = (remote, what));
        Ok(())
    }

    fn refuse(&mut self, datagram: &Datagram, message: &Message<'_>, refusal: &Refusal, key: Option<&Key>) {
        let (remote, code, what) = (Some(datagram.remote), refusal.code, refusal.why);
        self.counts.requests_refused += 1;
        self.log(Code::RequestRefused, |line| {
            (line.remote, line.number, line.what) = (remote, u64::from(code), what);
        });
        let write = || -> Result<Vec<u8>, BuildError> {
            let mut buffer = [0; MAX_RESPONSE];
            let mut builder = Builder::new(&mut buffer, Class::Error, Method::BINDING, message.transaction_id())?;
            builder.error_code(code)?;
            if !refusal.unknown.is_empty() {
                builder.attribute(attribute::UNKNOWN_ATTRIBUTES, &Value::Codes(Codes::new(&refusal.unknown)))?;
            }
            if let Some(key) = key.filter(|_| refusal.signed) {
                builder.sign(key)?;
            }
            builder.fingerprint()?;
            Ok(builder.finish().to_vec())
        };
        if let Ok(bytes) = write() {
            self.transmit(Datagram { bytes, ..reply_to(datagram) });
        }
    }

    /// A success response: signed with the key of the request, without USERNAME (RFC 8445 §7.3, RFC 8489 §9.1.3).
    fn answer(&mut self, datagram: &Datagram, message: &Message<'_>, key: &Key) {
        let write = || -> Result<Vec<u8>, BuildError> {
            let mut buffer = [0; MAX_RESPONSE];
            let mut builder = Builder::new(&mut buffer, Class::Success, Method::BINDING, message.transaction_id())?;
            builder.address(attribute::XOR_MAPPED_ADDRESS, datagram.remote)?;
            builder.sign(key)?.fingerprint()?;
            Ok(builder.finish().to_vec())
        };
        if let Ok(bytes) = write() {
            self.transmit(Datagram { bytes, ..reply_to(datagram) });
        }
    }

    /// Acts on a request that was answered, now or once the other side's credentials are known.
    fn take_up(&mut self, local: u16, request: EarlyCheck) {
        let known = self.generation.remote.as_ref().map(|remote| remote.parameters.credentials.ufrag.as_str());
        if self.started.is_none() || known != Some(request.fragment.as_str()) {
            let remote = Some(request.remote);
            if self.early.len() >= MAX_EARLY_CHECKS {
                return self.log(Code::RequestDropped, |line| {
                    (line.remote, line.what) = (remote, "too many are kept already");
                });
            }
            self.log(Code::RequestEarly, |line| line.remote = remote);
            return self.early.push_back(request);
        }
        let Some(index) = self.remote_of(local, &request) else { return };
        if self.lite {
            return self.lite_request(local, index, &request);
        }
        let Some(pair) = self.triggered_pair(local, index) else { return };
        self.nominated_by_request(pair.0, pair.1, &request);
    }

    /// Takes up the requests that came before the other side's credentials; those of other credentials are dropped.
    pub(super) fn take_up_early_checks(&mut self) {
        let known = self.generation.remote.as_ref().map(|remote| remote.parameters.credentials.ufrag.clone());
        for request in core::mem::take(&mut self.early) {
            let Some(local) = self.receiving_local(request.local, request.protocol) else { continue };
            if known.as_deref() == Some(request.fragment.as_str()) {
                self.take_up(local, request);
                continue;
            }
            let remote = Some(request.remote);
            self.log(Code::RequestDropped, |line| {
                (line.remote, line.what) = (remote, "its sender has other credentials than those signalled");
            });
        }
    }

    /// The remote candidate that a request came from; a new peer-reflexive one when there is none (RFC 8445 §7.3.1.3).
    fn remote_of(&mut self, local: u16, request: &EarlyCheck) -> Option<u16> {
        let ours = self.locals.get(usize::from(local))?;
        let (id, transport) = (ours.candidate.component, opposite(ours.candidate.transport));
        if let Some(index) = self.find_remote(id, transport, request.remote) {
            return Some(index);
        }
        let learned =
            |remote: &&super::Remote| !remote.removed && remote.candidate.kind == CandidateType::PeerReflexive;
        let remote = Some(request.remote);
        let over = self.remotes.iter().filter(learned).count() >= MAX_LEARNED
            || self.failed_learned(ours.candidate.base, request.remote) >= MAX_FAILED_LEARNED;
        let foundation = self.unique_remote_foundation();
        let candidate = RemoteCandidate {
            component: id,
            kind: CandidateType::PeerReflexive,
            transport,
            address: request.remote,
            // A lite agent takes any pair that is nominated; its priority is arbitrary (RFC 8445 §7.3.2).
            priority: request.priority.max(1),
            foundation: learned_foundation(foundation),
        };
        let stored = if over { None } else { self.store_remote(candidate, foundation) };
        let Some(index) = stored else {
            self.counts.over_limit += 1;
            self.log(Code::RemotePeerReflexiveOverLimit, |line| {
                (line.remote, line.number) = (remote, MAX_LEARNED as u64);
            });
            return None;
        };
        self.log(Code::RemotePeerReflexive, |line| {
            (line.component, line.remote, line.number) = (Some(id), remote, u64::from(request.priority));
        });
        Some(index)
    }

    /// Pairs that failed between `base` and candidates learned from requests of the same address as `remote`.
    fn failed_learned(&self, base: SocketAddr, remote: SocketAddr) -> usize {
        let failed = |pair: &&Pair| {
            let theirs = self.remotes.get(usize::from(pair.remote)).map(|it| &it.candidate);
            let learned =
                theirs.is_some_and(|it| it.kind == CandidateType::PeerReflexive && it.address.ip() == remote.ip());
            let ours = self.locals.get(usize::from(pair.local));
            pair.state == PairState::Failed && learned && ours.is_some_and(|it| it.candidate.base == base)
        };
        self.streams.iter().flat_map(|stream| &stream.pairs).filter(failed).count()
    }

    /// The pair that is checked from where a request arrived to where it came from, if it is known.
    fn checked_pair(&self, stream: u16, local: u16, remote: u16) -> Option<PairId> {
        let base = self.locals.get(usize::from(local))?.candidate.base;
        let same = |pair: &&Pair| {
            let sender = self.locals.get(usize::from(pair.local));
            let checked = pair.listed || sender.is_some_and(|it| it.core.base == Base::Itself);
            checked && pair.remote == remote && sender.is_some_and(|it| it.candidate.base == base)
        };
        let pairs = &self.stream(stream)?.pairs;
        pairs.iter().filter(same).max_by_key(|pair| pair.listed).map(|pair| pair.id)
    }

    /// RFC 8445 §7.3.1.4. Returns the stream and the pair.
    fn triggered_pair(&mut self, local: u16, remote: u16) -> Option<(u16, PairId)> {
        let ours = self.locals.get(usize::from(local))?;
        let theirs = self.remotes.get(usize::from(remote))?;
        let (id, address) = (ours.candidate.component, Some(theirs.candidate.address));
        let priority = self.priority_of(ours.priority, theirs.core.priority);
        let name = match self.checked_pair(id.stream, local, remote) {
            Some(found) => found,
            None => self.insert_pair(id, local, remote, priority, true)?,
        };
        let now = self.now;
        let triggers = self.may_trigger(id, priority);
        let pair = self.pair_mut(id.stream, name)?;
        pair.stats.requests_received += 1;
        pair.stats.last_received = Some(now);
        let was = pair.state;
        if was == PairState::Succeeded || !triggers {
            return Some((id.stream, name));
        }
        pair.state = PairState::Waiting;
        pair.listed = true;
        if was == PairState::InProgress {
            self.cancel_checks(id.stream, name, "the other side checked the pair: a new check follows at once");
        }
        self.stream_mut(id.stream)?.trigger(name);
        self.log(Code::Triggered, |line| {
            (line.component, line.pair, line.remote) = (Some(id), Some(name), address);
        });
        self.reopen(id);
        Some((id.stream, name))
    }

    /// A component that has its nominated pair checks no others (RFC 8445 §8.1.2), except better ones where several may be
    /// nominated.
    fn may_trigger(&self, id: ComponentId, priority: u64) -> bool {
        let Some(selected) = self.selected(id) else { return true };
        self.expects_several_nominations() && priority > selected.priority || self.renominates()
    }

    /// RFC 8445 §7.3.1.5.
    fn nominated_by_request(&mut self, stream: u16, id: PairId, request: &EarlyCheck) {
        if !request.use_candidate || self.role == Role::Controlling {
            return;
        }
        let Some(pair) = self.pair_mut(stream, id) else { return };
        if pair.state != PairState::Succeeded {
            (pair.nominate_on_success, pair.asked_count) = (true, request.nomination);
            return;
        }
        let valid = pair.makes.unwrap_or(id);
        let component = ComponentId { stream, component: pair.component };
        if let Some(count) = request.nomination.filter(|_| self.renominates()) {
            return self.renominated(component, valid, count);
        }
        self.nominate(stream, valid, "the other side asked for it, and the pair had succeeded");
    }

    /// RFC 8445 §7.3.2: a lite agent takes what is nominated.
    fn lite_request(&mut self, local: u16, remote: u16, request: &EarlyCheck) {
        let Some(ours) = self.locals.get(usize::from(local)) else { return };
        let Some(theirs) = self.remotes.get(usize::from(remote)) else { return };
        let id = ours.candidate.component;
        let priority = self.priority_of(ours.priority, theirs.core.priority);
        let known = self.stream(id.stream).and_then(|stream| stream.find(local, remote)).map(|pair| pair.id);
        let Some(pair) = known.or_else(|| self.insert_pair(id, local, remote, priority, true)) else { return };
        let now = self.now;
        let (from, to) = self.addresses(id.stream, pair);
        let Some(found) = self.pair_mut(id.stream, pair) else { return };
        found.stats.requests_received += 1;
        found.stats.last_received = Some(now);
        if !request.use_candidate {
            return;
        }
        (found.valid, found.state) = (true, PairState::Succeeded);
        let is_new = !found.nominated;
        if is_new {
            self.log(Code::LiteNominated, |line| {
                (line.component, line.pair, line.local, line.remote) = (Some(id), Some(pair), from, to);
            });
            self.nominate(id.stream, pair, "the other side said USE-CANDIDATE");
        }
    }

    /// Notes that something valid came on a path, such as a keepalive.
    pub(super) fn note_received(&mut self, datagram: &Datagram) {
        let Some(local) = self.receiving_local(datagram.local, datagram.protocol) else { return };
        let Some(ours) = self.locals.get(usize::from(local)) else { return };
        let (id, transport) = (ours.candidate.component, opposite(ours.candidate.transport));
        let Some(remote) = self.find_remote(id, transport, datagram.remote) else { return };
        let now = self.now;
        if let Some(name) = self.checked_pair(id.stream, local, remote)
            && let Some(pair) = self.pair_mut(id.stream, name)
        {
            pair.stats.last_received = Some(now);
        }
    }

    pub(super) fn set_list_state(&mut self, stream: u16, state: ListState) {
        let Some(list) = self.stream_mut(stream) else { return };
        if list.state == state || (list.state == ListState::Completed && state == ListState::Failed) {
            return;
        }
        list.state = state;
        let id = ComponentId { stream, component: 1 };
        self.log(Code::ListState, |line| (line.component, line.what) = (Some(id), state.name()));
    }
}

/// The direction of a TCP candidate that meets this one.
pub(super) const fn opposite(transport: Transport) -> Transport {
    match transport {
        Transport::TcpActive => Transport::TcpPassive,
        Transport::TcpPassive => Transport::TcpActive,
        other => other,
    }
}

fn reply_to(datagram: &Datagram) -> Datagram {
    Datagram { local: datagram.local, remote: datagram.remote, protocol: datagram.protocol, bytes: Vec::new() }
}
