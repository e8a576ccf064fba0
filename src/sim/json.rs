//! Results as JSON, in the names of the npm package.

use serde_json::{Value, json};

use super::matrix::Matrix;
use super::population::{Kinds, PopulationReport, Share, Times};
use super::simulation::{Cause, Simulation, SimulationResult};
use crate::candidate::CandidateType;
use crate::ice::PairState;
use crate::ice::agent::{Agent, Pair};

impl SimulationResult {
    /// `outcome`, `selected`, `elapsed` in milliseconds, `packets`, `causes`, `why`. The pair priority is a string of digits.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let selected = self
            .selected
            .as_ref()
            .map(|pair| json!({ "local": pair.local, "remote": pair.remote, "priority": pair.priority.to_string() }));
        json!({
            "outcome": self.outcome.name(),
            "selected": selected,
            "elapsed": self.elapsed.map(|elapsed| elapsed.as_secs_f64() * 1000.0),
            "packets": self.packets,
            "causes": self.causes.iter().map(Cause::to_json).collect::<Vec<_>>(),
            "why": self.why(),
        })
    }
}

impl Cause {
    /// `code`, and what the code has of `from`, `to`, `fromTypes`, `toTypes`, `host`, `network`, `packets`, `rule` and `at` in
    /// milliseconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let code = self.code();
        match self {
            Self::NoCall | Self::Stopped => json!({ "code": code }),
            Self::Connected { sides: [(from, mine), (to, theirs)], .. } => {
                let types = |types: &[CandidateType; 2]| types.map(CandidateType::token);
                json!({ "code": code, "from": from, "to": to, "fromTypes": types(mine), "toTypes": types(theirs) })
            }
            Self::Failed { host, .. } | Self::SelectedHere { host } | Self::Undecided { host } => {
                json!({ "code": code, "host": host })
            }
            Self::Dropped { network, packets, rule } => {
                json!({ "code": code, "network": network, "packets": packets, "rule": rule.name() })
            }
            Self::TooManySteps { at } | Self::TooManyAtOnce { at } => {
                json!({ "code": code, "at": at.as_secs_f64() * 1000.0 })
            }
        }
    }
}

impl Matrix {
    /// `kinds` and `cells`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = |cells: &Vec<SimulationResult>| cells.iter().map(SimulationResult::to_json).collect::<Vec<_>>();
        json!({ "kinds": self.kinds, "cells": self.cells.iter().map(row).collect::<Vec<_>>() })
    }
}

impl PopulationReport {
    /// Shares, calls by kinds, and times in milliseconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let share = |it: &Share| json!({ "share": it.share, "calls": it.calls, "low": it.low, "high": it.high });
        let kinds = |it: &Kinds| json!({ "a": it.a, "b": it.b, "calls": it.calls, "relayed": it.relayed, "failed": it.failed, "seed": it.seed });
        let times = |it: &Times| {
            let [p50, p90, p99] = it.percentiles;
            json!({ "p50": p50, "p90": p90, "p99": p99, "histogram": it.histogram })
        };
        let [all, direct, relayed] = &self.time_to_connect;
        json!({
            "direct": share(&self.direct),
            "relayed": share(&self.relayed),
            "failed": share(&self.failed),
            "byKinds": self.by_kinds.iter().map(kinds).collect::<Vec<_>>(),
            "timeToConnect": { "all": times(all), "direct": times(direct), "relayed": times(relayed) },
        })
    }
}

impl Simulation {
    /// The ICE agent on a host as it is now: state, candidates, pairs; null where none runs there.
    #[must_use]
    pub fn agent_json(&self, host: &str) -> Value {
        let Some(agent) = self.agent(host) else { return Value::Null };
        let locals: Vec<_> = agent.local_candidates().iter().map(ToString::to_string).collect();
        let failure =
            agent.failure().map(|failure| json!({ "reason": failure.reason.name(), "why": failure.reason.why() }));
        let pairs: Vec<_> = agent.pairs(0).iter().map(|one| pair(agent, one)).collect();
        json!({ "state": agent.state().name(), "localCandidates": locals, "pairs": pairs, "failure": failure })
    }
}

fn pair(agent: &Agent, pair: &Pair) -> Value {
    let local = agent.local_candidates().get(usize::from(pair.local)).map(|it| &it.candidate);
    let remote = agent.remote_candidates().get(usize::from(pair.remote)).map(|it| &it.candidate);
    let state = match pair.state {
        PairState::Frozen => "frozen",
        PairState::Waiting => "waiting",
        PairState::InProgress => "in-progress",
        PairState::Succeeded => "succeeded",
        PairState::Failed => "failed",
    };
    json!({
        "id": pair.id.0,
        "local": local.map(|it| it.address.to_string()),
        "localType": local.map(|it| it.kind.token()),
        "remote": remote.map(|it| it.address.to_string()),
        "remoteType": remote.map(|it| it.kind.token()),
        "priority": pair.priority.to_string(),
        "state": state,
        "valid": pair.valid,
        "nominated": pair.nominated,
    })
}
