//! RFC 8445 §5 and §6: candidates, pairs, states and their order.

use super::net::*;
use icelens::candidate::CandidateType;
use icelens::ice::agent::*;
use icelens::ice::{PairState, Role, Transport, pair_priority};
use icelens::stun::Message;

fn srflx(address: &str, base: &str) -> LocalCandidate {
    LocalCandidate::server_reflexive(at(address), at(base), at("203.0.113.1:3478"))
}

#[test]
fn section_5_1_1_2_a_relayed_candidate_equal_to_a_host_candidate_is_discarded() {
    let mut alone = Alone::new(Role::Controlling);
    let relayed = LocalCandidate::relayed(at(OURS), at("203.0.113.1:3478"));
    assert_eq!(alone.agent.add_local_candidate(relayed), Err(Refused::Redundant));
}

#[test]
fn section_5_1_1_3_foundations_are_equal_for_equal_type_base_server_and_transport() {
    let mut alone = Alone::with(Role::Controlling, |config| config.components = 2);
    let second = ComponentId { stream: 0, component: 2 };
    let mut foundation = |candidate: LocalCandidate| {
        let index = alone.agent.add_local_candidate(candidate).unwrap();
        alone.agent.local_candidates()[usize::from(index)].foundation
    };
    let other_port = foundation(LocalCandidate::host(at("192.0.2.1:1001")).of(second));
    let other_ip = foundation(LocalCandidate::host(at("192.0.2.9:1000")));
    let reflexive = foundation(srflx("198.51.100.1:1000", OURS));
    let reflexive_2 = foundation(srflx("198.51.100.1:1001", "192.0.2.1:1001").of(second));
    let server_2 = LocalCandidate { server: Some(at("203.0.113.2:3478")), ..srflx("198.51.100.7:1000", OURS) };
    let server_2 = foundation(server_2);
    let server_port = LocalCandidate { server: Some(at("203.0.113.1:5349")), ..srflx("198.51.100.2:1000", OURS) };
    let server_port = foundation(server_port);
    let tcp = LocalCandidate { transport: Transport::TcpActive, ..LocalCandidate::host(at("192.0.2.1:9")) };
    let tcp = foundation(tcp);
    let first = alone.agent.local_candidates()[0].foundation;
    assert_eq!(other_port, first, "the port does not count");
    assert_eq!(reflexive, reflexive_2);
    assert_eq!(reflexive, server_port, "nor does that of the server");
    let mut all = [first, other_ip, reflexive, server_2, tcp];
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn section_5_1_2_priorities_by_the_formula_and_unique_in_a_stream() {
    let mut alone = Alone::with(Role::Controlling, |config| config.components = 2);
    let second = ComponentId { stream: 0, component: 2 };
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.1:1001")).of(second)).unwrap();
    alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS)).unwrap();
    let relay = LocalCandidate::relayed(at("203.0.113.1:50000"), at("203.0.113.1:3478"));
    alone.agent.add_local_candidate(relay).unwrap();
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.7:1000"))).unwrap();
    let priorities: Vec<u32> = alone.agent.local_candidates().iter().map(|local| local.priority).collect();
    assert_eq!(priorities, [2130706431, 2130706430, 1694498815, 16777215, 2130706175]);
}

#[test]
fn section_5_1_3_redundant_is_same_address_and_same_base() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.7:1000"))).unwrap();
    alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS)).unwrap();
    let again = alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS));
    assert_eq!(again, Err(Refused::Redundant));
    let other_base = alone.agent.add_local_candidate(srflx("198.51.100.1:1000", "192.0.2.7:1000"));
    assert!(other_base.is_ok(), "Appendix B.2");
}

#[test]
fn section_5_2_a_lite_agent_has_host_candidates_only() {
    let mut alone = Alone::with(Role::Controlled, |config| config.lite = true);
    let refused = alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS));
    assert_eq!(refused, Err(Refused::LiteHostOnly));
}

#[test]
fn section_5_3_credentials_are_random_and_long_enough() {
    let made = |seed| Agent::new(AgentConfig::new(Role::Controlling, [seed; 32])).local_credentials().clone();
    let (a, b) = (made(1), made(2));
    assert!(a.ufrag.len() * 6 >= 24 && a.pwd.len() * 6 >= 128);
    assert!(a.ufrag != b.ufrag && a.pwd != b.pwd);
    assert_eq!(a, made(1), "same entropy, same credentials");
    let ice_char = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    assert!(a.ufrag.bytes().chain(a.pwd.bytes()).all(ice_char));
}

#[test]
fn section_5_1_2_a_remote_priority_out_of_range_is_refused() {
    let mut alone = Alone::new(Role::Controlling);
    for priority in [0, 1 << 31, u32::MAX] {
        let refused = alone.agent.add_remote_candidate(RemoteCandidate { priority, ..remote(THEIRS) });
        assert_eq!(refused, Err(Refused::Priority));
    }
}

#[test]
fn section_6_1_1_a_full_agent_controls_a_lite_one() {
    let mut alone = Alone::new(Role::Controlled);
    let lite = RemoteParameters { lite: true, ..RemoteParameters::new("them", THEIR_PWD) };
    alone.agent.set_remote_parameters(lite);
    assert_eq!(alone.agent.role(), Role::Controlling);
    let mut alone = Alone::with(Role::Controlling, |config| config.lite = true);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    assert_eq!(alone.agent.role(), Role::Controlled);
}

#[test]
fn section_6_1_2_2_pairs_have_one_component_family_transport_and_scope() {
    let mut alone = Alone::with(Role::Controlling, |config| config.components = 2);
    let second = ComponentId { stream: 0, component: 2 };
    alone.agent.add_local_candidate(LocalCandidate::host(at("[2001:db8::1]:1000"))).unwrap();
    alone.agent.add_local_candidate(LocalCandidate::host(at("[fe80::1]:1000"))).unwrap();
    alone.agent.add_remote_candidate(RemoteCandidate { component: second, ..remote(THEIRS) }).unwrap();
    let tcp = Transport::TcpPassive;
    alone.agent.add_remote_candidate(RemoteCandidate { transport: tcp, ..remote("192.0.2.2:9") }).unwrap();
    alone.agent.add_remote_candidate(remote("[2001:db8::2]:2000")).unwrap();
    alone.agent.add_remote_candidate(remote("[fe80::2]:2000")).unwrap();
    let pairs: Vec<_> = alone.agent.pairs(0).iter().map(|pair| addresses(&alone.agent, pair)).collect();
    let expected = [("[2001:db8::1]:1000", "[2001:db8::2]:2000"), ("[fe80::1]:1000", "[fe80::2]:2000")];
    assert_eq!(pairs, expected.map(|(ours, theirs)| (at(ours), at(theirs))));
    assert_eq!(alone.agent.counts().excluded.iter().sum::<u32>(), 3 + 2 + 2);
}

#[test]
fn section_6_1_2_2_a_stream_has_the_components_of_the_side_with_fewer() {
    // The first side offers RTP and RTCP; the second multiplexes both on one component (RFC 5761).
    let mut net = Net::two(|config| config.components = if config.role == Role::Controlling { 2 } else { 1 });
    net.host(0, "192.0.2.1:1000");
    net.local(0, LocalCandidate::host(at("192.0.2.1:1001")).of(ComponentId { stream: 0, component: 2 }));
    net.host(1, "192.0.2.2:2000");
    let exchange = |net: &mut Net| {
        for (from, to) in [(0, 1), (1, 0)] {
            net.signal_credentials(from, to);
            for candidate in net.signalled(from) {
                let taken = net.agents[to].add_remote_candidate(candidate.clone());
                assert_eq!(taken.is_ok(), candidate.component == FIRST, "{taken:?}");
            }
            net.agents[to].end_of_remote_candidates();
        }
    };
    exchange(&mut net);
    net.run_to(AgentState::Completed, ms(2000));
    assert_eq!(net.count(0, Code::ComponentUnused), 1, "{}", net.story(0));
    // The restart may bring the second component, and again does not.
    net.agents[0].restart(None);
    net.agents[1].restart(None);
    let at = net.now;
    exchange(&mut net);
    net.run_to(AgentState::Completed, at + ms(2000));
    assert_eq!(net.count(0, Code::ComponentUnused), 2, "{}", net.story(0));
}

#[test]
fn section_6_1_2_2_a_restart_may_bring_the_other_component_back() {
    let second = ComponentId { stream: 0, component: 2 };
    let mut net = Net::two(|config| config.components = 2);
    for (agent, ip) in [(0, "192.0.2.1"), (1, "192.0.2.2")] {
        net.host(agent, &format!("{ip}:1000"));
        net.local(agent, LocalCandidate::host(at(&format!("{ip}:1001"))).of(second));
    }
    net.signal_credentials(0, 1);
    net.signal_credentials(1, 0);
    for (from, to) in [(0, 1), (1, 0)] {
        let first = net.signalled(from).remove(0);
        net.agents[to].add_remote_candidate(first).unwrap();
        net.agents[to].end_of_remote_candidates();
    }
    net.run_to(AgentState::Completed, ms(2000));
    assert!(net.agents[0].selected(second).is_none());
    net.agents[0].restart(None);
    net.agents[1].restart(None);
    let at = net.now;
    net.exchange();
    net.run_to(AgentState::Completed, at + ms(2000));
    assert!(net.agents.iter().all(|agent| agent.selected(second).is_some()));
}

#[test]
fn section_6_1_2_3_priority_of_a_pair_in_either_role() {
    for (role, expected) in [
        (Role::Controlling, pair_priority(2130706431, 1694498815)),
        (Role::Controlled, pair_priority(1694498815, 2130706431)),
    ] {
        let mut alone = Alone::new(role);
        alone.agent.add_remote_candidate(RemoteCandidate { priority: 1694498815, ..remote(THEIRS) }).unwrap();
        assert_eq!(alone.agent.pairs(0)[0].priority, expected);
    }
    assert_eq!(pair_priority(2130706431, 1694498815), (1694498815u64 << 32) + 2 * 2130706431 + 1);
}

#[test]
fn section_6_1_2_4_a_reflexive_candidate_stands_for_its_base() {
    let mut alone = Alone::new(Role::Controlling);
    alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS)).unwrap();
    alone.agent.add_remote_candidate(remote(THEIRS)).unwrap();
    assert_eq!(alone.agent.pairs(0).len(), 1);
    assert_eq!(addresses(&alone.agent, &alone.agent.pairs(0)[0]), (at(OURS), at(THEIRS)));
    assert!(alone.happened(Code::PairRedundant));
}

#[test]
fn section_6_1_2_5_the_limit_holds_for_signalled_trickled_and_learned_pairs() {
    let mut alone = Alone::with(Role::Controlled, |config| config.pair_limit = 5).start();
    for n in 0..20 {
        alone.agent.add_remote_candidate(remote(&format!("192.0.2.2:{}", 3000 + n))).unwrap();
    }
    assert_eq!(alone.agent.pairs(0).len(), 5);
    alone.run(ms(0));
    for n in 0..20u8 {
        let asked = Asked { id: [n; 12], ..Asked::default() };
        alone.receive_from(&format!("198.51.100.1:{}", 4000 + u16::from(n)), asked.bytes());
        assert!(alone.agent.pairs(0).len() <= 5);
    }
    let better = RemoteCandidate { priority: 2_147_483_647, ..remote("192.0.2.2:9000") };
    alone.agent.add_remote_candidate(better).unwrap();
    assert_eq!(alone.agent.pairs(0).len(), 5);
    assert_eq!(
        addresses(&alone.agent, &alone.agent.pairs(0)[0]).1,
        at("192.0.2.2:9000"),
        "it takes a lower one's place"
    );
}

/// Table 1: the streams m1 to m3, the foundations f1 to f5. `f` is Frozen, `w` Waiting.
#[test]
fn section_6_1_2_6_table_1() {
    let mut config = AgentConfig::new(Role::Controlling, [1; 32]);
    config.streams = 3;
    let mut agent = Agent::new(config);
    let foundations = [&["f1", "f2", "f3"][..], &["f1", "f2", "f3", "f4"], &["f1", "f5"]];
    for (stream, names) in (0..).zip(foundations) {
        let component = ComponentId { stream, component: 1 };
        let host = LocalCandidate::host(at(&format!("192.0.2.1:{}", 1000 + stream))).of(component);
        agent.add_local_candidate(host).unwrap();
        for (n, name) in (0..).zip(names) {
            let priority = 2130706431 - n * 256;
            let address = at(&format!("192.0.2.2:{}", 2000 + u32::from(stream) * 10 + n));
            let foundation = (*name).to_string();
            let it = RemoteCandidate { component, priority, address, foundation, ..remote(THEIRS) };
            agent.add_remote_candidate(it).unwrap();
        }
    }
    let table = |agent: &Agent| -> String {
        let row = |stream: u16| {
            let mut row = vec![String::from("    "); 5];
            for pair in agent.pairs(stream) {
                let name = &agent.remote_candidates()[usize::from(pair.remote)].candidate.foundation;
                let column: usize = name[1..].parse().unwrap();
                row[column - 1] = match pair.state {
                    PairState::Frozen => "f-cp".into(),
                    PairState::Waiting => "w-cp".into(),
                    other => format!("{other:?}"),
                };
            }
            format!("m{} | {}", stream + 1, row.join("  ")).trim_end().to_string()
        };
        (0..3).map(row).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(table(&agent), "m1 | f-cp  f-cp  f-cp\nm2 | f-cp  f-cp  f-cp  f-cp\nm3 | f-cp                    f-cp");
    agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    agent.receive(ms(0), &icelens::net::Datagram::udp(at(OURS), at(THEIRS), vec![]));
    assert_eq!(table(&agent), "m1 | w-cp  w-cp  w-cp\nm2 | f-cp  f-cp  f-cp  w-cp\nm3 | f-cp                    w-cp");
}

#[test]
fn section_6_1_2_6_the_lowest_component_comes_first() {
    let mut alone = Alone::with(Role::Controlling, |config| config.components = 2);
    let second = ComponentId { stream: 0, component: 2 };
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.1:1001")).of(second)).unwrap();
    let better = RemoteCandidate { component: second, priority: 2147483647, ..remote("192.0.2.2:2001") };
    alone.agent.add_remote_candidate(better).unwrap();
    let mut alone = alone.start();
    alone.run(ms(0));
    let state = |component| alone.agent.pairs(0).iter().find(|pair| pair.component == component).unwrap().state;
    assert_eq!((state(1), state(2)), (PairState::InProgress, PairState::Frozen));
}

#[test]
fn section_6_1_4_2_one_new_check_each_ta_and_lists_by_turns() {
    let mut config = AgentConfig::new(Role::Controlling, [1; 32]);
    config.streams = 2;
    let mut agent = Agent::new(config);
    for stream in 0..2 {
        let component = ComponentId { stream, component: 1 };
        agent
            .add_local_candidate(LocalCandidate::host(at(&format!("192.0.2.1:{}", 1000 + stream))).of(component))
            .unwrap();
        for n in 0..3 {
            let address = at(&format!("192.0.2.2:{}", 2000 + stream * 10 + n));
            let foundation = format!("{stream}{n}");
            let it = RemoteCandidate { component, address, foundation, ..remote(THEIRS) };
            agent.add_remote_candidate(it).unwrap();
        }
    }
    agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    let mut alone = Alone { agent, now: ms(0) };
    let mut seen = Vec::new();
    for step in 0..6 {
        let sent = alone.run(ms(step * 50));
        assert_eq!(sent.len(), 1, "at {} ms", step * 50);
        seen.push(sent[0].remote.port());
        assert!(alone.run(ms(step * 50 + 49)).is_empty());
    }
    assert_eq!(seen, [2000, 2010, 2001, 2011, 2002, 2012]);
}

#[test]
fn section_6_1_4_2_triggered_checks_go_first_in_the_order_they_came() {
    let mut alone = Alone::new(Role::Controlled).start();
    for n in 1..4 {
        let it = RemoteCandidate { foundation: format!("f{n}"), ..remote(&format!("192.0.2.2:{}", 2000 + n)) };
        alone.agent.add_remote_candidate(it).unwrap();
    }
    alone.run(ms(0));
    for (n, port) in (0..).zip([2003, 2002, 2003]) {
        let asked = Asked { id: [n; 12], ..Asked::default() };
        alone.receive_from(&format!("192.0.2.2:{port}"), asked.bytes());
    }
    let sent = alone.run(ms(150));
    let requests = sent.iter().map(|packet| packet.remote.port()).collect::<Vec<_>>();
    assert_eq!(requests, [2003, 2002, 2001], "one entry for each pair, then the ordinary check");
}

#[test]
fn section_6_1_4_2_a_frozen_pair_thaws_when_nothing_of_its_foundation_is_under_way() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.agent.add_remote_candidate(RemoteCandidate { priority: 2130706175, ..remote("192.0.2.2:2001") }).unwrap();
    let first = alone.run(ms(1000));
    assert!(first.iter().all(|packet| packet.remote.port() == 2000), "the second waits for the first");
    let refusal = failure(&first[0].bytes, 400, Some(THEIR_PWD));
    alone.receive(refusal);
    let next = alone.run(ms(1050));
    assert_eq!(next[0].remote.port(), 2001);
    assert!(alone.happened(Code::PairUnfrozenLater));
}

#[test]
fn section_6_1_4_2_a_frozen_pair_does_not_wait_for_one_in_a_list_that_failed() {
    let mut alone = Alone::with(Role::Controlling, |config| config.streams = 2);
    let second = ComponentId { stream: 1, component: 1 };
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.3:1000"))).unwrap();
    alone.agent.add_local_candidate(LocalCandidate::host(at("192.0.2.3:1001")).of(second)).unwrap();
    let mut alone = alone.start();
    alone.agent.add_remote_candidate(RemoteCandidate { component: second, ..remote("192.0.2.2:2001") }).unwrap();
    let ordinary = alone.run(ms(0));
    alone.receive(success(&ordinary[0].bytes, OURS, THEIR_PWD));
    let nominating = alone.run(ms(50));
    assert!(uses_candidate(&nominating[0]));
    alone.receive(failure(&nominating[0].bytes, 400, Some(THEIR_PWD)));
    assert_eq!(alone.agent.list_state(0), Some(ListState::Failed));
    assert_eq!(alone.agent.pairs(1)[0].state, PairState::Frozen, "its foundation waits in the list that failed");
    let sent = alone.run(ms(100));
    assert_eq!(sent.iter().map(|packet| packet.remote).collect::<Vec<_>>(), [at("192.0.2.2:2001")]);
}

#[test]
fn rfc_8838_section_12_rules_1_to_3() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    let new = |alone: &mut Alone, port: u16, foundation: &str, priority| {
        let address = at(&format!("192.0.2.2:{port}"));
        let it = RemoteCandidate { address, priority, foundation: foundation.into(), ..remote(THEIRS) };
        alone.agent.add_remote_candidate(it).unwrap();
        let of = |pair: &&Pair| addresses(&alone.agent, pair).1 == address;
        alone.agent.pairs(0).iter().find(of).unwrap().state
    };
    assert_eq!(new(&mut alone, 2001, "2", 5000), PairState::Waiting, "rule 1: the first of its foundation");
    assert_eq!(new(&mut alone, 2002, "1", 5000), PairState::Frozen, "rule 3");
    alone.receive(success(&sent[0].bytes, OURS, THEIR_PWD));
    let alone = &mut alone;
    let nominated = alone.agent.pairs(0).iter().any(|pair| pair.nominated);
    assert!(!nominated);
    assert_eq!(new(alone, 2003, "1", 4000), PairState::Waiting, "rule 2: one of its foundation succeeded");
}

#[test]
fn section_7_1_1_priority_is_that_of_a_peer_reflexive_candidate() {
    let mut alone = Alone::new(Role::Controlling).start();
    let sent = alone.run(ms(0));
    assert_eq!(Message::parse(&sent[0].bytes).unwrap().priority(), Some(1862270975));
}

#[test]
fn section_6_1_4_2_checks_are_sent_from_the_base() {
    let mut agent = Agent::new(AgentConfig::new(Role::Controlling, [1; 32]));
    agent.add_local_candidate(srflx("198.51.100.1:1000", OURS)).unwrap();
    let mut alone = Alone { agent, now: ms(0) }.start();
    assert_eq!(alone.run(ms(0))[0].local, at(OURS));
}

#[test]
fn a_peer_reflexive_candidate_that_is_signalled_later_keeps_its_pair() {
    let mut alone = Alone::new(Role::Controlled);
    alone.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
    alone.run(ms(0));
    alone.receive(Asked::default().bytes());
    let before = alone.agent.pairs(0)[0].clone();
    assert_eq!(alone.agent.remote_candidates()[0].candidate.kind, CandidateType::PeerReflexive);
    alone.agent.add_remote_candidate(remote(THEIRS)).unwrap();
    let after = &alone.agent.pairs(0)[0];
    assert_eq!((after.id, alone.agent.pairs(0).len()), (before.id, 1));
    assert_eq!(after.priority, pair_priority(2130706431, 2130706431));
    assert_eq!(alone.agent.remote_candidates()[0].candidate.kind, CandidateType::Host);
}

#[test]
fn a_removed_address_takes_its_pairs_along_and_frees_its_place() {
    let mut alone = Alone::new(Role::Controlling).start();
    alone.agent.add_local_candidate(srflx("198.51.100.1:1000", OURS)).unwrap();
    alone.agent.remove_local_address(at(OURS));
    assert!(alone.agent.pairs(0).is_empty());
    assert!(alone.agent.local_candidates().iter().all(|local| !local.is_current()));
    for n in 0..1000 {
        let address = format!("192.0.2.7:{}", 1000 + n);
        alone.agent.add_local_candidate(LocalCandidate::host(at(&address))).unwrap();
        alone.agent.remove_local_address(at(&address));
    }
    assert!(alone.agent.local_candidates().len() <= 2);
}
