//! The NAT device by itself: every parameter does what it says, and every decision names its reason.
#![cfg(feature = "sim")]

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::FilterScope;
use icelens::sim::{
    Direction, Fragments, Hairpin, NatDevice, NatSpec, Packet, PoolChoice, PortChoice, Preset, Protocol, Reason, Side,
    Translation, Unsolicited,
};

const OUTER: &str = "203.0.113.5";
const HOST: &str = "10.0.0.2:5000";
const A: &str = "198.51.100.1:3478";
const A_OTHER_PORT: &str = "198.51.100.1:3479";
const B: &str = "198.51.100.2:3478";

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

struct Lab {
    nat: NatDevice,
    now: Duration,
}

impl Lab {
    fn new(spec: NatSpec) -> Self {
        let mut spec = spec;
        if spec.pool.is_empty() && spec.translation != Translation::None {
            spec.pool.push(OUTER.parse().unwrap());
        }
        Self { nat: NatDevice::new(spec, 1), now: Duration::ZERO }
    }

    fn handle(&mut self, side: Side, packet: Packet) -> (Reason, Option<Packet>, Option<Packet>) {
        let before = (packet.source, packet.destination);
        let (decision, sent, reply) = self.nat.handle(self.now, side, packet);
        assert_eq!(decision.before, before);
        assert_eq!(decision.after, sent.as_ref().map(|(_, packet)| (packet.source, packet.destination)));
        assert_eq!(decision.reason.passes(), sent.is_some(), "{}", decision.reason);
        assert!(!decision.reason.to_string().is_empty());
        let hairpin = decision.direction == Direction::Hairpin;
        assert!(sent.as_ref().is_none_or(|(to, _)| (*to == side) == hairpin));
        (decision.reason, sent.map(|(_, packet)| packet), reply)
    }

    /// A packet from inside; the external address it leaves with.
    fn out(&mut self, from: &str, to: &str) -> Result<SocketAddr, Reason> {
        let (reason, sent, _) = self.handle(Side::Inside, Packet::udp(at(from), at(to), vec![]));
        sent.map(|packet| packet.source).ok_or(reason)
    }

    /// A packet from outside to an external address; the internal address that gets it.
    fn come(&mut self, from: &str, to: SocketAddr) -> Result<SocketAddr, Reason> {
        let (reason, sent, _) = self.handle(Side::Outside, Packet::udp(at(from), to, vec![]));
        sent.map(|packet| packet.destination).ok_or(reason)
    }

    fn wait(&mut self, time: u64) {
        self.now += seconds(time);
    }
}

#[test]
fn mappings_depend_on_what_they_should() {
    for mapping in Behaviour::ALL {
        let mut lab = Lab::new(NatSpec::new(mapping, EndpointIndependent));
        let first = lab.out(HOST, A).unwrap();
        assert_eq!(lab.out(HOST, A).unwrap(), first);
        assert_eq!(lab.out(HOST, A_OTHER_PORT).unwrap() == first, mapping < AddressAndPortDependent);
        assert_eq!(lab.out(HOST, B).unwrap() == first, mapping == EndpointIndependent);
    }
}

#[test]
fn filters_remember_what_they_should() {
    for filtering in Behaviour::ALL {
        let mut lab = Lab::new(NatSpec::new(EndpointIndependent, filtering));
        let mapped = lab.out(HOST, A).unwrap();
        assert_eq!(lab.come(A, mapped), Ok(at(HOST)));
        assert_eq!(lab.come(A_OTHER_PORT, mapped).is_ok(), filtering < AddressAndPortDependent);
        assert_eq!(lab.come(B, mapped).is_ok(), filtering == EndpointIndependent);
        assert_eq!(lab.come(A, at("203.0.113.5:9")), Err(Reason::NoMapping));
    }
}

#[test]
fn filter_scope_is_the_mapping_or_the_endpoint() {
    for (filter_scope, passes) in [(FilterScope::Mapping, false), (FilterScope::Endpoint, true)] {
        let mut lab = Lab::new(NatSpec { filter_scope, ..NatSpec::new(AddressDependent, AddressDependent) });
        let mapped = lab.out(HOST, A).unwrap();
        lab.out(HOST, B).unwrap();
        assert_eq!(lab.come(B, mapped).is_ok(), passes);
    }
}

#[test]
fn ports_are_chosen_as_asked() {
    let ports = |ports: PortChoice, range: (u16, u16)| {
        let mut lab = Lab::new(NatSpec { ports, range, ..NatSpec::new(EndpointIndependent, EndpointIndependent) });
        let mut chosen = Vec::new();
        for host in 2..6 {
            for port in [5000, 5001, 5002] {
                chosen.push(lab.out(&format!("10.0.0.{host}:{port}"), A).unwrap().port());
            }
        }
        chosen
    };
    let all = (1024, 65_535);
    assert_eq!(ports(PortChoice::PreserveElseNext, all)[..6], [5000, 5001, 5002, 5003, 5004, 5005]);
    assert_eq!(ports(PortChoice::PreserveElseRandom, all)[..3], [5000, 5001, 5002]);
    let sequential = ports(PortChoice::Sequential(2), all);
    assert!(sequential.windows(2).all(|pair| pair[1] == pair[0] + 2), "{sequential:?}");
    let blocks = ports(PortChoice::Block(100), all);
    assert_eq!(blocks[..4], [1024, 1025, 1026, 1124]);
    for ports in [ports(PortChoice::RandomInBlock(100), all), ports(PortChoice::FixedRange(100), all)] {
        assert!(
            ports[..3].iter().all(|port| (1024..1124).contains(port)) && (1124..1224).contains(&ports[3]),
            "{ports:?}"
        );
    }
    for choice in
        [PortChoice::Random, PortChoice::PreserveElseRandom, PortChoice::PreserveElseNext, PortChoice::Sequential(7)]
    {
        let mut chosen = ports(choice, (4996, 5011));
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), 12, "each port once: {choice:?}");
    }
}

#[test]
fn overloaded_ports_stay_unique_by_destination() {
    let mut lab = Lab::new(NatSpec {
        ports: PortChoice::PreserveOverload,
        ..NatSpec::new(AddressAndPortDependent, AddressAndPortDependent)
    });
    let first = lab.out("10.0.0.2:5000", A).unwrap();
    assert_eq!(lab.out("10.0.0.3:5000", B).unwrap(), first, "another destination, the same port");
    let third = lab.out("10.0.0.4:5000", A).unwrap();
    assert_ne!(third, first, "the same destination, another port");
    assert_eq!(lab.come(A, first), Ok(at("10.0.0.2:5000")));
    assert_eq!(lab.come(B, first), Ok(at("10.0.0.3:5000")));
    assert_eq!(lab.come(A, third), Ok(at("10.0.0.4:5000")));
}

#[test]
fn class_parity_and_contiguity_are_kept() {
    let base = NatSpec { ports: PortChoice::Random, ..NatSpec::default() };
    let mut lab = Lab::new(NatSpec { keep_parity: true, ..base.clone() });
    for port in 5000..5040_u16 {
        assert_eq!(lab.out(&format!("10.0.0.2:{port}"), A).unwrap().port() % 2, port % 2);
    }
    let mut lab = Lab::new(NatSpec { keep_class: true, keep_parity: false, ..base.clone() });
    assert!(lab.out("10.0.0.2:500", A).unwrap().port() < 512);
    assert!((512..1024).contains(&lab.out("10.0.0.2:1000", A).unwrap().port()));
    let mut lab = Lab::new(NatSpec { keep_contiguity: true, keep_parity: false, ..base });
    let rtp = lab.out("10.0.0.2:5000", A).unwrap().port();
    assert_eq!(lab.out("10.0.0.2:5001", A).unwrap().port(), rtp + 1);
}

#[test]
fn cross_traffic_moves_a_counter() {
    let spec = NatSpec {
        ports: PortChoice::Sequential(1),
        cross_traffic: 10.0,
        ..NatSpec::new(EndpointIndependent, EndpointIndependent)
    };
    let mut lab = Lab::new(spec);
    let first = lab.out("10.0.0.2:5000", A).unwrap().port();
    lab.wait(10);
    let gap = lab.out("10.0.0.2:5001", A).unwrap().port().wrapping_sub(first);
    assert!((60..140).contains(&gap), "about a hundred others: {gap}");
}

#[test]
fn pools_are_paired_arbitrary_or_by_destination() {
    let pool: Vec<_> = (1..=4_u8).map(|n| core::net::IpAddr::from([203, 0, 113, n])).collect();
    let exits = |pooling| {
        let mut lab = Lab::new(NatSpec {
            pool: pool.clone(),
            pooling,
            ..NatSpec::new(AddressAndPortDependent, EndpointIndependent)
        });
        let mut exits: Vec<_> = (0..16).map(|i| lab.out(HOST, &format!("198.51.100.{i}:3478")).unwrap().ip()).collect();
        exits.sort_unstable();
        exits.dedup();
        exits.len()
    };
    assert_eq!(exits(PoolChoice::Paired), 1);
    assert!(exits(PoolChoice::Arbitrary) > 1);
    assert_eq!(exits(PoolChoice::PerDestination), 4);
}

#[test]
fn timers_run_from_the_last_renewal() {
    let mut spec = NatSpec::new(EndpointIndependent, EndpointIndependent);
    (spec.timers.udp_unreplied, spec.timers.udp_replied) = (seconds(30), seconds(120));
    spec.timers.udp_ports = vec![(53, seconds(10))];
    let mut lab = Lab::new(spec.clone());
    let mapped = lab.out(HOST, A).unwrap();
    lab.wait(31);
    assert_eq!(lab.come(A, mapped), Err(Reason::NoMapping), "unreplied");
    let mapped = lab.out(HOST, A).unwrap();
    lab.come(A, mapped).unwrap();
    lab.wait(119);
    assert!(lab.come(A, mapped).is_ok(), "replied");
    lab.wait(2);
    assert!(lab.come(A, mapped).is_err(), "packets in do not renew");
    let dns = lab.out("10.0.0.2:6000", "198.51.100.1:53").unwrap();
    lab.wait(11);
    assert!(lab.come("198.51.100.1:53", dns).is_err(), "a special port");
    spec.timers.refresh_in = true;
    let mut lab = Lab::new(spec.clone());
    let mapped = lab.out(HOST, A).unwrap();
    for _ in 0..10 {
        lab.wait(25);
        assert!(lab.come(A, mapped).is_ok(), "packets in renew");
    }
    spec.timers.refresh_out = false;
    spec.timers.refresh_in = false;
    let mut lab = Lab::new(spec);
    lab.out(HOST, A).unwrap();
    lab.wait(29);
    assert!(matches!(lab.handle(Side::Inside, Packet::udp(at(HOST), at(A), vec![])).0, Reason::KnownMapping(_)));
    lab.wait(2);
    assert!(
        matches!(lab.handle(Side::Inside, Packet::udp(at(HOST), at(A), vec![])).0, Reason::NewMapping(_)),
        "packets out do not renew"
    );
}

#[test]
fn filters_may_forget_before_mappings_do() {
    let mut spec = NatSpec::new(EndpointIndependent, AddressDependent);
    spec.timers.filter = Some(seconds(20));
    let mut lab = Lab::new(spec);
    let mapped = lab.out(HOST, A).unwrap();
    lab.wait(21);
    assert_eq!(lab.come(A, mapped), Err(Reason::Filtered(AddressDependent)));
    assert_eq!(lab.out(HOST, B).unwrap(), mapped);
}

#[test]
fn unsolicited_packets_have_their_effects() {
    let spec = |unsolicited| NatSpec { unsolicited, ..NatSpec::new(EndpointIndependent, AddressAndPortDependent) };
    let mut lab = Lab::new(spec(Unsolicited::IcmpUnreachable));
    let mapped = lab.out(HOST, A).unwrap();
    let (_, _, reply) = lab.handle(Side::Outside, Packet::udp(at(B), mapped, vec![]));
    let reply = reply.unwrap();
    assert_eq!((reply.protocol, reply.destination), (Protocol::IcmpUnreachable, at(B)));
    let mut lab = Lab::new(spec(Unsolicited::DestroysMapping));
    let mapped = lab.out(HOST, A).unwrap();
    assert!(lab.come(B, mapped).is_err() && lab.come(A, mapped).is_err());
    let mut lab = Lab::new(spec(Unsolicited::Drop));
    let mapped = lab.out(HOST, A).unwrap();
    assert!(lab.come(B, mapped).is_err() && lab.come(A, mapped).is_ok());
}

#[test]
fn icmp_ends_a_mapping_only_where_told_so() {
    for icmp_ends_mapping in [false, true] {
        let mut lab = Lab::new(NatSpec { icmp_ends_mapping, ..NatSpec::default() });
        let mapped = lab.out(HOST, A).unwrap();
        let error = Packet { protocol: Protocol::IcmpUnreachable, ..Packet::udp(at(A), mapped, vec![]) };
        assert_eq!(lab.handle(Side::Outside, error).0, Reason::IcmpError);
        assert_eq!(lab.come(A, mapped).is_err(), icmp_ends_mapping);
    }
}

#[test]
fn hairpins_come_from_the_source_asked_for() {
    for (hairpin, source) in [(Hairpin::ExternalSource, None), (Hairpin::InternalSource, Some(at("10.0.0.3:5000")))] {
        let mut lab = Lab::new(NatSpec { hairpin, ..NatSpec::new(EndpointIndependent, EndpointIndependent) });
        let mapped = lab.out(HOST, A).unwrap();
        let other = lab.out("10.0.0.3:5000", A).unwrap();
        let (_, sent, _) = lab.handle(Side::Inside, Packet::udp(at("10.0.0.3:5000"), mapped, vec![]));
        let sent = sent.unwrap();
        assert_eq!((sent.source, sent.destination), (source.unwrap_or(other), at(HOST)));
    }
    let mut lab = Lab::new(NatSpec { hairpin: Hairpin::None, ..NatSpec::default() });
    let mapped = lab.out(HOST, A).unwrap().to_string();
    assert_eq!(lab.out("10.0.0.3:5000", &mapped), Err(Reason::NoHairpin));
    let mut lab = Lab::new(NatSpec { drop_land: true, ..NatSpec::new(EndpointIndependent, EndpointIndependent) });
    let mapped = lab.out(HOST, A).unwrap().to_string();
    assert_eq!(lab.out(HOST, &mapped), Err(Reason::Land));
}

#[test]
fn limits_are_kept_and_the_oldest_gives_way_where_told_so() {
    let limited = |evict| NatSpec { max_mappings: 3, evict, ..NatSpec::new(EndpointIndependent, EndpointIndependent) };
    let mut lab = Lab::new(limited(false));
    for port in 0..3 {
        lab.out(&format!("10.0.0.2:{}", 5000 + port), A).unwrap();
    }
    assert_eq!(lab.out("10.0.0.2:6000", A), Err(Reason::TooManyMappings));
    lab.wait(121);
    assert!(lab.out("10.0.0.2:6000", A).is_ok(), "the expired ones made room");
    let mut lab = Lab::new(limited(true));
    let oldest = lab.out("10.0.0.2:5000", A).unwrap();
    for port in 1..4 {
        lab.wait(1);
        lab.out(&format!("10.0.0.2:{}", 5000 + port), A).unwrap();
    }
    assert!(lab.come(A, oldest).is_err() && lab.nat.mappings() == 3);
    let mut lab = Lab::new(NatSpec { max_per_host: 1, ..NatSpec::default() });
    lab.out("10.0.0.2:5000", A).unwrap();
    assert_eq!(lab.out("10.0.0.2:5001", A), Err(Reason::TooManyOfHost));
    assert!(lab.out("10.0.0.3:5001", A).is_ok());
    let mut lab = Lab::new(NatSpec { max_new_per_second: 2, ..NatSpec::default() });
    assert!(lab.out("10.0.0.2:1", A).is_ok() && lab.out("10.0.0.2:2", A).is_ok());
    assert_eq!(lab.out("10.0.0.2:3", A), Err(Reason::TooFast));
    lab.wait(1);
    assert!(lab.out("10.0.0.2:3", A).is_ok());
    let mut lab =
        Lab::new(NatSpec { range: (5000, 5001), ports: PortChoice::Random, keep_parity: false, ..NatSpec::default() });
    assert!(lab.out("10.0.0.2:1", A).is_ok() && lab.out("10.0.0.2:2", A).is_ok());
    assert_eq!(lab.out("10.0.0.2:3", A), Err(Reason::NoPort));
}

#[test]
fn a_thousand_hosts_stay_within_the_caps() {
    let mut lab = Lab::new(NatSpec {
        max_mappings: 500,
        evict: true,
        ..NatSpec::new(AddressAndPortDependent, AddressAndPortDependent)
    });
    for i in 0..20_000_u32 {
        let host = format!("10.{}.{}.2:{}", i % 7, i % 251, 1024 + i % 50_000);
        let _ = lab.out(&host, &format!("198.51.{}.1:{}", i % 200, 1 + i % 60_000));
        assert!(lab.nat.mappings() <= 500);
    }
}

#[test]
fn addresses_inside_packets_are_rewritten_by_an_alg_only() {
    for alg in [false, true] {
        let mut lab = Lab::new(NatSpec { alg, ..NatSpec::default() });
        let text = b"Contact: <sip:alice@10.0.0.2:5000>".to_vec();
        let (_, sent, _) = lab.handle(Side::Inside, Packet::udp(at(HOST), at(A), text.clone()));
        let sent = sent.unwrap();
        assert_eq!(sent.bytes != text, alg);
        assert_eq!(String::from_utf8(sent.bytes).unwrap().contains(&sent.source.to_string()), alg);
    }
}

#[test]
fn fragments_firewalls_and_reboots() {
    let mut lab = Lab::new(NatSpec { fragments: Fragments::Drop, ..NatSpec::default() });
    let pieces = Packet { fragments: 2, ..Packet::udp(at(HOST), at(A), vec![]) };
    assert_eq!(lab.handle(Side::Inside, pieces).0, Reason::Fragment);
    let mut lab = Lab::new(NatSpec::preset(Preset::Hotel));
    assert_eq!(lab.out(HOST, A), Err(Reason::UdpBlocked));
    assert_eq!(lab.out(HOST, "198.51.100.1:53"), Err(Reason::NotDns));
    let query = vec![1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1];
    assert!(lab.handle(Side::Inside, Packet::udp(at(HOST), at("198.51.100.1:53"), query)).1.is_some());
    let syn = |port: u16| Packet {
        protocol: Protocol::Tcp { opens: true, ends: false },
        ..Packet::udp(at(HOST), SocketAddr::new(at(A).ip(), port), vec![])
    };
    assert_eq!(lab.handle(Side::Inside, syn(22)).0, Reason::TcpBlocked);
    assert!(lab.handle(Side::Inside, syn(443)).1.is_some());
    let mut lab = Lab::new(NatSpec { reboots_every: Some(seconds(60)), ..NatSpec::default() });
    let mapped = lab.out(HOST, A).unwrap();
    lab.wait(61);
    assert_eq!(lab.come(A, mapped), Err(Reason::NoMapping));
}

#[test]
fn port_mappings_let_everybody_in() {
    let mut lab = Lab::new(NatSpec { forwards: vec![(8000, at("10.0.0.9:80"))], ..NatSpec::preset(Preset::Home) });
    assert_eq!(lab.come(B, at("203.0.113.5:8000")), Ok(at("10.0.0.9:80")));
    assert_ne!(lab.out("10.0.0.2:8000", A).unwrap().port(), 8000, "the port is taken");
}

#[test]
fn tcp_has_its_own_timers_and_mappings() {
    let mut spec = NatSpec::new(EndpointIndependent, EndpointIndependent);
    (spec.timers.tcp_transitory, spec.timers.tcp_established) = (seconds(60), seconds(3600));
    let tcp = |opens, ends| Protocol::Tcp { opens, ends };
    let segment = |protocol, from: SocketAddr, to: SocketAddr| Packet { protocol, ..Packet::udp(from, to, vec![]) };
    let mut lab = Lab::new(spec.clone());
    let mapped = lab.handle(Side::Inside, segment(tcp(true, false), at(HOST), at(A))).1.unwrap().source;
    assert_ne!(lab.out(HOST, A).unwrap(), mapped, "UDP has another");
    assert!(lab.handle(Side::Outside, segment(tcp(false, false), at(A), mapped)).1.is_some());
    lab.wait(3000);
    assert!(lab.handle(Side::Inside, segment(tcp(false, true), at(HOST), at(A))).1.is_some(), "established");
    lab.wait(61);
    assert!(lab.handle(Side::Outside, segment(tcp(false, false), at(A), mapped)).1.is_none(), "ended");
    let mut lab = Lab::new(NatSpec { protocol_shared: true, ..spec });
    let mapped = lab.handle(Side::Inside, segment(tcp(true, false), at(HOST), at(A))).1.unwrap().source;
    assert_eq!(lab.out(HOST, A).unwrap(), mapped);
}

#[test]
fn other_kinds_of_translation() {
    let pool = vec![OUTER.parse().unwrap(), "203.0.113.6".parse().unwrap()];
    let mut lab = Lab::new(NatSpec { translation: Translation::OneToOne, pool, ..NatSpec::default() });
    assert_eq!(lab.out("10.0.0.2:5000", A).unwrap(), at("203.0.113.5:5000"));
    assert_eq!(lab.out("10.0.0.3:5000", A).unwrap(), at("203.0.113.6:5000"));
    assert_eq!(lab.out("10.0.0.4:5000", A), Err(Reason::NoPort));
    let mut lab = Lab::new(NatSpec { translation: Translation::None, ..NatSpec::default() });
    assert_eq!(lab.out("192.0.2.7:5000", A).unwrap(), at("192.0.2.7:5000"));
    assert!(lab.come(A, at("192.0.2.7:5000")).is_ok() && lab.come(B, at("192.0.2.7:5000")).is_err());
    let prefix = vec!["2001:db8:1:2::".parse().unwrap()];
    let mut lab = Lab::new(NatSpec { translation: Translation::Prefix, pool: prefix, ..NatSpec::default() });
    assert_eq!(lab.out("[fd00::7]:5000", "[2001:db8:f::1]:3478").unwrap(), at("[2001:db8:1:2::7]:5000"));
    assert_eq!(lab.come("[2001:db8:f::1]:3478", at("[2001:db8:1:2::7]:5000")), Ok(at("[fd00::7]:5000")));
    let mut lab =
        Lab::new(NatSpec { translation: Translation::Nat64, ports: PortChoice::Random, ..NatSpec::default() });
    let (_, sent, _) =
        lab.handle(Side::Inside, Packet::udp(at("[2001:db8::7]:5000"), at("[64:ff9b::c633:6401]:3478"), vec![]));
    let sent = sent.unwrap();
    assert_eq!((sent.source.ip().to_string().as_str(), sent.destination), (OUTER, at(A)));
    let (_, back, _) = lab.handle(Side::Outside, Packet::udp(at(A), sent.source, vec![]));
    assert_eq!(back.unwrap().source, at("[64:ff9b::c633:6401]:3478"));
    assert_eq!(lab.out("[2001:db8::7]:5000", "[2001:db8::1]:3478"), Err(Reason::WrongFamily));
}

#[test]
fn a_nat_that_falters_is_not_deterministic() {
    let mut lab = Lab::new(NatSpec { falters: 0.5, ..NatSpec::new(EndpointIndependent, EndpointIndependent) });
    let mut mapped: Vec<_> = (1..40).map(|n| lab.out(HOST, &format!("198.51.100.{n}:3478")).unwrap()).collect();
    mapped.sort_unstable();
    mapped.dedup();
    assert!((5..35).contains(&mapped.len()), "{}", mapped.len());
}

#[test]
fn presets_have_names_and_behave_as_they_say() {
    for preset in Preset::ALL {
        assert_eq!(Preset::from_name(preset.name()), Some(*preset));
        let spec = NatSpec::preset(*preset);
        assert!(spec.timers.udp_replied >= spec.timers.udp_unreplied);
    }
    assert_eq!(Preset::from_name("none such"), None);
}
