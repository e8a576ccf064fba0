//! NAT inference and forecast, for JavaScript objects. Read by `npm/src/nat.ts`.

use serde::Deserialize;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::nat_report::{flat_forecast, flat_report};
use crate::objects::{address, endpoint, to_js};
use crate::reader::from_js;
use icelens::nat::{
    Behaviour, Conditions, FilterScope, Observation, Outcome, Pooling, Side, Source, Test, Warning, infer,
    predict_traversal,
};

/// Unknown tests named one by one up to this many warnings in all.
const MAX_WARNINGS: usize = 256;

/// An observation as `npm/src/nat.ts` flattens it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct FlatObservation {
    base: String,
    destination: String,
    test: String,
    source: String,
    interface: String,
    mapped: Option<String>,
    plain: Option<String>,
    from: Option<String>,
    expected: Option<String>,
    silent: bool,
    error: Option<u16>,
    untestable: Option<String>,
    time: Option<f64>,
    sends: Option<u32>,
    idle: Option<f64>,
    burst: Option<u32>,
    plain_only: bool,
    all_signalled: bool,
    same_base: bool,
    not_relay: bool,
    same_generation: bool,
}

/// Infers a report from flattened observations.
#[wasm_bindgen]
pub fn nat_infer(observations: JsValue) -> Result<JsValue, JsError> {
    let flat: Vec<FlatObservation> = from_js(&observations)?;
    let mut observations = Vec::with_capacity(flat.len());
    for (index, flat) in flat.iter().enumerate() {
        observations.push(observation(flat).map_err(|why| JsError::new(&format!("observation {index}: {why}")))?);
    }
    let mut report = infer(&observations);
    for flat in flat.iter().filter(|flat| test(&flat.test).is_none()) {
        let text = format!("The test '{}' is not known; its answers were read as those of plain requests.", flat.test);
        let warning = Warning { code: "unknown-test", text };
        if report.warnings.len() < MAX_WARNINGS && !report.warnings.contains(&warning) {
            report.warnings.push(warning);
        }
    }
    to_js(&flat_report(&report))
}

/// Forecast for two sides, given by name.
#[wasm_bindgen]
pub fn nat_predict(
    a_mapping: &str,
    a_filtering: &str,
    a_arbitrary: bool,
    b_mapping: &str,
    b_filtering: &str,
    b_arbitrary: bool,
    per_endpoint: bool,
) -> Result<JsValue, JsError> {
    let a = side(a_mapping, a_filtering, a_arbitrary)?;
    let b = side(b_mapping, b_filtering, b_arbitrary)?;
    let scope = if per_endpoint { FilterScope::Endpoint } else { FilterScope::Mapping };
    to_js(&flat_forecast(predict_traversal(a, b, scope)))
}

fn side(mapping: &str, filtering: &str, arbitrary: bool) -> Result<Side, JsError> {
    let behaviour = |axis: &str, name: &str| {
        Behaviour::from_name(name).ok_or_else(|| {
            JsError::new(&format!(
                "{axis} is '{name}'; it must be 'endpoint-independent', 'address-dependent' or 'address-and-port-dependent'"
            ))
        })
    };
    let pooling = if arbitrary { Pooling::Arbitrary } else { Pooling::Single };
    Ok(Side { mapping: behaviour("mapping", mapping)?, filtering: behaviour("filtering", filtering)?, pooling })
}

/// The test of that name; `None` for names of the caller's own.
fn test(name: &str) -> Option<Test> {
    if name.is_empty() { Some(Test::Binding) } else { Test::from_name(name) }
}

fn observation(flat: &FlatObservation) -> Result<Observation, String> {
    let outcome = match (&flat.untestable, flat.error, flat.silent) {
        (Some(reason), ..) => Outcome::Untestable(Outcome::reason(reason)),
        (None, Some(code), _) => Outcome::Error(code),
        (None, None, true) => Outcome::Silence,
        (None, None, false) => Outcome::Answer {
            mapped: address("mapped", flat.mapped.as_deref())?,
            from: address("from", flat.from.as_deref())?,
            plain: address("plain", flat.plain.as_deref())?,
        },
    };
    let base = endpoint("base", &flat.base)?;
    let destination = endpoint("destination", &flat.destination)?;
    Ok(Observation {
        source: Source::from_name(&flat.source),
        time: flat.time,
        sends: flat.sends,
        expected: address("expected", flat.expected.as_deref())?,
        idle: flat.idle,
        burst: flat.burst,
        plain_only: flat.plain_only,
        conditions: Conditions {
            all_signalled: flat.all_signalled,
            same_base: flat.same_base,
            not_relay: flat.not_relay,
            same_generation: flat.same_generation,
        },
        interface: flat.interface.clone(),
        ..Observation::new(base, destination, test(&flat.test).unwrap_or(Test::Binding), outcome)
    })
}
