//! Permissions, channels and data.

use super::*;

#[test]
fn rfc8656_9_permissions_are_asked_for_and_refreshed() {
    let mut pair = Pair::allocated();
    let peer = at("203.0.113.1:1000");
    assert_eq!(pair.client.send_to(pair.now, peer, b"one"), Ok(Sent::Waiting));
    assert_eq!(pair.client.send_to(pair.now, peer, b"two"), Ok(Sent::Waiting));
    pair.now = seconds(1);
    pair.accept(Method::CREATE_PERMISSION);
    assert_eq!(pair.event(), Event::Permitted { peer: peer.ip() });
    for expected in [b"one", b"two"] {
        let datagram = pair.request();
        let message = Message::parse(&datagram.bytes).unwrap();
        assert_eq!((message.class(), message.method()), (Class::Indication, Method::SEND));
        assert_eq!(message.value(attribute::DATA), Some(Value::Bytes(expected)));
        assert_eq!(message.value(attribute::XOR_PEER_ADDRESS), Some(Value::Address(peer)));
    }
    assert_eq!(pair.wait(), seconds(240));
    pair.accept(Method::CREATE_PERMISSION);
    assert!(pair.client.poll_event().is_none(), "known already");
    assert_eq!(pair.wait(), seconds(480));
    pair.accept(Method::CREATE_PERMISSION);
    pair.client.forget_peer(peer.ip());
    assert_eq!(pair.client.poll_timeout(), Some(seconds(540)), "only the allocation is left to refresh");
}

#[test]
fn a_refused_permission_says_why() {
    for (code, reason) in [(403, Reason::Forbidden), (443, Reason::FamilyMismatch), (508, Reason::Capacity)] {
        let mut pair = Pair::allocated();
        let peer = at("203.0.113.1:1000");
        pair.client.send_to(pair.now, peer, b"one").unwrap();
        pair.refuse(code);
        let Event::PermissionRefused { peer: refused, refusal } = pair.event() else { panic!() };
        assert_eq!((refused, refusal.reason, refusal.code), (peer.ip(), reason, code));
        assert!(pair.client.poll_transmit().is_none(), "what waited is dropped");
        assert_eq!(pair.client.state(), State::Allocated);
    }
}

#[test]
fn rfc8656_12_channels_are_bound_and_kept() {
    let mut pair = Pair::allocated();
    let peer = at("203.0.113.1:1000");
    pair.client.bind_channel(pair.now, peer).unwrap();
    let bind = pair.request();
    let message = Message::parse(&bind.bytes).unwrap();
    assert_eq!(message.value(attribute::CHANNEL_NUMBER), Some(Value::Number(0x4000)));
    // Data may overtake the answer.
    assert!(pair.deliver(vec![0x40, 0, 0, 2, 1, 2]));
    assert_eq!(pair.event(), Event::Data { peer, bytes: vec![1, 2] });
    pair.answer(&bind, Class::Success, true, |_| {});
    assert_eq!(pair.event(), Event::ChannelBound { peer, channel: 0x4000 });
    assert_eq!(pair.event(), Event::Permitted { peer: peer.ip() });
    assert_eq!(pair.client.send_to(pair.now, peer, b"abc"), Ok(Sent::Channel));
    assert_eq!(pair.request().bytes, [0x40, 0, 0, 3, b'a', b'b', b'c']);
    // Another port of the same host: the permission is there, the channel is not.
    assert_eq!(pair.client.send_to(pair.now, at("203.0.113.1:1001"), b"abc"), Ok(Sent::Indication));
    pair.request();
    assert_eq!(pair.wait(), seconds(230), "which refreshes the permission too");
    pair.accept(Method::CHANNEL_BIND);
    assert_eq!(pair.wait(), seconds(460));
    pair.refuse(400);
    let Event::ChannelRefused { refusal, .. } = pair.event() else { panic!() };
    assert_eq!(refusal.reason, Reason::BadRequest);
    assert_eq!(pair.client.send_to(pair.now, peer, b"abc"), Ok(Sent::Indication), "data goes on without the channel");
    assert!(!pair.deliver(vec![0x4f, 0xff, 0, 0]), "a channel that was never bound");
}

#[test]
fn over_tcp_channel_data_is_padded() {
    let mut pair = Pair::allocated();
    let mut tcp = Pair::new(ClientConfig { protocol: Protocol::Tcp, username: String::new(), ..config() });
    let request = tcp.request();
    assert_eq!(request.protocol, Protocol::Tcp);
    let message = Message::parse(&request.bytes).unwrap();
    let mut buffer = [0; 256];
    let mut answer = Builder::new(&mut buffer, Class::Success, Method::ALLOCATE, message.transaction_id()).unwrap();
    answer.address(attribute::XOR_RELAYED_ADDRESS, at("203.0.113.9:50000")).unwrap();
    let bytes = answer.finish().to_vec();
    assert!(!pair.client.receive(pair.now, &Datagram { bytes: bytes.clone(), ..reply_to(&request) }));
    assert!(tcp.client.receive(tcp.now, &Datagram { bytes, ..reply_to(&request) }));
    tcp.client.bind_channel(tcp.now, at("203.0.113.1:1000")).unwrap();
    let bind = tcp.request();
    let message = Message::parse(&bind.bytes).unwrap();
    let mut answer = Builder::new(&mut buffer, Class::Success, Method::CHANNEL_BIND, message.transaction_id()).unwrap();
    let bytes = answer.fingerprint().unwrap().as_bytes().to_vec();
    assert!(tcp.client.receive(tcp.now, &Datagram { bytes, ..reply_to(&bind) }));
    tcp.client.send_to(tcp.now, at("203.0.113.1:1000"), b"abc").unwrap();
    let frame = tcp.request().bytes;
    assert_eq!(frame.len(), 8);
    assert_eq!(ChannelData::parse(&frame).unwrap().data, b"abc");
}

fn reply_to(request: &Datagram) -> Datagram {
    let Datagram { local, remote, protocol, .. } = *request;
    Datagram { local, remote, protocol, bytes: vec![] }
}

#[test]
fn rfc8656_11_4_data_is_taken_from_permitted_peers_only() {
    let mut pair = Pair::allocated();
    assert!(pair.data("203.0.113.1:1000"));
    assert!(pair.client.poll_event().is_none());
    pair.permit("203.0.113.1:1");
    assert!(pair.data("203.0.113.1:1000"));
    assert_eq!(pair.event(), Event::Data { peer: at("203.0.113.1:1000"), bytes: b"hello".to_vec() });
    // From another address it is not the server's.
    let other = Datagram::udp(pair.client.local(), at("198.51.100.9:3478"), vec![0; 20]);
    assert!(!pair.client.receive(pair.now, &other));
}

#[test]
fn rfc8656_11_6_icmp_errors_are_told() {
    let mut pair = Pair::allocated();
    pair.permit("203.0.113.1:1");
    let mut buffer = [0; 256];
    let id = icelens::stun::TransactionId::new([9; 12]);
    let mut data = Builder::new(&mut buffer, Class::Indication, Method::DATA, id).unwrap();
    data.address(attribute::XOR_PEER_ADDRESS, at("203.0.113.1:7")).unwrap();
    data.attribute(attribute::ICMP, &Value::Icmp { kind: 3, code: 4, data: 1400 }).unwrap();
    let bytes = data.finish().to_vec();
    assert!(pair.deliver(bytes));
    assert_eq!(pair.event(), Event::Icmp { peer: at("203.0.113.1:7"), kind: 3, code: 4, data: 1400 });
}
