//! Allocations: the challenge, refreshes, each refusal, other servers and credentials.

use super::*;

#[test]
fn rfc8656_7_an_allocation_is_made_after_the_challenge() {
    let mut pair = Pair::new(config());
    let first = pair.request();
    let message = Message::parse(&first.bytes).unwrap();
    assert_eq!((message.method(), message.username()), (Method::ALLOCATE, None));
    assert_eq!(message.value(attribute::REQUESTED_TRANSPORT), Some(Value::Number(17)));
    pair.client.timeout(Duration::from_millis(500));
    pair.challenge(401, "nonce");
    pair.grant(&["203.0.113.9:50000"], Some(777));
    let relayed = vec![at("203.0.113.9:50000")];
    let mapped = Some(at("192.0.2.77:1234"));
    let expected = Allocated { relayed, mapped, lifetime: seconds(777), missing: None };
    assert_eq!(pair.event(), Event::Allocated(expected));
    assert_eq!(pair.client.state(), State::Allocated);
}

#[test]
fn rfc8656_8_the_refresh_deadline_is_that_of_the_answer() {
    for (lifetime, due) in [(Some(600), 540), (Some(777), 717), (Some(100), 50), (None, 540), (Some(u32::MAX), 3540)] {
        let mut pair = Pair::new(config());
        pair.challenge(401, "nonce");
        pair.now = seconds(3);
        pair.grant(&["203.0.113.9:50000"], lifetime);
        assert!(matches!(pair.event(), Event::Allocated(_)));
        // From when the request went out, not from when the answer came.
        assert_eq!(pair.wait(), seconds(due));
        let request = pair.request();
        assert!(pair.answer(&request, Class::Success, true, |answer| {
            answer.attribute(attribute::LIFETIME, &Value::Number(300)).unwrap();
        }));
        assert_eq!(pair.event(), Event::Refreshed { lifetime: seconds(300) });
        assert_eq!(pair.client.poll_timeout(), Some(seconds(due + 240)));
    }
}

#[test]
fn a_lifetime_of_zero_is_no_allocation() {
    let mut pair = Pair::new(config());
    pair.challenge(401, "nonce");
    pair.grant(&["203.0.113.9:50000"], Some(0));
    assert_eq!(pair.failure(), (Reason::BadResponse, 0));
    let mut pair = Pair::allocated();
    pair.wait();
    let request = pair.request();
    pair.answer(&request, Class::Success, true, |answer| {
        answer.attribute(attribute::LIFETIME, &Value::Number(0)).unwrap();
    });
    assert_eq!(pair.failure(), (Reason::AllocationLost, 0));
}

#[test]
fn rfc8656_7_4_each_error_code_has_its_reason() {
    let codes = [
        (400, Reason::BadRequest, None),
        (403, Reason::Forbidden, None),
        (420, Reason::UnknownAttribute, None),
        (440, Reason::FamilyNotSupported, None),
        (441, Reason::OtherCredentials, None),
        (442, Reason::TransportNotSupported, None),
        (443, Reason::FamilyMismatch, None),
        (446, Reason::PeerConnection, None),
        (447, Reason::PeerConnection, None),
        (486, Reason::Quota, Some(seconds(60))),
        (500, Reason::Server, Some(seconds(0))),
        (508, Reason::Capacity, Some(seconds(60))),
    ];
    for (code, reason, retry_after) in codes {
        let mut pair = Pair::new(config());
        pair.challenge(401, "nonce");
        pair.refuse(code);
        let Event::Failed(refusal) = pair.event() else { panic!("{code}") };
        assert_eq!((refusal.reason, refusal.code, refusal.retry_after), (reason, code, retry_after));
        assert!(pair.client.poll_transmit().is_none(), "{code} is not tried again");
    }
}

#[test]
fn a_reason_phrase_need_not_be_utf8() {
    let mut pair = Pair::new(config());
    pair.challenge(401, "nonce");
    let request = pair.request();
    pair.answer(&request, Class::Error, true, |answer| {
        answer.raw(attribute::ERROR_CODE, &[0, 0, 4, 86, b'n', 0xff, 0x07, b'o']).unwrap();
    });
    let Event::Failed(refusal) = pair.event() else { panic!() };
    assert_eq!((refusal.reason, refusal.phrase.as_str()), (Reason::Quota, "n\u{fffd}o"));
}

#[test]
fn wrong_credentials_are_tried_once() {
    let mut pair = Pair::new(config());
    pair.challenge(401, "n1");
    pair.challenge(401, "n2");
    assert_eq!(pair.failure(), (Reason::WrongCredentials, 401));
    let mut pair = Pair::new(ClientConfig { username: String::new(), ..config() });
    pair.challenge(401, "n1");
    assert_eq!(pair.failure(), (Reason::NoCredentials, 401));
}

#[test]
fn a_stale_nonce_is_replaced_once_for_each_request() {
    let mut pair = Pair::new(config());
    pair.challenge(401, "n1");
    pair.challenge(438, "n2");
    let request = pair.request();
    assert_eq!(Message::parse(&request.bytes).unwrap().nonce(), Some("n2"));
    let mut pair = Pair::allocated();
    let peers = ["203.0.113.1", "203.0.113.2"].map(|peer| peer.parse().unwrap());
    peers.iter().for_each(|peer| pair.client.create_permission(pair.now, *peer).unwrap());
    // Both requests had the old nonce: neither answer is a second one.
    let requests = [pair.request(), pair.request()];
    for (request, nonce) in requests.iter().zip(["n2", "n3"]) {
        pair.answer(request, Class::Error, false, |answer| {
            answer.error_code(438).unwrap();
            answer.attribute(attribute::REALM, &Value::Text(REALM)).unwrap();
            answer.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
        });
    }
    pair.accept(Method::CREATE_PERMISSION);
    pair.challenge(438, "n4");
    assert_eq!(pair.event(), Event::Permitted { peer: peers[0] });
    let Event::PermissionRefused { peer, refusal } = pair.event() else { panic!() };
    assert_eq!((peer, refusal.reason, refusal.code), (peers[1], Reason::Challenge, 438));
}

#[test]
fn password_algorithms_are_negotiated() {
    let mut pair = Pair::new(config());
    let request = pair.request();
    pair.answer(&request, Class::Error, false, |answer| {
        answer.error_code(401).unwrap();
        answer.attribute(attribute::REALM, &Value::Text(REALM)).unwrap();
        answer.attribute(attribute::NONCE, &Value::Text("obMatJos2AAAD1234")).unwrap();
        answer.raw(attribute::PASSWORD_ALGORITHMS, Algorithms::BOTH.as_bytes()).unwrap();
    });
    let request = pair.request();
    let message = Message::parse(&request.bytes).unwrap();
    assert!(message.get(attribute::USERHASH).is_some() && message.username().is_none());
    let key = Key::long_term("user", REALM, "pass", Algorithm::Sha256);
    assert!(message.verify_sha256(&key).is_valid());
}

#[test]
fn rfc8489_9_2_5_answers_that_are_not_signed_did_not_come() {
    let mut pair = Pair::new(config());
    pair.challenge(401, "nonce");
    let request = pair.request();
    pair.key = Key::short_term("wrong");
    pair.answer(&request, Class::Success, true, |answer| {
        answer.address(attribute::XOR_RELAYED_ADDRESS, at("203.0.113.9:50000")).unwrap();
    });
    pair.answer(&request, Class::Error, false, |answer| _ = answer.error_code(403).unwrap());
    assert!(pair.client.poll_event().is_none());
    while pair.client.state() == State::Allocating {
        pair.wait();
    }
    assert_eq!(pair.now, Duration::from_millis(39_500));
    assert_eq!(pair.failure(), (Reason::Integrity, 0));
}

#[test]
fn an_allocation_without_a_challenge_is_not_believed() {
    let grant = |pair: &mut Pair| {
        let request = pair.request();
        pair.answer(&request, Class::Success, false, |answer| {
            answer.address(attribute::XOR_RELAYED_ADDRESS, at("203.0.113.9:50000")).unwrap();
        });
    };
    let mut pair = Pair::new(config());
    grant(&mut pair);
    assert_eq!(pair.client.state(), State::Allocating);
    let mut open = Pair::new(ClientConfig { username: String::new(), ..config() });
    grant(&mut open);
    assert_eq!(open.client.state(), State::Allocated, "a server without credentials, and a client without");
}

#[test]
fn a_silent_server_is_given_up_after_39_5_seconds() {
    let mut pair = Pair::new(config());
    let mut sent = vec![];
    while pair.client.state() == State::Allocating {
        while pair.client.poll_transmit().is_some() {
            sent.push(pair.now.as_millis());
        }
        pair.wait();
    }
    assert_eq!(sent, [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert_eq!(pair.failure(), (Reason::Silent, 0));
    let mut tcp = Pair::new(ClientConfig { protocol: Protocol::Tcp, ..config() });
    assert!(tcp.client.poll_transmit().is_some());
    assert_eq!(tcp.wait(), Duration::from_millis(39_500));
    assert!(tcp.client.poll_transmit().is_none());
}

#[test]
fn rfc8489_10_alternate_servers_are_followed_once_each() {
    let redirect = |pair: &mut Pair, to: &str| {
        let request = pair.request();
        pair.answer(&request, Class::Error, false, |answer| {
            answer.error_code(300).unwrap();
            answer.address(attribute::ALTERNATE_SERVER, at(to)).unwrap();
        });
    };
    let mut pair = Pair::new(config());
    redirect(&mut pair, "198.51.100.2:3478");
    let to = Event::Redirected { server: at("198.51.100.2:3478"), domain: String::new() };
    assert_eq!(pair.event(), to);
    pair.challenge(401, "nonce");
    redirect_signed(&mut pair, "198.51.100.1:3478");
    assert_eq!(pair.failure(), (Reason::AlternateLoop, 300));
    for bad in ["127.0.0.1:3478", "0.0.0.0:3478", "198.51.100.2:0", "224.0.0.1:3478", "[2001:db8::1]:3478"] {
        let mut pair = Pair::new(config());
        redirect(&mut pair, bad);
        assert_eq!(pair.failure(), (Reason::AlternateUnusable, 300), "{bad}");
    }
    let mut pair = Pair::new(config());
    for host in 2..=5 {
        redirect(&mut pair, &format!("198.51.100.{host}:3478"));
        assert!(matches!(pair.event(), Event::Redirected { .. }));
    }
    redirect(&mut pair, "198.51.100.6:3478");
    assert_eq!(pair.failure(), (Reason::AlternateLoop, 300));
}

fn redirect_signed(pair: &mut Pair, to: &str) {
    let request = pair.request();
    pair.answer(&request, Class::Error, true, |answer| {
        answer.error_code(300).unwrap();
        answer.address(attribute::ALTERNATE_SERVER, at(to)).unwrap();
    });
}

#[test]
fn rfc8656_7_4_three_local_addresses_are_tried_after_437() {
    let mut pair = Pair::new(config());
    for port in 1..=MAX_LOCAL_ADDRESSES {
        // The nonce is not taken along: it may be good for one 5-tuple only.
        pair.challenge(401, "nonce");
        pair.refuse(437);
        if port < MAX_LOCAL_ADDRESSES {
            assert_eq!(pair.event(), Event::LocalAddressWanted { code: 437 });
            pair.client.rebind(pair.now, SocketAddr::new(at("192.0.2.1:0").ip(), 5000 + port as u16));
        }
    }
    let Event::Failed(refusal) = pair.event() else { panic!() };
    assert_eq!((refusal.reason, refusal.code), (Reason::AddressInUse, 437));
    assert_eq!(refusal.retry_after, Some(seconds(120)));

    let mut pair = Pair::new(config());
    pair.challenge(401, "nonce");
    pair.refuse(437);
    assert_eq!(pair.event(), Event::LocalAddressWanted { code: 437 });
    assert_eq!(pair.wait(), seconds(10), "an owner that has no other address");
    assert_eq!(pair.failure(), (Reason::AddressInUse, 437));
}

#[test]
fn new_credentials_on_a_live_allocation() {
    // A server that takes them.
    let mut pair = Pair::allocated();
    pair.client.rotate(pair.now, "user2", "pass2");
    pair.key = Key::long_term("user2", REALM, "pass2", Algorithm::Md5);
    pair.accept(Method::REFRESH);
    assert!(matches!(pair.event(), Event::Refreshed { .. }));
    assert_eq!(pair.client.state(), State::Allocated);

    // One that ties the allocation to the user name: a new 5-tuple, and the old allocation is deleted by its owner.
    for code in [441, 437] {
        let mut pair = Pair::allocated();
        pair.permit("203.0.113.1:1000");
        pair.client.rotate(pair.now, "user2", "pass2");
        pair.key = Key::long_term("user2", REALM, "pass2", Algorithm::Md5);
        pair.refuse(code);
        assert_eq!(pair.event(), Event::LocalAddressWanted { code });
        assert_eq!(pair.client.send_to(pair.now, at("203.0.113.1:1000"), b"still"), Ok(Sent::Indication));
        pair.request();
        pair.client.rebind(pair.now, at("192.0.2.1:5001"));
        let delete = pair.client.poll_transmit().unwrap();
        let message = Message::parse(&delete.bytes).unwrap();
        assert_eq!((delete.local, message.username()), (at("192.0.2.1:5000"), Some("user")));
        assert_eq!(message.value(attribute::LIFETIME), Some(Value::Number(0)));
        assert!(message.verify(&key()).is_valid());
        pair.challenge(401, "nonce");
        pair.grant(&["203.0.113.9:50002"], Some(600));
        assert!(matches!(pair.event(), Event::Allocated(_)));
        assert_eq!(pair.client.relayed(), [at("203.0.113.9:50002")]);
    }

    // An owner without another socket keeps the allocation, under the old name.
    let mut pair = Pair::allocated();
    pair.client.rotate(pair.now, "user2", "pass2");
    pair.key = Key::long_term("user2", REALM, "pass2", Algorithm::Md5);
    pair.refuse(441);
    assert!(matches!(pair.event(), Event::LocalAddressWanted { .. }));
    pair.wait();
    assert_eq!(pair.client.state(), State::Allocated);
    assert_eq!(pair.wait(), seconds(540));
    let refresh = pair.request();
    assert_eq!(Message::parse(&refresh.bytes).unwrap().username(), Some("user"));
}

#[test]
fn rfc8656_8_3_after_437_the_allocation_is_gone() {
    let mut pair = Pair::allocated();
    pair.wait();
    pair.refuse(437);
    assert_eq!(pair.failure(), (Reason::AllocationLost, 437));
    let mut pair = Pair::allocated();
    pair.client.create_permission(pair.now, at("203.0.113.1:1").ip()).unwrap();
    pair.refuse(437);
    assert_eq!(pair.failure(), (Reason::AllocationLost, 437));
}
