//! Conclusions from candidates that Chromium 156 and Firefox 153 gathered behind real NATs.

use icelens::browser::evidence::{Failure, Gathering, MAX_SERVERS, Sighting};
use icelens::browser::missing::{Missing, missing};
use icelens::nat::{Behaviour, Classic, NatReport, Observation, Outcome, Test, Verdict, infer};

const SERVERS: [&str; 3] = ["stun:203.0.113.10:3478", "stun:203.0.113.11:3478", "stun:203.0.113.10:3479"];

const CHROMIUM_HOST: &str = "candidate:3452170723 1 udp 2113937151 21574d26-65bc-43be-bc19-03a3b1254bdf.local 52525 typ host generation 0 ufrag tGry network-cost 999";
const FIREFOX_HOST: &str = "candidate:0 1 UDP 2122252543 6a406184-e4ed-4343-bec6-b15ca7a0bc04.local 42851 typ host";
const FIREFOX_TCP: &str =
    "candidate:4 1 TCP 2105524479 6a406184-e4ed-4343-bec6-b15ca7a0bc04.local 9 typ host tcptype active";

fn chromium_srflx(port: u16) -> String {
    format!(
        "candidate:3362422411 1 udp 1677729535 203.0.113.101 {port} typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag tGry network-cost 999"
    )
}

/// Firefox's candidate from server `index` of its list.
fn firefox_srflx(index: u32, port: u16) -> String {
    format!("candidate:1 1 UDP {} 203.0.113.101 {port} typ srflx raddr 0.0.0.0 rport 0", 1_686_052_863 - 256 * index)
}

fn sighting(line: impl Into<String>, url: Option<&str>) -> Sighting {
    Sighting { line: line.into(), url: url.map(Into::into) }
}

fn run(candidates: Vec<Sighting>) -> Gathering {
    Gathering {
        servers: SERVERS.map(Into::into).into(),
        candidates,
        complete: true,
        reports_failures: true,
        time: 120.0,
        ..Gathering::default()
    }
}

fn chromium_cone() -> Gathering {
    run(vec![sighting(chromium_srflx(52525), Some(SERVERS[1])), sighting(CHROMIUM_HOST, None)])
}

fn firefox_cone() -> Gathering {
    run(vec![sighting(FIREFOX_HOST, None), sighting(FIREFOX_TCP, None), sighting(firefox_srflx(0, 42851), None)])
}

/// `destination → mapped`, `=` where it is equal to another, `-` for silence.
fn told(seen: &[Observation]) -> Vec<String> {
    let outcome = |seen: &Observation| match seen.outcome {
        Outcome::Answer { mapped: Some(mapped), .. } => mapped.to_string(),
        Outcome::Answer { .. } => "=".into(),
        Outcome::Silence => "-".into(),
        ref other => format!("{other:?}"),
    };
    seen.iter().map(|seen| format!("{} {}", seen.destination, outcome(seen))).collect()
}

fn mapping(gathering: &Gathering) -> Verdict<Behaviour> {
    report(gathering).paths[0].mapping.value.clone()
}

fn report(gathering: &Gathering) -> NatReport {
    infer(&gathering.observations())
}

#[test]
fn one_candidate_of_a_complete_run_speaks_for_all_servers() {
    let seen = chromium_cone().observations();
    assert_eq!(told(&seen), ["203.0.113.11:3478 203.0.113.101:52525", "203.0.113.10:3478 =", "203.0.113.10:3479 ="]);
    assert!(seen.iter().all(|seen| seen.base.to_string() == "21574d26-65bc-43be-bc19-03a3b1254bdf.local:52525"));
    assert_eq!(mapping(&chromium_cone()), Verdict::Is(Behaviour::EndpointIndependent));

    let seen = firefox_cone().observations();
    assert_eq!(told(&seen), ["203.0.113.10:3478 203.0.113.101:42851", "203.0.113.11:3478 =", "203.0.113.10:3479 ="]);
    assert_eq!(seen[0].base.to_string(), "interface-127.local:42851");
    assert_eq!(mapping(&firefox_cone()), Verdict::Is(Behaviour::EndpointIndependent));
}

#[test]
fn one_candidate_of_an_incomplete_run_speaks_for_its_own_server() {
    for mut gathering in [chromium_cone(), firefox_cone()] {
        gathering.complete = false;
        assert_eq!(gathering.observations().len(), 1);
        assert_eq!(mapping(&gathering), Verdict::Unknown);
        assert_eq!(gathering.unheard().len(), 2);
    }
}

#[test]
fn a_server_that_failed_is_not_taken_for_one_that_agreed() {
    for mut gathering in [chromium_cone(), firefox_cone()] {
        let code = 701;
        let failed = ["stun:203.0.113.10:3478", "stun:203.0.113.11:3478"].into_iter();
        let heard = gathering.observations()[0].destination.to_string();
        gathering.failures = failed
            .filter(|url| !url.ends_with(&heard))
            .map(|url| Failure { url: url.into(), code, text: String::new(), after: 11_000.0 })
            .collect();
        let seen = gathering.observations();
        assert_eq!(seen.len(), 2, "{:?}", told(&seen));
    }
}

#[test]
fn without_the_error_event_only_servers_known_to_live_count() {
    let mut gathering = firefox_cone();
    gathering.reports_failures = false;
    assert_eq!(gathering.observations().len(), 1);
    gathering.alive = vec![SERVERS[1].into()];
    assert_eq!(told(&gathering.observations())[1..], ["203.0.113.11:3478 ="]);
    assert_eq!(mapping(&gathering), Verdict::Is(Behaviour::EndpointIndependent));
}

#[test]
fn different_candidates_tell_their_servers() {
    let chromium = run(vec![
        sighting(CHROMIUM_HOST, None),
        sighting(chromium_srflx(36090), Some(SERVERS[0])),
        sighting(chromium_srflx(46595), Some(SERVERS[2])),
        sighting(chromium_srflx(30326), Some(SERVERS[1])),
    ]);
    let firefox = run(vec![
        sighting(FIREFOX_HOST, None),
        sighting(firefox_srflx(0, 60947), None),
        sighting(firefox_srflx(1, 49087), None),
        sighting(firefox_srflx(2, 32133), None),
    ]);
    for gathering in [chromium, firefox] {
        let destinations: Vec<_> = gathering.observations().iter().map(|seen| seen.destination.to_string()).collect();
        assert_eq!(destinations.len(), 3);
        assert!(SERVERS.iter().all(|url| destinations.iter().any(|destination| url.ends_with(destination.as_str()))));
        assert_eq!(mapping(&gathering), Verdict::Is(Behaviour::AddressAndPortDependent));
        assert_eq!(report(&gathering).paths[0].classic, Classic::Symmetric);
    }
}

#[test]
fn two_candidates_split_by_address_are_address_dependent() {
    let gathering = run(vec![
        sighting(CHROMIUM_HOST, None),
        sighting(chromium_srflx(36090), Some(SERVERS[0])),
        sighting(chromium_srflx(46595), Some(SERVERS[1])),
    ]);
    assert_eq!(mapping(&gathering), Verdict::Is(Behaviour::AddressDependent));
}

#[test]
fn without_urls_and_without_firefox_the_server_is_not_guessed() {
    let gathering = run(vec![sighting(CHROMIUM_HOST, None), sighting(chromium_srflx(36090), None)]);
    let direct = gathering.observations().into_iter().filter(|seen| seen.mapped().is_some()).count();
    assert_eq!(direct, 0);
    assert_eq!(mapping(&gathering), Verdict::Unknown);
}

#[test]
fn a_shown_address_is_the_base() {
    let line = "candidate:1 1 udp 1677729535 203.0.113.101 59993 typ srflx raddr 10.3.0.2 rport 59993 generation 0";
    let seen = run(vec![sighting(line, Some(SERVERS[0]))]).observations();
    assert!(seen.iter().all(|seen| seen.base.to_string() == "10.3.0.2:59993"));
}

#[test]
fn no_candidate_beside_a_shown_address_is_no_nat() {
    let host = "candidate:0 1 UDP 2122252543 203.0.113.120 50750 typ host";
    let mut open = run(vec![sighting(host, None), sighting(FIREFOX_TCP, None)]);
    assert_eq!(mapping(&open), Verdict::NotApplicable);
    assert_eq!(open.reachable(), Some(0));
    // Two addresses: either may be the one without a way to the server.
    let other = "candidate:1 1 UDP 2122187007 10.0.0.7 50751 typ host";
    open.candidates.push(sighting(other, None));
    assert!(open.observations().is_empty());
    // A hidden address can't be compared with anything.
    assert!(run(vec![sighting(FIREFOX_HOST, None)]).observations().is_empty());
}

#[test]
fn nothing_back_is_silence_of_every_server() {
    let mut blocked = run(vec![sighting(CHROMIUM_HOST, None)]);
    blocked.complete = false;
    assert_eq!(told(&blocked.observations()), ["203.0.113.10:3478 -", "203.0.113.11:3478 -", "203.0.113.10:3479 -"]);
    assert_eq!(report(&blocked).paths[0].classic, Classic::Unknown, "the network may be dead");
    let answer = Outcome::Answer { mapped: None, from: None, plain: None };
    let mut seen = blocked.observations();
    seen.push(Observation::new(blocked.silent_base(), "turn:203.0.113.10".parse().unwrap(), Test::Tcp, answer));
    assert_eq!(infer(&seen).paths[0].classic, Classic::Blocked);
}

#[test]
fn a_name_that_was_not_found_is_no_silence() {
    let url = "stun:stun.example.org:3478";
    let failure = |text: &str, after| Failure { url: url.into(), code: 701, text: text.into(), after };
    let mut gathering = run(vec![sighting(CHROMIUM_HOST, None)]);
    gathering.servers = vec![url.into()];
    for (failure, silent) in [
        (failure("STUN host lookup received error.", 8000.0), 0),
        (failure("STUN binding request timed out.", 39_900.0), 1),
        (failure("", 10.0), 0),
        (failure("", 11_100.0), 1),
    ] {
        gathering.failures = vec![failure];
        assert_eq!(gathering.observations().len(), silent, "{:?}", gathering.failures);
    }
}

#[test]
fn two_hidden_interfaces_stay_apart() {
    let host = |preference: u32, name: &str, port: u16| {
        format!("candidate:0 1 UDP {} {name}.local {port} typ host", 2_122_252_543 - 65_536 * (127 - preference))
    };
    let srflx = |preference: u32, address: &str, port: u16| {
        let priority = 1_686_052_863 - 65_536 * (127 - preference);
        format!("candidate:1 1 UDP {priority} {address} {port} typ srflx raddr 0.0.0.0 rport 0")
    };
    let gathering = run(vec![
        sighting(host(127, "a", 1001), None),
        sighting(host(126, "b", 1002), None),
        sighting(srflx(127, "203.0.113.101", 5001), None),
        sighting(srflx(126, "203.0.113.102", 5002), None),
    ]);
    let report = report(&gathering);
    let bases: Vec<_> = report.paths.iter().map(|path| path.base.to_string()).collect();
    assert_eq!(bases, ["interface-127.local:1001", "interface-126.local:1002"]);
    assert!(report.paths.iter().all(|path| path.mapping.value == Verdict::Is(Behaviour::EndpointIndependent)));
}

#[test]
fn a_relay_is_found_after_lines_that_do_not_parse() {
    let relay = "candidate:3 1 UDP 92216575 203.0.113.10 58167 typ relay raddr 203.0.113.10 rport 58167";
    let gathering = run(vec![sighting("nonsense", None), sighting(relay, None)]);
    assert_eq!(
        gathering.relayed().map(|(at, address)| (at, address.to_string())),
        Some((1, "203.0.113.10:58167".into()))
    );
    assert_eq!(gathering.reachable(), None);
    assert!(!gathering.is_opened());
}

#[test]
fn hostile_lines_are_harmless() {
    let lines =
        ["", "candidate:", "candidate:1 1 udp 4294967295 ::1 0 typ srflx", "candidate:1 1 UDP 0 x.local 1 typ host"];
    for complete in [false, true] {
        let mut gathering = run(lines.iter().map(|line| sighting(*line, Some("stun:["))).collect());
        gathering.complete = complete;
        gathering.servers.extend((0..1000).map(|n| format!("stun:203.0.113.10:{n}")));
        gathering.failures = vec![Failure { url: "\u{0}".into(), code: 0, text: "é".into(), after: f64::NAN }];
        assert!(gathering.observations().len() <= 4 * MAX_SERVERS);
        assert!(gathering.unheard().len() <= MAX_SERVERS);
        assert!(report(&gathering).paths.iter().all(|path| path.classic == Classic::Unknown), "complete: {complete}");
    }
}

#[test]
fn says_what_would_settle_the_open_axes() {
    let turn = "turn:203.0.113.10:3478";
    let unknown = infer(&[]);
    assert_eq!(missing(&[], &unknown, true), [Missing::StunServer, Missing::TurnServer]);
    assert_eq!(missing(&["bad"], &unknown, false), [Missing::StunServer]);
    let mut one = chromium_cone();
    one.servers.truncate(2);
    one.servers.remove(0);
    assert_eq!(missing(&SERVERS[1..2], &report(&one), false), [Missing::SecondAddress]);
    assert_eq!(missing(&SERVERS, &report(&chromium_cone()), true), [Missing::TurnServer]);
    let ports_unknown = run(vec![
        sighting(CHROMIUM_HOST, None),
        sighting(chromium_srflx(1), Some(SERVERS[0])),
        sighting(chromium_srflx(2), Some(SERVERS[1])),
    ]);
    let ports_unknown = Gathering { servers: SERVERS[..2].iter().map(|url| (*url).into()).collect(), ..ports_unknown };
    assert_eq!(missing(&[SERVERS[0], SERVERS[1], turn], &report(&ports_unknown), true), [Missing::SecondPort]);
}
