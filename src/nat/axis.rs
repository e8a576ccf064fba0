//! One answer: a value, or why there is none; how sure; what it rests on.

use core::fmt;

/// How far a NAT's mapping or filtering depends on the other end (RFC 4787 §4.1, §5). Ordered from open to strict, so
/// that two NATs in a row behave as the `max` of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// The same for every destination.
    EndpointIndependent,
    /// One per destination address.
    AddressDependent,
    /// One per destination address and port.
    AddressAndPortDependent,
}

impl Behaviour {
    /// The three, from open to strict.
    pub const ALL: [Self; 3] = [Self::EndpointIndependent, Self::AddressDependent, Self::AddressAndPortDependent];

    /// The name in the npm package: `endpoint-independent` and so on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndpointIndependent => "endpoint-independent",
            Self::AddressDependent => "address-dependent",
            Self::AddressAndPortDependent => "address-and-port-dependent",
        }
    }

    /// The inverse of [`Behaviour::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.name() == name)
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The five kinds of answer. There is no default: what was not shown is unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<T> {
    /// The evidence leaves this value only.
    Is(T),
    /// The evidence says nothing on it.
    Unknown,
    /// The evidence leaves these values, at least two and not all.
    Ambiguous(Vec<T>),
    /// The evidence contradicts every value.
    Inconsistent,
    /// The question makes no sense here, as mapping where nothing is translated.
    NotApplicable,
}

/// One axis of a [`crate::nat::Path`].
#[derive(Debug, Clone, PartialEq)]
pub struct Axis<T> {
    /// The answer.
    pub value: Verdict<T>,
    /// Probability that the value is right, 0 where there is none.
    pub confidence: f64,
    /// Indexes into the observations given to [`crate::nat::infer`].
    pub evidence: Vec<usize>,
    /// Stable code of the sentence, for translations and tests.
    pub code: &'static str,
    /// The sentence: what was seen and what follows.
    pub why: String,
}

impl<T> Axis<T> {
    pub(crate) fn new(
        value: Verdict<T>,
        confidence: f64,
        evidence: Vec<usize>,
        code: &'static str,
        why: String,
    ) -> Self {
        Self { value, confidence, evidence, code, why }
    }

    pub(crate) fn unknown(evidence: Vec<usize>, code: &'static str, why: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, 0.0, evidence, code, why.into())
    }

    /// The value, when there is exactly one.
    pub const fn value(&self) -> Option<&T> {
        match &self.value {
            Verdict::Is(value) => Some(value),
            _ => None,
        }
    }
}

/// Seconds from 0 up, with one decimal. Formatting the number itself takes 4 KB of a wasm in brotli.
pub(in crate::nat) fn tenths(seconds: f64) -> String {
    // The cast saturates.
    let tenths = (seconds * 10.0).round() as u64;
    format!("{}.{}", tenths / 10, tenths % 10)
}
