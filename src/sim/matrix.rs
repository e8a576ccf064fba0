//! Every pair of NATs, each cell a real run.

use super::scenario::{Call, Fault, Host, LinkChoice, NatChoice, Network, Program, Scenario, ScenarioError, chance};
use super::simulation::{Simulation, SimulationResult};
use crate::nat::Behaviour;
use serde::Deserialize;

/// Kinds of one matrix at most.
pub const MAX_KINDS: usize = 64;

/// How the cells are run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MatrixOptions {
    /// The kinds; the nine pairs of mapping and filtering when empty.
    pub kinds: Vec<NatChoice>,
    /// A TURN server is there.
    pub relay: bool,
    /// A TURN server is there, and is asked over TCP on port 443.
    pub relay_tcp: bool,
    /// Memory of filters where a kind does not say: `mapping` or `endpoint`.
    pub filter_scope: Option<String>,
    /// Seed of every cell.
    pub seed: u64,
    /// Timers and choices of both agents.
    pub profile: String,
    /// Chance of each packet to be lost on each link of the two networks.
    pub loss: f64,
}

/// The outcome of every pair: row by row, the offerer's kind first.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Names of the kinds.
    pub kinds: Vec<String>,
    /// One row for each kind of the offerer.
    pub cells: Vec<Vec<SimulationResult>>,
}

/// The nine pairs of mapping and filtering.
#[must_use]
pub fn nine_kinds() -> Vec<NatChoice> {
    let pairs = Behaviour::ALL.into_iter().flat_map(|mapping| Behaviour::ALL.map(|filtering| (mapping, filtering)));
    pairs.map(|(mapping, filtering)| NatChoice::of(mapping, filtering)).collect()
}

/// The scenario of one cell: two hosts behind these NATs, a STUN server and, if asked for, a TURN server.
#[must_use]
pub fn cell(a: &NatChoice, b: &NatChoice, options: &MatrixOptions) -> Scenario {
    let network = |name: &str, nat: &NatChoice| {
        let mut nat = nat.clone();
        nat.filter_scope = nat.filter_scope.or_else(|| options.filter_scope.clone());
        let link = LinkChoice { loss: options.loss, ..LinkChoice::default() };
        Network { name: name.into(), nat, link, ..Network::default() }
    };
    let mut servers = vec!["stun".to_string()];
    let mut hosts = vec![server("stun", [198, 51, 100, 1], Program::stun())];
    servers.extend(options.relay.then(|| "turn".into()));
    // The port that firewalls let out.
    servers.extend(options.relay_tcp.then(|| "turn:443?transport=tcp".into()));
    if options.relay || options.relay_tcp {
        hosts.push(server("turn", [198, 51, 100, 2], Program::turn()));
    }
    for (index, (name, nat)) in [("A", a), ("B", b)].into_iter().enumerate() {
        hosts.push(Host {
            name: name.into(),
            network: format!("network {name}"),
            addresses: vec![inside(index, nat)],
            link: Host::near(),
            run: Program::ice(&options.profile, servers.clone()),
        });
    }
    Scenario {
        title: format!("{} to {}", a.name(), b.name()),
        seed: options.seed,
        networks: vec![network("network A", a), network("network B", b)],
        hosts,
        calls: vec![Call::between("A", "B")],
        ..Scenario::default()
    }
}

impl MatrixOptions {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// A text that can't be read, with line and column; a loss that is no chance.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let options: Self = serde_json::from_str(text).map_err(|error| ScenarioError::json(&error))?;
        chance("loss", options.loss)?;
        Ok(options)
    }
}

/// Runs every cell.
///
/// # Errors
///
/// A kind that is none, or more than [`MAX_KINDS`].
pub fn traversal_matrix(options: &MatrixOptions) -> Result<Matrix, ScenarioError> {
    let kinds = if options.kinds.is_empty() { nine_kinds() } else { options.kinds.clone() };
    if kinds.len() > MAX_KINDS {
        return Err(ScenarioError::new(
            Fault::TooMany,
            [("count", &kinds.len()), ("what", &"kinds"), ("limit", &MAX_KINDS)],
        )
        .at("kinds"));
    }
    let run = |a: &NatChoice, b: &NatChoice| Ok(Simulation::untraced(&cell(a, b, options))?.run_until_decided());
    let cells = kinds.iter().map(|a| kinds.iter().map(|b| run(a, b)).collect()).collect::<Result<_, _>>()?;
    Ok(Matrix { kinds: kinds.iter().map(NatChoice::name).collect(), cells })
}

fn server(name: &str, address: [u8; 4], run: Program) -> Host {
    Host { name: name.into(), network: String::new(), addresses: vec![address.into()], link: Host::near(), run }
}

/// An address inside: a public one where nothing is translated.
fn inside(index: usize, nat: &NatChoice) -> core::net::IpAddr {
    let last = index as u8 + 1;
    match nat.spec().is_ok_and(|spec| spec.translation == super::Translation::None) {
        true => [203, 0, 113, last].into(),
        false => [10, last, 0, 2].into(),
    }
}
