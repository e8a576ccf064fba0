//! Adding and removing candidates: priorities, foundations, redundancy.
use super::event::Code;
use super::{Agent, ComponentId, Local, LocalCandidate, Refused, Remote, RemoteCandidate, rules};
use crate::candidate::{self, CandidateType};
use crate::ice::{self, Base, Host, MAX_CANDIDATES, Transport};
use crate::net::Protocol;
use alloc::string::{String, ToString};
use core::net::SocketAddr;

fn sound(address: SocketAddr, transport: Transport) -> Result<(), Refused> {
    let ip = address.ip();
    if ip.is_unspecified() || ip.is_multicast() {
        return Err(Refused::Address);
    }
    if address.port() == 0 && transport != Transport::TcpActive {
        return Err(Refused::Port);
    }
    if matches!(transport, Transport::Other(_)) { Err(Refused::Transport) } else { Ok(()) }
}

impl Agent {
    /// Adds a local candidate. Its pairs are formed at once, so it should be on its way to the other side (RFC 8838 §10).
    /// Returns its index.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why it was not taken.
    pub fn add_local_candidate(&mut self, candidate: LocalCandidate) -> Result<u16, Refused> {
        let added = self.take_local(candidate);
        if !self.closed {
            self.settle();
        }
        added
    }

    /// Adds a local candidate without drawing conclusions: an answer of a server may bring several.
    pub(super) fn take_local(&mut self, candidate: LocalCandidate) -> Result<u16, Refused> {
        self.check_component(candidate.component)?;
        sound(candidate.address, candidate.transport)?;
        if self.lite && candidate.kind != CandidateType::Host {
            return Err(Refused::LiteHostOnly);
        }
        if self.relay_only && candidate.kind != CandidateType::Relayed {
            self.gather_from(&candidate);
            return Err(Refused::RelayOnly);
        }
        if candidate.priority.is_some_and(|priority| !(1..1 << 31).contains(&priority)) {
            return Err(Refused::Priority);
        }
        let Some((mut candidate, cost)) = rules::apply(&self.rules, candidate.clone()) else {
            self.gather_from(&candidate);
            return Err(Refused::Rule);
        };
        let same = |local: &Local| {
            let it = &local.candidate;
            !local.removed
                && it.component == candidate.component
                && it.transport == candidate.transport
                && it.address == candidate.address
                && it.base == candidate.base
        };
        if self.locals.iter().any(same) || self.relay_is_host(&candidate) {
            let (local, what) = (Some(candidate.address), candidate.kind.token());
            self.log(Code::LocalRedundant, |line| (line.local, line.what) = (local, what));
            return Err(Refused::Redundant);
        }
        if cost > 0 {
            let preference = candidate.preference.unwrap_or_else(|| self.next_preference(&candidate));
            candidate.preference = Some(preference.saturating_sub(cost));
        }
        let index = self.store_local(candidate.clone()).ok_or(Refused::TooMany)?;
        self.announce(index);
        self.gather_from(&candidate);
        self.pair_local(index);
        Ok(index)
    }

    /// A relayed candidate at the address of a host candidate is discarded (RFC 8445 §5.1.1.2).
    fn relay_is_host(&self, candidate: &LocalCandidate) -> bool {
        let host = |local: &Local| {
            let it = &local.candidate;
            it.kind == CandidateType::Host && it.component == candidate.component && it.address == candidate.address
        };
        candidate.kind == CandidateType::Relayed && self.locals.iter().any(|local| !local.removed && host(local))
    }

    fn check_component(&self, id: ComponentId) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.component(id).is_some() { Ok(()) } else { Err(Refused::Component) }
    }

    /// Stores a local candidate with its priority and foundation; `None` when there are too many.
    pub(super) fn store_local(&mut self, candidate: LocalCandidate) -> Option<u16> {
        let slot = free_slot(self.locals.iter().map(|local| local.removed), self.locals.len())?;
        let foundation = self.local_foundation(&candidate);
        let preference = candidate.preference.unwrap_or_else(|| self.next_preference(&candidate));
        let priority = candidate.priority.unwrap_or_else(|| priority_of(&candidate, preference));
        let (address, what) = (candidate.address, candidate.kind.token());
        let component = candidate.component;
        let at_base = matches!(candidate.kind, CandidateType::Host | CandidateType::Relayed);
        let core = ice::Candidate {
            component: u32::from(component.component),
            transport: candidate.transport,
            kind: candidate.kind,
            priority,
            host: Host::from(address.ip()),
            port: address.port(),
            base: if at_base { Base::Itself } else { Base::At(Host::from(candidate.base.ip()), candidate.base.port()) },
            foundation,
        };
        let local = Local { candidate, priority, foundation, core, removed: false };
        match self.locals.get_mut(usize::from(slot)) {
            Some(free) => *free = local,
            None => self.locals.push(local),
        }
        self.log(Code::LocalCandidate, |line| {
            (line.component, line.local) = (Some(component), Some(address));
            (line.what, line.number) = (what, u64::from(priority));
        });
        Some(slot)
    }

    /// Local preferences are unique for each type and component (RFC 8445 §5.1.2.1).
    fn next_preference(&self, candidate: &LocalCandidate) -> u16 {
        let (id, kind) = (candidate.component, candidate.kind);
        let same = self.locals.iter().filter(|it| it.candidate.component == id && it.candidate.kind == kind);
        let taken = |preference: u16| {
            same.clone().any(|it| candidate::PriorityParts::split(it.priority).local_preference == preference)
        };
        (0..=u16::MAX).rev().find(|&preference| !taken(preference)).unwrap_or_default()
    }

    /// Equal for candidates of one type, base address, server and transport (RFC 8445 §5.1.1.3).
    fn local_foundation(&self, candidate: &LocalCandidate) -> u32 {
        let key = |it: &LocalCandidate| (it.kind, it.base.ip(), it.server.map(|server| server.ip()), it.transport);
        let same = self.locals.iter().find(|local| key(&local.candidate) == key(candidate));
        same.map_or_else(|| next(self.locals.iter().map(|local| local.foundation)), |local| local.foundation)
    }

    /// Adds a remote candidate. One that was learned as peer-reflexive keeps its pairs.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why it was not taken.
    pub fn add_remote_candidate(&mut self, candidate: RemoteCandidate) -> Result<(), Refused> {
        let taken = self.take_remote(&candidate);
        match taken {
            Ok(index) => {
                self.pair_remote(index);
                self.settle();
            }
            Err(refused) => {
                let remote = Some(candidate.address);
                self.log(Code::RemoteRefused, |line| (line.remote, line.what) = (remote, refused.why()));
            }
        }
        taken.map(|_| ())
    }

    fn take_remote(&mut self, candidate: &RemoteCandidate) -> Result<u16, Refused> {
        self.check_component(candidate.component)?;
        sound(candidate.address, candidate.transport)?;
        if !(1..1 << 31).contains(&candidate.priority) {
            return Err(Refused::Priority);
        }
        let (address, what) = (candidate.address, candidate.kind.token());
        let (number, id) = (u64::from(candidate.priority), candidate.component);
        if let Some(index) = self.find_remote(id, candidate.transport, address) {
            let foundation = self.remote_foundation(&candidate.foundation);
            let known = self.remotes.get_mut(usize::from(index)).ok_or(Refused::TooMany)?;
            if known.candidate.kind != CandidateType::PeerReflexive {
                return Err(Refused::Redundant);
            }
            known.candidate = candidate.clone();
            (known.core.kind, known.core.priority) = (candidate.kind, candidate.priority);
            known.core.foundation = foundation;
            self.log(Code::RemoteSignalled, |line| {
                (line.component, line.remote, line.what, line.number) = (Some(id), Some(address), what, number);
            });
            self.recompute_priorities();
            return Ok(index);
        }
        let foundation = self.remote_foundation(&candidate.foundation);
        let index = self.store_remote(candidate.clone(), foundation).ok_or(Refused::TooMany)?;
        self.log(Code::RemoteCandidate, |line| {
            (line.component, line.remote, line.what, line.number) = (Some(id), Some(address), what, number);
        });
        Ok(index)
    }

    /// Stores a remote candidate; `None` when there are too many.
    pub(super) fn store_remote(&mut self, candidate: RemoteCandidate, foundation: u32) -> Option<u16> {
        let slot = free_slot(self.remotes.iter().map(|remote| remote.removed), self.remotes.len())?;
        let core = ice::Candidate {
            component: u32::from(candidate.component.component),
            transport: candidate.transport,
            kind: candidate.kind,
            priority: candidate.priority,
            host: Host::from(candidate.address.ip()),
            port: candidate.address.port(),
            base: Base::Itself,
            foundation,
        };
        let remote = Remote { candidate, core, removed: false };
        match self.remotes.get_mut(usize::from(slot)) {
            Some(free) => *free = remote,
            None => self.remotes.push(remote),
        }
        Some(slot)
    }

    fn remote_foundation(&self, text: &str) -> u32 {
        let same = |remote: &&Remote| !remote.removed && remote.candidate.foundation == text;
        let known = self.remotes.iter().find(same).map(|remote| remote.core.foundation);
        known.unwrap_or_else(|| self.unique_remote_foundation())
    }

    /// A foundation that no other remote candidate has (RFC 8445 §7.3.1.3).
    pub(super) fn unique_remote_foundation(&self) -> u32 {
        next(self.remotes.iter().map(|remote| remote.core.foundation))
    }

    pub(super) fn find_remote(&self, id: ComponentId, transport: Transport, address: SocketAddr) -> Option<u16> {
        let same = |remote: &Remote| {
            let it = &remote.candidate;
            !remote.removed && it.address == address && it.component == id && it.transport == transport
        };
        (0..).zip(&self.remotes).find(|(_, remote)| same(remote)).map(|(index, _)| index)
    }

    /// The local candidate on which requests to this address are received: never a reflexive one, where its base is known.
    pub(super) fn receiving_local(&self, address: SocketAddr, protocol: Protocol) -> Option<u16> {
        let mut found = (0..).zip(&self.locals).filter(|(_, local)| local.receives(address, protocol));
        let first = found.next();
        let is_base = |(_, local): &(u16, &Local)| local.core.base == Base::Itself;
        match first {
            Some(pair) if is_base(&pair) => Some(pair.0),
            other => found.find(is_base).or(other).map(|(index, _)| index),
        }
    }

    /// The interface with this address went away: its candidates, reflexive ones too, and their pairs are removed.
    pub fn remove_local_address(&mut self, base: SocketAddr) {
        self.log(Code::LocalRemoved, |line| line.local = Some(base));
        for index in 0..self.locals.len() as u16 {
            let Some(local) = self.locals.get_mut(usize::from(index)) else { continue };
            if local.candidate.base == base && !local.removed {
                local.removed = true;
                self.remove_pairs(|pair| pair.local == index);
            }
        }
        self.forget_previous(|path| path.local == base);
        self.stop_gathering(base);
        self.settle();
    }

    /// The other side withdrew a candidate: its pairs are removed.
    pub fn remove_remote_candidate(&mut self, candidate: &RemoteCandidate) {
        let found = self.find_remote(candidate.component, candidate.transport, candidate.address);
        let Some(index) = found else { return };
        if let Some(remote) = self.remotes.get_mut(usize::from(index)) {
            remote.removed = true;
        }
        let address = candidate.address;
        self.log(Code::RemoteRemoved, |line| line.remote = Some(address));
        self.remove_pairs(|pair| pair.remote == index);
        self.settle();
    }

    /// The caller has no more local candidates; when the servers have answered too, [`Code::LocalEnd`] says so and the other
    /// side should be told (RFC 8838 §13).
    pub fn end_of_local_candidates(&mut self) {
        self.host_end = true;
        self.settle();
    }

    /// The other side said that no more of its candidates will come (RFC 8838 §14).
    pub fn end_of_remote_candidates(&mut self) {
        self.remote_end = true;
        self.log(Code::RemoteEnd, |_| {});
        for stream in 0..self.streams.len() as u16 {
            self.leave_out_components(stream);
        }
        self.settle();
    }

    /// RFC 8445 §6.1.2.2: a stream has no more components than the side that has fewer. Without any candidate of the other
    /// side they stay: requests may teach some.
    fn leave_out_components(&mut self, stream: u16) {
        let of_stream = |remote: &&Remote| !remote.removed && remote.candidate.component.stream == stream;
        let theirs = self.remotes.iter().filter(of_stream).map(|remote| remote.candidate.component.component).max();
        let Some((most, it)) = theirs.zip(self.stream_mut(stream)) else { return };
        let unused = it.components.split_off(usize::from(most).min(it.components.len()));
        for component in unused {
            self.log(Code::ComponentUnused, |line| line.component = Some(component.id));
        }
    }
}

/// RFC 8445 §5.1.2.1; over TCP the local preference begins with that of the direction (RFC 6544 §4.2).
fn priority_of(candidate: &LocalCandidate, preference: u16) -> u32 {
    use CandidateType::{Host, PeerReflexive, Relayed, ServerReflexive};
    let udp = candidate::priority(candidate.kind, preference, candidate.component.component);
    let direction = match (candidate.transport, candidate.kind) {
        (Transport::TcpActive, Host | Relayed) | (Transport::TcpSimultaneousOpen, ServerReflexive | PeerReflexive) => 6,
        (Transport::TcpPassive, Host | Relayed) | (Transport::TcpActive, ServerReflexive | PeerReflexive) => 4,
        (Transport::TcpSimultaneousOpen, _) | (Transport::TcpPassive, _) => 2,
        (Transport::Udp | Transport::Other(_), _) => return udp,
    };
    let parts = candidate::PriorityParts::split(udp);
    let local_preference = (direction << 13) | (preference & 0x1fff);
    let type_preference = type_preference(candidate.kind, Protocol::Tcp);
    candidate::PriorityParts { type_preference, local_preference, ..parts }.join()
}

/// The recommended type preferences (RFC 8445 §5.1.2.2); those over TCP are lower, as libwebrtc has them, so that UDP is
/// preferred (RFC 6544 §4.2).
pub(super) fn type_preference(kind: CandidateType, protocol: Protocol) -> u8 {
    match (protocol, kind) {
        (Protocol::Udp, _) | (_, CandidateType::Relayed) => candidate::type_preference(kind),
        (_, CandidateType::Host) => 90,
        (_, CandidateType::PeerReflexive) => 80,
        (_, CandidateType::ServerReflexive) => 70,
    }
}

/// The foundation of a learned candidate as text.
pub(super) fn learned_foundation(number: u32) -> String {
    ["prflx", &number.to_string()].concat()
}

fn next(taken: impl Iterator<Item = u32>) -> u32 {
    taken.max().map_or(1, |most| most.saturating_add(1))
}

/// The first place whose candidate is gone, else one at the end; `None` when the list is full.
fn free_slot(removed: impl Iterator<Item = bool>, len: usize) -> Option<u16> {
    let free = removed.take(MAX_CANDIDATES).position(|removed| removed);
    let slot = free.unwrap_or(len);
    (slot < MAX_CANDIDATES).then_some(slot as u16)
}
