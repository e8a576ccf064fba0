//! The NAT of a scenario, in the names of the npm package.

use core::net::{IpAddr, SocketAddr};
use serde::{Deserialize, Serialize};

use super::{Fault, ScenarioError, milliseconds};
use crate::nat::{Behaviour, FilterScope};
use crate::sim::{Firewall, Hairpin, NatSpec, PortChoice, Preset, Translation, Unsolicited};

/// A NAT: a preset, a classic name or two behaviours, and what differs from that.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NatChoice {
    /// Name of a device, such as `linux-masquerade`.
    pub preset: Option<String>,
    /// `open`, `full cone`, `restricted cone`, `port restricted cone`, `symmetric`, `symmetric firewall` or `blocked`.
    pub classic: Option<String>,
    /// Mapping behaviour, such as `endpoint-independent`.
    pub mapping: Option<String>,
    /// Filtering behaviour.
    pub filtering: Option<String>,
    /// Memory of a filter: `mapping` or `endpoint`.
    pub filter_scope: Option<String>,
    /// How ports are chosen.
    pub ports: Option<PortName>,
    /// First and last external port.
    pub range: Option<(u16, u16)>,
    /// Whether internal hosts reach each other by external addresses.
    pub hairpin: Option<bool>,
    /// External addresses.
    pub addresses: Vec<IpAddr>,
    /// Seconds until a UDP mapping that is not used ends.
    pub udp_timeout: Option<f64>,
    /// No UDP goes out.
    pub blocks_udp: bool,
    /// Effect of an early packet from outside: none, or it takes the tuple, as Linux without a rule does.
    pub takes_tuple: bool,
    /// External ports that always go to an internal address, as UPnP or PCP makes them.
    pub forwards: Vec<(u16, SocketAddr)>,
    /// Rewrites addresses inside packets.
    pub alg: bool,
}

/// How external ports are chosen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortName {
    /// The internal port, else a random one.
    Preserve,
    /// The internal port, else the next.
    PreserveElseNext,
    /// The internal port for several mappings at once, as Linux does.
    Overload,
    /// The port after the last.
    Sequential,
    /// Any.
    Random,
}

impl NatChoice {
    /// Two behaviours and nothing else.
    #[must_use]
    pub fn of(mapping: Behaviour, filtering: Behaviour) -> Self {
        Self { mapping: Some(mapping.name().into()), filtering: Some(filtering.name().into()), ..Self::default() }
    }

    /// A classic name.
    #[must_use]
    pub fn classic(name: &str) -> Self {
        Self { classic: Some(name.into()), ..Self::default() }
    }

    /// A short name: the classic one, the preset, or the two behaviours.
    #[must_use]
    pub fn name(&self) -> String {
        let short = |name: &Option<String>| match name.as_deref() {
            Some("endpoint-independent") => "EI",
            Some("address-dependent") => "AD",
            Some("address-and-port-dependent") => "APD",
            _ => "?",
        };
        match (&self.classic, &self.preset) {
            (Some(classic), _) => classic.clone(),
            (None, Some(preset)) => preset.clone(),
            (None, None) if self.mapping.is_none() && self.filtering.is_none() => "rfc4787".into(),
            (None, None) => format!("{}M/{}F", short(&self.mapping), short(&self.filtering)),
        }
    }

    /// The device.
    ///
    /// # Errors
    ///
    /// A name that is none.
    pub fn spec(&self) -> Result<NatSpec, ScenarioError> {
        let mut spec = self.base()?;
        let behaviour = |name: &str| {
            Behaviour::from_name(name).ok_or_else(|| ScenarioError::new(Fault::UnknownBehaviour, [("name", &name)]))
        };
        if let Some(mapping) = &self.mapping {
            spec.mapping = behaviour(mapping)?;
        }
        if let Some(filtering) = &self.filtering {
            spec.filtering = behaviour(filtering)?;
        }
        if let Some(scope) = &self.filter_scope {
            spec.filter_scope = match scope.as_str() {
                "mapping" => FilterScope::Mapping,
                "endpoint" => FilterScope::Endpoint,
                other => return Err(ScenarioError::new(Fault::UnknownScope, [("name", &other)])),
            };
        }
        self.adjust(&mut spec);
        Ok(spec)
    }

    /// The device before what differs.
    fn base(&self) -> Result<NatSpec, ScenarioError> {
        if let Some(name) = &self.preset {
            let preset = Preset::from_name(name).ok_or_else(|| {
                let names: Vec<_> = Preset::ALL.iter().map(|preset| preset.name()).collect();
                ScenarioError::new(Fault::UnknownPreset, [("name", name), ("names", &names.join(", "))])
            })?;
            return Ok(NatSpec::preset(preset));
        }
        use Behaviour::{AddressAndPortDependent as Port, AddressDependent as Address, EndpointIndependent as Any};
        let Some(classic) = self.classic.as_deref() else { return Ok(NatSpec::default()) };
        Ok(match classic {
            "open" => NatSpec { translation: Translation::None, ..NatSpec::new(Any, Any) },
            "full cone" => NatSpec::new(Any, Any),
            "restricted cone" => NatSpec::new(Any, Address),
            "port restricted cone" => NatSpec::new(Any, Port),
            "symmetric" => NatSpec::new(Port, Port),
            "symmetric firewall" => NatSpec { translation: Translation::None, ..NatSpec::new(Any, Port) },
            "blocked" => {
                let firewall = Firewall { udp_only: Some(Vec::new()), ..Firewall::default() };
                NatSpec { firewall, ..NatSpec::new(Any, Port) }
            }
            other => return Err(ScenarioError::new(Fault::UnknownClassic, [("name", &other)])),
        })
    }

    fn adjust(&self, spec: &mut NatSpec) {
        if let Some(ports) = self.ports {
            spec.ports = match ports {
                PortName::Preserve => PortChoice::PreserveElseRandom,
                PortName::PreserveElseNext => PortChoice::PreserveElseNext,
                PortName::Overload => PortChoice::PreserveOverload,
                PortName::Sequential => PortChoice::Sequential(1),
                PortName::Random => PortChoice::Random,
            };
        }
        if let Some((first, last)) = self.range {
            spec.range = (first.min(last), first.max(last));
        }
        if let Some(hairpin) = self.hairpin {
            spec.hairpin = if hairpin { Hairpin::ExternalSource } else { Hairpin::None };
        }
        if let Some(timeout) = self.udp_timeout {
            let timeout = milliseconds(timeout * 1000.0);
            (spec.timers.udp_unreplied, spec.timers.udp_replied) = (timeout, timeout);
        }
        if !self.addresses.is_empty() {
            spec.pool = self.addresses.clone();
        }
        if self.blocks_udp {
            spec.firewall.udp_only = Some(Vec::new());
        }
        if self.takes_tuple {
            spec.unsolicited = Unsolicited::TakesTuple;
        }
        spec.forwards.extend(self.forwards.iter().copied());
        spec.alg |= self.alg;
    }
}
