//! The order of the tests, and what sockets they use.

use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::discovery::{Discovery, Options, Procedure};
use icelens::nat::{Classic, Pooling, Test, Verdict};
use icelens::net;
use icelens::sim::{
    Link, NatSpec, Place, PoolChoice, PortChoice, Preset, Translation, Unsolicited, World, client_options,
};

use super::{OTHER, discover, good, options, run, server};

#[test]
fn not_like_those_that_test_mapping_first_on_the_same_socket() {
    // stunserver#18, EasyTier: contaminated filters look open. Filters per endpoint are the hardest case.
    for procedure in [Procedure::Rfc5780, Procedure::Rfc3489] {
        for sockets in [1, 2, 3, 11] {
            for mapping in Behaviour::ALL {
                for filtering in Behaviour::ALL {
                    let spec = NatSpec {
                        filter_scope: icelens::nat::FilterScope::Endpoint,
                        ..NatSpec::new(mapping, filtering)
                    };
                    let path = discover(spec, good(), Options { procedure, ..options(sockets) });
                    let what = format!("{procedure:?} {sockets} sockets {mapping}/{filtering}");
                    assert_eq!(path.filtering.value, Verdict::Is(filtering), "{what}: {}", path.filtering.why);
                }
            }
        }
    }
}

#[test]
fn not_like_natcheck_which_compares_two_sockets() {
    // A fresh socket per probe always gets another port: no sign of destination-dependent mapping.
    for ports in [PortChoice::Random, PortChoice::Sequential(1)] {
        let spec = NatSpec { ports, ..NatSpec::new(EndpointIndependent, AddressDependent) };
        assert_eq!(discover(spec, good(), options(11)).mapping.value, Verdict::Is(EndpointIndependent));
    }
}

#[test]
fn not_like_pystun_which_sends_test_iii_to_the_other_address() {
    // pystun#14: every port-restricted NAT looked restricted.
    let classic = Options { procedure: Procedure::Rfc3489, ..options(1) };
    let path = discover(NatSpec::new(EndpointIndependent, AddressAndPortDependent), good(), classic);
    assert_eq!(path.classic, Classic::PortRestrictedCone);
}

#[test]
fn not_like_the_classic_tree_which_calls_open_filters_full_cone() {
    // netch#504: destination-dependent mapping with an open filter has no classic name.
    for procedure in [Procedure::Rfc5780, Procedure::Rfc3489] {
        let spec = NatSpec::new(AddressAndPortDependent, EndpointIndependent);
        let (report, _) = run(spec, good(), Options { procedure, ..options(1) }, 0.0, Duration::from_secs(120));
        assert_eq!(report.paths[0].classic, Classic::Symmetric);
        assert!(
            procedure == Procedure::Rfc3489 || report.warnings.iter().any(|warning| warning.code == "no-classic-name")
        );
    }
}

#[test]
fn not_like_those_that_compare_with_0_0_0_0() {
    // pion, pystun3, coturn: no NAT is never found because the local address is not known.
    for (filtering, classic) in
        [(EndpointIndependent, Classic::Open), (AddressAndPortDependent, Classic::SymmetricFirewall)]
    {
        let spec = NatSpec { translation: Translation::None, ..NatSpec::new(EndpointIndependent, filtering) };
        let options = client_options("192.0.2.77".parse().unwrap(), server(), 3, 1);
        assert_eq!(discover(spec, good(), options).classic, classic);
    }
}

#[test]
fn not_like_natcheck_where_the_mapped_address_shows_a_carrier_nat() {
    // natcheck looks for 100.64/10 in what servers see, which they never see. A base there is the mark.
    let options = client_options("100.64.7.7".parse().unwrap(), server(), 3, 1);
    let spec = NatSpec::preset(Preset::CarrierGrade);
    let (report, _) = run(spec, good(), options, 0.0, Duration::from_secs(60));
    assert!(report.warnings.iter().any(|warning| warning.code == "carrier-nat-or-overlay"));
}

#[test]
fn not_like_tailscale_before_12205_hairpin_is_asked_for_only() {
    let path = discover(NatSpec::default(), good(), options(3));
    assert_eq!((path.hairpin.value, path.hairpin.code), (Verdict::Unknown, "untested"));
}

#[test]
fn several_exits_are_not_a_symmetric_nat() {
    // EasyTier, webrtcHacks: more than one address => symmetric. Two ways out, each keeping its mapping:
    let pool = vec!["203.0.113.5".parse().unwrap(), "203.0.113.6".parse().unwrap()];
    let spec = NatSpec {
        pool,
        pooling: PoolChoice::PerDestination,
        ports: PortChoice::PreserveElseRandom,
        ..NatSpec::new(EndpointIndependent, AddressDependent)
    };
    let (report, _) = run(spec, good(), options(11), 0.0, Duration::from_secs(60));
    let path = &report.paths[0];
    assert!(!matches!(path.classic, Classic::Symmetric), "{:?}: {}", path.classic, path.mapping.why);
    assert_eq!(path.exits.len(), 2);
    assert_eq!(path.pooling.value, Verdict::Is(Pooling::Arbitrary));
    assert!(report.warnings.iter().any(|warning| warning.code == "several-exits"));
}

#[test]
fn a_mapping_replaced_during_the_test_is_said() {
    // pystun and others: a slow test on a NAT with short timers looks symmetric.
    let spec = NatSpec {
        reboots_every: Some(Duration::from_millis(2500)),
        ..NatSpec::new(EndpointIndependent, AddressAndPortDependent)
    };
    let (report, _) = run(spec, good(), options(1), 0.0, Duration::from_secs(120));
    let path = &report.paths[0];
    assert_eq!(path.mapping.value, Verdict::Inconsistent, "{}", path.mapping.why);
    assert!(
        path.mapping.why.contains("replaced") || path.mapping.why.contains("not always behave"),
        "{}",
        path.mapping.why
    );
}

#[test]
fn not_like_go_stun_a_silent_server_costs_seconds() {
    // ccding/go-stun#53 complained of 22 s.
    let spec = NatSpec::preset(Preset::UdpBlocked);
    let (report, time) = run(spec, good(), options(11), 0.0, Duration::from_secs(60));
    assert!(time < Duration::from_secs(7), "{time:?}");
    assert_eq!(report.paths[0].mapping.code, "no-answer");
    // Without word from TCP it may as well be a dead network.
    assert_eq!(report.paths[0].classic, Classic::Unknown);
    let mut seen = world_observations(NatSpec::preset(Preset::UdpBlocked));
    let mut tcp = icelens::nat::Observation::binding(seen[0].base.clone(), server().into(), server());
    tcp.test = Test::Tcp;
    seen.push(tcp);
    assert_eq!(icelens::nat::infer(&seen).paths[0].classic, Classic::Blocked);
}

fn world_observations(spec: NatSpec) -> Vec<icelens::nat::Observation> {
    let mut world = World::new(3);
    let sim = good();
    world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
    let nat = world.add_nat(Place::Internet, spec, Link::default());
    let client = world.add_discovery(Place::Behind(nat), options(3), Link::default());
    world.run(Duration::from_secs(60));
    world.discovery(client).unwrap().observations().to_vec()
}

#[test]
fn first_verdicts_come_quickly() {
    let (_, time) = run(
        NatSpec::new(EndpointIndependent, AddressAndPortDependent),
        good(),
        options(11),
        0.0,
        Duration::from_secs(60),
    );
    assert!(time < Duration::from_secs(6), "{time:?}");
    let mut world = World::new(3);
    let sim = good();
    world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
    let nat = world.add_nat(Place::Internet, NatSpec::new(AddressDependent, AddressAndPortDependent), Link::default());
    let client = world.add_discovery(Place::Behind(nat), options(3), Link::default());
    world.run(Duration::from_millis(900));
    let report = world.discovery(client).unwrap().report();
    assert_eq!(report.paths[0].mapping.value, Verdict::Is(AddressDependent), "mapping within 0.9 s");
}

#[test]
fn at_most_about_ten_transactions_start_per_second() {
    let mut starts: Vec<Duration> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut client = Discovery::new(options(11));
    let mut now = Duration::ZERO;
    // Nothing is answered but the first tests, so that every lane runs.
    let mut sim = icelens::nat::StunServer::new(icelens::nat::ServerOptions::new(server(), OTHER.parse().ok()));
    while let Some(due) = client.poll_timeout() {
        now = now.max(due);
        client.timeout(now);
        while let Some(packet) = client.poll_transmit() {
            if seen.insert(packet.bytes[4..20].to_vec()) {
                starts.push(now);
            }
            sim.receive(now, &net::Datagram::udp(packet.remote, packet.local, packet.bytes));
            while let Some(answer) = sim.poll_transmit() {
                client.receive(now, &net::Datagram::udp(answer.remote, answer.local, answer.bytes));
            }
        }
    }
    for (at, start) in starts.iter().enumerate() {
        let within = starts[at..].iter().filter(|other| **other < *start + Duration::from_secs(1)).count();
        assert!(within <= 12, "{within} within the second from {start:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| {
        let mut world = World::new(seed);
        world.record();
        let sim = good();
        world.add_host(Place::Internet, sim.addresses(), Link::lossy(0.1), sim.into());
        let spec = NatSpec { unsolicited: Unsolicited::IcmpUnreachable, ..NatSpec::preset(Preset::MobileHard) };
        let nat = world.add_nat(Place::Internet, spec, Link::lossy(0.1));
        world.add_discovery(Place::Behind(nat), options(5), Link::default());
        world.run(Duration::from_secs(60));
        format!("{:?}", world.trace())
    };
    assert_eq!(trace(1), trace(1));
    assert_ne!(trace(1), trace(2));
}
