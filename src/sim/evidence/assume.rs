//! Facts that the evidence leaves open, and what other values would make of the call.

use serde_json::Value;

use super::reading::End;
use crate::sim::Simulation;
use crate::sim::scenario::{Fault, Scenario, ScenarioError};
use crate::sim::simulation::Outcome;

/// A value that the evidence does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumption {
    /// Code of the assumption: `filtering`, `filtering-by-address`, `mapping`, `mapping-by-port`, `blocked`, `not-blocked`, `firewall`,
    /// `no-candidate`, `relay-unseen`, `answers-unseen`.
    pub code: &'static str,
    /// Side that it is about.
    pub end: End,
    /// Place in the scenario, as a JSON pointer (RFC 6901).
    pub path: String,
    /// The value that is assumed.
    pub value: Value,
    /// How the call ends with other values.
    pub others: Vec<Other>,
}

/// Another value of an assumption.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The value.
    pub value: Value,
    /// How the call ends with it.
    pub outcome: Outcome,
}

impl Assumption {
    /// Why it is assumed, as a sentence.
    #[must_use]
    pub fn why(&self) -> &'static str {
        match self.code {
            "filtering" => {
                "No check shows what the filter lets in, and NATs that filter by address and port are the most common."
            }
            "filtering-by-address" => {
                "A packet came in from a port that was never contacted; nothing shows whether its address must have been."
            }
            "mapping" => "Only one mapped address was seen, of one server; most NATs keep it for every destination.",
            "mapping-by-port" => {
                "Servers on different addresses saw different ports; no two on one address were asked."
            }
            "blocked" => "No server answered over UDP: a firewall drops it, or the servers are down.",
            "not-blocked" => {
                "It signalled host candidates only: most likely it asks no server, and its UDP may go out."
            }
            "firewall" => "Its address is public; nothing shows a firewall.",
            "relay-unseen" => "The evidence ends before the relay could answer; most likely it gives one.",
            "answers-unseen" => "The evidence ends before its servers could answer; most likely its UDP goes out.",
            _ => "It signalled no candidate: its relay, if it has one, gave none.",
        }
    }
}

/// Assumptions whose other values were not run yet.
#[derive(Debug, Default)]
pub(super) struct Assumptions(Vec<(Assumption, Vec<Value>)>);

impl Assumptions {
    pub(super) fn add(&mut self, code: &'static str, end: End, path: String, value: Value, others: Vec<Value>) {
        self.0.push((Assumption { code, end, path, value, others: Vec::new() }, others));
    }

    /// Leaves out what is about a part that the scenario no longer has.
    pub(super) fn forget(&mut self, prefix: &str) {
        self.0.retain(|(assumption, _)| !assumption.path.starts_with(prefix));
    }

    /// Runs each other value, one at a time.
    pub(super) fn run(self, scenario: &Scenario) -> Result<Vec<Assumption>, ScenarioError> {
        let mut done = Vec::new();
        for (mut assumption, others) in self.0 {
            for value in others {
                let changed = scenario.with(&assumption.path, &value)?;
                let outcome = Simulation::untraced(&changed)?.run_until_decided().outcome;
                assumption.others.push(Other { value, outcome });
            }
            done.push(assumption);
        }
        Ok(done)
    }
}

impl Scenario {
    /// The value at a place, given as a JSON pointer (RFC 6901).
    pub(super) fn value_at(&self, pointer: &str) -> Option<Value> {
        serde_json::to_value(self).ok()?.pointer(pointer).cloned()
    }

    /// The scenario with another value at a place, given as a JSON pointer (RFC 6901).
    ///
    /// # Errors
    ///
    /// There is no such place, or the value does not fit there.
    pub fn with(&self, pointer: &str, value: &Value) -> Result<Self, ScenarioError> {
        let mut json = serde_json::to_value(self).map_err(|error| ScenarioError::json(&error))?;
        let place = json.pointer_mut(pointer);
        *place.ok_or_else(|| ScenarioError::new(Fault::NoPlace, []).at(pointer))? = value.clone();
        serde_json::from_value(json).map_err(|error| ScenarioError::json(&error).at(pointer))
    }
}
