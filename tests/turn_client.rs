//! The TURN client against answers written by hand: each error code, each deadline, and what must not be believed.
#![cfg(feature = "stun")]

use icelens::net::{Datagram, Protocol};
use icelens::stun::{Algorithm, Algorithms, Builder, Class, Key, Message, Method, Value, attribute};
use icelens::turn::client::{Allocated, Event, Families, MAX_LOCAL_ADDRESSES, Reason, SendError, Sent, State};
use icelens::turn::{ChannelData, Client, ClientConfig, Family};
use std::net::SocketAddr;
use std::time::Duration;

const REALM: &str = "example.org";

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn config() -> ClientConfig {
    ClientConfig::new(at("192.0.2.1:5000"), at("198.51.100.1:3478"), Protocol::Udp, "user", "pass", [7; 32])
}

fn key() -> Key {
    Key::long_term("user", REALM, "pass", Algorithm::Md5)
}

/// A client and the hand of a server.
struct Pair {
    client: Client,
    now: Duration,
    key: Key,
}

impl Pair {
    fn new(config: ClientConfig) -> Self {
        let mut client = Client::new(config);
        assert_eq!(client.poll_timeout(), Some(Duration::ZERO));
        client.timeout(Duration::ZERO);
        Self { client, now: Duration::ZERO, key: key() }
    }

    /// A client with an allocation of IPv4 for 600 s.
    fn allocated() -> Self {
        Self::allocated_as(config())
    }

    fn allocated_as(config: ClientConfig) -> Self {
        let mut pair = Self::new(config);
        pair.challenge(401, "nonce");
        pair.grant(&["203.0.113.9:50000"], Some(600));
        assert!(matches!(pair.event(), Event::Allocated(_)));
        pair
    }

    fn request(&mut self) -> Datagram {
        let request = self.client.poll_transmit().expect("a request");
        assert_eq!(request.remote, self.client.server());
        assert_eq!(request.local, self.client.local());
        request
    }

    fn event(&mut self) -> Event {
        self.client.poll_event().expect("an event")
    }

    fn failure(&mut self) -> (Reason, u16) {
        let Event::Failed(refusal) = self.event() else { panic!("no failure") };
        assert_eq!(self.client.state(), State::Closed);
        assert_eq!(self.client.poll_timeout(), None);
        (refusal.reason, refusal.code)
    }

    /// Answers a request.
    fn answer(&mut self, request: &Datagram, class: Class, signed: bool, write: impl FnOnce(&mut Builder<'_>)) -> bool {
        let message = Message::parse(&request.bytes).unwrap();
        let mut buffer = [0; 1024];
        let mut answer = Builder::new(&mut buffer, class, message.method(), message.transaction_id()).unwrap();
        write(&mut answer);
        if signed {
            answer.sign(&self.key).unwrap();
        }
        let bytes = answer.finish().to_vec();
        self.deliver(bytes)
    }

    fn deliver(&mut self, bytes: Vec<u8>) -> bool {
        let (local, remote, protocol) = (self.client.local(), self.client.server(), Protocol::Udp);
        self.client.receive(self.now, &Datagram { local, remote, protocol, bytes })
    }

    fn challenge(&mut self, code: u16, nonce: &str) {
        let request = self.request();
        assert!(self.answer(&request, Class::Error, false, |answer| {
            answer.error_code(code).unwrap();
            answer.attribute(attribute::REALM, &Value::Text(REALM)).unwrap();
            answer.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
        }));
    }

    fn grant(&mut self, relayed: &[&str], lifetime: Option<u32>) {
        let request = self.request();
        let message = Message::parse(&request.bytes).unwrap();
        assert_eq!(message.method(), Method::ALLOCATE);
        assert!(message.verify(&self.key).is_valid());
        assert!(self.answer(&request, Class::Success, true, |answer| {
            for relayed in relayed {
                answer.address(attribute::XOR_RELAYED_ADDRESS, at(relayed)).unwrap();
            }
            answer.address(attribute::XOR_MAPPED_ADDRESS, at("192.0.2.77:1234")).unwrap();
            if let Some(lifetime) = lifetime {
                answer.attribute(attribute::LIFETIME, &Value::Number(lifetime)).unwrap();
            }
        }));
    }

    fn refuse(&mut self, code: u16) {
        let request = self.request();
        assert!(self.answer(&request, Class::Error, true, |answer| _ = answer.error_code(code).unwrap()));
    }

    fn accept(&mut self, method: Method) {
        let request = self.request();
        assert_eq!(Message::parse(&request.bytes).unwrap().method(), method);
        assert!(self.answer(&request, Class::Success, true, |_| {}));
    }

    /// Goes on to the next deadline.
    fn wait(&mut self) -> Duration {
        self.now = self.client.poll_timeout().expect("something due");
        self.client.timeout(self.now);
        self.now
    }

    fn permit(&mut self, peer: &str) {
        self.client.create_permission(self.now, at(peer).ip()).unwrap();
        self.accept(Method::CREATE_PERMISSION);
        assert_eq!(self.event(), Event::Permitted { peer: at(peer).ip() });
    }

    fn data(&mut self, peer: &str) -> bool {
        let mut buffer = [0; 256];
        let id = icelens::stun::TransactionId::new([9; 12]);
        let mut data = Builder::new(&mut buffer, Class::Indication, Method::DATA, id).unwrap();
        data.address(attribute::XOR_PEER_ADDRESS, at(peer)).unwrap();
        // A second peer changes nothing: the first counts.
        data.address(attribute::XOR_PEER_ADDRESS, at("203.0.113.250:1")).unwrap();
        data.attribute(attribute::DATA, &Value::Bytes(b"hello")).unwrap();
        let bytes = data.finish().to_vec();
        self.deliver(bytes)
    }
}

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
