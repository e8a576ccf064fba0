//! Parts that exports which return objects share.

#[cfg(any(feature = "nat", feature = "discovery"))]
use core::net::SocketAddr;
#[cfg(any(feature = "discovery", feature = "turn"))]
use core::net::{IpAddr, Ipv6Addr};
use core::time::Duration;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsError, JsValue};

#[cfg(any(feature = "nat", feature = "discovery"))]
use icelens::nat::Endpoint;

/// A value as JavaScript has it; what is missing is `null`.
#[allow(dead_code, reason = "the build of scan has its own")]
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}

/// Milliseconds of the caller's clock; what is not a time is the start.
#[allow(dead_code, reason = "the build of scan has no clock")]
pub(crate) fn time(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

/// A time as JavaScript has it.
#[allow(dead_code, reason = "only machines tell times")]
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// An address or name with its port; the error names the field.
#[cfg(any(feature = "nat", feature = "discovery"))]
pub(crate) fn endpoint(field: &str, text: &str) -> Result<Endpoint, String> {
    text.parse().map_err(|error| format!("{field} '{text}' is {error}"))
}

/// An address with its port; `None` where there is no text.
#[cfg(any(feature = "nat", feature = "discovery"))]
pub(crate) fn address(field: &str, text: Option<&str>) -> Result<Option<SocketAddr>, String> {
    let Some(text) = text else { return Ok(None) };
    match endpoint(field, text)? {
        Endpoint::Address(address) => Ok(Some(address)),
        Endpoint::Name(..) => Err(format!("{field} '{text}' is a name; it must be an IP address with its port")),
    }
}

/// The address of four words: IPv4 where it is mapped into IPv6.
#[cfg(any(feature = "discovery", feature = "turn"))]
pub(crate) fn ip(words: [u32; 4]) -> IpAddr {
    let bits = words.iter().fold(0_u128, |bits, word| bits << 32 | u128::from(*word));
    IpAddr::V6(Ipv6Addr::from_bits(bits)).to_canonical()
}
