//! Parts that exports which return objects share.

use core::time::Duration;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsError, JsValue};

/// A value as JavaScript has it; what is missing is `null`.
#[allow(dead_code, reason = "the build of scan has its own")]
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}

/// Milliseconds of the caller's clock; what is no time is the start.
#[allow(dead_code, reason = "the build of scan has no clock")]
pub(crate) fn time(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}
