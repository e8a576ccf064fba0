//! Both address families, the end, and what is kept.

use super::*;

#[test]
fn both_families_are_asked_for_at_once() {
    let mut pair = Pair::new(ClientConfig { families: Families::Both, ..config() });
    pair.challenge(401, "nonce");
    let request = pair.request();
    let message = Message::parse(&request.bytes).unwrap();
    assert_eq!(message.value(attribute::ADDITIONAL_ADDRESS_FAMILY), Some(Value::Number(2)));
    pair.answer(&request, Class::Success, true, |answer| {
        answer.address(attribute::XOR_RELAYED_ADDRESS, at("203.0.113.9:50000")).unwrap();
        answer.address(attribute::XOR_RELAYED_ADDRESS, at("[2001:db8::9]:50000")).unwrap();
    });
    let Event::Allocated(allocated) = pair.event() else { panic!() };
    assert_eq!(allocated.relayed.len(), 2);
    for peer in ["203.0.113.1:1", "[2001:db8::1]:1"] {
        assert_eq!(pair.client.send_to(pair.now, at(peer), b"x"), Ok(Sent::Waiting));
    }
    // One of two: RFC 8656 §7.3.
    let mut pair = Pair::new(ClientConfig { families: Families::Both, ..config() });
    pair.challenge(401, "nonce");
    let request = pair.request();
    pair.answer(&request, Class::Success, true, |answer| {
        answer.address(attribute::XOR_RELAYED_ADDRESS, at("203.0.113.9:50000")).unwrap();
        answer.raw(attribute::ADDRESS_ERROR_CODE, &[2, 0, 4, 40]).unwrap();
    });
    let Event::Allocated(allocated) = pair.event() else { panic!() };
    assert_eq!(allocated.missing, Some((Family::V6, 440)));
    let sent = pair.client.send_to(pair.now, at("[2001:db8::1]:1"), b"x");
    assert_eq!(sent, Err(SendError::WrongFamily));
}

#[test]
fn rfc8656_7_3_an_address_of_another_family_is_given_back() {
    let mut pair = Pair::new(ClientConfig { families: Families::V6, ..config() });
    pair.challenge(401, "nonce");
    pair.grant(&["203.0.113.9:50000"], Some(600));
    let delete = pair.request();
    let message = Message::parse(&delete.bytes).unwrap();
    assert_eq!((message.method(), message.value(attribute::LIFETIME)), (Method::REFRESH, Some(Value::Number(0))));
    assert_eq!(pair.failure(), (Reason::BadResponse, 0));
}

#[test]
fn closing_deletes_the_allocation() {
    for code in [0, 437] {
        let mut pair = Pair::allocated();
        pair.client.close(pair.now);
        assert_eq!(pair.client.state(), State::Closing);
        let delete = pair.request();
        let message = Message::parse(&delete.bytes).unwrap();
        assert_eq!((message.method(), message.value(attribute::LIFETIME)), (Method::REFRESH, Some(Value::Number(0))));
        let class = if code == 0 { Class::Success } else { Class::Error };
        pair.answer(&delete, class, true, |answer| {
            if code != 0 {
                answer.error_code(code).unwrap();
            }
        });
        assert_eq!(pair.event(), Event::Closed);
        assert_eq!((pair.client.state(), pair.client.poll_timeout()), (State::Closed, None));
    }
    // While the request is under way: what it brings is deleted.
    let mut pair = Pair::new(config());
    pair.challenge(401, "nonce");
    pair.client.close(pair.now);
    pair.grant(&["203.0.113.9:50000"], Some(600));
    pair.accept(Method::REFRESH);
    assert_eq!(pair.event(), Event::Closed);
    let mut pair = Pair::new(config());
    pair.client.close(pair.now);
    pair.challenge(401, "nonce");
    pair.refuse(486);
    assert_eq!(pair.event(), Event::Closed);
}

#[test]
fn nothing_grows_without_bound() {
    let mut pair = Pair::allocated();
    for peer in 0..1000_u32 {
        let peer = SocketAddr::new(std::net::Ipv4Addr::from(0x0801_0000 + peer).into(), 9);
        let _ = pair.client.send_to(pair.now, peer, b"x");
        let _ = pair.client.bind_channel(pair.now, peer);
    }
    let mut sent = 0;
    while pair.client.poll_transmit().is_some() {
        sent += 1;
    }
    // 64 that wait for their permission, and 256 channels.
    assert_eq!(sent, 64 + 256);
    pair.permit("203.0.113.1:1");
    for _ in 0..10_000 {
        pair.data("203.0.113.1:1000");
    }
    let mut told = 0;
    while pair.client.poll_event().is_some() {
        told += 1;
    }
    assert_eq!(told, 4096);
    assert_eq!(pair.client.send_to(pair.now, at("203.0.113.1:1"), &[0; 65_500]), Err(SendError::TooLong));
}

#[test]
fn a_name_that_is_too_long_fails_at_once() {
    let mut pair = Pair::new(ClientConfig { username: "u".repeat(510), ..config() });
    assert_eq!(pair.failure(), (Reason::TooLong, 0));
}
