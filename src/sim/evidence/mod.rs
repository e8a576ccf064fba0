//! From evidence to experiment: what was seen of a call, the scenario that fits it, and how far a run agrees.
//!
//! [`Evidence`] is what a dump, a capture, a log or two descriptions show, in one shape. [`Evidence::scenario`] makes the
//! scenario; what it takes from the evidence is a [`Fact`] and proves nothing, what the evidence leaves open is an
//! [`Assumption`], run with its other values too. [`Evidence::steps`] sets a run beside what was seen.

mod assume;
mod changes;
mod json;
mod limits;
mod reading;
mod scenario;
mod steps;

pub use assume::{Assumption, Other};
pub use changes::Change;
pub use limits::Limit;
pub use reading::{End, Fact};
pub use scenario::Made;
pub use steps::{Agreement, Step};

use serde::Deserialize;

use super::scenario::ScenarioError;

/// Candidates, servers, errors, pairs or states of one evidence at most; what is over is left aside.
pub const MAX_SEEN: usize = 256;

/// Evidence of a call, from one of its sides: the local one. Times are milliseconds since that side began to gather.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Evidence {
    /// The side it was seen from.
    pub local: SideSeen,
    /// The other side.
    pub remote: SideSeen,
    /// The local side controls (it offered); `None` where that is not known.
    pub controlling: Option<bool>,
    /// `chrome`, `firefox` or empty: whose timers and choices the agents have.
    pub profile: String,
    /// When the remote side's description was applied.
    pub described: Option<f64>,
    /// The pairs that were checked.
    pub pairs: Vec<PairSeen>,
    /// ICE states of the local side, each when it began.
    pub states: Vec<StateSeen>,
    /// How the call ended, where the evidence says: `direct`, `relayed` or `failed`.
    pub outcome: Option<String>,
    /// Where it ends in the middle: what came later is not in it, so what it lacks proves nothing.
    pub cut: Option<Cut>,
}

/// The end of evidence that is not whole.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cut {
    /// The part that is cut.
    pub source: Source,
    /// Where: a character of a dump or text, a byte of a capture; of packets, how many were cut.
    pub at: u64,
}

/// Kind of evidence that can be cut.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A text.
    #[default]
    Text,
    /// A dump of a browser.
    Dump,
    /// A capture.
    Capture,
    /// Packets of a capture that was taken with a snap length.
    Packets,
}

/// Evidence of a side.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SideSeen {
    /// Its candidates, those it signalled or gathered.
    pub candidates: Vec<CandidateSeen>,
    /// URLs of its ICE servers; `None` where its configuration is not known.
    pub servers: Option<Vec<String>>,
    /// It uses relayed candidates only (`iceTransportPolicy`).
    pub relay_only: bool,
    /// Servers that failed it.
    pub errors: Vec<ErrorSeen>,
    /// When gathering was over; `None` where that was not seen.
    pub gathered: Option<f64>,
    /// Mapping and filtering by a NAT report, in the names of RFC 4787.
    pub report: Option<Report>,
}

/// A candidate.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CandidateSeen {
    /// The candidate line.
    pub line: String,
    /// URL of the server it came from.
    pub url: Option<String>,
    /// When.
    pub at: Option<f64>,
}

/// A server that failed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ErrorSeen {
    /// Its URL.
    pub url: String,
    /// A STUN error code, or 701 for no answer.
    pub code: u16,
    /// When.
    pub at: Option<f64>,
}

/// One end of a pair.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EndSeen {
    /// `host`, `srflx`, `prflx` or `relay`; empty where it is not known.
    pub kind: String,
    /// Address and port, `192.0.2.1:5000`; empty where it is hidden.
    pub address: String,
    /// The port where the address alone is hidden, as Chromium does with peer-reflexive candidates.
    pub port: Option<u16>,
}

/// A pair that was checked.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PairSeen {
    /// The local end.
    pub local: EndSeen,
    /// The other end.
    pub remote: EndSeen,
    /// Checks the local side sent.
    pub sent: u64,
    /// Answers it got.
    pub answered: u64,
    /// Checks that came in; `None` where they were not counted.
    pub received: Option<u64>,
    /// It was selected.
    pub selected: bool,
}

/// An ICE state.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StateSeen {
    /// When it began.
    pub at: f64,
    /// `checking`, `connected`, `completed`, `disconnected`, `failed`.
    pub state: String,
}

/// A NAT report about a side's way out; each `None` where it leaves it open.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Report {
    /// Mapping behaviour.
    pub mapping: Option<String>,
    /// Filtering behaviour.
    pub filtering: Option<String>,
    /// The classic name `blocked` was found.
    pub blocked: bool,
    /// Nothing is translated.
    pub open: bool,
}

impl Evidence {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// A text that can't be read, with line and column.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let mut evidence: Self = serde_json::from_str(text).map_err(|error| ScenarioError::json(&error))?;
        for side in [&mut evidence.local, &mut evidence.remote] {
            side.candidates.truncate(MAX_SEEN);
            side.errors.truncate(MAX_SEEN);
            side.servers.iter_mut().for_each(|servers| servers.truncate(MAX_SEEN));
        }
        evidence.pairs.truncate(MAX_SEEN);
        evidence.states.truncate(MAX_SEEN);
        Ok(evidence)
    }
}
