//! Reads what `getStats` gives.

use alloc::string::String;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::RtcStatsReport;

use crate::reader::read;
use icelens::browser::pairs::{Snapshot, StatsCandidate};

/// The candidates, pairs and transports of a report; an entry that is not as the standard says is left out.
pub(super) fn snapshot(report: &RtcStatsReport) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for entry in report.values().into_iter().flatten() {
        match text(&entry, "type").as_deref() {
            Some("candidate-pair") => snapshot.pairs.extend(read(&entry)),
            Some(kind @ ("local-candidate" | "remote-candidate")) => {
                let is_remote = kind == "remote-candidate";
                snapshot.candidates.extend(read(&entry).map(|seen| StatsCandidate { is_remote, ..seen }));
            }
            Some("transport") => snapshot.transports.extend(read(&entry)),
            _ => {}
        }
    }
    snapshot
}

/// A property that holds a string; browsers differ in which they have.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.as_string()
}
