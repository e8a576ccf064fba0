//! RFC 8445 §7.2: checks and the responses to them.

use super::net::*;
use icelens::candidate::CandidateType;
use icelens::ice::agent::*;
use icelens::ice::{PairState, Role};
use icelens::net::Datagram;
use icelens::stun::{Builder, Class, Key, Message, Method, attribute};

fn pair(alone: &Alone) -> &Pair {
    &alone.agent.pairs(0)[0]
}

#[test]
fn section_7_2_2_username_integrity_and_fingerprint() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    let message = Message::parse(&sent[0].bytes).unwrap();
    assert_eq!(message.username(), Some("them:ours"));
    assert!(message.verify(&Key::short_term(THEIR_PWD)).is_valid());
    assert!(message.fingerprint().is_valid());
    assert_eq!(long(&sent[0], attribute::ICE_CONTROLLING), Some(1000));
    assert_eq!(long(&sent[0], attribute::ICE_CONTROLLED), None);
}

#[test]
fn section_14_2_ta_is_the_longer_proposal_and_never_under_5_ms() {
    for (ours, theirs, expected) in
        [(None, None, 50), (Some(20), Some(100), 100), (Some(200), Some(30), 200), (Some(1), None, 5)]
    {
        let mut alone = Alone::with(Role::Controlling, |config| config.pacing = ours.map(ms));
        let pacing = theirs.map(ms);
        alone.agent.set_remote_parameters(RemoteParameters { pacing, ..RemoteParameters::new("them", THEIR_PWD) });
        for n in 0..2 {
            let it = RemoteCandidate { foundation: n.to_string(), ..remote(&format!("192.0.2.2:{}", 2000 + n)) };
            alone.agent.add_remote_candidate(it).unwrap();
        }
        assert_eq!(alone.run(ms(expected - 1)).len(), 1);
        assert_eq!(alone.run(ms(expected)).len(), 1, "Ta is {expected}");
    }
}

#[test]
fn section_14_3_rto_by_the_formula() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    for n in 0..30 {
        let it = RemoteCandidate { foundation: n.to_string(), ..remote(&format!("192.0.2.2:{}", 2000 + n)) };
        alone.agent.add_remote_candidate(it).unwrap();
    }
    alone.run(ms(0));
    let rto = |alone: &mut Alone| {
        let sent = alone.decisions().into_iter().filter(|it| it.code == Code::CheckSent);
        sent.map(|it| it.number).collect::<Vec<_>>()
    };
    assert_eq!(rto(&mut alone), [1500], "50 ms for each of 30 checks");
    let few = Alone::new(Role::Controlling).start();
    let mut few = few;
    few.run(ms(0));
    assert_eq!(rto(&mut few), [500], "never less");
}

#[test]
fn section_7_2_4_checks_know_neither_rfc_3489_nor_alternate_server() {
    // A response of RFC 3489 has no magic cookie, and here no FINGERPRINT: nothing of it counts.
    let mut alone = Alone::new(Role::Controlling).start();
    let check = alone.run(ms(0)).remove(0);
    let mut classic = success(&check.bytes, OURS, THEIR_PWD);
    classic[4] ^= 0xff;
    alone.receive(classic);
    assert_eq!(pair(&alone).state, PairState::InProgress);
    let mut request = Asked { fingerprint: false, ..Asked::default() }.bytes();
    assert!(alone.receive(request.clone()).is_empty(), "a request without FINGERPRINT");
    request[4] ^= 0xff;
    assert!(alone.receive(request).is_empty(), "a request of RFC 3489");

    // A 300 is an error like any other; nobody else is asked.
    let id = Message::parse(&check.bytes).unwrap().transaction_id();
    let mut buffer = [0; 200];
    let mut builder = Builder::new(&mut buffer, Class::Error, Method::BINDING, id).unwrap();
    builder.error_code(300).unwrap();
    builder.address(attribute::ALTERNATE_SERVER, at("203.0.113.9:3478")).unwrap();
    builder.sign(&Key::short_term(THEIR_PWD)).unwrap().fingerprint().unwrap();
    alone.receive(builder.finish().to_vec());
    assert_eq!(pair(&alone).state, PairState::Failed);
    let sent = alone.run(ms(60_000));
    assert!(sent.iter().all(|packet| packet.remote == at(THEIRS)), "{sent:?}");
}

#[test]
fn rfc_8489_section_6_2_1_the_same_request_seven_times_then_failure() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(31_500));
    assert_eq!(sent.len(), 7);
    assert!(sent.iter().all(|packet| packet.bytes == sent[0].bytes), "one transaction id");
    assert_eq!(pair(&alone).state, PairState::InProgress);
    alone.run(ms(39_500));
    assert_eq!((pair(&alone).state, pair(&alone).failure), (PairState::Failed, Some(CheckFailure::Silent)));
}

#[test]
fn section_7_2_5_1_a_487_switches_the_role_changes_the_tie_breaker_and_checks_again() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 487, Some(THEIR_PWD)));
    assert_eq!(alone.agent.role(), Role::Controlled);
    assert_ne!(alone.agent.tie_breaker(), 1000);
    assert_eq!(pair(&alone).state, PairState::Waiting);
    let again = alone.run(ms(50));
    assert_eq!(long(&again[0], attribute::ICE_CONTROLLED), Some(alone.agent.tie_breaker()));
}

#[test]
fn section_7_2_5_1_a_487_from_before_the_switch_is_stale() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    let conflict = Asked { role: Some((attribute::ICE_CONTROLLING, 5000)), ..Asked::default() };
    alone.receive(conflict.bytes());
    assert_eq!(alone.agent.role(), Role::Controlled);
    alone.receive(failure(&sent[0].bytes, 487, Some(THEIR_PWD)));
    assert_eq!(alone.agent.role(), Role::Controlled, "not switched back");
    assert!(alone.happened(Code::RoleConflictStale));
}

#[test]
fn section_16_1_equal_tie_breakers_come_to_an_end() {
    for role in [Role::Controlling, Role::Controlled] {
        let mut net = Net::two(|config| {
            config.entropy[0] = config.role as u8 + 7;
            (config.role, config.tie_breaker) = (role, Some(42));
        });
        net.host(0, "192.0.2.1:1000");
        net.host(1, "192.0.2.2:2000");
        net.exchange();
        let took = net.run_to(AgentState::Completed, ms(5000));
        assert!(took < ms(1000), "both {role:?}: {took:?}");
        assert_ne!(net.agents[0].role(), net.agents[1].role());
        assert_ne!(net.agents[0].tie_breaker(), net.agents[1].tie_breaker());
    }
}

#[test]
fn section_7_2_5_2_1_a_response_from_elsewhere_fails_the_pair() {
    for (local, from) in [(OURS, "192.0.2.66:2000"), ("192.0.2.1:1001", THEIRS)] {
        let mut alone = Alone::new(Role::Controlling).start();
        alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.1:1001"))).unwrap();
        let sent = alone.run(ms(0));
        let answer = success(&sent[0].bytes, OURS, THEIR_PWD);
        alone.agent.receive(ms(1), &Datagram::udp(at(local), at(from), answer));
        let checked = alone.agent.pairs(0).iter().find(|pair| pair.stats.checks == 1).unwrap();
        assert_eq!((checked.state, checked.failure), (PairState::Failed, Some(CheckFailure::NotSymmetric)));
        assert!(alone.agent.pairs(0).iter().all(|pair| !pair.valid));
    }
}

#[test]
fn rfc_8489_section_9_1_4_a_response_without_or_with_wrong_integrity_is_as_if_it_had_not_come() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    let forged = success(&sent[0].bytes, OURS, "somebody elses password");
    let unsigned = failure(&sent[0].bytes, 400, None);
    for bytes in [forged, unsigned] {
        alone.receive(bytes);
        assert_eq!(pair(&alone).state, PairState::InProgress);
        assert!(alone.happened(Code::ResponseUnauthenticated));
    }
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(pair(&alone).state, PairState::Succeeded, "the right one still counts");
}

#[test]
fn a_replayed_response_changes_nothing() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    let answer = success(&sent[0].bytes, OURS, THEIR_PWD);
    alone.receive(answer.clone());
    let before = pair(&alone).clone();
    alone.receive(answer);
    assert_eq!(*pair(&alone), before);
    assert!(alone.happened(Code::ResponseUnknown));
}

#[test]
fn section_7_2_5_2_a_failure_leaves_other_pairs_of_the_foundation_as_they_are() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.agent.add_remote_candidate(RemoteCandidate { priority: 5000, ..remote("192.0.2.2:2001") }).unwrap();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 500, Some(THEIR_PWD)));
    let states: Vec<_> = alone.agent.pairs(0).iter().map(|pair| pair.state).collect();
    assert_eq!(states, [PairState::Failed, PairState::Frozen]);
    assert_eq!(pair(&alone).failure, Some(CheckFailure::Refused(500)));
}

#[test]
fn section_7_2_5_2_4_an_error_never_feeds_the_success_path() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 400, Some(THEIR_PWD)));
    assert!(!pair(&alone).valid, "although the error holds XOR-MAPPED-ADDRESS");
    assert_eq!(pair(&alone).state, PairState::Failed);
}

#[test]
fn section_7_2_5_3_1_a_new_mapped_address_is_a_local_peer_reflexive_candidate() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.agent.add_remote_candidate(remote("192.0.2.2:2001")).unwrap();
    let sent = alone.run(ms(0));
    alone.receive(success(&sent[0].bytes, "198.51.100.7:5555", THEIR_PWD));
    let learned = alone.agent.local_candidates().last().unwrap();
    assert_eq!(learned.candidate.kind, CandidateType::PeerReflexive);
    assert_eq!((learned.candidate.address, learned.candidate.base), (at("198.51.100.7:5555"), at(OURS)));
    assert_eq!(learned.priority, 1862270975, "PRIORITY of the request");
    assert_ne!(learned.foundation, alone.agent.local_candidates()[0].foundation);
    let pairs_of_it =
        alone.agent.pairs(0).iter().filter(|pair| addresses(&alone.agent, pair).0 == at("198.51.100.7:5555"));
    assert_eq!(pairs_of_it.count(), 1, "only the valid pair: it is not paired with others");
}

#[test]
fn section_7_2_5_3_2_the_valid_pair_in_its_three_cases() {
    let valid = |mapped: &str| {
        let mut alone = Alone::new(Role::Controlling);
        alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.7:1007"))).unwrap();
        let mut alone = alone.start();
        let sent = alone.run(ms(0));
        alone.receive(success(&sent[0].bytes, mapped, THEIR_PWD));
        let it = alone.agent.pairs(0).iter().find(|pair| pair.valid).unwrap().clone();
        (addresses(&alone.agent, &it), it.listed, it.state, alone.agent.pairs(0).len())
    };
    let theirs = at(THEIRS);
    assert_eq!(valid(OURS), ((at(OURS), theirs), true, PairState::Succeeded, 2), "the pair checked");
    assert_eq!(
        valid("192.0.2.7:1007"),
        ((at("192.0.2.7:1007"), theirs), true, PairState::Succeeded, 2),
        "another in the list"
    );
    assert_eq!(valid("198.51.100.7:5"), ((at("198.51.100.7:5"), theirs), false, PairState::Succeeded, 3), "in no list");
}

#[test]
fn section_7_2_5_3_3_a_success_thaws_its_foundation_in_all_lists() {
    let mut config = AgentConfig::new(Role::Controlling, [1; 32]);
    config.streams = 3;
    let mut agent = Agent::new(config);
    for stream in 0..3 {
        let component = ComponentId { stream, component: 1 };
        let host = LocalCandidate::host(at(&format!("192.0.2.1:{}", 1000 + stream)));
        agent.add_local_candidate(host.of(component)).unwrap();
        let address = at(&format!("192.0.2.2:{}", 2000 + stream));
        agent.add_remote_candidate(RemoteCandidate { component, address, ..remote(THEIRS) }).unwrap();
    }
    let mut alone = Alone { agent, now: ms(0) };
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    let sent = alone.run(ms(0));
    let states = |alone: &Alone| [0, 1, 2].map(|stream| alone.agent.pairs(stream)[0].state);
    assert_eq!(states(&alone), [PairState::InProgress, PairState::Frozen, PairState::Frozen]);
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(states(&alone), [PairState::Succeeded, PairState::Waiting, PairState::Waiting]);
}

#[test]
fn section_7_2_5_3_4_a_nominating_check_that_fails_fails_the_list() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    let nominating = alone.run(ms(50));
    assert!(uses_candidate(&nominating[0]));
    alone.receive(failure(&nominating[0].bytes, 400, Some(THEIR_PWD)));
    assert_eq!((pair(&alone).valid, pair(&alone).state), (false, PairState::Failed));
    assert_eq!(alone.agent.list_state(0), Some(ListState::Failed));
    assert_eq!(alone.agent.failure_reason(), Some(IceFailure::NominatedLost));
}

#[test]
fn a_late_answer_to_a_cancelled_check_does_not_lose_the_nomination() {
    let mut alone = Alone::new(Role::Controlling).start();
    let first = alone.run(ms(0));
    let asked = Asked { role: Some((attribute::ICE_CONTROLLED, 1)), ..Asked::default() };
    alone.receive(asked.bytes());
    let second = alone.run(ms(50));
    alone.receive(success(&first[0].bytes, OURS, THEIR_PWD));
    alone.receive(success(&second[0].bytes, OURS, THEIR_PWD));
    let nominating = alone.run(ms(100));
    assert!(uses_candidate(&nominating[0]));
    alone.receive(success(&nominating[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed);
}
