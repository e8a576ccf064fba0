//! TCP candidates, rules for candidates, addresses of NATs, and many agents on one socket.

use core::net::SocketAddr;

use super::net::*;
use icelens::candidate::{CandidateType, PriorityParts};
use icelens::ice::agent::*;
use icelens::ice::{Role, Transport};
use icelens::net::{Datagram, Protocol};

fn tcp(address: &str, transport: Transport) -> LocalCandidate {
    LocalCandidate { transport, ..LocalCandidate::host(at(address)) }
}

#[test]
fn rfc_6544_section_4_2_priorities_by_direction() {
    let mut agent = Agent::new(AgentConfig::new(Role::Controlling, [1; 32]));
    for candidate in [
        tcp("192.0.2.1:9", Transport::TcpActive),
        tcp("192.0.2.1:1000", Transport::TcpPassive),
        tcp("192.0.2.1:1001", Transport::TcpSimultaneousOpen),
    ] {
        agent.add_local_candidate(candidate).unwrap();
    }
    let directions: Vec<u16> = agent
        .local_candidates()
        .iter()
        .map(|local| PriorityParts::split(local.priority))
        .map(|parts| parts.local_preference >> 13)
        .collect();
    assert_eq!(directions, [6, 4, 2]);
    assert!(agent.local_candidates()[0].to_string().ends_with("192.0.2.1 9 typ host tcptype active"));
}

/// The active side's connection comes from a port that it did not announce.
#[test]
fn rfc_6544_an_active_and_a_passive_candidate_connect() {
    let mut net = Net::two(|_| {});
    let (active, from, passive) = (at("192.0.2.1:9"), at("192.0.2.1:50123"), at("192.0.2.2:2000"));
    net.local(0, tcp("192.0.2.1:9", Transport::TcpActive));
    net.local(1, tcp("192.0.2.2:2000", Transport::TcpPassive));
    net.way = Box::new(move |_, mut packet| {
        assert_eq!(packet.protocol, Protocol::Tcp);
        if packet.local == active {
            packet.local = from;
        } else if packet.remote == from {
            packet.remote = active;
        } else {
            return None;
        }
        Some(packet)
    });
    net.exchange();
    assert!(net.agents[1].pairs(0).is_empty(), "the passive side waits");
    net.run_to(AgentState::Completed, ms(3000));
    assert_eq!(net.selected(0), (from, passive));
    assert_eq!(net.selected(1), (passive, from));
    net.agents[1].send(net.now, FIRST, b"over tcp").unwrap();
    let until = net.now + ms(50);
    net.run(until);
    assert_eq!(net.data[0], [b"over tcp".to_vec()]);
}

fn rule(kind: Option<CandidateType>, prefix: Option<(&str, u8)>, treatment: Treatment) -> CandidateRule {
    let prefix = prefix.map(|(ip, bits)| (ip.parse().unwrap(), bits));
    CandidateRule { matches: Matches { kind, prefix }, treatment }
}

#[test]
fn rules_leave_out_lower_and_announce() {
    let mut config = AgentConfig::new(Role::Controlling, [1; 32]);
    config.rules = vec![
        rule(None, Some(("172.17.0.0", 16)), Treatment::LeaveOut),
        rule(None, Some(("2001:db8::", 32)), Treatment::LeaveOut),
        rule(Some(CandidateType::Host), Some(("10.0.0.0", 8)), Treatment::Cost(1000)),
        rule(Some(CandidateType::Host), Some(("192.168.0.0", 16)), Treatment::Announce("203.0.113.9".parse().unwrap())),
    ];
    let mut agent = Agent::new(config);
    let mut add = |address: &str| agent.add_local_candidate(LocalCandidate::host(at(address)));
    assert_eq!(add("172.17.3.4:1"), Err(Refused::Rule));
    assert_eq!(add("[2001:db8:1::1]:1"), Err(Refused::Rule));
    add("10.1.2.3:1000").unwrap();
    add("192.168.1.1:2000").unwrap();
    let [lowered, announced] = agent.local_candidates() else { panic!("two") };
    assert_eq!(PriorityParts::split(lowered.priority).local_preference, 64535);
    assert_eq!(
        (announced.candidate.address, announced.candidate.base),
        (at("203.0.113.9:2000"), at("192.168.1.1:2000"))
    );
}

#[test]
fn an_agent_behind_a_one_to_one_nat_announces_the_outside_address() {
    let (inside, outside) = (at("192.168.1.1:2000"), at("203.0.113.9:2000"));
    let mut net = Net::two(|config| {
        config.rules = vec![rule(None, Some(("192.168.0.0", 16)), Treatment::Announce(outside.ip()))];
    });
    net.host(0, "192.168.1.1:2000");
    net.host(1, "198.51.100.2:3000");
    net.way = Box::new(move |_, mut packet| {
        if packet.local == inside {
            packet.local = outside;
        } else if packet.remote == outside {
            packet.remote = inside;
        }
        Some(packet)
    });
    net.exchange();
    net.run_to(AgentState::Completed, ms(2000));
    assert_eq!(net.selected(0), (outside, at("198.51.100.2:3000")));
    assert_eq!(net.count(0, Code::LocalPeerReflexive) + net.count(1, Code::RemotePeerReflexive), 0);
}

#[test]
fn rfc_8421_section_4_some_ipv6_first_then_by_turns() {
    let ips = |texts: &[&str]| texts.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<core::net::IpAddr>>();
    assert_eq!(local_preferences(&ips(&["192.0.2.1", "2001:db8::1"])), [65534, 65535]);
    let six = local_preferences(&ips(&["::1", "::2", "::3", "::4", "::5", "::6", "192.0.2.1", "192.0.2.2"]));
    assert_eq!(six, [65535, 65534, 65533, 65532, 65530, 65528, 65531, 65529], "an IPv4 address after four of IPv6");
    assert_eq!(local_preferences(&ips(&["::1", "::2"])), [65535, 65534]);
    assert_eq!(local_preferences(&[]), Vec::<u16>::new());
}

#[test]
fn many_agents_share_one_socket() {
    const AGENTS: usize = 50;
    let shared: SocketAddr = at("192.0.2.1:1000");
    let mut mux = Mux::default();
    let agent = |role, seed: u8| Agent::new(AgentConfig::new(role, [seed; 32]));
    let mut servers: Vec<Agent> = (0..AGENTS).map(|n| agent(Role::Controlled, n as u8)).collect();
    let mut clients: Vec<Agent> = (0..AGENTS).map(|n| agent(Role::Controlling, 100 + n as u8)).collect();
    for (n, (server, client)) in servers.iter_mut().zip(&mut clients).enumerate() {
        server.add_local_candidate(LocalCandidate::host(shared)).unwrap();
        client.add_local_candidate(LocalCandidate::host(at(&format!("192.0.2.2:{}", 2000 + n)))).unwrap();
        let (a, b) = (server.local_credentials().clone(), client.local_credentials().clone());
        assert!(mux.insert(&a.ufrag, n));
        server.set_remote_parameters(RemoteParameters::new(&b.ufrag, &b.pwd));
        client.set_remote_parameters(RemoteParameters::new(&a.ufrag, &a.pwd));
        client.add_remote_candidate(remote("192.0.2.1:1000")).unwrap();
    }
    for now in (0..500).map(ms) {
        for (n, client) in clients.iter_mut().enumerate() {
            client.timeout(now);
            while let Some(packet) = client.poll_transmit() {
                let arrived = Datagram { local: packet.remote, remote: packet.local, ..packet };
                assert_eq!(mux.route(&arrived), Some(n));
                servers[n].receive(now, &arrived);
            }
        }
        for (n, server) in servers.iter_mut().enumerate() {
            server.timeout(now);
            while let Some(packet) = server.poll_transmit() {
                mux.sent(n, &packet);
                let to = usize::from(packet.remote.port()) - 2000;
                clients[to].receive(now, &Datagram { local: packet.remote, remote: packet.local, ..packet });
            }
        }
    }
    assert!(servers.iter().chain(&clients).all(|agent| agent.state() == AgentState::Completed));
    let data = Datagram::udp(shared, at("192.0.2.2:2007"), vec![0x80, 1]);
    assert_eq!(mux.route(&data), Some(7));
    mux.remove(7);
    assert_eq!(mux.route(&data), None);
    assert_eq!(mux.route(&Datagram::udp(shared, at("6.6.6.6:6"), vec![0x80, 1])), None);
}
