//! Plain JavaScript objects for the façade.

use alloc::string::ToString;
use core::net::SocketAddr;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::nat::{Observation, Outcome, Source, Test};

/// An object with these fields.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// A string, or null.
pub(super) fn text_or_null(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

/// A list of the façade's `Observation`s.
pub(super) fn observations(observations: &[Observation]) -> JsValue {
    observations.iter().map(observation).collect::<Array>().into()
}

fn observation(seen: &Observation) -> JsValue {
    let Observation { base, destination, test, outcome, source, time, sends, expected, .. } = seen;
    let mut fields = alloc::vec![
        ("base", JsValue::from(base.to_string())),
        ("destination", destination.to_string().into()),
        ("test", test_name(*test).into()),
        ("source", source_name(*source).into()),
    ];
    let address = |address: SocketAddr| JsValue::from(address.to_string());
    fields.extend(time.map(|time| ("time", time.into())));
    fields.extend(sends.map(|sends| ("sends", sends.into())));
    fields.extend(expected.map(|expected| ("expected", address(expected))));
    match outcome {
        Outcome::Silence => fields.push(("mapped", JsValue::NULL)),
        Outcome::Error(code) => fields.push(("error", (*code).into())),
        Outcome::Untestable(reason) => fields.push(("untestable", (*reason).into())),
        // Without `mapped`: the browser dropped the candidate as equal to another.
        Outcome::Answer { mapped, from, .. } => {
            fields.extend(mapped.map(|mapped| ("mapped", address(mapped))));
            fields.extend(from.map(|from| ("from", address(from))));
        }
    }
    object(&fields)
}

/// As `npm/src/nat.ts` names them; a browser runs no others.
const fn test_name(test: Test) -> &'static str {
    match test {
        Test::Unsolicited => "unsolicited",
        Test::Hairpin => "hairpin",
        Test::Tcp => "tcp",
        _ => "binding",
    }
}

const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Srflx => "srflx",
        Source::Relay => "relay",
        Source::TurnLoopback => "turn-loopback",
        _ => "other",
    }
}
