//! The procedures in simulated networks: servers that misbehave, loss of chosen packets, timers, hairpin and the rest.
//! Tests named `not_like_…` hold a defect of another tool that icelens must not share.
#![cfg(feature = "sim")]

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::discovery::{Discovery, Options, Procedure};
use icelens::nat::{Axis, Classic, NatReport, Path, Pooling, PortAllocation, Test, Verdict};
use icelens::net;
use icelens::sim::{
    Burst, Fragments, Hairpin, Link, NatDevice, NatSpec, Packet, Place, PoolChoice, PortChoice, Preset, Quirk, Side,
    SimServer, Translation, Unsolicited, World, client_options,
};

const SERVER: &str = "198.51.100.1:3478";
const OTHER: &str = "198.51.100.2:3479";

fn server() -> SocketAddr {
    SERVER.parse().unwrap()
}

fn options(sockets: usize) -> Options {
    client_options("10.0.0.2".parse().unwrap(), server(), sockets, 1)
}

/// One NAT, one server, one client; loss on the NAT's link.
fn run(spec: NatSpec, sim: SimServer, options: Options, loss: f64, limit: Duration) -> (NatReport, Duration) {
    let mut world = World::new(3);
    world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
    let nat = world.add_nat(Place::Internet, spec, Link::lossy(loss));
    let client = world.add_discovery(Place::Behind(nat), options, Link::default());
    while !world.discovery(client).unwrap().is_finished() {
        assert!(world.step(limit), "not finished within {limit:?}");
    }
    (world.discovery(client).unwrap().report(), world.now())
}

fn discover(spec: NatSpec, sim: SimServer, options: Options) -> Path {
    let (report, _) = run(spec, sim, options, 0.0, Duration::from_secs(120));
    report.paths.into_iter().next().unwrap()
}

fn good() -> SimServer {
    SimServer::new(server(), OTHER.parse().ok())
}

fn quirky(quirk: Quirk) -> SimServer {
    SimServer::with_quirk(server(), OTHER.parse().ok(), quirk)
}

fn unknown(axis: &Axis<Behaviour>, code: &str, says: &str) {
    assert_eq!(axis.value, Verdict::Unknown, "{}", axis.why);
    assert_eq!(axis.code, code, "{}", axis.why);
    assert!(axis.why.contains(says), "{}", axis.why);
    assert!(axis.confidence < f64::EPSILON);
}

/// Every kind of NAT behind a server with a quirk: the code and the words of its filtering.
fn filtering_unknown_for_all(quirk: impl Fn() -> SimServer, code: &str, says: &str) {
    for procedure in [Procedure::Rfc5780, Procedure::Rfc3489] {
        for mapping in Behaviour::ALL {
            for filtering in [AddressDependent, AddressAndPortDependent] {
                let options = Options { procedure, ..options(3) };
                let path = discover(NatSpec::new(mapping, filtering), quirk(), options);
                unknown(&path.filtering, code, says);
            }
        }
    }
}

// ------------------------------------------------------------------------------------------- servers that can't tell

#[test]
fn not_like_those_that_take_google_for_full_cone() {
    // proxystore#776, pystun3, stuntman: any answer to CHANGE-REQUEST counted.
    filtering_unknown_for_all(|| quirky(Quirk::IgnoresChange), "change-request-ignored", "ignores CHANGE-REQUEST");
}

#[test]
fn not_like_coturns_client_which_takes_a_420_for_an_open_filter() {
    filtering_unknown_for_all(|| quirky(Quirk::RefusesChange), "change-request-refused", "error 420");
}

#[test]
fn a_server_with_one_address_says_so() {
    filtering_unknown_for_all(|| SimServer::new(server(), None), "no-other-address", "names no other address");
    let path = discover(NatSpec::new(AddressDependent, AddressDependent), SimServer::new(server(), None), options(3));
    unknown(&path.mapping, "one-destination", "two servers");
}

#[test]
fn an_alternate_that_does_not_work_is_not_a_filter() {
    let unreachable = || quirky(Quirk::OtherUnreachable);
    let path = discover(NatSpec::new(EndpointIndependent, EndpointIndependent), unreachable(), options(3));
    // The primary's other port did come in, so only EIF and ADF are left.
    let left = vec![EndpointIndependent, AddressDependent];
    assert_eq!(path.filtering.value, Verdict::Ambiguous(left), "{}", path.filtering.why);
    assert!(path.filtering.why.contains("did not answer a plain request either"), "{}", path.filtering.why);
    assert_eq!(path.classic, Classic::Unknown, "mapping has been compared on one address only");
    // RFC 3489's tree has no branch for a silent Test I'; some call it symmetric (nat-type-identifier#10).
    let classic = Options { procedure: Procedure::Rfc3489, ..options(1) };
    let path = discover(NatSpec::new(EndpointIndependent, AddressDependent), unreachable(), classic);
    assert!(!matches!(path.classic, Classic::Symmetric | Classic::FullCone), "{:?}", path.classic);
}

#[test]
fn a_pool_of_servers_is_recognised() {
    let third = "198.51.100.3:3480".parse().unwrap();
    let (report, _) = run(
        NatSpec::new(EndpointIndependent, AddressAndPortDependent),
        quirky(Quirk::Pool(third)),
        options(3),
        0.0,
        Duration::from_secs(120),
    );
    unknown(&report.paths[0].filtering, "server-pool", "load-balanced pool");
    assert!(report.warnings.iter().any(|warning| warning.code == "server-pool"));
}

#[test]
fn not_like_those_that_believe_any_other_address() {
    // always-online-stun#16: OTHER-ADDRESS with the same IP, or a private one behind a NAT.
    for wrong in ["10.9.9.9:3479", "127.0.0.1:3479"] {
        let sim = SimServer::new(server(), wrong.parse().ok());
        let path = discover(NatSpec::new(AddressDependent, AddressDependent), sim, options(3));
        unknown(&path.filtering, "other-address-unusable", "can't be used");
        unknown(&path.mapping, "one-destination", "two servers");
    }
}

#[test]
fn further_servers_tell_mapping_where_the_first_can_not() {
    for mapping in [EndpointIndependent, AddressAndPortDependent] {
        let mut world = World::new(3);
        let others: Vec<SocketAddr> = vec!["198.51.100.7:3478".parse().unwrap(), "198.51.100.7:3479".parse().unwrap()];
        // The second host answers on whatever port is asked.
        for primary in [server(), others[0]] {
            let sim = SimServer::new(primary, None);
            world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
        }
        let nat = world.add_nat(Place::Internet, NatSpec::new(mapping, AddressDependent), Link::default());
        let options = Options { others, ..options(3) };
        let client = world.add_discovery(Place::Behind(nat), options, Link::default());
        world.run(Duration::from_secs(60));
        let report = world.discovery(client).unwrap().report();
        let value = &report.paths[0].mapping.value;
        assert_eq!(*value, Verdict::Is(mapping), "{}", report.paths[0].mapping.why);
    }
}

// -------------------------------------------------------------------------------------------------------------- loss

/// Runs a discovery by hand against a NAT and a server, with a say on each packet's fate.
fn by_hand(
    spec: NatSpec,
    options: Options,
    mut lost: impl FnMut(&net::Datagram, bool) -> bool,
    mut meddle: impl FnMut(&mut Discovery, Duration, &net::Datagram),
) -> NatReport {
    let mut spec = spec;
    if spec.pool.is_empty() {
        spec.pool.push("203.0.113.5".parse().unwrap());
    }
    let mut nat = NatDevice::new(spec, 9);
    let mut sim = icelens::nat::StunServer::new(icelens::nat::ServerOptions::new(server(), OTHER.parse().ok()));
    let mut client = Discovery::new(options);
    let mut now = Duration::ZERO;
    while let Some(due) = client.poll_timeout() {
        now = now.max(due);
        client.timeout(now);
        while let Some(packet) = client.poll_transmit() {
            if lost(&packet, true) {
                continue;
            }
            let sent = Packet::udp(packet.local, packet.remote, packet.bytes);
            let (_, Some((Side::Outside, sent)), _) = nat.handle(now, Side::Inside, sent) else { continue };
            sim.receive(now, &net::Datagram::udp(sent.destination, sent.source, sent.bytes));
            while let Some(answer) = sim.poll_transmit() {
                let answer = Packet::udp(answer.local, answer.remote, answer.bytes);
                let (_, Some((Side::Inside, answer)), _) = nat.handle(now, Side::Outside, answer) else { continue };
                let answer = net::Datagram::udp(answer.destination, answer.source, answer.bytes);
                if !lost(&answer, false) {
                    meddle(&mut client, now, &answer);
                    client.receive(now, &answer);
                }
            }
        }
    }
    client.report()
}

#[test]
fn not_like_those_that_take_one_lost_packet_for_an_answer() {
    // coturn and pion send once; NatTypeTester too: a lost Test II or III gives a stricter filter, or EIM.
    for mapping in Behaviour::ALL {
        for filtering in Behaviour::ALL {
            for n in 0..40 {
                let mut count = 0;
                let lose_nth = |_: &net::Datagram, _| {
                    count += 1;
                    count - 1 == n
                };
                let report = by_hand(NatSpec::new(mapping, filtering), options(3), lose_nth, |_, _, _| {});
                let path = &report.paths[0];
                assert_eq!(path.mapping.value, Verdict::Is(mapping), "packet {n} lost: {}", path.mapping.why);
                assert_eq!(path.filtering.value, Verdict::Is(filtering), "packet {n} lost: {}", path.filtering.why);
            }
        }
    }
}

#[test]
fn not_like_coturns_client_which_reports_eim_when_test_ii_is_silent() {
    // The other address never answers plain requests: the previous answer must not stand in for the missing one.
    let other: SocketAddr = OTHER.parse().unwrap();
    for mapping in Behaviour::ALL {
        let silent = |packet: &net::Datagram, out| out && packet.remote.ip() == other.ip();
        let report = by_hand(NatSpec::new(mapping, EndpointIndependent), options(3), silent, |_, _, _| {});
        let value = &report.paths[0].mapping.value;
        assert!(!matches!(value, Verdict::Is(EndpointIndependent | AddressDependent)), "{value:?}");
    }
}

#[test]
fn not_like_pion_where_a_late_answer_satisfies_the_next_test() {
    // Every answer comes twice, the second time after the next request went out.
    let mut held: Vec<net::Datagram> = Vec::new();
    for filtering in Behaviour::ALL {
        let spec = NatSpec::new(AddressAndPortDependent, filtering);
        let report = by_hand(
            spec,
            options(1),
            |_, _| false,
            |client, now, answer| {
                held.push(answer.clone());
                if held.len() > 1 {
                    let late = held.remove(0);
                    client.receive(now, &late);
                }
            },
        );
        assert_eq!(report.paths[0].filtering.value, Verdict::Is(filtering), "{}", report.paths[0].filtering.why);
        assert_eq!(report.paths[0].mapping.value, Verdict::Is(AddressAndPortDependent));
        held.clear();
    }
}

#[test]
fn answers_without_our_transaction_id_are_ignored() {
    // A forged answer from a stranger would show an open filter; NetPanel#106 checks no id, captive portals answer anything.
    let spec = NatSpec::new(EndpointIndependent, AddressAndPortDependent);
    let report = by_hand(
        spec,
        options(3),
        |_, _| false,
        |client, now, answer| {
            let mut forged = answer.clone();
            forged.remote = "198.51.100.66:7777".parse().unwrap();
            forged.bytes[10] ^= 0xff;
            client.receive(now, &forged);
            client.receive(now, &net::Datagram { bytes: b"HTTP/1.1 302 Found\r\n".to_vec(), ..answer.clone() });
            client.receive(now, &net::Datagram { bytes: Vec::new(), ..answer.clone() });
        },
    );
    assert_eq!(report.paths[0].classic, Classic::PortRestrictedCone);
}

#[test]
fn a_path_that_dies_in_the_middle_gives_no_filter() {
    // Everything is lost after the first answers: silence is no observation without a sign of life afterwards.
    let mut count = 0;
    let dies = |_: &net::Datagram, _| {
        count += 1;
        count > 16
    };
    let report = by_hand(NatSpec::new(EndpointIndependent, EndpointIndependent), options(1), dies, |_, _, _| {});
    assert!(!matches!(report.paths[0].filtering.value, Verdict::Is(AddressDependent | AddressAndPortDependent)));
}

#[test]
fn bursts_of_loss_never_give_a_wrong_value() {
    let link = Link { burst: Some(Burst { begins: 0.05, ends: 0.2 }), ..Link::default() };
    for mapping in Behaviour::ALL {
        for filtering in Behaviour::ALL {
            for seed in 0..8 {
                let mut world = World::new(seed);
                let sim = good();
                world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
                let nat = world.add_nat(Place::Internet, NatSpec::new(mapping, filtering), link.clone());
                let client = world.add_discovery(Place::Behind(nat), options(3), Link::default());
                world.run(Duration::from_secs(300));
                let report = world.discovery(client).unwrap().report();
                let path = &report.paths[0];
                for (axis, truth) in [(&path.mapping, mapping), (&path.filtering, filtering)] {
                    let wrong = axis.value().is_some_and(|value| *value != truth);
                    assert!(!wrong, "{mapping}/{filtering} seed {seed}: {:?} {}", axis.value, axis.why);
                }
            }
        }
    }
}

#[test]
fn reordering_jitter_and_duplicates_change_nothing() {
    let jitter = Duration::from_millis(80);
    let link = Link { jitter, reorder: 0.3, duplicate: 0.3, hold: Duration::from_millis(400), ..Link::default() };
    for mapping in Behaviour::ALL {
        for filtering in Behaviour::ALL {
            let mut world = World::new(4);
            let sim = good();
            world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
            let nat = world.add_nat(Place::Internet, NatSpec::new(mapping, filtering), link.clone());
            let client = world.add_discovery(Place::Behind(nat), options(3), Link::default());
            world.run(Duration::from_secs(300));
            let path = &world.discovery(client).unwrap().report().paths[0];
            assert_eq!(path.mapping.value, Verdict::Is(mapping));
            assert_eq!(path.filtering.value, Verdict::Is(filtering), "{}", path.filtering.why);
        }
    }
}

// ------------------------------------------------------------------------------------------------- order and sockets

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

// -------------------------------------------------------------------------------------------------------------- axes

#[test]
fn port_allocation_is_recognised() {
    let allocation = |ports, seed| {
        let spec = NatSpec { ports, ..NatSpec::new(EndpointIndependent, AddressDependent) };
        let options = client_options("10.0.0.2".parse().unwrap(), server(), 14, seed);
        discover(spec, good(), options)
    };
    for seed in 0..10 {
        let value = |ports| allocation(ports, seed).ports.value;
        assert_eq!(value(PortChoice::PreserveElseRandom), Verdict::Is(PortAllocation::Preserved));
        assert_eq!(value(PortChoice::Sequential(1)), Verdict::Is(PortAllocation::Sequential));
        assert_eq!(value(PortChoice::Random), Verdict::Is(PortAllocation::Random));
        assert_eq!(value(PortChoice::RandomInBlock(1024)), Verdict::Is(PortAllocation::Block));
    }
    for step in [-2_i16, 1, 3] {
        assert_eq!(allocation(PortChoice::Sequential(step), 0).port_figures.delta, Some(i32::from(step)));
    }
}

#[test]
fn hairpin_is_found_in_both_forms_and_its_absence_too() {
    for (hairpin, found) in [(Hairpin::ExternalSource, true), (Hairpin::InternalSource, true), (Hairpin::None, false)] {
        for filtering in Behaviour::ALL {
            let mut options = options(3);
            options.tests.hairpin = true;
            let spec = NatSpec { hairpin, ..NatSpec::new(EndpointIndependent, filtering) };
            let path = discover(spec, good(), options);
            assert_eq!(path.hairpin.value, Verdict::Is(found), "{hairpin:?} {filtering}: {}", path.hairpin.why);
            let internal = path.hairpin.why.contains("internal address");
            assert_eq!(internal, hairpin == Hairpin::InternalSource, "{}", path.hairpin.why);
        }
    }
}

#[test]
fn an_alg_is_found_by_what_it_rewrites() {
    for alg in [true, false] {
        let path = discover(NatSpec { alg, ..NatSpec::default() }, good(), options(3));
        assert_eq!(path.alg.value, Verdict::Is(alg), "{}", path.alg.why);
        // XOR-MAPPED-ADDRESS is out of its reach, so the verdicts stand.
        assert_eq!(path.classic, Classic::RestrictedCone);
    }
}

#[test]
fn fragments_that_do_not_pass_are_found() {
    for (fragments, pass) in [(Fragments::Pass, true), (Fragments::Drop, false)] {
        let mut options = options(3);
        options.tests.fragments = true;
        let path = discover(NatSpec { fragments, ..NatSpec::default() }, good(), options);
        assert_eq!(path.fragments.value, Verdict::Is(pass), "{}", path.fragments.why);
    }
}

#[test]
fn early_packets_of_a_peer_can_turn_linux_symmetric() {
    // ruby-no-kai/rubykaigi-net#192, n2n#115: an unsolicited packet takes the tuple, and the host's own gets another port.
    let peer: SocketAddr = "198.51.100.9:9000".parse().unwrap();
    for (preset, same) in [(Preset::LinuxMasquerade, true), (Preset::LinuxMasqueradeOpenInput, false)] {
        let mut spec = NatSpec::preset(preset);
        spec.pool.push("203.0.113.5".parse().unwrap());
        let mut nat = NatDevice::new(spec, 1);
        let base = "10.0.0.2:5000".parse().unwrap();
        let out = |nat: &mut NatDevice, to| {
            nat.handle(Duration::ZERO, Side::Inside, Packet::udp(base, to, vec![])).1.unwrap().1.source
        };
        let mapped = out(&mut nat, server());
        let _ = nat.handle(Duration::ZERO, Side::Outside, Packet::udp(peer, mapped, vec![]));
        assert_eq!(out(&mut nat, peer) == mapped, same, "{preset:?}");
    }
}

// ---------------------------------------------------------------------------------------------------------- lifetime

fn lifetime(spec: NatSpec, sim: SimServer, loss: f64, longest: u64) -> (Path, Duration) {
    let mut options = options(4);
    options.tests =
        icelens::nat::discovery::Tests { mapping: false, filtering: false, lifetime: true, ..Default::default() };
    options.longest_lifetime = Duration::from_secs(longest);
    let (report, time) = run(spec, sim, options, loss, Duration::from_secs(86_400));
    (report.paths.into_iter().next().unwrap(), time)
}

fn with_timer(seconds: u64, refresh_in: bool) -> NatSpec {
    let mut spec = NatSpec::new(EndpointIndependent, AddressAndPortDependent);
    spec.timers.udp_unreplied = Duration::from_secs(seconds);
    spec.timers.udp_replied = Duration::from_secs(seconds);
    spec.timers.refresh_in = refresh_in;
    spec
}

#[test]
fn lifetimes_are_found_within_five_percent() {
    for seconds in [30, 120, 300] {
        for refresh_in in [false, true] {
            for loss in [0.0, 0.05, 0.2] {
                let (path, time) = lifetime(with_timer(seconds, refresh_in), good(), loss, 86_400);
                let Verdict::Is(found) = path.lifetime.value else { panic!("{seconds} s: {}", path.lifetime.why) };
                let truth = seconds as f64;
                assert!((found - truth).abs() <= truth * 0.05, "{found} for {truth}, loss {loss}");
                assert!(path.alive_after.unwrap() <= truth + 0.1 && path.dead_after.unwrap() >= truth - 0.1);
                assert!(time < Duration::from_secs(seconds * 14 + 120), "{time:?} for {seconds} s");
            }
        }
    }
}

#[test]
fn a_day_of_searching_says_how_long_the_mapping_lived() {
    let (path, time) = lifetime(with_timer(1_000_000, true), good(), 0.0, 20_000);
    assert_eq!((path.lifetime.value, path.lifetime.code), (Verdict::Unknown, "alive-at-the-end"));
    assert!(path.alive_after.unwrap() >= 20_000.0 && time < Duration::from_secs(86_400));
}

#[test]
fn a_server_that_does_not_do_response_port_is_no_short_lifetime() {
    let (path, _) = lifetime(with_timer(120, true), quirky(Quirk::IgnoresResponsePort), 0.0, 600);
    assert_eq!(path.lifetime.value, Verdict::Unknown, "{}", path.lifetime.why);
    assert!(path.lifetime.why.contains("RESPONSE-PORT"), "{}", path.lifetime.why);
}

// ------------------------------------------------------------------------------------------------------- determinism

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
