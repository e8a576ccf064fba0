//! Lost, late, doubled and forged packets.

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::discovery::{Discovery, Options};
use icelens::nat::{Classic, NatReport, Verdict};
use icelens::net;
use icelens::sim::{Burst, Link, NatDevice, NatSpec, Packet, Place, Side, World};

use super::{OTHER, good, options, server};

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
    // Everything is lost after the first answers: silence is not an observation without a sign of life afterwards.
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
