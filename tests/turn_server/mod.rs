//! The TURN server, with our client and with requests written by hand, under virtual time.
#![cfg(feature = "stun")]

mod allocations;
mod relaying;
mod sessions;

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
