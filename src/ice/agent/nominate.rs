//! Nomination and its consequences (RFC 8445 §8.1).
use super::event::Code;
use super::pair::{Pair, PairId};
use super::policy::Policy;
use super::stream::ListState;
use super::{Agent, ComponentId, Nomination, SwitchReason};
use crate::ice::{PairState, Role};
use alloc::vec::Vec;
use core::time::Duration;

impl Agent {
    /// True when more than one pair of a component may be nominated: one side is of RFC 5245 and aggressive.
    pub(super) fn expects_several_nominations(&self) -> bool {
        let ice2 = self.remote_parameters().is_some_and(|remote| remote.ice2);
        match self.role {
            Role::Controlling => self.nomination == Nomination::Aggressive,
            Role::Controlled => !ice2,
        }
    }

    /// True when both sides offer renomination.
    pub(super) fn renominates(&self) -> bool {
        self.renomination && self.remote_parameters().is_some_and(|remote| remote.renomination)
    }

    /// Sets the nominated flag of a valid pair, and what follows from it.
    pub(super) fn nominate(&mut self, stream: u16, valid: PairId, why: &'static str) {
        let now = self.now;
        let Some(pair) = self.pair_mut(stream, valid) else { return };
        let (id, priority) = (ComponentId { stream, component: pair.component }, pair.priority);
        let is_new = !pair.nominated;
        pair.nominated = true;
        pair.stats.last_received.get_or_insert(now);
        if is_new {
            self.log(Code::Nominated, |line| {
                (line.component, line.pair, line.what) = (Some(id), Some(valid), why);
            });
        }
        // Of several nominated pairs the one with the highest priority is used (RFC 8445 §8.1.1).
        let better = self.selected(id).is_none_or(|selected| priority > selected.priority);
        if self.renominates() {
            self.select(id, valid, SwitchReason::NominatedLast);
        } else if better {
            self.select(id, valid, SwitchReason::BestNominated);
        }
    }

    /// draft-thatcher-ice-renomination: the highest count wins.
    pub(super) fn renominated(&mut self, id: ComponentId, valid: PairId, count: u32) {
        let Some(component) = self.component_mut(id) else { return };
        if count <= component.nomination && component.selected.is_some() {
            return;
        }
        component.nomination = count;
        if let Some(pair) = self.pair_mut(id.stream, valid) {
            pair.nominated = true;
        }
        self.select(id, valid, SwitchReason::HighestCount);
    }

    pub(super) fn select(&mut self, id: ComponentId, valid: PairId, reason: SwitchReason) {
        let Some(component) = self.component_mut(id) else { return };
        if component.selected == Some(valid) {
            return;
        }
        component.selected = Some(valid);
        let (local, remote) = self.addresses(id.stream, valid);
        self.log(Code::Selected, |line| {
            (line.component, line.pair, line.what) = (Some(id), Some(valid), reason.why());
            (line.local, line.remote, line.switch) = (local, remote, Some(reason));
        });
        if let Some((base, peer, _)) = self.base_of(id.stream, valid) {
            self.bind_channel(base, peer);
        }
        self.remove_other_pairs(id, valid);
        self.drop_previous(id);
        let all = self.stream(id.stream).is_some_and(|it| it.components.iter().all(|one| one.selected.is_some()));
        if all {
            self.set_list_state(id.stream, ListState::Completed);
        }
    }

    /// RFC 8445 §8.1.2; with several nominations RFC 5245 §8.1.2: checks of better pairs that are under way go on.
    fn remove_other_pairs(&mut self, id: ComponentId, valid: PairId) {
        if self.renominates() {
            return;
        }
        let Some(kept) = self.pair(id.stream, valid) else { return };
        let (priority, maker) = (kept.priority, kept.made_by);
        let several = self.expects_several_nominations();
        let goes = |pair: &&Pair| {
            let goes_on = several && pair.state == PairState::InProgress && pair.priority > priority;
            pair.component == id.component
                && pair.listed
                && pair.id != valid
                && Some(pair.id) != maker
                && !goes_on
                && !(several && pair.state == PairState::Succeeded)
        };
        let gone: Vec<PairId> = self.pairs(id.stream).iter().filter(goes).map(|pair| pair.id).collect();
        for name in &gone {
            self.cancel_checks(id.stream, *name, "another pair of the component is nominated");
            if let Some(pair) = self.pair_mut(id.stream, *name) {
                (pair.listed, pair.nominating) = (false, false);
            }
        }
        if let Some(stream) = self.stream_mut(id.stream) {
            stream.triggered.retain(|queued| !gone.contains(queued));
        }
        if !gone.is_empty() {
            let number = gone.len() as u64;
            self.log(Code::PairsRemoved, |line| (line.component, line.number) = (Some(id), number));
        }
    }

    /// Chooses pairs to nominate, when this agent controls and nominates regularly.
    pub(super) fn choose_nominations(&mut self) {
        if self.role != Role::Controlling || self.nomination != Nomination::Regular || self.lite {
            return;
        }
        for id in self.component_ids() {
            let Some((valid, why)) = self.choice(id) else { continue };
            let Some(maker) = self.pair(id.stream, valid).map(|pair| pair.made_by.unwrap_or(valid)) else { continue };
            if let Some(component) = self.component_mut(id) {
                component.nomination = component.nomination.saturating_add(1);
            }
            if let Some(pair) = self.pair_mut(id.stream, maker) {
                pair.nominating = true;
            }
            self.log(Code::Nominating, |line| {
                (line.component, line.pair, line.what) = (Some(id), Some(maker), why);
            });
            if let Some(stream) = self.stream_mut(id.stream) {
                stream.trigger(maker);
            }
        }
    }

    /// The valid pair of a component that is to be nominated now.
    fn choice(&self, id: ComponentId) -> Option<(PairId, &'static str)> {
        let stream = self.stream(id.stream)?;
        let component = self.component(id)?;
        let of_component = |pair: &&Pair| pair.component == id.component;
        if stream.state == ListState::Failed || stream.pairs.iter().filter(of_component).any(|pair| pair.nominating) {
            return None;
        }
        let best = stream.best_valid(id.component)?;
        if let Some(selected) = component.selected {
            let current = stream.pair(selected)?;
            let better = self.renominates() && best.priority > current.priority && best.made_by != current.made_by;
            return better.then_some((best.id, "it is better than the pair nominated before"));
        }
        // A reflexive pair is as good as the one it was checked by: others are sent from their base too.
        let maker = best.made_by.and_then(|maker| stream.pair(maker));
        let than = maker.map_or(0, |maker| maker.priority).max(best.priority);
        if !stream.pairs.iter().filter(of_component).any(|pair| Policy::may_be_better(pair, than)) {
            return Some((best.id, "no better pair is left to be checked"));
        }
        let due = component.first_valid?.saturating_add(self.acceptance(best));
        (self.now >= due).then_some((best.id, "it is the best so far, and the wait for a better one is over"))
    }

    fn acceptance(&self, pair: &Pair) -> Duration {
        let local = self.locals.get(usize::from(pair.local)).map(|it| it.candidate.kind);
        let remote = self.remotes.get(usize::from(pair.remote)).map(|it| it.candidate.kind);
        let (Some(local), Some(remote)) = (local, remote) else { return Duration::ZERO };
        self.policy.acceptance(local, remote)
    }

    /// When the wait for a better pair ends for some component.
    pub(super) fn next_nomination(&self) -> Option<Duration> {
        if self.role != Role::Controlling || self.nomination != Nomination::Regular || self.lite {
            return None;
        }
        let streams = self.streams.iter().filter(|stream| stream.state == ListState::Running);
        let components = streams.flat_map(|stream| stream.components.iter().map(move |it| (stream, it)));
        let due = |(stream, component): (&super::Stream, &super::Component)| {
            let nominating = stream.pairs.iter().any(|it| it.component == component.id.component && it.nominating);
            if component.selected.is_some() || nominating {
                return None;
            }
            let best = stream.best_valid(component.id.component)?;
            Some(component.first_valid?.saturating_add(self.acceptance(best)))
        };
        components.filter_map(due).min()
    }

    /// True when both sides are lite: nobody checks (RFC 8445 §8.2).
    pub(super) fn peer_is_both_lite(&self) -> bool {
        self.lite && self.remote_parameters().is_some_and(|remote| remote.lite)
    }

    /// RFC 8445 §8.2: two lite agents take for each component the best pair there is.
    pub(super) fn conclude_both_lite(&mut self) {
        if !self.peer_is_both_lite() || self.started.is_none() {
            return;
        }
        for id in self.component_ids() {
            let best = self.pairs(id.stream).iter().find(|pair| pair.component == id.component).map(|pair| pair.id);
            let Some(best) = best.filter(|_| self.selected(id).is_none()) else { continue };
            if let Some(pair) = self.pair_mut(id.stream, best) {
                (pair.valid, pair.nominated, pair.state) = (true, true, PairState::Succeeded);
            }
            let (local, remote) = self.addresses(id.stream, best);
            self.log(Code::BothLite, |line| {
                (line.component, line.pair, line.local, line.remote) = (Some(id), Some(best), local, remote);
            });
            self.select(id, best, SwitchReason::BothLite);
        }
    }

    /// The selected pair of a component is gone: another valid one takes its place, or the list fails.
    pub(super) fn lose_selected(&mut self, id: ComponentId) {
        self.counts.nominations_lost += 1;
        let next = self.stream(id.stream).and_then(|stream| stream.best_valid(id.component)).map(|pair| pair.id);
        match next {
            Some(valid) => self.select(id, valid, SwitchReason::OtherGone),
            None => {
                if let Some(stream) = self.stream_mut(id.stream) {
                    stream.state = ListState::Running;
                }
                self.set_list_state(id.stream, ListState::Failed);
            }
        }
    }
}
