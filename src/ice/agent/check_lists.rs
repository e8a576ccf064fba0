//! Forming, pruning, limiting and thawing the pairs of the check list set (RFC 8445 §6.1.2, RFC 8838 §10 to §12).
use super::event::Code;
use super::pair::{Pair, PairId, PairStats};
use super::stream::ListState;
use super::{Agent, ComponentId};
use crate::ice::{Base, PairState, Role, excluded, pair_priority};
use alloc::vec::Vec;

impl Agent {
    /// Pairs a new local candidate with the remote candidates of its component.
    pub(super) fn pair_local(&mut self, index: u16) {
        let Some(local) = self.locals.get(usize::from(index)) else { return };
        let id = local.candidate.component;
        let of_component = |&remote: &u16| {
            self.remotes.get(usize::from(remote)).is_some_and(|it| !it.removed && it.candidate.component == id)
        };
        let remotes: Vec<u16> = (0..self.remotes.len() as u16).filter(of_component).collect();
        for remote in remotes {
            self.form_pair(index, remote);
        }
    }

    /// Pairs a new remote candidate with the local candidates of its component.
    pub(super) fn pair_remote(&mut self, index: u16) {
        let Some(remote) = self.remotes.get(usize::from(index)) else { return };
        let id = remote.candidate.component;
        let of_component = |&local: &u16| {
            self.locals.get(usize::from(local)).is_some_and(|it| !it.removed && it.candidate.component == id)
        };
        let locals: Vec<u16> = (0..self.locals.len() as u16).filter(of_component).collect();
        for local in locals {
            self.form_pair(local, index);
        }
    }

    /// One pair of a local and a remote candidate of the same component, if the rules let it be.
    fn form_pair(&mut self, local: u16, remote: u16) {
        let (Some(ours), Some(theirs)) = (self.locals.get(usize::from(local)), self.remotes.get(usize::from(remote)))
        else {
            return;
        };
        let (local_address, remote_address) = (Some(ours.candidate.address), Some(theirs.candidate.address));
        let id = ours.candidate.component;
        if let Some(rule) = excluded(&ours.core, &theirs.core) {
            self.counts.note_excluded(rule);
            return self.log(Code::PairExcluded, |line| {
                (line.component, line.local, line.remote) = (Some(id), local_address, remote_address);
                line.what = rule.why();
            });
        }
        if self.has_pair_from_base(local, remote) {
            return self.log(Code::PairRedundant, |line| {
                (line.component, line.local, line.remote) = (Some(id), local_address, remote_address);
            });
        }
        if ours.candidate.transport == crate::ice::Transport::TcpPassive {
            return;
        }
        let priority = self.priority_of(ours.priority, theirs.core.priority);
        let (base, peer) = (ours.candidate.base, theirs.candidate.address.ip());
        let Some(pair) = self.insert_pair(id, local, remote, priority, true) else { return };
        self.permit(base, peer);
        if self.started.is_some() {
            self.set_new_state(id.stream, pair);
        }
        self.reopen(id);
        self.log(Code::PairFormed, |line| {
            (line.component, line.local, line.remote) = (Some(id), local_address, remote_address);
            (line.pair, line.number, line.what) = (Some(pair), priority, "to be checked");
        });
    }

    /// RFC 8445 §6.1.2.4: a local candidate stands for its base; the same base and the same remote candidate are one pair.
    fn has_pair_from_base(&self, local: u16, remote: u16) -> bool {
        let Some(ours) = self.locals.get(usize::from(local)) else { return false };
        let (base, id) = (ours.candidate.base, ours.candidate.component);
        let same = |pair: &Pair| {
            let other = self.locals.get(usize::from(pair.local));
            pair.remote == remote
                && pair.listed
                && other
                    .is_some_and(|it| it.candidate.base == base && it.candidate.transport == ours.candidate.transport)
        };
        let reflexive = ours.core.base != Base::Itself;
        let base_known = self.receiving_local(base, ours.protocol()).is_some_and(|index| index != local);
        (reflexive && base_known) || self.stream(id.stream).is_some_and(|stream| stream.pairs.iter().any(same))
    }

    /// The priority of a pair in our role.
    pub(super) fn priority_of(&self, local: u32, remote: u32) -> u64 {
        match self.role {
            Role::Controlling => pair_priority(local, remote),
            Role::Controlled => pair_priority(remote, local),
        }
    }

    /// Puts a pair into a stream, Frozen. Where the limit is reached it takes the place of a failed pair, then of one
    /// of lower priority (RFC 8838 §10); `None` when there is none.
    pub(super) fn insert_pair(
        &mut self,
        id: ComponentId,
        local: u16,
        remote: u16,
        priority: u64,
        listed: bool,
    ) -> Option<PairId> {
        let (ours, theirs) = (self.locals.get(usize::from(local))?, self.remotes.get(usize::from(remote))?);
        let foundation = (ours.foundation, theirs.core.foundation);
        let (from, to) = (Some(ours.candidate.address), Some(theirs.candidate.address));
        if !self.make_room(priority) {
            let limit = self.pair_limit as u64;
            self.counts.over_limit += 1;
            self.log(Code::PairOverLimit, |line| {
                (line.component, line.local, line.remote, line.number) = (Some(id), from, to, limit);
            });
            return None;
        }
        self.next_pair += 1;
        let pair = Pair {
            id: PairId(self.next_pair),
            local,
            remote,
            component: id.component,
            priority,
            foundation,
            state: PairState::Frozen,
            listed,
            valid: false,
            nominated: false,
            failure: None,
            stats: PairStats::default(),
            makes: None,
            made_by: None,
            nominating: false,
            nominate_on_success: false,
            asked_count: None,
        };
        self.counts.pairs += 1;
        let name = pair.id;
        self.stream_mut(id.stream)?.insert(pair);
        Some(name)
    }

    /// True when there is room for one more pair of this priority.
    fn make_room(&mut self, priority: u64) -> bool {
        let total: usize = self.streams.iter().map(|stream| stream.pairs.len()).sum();
        if total < self.pair_limit {
            return true;
        }
        let spare = |pair: &&Pair| !pair.valid && !pair.nominating && pair.makes.is_none();
        let all =
            || (0u16..).zip(&self.streams).flat_map(|(s, it)| it.pairs.iter().filter(spare).map(move |pair| (s, pair)));
        let used_up = |pair: &Pair| !pair.listed || pair.state == PairState::Failed;
        let done = all().filter(|(_, pair)| used_up(pair)).min_by_key(|(_, pair)| pair.priority);
        let lower = || all().filter(|(_, pair)| pair.priority < priority).min_by_key(|(_, pair)| pair.priority);
        let Some((stream, victim)) = done.or_else(lower).map(|(stream, pair)| (stream, pair.id)) else { return false };
        let limit = self.pair_limit as u64;
        self.log(Code::PairOverLimit, |line| (line.pair, line.number) = (Some(victim), limit));
        self.counts.over_limit += 1;
        self.drop_pair(stream, victim);
        true
    }

    /// Removes a pair and everything that refers to it.
    fn drop_pair(&mut self, stream: u16, id: PairId) {
        self.checks.retain(|check| check.stream != stream || check.pair != Some(id));
        let Some(stream) = self.stream_mut(stream) else { return };
        stream.pairs.retain(|pair| pair.id != id);
        stream.triggered.retain(|queued| *queued != id);
        for pair in &mut stream.pairs {
            pair.makes = pair.makes.filter(|made| *made != id);
            pair.made_by = pair.made_by.filter(|maker| *maker != id);
        }
        for component in &mut stream.components {
            component.selected = component.selected.filter(|selected| *selected != id);
            if component.consent.as_ref().is_some_and(|consent| consent.pair == id) {
                component.consent = None;
            }
        }
    }

    /// Removes the pairs whose candidates went away.
    pub(super) fn remove_pairs(&mut self, gone: impl Fn(&Pair) -> bool) {
        for stream in 0..self.streams.len() as u16 {
            let found: Vec<(PairId, u16, bool)> = self
                .pairs(stream)
                .iter()
                .filter(|pair| gone(pair))
                .map(|pair| (pair.id, pair.component, pair.nominated))
                .collect();
            for (id, component, _) in found {
                let selected = self.component(ComponentId { stream, component }).and_then(|it| it.selected);
                self.drop_pair(stream, id);
                if selected == Some(id) {
                    self.lose_selected(ComponentId { stream, component });
                }
            }
        }
    }

    /// RFC 8445 §6.1.2.3: priorities are a function of the role.
    pub(super) fn recompute_priorities(&mut self) {
        let role = self.role;
        for stream in &mut self.streams {
            for pair in &mut stream.pairs {
                let (Some(ours), Some(theirs)) =
                    (self.locals.get(usize::from(pair.local)), self.remotes.get(usize::from(pair.remote)))
                else {
                    continue;
                };
                pair.foundation = (ours.foundation, theirs.core.foundation);
                let (ours, theirs) = (ours.priority, theirs.core.priority);
                pair.priority = match role {
                    Role::Controlling => pair_priority(ours, theirs),
                    Role::Controlled => pair_priority(theirs, ours),
                };
            }
            stream.sort();
        }
    }

    /// RFC 8445 §6.1.2.6: of each foundation one pair waits, in the first list that has it: that of the lowest component,
    /// then of the highest priority.
    pub(super) fn set_first_states(&mut self) {
        let mut seen: Vec<(u32, u32)> = Vec::new();
        for stream in 0..self.streams.len() as u16 {
            let mut order: Vec<(u16, usize, PairId, (u32, u32))> = (0..)
                .zip(self.pairs(stream))
                .filter(|(_, pair)| pair.state == PairState::Frozen && pair.listed)
                .map(|(place, pair)| (pair.component, place, pair.id, pair.foundation))
                .collect();
            order.sort_unstable();
            for (_, _, id, foundation) in order {
                if !seen.contains(&foundation) {
                    seen.push(foundation);
                    self.set_waiting(stream, id, Code::PairUnfrozen, None);
                }
            }
        }
    }

    /// RFC 8838 §12: a new pair waits when it is the first of its foundation, or when one of it has succeeded.
    fn set_new_state(&mut self, stream: u16, id: PairId) {
        let Some(new) = self.pair(stream, id) else { return };
        let (foundation, place) = (new.foundation, (new.component, core::cmp::Reverse(new.priority)));
        let others = || {
            let listed = |pair: &&Pair| pair.listed && pair.foundation == foundation && pair.id != id;
            (0u16..)
                .zip(&self.streams)
                .flat_map(move |(s, it)| it.pairs.iter().filter(listed).map(move |pair| (s, pair)))
        };
        if let Some((_, done)) = others().find(|(_, pair)| pair.state == PairState::Succeeded) {
            let by = done.id;
            return self.set_waiting(stream, id, Code::PairThawed, Some(by));
        }
        let topmost =
            others().all(|(s, pair)| (s, (pair.component, core::cmp::Reverse(pair.priority))) > (stream, place));
        if topmost {
            self.set_waiting(stream, id, Code::PairUnfrozen, None);
        }
    }

    pub(super) fn set_waiting(&mut self, stream: u16, id: PairId, code: Code, by: Option<PairId>) {
        let Some(pair) = self.pair_mut(stream, id) else { return };
        pair.state = PairState::Waiting;
        self.log(code, |line| {
            (line.pair, line.what) = (Some(id), "Waiting");
            line.number = by.map_or(0, |by| u64::from(by.0));
        });
    }

    /// RFC 8445 §7.2.5.3.3: a success thaws every pair of its foundation, in all lists.
    pub(super) fn thaw(&mut self, by: PairId, foundation: (u32, u32)) {
        for stream in 0..self.streams.len() as u16 {
            let frozen = |pair: &&Pair| pair.listed && pair.state == PairState::Frozen && pair.foundation == foundation;
            let found: Vec<PairId> = self.pairs(stream).iter().filter(frozen).map(|pair| pair.id).collect();
            for id in found {
                self.set_waiting(stream, id, Code::PairThawed, Some(by));
            }
        }
    }

    /// A list that failed before goes on when there is something to check again (RFC 8445 §7.3.1.4), unless consent was lost:
    /// then only a restart helps (RFC 7675 §5.1).
    pub(super) fn reopen(&mut self, id: ComponentId) {
        let lost = self.failure.as_ref().is_some_and(|failure| failure.needs_restart());
        let Some(stream) = self.stream_mut(id.stream) else { return };
        if stream.state != ListState::Failed || lost {
            return;
        }
        stream.state = ListState::Running;
        self.failure = None;
        self.log(Code::ListState, |line| (line.component, line.what) = (Some(id), ListState::Running.name()));
    }
}
