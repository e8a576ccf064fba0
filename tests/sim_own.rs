//! Programs of the caller's own among the hosts of a simulation.

use core::time::Duration;
use icelens::sim::{Arrival, Cause, MAX_AT_ONCE, Scenario, Simulation};

const SCENARIO: &str = r#"{
  "until": 5000,
  "networks": [{ "name": "home", "nat": { "classic": "port restricted cone" } }],
  "hosts": [
    { "name": "server", "addresses": ["192.0.2.1"], "run": { "kind": "own" } },
    { "name": "client", "network": "home", "addresses": ["10.0.0.2"], "run": { "kind": "own" } },
    { "name": "stun", "addresses": ["192.0.2.2"], "run": { "kind": "stun" } }
  ]
}"#;

#[test]
fn a_datagram_goes_through_the_nat_and_back_and_a_program_is_woken() {
    let mut simulation = Simulation::new(&Scenario::from_json(SCENARIO).unwrap()).unwrap();
    let end = Duration::from_secs(5);
    let (local, remote) = ("10.0.0.2:4000".parse().unwrap(), "192.0.2.1:5000".parse().unwrap());
    simulation.send_from("client", local, remote, b"hello".to_vec()).unwrap();
    assert!(simulation.run_until_arrival(end));
    let Some((host, Arrival::Datagram { local: at, remote: from, bytes })) = simulation.arrival() else {
        panic!("nothing arrived")
    };
    assert_eq!((host.as_str(), at, bytes.as_slice()), ("server", remote, b"hello".as_slice()));
    assert_ne!(from, local, "the NAT's address");
    simulation.send_from("server", at, from, bytes).unwrap();
    assert!(simulation.run_until_arrival(end));
    assert!(matches!(simulation.arrival(), Some((host, Arrival::Datagram { .. })) if host == "client"));
    simulation.wake_at("client", Duration::from_secs(2)).unwrap();
    assert!(simulation.run_until_arrival(end));
    assert_eq!(simulation.now(), Duration::from_secs(2));
    assert_eq!(simulation.arrival(), Some(("client".into(), Arrival::Timeout)));
    assert_eq!(simulation.arrival(), None);
    assert!(!simulation.run_until_arrival(end));
    assert_eq!(simulation.now(), end);
}

/// A program that has itself woken at once again and again, and two that answer each other over links without delay.
#[test]
fn time_that_stands_still_ends_the_run_and_is_told() {
    let ended = |simulation: &Simulation| {
        let result = simulation.result();
        let at = simulation.now();
        assert_eq!(result.causes.last(), Some(&Cause::TooManyAtOnce { at }));
        assert!(
            result.why().ends_with(&format!("{MAX_AT_ONCE} steps at one instant are the limit")),
            "{}",
            result.why()
        );
    };
    let mut simulation = Simulation::new(&Scenario::from_json(SCENARIO).unwrap()).unwrap();
    simulation.wake_at("client", Duration::from_millis(5)).unwrap();
    while simulation.run_until_arrival(Duration::from_secs(5)) {
        assert!(simulation.arrival().is_some());
        simulation.wake_at("client", Duration::ZERO).unwrap();
    }
    ended(&simulation);

    let near = r#"{ "addresses": ["192.0.2.NN"], "name": "NN", "run": { "kind": "own" }, "link": { "latency": 0 } }"#;
    let hosts = ["1", "2"].map(|name| near.replace("NN", name)).join(",");
    let scenario = Scenario::from_json(&format!(r#"{{ "hosts": [{hosts}] }}"#)).unwrap();
    let mut simulation = Simulation::untraced(&scenario).unwrap();
    simulation.send_from("1", "192.0.2.1:1".parse().unwrap(), "192.0.2.2:2".parse().unwrap(), vec![1]).unwrap();
    while simulation.run_until_arrival(Duration::from_secs(5)) {
        let Some((host, Arrival::Datagram { local, remote, bytes })) = simulation.arrival() else { panic!() };
        simulation.send_from(&host, local, remote, bytes).unwrap();
    }
    ended(&simulation);
}

#[test]
fn what_is_no_datagram_is_refused() {
    let mut simulation = Simulation::new(&Scenario::from_json(SCENARIO).unwrap()).unwrap();
    let mut send = |local: &str, remote: &str, length: usize| {
        let sent = simulation.send_from("client", local.parse().unwrap(), remote.parse().unwrap(), vec![0; length]);
        sent.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(send("10.0.0.2:1", "192.0.2.1:1", 65_507), "");
    assert_eq!(send("10.0.0.2:1", "192.0.2.1:1", 65_508), "bytes: 65508, but a UDP datagram carries 65507 at most");
    assert_eq!(send("10.0.0.2:0", "192.0.2.1:1", 1), "local: 10.0.0.2:0 has port 0, which no datagram can have");
    assert_eq!(send("10.0.0.2:1", "192.0.2.1:0", 1), "remote: 192.0.2.1:0 has port 0, which no datagram can have");
    assert_eq!(
        send("10.0.0.2:1", "[2001:db8::1]:1", 1),
        "remote: [2001:db8::1]:1 is of another version of IP than 10.0.0.2:1"
    );
}

#[test]
fn what_is_no_own_program_is_told() {
    let mut simulation = Simulation::new(&Scenario::from_json(SCENARIO).unwrap()).unwrap();
    let mut send = |host: &str, local: &str| {
        let sent = simulation.send_from(host, local.parse().unwrap(), "192.0.2.1:1".parse().unwrap(), Vec::new());
        sent.unwrap_err().to_string()
    };
    assert_eq!(send("nobody", "10.0.0.2:1"), "no host called nobody runs a program of your own");
    assert_eq!(send("stun", "192.0.2.2:1"), "no host called stun runs a program of your own");
    assert_eq!(send("client", "10.0.0.3:1"), "10.0.0.3 is not an address of client");
}
