//! The report: one path per base and family, every axis with its evidence.

use core::net::IpAddr;

use super::axis::{Axis, Behaviour};
use super::observation::Endpoint;

/// The names of RFC 3489 §5, derived from the axes; never a source of truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Classic {
    /// Nothing is translated and nothing is filtered.
    Open,
    /// Endpoint-independent mapping and filtering.
    FullCone,
    /// Endpoint-independent mapping, address-dependent filtering.
    RestrictedCone,
    /// Endpoint-independent mapping, address-and-port-dependent filtering.
    PortRestrictedCone,
    /// A mapping that depends on the destination, whatever is filtered.
    Symmetric,
    /// Nothing is translated, yet unasked packets are dropped.
    SymmetricFirewall,
    /// No UDP, though the network works.
    Blocked,
    /// Endpoint-independent mapping; filtering not known.
    Cone,
    /// Not enough is known for a name.
    Unknown,
}

impl Classic {
    /// The name in the npm package.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::FullCone => "full cone",
            Self::RestrictedCone => "restricted cone",
            Self::PortRestrictedCone => "port restricted cone",
            Self::Symmetric => "symmetric",
            Self::SymmetricFirewall => "symmetric firewall",
            Self::Blocked => "blocked",
            Self::Cone => "cone",
            Self::Unknown => "unknown",
        }
    }
}

/// How external ports are chosen (RFC 4787 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortAllocation {
    /// The external port equals the internal port.
    Preserved,
    /// A constant step from one mapping to the next.
    Sequential,
    /// In a small range, without a constant step: a block per subscriber, or a counter shared with others.
    Block,
    /// No pattern.
    Random,
}

impl PortAllocation {
    /// The name in the npm package.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preserved => "preserved",
            Self::Sequential => "sequential",
            Self::Block => "block",
            Self::Random => "random",
        }
    }
}

/// Figures behind [`PortAllocation`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PortFigures {
    /// Mappings compared.
    pub mappings: usize,
    /// Share of mappings whose external port equals the internal one.
    pub preserved: f64,
    /// Share of mappings whose external port has the parity of the internal one.
    pub parity: f64,
    /// Share of neighbouring internal ports that got neighbouring external ports; `None` when no two were neighbours.
    pub contiguity: Option<f64>,
    /// Most frequent step from one new mapping to the next, when it is the step of more than half of them.
    pub delta: Option<i32>,
}

/// Whether the sockets of one base share an external address (RFC 4787 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// One external address was seen: there is one, or pooling is paired.
    Single,
    /// Several external addresses for one internal address.
    Arbitrary,
}

impl Pooling {
    /// The name in the npm package.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Arbitrary => "arbitrary",
        }
    }
}

/// How many NATs there are on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Levels {
    /// None.
    None,
    /// One.
    One,
    /// Two or more.
    Several,
}

impl Levels {
    /// The name in the npm package.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::One => "one",
            Self::Several => "several",
        }
    }
}

/// Something the reader should know that is not an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable code.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

/// Knowledge of the way out from one local address in one address family.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// 4 or 6: the family that leaves the host.
    pub family: u8,
    /// The first base seen; further sockets of the same local address belong to the same path.
    pub base: Endpoint,
    /// External addresses seen, in order.
    pub exits: Vec<IpAddr>,
    /// Mapping behaviour (RFC 4787 §4.1).
    pub mapping: Axis<Behaviour>,
    /// Filtering behaviour (RFC 4787 §5). Of the whole way in: NATs and firewalls, the host's own included.
    pub filtering: Axis<Behaviour>,
    /// Whether a host behind the NAT reaches its mapped address (RFC 4787 §6).
    pub hairpin: Axis<bool>,
    /// Seconds after which an idle mapping is gone (RFC 4787 §4.3).
    pub lifetime: Axis<f64>,
    /// Longest silence in seconds after which the mapping was alive.
    pub alive_after: Option<f64>,
    /// Shortest silence in seconds after which the mapping was gone.
    pub dead_after: Option<f64>,
    /// Port allocation.
    pub ports: Axis<PortAllocation>,
    /// Figures of the port allocation.
    pub port_figures: PortFigures,
    /// Address pooling.
    pub pooling: Axis<Pooling>,
    /// NATs on the way.
    pub levels: Axis<Levels>,
    /// Whether something rewrites addresses inside packets (RFC 5780 §3.6).
    pub alg: Axis<bool>,
    /// Whether UDP fragments pass (RFC 5780 §3.5).
    pub fragments: Axis<bool>,
    /// The classic name that follows.
    pub classic: Classic,
}

/// Result of [`crate::nat::infer`].
#[derive(Debug, Clone, PartialEq)]
pub struct NatReport {
    /// One path per local address and family, in order of appearance.
    pub paths: Vec<Path>,
    /// Marks that are not axes: VPN, carrier NAT, misbehaving servers.
    pub warnings: Vec<Warning>,
    /// Mapping and filtering are both settled (a value or not applicable) on every path.
    pub complete: bool,
}
