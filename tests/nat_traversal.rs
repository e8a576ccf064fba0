//! The forecast against the tables it was derived from, and against ICE checks sent through simulated NATs.
#![cfg(feature = "sim")]

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeSet, HashMap};

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::{FilterScope, Pooling, Side, forecast_classics, predict_traversal, prediction_odds};
use icelens::sim::{NatDevice, NatSpec, Packet, PoolChoice, Side as Face, Translation};

/// Rows and columns of the tables.
const KINDS: [&str; 11] =
    ["OPEN", "FW/APD", "EI/EI", "EI/AD", "EI/APD", "AD/EI", "AD/AD", "AD/APD", "APD/EI", "APD/AD", "APD/APD"];

/// Derived by exhaustive simulation with filters kept per mapping: `+` for a pair valid in both directions.
const PER_MAPPING: [&str; 11] = [
    "+++++++++++",
    "+++++------",
    "+++++++++++",
    "+++++++++++",
    "+++++------",
    "+-++-++-++-",
    "+-++-+--+--",
    "+-++-------",
    "+-++-++----",
    "+-++-+-----",
    "+-++-------",
];
/// The same with filters kept per internal endpoint.
const PER_ENDPOINT: [&str; 11] = [
    "+++++++++++",
    "+++++------",
    "+++++++++++",
    "+++++++++++",
    "+++++------",
    "+-++-++-++-",
    "+-++-++-++-",
    "+-++-------",
    "+-++-++----",
    "+-++-++----",
    "+-++-------",
];

fn behaviour(name: &str) -> Behaviour {
    match name {
        "AD" => AddressDependent,
        "APD" => AddressAndPortDependent,
        _ => EndpointIndependent,
    }
}

fn side(kind: &str) -> Side {
    let (mapping, filtering) = kind.split_once('/').unwrap_or(("EI", "EI"));
    Side::new(behaviour(mapping), behaviour(filtering))
}

fn tables() -> [(FilterScope, [&'static str; 11]); 2] {
    [(FilterScope::Mapping, PER_MAPPING), (FilterScope::Endpoint, PER_ENDPOINT)]
}

#[test]
fn forecast_is_the_table_cell_for_cell() {
    for (scope, table) in tables() {
        for (row, a) in KINDS.iter().enumerate() {
            for (column, b) in KINDS.iter().enumerate() {
                let forecast = predict_traversal(side(a), side(b), scope);
                assert_eq!(
                    forecast.direct,
                    table[row].as_bytes()[column] == b'+',
                    "{a} × {b}, {scope:?}: {}",
                    forecast.why
                );
                assert_eq!(forecast.pair.is_some(), forecast.direct);
                assert_eq!(forecast.odds.is_empty(), forecast.direct);
            }
        }
    }
}

/// One agent of the ICE checks below: what it sends goes through its NAT.
struct Agent {
    base: SocketAddr,
    nat: NatDevice,
    targets: Vec<SocketAddr>,
    asked: HashMap<u8, SocketAddr>,
    valid: bool,
    strangers: BTreeSet<SocketAddr>,
}

fn agent(kind: &str, number: u8, scope: FilterScope, arbitrary: bool) -> Agent {
    let public: SocketAddr = format!("203.0.113.{number}:5000").parse().unwrap();
    let untranslated = matches!(kind, "OPEN" | "FW/APD");
    let Side { mapping, filtering, .. } = side(kind);
    let mut spec = NatSpec { filter_scope: scope, ..NatSpec::new(mapping, filtering) };
    spec.pool.push(public.ip());
    if untranslated {
        spec.translation = Translation::None;
    }
    if arbitrary {
        spec.pooling = PoolChoice::Arbitrary;
        spec.pool.extend((1..40_u8).map(|n| core::net::IpAddr::from([198, 18, number, n])));
    }
    let base = if untranslated { public } else { format!("10.{number}.0.2:5000").parse().unwrap() };
    let nat = NatDevice::new(spec, u64::from(number));
    let mut agent =
        Agent { base, nat, targets: Vec::new(), asked: HashMap::new(), valid: false, strangers: BTreeSet::new() };
    if kind == "OPEN" {
        // A firewall that has seen every address lets everything in; an endpoint-independent one is the same.
        agent.nat = NatDevice::new(
            NatSpec { translation: Translation::None, ..NatSpec::new(EndpointIndependent, EndpointIndependent) },
            0,
        );
    }
    agent
}

impl Agent {
    fn send(&mut self, to: SocketAddr, bytes: Vec<u8>) -> Option<Packet> {
        let (_, sent, _) = self.nat.handle(Duration::ZERO, Face::Inside, Packet::udp(self.base, to, bytes));
        sent.map(|(_, packet)| packet)
    }
}

/// Server-reflexive candidates from a third address, checks to all known targets for some rounds, triggered checks, and
/// answers that count only from where the check was sent to. Returns whether both found a valid pair.
fn ice(a: &str, b: &str, scope: FilterScope, arbitrary: bool) -> (bool, [usize; 2]) {
    let stun: SocketAddr = "192.0.2.1:3478".parse().unwrap();
    let mut agents = [agent(a, 1, scope, false), agent(b, 2, scope, arbitrary)];
    let mapped: Vec<SocketAddr> =
        agents.iter_mut().filter_map(|agent| agent.send(stun, vec![])).map(|sent| sent.source).collect();
    agents[0].targets.push(mapped[1]);
    agents[1].targets.push(mapped[0]);
    let mut id = 0_u8;
    for _ in 0..8 {
        for sender in 0..2 {
            for target in agents[sender].targets.clone().into_iter().take(10) {
                id = id.wrapping_add(1);
                agents[sender].asked.insert(id, target);
                let check = agents[sender].send(target, vec![0, id]);
                deliver(&mut agents, 1 - sender, check);
            }
        }
    }
    let strangers = [agents[0].strangers.len(), agents[1].strangers.len()];
    (agents[0].valid && agents[1].valid, strangers)
}

fn deliver(agents: &mut [Agent; 2], to: usize, packet: Option<Packet>) {
    let Some(packet) = packet else { return };
    let source = packet.source;
    let (_, arrived, _) = agents[to].nat.handle(Duration::ZERO, Face::Outside, packet);
    let Some((Face::Inside, packet)) = arrived else { return };
    if packet.destination != agents[to].base {
        return;
    }
    if packet.bytes[0] == 1 {
        agents[to].valid |= agents[to].asked.get(&packet.bytes[1]) == Some(&source);
        return;
    }
    if !agents[to].targets.contains(&source) {
        agents[to].targets.push(source);
        agents[to].strangers.insert(source);
    }
    let answer = agents[to].send(source, vec![1, packet.bytes[1]]);
    deliver(agents, 1 - to, answer);
}

#[test]
fn checks_through_simulated_nats_do_what_the_forecast_says() {
    for (scope, table) in tables() {
        for (row, a) in KINDS.iter().enumerate() {
            for (column, b) in KINDS.iter().enumerate() {
                let (valid, _) = ice(a, b, scope, false);
                assert_eq!(valid, table[row].as_bytes()[column] == b'+', "{a} × {b}, {scope:?}");
            }
        }
    }
}

/// A pool without pairing defeats filters that look at addresses; one that lets everybody in does not care.
#[test]
fn arbitrary_pooling_is_forecast_too() {
    for a in ["EI/EI", "EI/AD", "EI/APD"] {
        let hard = Side { pooling: Pooling::Arbitrary, ..side("APD/APD") };
        let forecast = predict_traversal(side(a), hard, FilterScope::Mapping);
        let (valid, _) = ice(a, "APD/APD", FilterScope::Mapping, true);
        assert_eq!(forecast.direct, valid, "{a}");
    }
}

/// No endpoint-independent NAT ever makes a peer-reflexive candidate: the table of visibility, row by row.
#[test]
fn only_destination_dependent_mapping_makes_peer_reflexive_candidates() {
    // Columns as in KINDS; filters per mapping. `Y`: the column's agent sees the row's as peer-reflexive.
    let seen = [
        ("AD/EI", "Y.YY.YY.YY."),
        ("AD/AD", "Y.YY.Y..Y.."),
        ("AD/APD", "Y.YY.Y..Y.."),
        ("APD/EI", "Y.YY.YY.YY."),
        ("APD/AD", "Y.YY.Y..Y.."),
        ("APD/APD", "Y.YY.Y..Y.."),
    ];
    for a in KINDS {
        let row = seen.iter().find(|(kind, _)| *kind == a).map_or("...........", |(_, row)| row);
        for (column, b) in KINDS.iter().enumerate() {
            let (_, strangers) = ice(a, b, FilterScope::Mapping, false);
            assert_eq!(strangers[1] > 0, row.as_bytes()[column] == b'Y', "{a} seen by {b}");
        }
    }
}

#[test]
fn odds_are_those_of_the_formula_and_of_trials() {
    let chance = |probes: u32| prediction_odds(1).into_iter().find(|odds| odds.probes == probes).unwrap().chance;
    for (probes, known) in [(174, 0.50), (256, 0.64), (512, 0.87), (1024, 0.983), (2048, 0.9997)] {
        assert!((chance(probes) - known).abs() < 0.005, "{probes}: {}", chance(probes));
    }
    assert!(prediction_odds(2).iter().all(|odds| odds.probes < 60_000 || odds.chance > 0.5));
    // The hard side really opens 256 mappings, the other really guesses.
    let peer: SocketAddr = "198.51.100.7:4000".parse().unwrap();
    let mut random = icelens::sim::Random::new(5, 0);
    let trials = 400;
    let mut hits = 0;
    for trial in 0..trials {
        let mut spec = NatSpec::new(AddressAndPortDependent, AddressAndPortDependent);
        spec.pool.push("203.0.113.1".parse().unwrap());
        let mut nat = NatDevice::new(spec, trial);
        for port in 0..256 {
            let base = SocketAddr::new("10.0.0.2".parse().unwrap(), 20_000 + port);
            let _ = nat.handle(Duration::ZERO, Face::Inside, Packet::udp(base, peer, vec![]));
        }
        let guessed = (0..256).any(|_| {
            let port = 1024 + random.below(64_512) as u16;
            let guess = Packet::udp(peer, SocketAddr::new("203.0.113.1".parse().unwrap(), port), vec![]);
            nat.handle(Duration::ZERO, Face::Outside, guess).1.is_some()
        });
        hits += u32::from(guessed);
    }
    let share = f64::from(hits) / trials as f64;
    // Three standard errors of a share of 0.64 in 400 trials are 0.072.
    assert!((share - chance(256)).abs() < 0.072, "{share}");
}

#[test]
fn advice_names_the_peers_that_need_a_relay() {
    let relayed = |kind| -> Vec<&str> {
        let peers = forecast_classics(side(kind), FilterScope::Mapping);
        peers.iter().filter(|peer| !peer.forecast.direct).map(|peer| peer.peer.name()).collect()
    };
    assert_eq!(relayed("EI/EI"), [""; 0]);
    assert_eq!(relayed("EI/APD"), ["symmetric"]);
    assert_eq!(relayed("APD/APD"), ["port restricted cone", "symmetric", "symmetric firewall"]);
}
