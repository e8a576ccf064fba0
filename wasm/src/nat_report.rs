//! A NAT report and a forecast as JavaScript objects.

use serde::Serialize;

use icelens::nat::{
    Axis, Behaviour, FilterScope, Forecast, Levels, NatReport, Path, Pooling, PortAllocation, PortFigures, Side,
    Verdict, forecast_classics,
};

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
pub(crate) struct FlatForecast {
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
pub(crate) struct FlatReport<'a> {
    paths: Vec<FlatPath<'a>>,
    warnings: Vec<FlatWarning<'a>>,
    complete: bool,
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

/// A report as `npm/src/nat.ts` names it.
pub(crate) fn flat_report(report: &NatReport) -> FlatReport<'_> {
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

/// A forecast as `npm/src/nat.ts` names it.
pub(crate) fn flat_forecast(forecast: Forecast) -> FlatForecast {
    let Forecast { direct, pair, code, why, odds, advice } = forecast;
    let odds = odds.into_iter().map(|odds| FlatOdds { probes: odds.probes, chance: odds.chance }).collect();
    FlatForecast { direct, pair, code, why, odds, advice }
}
