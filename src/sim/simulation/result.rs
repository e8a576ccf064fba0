//! How a call ended, and why.

use core::time::Duration;
use std::fmt::Write;

use super::{MAX_STEPS, Simulation};
use crate::candidate::CandidateType;
use crate::ice::agent::{Agent, ComponentId};
use crate::sim::Machine;

/// How a call ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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
    /// Why, in a sentence.
    pub why: String,
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
        if self.is_cut() {
            let seconds = self.now().as_secs_f64();
            let _ = write!(result.why, ". The run was ended at {seconds:.1} s: {MAX_STEPS} steps are the limit");
        }
        result
    }

    fn outcome(&self) -> SimulationResult {
        let packets = self.world.packets();
        let nothing = |why: &str| SimulationResult {
            outcome: Outcome::Failed,
            selected: None,
            elapsed: None,
            packets,
            why: why.into(),
        };
        let [a, b, ..] = self.sides.as_slice() else { return nothing("there is no call") };
        let (Some(Machine::Ice(from)), Some(Machine::Ice(to))) =
            (self.world.machine(a.host), self.world.machine(b.host))
        else {
            return nothing("one of the two hosts has stopped");
        };
        let began = self.scenario.calls.first().map_or(Duration::ZERO, |call| Duration::from_millis(call.at));
        let since = |time: Option<Duration>| time.map(|time| time.saturating_sub(began));
        let ends = (selected(from), selected(to));
        let (Some(mine), Some(theirs)) = ends else {
            let elapsed = since(a.failed.into_iter().chain(b.failed).min());
            return SimulationResult { elapsed, why: self.why_failed(from, to), ..nothing("") };
        };
        let relayed = [&mine, &theirs]
            .iter()
            .any(|pair| pair.types.0 == CandidateType::Relayed || pair.types.1 == CandidateType::Relayed);
        let outcome = if relayed { Outcome::Relayed } else { Outcome::Direct };
        let elapsed = since(a.connected.zip(b.connected).map(|(a, b)| a.max(b)));
        let why = self.why_connected(outcome, &mine, &theirs);
        SimulationResult { outcome, selected: Some(mine), elapsed, packets, why }
    }

    fn names(&self) -> (&str, &str) {
        self.scenario.calls.first().map_or(("", ""), |call| (&call.from, &call.to))
    }

    fn why_connected(&self, outcome: Outcome, mine: &Selected, theirs: &Selected) -> String {
        let (from, to) = self.names();
        let kinds = |pair: &Selected| format!("{} to {}", pair.types.0.token(), pair.types.1.token());
        let through = if outcome == Outcome::Relayed { "through a relay" } else { "directly" };
        format!("{from} and {to} talk {through}: {from} selected {}, {to} {}", kinds(mine), kinds(theirs))
    }

    /// The agents' reasons, and the drop that was seen most often.
    fn why_failed(&self, from: &Agent, to: &Agent) -> String {
        let (from_name, to_name) = self.names();
        let mut why = String::new();
        for (name, agent) in [(from_name, from), (to_name, to)] {
            let said = match agent.failure() {
                Some(failure) => failure.reason.why(),
                None if selected(agent).is_some() => "a pair was selected here",
                None => "not decided yet",
            };
            let _ = write!(why, "{}{name}: {said}", if why.is_empty() { "" } else { ". " });
        }
        let mut drops: Vec<_> = self.world.drops().collect();
        drops.sort_by_key(|(_, _, count)| core::cmp::Reverse(*count));
        if let Some((nat, reason, count)) = drops.first() {
            let network = self.network_name(*nat);
            let packets = if *count == 1 { "packet" } else { "packets" };
            let _ = write!(why, ". The NAT of {network} dropped {count} {packets}: {reason}");
        }
        why
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
