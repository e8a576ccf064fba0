//! Plain JavaScript objects for the façade.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::nat_report::flat_report;
use crate::objects::to_js;
use crate::observations::observation_to_js;
use icelens::nat::{NatReport, Observation};

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
    observation_to_js(observations).unwrap_or_default()
}

/// The façade's `NatReport`, without its observations.
pub(super) fn report(report: &NatReport) -> JsValue {
    to_js(&flat_report(report)).unwrap_or_default()
}
