//! A set of behaviours still possible.

use crate::nat::axis::{Behaviour, Verdict};

/// Up to three behaviours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u8);

impl Set {
    pub(super) const ALL: Self = Self(0b111);
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn of(behaviour: Behaviour) -> Self {
        Self(1 << behaviour as u8)
    }

    pub(super) fn without(self, behaviour: Behaviour) -> Self {
        Self(self.0 & !Self::of(behaviour).0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn contains(self, behaviour: Behaviour) -> bool {
        self.0 & Self::of(behaviour).0 != 0
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(super) fn values(self) -> Vec<Behaviour> {
        Behaviour::ALL.into_iter().filter(|behaviour| self.contains(*behaviour)).collect()
    }

    pub(super) fn verdict(self) -> Verdict<Behaviour> {
        let values = self.values();
        match values.as_slice() {
            [] => Verdict::Inconsistent,
            [one] => Verdict::Is(*one),
            [_, _] => Verdict::Ambiguous(values),
            _ => Verdict::Unknown,
        }
    }
}
