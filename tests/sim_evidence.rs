//! Scenarios from evidence, and runs set beside it. `pkg-tests/evidence.test.mjs` does the same with recorded calls.

use icelens::sim::{
    Agreement, CandidateSeen, Cut, End, EndSeen, Evidence, Outcome, PairSeen, SideSeen, Simulation, Source, StateSeen,
    compare_runs,
};

const SERVERS: [&str; 2] = ["stun:203.0.113.10:3478", "stun:203.0.113.11:3478"];

fn seen(line: &str, url: Option<&str>) -> CandidateSeen {
    CandidateSeen { line: format!("candidate:1 1 udp 1 {line}"), url: url.map(Into::into), at: Some(10.0) }
}

fn side(ip: &str, exit: &str, ports: &[u16]) -> SideSeen {
    let mut candidates = vec![seen(&format!("{ip} 50000 typ host"), None)];
    candidates.extend(
        ports
            .iter()
            .zip(SERVERS)
            .map(|(port, url)| seen(&format!("{exit} {port} typ srflx raddr {ip} rport 50000"), Some(url))),
    );
    SideSeen { candidates, servers: Some(SERVERS.map(Into::into).into()), gathered: Some(100.0), ..SideSeen::default() }
}

/// A cone here, and a peer with so many mapped ports.
fn call(ports: &[u16]) -> Evidence {
    Evidence {
        local: side("10.0.0.2", "192.0.2.1", &[50000]),
        remote: SideSeen { servers: None, ..side("10.1.0.2", "192.0.2.2", ports) },
        controlling: Some(true),
        profile: "chrome".into(),
        described: Some(100.0),
        ..Evidence::default()
    }
}

fn run(evidence: &Evidence) -> Simulation {
    let mut simulation = Simulation::new(&evidence.scenario().unwrap().scenario).unwrap();
    simulation.run();
    simulation
}

#[test]
fn a_peer_with_two_ports_is_symmetric_and_the_call_fails() {
    let made = call(&[61204, 61311]).scenario().unwrap();
    let told: Vec<_> =
        made.facts.iter().map(|fact| (fact.code, fact.end.name(), fact.value.as_str(), fact.by)).collect();
    assert!(told.contains(&("mapping", "local", "endpoint-independent", "servers")), "{told:?}");
    assert!(told.contains(&("mapping", "remote", "address-and-port-dependent", "ports")), "{told:?}");
    let result = Simulation::untraced(&made.scenario).unwrap().run_until_decided();
    assert_eq!(result.outcome, Outcome::Failed, "{}", result.why());
}

#[test]
fn each_assumption_says_what_its_other_values_would_change() {
    let made = call(&[61204, 61311]).scenario().unwrap();
    let find = |code: &str, end: &str| {
        let found = made.assumptions.iter().find(|it| it.code == code && it.end.name() == end);
        found.unwrap_or_else(|| panic!("{code} {end}"))
    };
    // Were the filter here only of addresses, the peer's checks from its new port would come in.
    let outcomes: Vec<_> =
        find("filtering", "local").others.iter().map(|other| (other.value.as_str().unwrap(), other.outcome)).collect();
    assert_eq!(outcomes, [("endpoint-independent", Outcome::Direct), ("address-dependent", Outcome::Direct)]);
    for assumption in &made.assumptions {
        assert!(made.scenario.with(&assumption.path, &assumption.value).unwrap() == made.scenario, "{assumption:?}");
        assert!(!assumption.others.is_empty(), "{assumption:?}");
    }
}

#[test]
fn the_changes_that_connect_are_those_of_theory() {
    let made = call(&[61204, 61311]).scenario().unwrap();
    let mut told: Vec<_> = made.changes.iter().map(|it| (it.code, it.end.name(), it.result.outcome.name())).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("filter-by-address", "local", "direct"),
            // The peer's filter knows this end's only port already.
            ("filter-by-address", "remote", "failed"),
            ("map-independent", "remote", "direct"),
            ("turn-tcp", "local", "relayed"),
            ("turn-tcp", "remote", "relayed"),
            ("turn-tcp-both", "local", "relayed"),
            ("turn-udp", "local", "relayed"),
            ("turn-udp", "remote", "relayed"),
            ("turn-udp-both", "local", "relayed"),
        ]
    );
}

#[test]
fn a_blocked_side_connects_over_tcp_only() {
    let mut evidence = call(&[50001]);
    evidence.local.candidates.truncate(1);
    let made = evidence.scenario().unwrap();
    assert!(made.scenario.networks[0].nat.blocks_udp);
    let outcome = |code: &str| {
        let found = made.changes.iter().find(|it| it.code == code && it.end.name() == "local");
        found.map(|it| it.result.outcome)
    };
    assert_eq!(outcome("turn-udp"), Some(Outcome::Failed));
    assert_eq!(outcome("turn-tcp"), Some(Outcome::Relayed));
    assert_eq!(outcome("udp-open"), Some(Outcome::Direct));
}

#[test]
fn two_ends_without_servers_need_one_each() {
    let mut evidence = call(&[]);
    for side in [&mut evidence.local, &mut evidence.remote] {
        side.candidates.truncate(1);
        side.servers = Some(Vec::new());
    }
    let made = evidence.scenario().unwrap();
    let outcome = |code: &str| made.changes.iter().find(|it| it.code == code).map(|it| it.result.outcome);
    assert_eq!(outcome("stun"), Some(Outcome::Failed));
    assert_eq!(outcome("stun-both"), Some(Outcome::Direct));
    assert_eq!(outcome("turn-tcp-both"), Some(Outcome::Relayed));
}

#[test]
fn a_packet_from_a_new_port_shows_the_filter() {
    let mut evidence = call(&[61204, 61311]);
    evidence.pairs.push(PairSeen {
        local: EndSeen { kind: "srflx".into(), address: "192.0.2.1:50000".into(), port: None },
        remote: EndSeen { kind: "prflx".into(), address: String::new(), port: Some(61402) },
        sent: 3,
        answered: 3,
        received: Some(2),
        selected: true,
    });
    evidence.outcome = Some("direct".into());
    let simulation = run(&evidence);
    assert_eq!(simulation.result().outcome, Outcome::Direct, "{}", simulation.result().why());
    let steps = evidence.steps(&simulation);
    let of = |code: &str| steps.iter().find(|step| step.code == code).unwrap().agreement;
    assert_eq!(of("outcome"), Agreement::Same);
    // The scenario was made of that pair.
    assert_eq!((of("prflx"), of("requests")), (Agreement::Given, Agreement::Given));
}

#[test]
fn what_was_given_is_no_agreement() {
    let mut evidence = call(&[61204, 61311]);
    evidence.outcome = Some("failed".into());
    evidence.states =
        vec![StateSeen { at: 104.0, state: "checking".into() }, StateSeen { at: 90_000.0, state: "failed".into() }];
    let steps = evidence.steps(&run(&evidence));
    let told: Vec<_> = steps.iter().map(|step| (step.code, step.agreement)).collect();
    for code in ["host", "srflx", "described"] {
        assert!(told.iter().all(|(step, agreement)| *step != code || *agreement == Agreement::Given), "{told:?}");
    }
    assert!(told.contains(&("checking", Agreement::Same)), "{steps:#?}");
    assert!(told.contains(&("failed", Agreement::Differs)), "{steps:#?}");
    assert!(told.contains(&("outcome", Agreement::Same)), "{steps:#?}");
    assert!(told.contains(&("dropped", Agreement::NotSeen)), "{steps:#?}");
}

#[test]
fn two_runs_differ_first_where_the_relay_is_asked_and_a_check_through_it_decides() {
    let made = call(&[61204, 61311]).scenario().unwrap();
    let run = |scenario: &icelens::sim::Scenario| {
        let mut simulation = Simulation::new(scenario).unwrap();
        simulation.run();
        simulation
    };
    let plain = run(&made.scenario);
    let change = made.changes.iter().find(|it| it.code == "turn-udp" && it.end.name() == "local").unwrap();
    let relayed = run(&change.scenario);
    let compared = compare_runs(&plain, &relayed);
    let first = compared.rows[compared.first_difference.unwrap()];
    let said = relayed.entry(&relayed.trace()[first.b.unwrap()]).to_string();
    assert!(first.a.is_none() && said.contains("allocate request"), "{first:?} {said}");
    let deciding = compared.deciding.unwrap();
    assert_eq!(deciding.rule, "RFC 8656 §9", "{}", deciding.why);
    assert!(compared.first_difference < Some(deciding.row));
}

#[test]
fn a_filter_that_lets_in_decides_by_its_own_rule() {
    let made = call(&[61204, 61311]).scenario().unwrap();
    let run = |scenario: &icelens::sim::Scenario| {
        let mut simulation = Simulation::new(scenario).unwrap();
        simulation.run();
        simulation
    };
    let change = made.changes.iter().find(|it| it.code == "filter-by-address" && it.end.name() == "local").unwrap();
    let (plain, open) = (run(&made.scenario), run(&change.scenario));
    let compared = compare_runs(&plain, &open);
    let deciding = compared.deciding.unwrap();
    assert_eq!(deciding.rule, "RFC 4787 §5");
    assert!(deciding.why.contains("its address was contacted"), "{}", deciding.why);
    assert!(deciding.why.contains("dropped"), "{}", deciding.why);
}

#[test]
fn the_same_run_twice_has_no_difference() {
    let evidence = call(&[61204, 61311]);
    let compared = compare_runs(&run(&evidence), &run(&evidence));
    assert_eq!((compared.first_difference, compared.deciding), (None, None));
    assert!(compared.rows.len() > 20);
}

#[test]
fn any_evidence_makes_a_scenario_that_runs() {
    for evidence in [
        Evidence::default(),
        Evidence { local: side("192.0.2.9", "192.0.2.9", &[]), ..Evidence::default() },
        Evidence { local: side("10.0.0.2", "192.0.2.1", &[1, 2]), ..Evidence::default() },
        Evidence {
            remote: side("10.0.0.2", "192.0.2.1", &[1]),
            local: side("10.0.0.2", "192.0.2.1", &[2]),
            ..Evidence::default()
        },
        Evidence { controlling: Some(false), ..call(&[1, 2]) },
    ] {
        let simulation = run(&evidence);
        assert!(!evidence.steps(&simulation).is_empty());
    }
}

/// A peer that signalled host candidates only may ask no server, or be blocked: a remedy over UDP holds for the first alone.
#[test]
fn a_change_says_which_assumption_it_rests_on() {
    let mut evidence = call(&[]);
    evidence.remote.candidates.truncate(1);
    let made = evidence.scenario().unwrap();
    let find = |code: &str| made.changes.iter().find(|it| it.code == code && it.end.name() == "remote").unwrap();
    let rests = |code: &str| find(code).rests_on.iter().map(|at| made.assumptions[*at].code).collect::<Vec<_>>();
    assert_ne!(find("stun").result.outcome, Outcome::Failed);
    assert!(rests("stun").contains(&"not-blocked"), "{:?}", rests("stun"));
    assert_eq!(find("turn-tcp").result.outcome, Outcome::Relayed);
    assert!(rests("turn-tcp").is_empty(), "{:?}", rests("turn-tcp"));
}

#[test]
fn one_side_alone_ends_in_no_verdict() {
    let codes = |evidence: &Evidence| {
        let made = evidence.scenario().unwrap();
        let limits: Vec<_> = made.limits.iter().map(|it| (it.code, it.end.map(End::name))).collect();
        (made.prediction, made.changes.len(), limits, made.assumptions.iter().any(|it| it.code == "no-candidate"))
    };
    let both = Evidence { described: None, ..call(&[61204, 61311]) };
    let offer = Evidence { remote: SideSeen::default(), ..both.clone() };
    let answer = Evidence { local: SideSeen::default(), ..both.clone() };
    let no_outcome = ("no-outcome", None);
    assert_eq!(codes(&offer), (None, 0, vec![("one-sided", Some("remote")), no_outcome], false));
    assert_eq!(codes(&answer), (None, 0, vec![("one-sided", Some("local")), no_outcome], false));
    assert_eq!(codes(&Evidence::default()).2, [("one-sided", Some("remote")), no_outcome]);
    let (prediction, changes, limits, _) = codes(&both);
    assert_eq!((prediction, limits), (Some(Outcome::Failed), vec![no_outcome]));
    assert!(changes > 0);
    // A side that was in the call and signalled no candidate is no unseen side.
    let called = Evidence { described: Some(100.0), ..offer };
    assert_eq!((codes(&called).0, codes(&called).3), (Some(Outcome::Failed), true));
}

/// Nothing follows from what evidence that is cut does not have.
#[test]
fn what_was_cut_off_is_neither_agreement_nor_fact() {
    let cut = |evidence: Evidence| Evidence { cut: Some(Cut { source: Source::Dump, at: 4711 }), ..evidence };
    let asked = PairSeen {
        local: EndSeen { kind: "host".into(), address: "10.0.0.2:50000".into(), port: None },
        remote: EndSeen { kind: "srflx".into(), address: "192.0.2.2:61204".into(), port: None },
        sent: 3,
        received: Some(0),
        ..PairSeen::default()
    };
    let whole = Evidence { pairs: vec![asked], ..call(&[61204, 61311]) };
    let agreed = |evidence: &Evidence| {
        let steps = evidence.steps(&run(evidence));
        steps
            .iter()
            .filter(|step| matches!(step.code, "pair" | "requests"))
            .map(|step| step.agreement)
            .collect::<Vec<_>>()
    };
    assert_eq!(agreed(&whole), [Agreement::Same, Agreement::Same]);
    assert_eq!(agreed(&cut(whole.clone())), [Agreement::NotSeen, Agreement::NotSeen]);
    let limits = cut(whole).limits();
    assert!(limits.iter().any(|it| it.code == "cut-dump" && it.why().contains("character 4711")), "{limits:?}");

    let mut silent = call(&[50001]);
    silent.local.candidates.truncate(1);
    silent.local.servers.as_mut().unwrap().push("turn:203.0.113.12:3478".into());
    let told = |evidence: &Evidence| {
        let made = evidence.scenario().unwrap();
        let facts: Vec<_> = made.facts.iter().filter(|it| it.end == End::Local).map(|it| it.code).collect();
        (facts.contains(&"blocked"), made.assumptions.iter().map(|it| it.code).collect::<Vec<_>>())
    };
    assert!(told(&silent).0);
    // Gathering was over before the cut: no answer came.
    assert!(told(&cut(silent.clone())).0);
    silent.local.gathered = None;
    let (blocked, assumed) = told(&cut(silent));
    assert!(!blocked && assumed.contains(&"answers-unseen") && assumed.contains(&"relay-unseen"), "{assumed:?}");
}
