//! Will two NATs connect directly? The rules of the traversal tables, with reasons, odds and advice.
//!
//! The setting: two different networks, ICE (RFC 8445) with server-reflexive and peer-reflexive candidates, checks
//! repeated until the loss does not matter, and the symmetry rule of RFC 8445 §7.2.5.2.1: an answer counts only if it
//! comes from where the check was sent to.

use super::axis::Behaviour;
use super::report::{Classic, Pooling};
use Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};

/// Memory of the filter of a NAT with destination-dependent mapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FilterScope {
    /// A packet may come in on a mapping only from where that mapping was used: Linux, most implementations.
    #[default]
    Mapping,
    /// A packet may come in from wherever the internal endpoint has sent to, by any mapping: the words of RFC 4787 §5.
    Endpoint,
}

/// One side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Mapping; endpoint-independent where nothing is translated.
    pub mapping: Behaviour,
    /// Filtering.
    pub filtering: Behaviour,
    /// Whether new mappings may get another external address.
    pub pooling: Pooling,
}

impl Side {
    /// A side with paired pooling.
    #[must_use]
    pub const fn new(mapping: Behaviour, filtering: Behaviour) -> Self {
        Self { mapping, filtering, pooling: Pooling::Single }
    }

    fn hard(self) -> bool {
        self.mapping != EndpointIndependent
    }
}

/// Chance of a direct connection by guessing ports, after this many probes of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// Probes sent by the side that guesses.
    pub probes: u32,
    /// Chance that one of them hit.
    pub chance: f64,
}

/// Expectation for a connection between two networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// ICE finds a direct UDP pair.
    pub direct: bool,
    /// Local and remote candidate type of that pair, as the first side sees it.
    pub pair: Option<&'static str>,
    /// Stable code of the reason.
    pub code: &'static str,
    /// The reason.
    pub why: String,
    /// Odds with port prediction, where ICE alone fails and prediction can help.
    pub odds: Vec<Odds>,
    /// Advice: a sentence that says what to do.
    pub advice: &'static str,
}

/// Most probes for which odds are computed.
pub const MAX_PREDICTION_PROBES: u32 = 65_535;
/// Mappings that the hard side opens for the birthday odds.
const OPENED: u32 = 256;
/// Ports 1024 to 65535.
const PORTS: u32 = 64_512;

/// Says whether ICE connects `a` and `b` directly.
///
/// ```
/// use icelens::nat::{Behaviour::*, FilterScope, Side, predict_traversal};
/// let symmetric = Side::new(AddressAndPortDependent, AddressAndPortDependent);
/// let port_restricted = Side::new(EndpointIndependent, AddressAndPortDependent);
/// let restricted = Side::new(EndpointIndependent, AddressDependent);
/// assert!(!predict_traversal(symmetric, port_restricted, FilterScope::Mapping).direct);
/// assert!(predict_traversal(symmetric, restricted, FilterScope::Mapping).direct);
/// ```
#[must_use]
pub fn predict_traversal(a: Side, b: Side, scope: FilterScope) -> Forecast {
    match (a.hard(), b.hard()) {
        (false, false) => yes("srflx-srflx", "both-cone", "Both mappings are endpoint-independent: each side's first check opens its own filter for the other's known address, the next one passes.".into()),
        (false, true) => one_hard(a, b, true),
        (true, false) => one_hard(b, a, false),
        (true, true) => both_hard(a, b, scope),
    }
}

fn yes(pair: &'static str, code: &'static str, why: String) -> Forecast {
    Forecast {
        direct: true,
        pair: Some(pair),
        code,
        why,
        odds: Vec::new(),
        advice: "No relay is needed for this pair; keep one for networks that block UDP.",
    }
}

fn no(code: &'static str, why: String, odds: Vec<Odds>) -> Forecast {
    Forecast {
        direct: false,
        pair: None,
        code,
        why,
        odds,
        advice: "These two need a relay (TURN), or one side needs a port mapping (UPnP, PCP) or IPv6 without NAT.",
    }
}

/// One endpoint-independent side and one that opens a new port for each peer.
fn one_hard(easy: Side, hard: Side, easy_is_first: bool) -> Forecast {
    let (easy_name, hard_name) = if easy_is_first { ("first", "second") } else { ("second", "first") };
    let pair = if easy_is_first { "srflx-prflx" } else { "prflx-srflx" };
    match (easy.filtering, hard.pooling) {
        (EndpointIndependent, _) => yes(
            pair,
            "easy-side-open",
            format!(
                "The {hard_name} side's check comes from a port nobody was told, and the {easy_name} side's filter lets any source in: it learns the port as a peer-reflexive candidate."
            ),
        ),
        (AddressDependent, Pooling::Single) => yes(
            pair,
            "easy-side-knows-address",
            format!(
                "The {hard_name} side's check comes from a port nobody was told, but from the address that the {easy_name} side's own check went to, and its filter looks at addresses only."
            ),
        ),
        (AddressDependent, Pooling::Arbitrary) => no(
            "pool-changes-address",
            format!(
                "The {hard_name} side's NAT may use another external address for the new mapping, and the {easy_name} side's filter knows the old one only."
            ),
            prediction_odds(1),
        ),
        (AddressAndPortDependent, _) => no(
            "new-port-filtered",
            format!(
                "The {hard_name} side's NAT opens a new port towards this peer, and the {easy_name} side's filter lets in only the port it was told, which is another."
            ),
            prediction_odds(1),
        ),
    }
}

/// Two sides that open a new port for each peer.
fn both_hard(a: Side, b: Side, scope: FilterScope) -> Forecast {
    if a.filtering == AddressAndPortDependent || b.filtering == AddressAndPortDependent {
        return no("both-hard-port-filtered", "Both NATs open a new port towards the peer, and a filter that checks ports never sees the one it was told.".into(), prediction_odds(2));
    }
    if a.mapping == AddressAndPortDependent && b.mapping == AddressAndPortDependent {
        return no("no-symmetric-answer", "Both NATs open yet another port for each port of the peer, so no check is ever answered from where it was sent to (RFC 8445 §7.2.5.2.1).".into(), prediction_odds(2));
    }
    let strangers = a.filtering == EndpointIndependent || b.filtering == EndpointIndependent;
    if !strangers && scope == FilterScope::Mapping {
        return no("unused-mapping-filtered", "Both NATs open a new port towards the peer; the ports that were told are reached, but they were never used towards the peer, and both filters look at each mapping by itself.".into(), prediction_odds(2));
    }
    if strangers
        && (a.pooling == Pooling::Arbitrary || b.pooling == Pooling::Arbitrary)
        && !(a.filtering == EndpointIndependent && b.filtering == EndpointIndependent)
    {
        return no(
            "pool-changes-address",
            "A new mapping may get another external address, which the other side's filter does not know.".into(),
            prediction_odds(2),
        );
    }
    yes("prflx-prflx", "one-mapping-per-peer", "Both NATs open a new port towards the peer, but one filter lets it in, and a side that keeps one mapping per peer address answers from the port that was checked.".into())
}

/// Chance of a direct connection when `hard_sides` (1 or 2) open unknown ports and the peer guesses.
///
/// With one hard side it opens 256 mappings towards the peer's known address and the peer probes random ports:
/// 1 − (1 − 256 / 64512)^k. With two, both ports must be guessed: 1 − e^(−k² / 65535²).
#[must_use]
pub fn prediction_odds(hard_sides: u8) -> Vec<Odds> {
    let one = |probes: u32| 1.0 - (1.0 - f64::from(OPENED) / f64::from(PORTS)).powi(probes as i32);
    let two = |probes: u32| 1.0 - (-(f64::from(probes) / 65_535.0).powi(2)).exp();
    let odds = |probes: u32| Odds { probes, chance: if hard_sides < 2 { one(probes) } else { two(probes) } };
    let probes: [u32; 5] =
        if hard_sides < 2 { [174, 256, 512, 1024, 2048] } else { [256, 2048, 8192, 32_768, MAX_PREDICTION_PROBES] };
    probes.into_iter().map(odds).collect()
}

/// Expectation of one side for a peer with a classic name.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerForecast {
    /// The peer.
    pub peer: Classic,
    /// The forecast.
    pub forecast: Forecast,
}

/// The forecast of a side for each classic kind of peer.
#[must_use]
pub fn forecast_classics(side: Side, scope: FilterScope) -> Vec<PeerForecast> {
    let peers = [
        (Classic::Open, EndpointIndependent, EndpointIndependent),
        (Classic::FullCone, EndpointIndependent, EndpointIndependent),
        (Classic::RestrictedCone, EndpointIndependent, AddressDependent),
        (Classic::PortRestrictedCone, EndpointIndependent, AddressAndPortDependent),
        (Classic::Symmetric, AddressAndPortDependent, AddressAndPortDependent),
        (Classic::SymmetricFirewall, EndpointIndependent, AddressAndPortDependent),
    ];
    peers
        .map(|(peer, mapping, filtering)| PeerForecast {
            peer,
            forecast: predict_traversal(side, Side::new(mapping, filtering), scope),
        })
        .into()
}
