//! Policy: the choices that RFC 8445 leaves open, in one place, and the profiles of other agents.
use super::pair::Pair;
use crate::candidate::CandidateType;
use crate::ice::PairState;
use crate::stun::transaction::Timing;
use core::time::Duration;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Agent whose timers and choices are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// RFC 8445, 7675 and 8863 as written.
    #[default]
    Rfc,
    /// libwebrtc, as Chrome has it.
    Chrome,
    /// nICEr, as Firefox has it.
    Firefox,
    /// pion/ice.
    Pion,
    /// libnice.
    Libnice,
}

impl Profile {
    /// Every profile, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Rfc, Self::Chrome, Self::Firefox, Self::Pion, Self::Libnice];

    /// `rfc`, `chrome`, `firefox`, `pion` or `libnice`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
            Self::Pion => "pion",
            Self::Libnice => "libnice",
        }
    }

    /// The profile called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Its timers and choices.
    pub const fn policy(self) -> Policy {
        match self {
            Self::Rfc => Policy::RFC,
            // libwebrtc: one ping each 48 ms; unwritable after 5 s and five lost pings, dead after 15 s; a pair is used as
            // soon as it works.
            Self::Chrome => Policy {
                pacing: ms(48),
                accept: Acceptance::AT_ONCE,
                consent: ms(2000),
                disconnected: ms(5000),
                expiry: ms(15_000),
                timing: Timing { rto: 500, rc: 5, rm: 2 },
                pac: ms(15_000),
                ..Policy::RFC
            },
            // nICEr: a grace of 5 s after an unanswered consent check.
            Self::Firefox => Policy {
                pacing: ms(20),
                accept: Acceptance::AT_ONCE,
                disconnected: ms(10_000),
                pac: ms(5000),
                timing: Timing { rto: 500, rc: 7, rm: 1 },
                ..Policy::RFC
            },
            // pion: keepalive 2 s, disconnected after 5 s, failed 25 s later; acceptance waits by type.
            Self::Pion => Policy {
                pacing: ms(200),
                disconnected: ms(5000),
                consent: ms(2000),
                keepalive: ms(2000),
                accept: Acceptance { host: ms(0), reflexive: ms(500), relayed: ms(2000) },
                timing: Timing { rto: 500, rc: 7, rm: 1 },
                pac: ms(30_000),
                ..Policy::RFC
            },
            // libnice: Ta 20 ms, three requests; it has no state between ready and failed.
            Self::Libnice => Policy {
                pacing: ms(20),
                timing: Timing { rto: 500, rc: 3, rm: 1 },
                accept: Acceptance::AT_ONCE,
                pac: ms(5000),
                ..Policy::RFC
            },
        }
    }
}

/// How long the controlling agent waits for something better before it nominates a pair of this type, counted from the
/// first valid pair of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Both candidates are host candidates.
    pub host: Duration,
    /// One is reflexive, none relayed.
    pub reflexive: Duration,
    /// One is relayed.
    pub relayed: Duration,
}

impl Acceptance {
    /// No wait at all.
    pub const AT_ONCE: Self = Self { host: Duration::ZERO, reflexive: Duration::ZERO, relayed: Duration::ZERO };
}

/// Timers and choices of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Ta when the configuration has the default (RFC 8445 §14.2).
    pub pacing: Duration,
    /// How often a check is sent again. `rto` is the least RTO; the formula of RFC 8445 §14.3 may make it longer.
    pub timing: Timing,
    /// Waits before nomination.
    pub accept: Acceptance,
    /// The interval between consent checks; each is drawn from 0.8 to 1.2 times this (RFC 7675 §5.1).
    pub consent: Duration,
    /// Consent ends this long after the last valid response (RFC 7675 §5.1).
    pub expiry: Duration,
    /// Disconnected when nothing valid has come for this long.
    pub disconnected: Duration,
    /// Tr: a keepalive goes out when nothing was sent for this long (RFC 8445 §11).
    pub keepalive: Duration,
    /// The PAC timer: no check list fails before (RFC 8863 §4).
    pub pac: Duration,
    /// Candidates that were not selected are served this long after a check list is Completed (RFC 8445 §8.3.1).
    pub freeing: Duration,
}

impl Policy {
    const RFC: Self = Self {
        pacing: ms(50),
        timing: Timing { rto: 500, rc: 7, rm: 16 },
        accept: Acceptance { host: ms(100), reflexive: ms(300), relayed: ms(1000) },
        consent: ms(5000),
        expiry: ms(30_000),
        disconnected: ms(10_000),
        keepalive: ms(15_000),
        pac: ms(39_500),
        freeing: ms(3000),
    };

    /// The wait before this pair may be nominated although a better one could still succeed.
    pub(super) fn acceptance(&self, local: CandidateType, remote: CandidateType) -> Duration {
        use CandidateType::{Host, Relayed};
        match (local, remote) {
            (Relayed, _) | (_, Relayed) => self.accept.relayed,
            (Host, Host) => self.accept.host,
            _ => self.accept.reflexive,
        }
    }

    /// True when a check of this pair may still make a valid pair that is better than one of priority `than`.
    pub(super) fn may_be_better(pair: &Pair, than: u64) -> bool {
        let open = matches!(pair.state, PairState::Frozen | PairState::Waiting | PairState::InProgress);
        pair.listed && open && pair.priority > than
    }
}
