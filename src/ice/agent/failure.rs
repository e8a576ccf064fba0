//! Why an agent failed, with the counts behind it.
use super::pair::CheckFailure;
use super::{Agent, ListState};
use crate::ice::{PairState, Rule};

/// Why an agent failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IceFailure {
    /// The other side never named a candidate, and no request came.
    NoRemoteCandidates,
    /// No local candidate and remote candidate make a pair; the counts say by which rules.
    NoPairs,
    /// No check was answered.
    AllSilent,
    /// Every check that was answered was refused or came back another way.
    AllRefused,
    /// Checks were refused for wrong credentials, ours or theirs.
    WrongCredentials,
    /// A pair was nominated, and then its check failed or its address went away.
    NominatedLost,
    /// The relay refused, and there was no other way.
    RelayRefused,
    /// Consent to send expired or was revoked.
    ConsentExpired,
}

impl IceFailure {
    /// The name, such as `all-silent`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRemoteCandidates => "no-remote-candidates",
            Self::NoPairs => "no-pairs",
            Self::AllSilent => "all-silent",
            Self::AllRefused => "all-refused",
            Self::WrongCredentials => "wrong-credentials",
            Self::NominatedLost => "nominated-lost",
            Self::RelayRefused => "relay-refused",
            Self::ConsentExpired => "consent-expired",
        }
    }

    /// The reason as a sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::NoRemoteCandidates => "the other side named no candidate, and no request came from it",
            Self::NoPairs => "no local candidate makes a pair with a remote one",
            Self::AllSilent => "no check was answered",
            Self::AllRefused => "no check was answered with success along its own way",
            Self::WrongCredentials => {
                "checks were refused because user name or password are not what the other side has"
            }
            Self::NominatedLost => "the nominated pair was lost",
            Self::RelayRefused => "the relay refused, and no pair goes without it",
            Self::ConsentExpired => "the other side's consent to receive has ended",
        }
    }
}

/// Counts of an agent since the start or the last restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Local candidates now.
    pub local_candidates: u32,
    /// Remote candidates now, learned ones included.
    pub remote_candidates: u32,
    /// Pairs formed.
    pub pairs: u32,
    /// Candidates of one component that made no pair, by [`Rule`].
    pub excluded: [u32; 8],
    /// Pairs and learned candidates left out because of a limit.
    pub over_limit: u32,
    /// Checks sent, consent checks included.
    pub checks_sent: u32,
    /// Checks answered with success.
    pub answered: u32,
    /// Checks that were not answered.
    pub silent: u32,
    /// Checks answered with an error.
    pub refused: u32,
    /// Checks answered along another way.
    pub not_symmetric: u32,
    /// Responses whose integrity was absent or wrong.
    pub unauthenticated: u32,
    /// Those among them that said 401.
    pub unauthorized: u32,
    /// Requests answered.
    pub requests_answered: u32,
    /// Requests refused.
    pub requests_refused: u32,
    /// Requests whose USERNAME is not ours.
    pub wrong_username: u32,
    /// Requests whose integrity is wrong.
    pub wrong_integrity: u32,
    /// Nominated pairs that were lost.
    pub nominations_lost: u32,
    /// Components whose consent ended.
    pub consents_lost: u32,
    /// Relays that refused.
    pub relays_refused: u32,
}

impl Counts {
    pub(super) fn note_excluded(&mut self, rule: Rule) {
        if let Some(count) = self.excluded.get_mut(rule as usize) {
            *count += 1;
        }
    }

    pub(super) const fn note_failure(&mut self, failure: CheckFailure) {
        match failure {
            CheckFailure::Silent => self.silent += 1,
            CheckFailure::Refused(_) => self.refused += 1,
            CheckFailure::NotSymmetric => self.not_symmetric += 1,
            CheckFailure::RelayRefused(_) => self.relays_refused += 1,
        }
    }
}

/// Why an agent failed, and the counts behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The reason.
    pub reason: IceFailure,
    /// Counts until then.
    pub counts: Counts,
}

impl Failure {
    /// True when only a restart helps: consent is never given again to the same credentials (RFC 7675 §5.1), and nobody
    /// nominates twice (RFC 8445 §8.1.1).
    pub const fn needs_restart(&self) -> bool {
        matches!(self.reason, IceFailure::ConsentExpired | IceFailure::NominatedLost)
    }
}

impl Agent {
    pub(super) fn count(&self) -> Counts {
        let local_candidates = self.locals.iter().filter(|local| !local.removed).count() as u32;
        let remote_candidates = self.remotes.iter().filter(|remote| !remote.removed).count() as u32;
        Counts { local_candidates, remote_candidates, ..self.counts }
    }

    /// The reason that the counts give; looked at when every list has failed.
    pub(super) fn reason(&self) -> IceFailure {
        let counts = self.count();
        let unanswered = |pair: &super::Pair| pair.state == PairState::Failed;
        let pairs = || self.streams.iter().filter(|it| it.state == ListState::Failed).flat_map(|stream| &stream.pairs);
        let refused_401 = pairs().any(|pair| pair.failure == Some(CheckFailure::Refused(401)));
        let all_answered_badly =
            pairs().filter(|pair| unanswered(pair)).all(|pair| pair.failure != Some(CheckFailure::Silent));
        let credentials = counts.unauthorized + counts.wrong_username + counts.wrong_integrity;
        if counts.consents_lost > 0 {
            return IceFailure::ConsentExpired;
        }
        if counts.nominations_lost > 0 {
            return IceFailure::NominatedLost;
        }
        let relay = |pair: &super::Pair| matches!(pair.failure, Some(CheckFailure::RelayRefused(_)));
        let nothing = counts.pairs == 0 && counts.remote_candidates == 0 && credentials == 0;
        if nothing && counts.local_candidates > 0 {
            return IceFailure::NoRemoteCandidates;
        }
        if counts.relays_refused > 0 && pairs().filter(|pair| unanswered(pair)).all(relay) {
            return IceFailure::RelayRefused;
        }
        if nothing {
            return IceFailure::NoRemoteCandidates;
        }
        if (credentials > 0 || refused_401) && counts.answered == 0 {
            return IceFailure::WrongCredentials;
        }
        if counts.pairs == 0 {
            return IceFailure::NoPairs;
        }
        if counts.refused + counts.not_symmetric > 0 && all_answered_badly {
            return IceFailure::AllRefused;
        }
        IceFailure::AllSilent
    }
}
