//! Why a component uses another pair than before.

/// Why a pair was selected: the whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwitchReason {
    /// Of the nominated pairs it has the highest priority (RFC 8445 §8.1.1).
    BestNominated,
    /// Both sides renominate, and it was nominated last (draft-thatcher-ice-renomination).
    NominatedLast,
    /// Both sides renominate, and its NOMINATION has the highest count (draft-thatcher-ice-renomination).
    HighestCount,
    /// Nobody checks, and it is the best pair there is (RFC 8445 §8.2).
    BothLite,
    /// The selected pair lost its address or candidate, and this one is valid.
    OtherGone,
}

impl SwitchReason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::BestNominated, Self::NominatedLast, Self::HighestCount, Self::BothLite, Self::OtherGone];

    /// The name, such as `best-nominated`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BestNominated => "best-nominated",
            Self::NominatedLast => "nominated-last",
            Self::HighestCount => "highest-count",
            Self::BothLite => "both-lite",
            Self::OtherGone => "other-gone",
        }
    }

    /// The reason as a clause.
    pub const fn why(self) -> &'static str {
        match self {
            Self::BestNominated => "it is the best that is nominated",
            Self::NominatedLast => "it was nominated last",
            Self::HighestCount => "its nomination has the highest count",
            Self::BothLite => "both sides are lite",
            Self::OtherGone => "the selected pair is gone and this one is valid",
        }
    }
}
