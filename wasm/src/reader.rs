//! Reads JavaScript objects into what derives `Deserialize`. The deserializer of `serde-wasm-bindgen` puts the value that is
//! wrong into its error, and with that the formatting of floating-point numbers into every build: 8 KB of brotli each.

use core::fmt;

use js_sys::{Array, Reflect};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsError, JsValue};

/// A value of another type than its field: says what the field takes, never the value, which may be secret.
#[derive(Debug)]
pub(crate) struct Unfit(String);

impl Unfit {
    fn field(name: &str, Self(why): Self) -> Self {
        Self(format!("{name}: {why}"))
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl core::error::Error for Unfit {}

impl de::Error for Unfit {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self(why.to_string())
    }

    // The sentences of these traits would format the value.

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("{} is expected", in_words(&expected.to_string())))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("{} is expected", in_words(&expected.to_string())))
    }
}

/// Values that a field takes, for people who don't know Rust's types.
fn in_words(expected: &str) -> &str {
    match expected {
        "f32" | "f64" => "a number",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, not negative,",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

/// Reads `value`; the error names the field and what it takes.
pub(crate) fn read<T: DeserializeOwned>(value: &JsValue) -> Result<T, Unfit> {
    T::deserialize(Value(value))
}

/// [`read`] with the error of an export.
#[allow(dead_code, reason = "the glue to RTCPeerConnection leaves out what does not fit")]
pub(crate) fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, JsError> {
    read(value).map_err(|Unfit(why)| JsError::new(&why))
}

struct Value<'a>(&'a JsValue);

/// Largest whole number that a JavaScript number holds exactly, plus one.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if let Some(text) = self.0.as_string() {
            return visitor.visit_string(text);
        }
        if let Some(flag) = self.0.as_bool() {
            return visitor.visit_bool(flag);
        }
        match self.0.as_f64() {
            // The cast is exact: checked just before.
            #[allow(clippy::cast_possible_truncation)]
            Some(number) if number.trunc() == number && number.abs() < EXACT => visitor.visit_i64(number as i64),
            Some(number) => visitor.visit_f64(number),
            None => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if Array::is_array(self.0) || self.0.is_instance_of::<js_sys::Uint8Array>() {
            return visitor.visit_seq(Items { items: Array::from(self.0), at: 0 });
        }
        Err(Unfit(String::from("a list is expected")))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        if !self.0.is_object() {
            return Err(Unfit(String::from("an object is expected")));
        }
        visitor.visit_map(Fields { object: self.0, fields: fields.iter(), at: ("", JsValue::UNDEFINED) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple_struct map enum identifier ignored_any
    }
}

/// The fields of an object that are there.
struct Fields<'a> {
    object: &'a JsValue,
    fields: core::slice::Iter<'static, &'static str>,
    /// The field whose name was read last.
    at: (&'static str, JsValue),
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        for name in self.fields.by_ref() {
            // A getter that throws has nothing to give.
            let value = Reflect::get(self.object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            if !value.is_undefined() {
                self.at = (name, value);
                return seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unfit> {
        let (name, value) = &self.at;
        seed.deserialize(Value(value)).map_err(|why| Unfit::field(name, why))
    }
}

struct Items {
    items: Array,
    at: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unfit> {
        if self.at >= self.items.length() {
            return Ok(None);
        }
        let item = self.items.get(self.at);
        self.at += 1;
        seed.deserialize(Value(&item)).map(Some)
    }
}
