//! Faults of scenarios, options and evidence: a code with values, and a sentence made of them.

use core::fmt;

use serde_json::{Map, Value, json};

macro_rules! faults {
    ($($name:ident $code:literal $sentence:literal)*) => {
        /// Kind of a fault.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Fault {
            $(#[doc = concat!("`", $code, "`: ", $sentence)] $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Stable code, such as `unknown-host`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// English sentence, with the names of its values in braces.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

faults! {
    Json "json" "{what}"
    TooLong "too-long" "{count} bytes of JSON; {limit} are the limit"
    TooMany "too-many" "{count} {what}; {limit} are the limit"
    TooLate "too-late" "{milliseconds} ms are past the limit of {limit}, a day"
    OutOfRange "out-of-range" "{value} is not from {least} to {most}"
    NoRate "no-rate" "{value} kbit/s is no rate; without one a link has no limit"
    Empty "empty" "there is none"
    NameTaken "name-taken" "{name} is empty or taken"
    AddressTaken "address-taken" "{address} is an address of {owner} already"
    UnknownScenario "unknown-scenario" "no scenario is called {name}; there are {names}"
    UnknownNetwork "unknown-network" "no network is called {name}"
    UnknownHost "unknown-host" "no host is called {name}"
    UnknownProfile "unknown-profile" "profile {name} is not rfc, chrome, firefox, pion or libnice"
    UnknownBehaviour "unknown-behaviour" "{name} is not a behaviour: endpoint-independent, address-dependent or address-and-port-dependent"
    UnknownScope "unknown-scope" "filterScope is mapping or endpoint, not {name}"
    UnknownPreset "unknown-preset" "no preset is called {name}; there are {names}"
    UnknownClassic "unknown-classic" "{name} is not a classic name of a NAT"
    NoPlace "no-place" "the scenario has no such place"
    RunsNoIce "runs-no-ice" "{name} runs no ICE"
    NoIceHost "no-ice-host" "no host called {name} runs ICE"
    CallsItself "calls-itself" "{name} calls itself"
    NoOwnHost "no-own-host" "no host called {name} runs a program of your own"
    ForeignAddress "foreign-address" "{address} is not an address of {name}"
    PortZero "port-zero" "{address} has port 0, which no datagram can have"
    OtherFamily "other-family" "{address} is of another version of IP than {local}"
    LongDatagram "long-datagram" "{count}, but a UDP datagram carries {limit} at most"
    NoAddress "no-address" "{text} is not an address with port"
    TwoKinds "two-kinds" "two are needed, not {count}"
    MixSize "mix-size" "1 to {limit} kinds, not {count}"
    NoShare "no-share" "{share} is not a share"
    AllSharesZero "all-shares-zero" "every share is 0"
    ScriptIpv4 "script-ipv4" "the script makes IPv4 networks"
    ScriptNested "script-nested" "the script makes no network within another"
    ScriptTranslation "script-translation" "the script makes NATs that translate address and port"
    ScriptBehaviour "script-behaviour" "the kernel has no NAT with {mapping} mapping and {filtering} filtering"
    ScriptPorts "script-ports" "the kernel chooses no ports one after the other"
}

/// Fault of a scenario, of options or of evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScenarioError {
    /// Kind of fault.
    pub fault: Fault,
    /// Path of the value that is wrong, such as `hosts[0].run`; empty where it is the whole.
    pub path: String,
    /// Values of the sentence, by their names in it.
    pub values: Vec<(&'static str, String)>,
}

impl ScenarioError {
    /// A fault of the whole.
    #[must_use]
    pub fn new<const N: usize>(fault: Fault, values: [(&'static str, &dyn fmt::Display); N]) -> Self {
        let values = values.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        Self { fault, path: String::new(), values }
    }

    /// `code`, `path`, `values` and the sentence as `message`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let values: Map<_, _> = self.values.iter().map(|(name, value)| ((*name).into(), json!(value))).collect();
        json!({ "code": self.fault.name(), "path": self.path, "values": values, "message": self.to_string() })
    }

    /// JSON that can't be read; serde's sentence has line and column.
    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::new(Fault::Json, [("what", error)])
    }

    /// The same at a path, before the one that it has.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = match self.path.as_str() {
            "" => path.into(),
            inner => format!("{path}.{inner}"),
        };
        self
    }
}

impl fmt::Display for ScenarioError {
    /// The path, a colon, and the sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        for (index, part) in self.fault.sentence().split(['{', '}']).enumerate() {
            match index % 2 {
                0 => f.write_str(part)?,
                _ => {
                    let value = self.values.iter().find(|(name, _)| *name == part);
                    f.write_str(value.map_or("", |(_, value)| value))?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}
