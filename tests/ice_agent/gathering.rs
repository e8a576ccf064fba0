//! RFC 8445 §5.1.1: gathering from servers over the agent's own sockets, and relaying.

use super::flows::stun_answer;
use super::net::*;
use icelens::candidate::CandidateType;
use icelens::ice::Role;
use icelens::ice::agent::*;
use icelens::net::Datagram;
use icelens::stun::{Builder, Class, Message, Method, Value, attribute};

const SERVER: &str = "203.0.113.1:3478";

fn gathering(servers: Vec<IceServer>) -> Alone {
    let mut config = AgentConfig::new(Role::Controlling, [9; 32]);
    config.servers = servers;
    let mut agent = Agent::new(config);
    agent.add_local_candidate(LocalCandidate::host(at(OURS))).unwrap();
    Alone { agent, now: ms(0) }
}

fn kinds(alone: &Alone) -> Vec<(CandidateType, core::net::SocketAddr)> {
    let current = alone.agent.local_candidates().iter().filter(|local| local.is_current());
    current.map(|local| (local.candidate.kind, local.candidate.address)).collect()
}

fn answered(alone: &mut Alone, request: &Datagram, mapped: &str) {
    let seen = Datagram { local: at(mapped), ..request.clone() };
    let answer = stun_answer(&seen);
    alone.agent.receive(alone.now, &Datagram::udp(request.local, request.remote, answer.bytes));
}

#[test]
fn section_5_1_1_2_a_server_reflexive_candidate() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    alone.agent.end_of_local_candidates();
    let sent = alone.run(ms(0));
    assert_eq!((sent.len(), sent[0].remote), (1, at(SERVER)));
    assert!(Message::parse(&sent[0].bytes).unwrap().get(attribute::MESSAGE_INTEGRITY).is_none());
    assert!(alone.agent.is_gathering() && !alone.happened(Code::LocalEnd));
    answered(&mut alone, &sent[0], "198.51.100.1:7000");
    let reflexive = (CandidateType::ServerReflexive, at("198.51.100.1:7000"));
    assert_eq!(kinds(&alone), [(CandidateType::Host, at(OURS)), reflexive]);
    assert!(!alone.agent.is_gathering() && alone.happened(Code::LocalEnd));
}

#[test]
fn section_5_1_1_2_rfc_3489_servers_are_tolerated() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    let sent = alone.run(ms(0));
    let id = Message::parse(&sent[0].bytes).unwrap().transaction_id();
    let mut buffer = [0; 64];
    let mut builder = Builder::new(&mut buffer, Class::Success, Method::BINDING, id).unwrap();
    builder.address(attribute::MAPPED_ADDRESS, at("198.51.100.1:7000")).unwrap();
    alone.receive_from(SERVER, builder.finish().to_vec());
    assert_eq!(kinds(&alone).len(), 2, "MAPPED-ADDRESS, no FINGERPRINT");
}

#[test]
fn section_5_1_3_what_equals_the_host_candidate_is_dropped() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    let sent = alone.run(ms(0));
    answered(&mut alone, &sent[0], OURS);
    assert_eq!(kinds(&alone), [(CandidateType::Host, at(OURS))]);
    assert!(alone.happened(Code::LocalRedundant));
}

#[test]
fn section_14_2_servers_are_asked_one_each_ta() {
    let servers = (1..5).map(|n| IceServer::stun(at(&format!("203.0.113.{n}:3478")))).collect();
    let mut alone = gathering(servers);
    for n in 0..4 {
        assert_eq!(alone.run(ms(n * 50)).len(), 1);
        assert!(alone.run(ms(n * 50 + 49)).is_empty());
    }
}

#[test]
fn a_silent_server_ends_the_gathering_all_the_same() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    alone.agent.end_of_local_candidates();
    assert_eq!(alone.run(ms(39_499)).len(), 7);
    assert!(alone.agent.is_gathering());
    alone.run(ms(39_500));
    assert!(!alone.agent.is_gathering());
    let codes: Vec<_> = alone.decisions().iter().map(|it| it.code).collect();
    assert!(codes.contains(&Code::ServerSilent) && codes.contains(&Code::LocalEnd));
}

#[test]
fn section_5_1_1_4_the_binding_is_kept_and_a_new_mapping_is_a_new_candidate() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    let sent = alone.run(ms(0));
    answered(&mut alone, &sent[0], "198.51.100.1:7000");
    let again = alone.run(ms(15_000));
    assert_eq!(again.len(), 1);
    answered(&mut alone, &again[0], "198.51.100.1:7777");
    assert_eq!(kinds(&alone).len(), 3);
}

#[test]
fn a_forged_answer_of_a_server_is_not_taken() {
    let mut alone = gathering(vec![IceServer::stun(at(SERVER))]);
    let sent = alone.run(ms(0));
    let answer = stun_answer(&Datagram { local: at("6.6.6.6:6"), ..sent[0].clone() });
    alone.receive_from("203.0.113.66:3478", answer.bytes.clone());
    let mut other = answer.bytes;
    other[19] ^= 1;
    alone.receive_from(SERVER, other);
    assert_eq!(kinds(&alone).len(), 1);
}

/// A TURN server for one client, as far as the test needs it.
struct Relay {
    relayed: core::net::SocketAddr,
    client: Option<core::net::SocketAddr>,
    allowed: Vec<core::net::IpAddr>,
    refuse_permissions: bool,
    refuse_allocations: bool,
    seen: Vec<Method>,
}

impl Relay {
    fn new() -> Self {
        let relayed = at("203.0.113.1:50000");
        Self {
            relayed,
            client: None,
            allowed: vec![],
            refuse_permissions: false,
            refuse_allocations: false,
            seen: vec![],
        }
    }

    /// A packet to the server or to the relayed address, and what it makes of it.
    fn handle(&mut self, packet: &Datagram) -> Option<Datagram> {
        if packet.remote == self.relayed {
            let client = self.client.filter(|_| self.allowed.contains(&packet.local.ip()))?;
            let mut buffer = vec![0; 1500];
            let id = icelens::stun::TransactionId::new([5; 12]);
            let mut builder = Builder::new(&mut buffer, Class::Indication, Method::DATA, id).unwrap();
            builder.address(attribute::XOR_PEER_ADDRESS, packet.local).unwrap();
            builder.raw(attribute::DATA, &packet.bytes).unwrap();
            return Some(Datagram::udp(at(SERVER), client, builder.finish().to_vec()));
        }
        let message = Message::parse(&packet.bytes).ok()?;
        self.seen.push(message.method());
        let peer = match message.value(attribute::XOR_PEER_ADDRESS) {
            Some(Value::Address(peer)) => Some(peer),
            _ => None,
        };
        if message.method() == Method::SEND {
            let allowed = self.allowed.contains(&peer?.ip());
            let bytes = message.get(attribute::DATA)?.bytes().to_vec();
            return allowed.then(|| Datagram::udp(self.relayed, peer.unwrap(), bytes));
        }
        self.client = Some(packet.local);
        let key = icelens::stun::Key::long_term("user", "realm", "pass", icelens::stun::Algorithm::Md5);
        let mut buffer = vec![0; 500];
        let id = message.transaction_id();
        let authenticated = message.verify(&key).is_valid();
        let refused = match message.method() {
            _ if !authenticated => 401,
            Method::ALLOCATE if self.refuse_allocations => 486,
            // Channels are refused: everything goes as indications.
            Method::CHANNEL_BIND => 400,
            Method::CREATE_PERMISSION if self.refuse_permissions => 403,
            _ => 0,
        };
        let class = if refused == 0 { Class::Success } else { Class::Error };
        let mut builder = Builder::new(&mut buffer, class, message.method(), id).unwrap();
        if refused != 0 {
            builder.error_code(refused).unwrap();
        }
        if !authenticated {
            builder.attribute(attribute::REALM, &Value::Text("realm")).unwrap();
            builder.attribute(attribute::NONCE, &Value::Text("nonce")).unwrap();
            return Some(Datagram::udp(at(SERVER), packet.local, builder.finish().to_vec()));
        }
        if class == Class::Success {
            match message.method() {
                Method::ALLOCATE => {
                    builder.address(attribute::XOR_RELAYED_ADDRESS, self.relayed).unwrap();
                    builder.address(attribute::XOR_MAPPED_ADDRESS, packet.local).unwrap();
                    builder.attribute(attribute::LIFETIME, &Value::Number(600)).unwrap();
                }
                Method::REFRESH => {
                    builder.attribute(attribute::LIFETIME, &Value::Number(600)).unwrap();
                }
                Method::CREATE_PERMISSION => self.allowed.extend(peer.map(|peer| peer.ip())),
                _ => {}
            }
        }
        builder.sign(&key).unwrap();
        Some(Datagram::udp(at(SERVER), packet.local, builder.finish().to_vec()))
    }
}

/// Two agents whose only way is the first one's relay.
fn relayed(relay: Relay) -> Net {
    relayed_by(relay, true)
}

fn relayed_by(relay: Relay, relay_only: bool) -> Net {
    let server = IceServer::turn(at(SERVER), "user", "pass");
    let mut net = Net::two(|config| {
        if config.role == Role::Controlling {
            config.servers = vec![server.clone()];
            config.relay_only = relay_only;
        }
    });
    let relay = std::rc::Rc::new(core::cell::RefCell::new(relay));
    net.way = Box::new(move |_, packet| {
        let mut relay = relay.borrow_mut();
        let to_relay = |packet: &Datagram| packet.remote == at(SERVER) || packet.remote == at("203.0.113.1:50000");
        if to_relay(&packet) { relay.handle(&packet) } else { None }
    });
    net.socket(0, "10.0.0.1:1000");
    let refused = net.agents[0].add_local_candidate(LocalCandidate::host(at("10.0.0.1:1000")));
    assert_eq!(refused == Err(Refused::RelayOnly), relay_only);
    net.host(1, "192.0.2.2:2000");
    net
}

#[test]
fn section_7_2_1_a_relayed_pair_connects_with_its_permission_first() {
    let mut net = relayed(Relay::new());
    net.run(ms(200));
    assert!(!net.agents[0].is_gathering());
    let candidate = net.agents[0].local_candidates().iter().find(|it| it.candidate.kind == CandidateType::Relayed);
    assert_eq!(candidate.unwrap().candidate.address, at("203.0.113.1:50000"));
    net.exchange();
    let took = net.run_to(AgentState::Completed, ms(5000));
    assert!(took < ms(2500), "{took:?}");
    assert_eq!(net.selected(0), (at("203.0.113.1:50000"), at("192.0.2.2:2000")));
    net.agents[0].send(net.now, FIRST, b"through the relay").unwrap();
    net.agents[1].send(net.now, FIRST, b"and back").unwrap();
    net.run(took + ms(100));
    assert_eq!((&net.data[1], &net.data[0]), (&vec![b"through the relay".to_vec()], &vec![b"and back".to_vec()]));
    let methods: Vec<_> = net
        .sent
        .iter()
        .filter(|(_, packet)| packet.remote == at(SERVER))
        .filter_map(|(_, packet)| Message::parse(&packet.bytes).ok().map(|message| message.method()))
        .collect();
    let first = |method| methods.iter().position(|it| *it == method).unwrap();
    assert!(first(Method::CREATE_PERMISSION) < first(Method::SEND));
    assert!(methods.contains(&Method::CHANNEL_BIND), "the selected pair asks for a channel");
    net.run(ms(120_000));
    assert!(net.agents.iter().all(|agent| agent.state() == AgentState::Completed));
}

#[test]
fn section_7_3_1_2_through_a_relay_the_mapped_address_is_the_peer_that_the_relay_names() {
    let mut net = relayed(Relay::new());
    net.run(ms(200));
    net.exchange();
    net.run_to(AgentState::Completed, ms(5000));
    let inner =
        |packet: &Datagram| Message::parse(&packet.bytes).ok()?.get(attribute::DATA).map(|it| it.bytes().to_vec());
    let to_server = net.sent.iter().filter(|(_, packet)| packet.remote == at(SERVER));
    let answers: Vec<Vec<u8>> = to_server.filter_map(|(_, packet)| inner(packet)).collect();
    let answers = answers.iter().filter_map(|bytes| Message::parse(bytes).ok());
    let mapped: Vec<Option<Value<'_>>> = answers
        .filter(|message| message.class() == Class::Success)
        .map(|message| message.value(attribute::XOR_MAPPED_ADDRESS))
        .collect();
    assert!(!mapped.is_empty());
    assert!(mapped.iter().all(|it| *it == Some(Value::Address(at("192.0.2.2:2000")))), "{mapped:?}");
}

#[test]
fn rfc_8838_section_13_the_end_comes_after_the_last_candidate() {
    for relay_only in [true, false] {
        let mut net = relayed_by(Relay::new(), relay_only);
        net.agents[0].end_of_local_candidates();
        net.run(ms(200));
        let codes = net.codes(0);
        let end = codes.iter().position(|code| *code == Code::LocalEnd).unwrap();
        let relayed = net.agents[0].local_candidates().iter().any(|it| it.candidate.kind == CandidateType::Relayed);
        assert!(relayed && net.announced[0].iter().all(|before| *before <= end), "{}", net.story(0));
    }
}

#[test]
fn failure_relay_refused() {
    for relay in
        [Relay { refuse_permissions: true, ..Relay::new() }, Relay { refuse_allocations: true, ..Relay::new() }]
    {
        let refuses_allocations = relay.refuse_allocations;
        let mut net = relayed(relay);
        net.run(ms(200));
        net.exchange();
        net.run(ms(500_000));
        let failure = net.agents[0].failure().unwrap();
        assert_eq!(failure.reason, IceFailure::RelayRefused);
        assert!(failure.counts.relays_refused > 0);
        let expected = if refuses_allocations { Code::RelayFailed } else { Code::PermissionRefused };
        assert!(net.count(0, expected) > 0, "{}", net.story(0));
    }
}

#[test]
fn close_deletes_the_allocation() {
    let mut net = relayed(Relay::new());
    net.run(ms(200));
    net.agents[0].close();
    let last = net.agents[0].poll_transmit().unwrap();
    let message = Message::parse(&last.bytes).unwrap();
    assert_eq!(message.method(), Method::REFRESH);
    assert!(matches!(message.value(attribute::LIFETIME), Some(Value::Number(0))));
}
