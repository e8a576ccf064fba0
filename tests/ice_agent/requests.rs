//! RFC 8445 §7.3: requests from the other side.

use super::net::*;
use icelens::candidate::CandidateType;
use icelens::ice::agent::*;
use icelens::ice::{PairState, Role};
use icelens::stun::{Check, Class, Key, Message, attribute};

fn controlled() -> Alone {
    let mut alone = Alone::new(Role::Controlled).start();
    alone.run(ms(0));
    alone
}

#[test]
fn section_7_3_the_answer_has_the_mapped_address_integrity_and_fingerprint() {
    let mut alone = controlled();
    let answer = alone.receive(Asked::default().bytes());
    let message = Message::parse(&answer[0].bytes).unwrap();
    assert_eq!(message.class(), Class::Success);
    assert_eq!(message.mapped_address(), Some(at(THEIRS)));
    assert!(message.verify(&Key::short_term(OUR_PWD)).is_valid());
    assert!(message.fingerprint().is_valid());
    assert_eq!(message.username(), None);
}

#[test]
fn section_7_3_only_our_own_fragment_must_match() {
    let mut alone = controlled();
    let answer = |alone: &mut Alone, username| {
        let sent = alone.receive(Asked { username, ..Asked::default() }.bytes());
        kind(&sent[0])
    };
    assert_eq!(answer(&mut alone, "ours:somebody"), (Class::Success, 0));
    assert_eq!(answer(&mut alone, "other:them"), (Class::Error, 401));
    assert_eq!(answer(&mut alone, "ours"), (Class::Error, 401), "two values separated by a colon");
    assert_eq!(answer(&mut alone, ""), (Class::Error, 400));
}

#[test]
fn nothing_changes_before_a_request_is_authenticated() {
    let conflict = Some((attribute::ICE_CONTROLLED, 1));
    let unauthenticated = [
        Asked { pwd: "not our password at all", role: conflict, use_candidate: true, ..Asked::default() },
        Asked { sign: false, role: conflict, use_candidate: true, ..Asked::default() },
        Asked { username: "other:them", role: conflict, use_candidate: true, ..Asked::default() },
        Asked { fingerprint: false, role: conflict, use_candidate: true, ..Asked::default() },
    ];
    for (asked, code) in unauthenticated.iter().zip([Some(401), Some(400), Some(401), None]) {
        let mut alone = controlled();
        let before = (alone.agent.pairs(0).to_vec(), alone.agent.remote_candidates().len());
        let answer = alone.receive_from("198.51.100.66:6666", asked.bytes());
        assert_eq!(answer.first().map(|packet| kind(packet).1), code);
        for packet in &answer {
            let message = Message::parse(&packet.bytes).unwrap();
            assert_eq!(message.verify(&Key::short_term(OUR_PWD)), Check::Absent);
            assert!(packet.bytes.len() <= asked.bytes().len(), "no amplification");
        }
        assert_eq!((alone.agent.pairs(0).to_vec(), alone.agent.remote_candidates().len()), before);
        assert_eq!((alone.agent.role(), alone.agent.tie_breaker()), (Role::Controlled, 1000));
    }
}

#[test]
fn unknown_required_attributes_are_named_in_a_signed_420() {
    let mut alone = controlled();
    let answer = alone.receive(Asked { extra: Some(0x7ffe), ..Asked::default() }.bytes());
    assert_eq!(kind(&answer[0]), (Class::Error, 420));
    let message = Message::parse(&answer[0].bytes).unwrap();
    assert_eq!(message.get(attribute::UNKNOWN_ATTRIBUTES).unwrap().bytes(), [0x7f, 0xfe]);
    assert!(message.verify(&Key::short_term(OUR_PWD)).is_valid());
    let optional = alone.receive(Asked { extra: Some(0xfffe), ..Asked::default() }.bytes());
    assert_eq!(kind(&optional[0]), (Class::Success, 0));
}

#[test]
fn section_7_1_1_a_request_without_priority_is_refused() {
    let mut alone = controlled();
    let answer = alone.receive(Asked { priority: None, ..Asked::default() }.bytes());
    assert_eq!(kind(&answer[0]), (Class::Error, 400));
}

#[test]
fn section_7_3_1_1_role_conflicts_in_all_cases() {
    // (our role, the attribute and tie-breaker of the request, error, our role after). Ours is 1000.
    use attribute::{ICE_CONTROLLED, ICE_CONTROLLING};
    for (ours, code, theirs, error, after) in [
        (Role::Controlling, ICE_CONTROLLING, 999, 487, Role::Controlling),
        (Role::Controlling, ICE_CONTROLLING, 1000, 487, Role::Controlling),
        (Role::Controlling, ICE_CONTROLLING, 1001, 0, Role::Controlled),
        (Role::Controlled, ICE_CONTROLLED, 999, 0, Role::Controlling),
        (Role::Controlled, ICE_CONTROLLED, 1000, 0, Role::Controlling),
        (Role::Controlled, ICE_CONTROLLED, 1001, 487, Role::Controlled),
        (Role::Controlled, ICE_CONTROLLING, 1, 0, Role::Controlled),
        (Role::Controlling, ICE_CONTROLLED, 5000, 0, Role::Controlling),
    ] {
        let mut alone = Alone::new(ours).start();
        alone.agent.add_remote_candidate(RemoteCandidate { priority: 5, ..remote("192.0.2.2:2001") }).unwrap();
        alone.run(ms(0));
        let before: Vec<u64> = alone.agent.pairs(0).iter().map(|pair| pair.priority).collect();
        let answer = alone.receive(Asked { role: Some((code, theirs)), ..Asked::default() }.bytes());
        assert_eq!((kind(&answer[0]).1, alone.agent.role()), (error, after), "{ours:?} {code:#x} {theirs}");
        assert_eq!(alone.agent.tie_breaker(), 1000);
        let verified = Message::parse(&answer[0].bytes).unwrap().verify(&Key::short_term(OUR_PWD));
        assert!(verified.is_valid(), "protected with the password of the request");
        let priorities: Vec<u64> = alone.agent.pairs(0).iter().map(|pair| pair.priority).collect();
        assert_eq!(priorities == before, ours == after, "recomputed after a switch");
    }
}

#[test]
fn section_7_3_early_requests_are_answered_at_once_and_taken_up_later() {
    let mut alone = Alone::new(Role::Controlled);
    let asked = Asked { use_candidate: true, ..Asked::default() };
    let answer = alone.receive(asked.bytes());
    assert_eq!(kind(&answer[0]), (Class::Success, 0));
    alone.receive_from("192.0.2.9:9", Asked { username: "ours:another", id: [4; 12], ..Asked::default() }.bytes());
    assert!(alone.agent.pairs(0).is_empty());
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    let sent = alone.run(ms(0));
    assert_eq!(sent.len(), 1);
    assert_eq!((alone.agent.pairs(0).len(), sent[0].remote), (1, at(THEIRS)), "not those of other credentials");
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed, "USE-CANDIDATE was kept too");
}

#[test]
fn section_7_3_early_requests_are_bounded() {
    let mut alone = Alone::new(Role::Controlled);
    for n in 0..1000u32 {
        let mut id = [0; 12];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let answer =
            alone.receive_from(&format!("198.51.100.1:{}", 1000 + n), Asked { id, ..Asked::default() }.bytes());
        assert_eq!(kind(&answer[0]), (Class::Success, 0));
    }
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.run(ms(0));
    assert_eq!(alone.agent.remote_candidates().len(), MAX_EARLY_CHECKS);
}

#[test]
fn section_7_3_1_3_a_request_from_an_unknown_source_teaches_a_candidate() {
    let mut alone = controlled();
    alone.receive_from("198.51.100.9:9999", Asked { priority: Some(77777), ..Asked::default() }.bytes());
    let learned = alone.agent.remote_candidates().last().unwrap();
    assert_eq!(learned.candidate.kind, CandidateType::PeerReflexive);
    assert_eq!((learned.candidate.address, learned.candidate.priority), (at("198.51.100.9:9999"), 77777));
    assert_eq!(learned.candidate.component, FIRST);
    assert!(
        alone.agent.remote_candidates()[..1].iter().all(|it| it.candidate.foundation != learned.candidate.foundation)
    );
}

#[test]
fn section_7_3_1_4_what_a_request_triggers_depends_on_the_state_of_the_pair() {
    // In-Progress: the check is cancelled, and the pair is checked at once.
    let mut alone = Alone::new(Role::Controlled).start();
    let first = alone.run(ms(0));
    alone.receive(Asked::default().bytes());
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Waiting);
    let second = alone.run(ms(600));
    assert_ne!(second[0].bytes, first[0].bytes, "a new transaction");
    assert!(second.iter().all(|packet| packet.bytes != first[0].bytes), "the old request is not sent again");
    // The answer to the cancelled check still counts.
    alone.receive(success(&first[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Succeeded);
    // Succeeded: nothing.
    alone.sent();
    alone.receive(Asked { id: [4; 12], ..Asked::default() }.bytes());
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Succeeded);
    assert!(alone.run(ms(2000)).is_empty());
    // Failed: checked again.
    let mut alone = Alone::new(Role::Controlled).start();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 500, Some(THEIR_PWD)));
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Failed);
    alone.receive(Asked::default().bytes());
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Waiting);
    assert_eq!(alone.run(ms(50)).len(), 1);
}

#[test]
fn section_7_3_1_4_a_cancelled_check_that_is_never_answered_is_no_failure() {
    let mut alone = Alone::new(Role::Controlled).start();
    alone.run(ms(0));
    alone.receive(Asked::default().bytes());
    let second = alone.run(ms(50));
    alone.receive(success(&second[0].bytes, OURS, THEIR_PWD));
    let valid = |alone: &Alone| (alone.agent.pairs(0)[0].valid, alone.agent.pairs(0)[0].state);
    assert_eq!(valid(&alone), (true, PairState::Succeeded));
    alone.run(ms(29_000));
    assert_eq!(valid(&alone), (true, PairState::Succeeded));
}

#[test]
fn section_7_3_1_5_use_candidate_nominates_at_once_or_when_the_check_succeeds() {
    let use_candidate = Asked { use_candidate: true, ..Asked::default() };
    let mut alone = Alone::new(Role::Controlled).start();
    let sent = alone.run(ms(0));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Connected);
    alone.receive(use_candidate.bytes());
    assert_eq!(alone.agent.state(), AgentState::Completed);

    let mut alone = controlled();
    alone.receive(use_candidate.bytes());
    assert_eq!(alone.agent.state(), AgentState::Checking);
    let sent = alone.run(ms(50));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed);
}

#[test]
fn section_7_1_2_use_candidate_from_a_controlled_peer_nominates_nothing() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.run(ms(0));
    let asked = Asked { role: Some((attribute::ICE_CONTROLLED, 1)), use_candidate: true, ..Asked::default() };
    let answer = alone.receive(asked.bytes());
    assert_eq!(kind(&answer[0]), (Class::Success, 0), "rice-proto sends it, and waits for the answer");
    assert!(alone.agent.pairs(0).iter().all(|pair| !pair.nominated));
}

#[test]
fn section_7_3_2_a_lite_agent_takes_what_is_nominated_and_sends_no_checks() {
    let mut alone = Alone::with(Role::Controlled, |config| config.lite = true).start();
    assert!(alone.run(ms(100)).is_empty());
    let asked = Asked { role: Some((attribute::ICE_CONTROLLING, 1)), ..Asked::default() };
    let answer = alone.receive(asked.bytes());
    assert_eq!(kind(&answer[0]), (Class::Success, 0));
    assert_eq!(alone.agent.state(), AgentState::Checking);
    alone.receive(Asked { use_candidate: true, ..asked }.bytes());
    assert_eq!(alone.agent.state(), AgentState::Completed);
    assert_eq!(addresses(&alone.agent, alone.agent.selected(FIRST).unwrap()), (at(OURS), at(THEIRS)));
}

#[test]
fn attributes_after_message_integrity_do_not_count() {
    let mut bytes = Asked { fingerprint: false, ..Asked::default() }.bytes();
    bytes.extend([0, 0x25, 0, 0]);
    let length = (bytes.len() - 20) as u16 + 8;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    // FINGERPRINT over all of it: the message is whole, and USE-CANDIDATE is not protected.
    let crc = crc32(&bytes) ^ 0x5354_554e;
    bytes.extend([0x80, 0x28, 0, 4]);
    bytes.extend(crc.to_be_bytes());
    let mut alone = controlled();
    let answer = alone.receive(bytes);
    assert_eq!(kind(&answer[0]), (Class::Success, 0));
    let sent = alone.run(ms(50));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Connected, "not nominated");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn hostile_learned_candidates_are_bounded_and_pairs_too() {
    let mut alone = controlled();
    for n in 0..10_000u32 {
        let mut id = [0; 12];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let from = format!("198.51.{}.{}:{}", n >> 8 & 0xff, n & 0xff, 1024 + n % 60_000);
        alone.receive_from(&from, Asked { id, ..Asked::default() }.bytes());
    }
    let counts = alone.agent.counts();
    assert!(counts.remote_candidates <= 129, "{counts:?}");
    assert!(alone.agent.pairs(0).len() <= 100);
    assert!(counts.over_limit >= 9_000);
}

#[test]
fn hostile_ten_thousand_candidates_are_bounded() {
    let mut alone = Alone::new(Role::Controlling).start();
    for n in 0..10_000u32 {
        let address = format!("198.51.{}.{}:{}", n >> 8 & 0xff, n & 0xff, 1024);
        let foundation = n.to_string();
        let _ = alone.agent.add_remote_candidate(RemoteCandidate { foundation, ..remote(&address) });
    }
    assert_eq!(alone.agent.counts().remote_candidates, 256);
    assert_eq!(alone.agent.pairs(0).len(), 100);
    let sent = alone.run(ms(10_000));
    assert!(sent.len() <= 201 + 100, "paced: {}", sent.len());
}

#[test]
fn section_19_5_1_a_target_that_never_asked_gets_a_bounded_number_of_packets() {
    // The other side names a victim's address as often as it can, with other ports and foundations.
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    for n in 0..256u16 {
        let it = RemoteCandidate { foundation: n.to_string(), ..remote(&format!("198.51.100.9:{}", 1024 + n)) };
        let _ = alone.agent.add_remote_candidate(it);
    }
    alone.agent.end_of_remote_candidates();
    let first_second = alone.run(ms(999)).len();
    assert!(first_second <= 20, "one new check each 50 ms: {first_second}");
    let all = first_second + alone.run(ms(600_000)).len();
    let most = 100 * 7;
    assert!((100..=most).contains(&all), "100 pairs, seven requests each: {all}");
    assert_eq!(alone.agent.state(), AgentState::Failed, "then it ends");
}

#[test]
fn rfc_8489_section_14_the_first_of_two_attributes_counts() {
    let mut alone = controlled();
    alone.receive_from("192.0.2.9:9000", Asked { extra: Some(attribute::PRIORITY), ..Asked::default() }.bytes());
    let learned = alone.agent.remote_candidates().last().unwrap();
    assert_eq!(learned.candidate.priority, 1_862_270_975);
}
