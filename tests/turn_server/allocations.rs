//! Allocate and Refresh requests, quotas and owners.

use super::*;

#[test]
fn rfc8656_7_2_what_an_allocate_request_may_ask() {
    type Write = fn(&mut Builder<'_>);
    let refused: [(u16, Write); 9] = [
        (400, |r| _ = r.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &Value::Number(1)).unwrap()),
        (440, |r| _ = r.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &Value::Number(2)).unwrap()),
        (440, |r| _ = r.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &Value::Number(9)).unwrap()),
        (420, |r| _ = r.attribute(attribute::DONT_FRAGMENT, &Value::Flag).unwrap()),
        (508, |r| _ = r.attribute(attribute::RESERVATION_TOKEN, &Value::Bytes(&[1; 8])).unwrap()),
        (400, |r| _ = r.raw(attribute::RESERVATION_TOKEN, &[1; 7]).unwrap()),
        (400, |r| _ = r.raw(attribute::LIFETIME, &[1; 3]).unwrap()),
        (400, |r| {
            r.attribute(attribute::RESERVATION_TOKEN, &Value::Bytes(&[1; 8])).unwrap();
            r.attribute(attribute::EVEN_PORT, &Value::Bit(false)).unwrap();
        }),
        (400, |r| {
            r.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &Value::Number(1)).unwrap();
            r.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &Value::Number(2)).unwrap();
        }),
    ];
    for (index, (code, write)) in refused.into_iter().enumerate() {
        let mut hand = Hand::new(server_config());
        assert_eq!(hand.allocate(write), code, "case {index}");
        assert_eq!(hand.server.allocations(), 0);
    }
    let mut hand = Hand::new(server_config());
    assert_eq!(hand.code(Method::ALLOCATE, |_| {}), 400);
    let tcp = |request: &mut Builder<'_>| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(6)).unwrap();
    };
    assert_eq!(hand.code(Method::ALLOCATE, tcp), 442);
}

#[test]
fn rfc8656_7_2_lifetimes_are_between_the_default_and_the_maximum() {
    for (asked, given) in [(None, 600), (Some(1), 600), (Some(1000), 1000), (Some(u32::MAX), 3600)] {
        let mut hand = Hand::new(server_config());
        let answer = hand.ask(Method::ALLOCATE, |request| {
            request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
            if let Some(asked) = asked {
                request.attribute(attribute::LIFETIME, &Value::Number(asked)).unwrap();
            }
        });
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.value(attribute::LIFETIME), Some(Value::Number(given)));
        assert_eq!(hand.server.poll_timeout(), Some(seconds(given.into())));
    }
}

#[test]
fn the_same_allocate_again_gets_the_same_answer_and_another_437() {
    let mut hand = Hand::new(server_config());
    let first = hand.ask(Method::ALLOCATE, |request| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
    });
    hand.count -= 1;
    hand.now = seconds(1);
    let again = hand.ask(Method::ALLOCATE, |request| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
    });
    let [first, again] = [&first, &again].map(|bytes| Message::parse(bytes).unwrap());
    assert_eq!(first.value(attribute::XOR_RELAYED_ADDRESS), again.value(attribute::XOR_RELAYED_ADDRESS));
    assert_eq!(again.value(attribute::LIFETIME), Some(Value::Number(599)));
    assert_eq!(hand.allocate(|_| {}), 437);
    assert_eq!(hand.server.allocations(), 1);
}

#[test]
fn even_ports_and_their_reservations() {
    let config = ServerConfig { ports: 50_001..=50_005, ..server_config() };
    let mut hand = Hand::new(config);
    let answer = hand.ask(Method::ALLOCATE, |request| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
        request.attribute(attribute::EVEN_PORT, &Value::Bit(true)).unwrap();
    });
    let answer = Message::parse(&answer).unwrap();
    let Some(Value::Address(relayed)) = answer.value(attribute::XOR_RELAYED_ADDRESS) else { panic!() };
    let Some(Value::Bytes(token)) = answer.value(attribute::RESERVATION_TOKEN) else { panic!() };
    let token = token.to_vec();
    assert_eq!(relayed.port() % 2, 0);
    // From another 5-tuple.
    hand.client.remote = at("192.0.2.1:5001");
    hand.challenge();
    let answer = hand.ask(Method::ALLOCATE, |request| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
        request.attribute(attribute::RESERVATION_TOKEN, &Value::Bytes(&token)).unwrap();
    });
    let answer = Message::parse(&answer).unwrap();
    let Some(Value::Address(next)) = answer.value(attribute::XOR_RELAYED_ADDRESS) else { panic!() };
    assert_eq!(next.port(), relayed.port() + 1);
    // A token that nobody brings in time.
    hand.client.remote = at("192.0.2.1:5002");
    hand.challenge();
    assert_eq!(hand.allocate(|r| _ = r.attribute(attribute::EVEN_PORT, &Value::Bit(true)).unwrap()), 0);
    assert_eq!(hand.server.poll_timeout(), Some(seconds(30)));
    hand.server.timeout(seconds(30));
    assert_eq!(hand.server.poll_timeout(), Some(seconds(600)));
    // One port is left, and it is odd.
    hand.client.remote = at("192.0.2.1:5003");
    hand.challenge();
    assert_eq!(hand.allocate(|r| _ = r.attribute(attribute::EVEN_PORT, &Value::Bit(false)).unwrap()), 508);
    assert_eq!(hand.allocate(|_| {}), 0);
}

#[test]
fn quotas() {
    let config = ServerConfig { max_per_user: 2, max_allocations: 3, ..server_config() };
    let mut hand = Hand::new(config);
    let mut codes = vec![];
    for port in 0..4 {
        hand.client.remote.set_port(6000 + port);
        hand.challenge();
        codes.push(hand.allocate(|_| {}));
    }
    assert_eq!(codes, [0, 0, 486, 486]);
    hand.username = "other";
    hand.key = Key::long_term("other", "example.org", "secret", Algorithm::Md5);
    for (port, code) in [(7000, 0), (7001, 508)] {
        hand.client.remote.set_port(port);
        hand.challenge();
        assert_eq!(hand.allocate(|_| {}), code);
    }
    // One that ends makes room.
    hand.server.disconnected(&FiveTuple { remote: at("192.0.2.1:7000"), ..hand.client });
    assert_eq!(hand.allocate(|_| {}), 0);
}

#[test]
fn rfc8656_5_an_allocation_belongs_to_its_user() {
    let mut hand = Hand::new(server_config());
    assert_eq!(hand.permit(&[PEER]), 437);
    assert_eq!(hand.allocate(|_| {}), 0);
    hand.username = "other";
    hand.key = Key::long_term("other", "example.org", "secret", Algorithm::Md5);
    assert_eq!(hand.permit(&[PEER]), 441);
    assert_eq!(hand.code(Method::REFRESH, |r| _ = r.attribute(attribute::LIFETIME, &Value::Number(0)).unwrap()), 441);
    assert_eq!(hand.server.allocations(), 1);
}

#[test]
fn a_nonce_is_good_for_its_client_only() {
    let mut hand = Hand::with_allocation(server_config());
    hand.client.remote = at("192.0.2.99:5000");
    assert_eq!(hand.allocate(|_| {}), 438);
}

#[test]
fn held_ports_count_as_allocations_of_their_user() {
    let config = ServerConfig { max_per_user: 2, max_allocations: 4, ..server_config() };
    let mut hand = Hand::new(config);
    let delete = |r: &mut Builder<'_>| _ = r.attribute(attribute::LIFETIME, &Value::Number(0)).unwrap();
    let reserve = |r: &mut Builder<'_>| _ = r.attribute(attribute::EVEN_PORT, &Value::Bit(true)).unwrap();
    // Allocate with a port beside it, delete, and once more: each leaves a port that is held for 30 s.
    let mut codes = vec![];
    for _ in 0..4 {
        codes.push(hand.allocate(reserve));
        hand.code(Method::REFRESH, delete);
    }
    assert_eq!(codes, [0, 0, 486, 486]);
    // Whoever else comes has the room that is left.
    hand.username = "other";
    hand.key = Key::long_term("other", "example.org", "secret", Algorithm::Md5);
    let codes = [6000, 6001, 6002].map(|port| {
        hand.client.remote.set_port(port);
        hand.challenge();
        hand.allocate(|_| {})
    });
    assert_eq!(codes, [0, 0, 486]);
    (hand.username, hand.key) = ("user", Key::long_term("user", "example.org", "pass", Algorithm::Md5));
    hand.now = seconds(30);
    hand.server.timeout(hand.now);
    assert_eq!(hand.allocate(reserve), 0);
}

#[test]
fn a_token_is_no_good_once_its_time_is_over() {
    let mut hand = Hand::new(server_config());
    let answer = hand.ask(Method::ALLOCATE, |request| {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
        request.attribute(attribute::EVEN_PORT, &Value::Bit(true)).unwrap();
    });
    let token = Message::parse(&answer).unwrap().get(attribute::RESERVATION_TOKEN).unwrap().bytes().to_vec();
    hand.client.remote = at("192.0.2.1:5001");
    // The owner is late with `timeout`.
    hand.now = seconds(30);
    hand.challenge();
    assert_eq!(hand.allocate(|r| _ = r.attribute(attribute::RESERVATION_TOKEN, &Value::Bytes(&token)).unwrap()), 508);
}

#[test]
fn an_allocation_is_over_when_its_time_is_although_the_owner_is_late() {
    for (now, code) in [(599, 0), (600, 437)] {
        let mut hand = Hand::with_allocation(server_config());
        hand.now = seconds(now);
        assert_eq!(hand.code(Method::REFRESH, |_| {}), code, "after {now} s");
    }
    // Data of peers likewise.
    let mut hand = Hand::with_allocation(server_config());
    let relayed = hand.relayed();
    hand.now = seconds(400);
    assert_eq!(hand.permit(&[PEER]), 0);
    assert!(hand.peer_sends(PEER, relayed).is_some());
    hand.now = seconds(600);
    assert_eq!(hand.peer_sends(PEER, relayed), None);
}

#[test]
fn clients_ask_on_no_relayed_address() {
    let (listen, ports) = (vec![at(SERVER)], 3478..=3479);
    let mut hand = Hand::with_allocation(ServerConfig { listen, ports, ..server_config() });
    assert_eq!(hand.relayed(), at("198.51.100.1:3479"));
    hand.client.remote = at("192.0.2.1:5001");
    hand.challenge();
    assert_eq!(hand.allocate(|_| {}), 508);
}

#[test]
fn a_request_whose_socket_is_opened_counts_once_against_the_rate() {
    let rate = Rate { per_second: 1, burst: 2 };
    let rates = Some(SourceRates { address: rate, prefix: rate });
    // The challenge and the Allocate are two.
    let mut world = World::new(ServerConfig { ask: true, rates, ..server_config() }, client_config());
    world.run(Duration::from_millis(200));
    assert_eq!(world.client.state(), State::Allocated);
}

#[test]
fn a_socket_that_opens_too_late_is_closed() {
    let client = FiveTuple { remote: at(CLIENT), local: at(SERVER), protocol: Protocol::Udp };
    let mut world = World::new(ServerConfig { ask: true, ..server_config() }, client_config());
    world.open = |_| None;
    world.run(Duration::from_millis(200));
    let Some(Event::Open(address)) = world.log.iter().find(|event| matches!(event, Event::Open(_))).cloned() else {
        panic!()
    };
    world.server.disconnected(&client);
    world.flush();
    assert_eq!(world.log.pop(), Some(Event::Close(address)));
    // The owner was told to close it before it was there.
    world.server.opened(address, true);
    world.flush();
    assert_eq!(world.log.pop(), Some(Event::Close(address)));
    world.server.opened(address, false);
    assert_eq!(world.server.poll_event(), None);
}
