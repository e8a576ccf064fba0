//! Observations as JavaScript objects.

use core::net::SocketAddr;

use serde::Serialize;
use wasm_bindgen::prelude::{JsError, JsValue};

use crate::objects::to_js;
use icelens::nat::{Observation, Outcome};

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

/// The list of them.
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
