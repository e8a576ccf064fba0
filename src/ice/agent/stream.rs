//! A data stream: its check list, valid list and triggered-check queue (RFC 8445 §6.1.2, §6.1.4.1).
use super::ComponentId;
use super::consent::{Consent, PreviousPath};
use super::pair::{Pair, PairId};
use crate::ice::PairState;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

/// State of a check list (RFC 8445 §6.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListState {
    /// Checks go on.
    Running,
    /// Each component has a nominated pair.
    Completed,
    /// Some component can't have a pair.
    Failed,
}

impl ListState {
    /// `Running`, `Completed` or `Failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) components: Vec<Component>,
    /// Best first; equal ones by component, then as formed.
    pub(super) pairs: Vec<Pair>,
    pub(super) triggered: VecDeque<PairId>,
    pub(super) state: ListState,
}

#[derive(Debug)]
pub(super) struct Component {
    pub(super) id: ComponentId,
    pub(super) selected: Option<PairId>,
    /// When its first pair became valid.
    pub(super) first_valid: Option<Duration>,
    /// The valid pair that data is sent on, and the other side's consent to it.
    pub(super) consent: Option<Consent>,
    /// The path from before a restart.
    pub(super) previous: Option<PreviousPath>,
    /// The highest NOMINATION seen or sent (draft-thatcher-ice-renomination).
    pub(super) nomination: u32,
}

impl Component {
    pub(super) const fn new(id: ComponentId) -> Self {
        Self { id, selected: None, first_valid: None, consent: None, previous: None, nomination: 0 }
    }
}

impl Stream {
    pub(super) fn new(stream: u16, components: u16) -> Self {
        Self {
            components: (1..=components).map(|component| Component::new(ComponentId { stream, component })).collect(),
            pairs: Vec::new(),
            triggered: VecDeque::new(),
            state: ListState::Running,
        }
    }

    pub(super) fn pair(&self, id: PairId) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.id == id)
    }

    pub(super) fn pair_mut(&mut self, id: PairId) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.id == id)
    }

    pub(super) fn find(&self, local: u16, remote: u16) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.local == local && pair.remote == remote)
    }

    pub(super) fn sort(&mut self) {
        self.pairs.sort_by_key(|pair| (core::cmp::Reverse(pair.priority), pair.component, pair.id));
    }

    pub(super) fn insert(&mut self, pair: Pair) {
        let key = |pair: &Pair| (core::cmp::Reverse(pair.priority), pair.component, pair.id);
        let at = self.pairs.partition_point(|other| key(other) < key(&pair));
        self.pairs.insert(at, pair);
    }

    /// Puts a pair at the end of the triggered-check queue, where it never is twice (RFC 8445 §7.3.1.4).
    pub(super) fn trigger(&mut self, id: PairId) {
        if !self.triggered.contains(&id) {
            self.triggered.push_back(id);
        }
    }

    /// The best valid pair of a component.
    pub(super) fn best_valid(&self, component: u16) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.valid && pair.component == component)
    }

    /// True when a check of some pair is still to be sent or to be answered.
    pub(super) fn has_open_checks(&self) -> bool {
        let open = |pair: &Pair| {
            matches!(pair.state, PairState::Frozen | PairState::Waiting | PairState::InProgress) && pair.listed
        };
        !self.triggered.is_empty() || self.pairs.iter().any(open)
    }
}
