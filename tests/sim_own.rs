//! Programs of the caller's own among the hosts of a simulation.

use core::time::Duration;
use icelens::sim::{Arrival, Scenario, Simulation};

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

#[test]
fn what_is_no_datagram_is_refused() {
    let mut simulation = Simulation::new(&Scenario::from_json(SCENARIO).unwrap()).unwrap();
    let mut send = |local: &str, remote: &str, length: usize| {
        let sent = simulation.send_from("client", local.parse().unwrap(), remote.parse().unwrap(), vec![0; length]);
        sent.err().map(|error| error.message).unwrap_or_default()
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
        sent.unwrap_err().message
    };
    assert_eq!(send("nobody", "10.0.0.2:1"), "no host called nobody runs a program of your own");
    assert_eq!(send("stun", "192.0.2.2:1"), "no host called stun runs a program of your own");
    assert_eq!(send("client", "10.0.0.3:1"), "10.0.0.3 is no address of client");
}
