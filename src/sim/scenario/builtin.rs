//! The built-in scenarios.

/// A scenario that comes with icelens.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Its JSON.
    pub json: &'static str,
}

macro_rules! built_in {
    ($($name:literal)*) => {
        /// All of them.
        pub const BUILT_IN: &[BuiltIn] =
            &[$(BuiltIn { name: $name, json: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sim/scenarios/", $name, ".json")) },)*];
    };
}

built_in! {
    "cone-to-cone"
    "rfc8445-15.1"
    "rfc8445-15.2"
    "symmetric-to-port-restricted"
    "symmetric-to-symmetric-no-relay"
    "server-with-private-address"
    "network-switch"
    "hole-punching"
    "sip-call"
    "keepalive-and-lifetime"
}
