//! The scenario that is made of evidence as JSON, in the names of the npm package.

use serde_json::{Value, json};

use crate::sim::simulation::Outcome;

use super::{Assumption, Change, End, Fact, Limit, Made, Step};

impl End {
    /// `local` or `remote`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
    }
}

impl Made {
    /// `scenario`, `inferred`, `assumptions`, `changes`, `prediction` and `limits`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "scenario": self.scenario,
            "inferred": self.facts.iter().map(fact).collect::<Vec<_>>(),
            "assumptions": self.assumptions.iter().map(assumption).collect::<Vec<_>>(),
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "prediction": self.prediction.map(Outcome::name),
            "limits": self.limits.iter().map(limit).collect::<Vec<_>>(),
        })
    }
}

fn limit(limit: &Limit) -> Value {
    json!({ "code": limit.code, "side": limit.end.map(End::name), "number": limit.number, "why": limit.why() })
}

fn fact(fact: &Fact) -> Value {
    json!({ "code": fact.code, "side": fact.end.name(), "value": fact.value, "by": fact.by, "path": fact.path(), "why": fact.why() })
}

fn assumption(assumption: &Assumption) -> Value {
    let others: Vec<_> = assumption
        .others
        .iter()
        .map(|other| json!({ "value": other.value, "outcome": other.outcome.name() }))
        .collect();
    json!({
        "code": assumption.code,
        "side": assumption.end.name(),
        "path": assumption.path,
        "value": assumption.value,
        "why": assumption.why(),
        "others": others,
    })
}

fn change(change: &Change) -> Value {
    json!({
        "code": change.code,
        "side": change.end.name(),
        "scenario": change.scenario,
        "outcome": change.result.outcome.name(),
        "elapsed": change.result.elapsed.map(|elapsed| elapsed.as_secs_f64() * 1000.0),
        "why": change.result.why(),
        "restsOn": change.rests_on,
    })
}

impl Step {
    /// `step`, `what`, `seen`, `simulated`, `agreement`, `why`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "step": self.code,
            "what": self.what,
            "seen": self.seen,
            "simulated": self.simulated,
            "agreement": self.agreement.name(),
            "why": self.why,
        })
    }
}
