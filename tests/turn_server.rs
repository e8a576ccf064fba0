//! The TURN server, with our client and with requests written by hand, under virtual time.
#![cfg(feature = "stun")]

use icelens::net::{Datagram, Protocol, Rate, SourceRates};
use icelens::stun::{Algorithm, Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
use icelens::turn::client::{Event as Told, Families, Reason, Sent, State};
use icelens::turn::server::{Ended, Event, FiveTuple, Icmp, RelayAddress, rest_password};
use icelens::turn::{Client, ClientConfig, Server, ServerConfig};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const SERVER: &str = "198.51.100.1:3478";
const CLIENT: &str = "192.0.2.1:5000";
const PEER: &str = "203.0.113.1:7000";

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn server_config() -> ServerConfig {
    let mut config = ServerConfig::new("example.org", at(SERVER).ip(), [3; 32]);
    config.users = vec![("user".into(), "pass".into()), ("other".into(), "secret".into())];
    config
}

fn client_config() -> ClientConfig {
    ClientConfig::new(at(CLIENT), at(SERVER), Protocol::Udp, "user", "pass", [7; 32])
}

/// Client and server, and a network between them that delays, loses and repeats.
struct World {
    client: Client,
    server: Server,
    now: Duration,
    wire: BTreeMap<(Duration, u64), (bool, Datagram)>,
    sequence: u64,
    random: u64,
    /// Lost of 100.
    loss: u64,
    /// Datagrams that reached peers: from, to, data.
    peers: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    told: Vec<Told>,
    log: Vec<Event>,
    /// Result of opening a port that the owner is asked to open.
    open: fn(SocketAddr) -> Option<bool>,
}

impl World {
    fn new(server: ServerConfig, client: ClientConfig) -> Self {
        Self {
            client: Client::new(client),
            server: Server::new(server),
            now: Duration::ZERO,
            wire: BTreeMap::new(),
            sequence: 0,
            random: 0x1ce1_e45f,
            loss: 0,
            peers: vec![],
            told: vec![],
            log: vec![],
            open: |_| Some(true),
        }
    }

    fn allocated() -> Self {
        let mut world = Self::new(server_config(), client_config());
        world.run(seconds(1));
        assert_eq!(world.client.state(), State::Allocated);
        world
    }

    fn relayed(&self) -> SocketAddr {
        self.client.relayed()[0]
    }

    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    /// Puts on the wire what both ends have to send.
    fn flush(&mut self) {
        loop {
            while let Some(event) = self.client.poll_event() {
                self.told.push(event);
            }
            while let Some(event) = self.server.poll_event() {
                if let Event::Open(address) = event
                    && let Some(success) = (self.open)(address)
                {
                    self.server.opened(address, success);
                }
                self.log.push(event);
            }
            let Some((to_server, datagram)) = self
                .client
                .poll_transmit()
                .map(|datagram| (true, datagram))
                .or_else(|| self.server.poll_transmit().map(|datagram| (false, datagram)))
            else {
                return;
            };
            self.put(to_server, &datagram);
        }
    }

    fn put(&mut self, to_server: bool, datagram: &Datagram) {
        let Datagram { local, remote, protocol, bytes } = datagram.clone();
        if self.random(100) < self.loss {
            return;
        }
        let delay = Duration::from_millis(20 + self.random(20));
        self.sequence += 1;
        let arrives = Datagram { local: remote, remote: local, protocol, bytes };
        self.wire.insert((self.now + delay, self.sequence), (to_server, arrives));
    }

    /// A peer sends to a relayed address.
    fn peer_data(&mut self, peer: &str, to: SocketAddr, data: &[u8]) {
        self.put(true, &Datagram::udp(at(peer), to, data.to_vec()));
    }

    fn run(&mut self, until: Duration) {
        for _ in 0..100_000 {
            self.flush();
            let wire = self.wire.first_key_value().map(|((time, _), _)| *time);
            let timers = [self.client.poll_timeout(), self.server.poll_timeout(), wire];
            let Some(next) = timers.into_iter().flatten().min().filter(|next| *next <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(next);
            if wire == Some(next) {
                let (_, (to_server, datagram)) = self.wire.pop_first().unwrap();
                match to_server {
                    true => self.server.receive(self.now, &datagram),
                    false if datagram.local == self.client.local() => _ = self.client.receive(self.now, &datagram),
                    false => self.peers.push((datagram.remote, datagram.local, datagram.bytes)),
                }
            }
            self.client.timeout(self.now);
            self.server.timeout(self.now);
        }
        panic!("the world does not come to rest");
    }

    fn failure(&self) -> Option<(Reason, u16)> {
        self.told.iter().find_map(|event| match event {
            Told::Failed(refusal) => Some((refusal.reason, refusal.code)),
            _ => None,
        })
    }
}

/// Requests by hand: a client that is authenticated and asks what it likes.
struct Hand {
    server: Server,
    client: FiveTuple,
    nonce: String,
    key: Key,
    username: &'static str,
    now: Duration,
    count: u32,
}

impl Hand {
    fn new(config: ServerConfig) -> Self {
        let client = FiveTuple { remote: at(CLIENT), local: at(SERVER), protocol: Protocol::Udp };
        let server = Server::new(config);
        let key = Key::long_term("user", "example.org", "pass", Algorithm::Md5);
        let mut hand = Self { server, client, nonce: String::new(), key, username: "user", now: seconds(0), count: 0 };
        hand.challenge();
        hand
    }

    fn challenge(&mut self) {
        let answer = self.raw(Class::Request, Method::REFRESH, |_| {}).unwrap();
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.error_code().map(|error| error.code), Some(401));
        self.nonce = answer.nonce().unwrap().into();
    }

    fn with_allocation(config: ServerConfig) -> Self {
        let mut hand = Self::new(config);
        assert_eq!(hand.allocate(|_| {}), 0);
        hand
    }

    fn raw(&mut self, class: Class, method: Method, write: impl FnOnce(&mut Builder<'_>)) -> Option<Vec<u8>> {
        self.count += 1;
        let mut buffer = [0; 2048];
        let [a, b, c, d] = self.count.to_be_bytes();
        let id = TransactionId::new([a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut message = Builder::new(&mut buffer, class, method, id).unwrap();
        write(&mut message);
        let bytes = message.finish().to_vec();
        self.send(bytes)
    }

    fn send(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let FiveTuple { remote, local, protocol } = self.client;
        self.server.receive(self.now, &Datagram { local, remote, protocol, bytes });
        self.server.poll_transmit().map(|answer| answer.bytes)
    }

    fn ask(&mut self, method: Method, write: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
        let (nonce, key, username) = (self.nonce.clone(), self.key.clone(), self.username);
        self.raw(Class::Request, method, |request| {
            write(request);
            request.attribute(attribute::USERNAME, &Value::Text(username)).unwrap();
            request.attribute(attribute::REALM, &Value::Text("example.org")).unwrap();
            request.attribute(attribute::NONCE, &Value::Text(&nonce)).unwrap();
            request.raw(attribute::PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0]).unwrap();
            request.raw(attribute::PASSWORD_ALGORITHM, &[0, 1, 0, 0]).unwrap();
            request.sign(&key).unwrap();
        })
        .expect("an answer")
    }

    /// The error code of the answer, 0 for success. Every answer to a signed request is signed.
    fn code(&mut self, method: Method, write: impl FnOnce(&mut Builder<'_>)) -> u16 {
        let answer = self.ask(method, write);
        let answer = Message::parse(&answer).unwrap();
        let code = answer.error_code().map_or(0, |error| error.code);
        assert!(answer.verify(&self.key).is_valid() || matches!(code, 401 | 438), "{code} is not signed");
        code
    }

    fn allocate(&mut self, write: impl FnOnce(&mut Builder<'_>)) -> u16 {
        self.code(Method::ALLOCATE, |request| {
            request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
            write(request);
        })
    }

    fn permit(&mut self, peers: &[&str]) -> u16 {
        self.code(Method::CREATE_PERMISSION, |request| {
            peers.iter().for_each(|peer| _ = request.address(attribute::XOR_PEER_ADDRESS, at(peer)).unwrap());
        })
    }

    fn bind(&mut self, channel: u32, peer: &str) -> u16 {
        self.code(Method::CHANNEL_BIND, |request| {
            request.attribute(attribute::CHANNEL_NUMBER, &Value::Number(channel)).unwrap();
            request.address(attribute::XOR_PEER_ADDRESS, at(peer)).unwrap();
        })
    }

    fn indicate(&mut self, peers: &[&str], write: impl FnOnce(&mut Builder<'_>)) -> Option<Datagram> {
        let mut buffer = [0; 512];
        let mut message =
            Builder::new(&mut buffer, Class::Indication, Method::SEND, TransactionId::new([9; 12])).unwrap();
        peers.iter().for_each(|peer| _ = message.address(attribute::XOR_PEER_ADDRESS, at(peer)).unwrap());
        message.attribute(attribute::DATA, &Value::Bytes(b"hi")).unwrap();
        write(&mut message);
        let bytes = message.finish().to_vec();
        let FiveTuple { remote, local, protocol } = self.client;
        self.server.receive(self.now, &Datagram { local, remote, protocol, bytes });
        self.server.poll_transmit()
    }

    fn peer_sends(&mut self, peer: &str, to: SocketAddr) -> Option<Vec<u8>> {
        self.server.receive(self.now, &Datagram::udp(to, at(peer), b"yo".to_vec()));
        self.server.poll_transmit().map(|datagram| datagram.bytes)
    }

    fn relayed(&mut self) -> SocketAddr {
        std::iter::from_fn(|| self.server.poll_event())
            .find_map(|event| match event {
                Event::Allocated { relayed, .. } => relayed.first().copied(),
                _ => None,
            })
            .expect("an allocation")
    }
}

#[test]
fn data_goes_both_ways_by_indication_and_channel() {
    let mut world = World::allocated();
    let relayed = world.relayed();
    assert_eq!(relayed.ip(), at(SERVER).ip());
    assert!((49_152..=65_535).contains(&relayed.port()));
    assert_eq!(world.client.mapped(), Some(at(CLIENT)));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"one"), Ok(Sent::Waiting));
    world.run(seconds(2));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"two"), Ok(Sent::Indication));
    world.client.bind_channel(world.now, at(PEER)).unwrap();
    world.run(seconds(3));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"three"), Ok(Sent::Channel));
    world.peer_data(PEER, relayed, b"four");
    // Another port of the same host has the permission and not the channel.
    world.peer_data("203.0.113.1:7001", relayed, b"five");
    world.peer_data("203.0.113.2:7000", relayed, b"never");
    world.run(seconds(4));
    let sent: Vec<_> = world.peers.iter().map(|(from, to, data)| (*from, *to, &data[..])).collect();
    assert_eq!(sent, [b"one".as_slice(), b"two", b"three"].map(|data| (relayed, at(PEER), data)));
    let mut data: Vec<_> = world
        .told
        .iter()
        .filter_map(|event| match event {
            Told::Data { peer, bytes } => Some((*peer, bytes.as_slice())),
            _ => None,
        })
        .collect();
    data.sort_unstable();
    assert_eq!(data, [(at(PEER), b"four".as_slice()), (at("203.0.113.1:7001"), b"five")]);
}

#[test]
fn an_hour_with_loss_keeps_everything_alive() {
    for loss in [10, 25] {
        let mut world = World::new(server_config(), client_config());
        world.loss = loss;
        world.random += loss;
        world.run(seconds(60));
        world.client.bind_channel(world.now, at(PEER)).unwrap();
        world.client.create_permission(world.now, at("203.0.113.2:1").ip()).unwrap();
        world.run(seconds(3600));
        assert_eq!((world.client.state(), world.failure()), (State::Allocated, None), "{loss} %");
        assert_eq!(world.server.allocations(), 1);
        world.loss = 0;
        assert_eq!(world.client.send_to(world.now, at(PEER), b"x"), Ok(Sent::Channel));
        assert_eq!(world.client.send_to(world.now, at("203.0.113.2:2"), b"y"), Ok(Sent::Indication));
        let before = world.peers.len();
        world.run(seconds(3601));
        assert_eq!(world.peers.len(), before + 2);
        world.client.close(world.now);
        world.run(seconds(3700));
        assert_eq!(world.told.last(), Some(&Told::Closed));
        assert_eq!((world.server.allocations(), world.server.poll_timeout()), (0, None));
    }
}

#[test]
fn rfc8489_9_2_nonces_expire_and_are_replaced() {
    let config = ServerConfig { nonce_lifetime: 30, ..server_config() };
    let mut world = World::new(config, client_config());
    world.run(seconds(1));
    world.client.create_permission(world.now, at(PEER).ip()).unwrap();
    world.run(seconds(2000));
    assert_eq!((world.client.state(), world.failure()), (State::Allocated, None));
    let mut hand = Hand::new(ServerConfig { nonce_lifetime: 30, ..server_config() });
    hand.now = seconds(30);
    assert_eq!(hand.allocate(|_| {}), 438);
}

#[test]
fn a_silent_client_expires() {
    let mut world = World::allocated();
    world.loss = 100;
    world.run(seconds(599));
    assert_eq!(world.server.allocations(), 1);
    world.run(seconds(700));
    assert_eq!(world.server.allocations(), 0);
    let ended = world.log.iter().find_map(|event| match event {
        Event::Ended { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(ended, Some(Ended::Expired));
    assert_eq!(world.failure(), Some((Reason::Silent, 0)));
}

#[test]
fn wrong_passwords_and_unknown_users_are_refused() {
    for (user, password) in [("user", "wrong"), ("nobody", "pass")] {
        let client = ClientConfig { username: user.into(), password: password.into(), ..client_config() };
        let mut world = World::new(server_config(), client);
        world.run(seconds(1));
        assert_eq!(world.failure(), Some((Reason::WrongCredentials, 401)), "{user}");
        assert_eq!(world.server.allocations(), 0);
    }
}

#[test]
fn time_limited_names_are_served_without_an_account() {
    let config = ServerConfig { rest_secret: Some("north".into()), unix_epoch: 1_700_000_000, ..server_config() };
    let as_user = |name: &str, password: &str| {
        let client = ClientConfig { username: name.into(), password: password.into(), ..client_config() };
        let mut world = World::new(config.clone(), client);
        world.run(seconds(1));
        world
    };
    let good = "1700000100:alice";
    let mut world = as_user(good, &rest_password("north", good));
    assert_eq!(world.client.state(), State::Allocated);
    // The allocation outlives the name.
    world.run(seconds(2000));
    assert_eq!((world.client.state(), world.failure()), (State::Allocated, None));
    let past = "1700000000:alice";
    for (name, password) in [(past, rest_password("north", past)), (good, rest_password("south", good))] {
        assert_eq!(as_user(name, &password).failure(), Some((Reason::WrongCredentials, 401)), "{name}");
    }
    let plain = as_user("user", "pass");
    assert_eq!(plain.client.state(), State::Allocated, "accounts go on beside the secret");
}

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
