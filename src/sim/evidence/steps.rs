//! The prediction of a run beside what was seen, step by step.

use core::time::Duration;

use super::reading::{End, Fact, address};
use super::{EndSeen, Evidence, PairSeen};
use crate::candidate::{self, CandidateType};
use crate::ice::agent::Code;
use crate::sim::simulation::{Entry, Simulation, What};
use crate::sim::world::Trace;

/// Times that differ by no more than this many milliseconds, or a tenth, are the same: browsers wake up late.
const SAME_MILLISECONDS: f64 = 500.0;

/// Whether a run and the evidence agree in a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Agreement {
    /// They do.
    Same,
    /// They do not.
    Differs,
    /// The evidence can't show it.
    NotSeen,
    /// The scenario was made of it: it proves nothing.
    Given,
}

impl Agreement {
    /// `same`, `differs`, `not-seen` or `given`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::NotSeen => "not-seen",
            Self::Given => "given",
        }
    }
}

/// A step of the call. Times are milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Code of the step: `host`, `srflx`, `relay`, `described`, `server-failed`, `checking`, `pair`, `prflx`, `requests`,
    /// `dropped`, `connected`, `failed`, `outcome`.
    pub code: &'static str,
    /// The step in words of protocol: addresses, candidate types, numbers.
    pub what: String,
    /// When it was seen; `None` where it was not, or its time was not.
    pub seen: Option<f64>,
    /// When it happens in the run.
    pub simulated: Option<f64>,
    /// Whether they agree.
    pub agreement: Agreement,
    /// Difference, or why the step proves nothing; empty where they agree.
    pub why: String,
}

impl Step {
    fn new(
        code: &'static str,
        what: impl Into<String>,
        times: (Option<f64>, Option<f64>),
        agreement: Agreement,
    ) -> Self {
        Self { code, what: what.into(), seen: times.0, simulated: times.1, agreement, why: String::new() }
    }

    fn because(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }
}

const GIVEN: &str = "The scenario was made of it.";
const NOT_SEEN: &str = "The evidence of one side can't show it.";
const CUT: &str = "The evidence is cut off: it may have come later.";

impl Evidence {
    /// Sets a run that has ended beside the evidence it was made of, in the order of time.
    #[must_use]
    pub fn steps(&self, simulation: &Simulation) -> Vec<Step> {
        let run = Run { evidence: self, simulation, facts: self.facts() };
        let mut steps = run.gathered();
        steps.extend(run.described());
        steps.extend(run.checking());
        steps.extend(run.pairs());
        steps.extend(run.requests());
        steps.extend(run.drops());
        steps.extend(run.end());
        steps.sort_by(|a, b| order(a).total_cmp(&order(b)));
        steps
    }
}

/// Steps stand in the order in which they were seen, or happen; what has no time is last.
fn order(step: &Step) -> f64 {
    step.seen.or(step.simulated).unwrap_or(f64::MAX)
}

struct Run<'e> {
    evidence: &'e Evidence,
    simulation: &'e Simulation,
    facts: Vec<Fact>,
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

impl Run<'_> {
    fn first(&self, is: impl Fn(&Entry) -> bool) -> Option<f64> {
        self.simulation.trace().iter().find(|entry| is(entry)).map(|entry| milliseconds(entry.time))
    }

    /// When the agent of an end decided so first, about what `is` accepts.
    fn decided(&self, end: End, code: Code, is: impl Fn(&crate::ice::agent::Decision) -> bool) -> Option<f64> {
        self.first(|entry| match &entry.what {
            What::Decision { host, decision } => {
                self.simulation.host_name(*host) == end.host() && decision.code == code && is(decision)
            }
            _ => false,
        })
    }

    /// The local side's candidates and the servers that failed it.
    fn gathered(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for seen in &self.evidence.local.candidates {
            let parsed = candidate::parse(&seen.line);
            let Some(candidate) = parsed.candidate().filter(|it| it.transport.eq_ignore_ascii_case("udp")) else {
                continue;
            };
            let code = match candidate.candidate_type() {
                Some(CandidateType::Host) => "host",
                Some(CandidateType::ServerReflexive) => "srflx",
                Some(CandidateType::Relayed) => "relay",
                _ => continue,
            };
            let kind = candidate.candidate_type();
            let simulated = self.decided(End::Local, Code::LocalCandidate, |decision| {
                decision.what == kind.map_or("", CandidateType::token)
            });
            let what = format!("{}:{}", candidate.address, candidate.port);
            steps.push(Step::new(code, what, (seen.at, simulated), Agreement::Given).because(GIVEN));
        }
        for error in &self.evidence.local.errors {
            let what = format!("{} {}", error.code, error.url);
            steps.push(Step::new("server-failed", what, (error.at, None), Agreement::Given).because(GIVEN));
        }
        steps
    }

    fn described(&self) -> Option<Step> {
        let seen = self.evidence.described?;
        let simulated = self.decided(End::Local, Code::RemoteCandidate, |_| true);
        let count = self.evidence.remote.candidates.len();
        Some(Step::new("described", count.to_string(), (Some(seen), simulated), Agreement::Given).because(GIVEN))
    }

    fn state(&self, names: &[&str]) -> Option<f64> {
        self.evidence.states.iter().find(|it| names.contains(&it.state.as_str())).map(|it| it.at)
    }

    fn entered(&self, names: &[&str]) -> Option<f64> {
        self.decided(End::Local, Code::StateChanged, |decision| names.contains(&decision.what))
    }

    fn checking(&self) -> Option<Step> {
        let seen = self.state(&["checking"])?;
        Some(compared("checking", "", Some(seen), self.entered(&["checking"])))
    }

    /// Each pair by the types of its ends: whether any of its checks was answered.
    fn pairs(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for pair in self.evidence.pairs.iter().filter(|pair| pair.sent > 0) {
            let what = format!("{} {}: {} / {}", pair.local.kind, pair.remote.kind, pair.answered, pair.sent);
            if pair.local.kind == "prflx" || pair.remote.kind == "prflx" {
                steps.push(Step::new("prflx", what, (None, None), Agreement::Given).because(GIVEN));
                continue;
            }
            if self.evidence.cut.is_some() && pair.answered == 0 {
                steps.push(Step::new("pair", what, (None, None), Agreement::NotSeen).because(CUT));
                continue;
            }
            let answered = self.answered(pair);
            let agreement = match answered {
                None => Agreement::NotSeen,
                Some(answered) if answered == (pair.answered > 0) => Agreement::Same,
                Some(_) => Agreement::Differs,
            };
            let why = match answered {
                None => "The run forms no such pair.",
                Some(true) if agreement == Agreement::Differs => "In the run it is answered.",
                Some(false) if agreement == Agreement::Differs => "In the run it is not answered.",
                Some(_) => "",
            };
            let used = self.facts.iter().any(|fact| fact.by == "same-port-used") && pair.remote.kind == "srflx";
            let (agreement, why) = if used && pair.answered > 0 { (Agreement::Given, GIVEN) } else { (agreement, why) };
            steps.push(Step::new("pair", what, (None, None), agreement).because(why));
        }
        steps
    }

    /// Whether the run's pair of the same two ends had an answer; `None` where it has no such pair.
    fn answered(&self, pair: &PairSeen) -> Option<bool> {
        let agent = self.simulation.agent(End::Local.host())?;
        let mut found = None;
        for decision in self.decisions() {
            if decision.code != Code::CheckSent && decision.code != Code::CheckSucceeded {
                continue;
            }
            if !decision.remote.is_some_and(|remote| same_end(&pair.remote, remote, agent)) {
                continue;
            }
            match decision.code {
                Code::CheckSucceeded => found = Some(true),
                _ => found = found.or(Some(false)),
            }
        }
        found
    }

    fn decisions(&self) -> impl Iterator<Item = &crate::ice::agent::Decision> {
        self.simulation.trace().iter().filter_map(|entry| match &entry.what {
            What::Decision { host, decision } if self.simulation.host_name(*host) == End::Local.host() => {
                Some(decision)
            }
            _ => None,
        })
    }

    /// Whether checks of the other side came in at all.
    fn requests(&self) -> Option<Step> {
        let counts: Vec<u64> = self.evidence.pairs.iter().filter_map(|pair| pair.received).collect();
        if counts.is_empty() {
            return None;
        }
        let seen: u64 = counts.iter().sum();
        let simulated = self.decisions().filter(|it| it.code == Code::RequestAnswered).count();
        let what = format!("{seen}, {simulated}");
        if self.evidence.cut.is_some() && seen == 0 {
            return Some(Step::new("requests", what, (None, None), Agreement::NotSeen).because(CUT));
        }
        let agreement = if (seen > 0) == (simulated > 0) { Agreement::Same } else { Agreement::Differs };
        let used = seen > 0 && self.facts.iter().any(|fact| matches!(fact.by, "new-port-let-in" | "new-port-seen"));
        let (agreement, why) = if used { (Agreement::Given, GIVEN) } else { (agreement, "") };
        Some(Step::new("requests", what, (None, None), agreement).because(why))
    }

    /// The first packet that each NAT drops: the evidence of one side can't show it.
    fn drops(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for entry in self.simulation.trace() {
            let What::Packet(Trace::Nat { nat, decision, .. }) = &entry.what else { continue };
            let network = self.simulation.network_name(*nat);
            if decision.reason.passes() || steps.iter().any(|step| step.what.starts_with(network)) {
                continue;
            }
            let what = format!("{network}: {} {} → {}", decision.reason.name(), decision.before.0, decision.before.1);
            let times = (None, Some(milliseconds(entry.time)));
            steps.push(Step::new("dropped", what, times, Agreement::NotSeen).because(NOT_SEEN));
        }
        steps
    }

    /// How it ended: when, and over what.
    fn end(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let result = self.simulation.result();
        let connected = self.state(&["connected", "completed"]);
        let failed = self.state(&["failed"]);
        if let Some(seen) = connected {
            steps.push(compared("connected", "", Some(seen), self.entered(&["connected", "completed"])));
        } else if let Some(seen) = failed {
            steps.push(compared("failed", "", Some(seen), self.entered(&["failed"])));
        }
        if let Some(outcome) = &self.evidence.outcome {
            let same = result.outcome.name() == outcome;
            let agreement = if same { Agreement::Same } else { Agreement::Differs };
            let times = (connected.or(failed), result.elapsed.map(milliseconds));
            let what = format!("{outcome}, {}", result.outcome.name());
            steps.push(Step::new("outcome", what, times, agreement));
        } else {
            let times = (None, result.elapsed.map(milliseconds));
            let what = result.outcome.name();
            steps.push(
                Step::new("outcome", what, times, Agreement::NotSeen)
                    .because("The evidence does not show how the call ended."),
            );
        }
        steps
    }
}

/// A step that both have, or one lacks, with times that agree or not.
fn compared(code: &'static str, what: &str, seen: Option<f64>, simulated: Option<f64>) -> Step {
    let (Some(there), Some(here)) = (seen, simulated) else {
        let why = if simulated.is_none() { "It does not happen in the run." } else { "It was not seen." };
        return Step::new(code, what, (seen, simulated), Agreement::Differs).because(why);
    };
    let apart = (there - here).abs();
    if apart <= SAME_MILLISECONDS.max(there.abs() / 10.0) {
        return Step::new(code, what, (seen, simulated), Agreement::Same);
    }
    let why = format!("{:.0} ms {} than in the run.", apart, if there > here { "later" } else { "earlier" });
    Step::new(code, what, (seen, simulated), Agreement::Differs).because(why)
}

/// Whether an end that was seen is that address of the run: the same address, or, where addresses are made up, the same type.
fn same_end(seen: &EndSeen, simulated: core::net::SocketAddr, agent: &crate::ice::agent::Agent) -> bool {
    if address(&seen.address) == Some(simulated) {
        return true;
    }
    let kind = agent
        .remote_candidates()
        .iter()
        .find(|remote| remote.candidate.address == simulated)
        .map(|remote| remote.candidate.kind.token());
    kind == Some(seen.kind.as_str())
}
