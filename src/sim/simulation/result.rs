//! How a call ended, and why.

use core::time::Duration;

use super::{Cause, MAX_STEPS, Simulation};
use crate::candidate::CandidateType;
use crate::ice::agent::{Agent, ComponentId};
use crate::sim::Machine;

/// How a call ended, the best first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// Both sides selected a pair without a relay.
    Direct,
    /// Both sides selected a pair, and a relay carries it.
    Relayed,
    /// They did not.
    Failed,
}

impl Outcome {
    /// `direct`, `relayed` or `failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Relayed => "relayed",
            Self::Failed => "failed",
        }
    }
}

/// The pair that the offerer selected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selected {
    /// Its own candidate, as a line.
    pub local: String,
    /// The other side's, as a line.
    pub remote: String,
    /// Types: of its own, then of the other side's.
    pub types: (CandidateType, CandidateType),
    /// Pair priority.
    pub priority: u64,
}

/// How the first call of a scenario ended.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationResult {
    /// How.
    pub outcome: Outcome,
    /// The pair.
    pub selected: Option<Selected>,
    /// From the offer until both sides had their pair, or the first failed; `None` when neither came to be.
    pub elapsed: Option<Duration>,
    /// Packets that hosts sent.
    pub packets: u64,
    /// Causes of the outcome; at least one.
    pub causes: Vec<Cause>,
}

impl SimulationResult {
    /// The causes in English sentences, without the last stop.
    #[must_use]
    pub fn why(&self) -> String {
        let sentences: Vec<_> = self.causes.iter().map(ToString::to_string).collect();
        sentences.join(". ")
    }
}

impl Simulation {
    /// True when each call has its pair on both sides, or has failed on one.
    pub(super) fn decided(&self) -> bool {
        let both = |pair: &[super::Side]| pair.iter().all(|side| side.connected.is_some());
        let failed = |pair: &[super::Side]| pair.iter().any(|side| side.failed.is_some());
        self.sides.chunks(2).all(|pair| both(pair) || failed(pair))
    }

    /// How the first call ended, as far as the run has come.
    #[must_use]
    pub fn result(&self) -> SimulationResult {
        let mut result = self.outcome();
        result.causes.extend(self.cut());
        result
    }

    fn outcome(&self) -> SimulationResult {
        let packets = self.world.packets();
        let nothing = |causes: Vec<Cause>| SimulationResult {
            outcome: Outcome::Failed,
            selected: None,
            elapsed: None,
            packets,
            causes,
        };
        let [a, b, ..] = self.sides.as_slice() else { return nothing(vec![Cause::NoCall]) };
        let (Some(Machine::Ice(from)), Some(Machine::Ice(to))) =
            (self.world.machine(a.host), self.world.machine(b.host))
        else {
            return nothing(vec![Cause::Stopped]);
        };
        let began = self.scenario.calls.first().map_or(Duration::ZERO, |call| Duration::from_millis(call.at));
        let since = |time: Option<Duration>| time.map(|time| time.saturating_sub(began));
        let (Some(mine), Some(theirs)) = (selected(from), selected(to)) else {
            let elapsed = since(a.failed.into_iter().chain(b.failed).min());
            return SimulationResult { elapsed, ..nothing(self.causes_of_failure(from, to)) };
        };
        let relays = |pair: &Selected| [pair.types.0, pair.types.1].contains(&CandidateType::Relayed);
        let outcome = if relays(&mine) || relays(&theirs) { Outcome::Relayed } else { Outcome::Direct };
        let elapsed = since(a.connected.zip(b.connected).map(|(a, b)| a.max(b)));
        let (from, to) = self.names();
        let side = |name: &str, pair: &Selected| (name.to_string(), [pair.types.0, pair.types.1]);
        let causes = vec![Cause::Connected { outcome, sides: [side(from, &mine), side(to, &theirs)] }];
        SimulationResult { outcome, selected: Some(mine), elapsed, packets, causes }
    }

    /// The limit that ended the run.
    fn cut(&self) -> Option<Cause> {
        let at = self.now();
        if self.steps >= MAX_STEPS {
            return Some(Cause::TooManySteps { at });
        }
        self.is_cut().then_some(Cause::TooManyAtOnce { at })
    }

    fn names(&self) -> (&str, &str) {
        self.scenario.calls.first().map_or(("", ""), |call| (&call.from, &call.to))
    }

    /// The agents' reasons, and the drop that was seen most often.
    fn causes_of_failure(&self, from: &Agent, to: &Agent) -> Vec<Cause> {
        let (from_name, to_name) = self.names();
        let agent = |name: &str, agent: &Agent| {
            let host = name.to_string();
            match agent.failure() {
                Some(failure) => Cause::Failed { host, reason: failure.reason },
                None if selected(agent).is_some() => Cause::SelectedHere { host },
                None => Cause::Undecided { host },
            }
        };
        let mut causes = vec![agent(from_name, from), agent(to_name, to)];
        let mut drops: Vec<_> = self.world.drops().collect();
        drops.sort_by_key(|(_, _, count)| core::cmp::Reverse(*count));
        let most = drops.first().map(|(nat, rule, packets)| {
            let network = self.network_name(*nat).to_string();
            Cause::Dropped { network, packets: *packets, rule: *rule }
        });
        causes.extend(most);
        causes
    }
}

fn selected(agent: &Agent) -> Option<Selected> {
    let pair = agent.selected(ComponentId::FIRST)?;
    let local = agent.local_candidates().get(usize::from(pair.local))?;
    let remote = agent.remote_candidates().get(usize::from(pair.remote))?;
    let candidate = &remote.candidate;
    let (ip, port, kind) = (candidate.address.ip(), candidate.address.port(), candidate.kind);
    Some(Selected {
        local: local.to_string(),
        remote: format!(
            "candidate:{} {} udp {} {ip} {port} typ {}",
            candidate.foundation,
            candidate.component.component,
            candidate.priority,
            kind.token()
        ),
        types: (local.candidate.kind, kind),
        priority: pair.priority,
    })
}
