//! RFC 8445 §8 to §12, RFC 7675, RFC 8863, and how an agent fails.

use super::net::*;
use icelens::ice::agent::*;
use icelens::ice::{PairState, Role};
use icelens::net::Datagram;
use icelens::stun::{Class, Message};

fn connected(role: Role) -> Alone {
    let mut alone = Alone::new(role).start();
    let sent = alone.run(ms(0));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    alone
}

fn completed() -> Alone {
    let mut alone = connected(Role::Controlling);
    let sent = alone.run(ms(50));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed);
    alone
}

#[test]
fn section_8_1_1_regular_nomination_sends_use_candidate_once_and_after_success() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    net.run(ms(20_000));
    let nominating = net.requests().into_iter().filter(|(_, packet)| uses_candidate(packet)).count();
    assert_eq!(nominating, 1);
    assert_eq!([net.count(0, Code::Nominated), net.count(1, Code::Nominated)], [1, 1]);
}

#[test]
fn section_8_1_1_a_better_pair_is_waited_for_but_not_for_ever() {
    let mut alone = Alone::new(Role::Controlling).start();
    let worse = RemoteCandidate { priority: 5000, foundation: "2".into(), ..remote("192.0.2.2:2001") };
    alone.agent.add_remote_candidate(worse).unwrap();
    let sent = alone.run(ms(50));
    let answer = success(&sent[1].bytes, OURS, THEIR_PWD);
    alone.receive_from("192.0.2.2:2001", answer);
    assert!(alone.run(ms(149)).is_empty());
    let sent = alone.run(ms(151));
    assert!(uses_candidate(&sent[0]) && sent[0].remote == at("192.0.2.2:2001"), "after 100 ms for host pairs");
}

#[test]
fn rfc_5245_aggressive_nomination_ends_on_the_best_pair_on_both_sides() {
    let mut net = Net::two(|config| config.nomination = Nomination::Aggressive);
    net.host(0, "192.0.2.1:1000");
    net.host(0, "192.0.2.11:1000");
    net.host(1, "192.0.2.2:2000");
    net.host(1, "192.0.2.22:2000");
    for (from, to) in [(0, 1), (1, 0)] {
        let theirs = net.agents[from].local_credentials().clone();
        let parameters = RemoteParameters { ice2: false, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
        net.agents[to].set_remote_parameters(parameters);
        net.signal_candidates(from, to);
    }
    net.run_to(AgentState::Completed, ms(5000));
    net.run(ms(6000));
    let ((a, b), (c, d)) = (net.selected(0), net.selected(1));
    assert_eq!((a, b), (d, c));
    let best = net.agents[0].pairs(0).iter().map(|pair| pair.priority).max();
    assert_eq!(net.agents[0].selected(FIRST).map(|pair| pair.priority), best);
}

#[test]
fn section_8_1_2_a_nomination_removes_the_other_pairs_of_the_component() {
    let mut alone = Alone::new(Role::Controlling).start();
    for n in 1..5 {
        let it = RemoteCandidate {
            priority: 5000 - n,
            foundation: n.to_string(),
            ..remote(&format!("192.0.2.2:{}", 2000 + n))
        };
        alone.agent.add_remote_candidate(it).unwrap();
    }
    let sent = alone.run(ms(0));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    let sent = alone.run(ms(50));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    let listed: Vec<_> = alone.agent.pairs(0).iter().filter(|pair| pair.listed).map(|pair| pair.nominated).collect();
    assert_eq!(listed, [true]);
    assert!(alone.run(ms(3000)).is_empty(), "no more checks");
    let answer = alone.receive_from("192.0.2.2:2003", Asked { role: None, ..Asked::default() }.bytes());
    assert_eq!(kind(&answer[0]), (Class::Success, 0), "requests are still answered");
}

#[test]
fn section_8_1_2_a_stream_completes_when_each_component_has_its_pair() {
    let mut net = Net::two(|config| config.components = 2);
    for (agent, ip) in [(0, "192.0.2.1"), (1, "192.0.2.2")] {
        for component in [1, 2] {
            let host = LocalCandidate::host(at(&format!("{ip}:{}", 1000 + component)));
            net.local(agent, host.of(ComponentId { stream: 0, component }));
        }
    }
    net.exchange();
    net.run_to(AgentState::Completed, ms(5000));
    for component in [1, 2] {
        let pair = net.agents[0].selected(ComponentId { stream: 0, component }).unwrap();
        let port = 1000 + component;
        assert_eq!(
            addresses(&net.agents[0], pair),
            (at(&format!("192.0.2.1:{port}")), at(&format!("192.0.2.2:{port}")))
        );
    }
}

#[test]
fn section_8_2_two_lite_agents_take_the_best_pair_without_checks() {
    let mut net = Net::two(|config| config.lite = true);
    net.host(0, "192.0.2.1:1000");
    net.host(1, "192.0.2.2:2000");
    for (from, to) in [(0, 1), (1, 0)] {
        let theirs = net.agents[from].local_credentials().clone();
        let parameters = RemoteParameters { lite: true, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
        net.agents[to].set_remote_parameters(parameters);
        net.signal_candidates(from, to);
    }
    net.run_to(AgentState::Completed, ms(1000));
    assert!(net.requests().is_empty());
    assert_eq!((net.agents[0].role(), net.agents[1].role()), (Role::Controlling, Role::Controlled));
}

#[test]
fn a_full_agent_connects_to_a_lite_one() {
    let mut net = Net::two(|config| config.lite = config.role == Role::Controlled);
    net.host(0, "192.0.2.1:1000");
    net.host(1, "192.0.2.2:2000");
    net.signal_credentials(0, 1);
    net.signal_candidates(0, 1);
    let theirs = net.agents[1].local_credentials().clone();
    let lite = RemoteParameters { lite: true, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
    net.agents[0].set_remote_parameters(lite);
    net.signal_candidates(1, 0);
    net.run_to(AgentState::Completed, ms(1000));
    net.run(ms(100_000));
    assert_eq!(net.agents[1].state(), AgentState::Completed, "consent checks keep the lite side too");
}

#[test]
fn section_8_3_1_candidates_are_freed_three_seconds_after_completion() {
    let mut alone = completed();
    let at = alone.now;
    alone.run(at + ms(2999));
    assert!(!alone.agent.is_freed());
    alone.run(at + ms(3000));
    assert!(alone.agent.is_freed());
}

#[test]
fn section_8_3_1_a_better_pair_is_checked_for_three_seconds_after_completion() {
    let mut alone = Alone::with(Role::Controlling, |config| config.nomination = Nomination::Aggressive);
    alone.agent.set_remote_parameters(RemoteParameters { ice2: false, ..RemoteParameters::new("them", THEIR_PWD) });
    let silent = RemoteCandidate { priority: u32::MAX >> 1, foundation: "2".into(), ..remote("192.0.2.2:2001") };
    for candidate in [silent, remote(THEIRS)] {
        alone.agent.add_remote_candidate(candidate).unwrap();
    }
    let sent = alone.run(ms(50));
    assert_eq!(sent.iter().map(|packet| packet.remote).collect::<Vec<_>>(), [at("192.0.2.2:2001"), at(THEIRS)]);
    alone.receive(success(&sent[1].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed);
    let checks = |sent: Vec<Datagram>| sent.iter().filter(|packet| packet.remote == at("192.0.2.2:2001")).count();
    let completed = alone.now;
    let before = checks(alone.run(completed + ms(2999)));
    assert!(before > 0, "its check is sent again until then");
    // Unanswered, it would be sent again after 3.5 s and 7.5 s.
    assert_eq!(checks(alone.run(completed + ms(9000))), 0);
}

#[test]
fn section_9_data_flows_on_the_old_pair_until_the_restart_has_found_another() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    let old: Vec<Credentials> = net.agents.iter().map(|agent| agent.local_credentials().clone()).collect();
    for agent in &mut net.agents {
        agent.restart(None);
    }
    assert!(net.agents.iter().zip(&old).all(|(agent, old)| {
        agent.local_credentials().ufrag != old.ufrag && agent.local_credentials().pwd != old.pwd
    }));
    assert_eq!(net.agents[0].state(), AgentState::Connected);
    net.agents[0].send(net.now, FIRST, b"meanwhile").unwrap();
    net.run(ms(20_000));
    assert_eq!(net.data[1], [b"meanwhile".to_vec()]);
    let consents = net.count(0, Code::ConsentSent);
    assert!(consents >= 3, "consent is kept up on the old pair: {consents}");
    net.exchange();
    let limit = net.now + ms(5000);
    net.run_to(AgentState::Completed, limit);
    assert_eq!(net.count(0, Code::PreviousDropped), 1);
    net.agents[1].send(net.now, FIRST, b"after").unwrap();
    net.run(limit);
    assert_eq!(net.data[0], [b"after".to_vec()]);
    assert_eq!((net.agents[0].role(), net.agents[1].role()), (Role::Controlling, Role::Controlled), "roles stay");
}

#[test]
fn section_9_requests_with_the_old_credentials_are_answered_and_change_nothing() {
    let mut alone = completed();
    alone.agent.restart(Some(Credentials::new("newer", "anewpasswordanewpassword")));
    let answer = alone.receive(Asked { role: None, ..Asked::default() }.bytes());
    assert_eq!(kind(&answer[0]), (Class::Success, 0));
    assert!(alone.agent.pairs(0).is_empty() && alone.agent.remote_candidates().is_empty());
    assert!(alone.happened(Code::RequestOldGeneration));
}

#[test]
fn section_9_other_credentials_of_the_peer_are_a_restart() {
    let mut alone = completed();
    let before = alone.agent.local_credentials().clone();
    alone.agent.set_remote_parameters(RemoteParameters::new("again", THEIR_PWD));
    assert_ne!(*alone.agent.local_credentials(), before);
    assert!(alone.agent.pairs(0).is_empty());
    assert!(alone.agent.send(alone.now, FIRST, b"x").is_ok());
}

#[test]
fn section_11_a_lite_agent_keeps_its_binding_alive_with_indications() {
    let mut alone = Alone::with(Role::Controlled, |config| config.lite = true).start();
    alone.receive(Asked { use_candidate: true, ..Asked::default() }.bytes());
    assert!(alone.run(ms(14_999)).is_empty());
    let sent = alone.run(ms(15_000));
    let message = Message::parse(&sent[0].bytes).unwrap();
    assert_eq!(message.class(), Class::Indication);
    assert!(message.fingerprint().is_valid() && message.attributes().count() == 1, "FINGERPRINT and nothing else");
}

#[test]
fn section_12_1_data_goes_on_any_valid_pair_before_nomination() {
    let mut alone = connected(Role::Controlled);
    assert!(alone.agent.selected(FIRST).is_none());
    assert_eq!(alone.agent.send(alone.now, FIRST, b"early"), Ok(()));
    let sent = alone.sent();
    assert_eq!((sent[0].local, sent[0].remote, &sent[0].bytes[..]), (at(OURS), at(THEIRS), &b"early"[..]));
    let mut alone = Alone::new(Role::Controlled).start();
    assert_eq!(alone.agent.send(ms(0), FIRST, b"x"), Err(SendError::NoPair));
}

#[test]
fn section_12_2_data_comes_from_candidates_only() {
    let mut alone = connected(Role::Controlled);
    alone.receive(vec![0x80, 1, 2, 3]);
    alone.receive_from("198.51.100.66:1", vec![0x80, 6, 6, 6]);
    let data: Vec<Vec<u8>> = core::iter::from_fn(|| alone.agent.poll_event())
        .filter_map(|event| match event {
            Event::Data { bytes, .. } => Some(bytes),
            _ => None,
        })
        .collect();
    assert_eq!(data, [vec![0x80, 1, 2, 3]]);
}

#[test]
fn rfc_7675_section_5_1_consent_checks_every_4_to_6_seconds_with_new_transactions() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    net.run(ms(120_000));
    let consents: Vec<_> =
        net.decisions[0].iter().filter(|it| it.code == Code::ConsentSent).map(|it| it.time).collect();
    let waits: Vec<_> = consents.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.len() > 15 && waits.iter().all(|wait| (ms(4000)..=ms(6000)).contains(wait)), "{waits:?}");
    assert!(waits.windows(2).any(|pair| pair[0] != pair[1]), "drawn at random");
    let requests = net.requests();
    let mut ids: Vec<_> = requests.iter().map(|(_, packet)| packet.bytes[8..20].to_vec()).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "each request once");
    assert!(net.agents.iter().all(|agent| agent.state() == AgentState::Completed));
}

#[test]
fn rfc_7675_section_5_1_consent_expires_30_seconds_after_the_last_response_for_good() {
    let mut alone = completed();
    let last = alone.now;
    let sent = alone.run(last + ms(29_999));
    assert_eq!(alone.agent.state(), AgentState::Disconnected);
    assert!(alone.agent.send(alone.now, FIRST, b"x").is_ok());
    alone.run(last + ms(30_000));
    assert_eq!(alone.agent.state(), AgentState::Failed);
    assert_eq!(alone.agent.failure_reason(), Some(IceFailure::ConsentExpired));
    assert_eq!(alone.agent.send(alone.now, FIRST, b"x"), Err(SendError::NoConsent));
    let request = sent.iter().rev().find(|packet| kind(packet).0 == Class::Request).unwrap();
    alone.receive(success(&request.bytes, OURS, THEIR_PWD));
    alone.receive(Asked { role: None, ..Asked::default() }.bytes());
    alone.run(last + ms(60_000));
    assert_eq!(alone.agent.state(), AgentState::Failed, "never revived with the same credentials");
}

#[test]
fn rfc_7675_section_5_2_a_403_revokes_consent_at_once() {
    let mut alone = completed();
    let sent = alone.run(alone.now + ms(6000));
    let request = sent.iter().find(|packet| kind(packet).0 == Class::Request).unwrap();
    alone.receive(failure(&request.bytes, 403, None));
    assert_eq!(alone.agent.state(), AgentState::Completed, "not without integrity");
    alone.receive(failure(&request.bytes, 403, Some(THEIR_PWD)));
    assert_eq!(alone.agent.failure_reason(), Some(IceFailure::ConsentExpired));
}

#[test]
fn disconnected_comes_back_when_the_path_does() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    net.way = Box::new(|now, packet| (now < ms(5000) || now > ms(20_000)).then_some(packet));
    net.run(ms(40_000));
    assert_eq!(net.states(0), ["checking", "connected", "completed", "disconnected", "completed"]);
}

#[test]
fn rfc_8863_section_4_no_list_fails_while_the_pac_timer_runs() {
    let mut alone = Alone::new(Role::Controlled).start();
    alone.agent.end_of_local_candidates();
    alone.agent.end_of_remote_candidates();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 400, Some(THEIR_PWD)));
    assert_eq!(alone.agent.pairs(0)[0].state, PairState::Failed);
    alone.run(ms(39_499));
    assert_eq!((alone.agent.list_state(0), alone.agent.state()), (Some(ListState::Running), AgentState::Disconnected));
    alone.run(ms(39_500));
    assert_eq!((alone.agent.list_state(0), alone.agent.state()), (Some(ListState::Failed), AgentState::Failed));
}

#[test]
fn before_the_first_remote_candidate_it_is_checking() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.run(ms(1000));
    assert_eq!(alone.agent.state(), AgentState::Checking, "there was nothing to check yet");
    alone.agent.end_of_remote_candidates();
    alone.run(ms(2000));
    assert_eq!(alone.agent.state(), AgentState::Disconnected, "and none will follow: only a request can help");
}

#[test]
fn the_role_may_be_set_until_the_other_side_is_known() {
    let mut alone = Alone::new(Role::Controlling);
    assert!(alone.agent.set_role(Role::Controlled));
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    assert!(!alone.agent.set_role(Role::Controlling) && alone.agent.set_role(Role::Controlled));
    assert_eq!(alone.agent.role(), Role::Controlled);
    alone.agent.restart(None);
    assert!(!alone.agent.set_role(Role::Controlling), "roles stay over a restart");
}

#[test]
fn rfc_8863_section_4_a_request_during_the_pac_timer_connects() {
    let mut alone = Alone::new(Role::Controlled);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.agent.end_of_local_candidates();
    alone.agent.end_of_remote_candidates();
    assert!(alone.run(ms(30_000)).is_empty());
    alone.receive(Asked { use_candidate: true, ..Asked::default() }.bytes());
    let sent = alone.run(ms(30_050));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Completed);
}

/// How an agent fails when nothing else happens, and when.
fn fails(mut alone: Alone) -> (IceFailure, Counts, Vec<&'static str>) {
    alone.agent.end_of_local_candidates();
    alone.agent.end_of_remote_candidates();
    alone.run(ms(500_000));
    let states = alone.decisions().into_iter().filter(|it| it.code == Code::StateChanged).map(|it| it.what).collect();
    let failure = alone.agent.failure().expect("failed");
    assert_eq!(alone.agent.poll_timeout(), None, "nothing is left to wait for");
    (failure.reason, failure.counts, states)
}

const WAY_DOWN: [&str; 3] = ["checking", "disconnected", "failed"];

#[test]
fn failure_no_remote_candidates() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    let (reason, counts, states) = fails(alone);
    assert_eq!((reason, counts.remote_candidates), (IceFailure::NoRemoteCandidates, 0));
    assert_eq!(states.last(), Some(&"failed"));
    assert!(states.contains(&"disconnected"));
}

#[test]
fn failure_no_pairs_and_why() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.agent.add_remote_candidate(remote("[2001:db8::2]:2000")).unwrap();
    let (reason, counts, _) = fails(alone);
    assert_eq!((reason, counts.excluded[icelens::ice::Rule::AddressFamily as usize]), (IceFailure::NoPairs, 1));
}

#[test]
fn failure_all_silent() {
    let (reason, counts, states) = fails(Alone::new(Role::Controlling).start());
    assert_eq!((reason, counts.silent, counts.checks_sent), (IceFailure::AllSilent, 1, 1));
    assert_eq!(states, WAY_DOWN);
}

#[test]
fn failure_all_refused() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    alone.receive(failure(&sent[0].bytes, 500, Some(THEIR_PWD)));
    let (reason, counts, states) = fails(alone);
    assert_eq!((reason, counts.refused), (IceFailure::AllRefused, 1));
    assert_eq!(states, WAY_DOWN);
}

#[test]
fn failure_wrong_credentials() {
    let mut net = Net::two(|_| {});
    net.host(0, "192.0.2.1:1000");
    net.host(1, "192.0.2.2:2000");
    for (from, to) in [(0, 1), (1, 0)] {
        let ufrag = net.agents[from].local_credentials().ufrag.clone();
        net.agents[to].set_remote_parameters(RemoteParameters::new(&ufrag, "a password that is not right"));
        net.signal_candidates(from, to);
    }
    net.run(ms(300_000));
    assert_eq!(net.agents[0].failure_reason(), Some(IceFailure::WrongCredentials));
}

#[test]
fn failure_nominated_lost() {
    let mut alone = completed();
    alone.agent.remove_local_address(at(OURS));
    let (reason, ..) = fails(alone);
    assert_eq!(reason, IceFailure::NominatedLost);
}

#[test]
fn trickled_late_candidates_revive_a_list_that_failed_in_silence() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.run(ms(60_000));
    assert_eq!(alone.agent.state(), AgentState::Failed);
    alone.agent.add_remote_candidate(remote(THEIRS)).unwrap();
    let sent = alone.run(ms(60_000));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(alone.agent.state(), AgentState::Connected);
    assert!(alone.agent.failure().is_none());
}

#[test]
fn three_of_ten_packets_may_be_lost() {
    for seed in 1..20u32 {
        let mut net = Net::pair();
        let mut state = seed;
        net.way = Box::new(move |_, packet| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24 >= 77).then_some(packet)
        });
        let took = net.run_to(AgentState::Completed, ms(39_000));
        assert!(took < ms(39_000));
    }
}

#[test]
fn close_ends_everything() {
    let mut alone = completed();
    alone.agent.close();
    assert_eq!(alone.agent.state(), AgentState::Closed);
    alone.agent.receive(ms(999), &Datagram::udp(at(OURS), at(THEIRS), Asked::default().bytes()));
    assert_eq!((alone.agent.poll_timeout(), alone.agent.poll_transmit()), (None, None));
    assert_eq!(alone.agent.send(ms(999), FIRST, b"x"), Err(SendError::Closed));
    assert_eq!(alone.agent.add_remote_candidate(remote(THEIRS)), Err(Refused::Closed));
}

/// Why an agent used another pair, each time; nothing else has such a reason.
fn switches(net: &Net, agent: usize) -> Vec<SwitchReason> {
    let decisions = &net.decisions[agent];
    assert!(decisions.iter().all(|it| it.switch.is_some() == (it.code == Code::Selected)));
    decisions.iter().filter_map(|it| it.switch).collect()
}

#[test]
fn a_pair_is_selected_for_a_reason_of_the_list() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    assert_eq!(switches(&net, 0), [SwitchReason::BestNominated]);
    assert_eq!(switches(&net, 1), [SwitchReason::BestNominated]);
    let mut lite = Net::two(|config| config.lite = true);
    lite.host(0, "192.0.2.1:1000");
    lite.host(1, "192.0.2.2:2000");
    for (from, to) in [(0, 1), (1, 0)] {
        let theirs = lite.agents[from].local_credentials().clone();
        let parameters = RemoteParameters { lite: true, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
        lite.agents[to].set_remote_parameters(parameters);
        lite.signal_candidates(from, to);
    }
    lite.run(ms(100));
    assert_eq!(switches(&lite, 0), [SwitchReason::BothLite]);
    let names: std::collections::BTreeSet<_> = SwitchReason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), SwitchReason::ALL.len());
}

#[test]
fn renomination_moves_both_sides_to_a_better_pair_without_a_restart() {
    let renominating = |on: bool| {
        let mut net = Net::two(|config| config.renomination = true);
        net.host(0, "192.0.2.1:1000");
        net.host(1, "192.0.2.2:2000");
        net.host(1, "192.0.2.22:2000");
        for (from, to) in [(0, 1), (1, 0)] {
            let theirs = net.agents[from].local_credentials().clone();
            let parameters = RemoteParameters { renomination: on, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
            net.agents[to].set_remote_parameters(parameters);
            net.signal_candidates(from, to);
        }
        let best = at("192.0.2.2:2000");
        net.way = Box::new(move |now, packet| {
            (now > ms(3000) || packet.remote != best && packet.local != best).then_some(packet)
        });
        net.run_to(AgentState::Completed, ms(2000));
        assert_eq!(net.selected(0).1, at("192.0.2.22:2000"));
        net.run(ms(20_000));
        let ends = (net.selected(0).1, net.selected(1).0);
        if on {
            assert_eq!(switches(&net, 0), [SwitchReason::NominatedLast; 2]);
            assert!(switches(&net, 1).contains(&SwitchReason::HighestCount), "{}", net.story(1));
            net.agents[1].remove_local_address(best);
            net.run(ms(20_001));
            assert_eq!(switches(&net, 1).last(), Some(&SwitchReason::OtherGone));
        }
        ends
    };
    assert_eq!(renominating(true), (at("192.0.2.2:2000"), at("192.0.2.2:2000")));
    assert_eq!(renominating(false), (at("192.0.2.22:2000"), at("192.0.2.22:2000")), "both must offer it");
}

/// When "disconnected" and "failed" come after the path is cut.
fn cut(profile: Profile) -> (u64, u64) {
    let mut net = Net::two(|config| config.policy = profile.policy());
    net.host(0, "192.0.2.1:1000");
    net.host(1, "192.0.2.2:2000");
    net.exchange();
    net.run_to(AgentState::Completed, ms(10_000));
    net.run(ms(100_000));
    assert_eq!(net.states(0), ["checking", "connected", "completed"], "{profile:?} does not waver");
    net.way = Box::new(|_, _| None);
    net.run(ms(300_000));
    let when = |what| {
        let found = net.decisions[0].iter().find(|it| it.code == Code::StateChanged && it.what == what);
        (found.expect(what).time - ms(100_000)).as_millis() as u64
    };
    (when("disconnected"), when("failed"))
}

#[test]
fn profiles_differ_in_when_disconnected_and_failed_come() {
    for (profile, disconnected, failed) in [
        (Profile::Rfc, 4_000..=10_000, 24_000..=30_000),
        (Profile::Chrome, 3_000..=5_000, 12_000..=15_000),
        (Profile::Firefox, 4_000..=10_000, 24_000..=30_000),
        (Profile::Pion, 3_000..=5_000, 27_000..=30_000),
        (Profile::Libnice, 4_000..=10_000, 24_000..=30_000),
    ] {
        let (at_first, at_last) = cut(profile);
        assert!(disconnected.contains(&at_first), "{profile:?} disconnected after {at_first} ms");
        assert!(failed.contains(&at_last), "{profile:?} failed after {at_last} ms");
    }
}

#[test]
fn an_interface_that_goes_away_and_another_that_comes_need_a_restart_only() {
    let mut net = Net::pair();
    net.run_to(AgentState::Completed, ms(5000));
    net.agents[0].remove_local_address(at("192.0.2.1:1000"));
    net.run(ms(6000));
    assert_eq!(net.agents[0].failure_reason(), Some(IceFailure::NominatedLost));
    for agent in &mut net.agents {
        agent.restart(None);
    }
    net.host(0, "192.0.2.9:1000");
    net.exchange();
    net.run_to(AgentState::Completed, ms(12_000));
    assert_eq!(net.selected(0).0, at("192.0.2.9:1000"));
}

#[test]
fn a_withdrawn_remote_candidate_takes_its_pairs_along() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.run(ms(0));
    alone.agent.remove_remote_candidate(&remote(THEIRS));
    assert!(alone.agent.pairs(0).is_empty());
    assert!(alone.run(ms(10_000)).is_empty(), "its request is not sent again");
}

#[test]
fn the_four_message_handshake() {
    let mut alone = Alone::new(Role::Controlled).start();
    let of = |alone: &Alone| (alone.agent.pairs(0)[0].is_receivable(), alone.agent.pairs(0)[0].is_sendable());
    let sent = alone.run(ms(0));
    assert_eq!(of(&alone), (false, false));
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    assert_eq!(of(&alone), (true, false));
    alone.receive(Asked::default().bytes());
    assert_eq!(of(&alone), (true, true));
}
