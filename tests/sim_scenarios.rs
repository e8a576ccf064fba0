//! The built-in scenarios run, and end as their texts say; the same seed gives the same run.

use icelens::candidate::CandidateType;
use icelens::sim::{BUILT_IN, Outcome, Scenario, Simulation, SimulationResult, What};

fn run(name: &str) -> (Simulation, SimulationResult) {
    let mut simulation = Simulation::new(&Scenario::named(name).unwrap()).unwrap();
    let result = simulation.run();
    (simulation, result)
}

#[test]
fn outcomes() {
    let expected = [
        ("cone-to-cone", Outcome::Direct),
        ("rfc8445-15.1", Outcome::Direct),
        ("rfc8445-15.2", Outcome::Direct),
        ("symmetric-to-port-restricted", Outcome::Relayed),
        ("symmetric-to-symmetric-no-relay", Outcome::Failed),
        ("server-with-private-address", Outcome::Failed),
        ("network-switch", Outcome::Direct),
        ("hole-punching", Outcome::Direct),
        ("sip-call", Outcome::Direct),
    ];
    for (name, outcome) in expected {
        let (_, result) = run(name);
        assert_eq!(result.outcome, outcome, "{name}: {}", result.why());
        println!("{name}: {result:?}");
    }
}

#[test]
fn every_built_in_scenario_reads_back_as_it_was_written() {
    for one in BUILT_IN {
        let scenario = Scenario::from_json(one.json).unwrap_or_else(|error| panic!("{}: {error}", one.name));
        assert_eq!(Scenario::from_json(&scenario.to_json()), Ok(scenario.clone()), "{}", one.name);
        assert!(!scenario.title.is_empty());
        assert_eq!(scenario.text.get("en").map(Vec::len), scenario.text.get("zh").map(Vec::len), "{}", one.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_run_to_the_byte() {
    for one in BUILT_IN {
        let lines = || run(one.name).0.to_json_lines();
        assert_eq!(lines(), lines(), "{}", one.name);
    }
}

#[test]
fn faults_of_a_scenario_are_told_with_their_place() {
    let error = |json: &str| match Scenario::from_json(json).map(|scenario| Simulation::new(&scenario).map(|_| ())) {
        Ok(Ok(())) => String::new(),
        Ok(Err(error)) | Err(error) => error.to_string(),
    };
    assert!(error("{").contains("line 1 column"));
    assert!(error(r#"{"hots": []}"#).contains("unknown field `hots`"));
    let nat = r#"{"networks": [{"name": "n", "nat": {"classic": "round"}}]}"#;
    assert_eq!(error(nat), "networks[0].nat: round is not a classic name of a NAT");
    let call = r#"{"calls": [{"from": "a", "to": "b"}]}"#;
    assert_eq!(error(call), "calls[0]: no host called a runs ICE");
    assert_eq!(error(r#"{"calls": [{"from": "a", "to": "a"}]}"#), "calls[0]: a calls itself");
    let within = r#"{"networks": [{"name": "n", "within": "n"}]}"#;
    assert_eq!(error(within), "networks: no network is called n");
    assert_eq!(error("{}"), "");
}

/// Packets that leave hosts and NATs, and what is signalled, in order: `source -> destination message`.
fn flow(simulation: &Simulation) -> String {
    let mut lines = String::new();
    for entry in simulation.trace() {
        let object = simulation.entry(entry);
        let text = |name: &str| object[name].as_str().unwrap_or_default().to_string();
        let moved = |from: &str, to: &str| format!("{} -> {} {}\n", text(from), text(to), text("message"));
        match (text("kind").as_str(), object["passes"].as_bool()) {
            ("sent", _) => lines += &moved("source", "destination"),
            ("nat", Some(true)) => lines += &moved("newSource", "newDestination"),
            ("no-route", _) => lines += &format!("{} -> {} nobody is there\n", text("source"), text("destination")),
            ("signal", _) => lines += &format!("{} => {}\n", text("from"), text("to")),
            _ => {}
        }
    }
    lines
}

/// Compares with the golden text; `ICELENS_BLESS=1 cargo test` writes it anew.
fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/fixtures/sim/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("ICELENS_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}");
}

/// RFC 8445 §15.1 message by message: 1 to 21, and 9 that nobody gets.
#[test]
fn rfc8445_15_1_message_by_message() {
    let (simulation, result) = run("rfc8445-15.1");
    golden("rfc8445-15.1", &flow(&simulation));
    let selected = result.selected.unwrap();
    assert_eq!(selected.types, (CandidateType::ServerReflexive, CandidateType::Host));
    assert_eq!(selected.priority, 7277816997797167102);
}

/// RFC 8445 §15.2: 12 messages of two IPv6 hosts.
#[test]
fn rfc8445_15_2_message_by_message() {
    let (simulation, result) = run("rfc8445-15.2");
    golden("rfc8445-15.2", &flow(&simulation));
    assert_eq!(result.selected.unwrap().priority, 9151314442783293438);
}

#[test]
fn the_trace_explains_each_drop() {
    let (simulation, _) = run("symmetric-to-port-restricted");
    let lines = simulation.to_json_lines();
    assert!(lines.contains(r#""rule":"filtered""#));
    assert!(simulation.trace().iter().any(|entry| matches!(entry.what, What::Decision { .. })));
    assert!(simulation.trace().windows(2).all(|two| two[0].time <= two[1].time), "in the order of time");
}

#[test]
fn a_scenario_as_a_script_of_namespaces() {
    let script = |name: &str| Scenario::named(name).unwrap().to_namespace_script();
    let cones = script("cone-to-cone").unwrap();
    assert_eq!(cones.matches("masquerade; }").count(), 2);
    assert!(cones.contains("ip netns add ice-h1"));
    assert!(script("symmetric-to-port-restricted").unwrap().contains("masquerade fully-random"));
    let error = script("server-with-private-address").unwrap_err();
    assert_eq!(error.to_string(), "networks[0]: the script makes NATs that translate address and port");
    // A title can't leave its comment.
    let title = Scenario { title: "x\nrm -rf".into(), ..Scenario::default() }.to_namespace_script().unwrap();
    assert!(title.contains("# xrm -rf\n"));
}

/// Every name that a written scenario can have stands in the published schema.
#[test]
fn the_schema_knows_every_name() {
    fn names(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        match value {
            serde_json::Value::Object(object) => object.iter().for_each(|(name, value)| {
                found.insert(name.clone());
                names(value, found);
            }),
            serde_json::Value::Array(list) => list.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut known = std::collections::BTreeSet::new();
    names(&schema, &mut known);
    let mut written = std::collections::BTreeSet::new();
    for one in BUILT_IN {
        let json = Scenario::named(one.name).unwrap().to_json();
        names(&serde_json::from_str(&json).unwrap(), &mut written);
    }
    written.retain(|name| name != "en" && name != "zh"); // languages
    assert!(written.is_subset(&known), "{:?}", written.difference(&known).collect::<Vec<_>>());
}

/// A file may name its schema for the editor; the run is the same.
#[test]
fn a_scenario_may_name_its_schema() {
    let scenario = Scenario::from_json(r#"{ "$schema": "docs/scenario.schema.json", "title": "Mine" }"#).unwrap();
    assert_eq!(scenario.to_json(), Scenario { title: "Mine".into(), ..Scenario::default() }.to_json());
}

/// The texts of these scenarios tell of a check that is dropped at the other side's router; it is.
#[test]
fn the_drops_that_the_texts_tell_of_happen() {
    for name in ["cone-to-cone", "hole-punching", "symmetric-to-port-restricted", "symmetric-to-symmetric-no-relay"] {
        let (simulation, _) = run(name);
        let dropped = |line: &&icelens::sim::Entry| {
            let object = simulation.entry(line);
            object["rule"] == "filtered" && object["message"] == "binding request"
        };
        assert!(simulation.trace().iter().any(|line| dropped(&line)), "{name}");
    }
}

#[test]
fn turn_over_tcp_gets_out_where_udp_is_blocked() {
    let json = r#"{
      "networks": [{ "name": "office", "nat": { "classic": "port restricted cone", "blocksUdp": true } }, { "name": "home", "nat": { "classic": "symmetric" } }],
      "hosts": [
        { "name": "turn", "addresses": ["198.51.100.2"], "run": { "kind": "turn" } },
        { "name": "stun", "addresses": ["198.51.100.1"], "run": { "kind": "stun" } },
        { "name": "A", "network": "office", "addresses": ["10.0.0.2"], "run": { "kind": "ice", "servers": ["turn", "turn?transport=tcp"] } },
        { "name": "B", "network": "home", "addresses": ["10.1.0.2"], "run": { "kind": "ice", "servers": ["stun"] } }
      ],
      "calls": [{ "from": "A", "to": "B" }]
    }"#;
    let run = |json: &str| {
        let mut simulation = Simulation::new(&Scenario::from_json(json).unwrap()).unwrap();
        let result = simulation.run();
        (result, simulation.to_json_lines())
    };
    let (result, lines) = run(json);
    assert_eq!(result.outcome, Outcome::Relayed, "{}", result.why());
    // The handshake comes before the first message, and nothing but TCP leaves the office.
    let first = lines.lines().position(|line| line.contains("\"message\":\"TCP opens\"")).unwrap();
    let allocate = lines.lines().position(|line| line.contains("tcp") && line.contains("allocate request")).unwrap();
    assert!(first < allocate);
    let (result, _) = run(&json.replace(r#""turn", "turn?transport=tcp""#, r#""turn""#));
    assert_eq!(result.outcome, Outcome::Failed, "{}", result.why());
    // Half of all packets lost: TCP sends again.
    let lossy = json.replace(r#""blocksUdp": true }"#, r#""blocksUdp": true }, "link": { "loss": 0.5 }"#);
    assert!(run(&lossy).1.contains("allocate success"));
}
