//! Permissions, channels, data, errors of the network, and what the server's owner sets.

use super::*;

#[test]
fn rfc8656_10_2_permissions() {
    let mut hand = Hand::with_allocation(server_config());
    let relayed = hand.relayed();
    assert_eq!(hand.permit(&[]), 400);
    assert_eq!(hand.permit(&["[2001:db8::1]:1"]), 443);
    for private in ["10.0.0.1:1", "127.0.0.1:1", "169.254.169.254:80", "224.0.0.1:1", "192.168.1.1:1", "0.0.0.0:1"] {
        assert_eq!(hand.permit(&[private]), 403, "{private}");
    }
    // All or none.
    assert_eq!(hand.permit(&[PEER, "10.0.0.1:1"]), 403);
    assert_eq!(hand.peer_sends(PEER, relayed), None);
    assert_eq!(hand.permit(&[PEER, "203.0.113.2:1"]), 0);
    assert!(hand.peer_sends(PEER, relayed).is_some());
    hand.now = seconds(299);
    assert!(hand.peer_sends("203.0.113.2:99", relayed).is_some());
    hand.now = seconds(300);
    assert_eq!(hand.peer_sends(PEER, relayed), None, "after five minutes");
    assert!(hand.indicate(&[PEER], |_| {}).is_none(), "and data does not refresh it");
}

#[test]
fn what_the_owner_allows_and_denies() {
    let config = ServerConfig {
        allow_peers: vec!["10.0.0.0/8".parse().unwrap()],
        deny_peers: vec!["10.1.0.0/16".parse().unwrap(), "203.0.113.66".parse().unwrap()],
        ..server_config()
    };
    let mut hand = Hand::with_allocation(config);
    let codes = ["10.2.0.1:1", "10.1.0.1:1", "192.168.0.1:1", "203.0.113.66:1"].map(|peer| hand.permit(&[peer]));
    assert_eq!(codes, [0, 403, 403, 403]);
    assert_eq!(hand.bind(0x4000, "203.0.113.66:9"), 403);
}

#[test]
fn rfc8656_11_2_send_indications() {
    let mut hand = Hand::with_allocation(server_config());
    let relayed = hand.relayed();
    assert!(hand.indicate(&[PEER], |_| {}).is_none(), "no permission");
    assert_eq!(hand.permit(&[PEER]), 0);
    let sent = hand.indicate(&[PEER, "203.0.113.250:1"], |_| {}).unwrap();
    assert_eq!((sent.local, sent.remote, &sent.bytes[..]), (relayed, at(PEER), &b"hi"[..]), "the first peer counts");
    assert!(hand.indicate(&["203.0.113.250:1", PEER], |_| {}).is_none(), "the first peer counts");
    assert!(hand.indicate(&[], |_| {}).is_none());
    assert!(hand.indicate(&["203.0.113.1:0"], |_| {}).is_none());
    assert!(hand.indicate(&[PEER], |m| _ = m.attribute(attribute::DONT_FRAGMENT, &Value::Flag).unwrap()).is_none());
    assert!(hand.indicate(&[PEER], |m| _ = m.raw(0x7777, b"").unwrap()).is_none(), "an unknown required attribute");
}

#[test]
fn rfc8656_12_2_channels() {
    let mut hand = Hand::with_allocation(server_config());
    let relayed = hand.relayed();
    for (number, peer, code) in [
        (0x3fff, PEER, 400),
        (0x5000, PEER, 400),
        (0x4000, "203.0.113.1:0", 400),
        (0x4000, "[2001:db8::1]:1", 443),
        (0x4000, "127.0.0.1:1", 403),
        (0x4000, PEER, 0),
        (0x4000, PEER, 0),
        (0x4001, PEER, 400),
        (0x4000, "203.0.113.1:7001", 400),
        (0x4fff, "203.0.113.1:7001", 0),
    ] {
        assert_eq!(hand.bind(number, peer), code, "{number:#x} {peer}");
    }
    assert_eq!(hand.peer_sends(PEER, relayed), Some(vec![0x40, 0, 0, 2, b'y', b'o']));
    assert_eq!(hand.send(vec![0x4f, 0xff, 0, 2, 1, 2]), Some(vec![1, 2]));
    assert_eq!(hand.send(vec![0x4e, 0xff, 0, 2, 1, 2]), None, "not bound");
    hand.now = seconds(300);
    assert_eq!(hand.code(Method::REFRESH, |_| {}), 0);
    assert_eq!(hand.peer_sends(PEER, relayed), None, "the permission ends before the channel");
    assert_eq!(hand.send(vec![0x40, 0, 0, 2, 1, 2]), Some(vec![1, 2]));
    hand.now = seconds(599);
    assert!(hand.send(vec![0x40, 0, 0, 2, 1, 2]).is_some());
    hand.now = seconds(600);
    assert_eq!(hand.send(vec![0x40, 0, 0, 2, 1, 2]), None);
    assert_eq!(hand.bind(0x4000, "203.0.113.5:1"), 0, "the number is free again");
    assert_eq!(hand.bind(0x4001, PEER), 0, "and the peer");
}

#[test]
fn permissions_and_channels_are_capped() {
    let mut hand = Hand::with_allocation(server_config());
    for index in 0..256_u32 {
        let peer = format!("8.0.{}.{}:1", index / 256, index % 256);
        assert_eq!(hand.bind(0x4000 + index, &peer), 0, "{peer}");
    }
    assert_eq!(hand.bind(0x4f00, "8.0.0.1:2"), 508);
    assert_eq!(hand.permit(&["8.9.9.9:1"]), 508);
    assert_eq!(hand.permit(&["8.0.0.1:1"]), 0, "what is there is refreshed");
    hand.now = seconds(301);
    assert_eq!(hand.permit(&["8.9.9.9:1"]), 0, "what ended makes room");
}

#[test]
fn both_families() {
    let mut config = server_config();
    let v6: IpAddr = "2001:db8::1".parse().unwrap();
    config.relays.push(RelayAddress { bind: v6, external: v6 });
    let client = ClientConfig { families: Families::Both, ..client_config() };
    let mut world = World::new(config.clone(), client.clone());
    world.run(seconds(1));
    assert_eq!(world.client.relayed().len(), 2);
    for peer in [PEER, "[2001:db8::77]:9"] {
        world.client.send_to(world.now, at(peer), b"x").unwrap();
    }
    world.run(seconds(2));
    let mut to: Vec<_> = world.peers.iter().map(|(from, to, _)| (from.ip(), *to)).collect();
    to.sort_unstable();
    assert_eq!(to, [(at(SERVER).ip(), at(PEER)), (v6, at("[2001:db8::77]:9"))]);
    // One family of two: deleted alone, and the rest goes on.
    let mut hand = Hand::new(config);
    let both = |r: &mut Builder<'_>| _ = r.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &Value::Number(2)).unwrap();
    assert_eq!(hand.allocate(both), 0);
    assert_eq!(hand.permit(&[PEER, "[2001:db8::77]:9"]), 0);
    let delete_v4 = |r: &mut Builder<'_>| {
        r.attribute(attribute::LIFETIME, &Value::Number(0)).unwrap();
        r.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &Value::Number(1)).unwrap();
    };
    assert_eq!(hand.code(Method::REFRESH, delete_v4), 0);
    assert_eq!(hand.code(Method::REFRESH, delete_v4), 443);
    assert_eq!(hand.permit(&[PEER]), 443);
    assert!(hand.indicate(&["[2001:db8::77]:9"], |_| {}).is_some());
    assert_eq!(hand.server.allocations(), 1);
    // A server without IPv6 gives what it has, and says what is missing.
    let mut world = World::new(server_config(), client);
    world.run(seconds(1));
    let missing = world.told.iter().find_map(|event| match event {
        Told::Allocated(allocated) => allocated.missing,
        _ => None,
    });
    assert_eq!(missing.map(|(family, code)| (family.name(), code)), Some(("ipv6", 440)));
}

#[test]
fn sockets_that_do_not_open() {
    let config = ServerConfig { ask: true, ..server_config() };
    // Half of them do.
    let mut world = World::new(config.clone(), client_config());
    world.open = |address| Some(address.port() % 2 == 0);
    world.run(seconds(2));
    assert_eq!(world.client.state(), State::Allocated);
    assert_eq!(world.relayed().port() % 2, 0);
    world.client.close(world.now);
    world.run(seconds(3));
    assert!(world.log.iter().any(|event| matches!(event, Event::Close(address) if address.port() % 2 == 0)));
    // None does.
    let mut world = World::new(config.clone(), client_config());
    world.open = |_| Some(false);
    world.run(seconds(2));
    assert_eq!(world.failure(), Some((Reason::Capacity, 508)));
    assert_eq!(world.server.poll_timeout(), None);
    // The owner does not answer.
    let mut world = World::new(config, client_config());
    world.open = |_| None;
    world.run(seconds(10));
    assert_eq!(world.failure(), Some((Reason::Capacity, 508)));
    assert_eq!((world.server.allocations(), world.server.poll_timeout()), (0, None));
    let opened = world.log.iter().filter(|event| matches!(event, Event::Open(_))).count();
    let closed = world.log.iter().filter(|event| matches!(event, Event::Close(_))).count();
    assert_eq!((opened, closed), (1, 1), "repetitions of the request open nothing");
}

#[test]
fn an_external_address_is_told_and_the_bound_one_used() {
    let mut config = server_config();
    config.relays =
        vec![RelayAddress { bind: "10.0.0.5".parse().unwrap(), external: "198.51.100.99".parse().unwrap() }];
    let mut world = World::new(config, client_config());
    world.run(seconds(1));
    assert_eq!(world.relayed().ip().to_string(), "198.51.100.99");
    world.client.send_to(world.now, at(PEER), b"x").unwrap();
    world.run(seconds(2));
    assert_eq!(world.peers[0].0.ip().to_string(), "10.0.0.5");
}

#[test]
fn everybody_is_sent_elsewhere() {
    let config = ServerConfig { alternate: Some(at("198.51.100.2:3478")), ..server_config() };
    let mut world = World::new(config, client_config());
    world.run(Duration::from_millis(900));
    assert!(world.told.iter().any(|event| matches!(event, Told::Redirected { .. })));
    assert_eq!(world.client.server(), at("198.51.100.2:3478"));
}

#[test]
fn rfc8656_11_5_icmp_errors_reach_the_client() {
    let mut world = World::allocated();
    let relayed = world.relayed();
    let error = Icmp { kind: 3, code: 4, data: 1400 };
    world.server.icmp(world.now, relayed, at(PEER), error);
    world.client.create_permission(world.now, at(PEER).ip()).unwrap();
    world.run(seconds(2));
    world.server.icmp(world.now, relayed, at(PEER), Icmp { kind: 8, ..error });
    world.server.icmp(world.now, relayed, at(PEER), error);
    world.run(seconds(3));
    let icmp: Vec<_> = world.told.iter().filter(|event| matches!(event, Told::Icmp { .. })).collect();
    assert_eq!(icmp, [&Told::Icmp { peer: at(PEER), kind: 3, code: 4, data: 1400 }]);
}

#[test]
fn over_tcp_frames_are_padded_and_the_connection_ends_the_allocation() {
    let client = ClientConfig { protocol: Protocol::Tcp, ..client_config() };
    let mut world = World::new(server_config(), client);
    world.run(seconds(1));
    let relayed = world.relayed();
    world.client.bind_channel(world.now, at(PEER)).unwrap();
    world.run(seconds(2));
    world.server.receive(world.now, &Datagram::udp(relayed, at(PEER), b"abc".to_vec()));
    let frame = world.server.poll_transmit().unwrap();
    assert_eq!((frame.protocol, frame.bytes), (Protocol::Tcp, vec![0x40, 0, 0, 3, b'a', b'b', b'c', 0]));
    world.server.disconnected(&FiveTuple { remote: at(CLIENT), local: at(SERVER), protocol: Protocol::Tcp });
    assert_eq!(world.server.allocations(), 0);
}

#[test]
fn a_replayed_request_changes_nothing_for_others() {
    let mut hand = Hand::with_allocation(server_config());
    assert_eq!(hand.permit(&[PEER]), 0);
    // The same bytes from another address: the nonce is not that client's.
    let bytes = {
        let (nonce, key) = (hand.nonce.clone(), hand.key.clone());
        let mut buffer = [0; 512];
        let id = TransactionId::new([77; 12]);
        let mut request = Builder::new(&mut buffer, Class::Request, Method::REFRESH, id).unwrap();
        request.attribute(attribute::LIFETIME, &Value::Number(0)).unwrap();
        request.attribute(attribute::USERNAME, &Value::Text("user")).unwrap();
        request.attribute(attribute::REALM, &Value::Text("example.org")).unwrap();
        request.attribute(attribute::NONCE, &Value::Text(&nonce)).unwrap();
        request.raw(attribute::PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0]).unwrap();
        request.raw(attribute::PASSWORD_ALGORITHM, &[0, 1, 0, 0]).unwrap();
        request.sign(&key).unwrap();
        request.finish().to_vec()
    };
    let here = hand.client;
    hand.client.remote = at("192.0.2.66:5000");
    let answer = hand.send(bytes.clone()).unwrap();
    assert_eq!(Message::parse(&answer).unwrap().error_code().map(|error| error.code), Some(438));
    assert_eq!(hand.server.allocations(), 1);
    // One bit changed on the way.
    hand.client = here;
    let mut forged = bytes;
    forged[24] ^= 1;
    let answer = hand.send(forged).unwrap();
    assert_eq!(Message::parse(&answer).unwrap().error_code().map(|error| error.code), Some(401));
    assert_eq!(hand.server.allocations(), 1);
}

#[test]
fn a_source_without_an_allocation_has_a_rate() {
    let rate = Rate { per_second: 1, burst: 5 };
    let config = ServerConfig { rates: Some(SourceRates { address: rate, prefix: rate }), ..server_config() };
    let mut hand = Hand::with_allocation(config);
    // The challenge and the Allocate were two. With an allocation there is no limit.
    (0..20).for_each(|_| assert_eq!(hand.permit(&[PEER]), 0));
    hand.client.remote = at("192.0.2.1:6000");
    let answers = (0..20).filter(|_| hand.raw(Class::Request, Method::ALLOCATE, |_| {}).is_some()).count();
    assert_eq!(answers, 3);
    hand.client.remote = at("127.0.0.1:6000");
    assert!((0..20).all(|_| hand.raw(Class::Request, Method::ALLOCATE, |_| {}).is_some()));
}

#[test]
fn binding_requests_are_answered_without_credentials() {
    let mut hand = Hand::new(server_config());
    let answer = hand.raw(Class::Request, Method::BINDING, |_| {}).unwrap();
    assert_eq!(Message::parse(&answer).unwrap().mapped_address(), Some(at(CLIENT)));
}
