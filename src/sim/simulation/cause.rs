//! Causes of an outcome, by code and parameters, and in English.

use core::fmt;
use core::time::Duration;

use super::{MAX_AT_ONCE, MAX_STEPS, Outcome};
use crate::candidate::CandidateType;
use crate::ice::agent::IceFailure;
use crate::sim::Reason;

/// One cause of how a call ended. [`Display`](fmt::Display) writes it as an English sentence without its stop.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// The scenario has no call.
    NoCall,
    /// One of the two hosts has stopped.
    Stopped,
    /// Both sides selected a pair.
    Connected {
        /// Without a relay, or over one.
        outcome: Outcome,
        /// Host of each side with the types of its pair: of its own candidate, then of the other side's. The offerer first.
        sides: [(String, [CandidateType; 2]); 2],
    },
    /// The agent on a host failed.
    Failed {
        /// Name of the host.
        host: String,
        /// Reason that the agent gives.
        reason: IceFailure,
    },
    /// The agent on a host selected a pair, the other side's did not.
    SelectedHere {
        /// Name of the host.
        host: String,
    },
    /// The agent on a host neither selected a pair nor failed.
    Undecided {
        /// Name of the host.
        host: String,
    },
    /// The NAT that dropped most packets for one reason.
    Dropped {
        /// Name of the network.
        network: String,
        /// Number of packets that it dropped for that reason.
        packets: u64,
        /// Rule by which it dropped them.
        rule: Reason,
    },
    /// [`MAX_STEPS`] have ended the run.
    TooManySteps {
        /// Virtual time at which the run ended.
        at: Duration,
    },
    /// [`MAX_AT_ONCE`] have ended the run.
    TooManyAtOnce {
        /// Virtual time at which the run ended.
        at: Duration,
    },
}

impl Cause {
    /// A stable code, such as `dropped`; `direct` or `relayed` of a call that connected, the agent's own code of a failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCall => "no-call",
            Self::Stopped => "stopped",
            Self::Connected { outcome, .. } => outcome.name(),
            Self::Failed { reason, .. } => reason.name(),
            Self::SelectedHere { .. } => "selected-here",
            Self::Undecided { .. } => "undecided",
            Self::Dropped { .. } => "dropped",
            Self::TooManySteps { .. } => "too-many-steps",
            Self::TooManyAtOnce { .. } => "too-many-at-once",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCall => f.write_str("there is no call"),
            Self::Stopped => f.write_str("one of the two hosts has stopped"),
            Self::Connected { outcome, sides: [(from, mine), (to, theirs)] } => {
                let through = if *outcome == Outcome::Relayed { "through a relay" } else { "directly" };
                let types = |[local, remote]: &[CandidateType; 2]| format!("{} to {}", local.token(), remote.token());
                write!(f, "{from} and {to} talk {through}: {from} selected {}, {to} {}", types(mine), types(theirs))
            }
            Self::Failed { host, reason } => write!(f, "{host}: {}", reason.why()),
            Self::SelectedHere { host } => write!(f, "{host}: a pair was selected here"),
            Self::Undecided { host } => write!(f, "{host}: not decided yet"),
            Self::Dropped { network, packets, rule } => {
                let rule = rule.to_string();
                let why = rule.strip_prefix("dropped: ").unwrap_or(&rule);
                let noun = if *packets == 1 { "packet" } else { "packets" };
                write!(f, "The NAT of {network} dropped {packets} {noun}: {why}")
            }
            Self::TooManySteps { at } => {
                write!(f, "The run was ended at {:.1} s: {MAX_STEPS} steps are the limit", at.as_secs_f64())
            }
            Self::TooManyAtOnce { at } => {
                let at = at.as_secs_f64();
                write!(f, "The run was ended at {at:.1} s: {MAX_AT_ONCE} steps at one instant are the limit")
            }
        }
    }
}
