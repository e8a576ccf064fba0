//! Scenarios of strangers: what is refused says where, what is run stays within its limits.

#[path = "../fuzz/targets/sim.rs"]
mod fuzz;

use core::time::Duration;
use icelens::sim::{BUILT_IN, MAX_STEPS, Random, Scenario, Simulation};
use serde_json::{Value, json};

fn refused(json: &Value) -> String {
    let made = Scenario::from_json(&json.to_string()).and_then(|scenario| Simulation::new(&scenario));
    made.map_or_else(|error| error.to_string(), |_| "taken".into())
}

fn host(name: &str, address: &str) -> Value {
    json!({ "name": name, "addresses": [address], "run": { "kind": "stun" } })
}

#[test]
fn what_is_refused_says_where() {
    let event = |event: Value| refused(&json!({ "hosts": [host("A", "192.0.2.1")], "events": [event] }));
    let cases = [
        (event(json!({ "at": 1, "what": "stop", "host": "B" })), "events[0].host: no host is called B"),
        (event(json!({ "at": 1, "what": "reboot", "network": "n" })), "events[0].network: no network is called n"),
        (event(json!({ "at": 1, "what": "restart", "host": "A" })), "events[0].host: A runs no ICE"),
        (
            event(json!({ "at": 1, "what": "move", "host": "A", "network": "n", "addresses": ["192.0.2.9"] })),
            "events[0].network: no network is called n",
        ),
        (
            event(json!({ "at": 1, "what": "move", "host": "A", "network": "", "addresses": [] })),
            "events[0].addresses: there is none",
        ),
        (
            refused(&json!({ "hosts": [host("A", "192.0.2.1"), host("B", "192.0.2.1")] })),
            "hosts[1]: 192.0.2.1 is an address of hosts[0] already",
        ),
        (
            refused(&json!({ "networks": [{ "name": "n" }], "hosts": [host("A", "203.0.113.100")] })),
            "hosts[0]: 203.0.113.100 is an address of networks[0] already",
        ),
        (refused(&json!({ "hosts": vec![host("A", "192.0.2.1"); 129] })), "hosts: 129 hosts; 128 are the limit"),
        (
            refused(&json!({ "hosts": [host(&"ü".repeat(101), "192.0.2.1")] })),
            "hosts[0].name: 202 bytes; 200 are the limit",
        ),
        (
            refused(&json!({ "networks": [{ "name": "a", "within": "b" }, { "name": "b", "within": "a" }] })),
            "networks: no network is called b or a",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    // The error of a value that is not of its kind has line and column.
    for (json, words) in [
        (r#"{"until": -1}"#, "invalid value: integer `-1`, expected u64 at line 1 column 12"),
        (r#"{"seed": 1.5}"#, "invalid type: floating point `1.5`, expected u64 at line 1 column 12"),
        (r#"{"until": null}"#, "invalid type: null, expected u64 at line 1 column 14"),
        (r#"{"events": [{"at": 1, "what": "stop", "host": "A", "hots": 1}]}"#, "unknown field `hots`"),
        (r#"{"hosts": [{"name": "A", "addresses": ["1.2.3"], "run": {"kind": "stun"}}]}"#, "invalid IP address syntax"),
    ] {
        let error = Scenario::from_json(json).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("line 1 column"), "{error}");
    }
    let long = format!(r#"{{"title": "{}"}}"#, "x".repeat(5 << 20));
    assert!(Scenario::from_json(&long).unwrap_err().to_string().ends_with("4194304 are the limit"));
}

/// A call of two cones, with other members of its first network and host, and at its top.
fn call_with(network: &Value, host: &Value, top: &Value) -> Value {
    let mut scenario: Value = serde_json::from_str(&Scenario::named("cone-to-cone").unwrap().to_json()).unwrap();
    for (place, with) in [("/networks/0", network), ("/hosts/0", host), ("", top)] {
        let object = scenario.pointer_mut(place).unwrap().as_object_mut().unwrap();
        object.extend(with.as_object().unwrap().clone());
    }
    scenario
}

#[test]
fn numbers_that_no_network_has_are_refused_with_their_place() {
    let none = json!({});
    let link = |link: Value| refused(&call_with(&json!({ "link": link }), &none, &none));
    let cases = [
        (
            refused(&call_with(&none, &none, &json!({ "until": 1_000_000_000_000_000_u64 }))),
            "until: 1000000000000000 ms are past the limit of 86400000, a day",
        ),
        (link(json!({ "rate": 0 })), "networks[0].link.rate: 0 kbit/s is no rate; without one a link has no limit"),
        (link(json!({ "rate": -1 })), "networks[0].link.rate: -1 kbit/s is no rate; without one a link has no limit"),
        (link(json!({ "mtu": 0 })), "networks[0].link.mtu: 0 is not from 68 to 65535"),
        (link(json!({ "loss": 1.5 })), "networks[0].link.loss: 1.5 is not from 0 to 1"),
        (link(json!({ "burst": [0.5, -1] })), "networks[0].link.burst[1]: -1 is not from 0 to 1"),
        (link(json!({ "latency": -1 })), "networks[0].link.latency: -1 is not from 0 to 86400000"),
        (
            refused(&call_with(&none, &json!({ "link": { "jitter": 1e9 } }), &none)),
            "hosts[0].link.jitter: 1000000000 is not from 0 to 86400000",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    assert!(link(json!({ "latency": 1e308 })).ends_with("is not from 0 to 86400000"));
    let nested = |count: usize| {
        let within = |index: usize| if index == 0 { String::new() } else { format!("n{}", index - 1) };
        let network = |index: usize| json!({ "name": format!("n{index}"), "within": within(index) });
        json!({ "networks": (0..count).map(network).collect::<Vec<_>>() })
    };
    assert_eq!(refused(&nested(1000)), "networks: 1000 networks; 64 are the limit");
    assert_eq!(refused(&nested(64)), "taken");
}

/// Steps that a scenario makes until it ends of itself.
fn steps(scenario: &Value) -> u64 {
    let mut simulation = Simulation::untraced(&Scenario::from_json(&scenario.to_string()).unwrap()).unwrap();
    let end = Duration::from_secs(86_400);
    let mut count = 0;
    while simulation.step(end) {
        count += 1;
    }
    assert!(count <= MAX_STEPS);
    assert!(count < MAX_STEPS && !simulation.is_cut() || simulation.result().why().contains("are the limit"));
    count
}

#[test]
fn every_scenario_ends_within_the_limit_of_steps() {
    let none = json!({});
    // Forwards that point at each other, in NATs that take no time: what comes in does not go out again.
    let nat = |ip: &str, to: &str| json!({ "addresses": [ip], "forwards": [[5000, to]] });
    let network =
        |name: &str, ip: &str, to: &str| json!({ "name": name, "nat": nat(ip, to), "link": { "latency": 0 } });
    let near = json!({ "latency": 0 });
    let scenario = json!({
        "networks": [network("a", "203.0.113.1", "203.0.113.2:5000"), network("b", "203.0.113.2", "203.0.113.1:5000")],
        "hosts": [{ "name": "h", "addresses": ["192.0.2.1"], "link": near, "run": { "kind": "own" } }],
    });
    let mut round = Simulation::untraced(&Scenario::from_json(&scenario.to_string()).unwrap()).unwrap();
    let (from, to) = ("192.0.2.1:1".parse().unwrap(), "203.0.113.1:5000".parse().unwrap());
    round.send_from("h", from, to, vec![0]).unwrap();
    let mut hops = 0;
    while round.step(Duration::from_secs(60)) {
        hops += 1;
    }
    assert!(hops < 20, "{hops}");
    // A packet that waits for a day in a queue, and one that takes a day.
    let slow = json!({ "link": { "rate": 0.001, "queue": 86_400_000 } });
    assert!(steps(&call_with(&slow, &none, &none)) < 100_000);
    assert!(steps(&call_with(&none, &json!({ "link": { "latency": 86_400_000 } }), &none)) < 100_000);
}

/// 128 hosts in 64 calls with as much media as can be, for a day.
fn flood() -> Scenario {
    let ice = |index: usize| json!({ "name": format!("h{index}"), "addresses": [format!("192.0.2.{}", index + 1)], "run": { "kind": "ice" } });
    let call = |index: usize| json!({ "from": format!("h{}", index * 2), "to": format!("h{}", index * 2 + 1), "media": u32::MAX });
    let hosts: Vec<_> = (0..128).map(ice).collect();
    let calls: Vec<_> = (0..64).map(call).collect();
    let scenario = json!({ "until": 86_400_000, "hosts": hosts, "calls": calls });
    Scenario::from_json(&scenario.to_string()).unwrap()
}

#[test]
fn a_flood_fills_the_trace_to_its_limit_and_no_further() {
    let mut simulation = Simulation::new(&flood()).unwrap();
    simulation.run_until(Duration::from_millis(1600));
    assert_eq!(simulation.trace().len(), icelens::sim::MAX_ENTRIES);
    assert!(simulation.dropped() > 0);
}

/// `cargo test --release --test all sim_hostile -- --ignored --nocapture`.
#[test]
#[ignore = "millions of steps, for release builds"]
fn a_flood_ends() {
    let started = std::time::Instant::now();
    let mut simulation = Simulation::untraced(&flood()).unwrap();
    let result = simulation.run();
    assert!(
        simulation.is_cut() && result.why().contains(&format!("{MAX_STEPS} steps are the limit")),
        "{}",
        result.why()
    );
    println!("{MAX_STEPS} steps in {:?}: {}", started.elapsed(), result.why());
}

const ODD: &[&str] = &[
    "null",
    "-1",
    "0",
    "1",
    "1e308",
    "-1e308",
    "0.5",
    "18446744073709551615",
    "4294967295",
    "65536",
    "true",
    "\"\"",
    "\"NaN\"",
    "\"\\u0000\"",
    "\"🙂\\u202e\"",
    "\"internet\"",
    "\"A\"",
    "\"::\"",
    "\"0.0.0.0\"",
    "\"255.255.255.255\"",
    "\"ff02::1\"",
    "\"127.0.0.1\"",
    "[]",
    "{}",
    "[[]]",
    "[\"192.0.2.1\", \"192.0.2.1\"]",
];

/// Replaces the n-th leaf, counted from 0, and gives how many there are before it.
fn replace(value: &mut Value, n: &mut usize, with: &Value) {
    let inner: Vec<&mut Value> = match value {
        Value::Array(list) if !list.is_empty() => list.iter_mut().collect(),
        Value::Object(object) if !object.is_empty() => object.values_mut().collect(),
        leaf => {
            if *n == 0 {
                *leaf = with.clone();
            }
            *n = n.wrapping_sub(1);
            return;
        }
    };
    for one in inner {
        replace(one, n, with);
    }
}

#[test]
fn every_scenario_with_odd_values_is_refused_or_runs() {
    let mut random = Random::new(7, 0x6f64_6400);
    for one in BUILT_IN {
        // Written out, so that each choice there is can be replaced.
        let whole: Value = serde_json::from_str(&Scenario::named(one.name).unwrap().to_json()).unwrap();
        for _ in 0..24 {
            let mut changed = whole.clone();
            for _ in 0..=random.below(3) {
                let with = serde_json::from_str(ODD[random.below(ODD.len() as u64) as usize]).unwrap();
                let mut at = random.below(150) as usize;
                replace(&mut changed, &mut at, &with);
            }
            fuzz::scenario(changed.to_string().as_bytes());
        }
    }
}
