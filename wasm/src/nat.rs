//! NAT inference and forecast, for JavaScript objects.

use core::net::SocketAddr;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use icelens::nat::{
    Axis, Behaviour, Conditions, Endpoint, FilterScope, Forecast, Levels, NatReport, Observation, Outcome, Path,
    Pooling, PortAllocation, PortFigures, Side, Source, Test, Verdict, Warning, forecast_classics, infer,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatAxis<'a, T: Serialize> {
    value: FlatValue<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<T>,
    confidence: f64,
    evidence: &'a [usize],
    code: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum FlatValue<T: Serialize> {
    Is(T),
    Word(&'static str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatPath<'a> {
    family: u8,
    base: String,
    exits: Vec<String>,
    mapping: FlatAxis<'a, &'static str>,
    filtering: FlatAxis<'a, &'static str>,
    hairpin: FlatAxis<'a, bool>,
    lifetime: FlatAxis<'a, f64>,
    alive_after: Option<f64>,
    dead_after: Option<f64>,
    ports: FlatAxis<'a, &'static str>,
    port_figures: FlatFigures,
    pooling: FlatAxis<'a, &'static str>,
    levels: FlatAxis<'a, &'static str>,
    alg: FlatAxis<'a, bool>,
    fragments: FlatAxis<'a, bool>,
    classic: &'static str,
    forecast: Vec<FlatPeer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatFigures {
    mappings: usize,
    preserved: f64,
    parity: f64,
    contiguity: Option<f64>,
    delta: Option<i32>,
}

#[derive(Serialize)]
struct FlatPeer {
    peer: &'static str,
    #[serde(flatten)]
    forecast: FlatForecast,
}

#[derive(Serialize)]
struct FlatForecast {
    direct: bool,
    pair: Option<&'static str>,
    code: &'static str,
    why: String,
    odds: Vec<FlatOdds>,
    advice: &'static str,
}

#[derive(Serialize)]
struct FlatOdds {
    probes: u32,
    chance: f64,
}

#[derive(Serialize)]
struct FlatWarning<'a> {
    code: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct FlatReport<'a> {
    paths: Vec<FlatPath<'a>>,
    warnings: Vec<FlatWarning<'a>>,
    complete: bool,
}

pub(super) use crate::objects::to_js;

/// Infers a report from flattened observations.
#[wasm_bindgen]
pub fn nat_infer(observations: JsValue) -> Result<JsValue, JsError> {
    flat_report_with(observations, &[])
}

/// The same, with further warnings.
pub(super) fn flat_report_with(observations: JsValue, warnings: &[Warning]) -> Result<JsValue, JsError> {
    let flat: Vec<FlatObservation> =
        serde_wasm_bindgen::from_value(observations).map_err(|error| JsError::new(&error.to_string()))?;
    let mut observations = Vec::with_capacity(flat.len());
    for (index, flat) in flat.iter().enumerate() {
        observations.push(observation(flat).map_err(|why| JsError::new(&format!("observation {index}: {why}")))?);
    }
    let mut report = infer(&observations);
    report.warnings.extend(warnings.iter().cloned());
    for flat in flat.iter().filter(|flat| test(&flat.test).is_none()) {
        let text = format!("The test '{}' is not known; its answers were read as those of plain requests.", flat.test);
        let warning = Warning { code: "unknown-test", text };
        if report.warnings.len() < MAX_WARNINGS && !report.warnings.contains(&warning) {
            report.warnings.push(warning);
        }
    }
    to_js(&flat_report(&report))
}

/// An observation as `npm/src/nat.ts` has it.
#[derive(Serialize)]
struct PublicObservation {
    base: String,
    destination: String,
    test: &'static str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    untestable: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sends: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_only: Option<bool>,
}

pub(crate) fn observation_to_js(observations: &[Observation]) -> Result<JsValue, JsError> {
    let text = |address: Option<SocketAddr>| address.map(|address| address.to_string());
    let public = |what: &Observation| {
        let (mut mapped, mut from, mut plain, mut error, mut untestable) = (None, None, None, None, None);
        match what.outcome {
            Outcome::Answer { mapped: xor, from: source, plain: unmasked } => {
                (mapped, from, plain) = (xor.map(|_| text(xor)), text(source), text(unmasked));
            }
            Outcome::Silence => mapped = Some(None),
            Outcome::Error(code) => error = Some(code),
            Outcome::Untestable(reason) => untestable = Some(reason),
        }
        PublicObservation {
            base: what.base.to_string(),
            destination: what.destination.to_string(),
            test: what.test.name(),
            source: what.source.name(),
            mapped,
            from,
            plain,
            error,
            untestable,
            expected: text(what.expected),
            time: what.time,
            sends: what.sends,
            idle: what.idle,
            burst: what.burst,
            plain_only: what.plain_only.then_some(true),
        }
    };
    to_js(&observations.iter().map(public).collect::<Vec<_>>())
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

fn endpoint(field: &str, text: &str) -> Result<Endpoint, String> {
    text.parse().map_err(|error| format!("{field} '{text}' is {error}"))
}

pub(super) fn address(field: &str, text: Option<&str>) -> Result<Option<SocketAddr>, String> {
    let Some(text) = text else { return Ok(None) };
    match endpoint(field, text)? {
        Endpoint::Address(address) => Ok(Some(address)),
        Endpoint::Name(..) => Err(format!("{field} '{text}' is a name; it must be an IP address with its port")),
    }
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

fn axis<T: Clone, U: Serialize>(axis: &Axis<T>, name: impl Fn(T) -> U) -> FlatAxis<'_, U> {
    let mut left = Vec::new();
    let value = match &axis.value {
        Verdict::Is(value) => FlatValue::Is(name(value.clone())),
        Verdict::Unknown => FlatValue::Word("unknown"),
        Verdict::Ambiguous(values) => {
            left = values.iter().cloned().map(name).collect();
            FlatValue::Word("ambiguous")
        }
        Verdict::Inconsistent => FlatValue::Word("inconsistent"),
        Verdict::NotApplicable => FlatValue::Word("not-applicable"),
    };
    FlatAxis { value, left, confidence: axis.confidence, evidence: &axis.evidence, code: axis.code, why: &axis.why }
}

fn flat_report(report: &NatReport) -> FlatReport<'_> {
    FlatReport {
        paths: report.paths.iter().map(flat_path).collect(),
        warnings: report
            .warnings
            .iter()
            .map(|warning| FlatWarning { code: warning.code, text: &warning.text })
            .collect(),
        complete: report.complete,
    }
}

fn flat_path(path: &Path) -> FlatPath<'_> {
    FlatPath {
        family: path.family,
        base: path.base.to_string(),
        exits: path.exits.iter().map(ToString::to_string).collect(),
        mapping: axis(&path.mapping, Behaviour::name),
        filtering: axis(&path.filtering, Behaviour::name),
        hairpin: axis(&path.hairpin, |value| value),
        lifetime: axis(&path.lifetime, |value| value),
        alive_after: path.alive_after,
        dead_after: path.dead_after,
        ports: axis(&path.ports, PortAllocation::name),
        port_figures: flat_figures(path.port_figures),
        pooling: axis(&path.pooling, Pooling::name),
        levels: axis(&path.levels, Levels::name),
        alg: axis(&path.alg, |value| value),
        fragments: axis(&path.fragments, |value| value),
        classic: path.classic.name(),
        forecast: forecast(path),
    }
}

const fn flat_figures(figures: PortFigures) -> FlatFigures {
    let PortFigures { mappings, preserved, parity, contiguity, delta } = figures;
    FlatFigures { mappings, preserved, parity, contiguity, delta }
}

/// Forecast of this path for each classic kind of peer; empty unless both axes are known.
fn forecast(path: &Path) -> Vec<FlatPeer> {
    let mapping = match path.mapping.value {
        Verdict::Is(mapping) => mapping,
        Verdict::NotApplicable => Behaviour::EndpointIndependent,
        _ => return Vec::new(),
    };
    let Some(filtering) = path.filtering.value().copied() else { return Vec::new() };
    let pooling = path.pooling.value().copied().unwrap_or(Pooling::Single);
    let peers = forecast_classics(Side { mapping, filtering, pooling }, FilterScope::Mapping);
    peers.into_iter().map(|peer| FlatPeer { peer: peer.peer.name(), forecast: flat_forecast(peer.forecast) }).collect()
}

fn flat_forecast(forecast: Forecast) -> FlatForecast {
    let Forecast { direct, pair, code, why, odds, advice } = forecast;
    let odds = odds.into_iter().map(|odds| FlatOdds { probes: odds.probes, chance: odds.chance }).collect();
    FlatForecast { direct, pair, code, why, odds, advice }
}
