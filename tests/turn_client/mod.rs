//! The TURN client against answers written by hand: each error code, each deadline, and what must not be believed.
#![cfg(feature = "stun")]

mod allocations;
mod families;
mod relaying;

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
