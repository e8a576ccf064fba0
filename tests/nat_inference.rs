//! Inference from observations written down: what may be concluded, and above all what may not.
#![cfg(not(target_arch = "wasm32"))] // proptest does not compile there
#![cfg(feature = "nat")]

use core::net::SocketAddr;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::{
    Classic, Conditions, Levels, MAX_OBSERVATIONS, NatReport, Observation, Outcome, Path, Source, Test, Verdict, infer,
};
use proptest::prelude::*;

const BASE: &str = "192.168.1.7:51000";

fn seen(base: &str, destination: &str, mapped: &str) -> Observation {
    Observation::binding(base.parse().unwrap(), destination.parse().unwrap(), mapped.parse().unwrap())
}

/// Answers of one socket: (destination, mapped).
fn report(answers: &[(&str, &str)]) -> NatReport {
    infer(&answers.iter().map(|(destination, mapped)| seen(BASE, destination, mapped)).collect::<Vec<_>>())
}

fn path(answers: &[(&str, &str)]) -> Path {
    report(answers).paths.remove(0)
}

fn mapping(answers: &[(&str, &str)]) -> Verdict<Behaviour> {
    path(answers).mapping.value
}

const A1: &str = "198.51.100.1:3478";
const A1Q: &str = "198.51.100.1:3479";
const A2: &str = "198.51.100.2:3478";
const A2Q: &str = "198.51.100.2:3479";
const M1: &str = "203.0.113.5:40001";
const M2: &str = "203.0.113.5:40002";
const M3: &str = "203.0.113.5:40003";
const M4: &str = "203.0.113.5:40004";

fn edm() -> Verdict<Behaviour> {
    Verdict::Ambiguous(vec![AddressDependent, AddressAndPortDependent])
}

#[test]
fn mapping_from_four_destinations() {
    assert_eq!(mapping(&[(A1, M1), (A1Q, M1), (A2, M1), (A2Q, M1)]), Verdict::Is(EndpointIndependent));
    assert_eq!(mapping(&[(A1, M1), (A1Q, M1), (A2, M2), (A2Q, M2)]), Verdict::Is(AddressDependent));
    assert_eq!(mapping(&[(A1, M1), (A1Q, M2), (A2, M3), (A2Q, M4)]), Verdict::Is(AddressAndPortDependent));
    // Three of them, or two split by port: no kind of mapping does that.
    assert_eq!(mapping(&[(A1, M1), (A1Q, M2), (A2, M1), (A2Q, M2)]), Verdict::Inconsistent);
    assert_eq!(mapping(&[(A1, M1), (A1Q, M1), (A2, M2), (A2Q, M3)]), Verdict::Inconsistent);
}

/// Answers of one socket: (number of the burst, destination, mapped).
fn bursts(answers: &[(u32, &str, &str)]) -> Path {
    let one = |&(burst, destination, mapped): &(u32, &str, &str)| Observation {
        burst: (burst > 0).then_some(burst),
        ..seen(BASE, destination, mapped)
    };
    infer(&answers.iter().map(one).collect::<Vec<_>>()).paths.remove(0)
}

#[test]
fn only_requests_that_left_together_are_compared() {
    let value = |answers: &[(u32, &str, &str)]| {
        let mapping = bursts(answers).mapping;
        (mapping.value, mapping.code)
    };
    assert_eq!(value(&[(0, A1, M1), (1, A1, M1), (1, A2, M1)]).0, Verdict::Is(EndpointIndependent));
    // One after the other, each with the port that the one before gave up.
    assert_eq!(value(&[(0, A1, M1), (1, A1, M1), (2, A2, M1)]), (Verdict::Unknown, "never-together"));
    assert_eq!(value(&[(0, A1, M1), (1, A1, M1), (2, A2, M2)]), (Verdict::Unknown, "never-together"));
    // Observations of each burst count together.
    assert_eq!(value(&[(1, A1, M1), (1, A2, M2), (2, A1, M1), (2, A1Q, M1)]).0, Verdict::Is(AddressDependent));
    // The same destination saw another address in a later one.
    assert_eq!(
        value(&[(1, A1, M1), (1, A2, M1), (2, A1, M2), (2, A2, M2)]),
        (Verdict::Inconsistent, "mapping-replaced")
    );
    // Beside bursts on one socket, what another saw one after the other proves nothing, and may contradict.
    let other = "192.168.1.7:51001";
    let mut both: Vec<Observation> = [(1, A1, M1), (2, A2, M1)]
        .map(|(burst, to, mapped)| Observation { burst: Some(burst), ..seen(BASE, to, mapped) })
        .to_vec();
    both.extend([seen(other, A1, M3), seen(other, A2, M3)]);
    assert_eq!(infer(&both).paths[0].mapping.code, "never-together");
    both[1].burst = Some(1);
    assert_eq!(infer(&both).paths[0].mapping.value, Verdict::Is(EndpointIndependent));
    both[3] = seen(other, A2, M4);
    assert_eq!(infer(&both).paths[0].mapping.code, "sockets-disagree");
}

#[test]
fn an_address_without_protection_proves_no_missing_translation() {
    let plain = |to: &str, mapped: &str| Observation { plain_only: true, ..seen(BASE, to, mapped) };
    let report = infer(&[plain(A1, BASE), plain(A2, BASE)]);
    let path = &report.paths[0];
    assert_eq!((&path.mapping.value, path.mapping.code), (&Verdict::Unknown, "maybe-rewritten"));
    assert_eq!((path.classic, path.exits.len()), (Classic::Unknown, 0));
    assert_eq!(path.ports.value, Verdict::Unknown, "the port may be an ALG's work too");
    // With protection it does.
    assert_eq!(mapping(&[(A1, BASE), (A2, BASE)]), Verdict::NotApplicable);
    // Beside a protected answer that differs, the others do not count.
    let mut seen_through = seen(BASE, A1, M1);
    seen_through.outcome = Outcome::Answer { mapped: M1.parse().ok(), from: A1.parse().ok(), plain: BASE.parse().ok() };
    let report = infer(&[plain(A1, BASE), plain(A2, BASE), seen_through]);
    let path = &report.paths[0];
    assert_eq!((&path.mapping.value, path.mapping.code), (&Verdict::Unknown, "one-destination"));
    assert_eq!((&path.alg.value, path.exits.len()), (&Verdict::Is(true), 1));
    // Equal addresses without protection are less sure than with it.
    let path = &infer(&[plain(A1, M1), plain(A2, M1)]).paths[0];
    assert_eq!(path.mapping.value, Verdict::Is(EndpointIndependent));
    assert!(path.mapping.confidence <= 0.8, "{}", path.mapping.confidence);
}

#[test]
fn mapping_from_fewer_says_only_what_they_show() {
    assert_eq!(mapping(&[(A1, M1)]), Verdict::Unknown);
    assert_eq!(mapping(&[(A1, M1), (A2, M1)]), Verdict::Is(EndpointIndependent));
    assert_eq!(mapping(&[(A1, M1), (A2, M2)]), edm());
    assert_eq!(mapping(&[(A1, M1), (A1Q, M1)]), Verdict::Ambiguous(vec![EndpointIndependent, AddressDependent]));
    assert_eq!(mapping(&[(A1, M1), (A1Q, M2)]), Verdict::Is(AddressAndPortDependent));
    assert_eq!(path(&[(A1, M1), (A2, M2)]).classic, Classic::Symmetric);
    assert_eq!(path(&[(A1, M1), (A2, M1)]).classic, Classic::Cone);
    assert_eq!(path(&[(A1, M1)]).classic, Classic::Unknown);
    assert!(infer(&[]).paths.is_empty() && !infer(&[]).complete);
}

#[test]
fn not_like_pr_nat_type_two_sockets_are_not_compared() {
    // One RTCPeerConnection per server is one socket per server: "symmetric" for everybody.
    let report = infer(&[seen("192.168.1.7:51000", A1, M1), seen("192.168.1.7:51001", A2, M2)]);
    assert_eq!(report.paths.len(), 1);
    assert_eq!(report.paths[0].mapping.value, Verdict::Unknown, "{}", report.paths[0].mapping.why);
}

#[test]
fn not_like_symmetric_nat_test_names_of_one_operator_may_be_one_server() {
    let names = [("stun:stun1.example.org:19302", M1), ("stun:stun2.example.org:19302", M1)];
    assert_eq!(mapping(&names), Verdict::Unknown);
    // Different answers can't come from one server, whatever its names.
    assert_eq!(mapping(&[names[0], ("stun:stun2.example.org:19302", M2)]), edm());
    // Two operators are taken for two servers, with less confidence.
    let path = path(&[names[0], ("stun:stun.example.net:3478", M1)]);
    assert_eq!(path.mapping.value, Verdict::Is(EndpointIndependent));
    assert!(path.mapping.confidence <= 0.8);
    // A name and an address may be the same.
    assert_eq!(mapping(&[names[0], (A1, M1)]), Verdict::Unknown);
    // One name may be a pool.
    assert_eq!(mapping(&[names[0], (names[0].0, M2)]), Verdict::Unknown);
}

#[test]
fn a_browser_that_drops_equal_candidates_is_read_rightly() {
    let hidden = |destination: &str| {
        let outcome = Outcome::Answer { mapped: None, from: None, plain: None };
        Observation {
            source: Source::Srflx,
            ..Observation::new(BASE.parse().unwrap(), destination.parse().unwrap(), Test::Binding, outcome)
        }
    };
    let value = |observations: &[Observation]| infer(observations).paths[0].mapping.value.clone();
    assert_eq!(value(&[seen(BASE, A1, M1), hidden(A2)]), Verdict::Is(EndpointIndependent));
    assert_eq!(
        value(&[seen(BASE, A1, M1), seen(BASE, A2, M2), hidden(A1Q), hidden(A2Q)]),
        Verdict::Is(AddressDependent)
    );
    assert_eq!(
        value(&[seen(BASE, A1, M1), hidden(A1Q)]),
        Verdict::Ambiguous(vec![EndpointIndependent, AddressDependent])
    );
    // A silent server is not a dropped candidate.
    let silent = Observation::new(BASE.parse().unwrap(), A2.parse().unwrap(), Test::Binding, Outcome::Silence);
    assert_eq!(value(&[seen(BASE, A1, M1), silent]), Verdict::Unknown);
}

#[test]
fn interfaces_and_families_are_kept_apart() {
    let report = infer(&[
        seen("192.168.1.7:51000", A1, M1),
        seen("10.8.0.2:51000", A2, "198.18.0.9:555"),
        seen("[2001:db8::7]:51000", "[2001:db8:f::1]:3478", "[2001:db8::7]:51000"),
    ]);
    assert_eq!(report.paths.len(), 3);
    assert!(report.paths[..2].iter().all(|path| path.mapping.value == Verdict::Unknown));
    assert_eq!((report.paths[2].family, report.paths[2].mapping.value.clone()), (6, Verdict::NotApplicable));
    assert_eq!(report.paths[2].levels.value, Verdict::Is(Levels::None));
    assert!(report.warnings.iter().any(|warning| warning.code == "multi-homed"));
}

fn warns(observations: &[Observation], code: &str) -> bool {
    infer(observations).warnings.iter().any(|warning| warning.code == code)
}

#[test]
fn marks_of_carriers_tunnels_and_translators() {
    assert!(warns(&[seen("100.70.1.2:5000", A1, M1)], "carrier-nat-or-overlay"));
    assert!(warns(&[seen("192.0.0.2:5000", A1, M1)], "ipv6-transition"));
    assert!(warns(&[seen("[2001:db8::7]:5000", "[64:ff9b::c633:6401]:3478", M1)], "nat64"));
    assert!(warns(&[seen("[fd00::7]:5000", "[2001:db8:f::1]:3478", "[2001:db8::7]:5000")], "prefix-translation"));
    assert!(warns(&[seen("a1b2.local:5000", A1, M1)], "base-hidden"));
    assert!(warns(&[seen(BASE, A1, "10.4.4.4:5000")], "mapped-not-public"));
    assert!(warns(&[Observation { interface: "wg0".into(), ..seen("10.8.0.2:5000", A1, M1) }], "vpn"));
    for code in ["carrier-nat-or-overlay", "vpn", "base-hidden", "mapped-not-public", "several-exits"] {
        assert!(!warns(&[seen(BASE, A1, M1), seen(BASE, A2, M1)], code), "{code}");
    }
}

#[test]
fn the_gateways_own_word_tells_levels() {
    let gateway = |says: &str| Observation { test: Test::Gateway, ..seen(BASE, "192.168.1.1:5351", says) };
    let levels = |says: &str| infer(&[seen(BASE, A1, M1), gateway(says)]).paths[0].levels.value.clone();
    assert_eq!(levels("203.0.113.5:0"), Verdict::Is(Levels::One));
    assert_eq!(levels("100.66.0.9:0"), Verdict::Is(Levels::Several));
    assert_eq!(path(&[(A1, M1)]).levels.value, Verdict::Unknown);
    // An address that a gateway says of itself is neither an exit nor a mapping.
    assert_eq!(infer(&[seen(BASE, A1, M1), gateway("100.66.0.9:0")]).paths[0].exits.len(), 1);
}

#[test]
fn split_tunnels_and_replaced_mappings_are_not_a_kind_of_nat() {
    assert_eq!(mapping(&[("198.51.100.1:3478", BASE), (A2, M1)]), Verdict::Inconsistent);
    let twice = path(&[(A1, M1), (A2, M1), (A1, M2)]);
    assert_eq!((twice.mapping.value, twice.mapping.code), (Verdict::Inconsistent, "mapping-replaced"));
}

#[test]
fn exits_that_differ_are_not_compared() {
    let other = "203.0.113.9:40001";
    let two = path(&[(A1, M1), (A2, other)]);
    assert_eq!((two.mapping.value, two.exits.len()), (Verdict::Unknown, 2));
    assert!(two.mapping.why.contains("same port"), "{}", two.mapping.why);
    // A pair within one exit still tells.
    assert_eq!(mapping(&[(A1, M1), (A2, other), (A2Q, M2)]), edm());
}

// ------------------------------------------------------------------------------------------- peer-reflexive candidates

const ALL: Conditions = Conditions { all_signalled: true, same_base: true, not_relay: true, same_generation: true };

fn peer(at: &str, mapped: &str, conditions: Conditions) -> Observation {
    Observation { test: Test::Peer, source: Source::Peer, conditions, ..seen(BASE, at, mapped) }
}

fn with_peer(at: &str, mapped: &str, conditions: Conditions) -> Verdict<Behaviour> {
    infer(&[seen(BASE, A1, M1), peer(at, mapped, conditions)]).paths[0].mapping.value.clone()
}

#[test]
fn a_peer_reflexive_port_shows_destination_dependent_mapping() {
    assert_eq!(with_peer("192.0.2.9:6000", M2, ALL), edm());
    // At a relay on the STUN server's own address an address-dependent NAT would have kept its mapping.
    assert_eq!(with_peer("198.51.100.1:50000", M2, ALL), Verdict::Is(AddressAndPortDependent));
    // The mapping that was signalled, seen by a peer elsewhere: endpoint-independent.
    assert_eq!(with_peer("192.0.2.9:6000", M1, ALL), Verdict::Is(EndpointIndependent));
}

#[test]
fn not_like_the_rule_that_any_peer_reflexive_candidate_means_symmetric() {
    // Each condition by itself keeps the verdict open, and is named.
    let without = [
        (Conditions { all_signalled: false, ..ALL }, M2, "192.0.2.9:6000", "had arrived"),
        (Conditions { same_base: false, ..ALL }, M2, "192.0.2.9:6000", "another base"),
        (Conditions { not_relay: false, ..ALL }, M2, "192.0.2.9:6000", "relay"),
        (Conditions { same_generation: false, ..ALL }, M2, "192.0.2.9:6000", "restarted"),
        (ALL, "192.168.1.7:52000", "192.168.1.9:6000", "local address"),
        (ALL, "[2001:db8::7]:52000", "[2001:db8::9]:6000", "other address family"),
    ];
    for (conditions, mapped, at, reason) in without {
        assert_eq!(with_peer(at, mapped, conditions), Verdict::Unknown, "{reason}");
        let report = infer(&[seen(BASE, A1, M1), peer(at, mapped, conditions)]);
        let warning = report.warnings.iter().find(|warning| warning.code == "peer-reflexive-ignored").unwrap();
        assert!(warning.text.contains(reason), "{}", warning.text);
    }
    // Another external address is another exit, not another mapping.
    assert_eq!(with_peer("192.0.2.9:6000", "203.0.113.77:40002", ALL), Verdict::Unknown);
}

// ---------------------------------------------------------------------------------------------------------- filtering

fn test(test: Test, outcome: Outcome, sends: Option<u32>) -> Observation {
    Observation { sends, ..Observation::new(BASE.parse().unwrap(), A1.parse().unwrap(), test, outcome) }
}

fn from(source: &str) -> Outcome {
    Outcome::Answer { mapped: M1.parse().ok(), from: source.parse().ok(), plain: None }
}

fn filtering(observations: &[Observation]) -> (Verdict<Behaviour>, &'static str) {
    let path = infer(observations).paths.remove(0);
    (path.filtering.value, path.filtering.code)
}

#[test]
fn filtering_follows_rfc_5780_4_4() {
    let first = || seen(BASE, A1, M1);
    let controls = || [seen(BASE, A2Q, M1), seen(BASE, A1Q, M1), seen(BASE, A1, M1)];
    let run = |tests: Vec<Observation>| filtering(&[vec![first()], tests, controls().to_vec()].concat()).0;
    let silence = |kind| test(kind, Outcome::Silence, None);
    assert_eq!(run(vec![test(Test::ChangeIpPort, from(A2Q), None)]), Verdict::Is(EndpointIndependent));
    assert_eq!(
        run(vec![silence(Test::ChangeIpPort), test(Test::ChangePort, from(A1Q), None)]),
        Verdict::Is(AddressDependent)
    );
    assert_eq!(run(vec![silence(Test::ChangeIpPort), silence(Test::ChangePort)]), Verdict::Is(AddressAndPortDependent));
    assert_eq!(
        run(vec![silence(Test::ChangeIpPort)]),
        Verdict::Ambiguous(vec![AddressDependent, AddressAndPortDependent])
    );
}

#[test]
fn silence_needs_proof_of_life_on_both_sides() {
    let first = seen(BASE, A1, M1);
    let silent = test(Test::ChangePort, Outcome::Silence, None);
    let control = seen(BASE, A1Q, M1);
    assert_eq!(filtering(&[first.clone(), silent.clone()]).1, "alternate-unreachable");
    assert_eq!(filtering(&[silent.clone(), control.clone()]).1, "no-answer");
    assert_eq!(filtering(&[first.clone(), control.clone(), silent.clone()]).0, Verdict::Unknown);
    assert_eq!(filtering(&[first, silent, control]).0, Verdict::Is(AddressAndPortDependent));
}

#[test]
fn silence_weighs_what_the_measured_loss_leaves_of_it() {
    let run = |sends: u32, lost: usize| {
        let mut observations = vec![seen(BASE, A1, M1)];
        for i in 0..20 {
            let mut plain = seen(BASE, A1, M1);
            plain.sends = Some(1);
            if i < lost {
                plain.outcome = Outcome::Silence;
            }
            observations.push(plain);
        }
        observations.push(test(Test::ChangePort, Outcome::Silence, Some(sends)));
        observations.push(seen(BASE, A1Q, M1));
        filtering(&observations)
    };
    assert_eq!(run(1, 0).1, "too-lossy");
    assert_eq!(run(9, 0).0, Verdict::Is(AddressAndPortDependent));
    assert_eq!(run(9, 10).1, "too-lossy");
    assert_eq!(run(60, 10).0, Verdict::Is(AddressAndPortDependent));
}

#[test]
fn what_was_contacted_before_shows_nothing() {
    let contaminated = [seen(BASE, A1, M1), seen(BASE, A2Q, M1), test(Test::ChangeIpPort, from(A2Q), None)];
    assert_eq!(filtering(&contaminated), (Verdict::Unknown, "already-contacted"));
    // Another socket's contacts do not matter.
    let clean = [seen("192.168.1.7:52000", A2Q, M2), seen(BASE, A1, M1), test(Test::ChangeIpPort, from(A2Q), None)];
    assert_eq!(filtering(&clean).0, Verdict::Is(EndpointIndependent));
    // An address contacted on another port: the filter may be by address.
    let half = [seen(BASE, A1, M1), seen(BASE, A2, M1), test(Test::ChangeIpPort, from(A2Q), None)];
    assert_eq!(filtering(&half).0, Verdict::Ambiguous(vec![EndpointIndependent, AddressDependent]));
}

#[test]
fn the_turn_loopback_of_browsers_is_the_same_rule() {
    let relay = "198.51.100.9:50000";
    let loopback = |stun: &str, outcome| {
        let mut observation =
            Observation::new(BASE.parse().unwrap(), stun.parse().unwrap(), Test::Unsolicited, outcome);
        observation.expected = relay.parse().ok();
        observation.source = Source::TurnLoopback;
        observation
    };
    let arrived = Outcome::Answer { mapped: M1.parse().ok(), from: relay.parse().ok(), plain: None };
    assert_eq!(filtering(&[loopback(A1, arrived)]).0, Verdict::Is(EndpointIndependent));
    let same_host = "198.51.100.9:3478";
    assert_eq!(
        filtering(&[loopback(same_host, arrived)]).0,
        Verdict::Ambiguous(vec![EndpointIndependent, AddressDependent])
    );
    let control = seen("192.168.1.7:53000", relay, M3);
    assert_eq!(
        filtering(&[loopback(same_host, Outcome::Silence), control.clone()]).0,
        Verdict::Is(AddressAndPortDependent)
    );
    assert_eq!(filtering(&[loopback(same_host, Outcome::Silence)]).1, "alternate-unreachable");
    // By name only, the STUN server may share the relay's address.
    assert_eq!(
        filtering(&[loopback("stun:stun.example.org", arrived)]).0,
        Verdict::Ambiguous(vec![EndpointIndependent, AddressDependent])
    );
}

#[test]
fn blocked_takes_a_sign_of_life_from_tcp() {
    let silent = Observation::new(BASE.parse().unwrap(), A1.parse().unwrap(), Test::Binding, Outcome::Silence);
    let tcp = Observation { test: Test::Tcp, ..seen(BASE, A1, M1) };
    assert_eq!(infer(core::slice::from_ref(&silent)).paths[0].classic, Classic::Unknown);
    assert_eq!(infer(&[silent.clone(), tcp.clone()]).paths[0].classic, Classic::Blocked);
    assert_eq!(infer(&[silent, tcp, seen(BASE, A2, M1)]).paths[0].classic, Classic::Unknown);
}

#[test]
fn every_verdict_names_its_evidence() {
    let report = report(&[(A1, M1), (A2, M1), (A1, M1)]);
    for index in &report.paths[0].mapping.evidence {
        assert!(*index < 3);
    }
    assert!(report.paths[0].mapping.evidence.len() >= 2);
    assert!(report.paths[0].mapping.why.contains("203.0.113.5:40001"));
}

// -------------------------------------------------------------------------------------------------------------- limits

#[test]
fn large_inputs_are_capped() {
    let tests = [Test::Binding, Test::ChangeIpPort, Test::ChangePort, Test::Peer, Test::Hairpin];
    let many = (0..3 * MAX_OBSERVATIONS as u32).map(|i| {
        let base = SocketAddr::from(([10, 0, (i % 7) as u8, 1], 1000 + (i % 501) as u16));
        let to = SocketAddr::from((0x0a00_0000_u32.wrapping_mul(3).wrapping_add(i % 9999).to_be_bytes(), 3478));
        let test = tests[i as usize % tests.len()];
        let mut observation =
            Observation::binding(base.into(), to.into(), SocketAddr::from(([203, 0, 113, 1], i as u16)));
        observation.test = test;
        if i % 3 == 0 {
            observation.outcome = Outcome::Silence;
        }
        observation
    });
    let many: Vec<Observation> = many.collect();
    let report = infer(&many);
    assert!(report.warnings.iter().any(|warning| warning.code == "too-many-observations"));
    assert!(report.warnings.len() <= 300, "{}", report.warnings.len());
}

fn any_address() -> impl Strategy<Value = SocketAddr> {
    (0_u8..4, 0_u8..4, prop_oneof![Just(0_u16), 3478_u16..3481, any::<u16>()], any::<bool>()).prop_map(
        |(net, host, port, v6)| {
            if v6 {
                SocketAddr::from(([0x2001, 0xdb8, u16::from(net), 0, 0, 0, 0, u16::from(host)], port))
            } else {
                SocketAddr::from(([198, 18, net, host], port))
            }
        },
    )
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let tests = prop::sample::select(vec![
        Test::Binding,
        Test::Binding,
        Test::ChangeIpPort,
        Test::ChangePort,
        Test::Unsolicited,
        Test::Hairpin,
        Test::Lifetime,
        Test::Peer,
        Test::Gateway,
        Test::Tcp,
        Test::Fragments,
    ]);
    let outcome = prop_oneof![
        (prop::option::of(any_address()), prop::option::of(any_address()), prop::option::of(any_address()))
            .prop_map(|(mapped, from, plain)| Outcome::Answer { mapped, from, plain }),
        Just(Outcome::Silence),
        any::<u16>().prop_map(Outcome::Error),
        Just(Outcome::Untestable("server-pool")),
    ];
    let end = || prop_oneof![any_address().prop_map(Into::into), Just("stun:a.example.org".parse().unwrap())];
    (end(), end(), tests, outcome, prop::option::of(any::<f64>()), prop::option::of(any::<u32>()), any::<bool>())
        .prop_map(|(base, destination, test, outcome, number, sends, good)| {
            let mut observation = Observation::new(base, destination, test, outcome);
            (observation.time, observation.idle, observation.sends) = (number, number, sends);
            (observation.burst, observation.plain_only) = (sends.map(|sends| sends % 4), good);
            if good {
                observation.conditions = ALL;
            }
            observation
        })
}

proptest! {
    #[test]
    fn any_observations_give_a_report(observations in prop::collection::vec(any_observation(), 0..60)) {
        let report = infer(&observations);
        for path in &report.paths {
            for axis in [&path.mapping, &path.filtering] {
                prop_assert!((0.0..=1.0).contains(&axis.confidence));
                prop_assert!(axis.evidence.iter().all(|index| *index < observations.len()));
                prop_assert!(!axis.why.is_empty() && !axis.code.is_empty());
                let has_value = matches!(axis.value, Verdict::Is(_) | Verdict::NotApplicable);
                prop_assert!(has_value || axis.confidence <= 0.99);
            }
        }
    }

    #[test]
    fn the_order_of_answers_with_times_does_not_matter(observations in prop::collection::vec(any_observation(), 1..20), shift in 0_usize..20) {
        let mut timed = observations;
        for (index, observation) in timed.iter_mut().enumerate() {
            observation.time = Some(index as f64);
            observation.base = BASE.parse().unwrap();
        }
        let before = infer(&timed);
        let middle = shift % timed.len();
        timed.rotate_left(middle);
        let after = infer(&timed);
        prop_assert_eq!(before.paths.len(), after.paths.len());
        for (a, b) in before.paths.iter().zip(&after.paths) {
            prop_assert_eq!(&a.mapping.value, &b.mapping.value);
            prop_assert_eq!(&a.filtering.value, &b.filtering.value);
            prop_assert_eq!(a.classic, b.classic);
        }
    }

    #[test]
    fn endpoints_are_parsed_or_refused(text in "\\PC{0,40}|[0-9a-f:.\\[\\]]{0,40}|(stun|turns):[a-z0-9.:?=-]{0,30}") {
        if let Ok(endpoint) = text.parse::<icelens::nat::Endpoint>() {
            let again: icelens::nat::Endpoint = endpoint.to_string().parse().unwrap();
            prop_assert_eq!(endpoint, again);
        }
    }
}
