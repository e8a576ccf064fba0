//! A STUN server with the NAT behaviour discovery of RFC 5780 §6, and the answers of RFC 3489 §8.1 for classic requests.
//!
//! Without sockets, as the rest: the caller binds up to four, [`StunServer::addresses`] says which. What is queued is
//! capped, and so is what is remembered of sources.
//!
//! The source of a request can be forged, so an answer is not a weapon: without a second address it has what RFC 8489 asks
//! for and nothing else (at most twice the request; 2.2 times a bare one over IPv6, where one address takes 24 bytes).
//! With one, the attributes of RFC 5780 are added while the answer stays within [`MAX_GAIN`] times the request, and a rate
//! for each source can be set. RESPONSE-ADDRESS of RFC 3489 is refused with 420: it lets anybody aim answers at third
//! parties. RESPONSE-PORT is served with a second address only, for ports of [`LEAST_RESPONSE_PORT`] and up.
//! PADDING is answered with no more than was sent.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::VecDeque;

use crate::net::Datagram;
use crate::net::{SourceLimiter, SourceRates};
use crate::stun::server::{ErrorResponse, Refusal, Request, Server, Steps};
use crate::stun::{BuildError, Builder, Dialect, Message, Value, attribute};

/// Answers kept until polled; further requests are dropped.
pub const MAX_QUEUE: usize = 4096;
/// Longest PADDING in an answer.
pub const MAX_PADDING: usize = 2048;
/// An answer to a request for discovery is at most this many times as long as the request, by what it carries besides the
/// mapped address.
pub const MAX_GAIN: usize = 3;
/// Below this port RESPONSE-PORT is refused with 400: no NAT maps a client there, and services listen there.
pub const LEAST_RESPONSE_PORT: u16 = 1024;
/// A buffer of this many bytes takes any answer, SOFTWARE and PADDING included.
pub const MAX_ANSWER: usize = 768 + MAX_SOFTWARE + MAX_PADDING;
/// Longest SOFTWARE in bytes (RFC 8489 §14.14).
const MAX_SOFTWARE: usize = 763;

/// Attributes served beyond RFC 8489, with a second address. Without one they are unknown (RFC 5780 §6.1).
const WITH_OTHER: [u16; 3] = [attribute::CHANGE_REQUEST, attribute::RESPONSE_PORT, attribute::PADDING];

/// How a [`StunServer`] is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// A1 and P1.
    pub primary: SocketAddr,
    /// A2 and P2; both must differ from the primary's, in the same family, or they are not used.
    pub other: Option<SocketAddr>,
    /// Text for SOFTWARE; empty for none. At most 763 bytes, else none.
    pub software: String,
    /// How much one source may ask; `None`: as much as it likes. Loopback, which nobody else can forge, always may.
    pub rates: Option<SourceRates>,
    /// Random, so that nobody can choose addresses that share another's rate.
    pub seed: u64,
}

impl ServerOptions {
    /// Without SOFTWARE and rates.
    #[must_use]
    pub const fn new(primary: SocketAddr, other: Option<SocketAddr>) -> Self {
        Self { primary, other, software: String::new(), rates: None, seed: 0 }
    }
}

/// A request and its answer, for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Address of the client.
    pub client: SocketAddr,
    /// Whom they asked.
    pub asked: SocketAddr,
    /// Address that the answer leaves from; `None` when there is none.
    pub answered_from: Option<SocketAddr>,
    /// Error code of the answer; 0 for success, and when there is none.
    pub code: u16,
}

/// An answer, whose bytes are in the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The address it leaves from.
    pub from: SocketAddr,
    /// The address it goes to: the source of the request, perhaps with another port.
    pub to: SocketAddr,
    /// Its error code; 0 for success.
    pub code: u16,
    /// Its length in bytes.
    pub len: usize,
}

/// The server.
#[derive(Debug)]
pub struct StunServer {
    options: ServerOptions,
    limiter: Option<SourceLimiter>,
    buffer: Vec<u8>,
    transmits: VecDeque<Datagram>,
    served: VecDeque<Served>,
}

impl StunServer {
    /// Prepares; the caller binds [`StunServer::addresses`].
    #[must_use]
    pub fn new(mut options: ServerOptions) -> Self {
        let primary = options.primary;
        let usable = |other: &SocketAddr| {
            other.ip() != primary.ip() && other.port() != primary.port() && other.is_ipv4() == primary.is_ipv4()
        };
        options.other = options.other.filter(usable);
        if options.software.len() > MAX_SOFTWARE {
            options.software.clear();
        }
        let limiter = options.rates.map(|rates| SourceLimiter::new(rates, options.seed));
        Self { options, limiter, buffer: Vec::new(), transmits: VecDeque::new(), served: VecDeque::new() }
    }

    /// The addresses to bind: A1:P1, and with a second address A1:P2, A2:P1 and A2:P2.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let primary = self.options.primary;
        let mut addresses = vec![primary];
        if let Some(other) = self.options.other {
            addresses.push(SocketAddr::new(primary.ip(), other.port()));
            addresses.push(SocketAddr::new(other.ip(), primary.port()));
            addresses.push(other);
        }
        addresses
    }

    /// Takes a datagram that arrived on one of the addresses.
    pub fn receive(&mut self, now: Duration, packet: &Datagram) {
        if self.transmits.len() >= MAX_QUEUE {
            return;
        }
        let mut out = core::mem::take(&mut self.buffer);
        out.resize(MAX_ANSWER, 0);
        let answer = self.answer(now, packet.local, packet.remote, &packet.bytes, &mut out);
        if self.served.len() == MAX_QUEUE {
            self.served.pop_front();
        }
        let (answered_from, code) = answer.map_or((None, 0), |answer| (Some(answer.from), answer.code));
        self.served.push_back(Served { client: packet.remote, asked: packet.local, answered_from, code });
        if let Some(Answered { from, to, len, .. }) = answer {
            let bytes = out.get(..len).unwrap_or_default().to_vec();
            self.transmits.push_back(Datagram::udp(from, to, bytes));
        }
        self.buffer = out;
    }

    /// Answers one datagram that came to `local` into `out` ([`MAX_ANSWER`] bytes are enough), without a queue. `None`: no
    /// answer.
    pub fn answer(
        &mut self,
        now: Duration,
        local: SocketAddr,
        remote: SocketAddr,
        request: &[u8],
        out: &mut [u8],
    ) -> Option<Answered> {
        // Datagrams that can't be STUN cost no one their rate.
        let may_be_stun = request.len() >= 20 && request.first().is_some_and(|first| *first < 0x40);
        if remote.port() == 0 || !may_be_stun || !self.admits(now, remote.ip()) {
            return None;
        }
        self.write(local, remote, request, out)
    }

    /// Whether the rates of a source leave it another request; counts it if so.
    fn admits(&mut self, now: Duration, source: IpAddr) -> bool {
        let source = source.to_canonical();
        source.is_loopback() || self.limiter.as_mut().is_none_or(|limiter| limiter.admit(now, source))
    }

    /// The answer to a message that came over a stream, where the source can't be changed: such requests get 420.
    #[must_use]
    pub fn answer_stream(&self, message: &[u8], client: SocketAddr) -> Option<Vec<u8>> {
        let server = Server { software: self.options.software.as_bytes(), ..Server::default() };
        let mut out = vec![0; 768 + self.options.software.len()];
        let answer = server.answer(message, client, 0, &mut out);
        out.truncate(answer.len);
        (answer.len > 0).then_some(out)
    }

    /// The next datagram to send, from its `local`.
    pub fn poll_transmit(&mut self) -> Option<Datagram> {
        self.transmits.pop_front()
    }

    /// The next line of the log.
    pub fn poll_served(&mut self) -> Option<Served> {
        self.served.pop_front()
    }

    /// Writes the answer to a request that was admitted.
    fn write(&self, local: SocketAddr, remote: SocketAddr, request: &[u8], out: &mut [u8]) -> Option<Answered> {
        let understood: &[u16] = if self.options.other.is_some() { &WITH_OTHER } else { &[] };
        let server = Server { software: self.options.software.as_bytes(), understood, ..Server::default() };
        let refused = |error: ErrorResponse<'_>, out: &mut [u8]| {
            let code = error.code;
            let len = server.refuse(&error.terse(), remote, 0, out).ok()?;
            Some(Answered { from: local, to: remote, code, len })
        };
        let mut steps = Steps::default();
        let request = match server.check(request, remote, 0, &mut steps) {
            Ok(request) => request,
            Err(Refusal::Ignore) => return None,
            Err(Refusal::Error(error)) => return refused(error, out),
        };
        let asked = Asked::read(&request);
        if asked.malformed || (asked.port.is_some() && asked.padding > 0) {
            return refused(ErrorResponse::new(400, &request), out);
        }
        let from = self.source(local, asked.change);
        let to = SocketAddr::new(remote.ip(), asked.port.unwrap_or_else(|| remote.port()));
        let other = self.counterpart(local);
        let len = server
            .accept(&request, remote, out, |response| match other {
                Some(other) => extras(response, &request.message, remote, from, other, asked.padding),
                None => Ok(()),
            })
            .ok()?;
        Some(Answered { from, to, code: 0, len })
    }

    /// Table 1 of RFC 5780: the source of the answer to a request that came to `local`.
    fn source(&self, local: SocketAddr, change: (bool, bool)) -> SocketAddr {
        let Some(other) = self.counterpart(local) else { return local };
        let ip = if change.0 { other.ip() } else { local.ip() };
        let port = if change.1 { other.port() } else { local.port() };
        SocketAddr::new(ip, port)
    }

    /// Ca:Cp for a request to Da:Dp.
    fn counterpart(&self, local: SocketAddr) -> Option<SocketAddr> {
        let (primary, other) = (self.options.primary, self.options.other?);
        let ip = if local.ip() == primary.ip() { other.ip() } else { primary.ip() };
        let port = if local.port() == primary.port() { other.port() } else { primary.port() };
        Some(SocketAddr::new(ip, port))
    }
}

/// Demands of a request beyond a plain answer.
struct Asked {
    change: (bool, bool),
    port: Option<u16>,
    padding: usize,
    malformed: bool,
}

impl Asked {
    fn read(request: &Request<'_>) -> Self {
        let message = &request.message;
        let present = |code| message.get(code).is_some();
        let change = match message.value(attribute::CHANGE_REQUEST) {
            Some(Value::ChangeRequest { ip, port }) => Some((ip, port)),
            _ => None,
        };
        let port = match message.value(attribute::RESPONSE_PORT) {
            Some(Value::Number(port)) => u16::try_from(port).ok().filter(|port| *port >= LEAST_RESPONSE_PORT),
            _ => None,
        };
        let malformed = (change.is_none() && present(attribute::CHANGE_REQUEST))
            || (port.is_none() && present(attribute::RESPONSE_PORT));
        let padding = message.get(attribute::PADDING).map_or(0, |padding| padding.bytes().len().min(MAX_PADDING) & !3);
        Self { change: change.unwrap_or_default(), port, padding, malformed }
    }
}

/// Attributes that RFC 5780 §6.1 and RFC 3489 §8.1 add to a success response, most needed first, as far as [`MAX_GAIN`]
/// allows.
fn extras(
    response: &mut Builder<'_>,
    request: &Message<'_>,
    client: SocketAddr,
    from: SocketAddr,
    other: SocketAddr,
    padding: usize,
) -> Result<(), BuildError> {
    let classic = request.dialect() == Dialect::Rfc3489;
    let attributes: &[(u16, SocketAddr)] = match classic {
        true => &[(attribute::SOURCE_ADDRESS, from), (attribute::CHANGED_ADDRESS, other)],
        false => &[
            (attribute::OTHER_ADDRESS, other),
            (attribute::RESPONSE_ORIGIN, from),
            (attribute::MAPPED_ADDRESS, client),
        ],
    };
    let echoed = if padding > 0 { 4 + padding } else { 0 };
    let fingerprint = if request.get(attribute::FINGERPRINT).is_some() { 8 } else { 0 };
    let most = (MAX_GAIN * request.as_bytes().len()).saturating_sub(echoed + fingerprint);
    for (code, address) in attributes {
        let len = if address.is_ipv4() { 12 } else { 24 };
        if response.as_bytes().len() + len > most {
            break;
        }
        response.address(*code, *address)?;
    }
    if padding > 0 {
        let zeros = [0; MAX_PADDING];
        response.attribute(attribute::PADDING, &Value::Bytes(zeros.get(..padding).unwrap_or(&zeros)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{Class, Method, TransactionId};

    const CLIENT: &str = "192.0.2.7:5000";

    fn server() -> StunServer {
        let other = "198.51.100.2:3479".parse().ok();
        StunServer::new(ServerOptions::new("198.51.100.1:3478".parse().unwrap(), other))
    }

    fn alone() -> StunServer {
        StunServer::new(ServerOptions::new("198.51.100.1:3478".parse().unwrap(), None))
    }

    fn ask(server: &mut StunServer, to: &str, write: impl FnOnce(&mut Builder<'_>)) -> Option<Datagram> {
        let mut buffer = vec![0; 3000];
        let mut builder =
            Builder::new(&mut buffer, Class::Request, Method::BINDING, TransactionId::new([3; 12])).unwrap();
        write(&mut builder);
        let bytes = builder.finish().to_vec();
        server.receive(Duration::ZERO, &Datagram::udp(to.parse().unwrap(), CLIENT.parse().unwrap(), bytes));
        server.poll_transmit()
    }

    /// RFC 5780 Table 1, every row for every address.
    #[test]
    fn answers_come_from_where_table_1_says() {
        let mut server = server();
        for asked in server.addresses() {
            for (ip, port) in [(false, false), (true, false), (false, true), (true, true)] {
                let answer = ask(&mut server, &asked.to_string(), |request| {
                    request.attribute(attribute::CHANGE_REQUEST, &Value::ChangeRequest { ip, port }).unwrap();
                })
                .unwrap();
                assert_eq!(answer.local.ip() != asked.ip(), ip);
                assert_eq!(answer.local.port() != asked.port(), port);
                assert_eq!(answer.remote.to_string(), CLIENT);
                let message = Message::parse(&answer.bytes).unwrap();
                let address = |code| match message.value(code) {
                    Some(Value::Address(address)) => Some(address),
                    _ => None,
                };
                assert_eq!(address(attribute::RESPONSE_ORIGIN), Some(answer.local));
                assert_eq!(address(attribute::OTHER_ADDRESS), server.counterpart(asked));
                assert_eq!(address(attribute::MAPPED_ADDRESS), message.mapped_address());
            }
        }
    }

    #[test]
    fn one_address_means_no_other_address_and_420() {
        let mut server = alone();
        let plain = ask(&mut server, "198.51.100.1:3478", |_| {}).unwrap();
        let plain = Message::parse(&plain.bytes).unwrap();
        let codes: Vec<u16> = plain.attributes().map(|found| found.code()).collect();
        assert_eq!(codes, [attribute::XOR_MAPPED_ADDRESS]);
        let refused = ask(&mut server, "198.51.100.1:3478", |request| {
            request.attribute(attribute::CHANGE_REQUEST, &Value::ChangeRequest { ip: true, port: true }).unwrap();
        });
        let refused = refused.unwrap();
        assert_eq!(Message::parse(&refused.bytes).unwrap().error_code().map(|error| error.code), Some(420));
    }

    #[test]
    fn response_port_aims_at_the_asker_only() {
        let mut server = server();
        let answer = ask(&mut server, "198.51.100.1:3478", |request| {
            request.attribute(attribute::RESPONSE_PORT, &Value::Number(6000)).unwrap();
        });
        assert_eq!(answer.unwrap().remote.to_string(), "192.0.2.7:6000");
        let refused = ask(&mut server, "198.51.100.1:3478", |request| {
            request.attribute(attribute::RESPONSE_ADDRESS, &Value::Address("192.0.2.99:53".parse().unwrap())).unwrap();
        })
        .unwrap();
        assert_eq!(refused.remote.to_string(), CLIENT);
        assert_eq!(Message::parse(&refused.bytes).unwrap().error_code().map(|error| error.code), Some(420));
    }

    #[test]
    fn padding_is_answered_with_no_more_than_was_sent() {
        let mut server = server();
        let answer = ask(&mut server, "198.51.100.1:3478", |request| {
            request.attribute(attribute::PADDING, &Value::Bytes(&[0; 1600])).unwrap();
        })
        .unwrap();
        let message = Message::parse(&answer.bytes).unwrap();
        assert_eq!(message.get(attribute::PADDING).map(|padding| padding.bytes().len()), Some(1600));
        let both = ask(&mut server, "198.51.100.1:3478", |request| {
            request.attribute(attribute::PADDING, &Value::Bytes(&[0; 8])).unwrap();
            request.attribute(attribute::RESPONSE_PORT, &Value::Number(6000)).unwrap();
        })
        .unwrap();
        assert_eq!(Message::parse(&both.bytes).unwrap().error_code().map(|error| error.code), Some(400));
    }

    #[test]
    fn classic_requests_get_classic_answers() {
        let mut server = server();
        let mut buffer = [0; 20];
        let id = TransactionId::classic([9; 16]);
        let bytes = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap().finish().to_vec();
        server.receive(
            Duration::ZERO,
            &Datagram::udp("198.51.100.1:3478".parse().unwrap(), CLIENT.parse().unwrap(), bytes),
        );
        let answer = server.poll_transmit().unwrap();
        let message = Message::parse(&answer.bytes).unwrap();
        let codes: Vec<u16> = message.attributes().map(|found| found.code()).collect();
        assert_eq!(codes, [attribute::MAPPED_ADDRESS, attribute::SOURCE_ADDRESS, attribute::CHANGED_ADDRESS]);
    }

    #[test]
    fn noise_is_not_answered() {
        let mut server = server();
        let noise = Datagram::udp("198.51.100.1:3478".parse().unwrap(), CLIENT.parse().unwrap(), b"hello".to_vec());
        server.receive(Duration::ZERO, &noise);
        assert!(server.poll_transmit().is_none());
        assert_eq!(server.poll_served().map(|served| served.answered_from), Some(None));
    }
    /// Every request that an attacker may choose to be answered for a victim: the answer is at most twice as long without
    /// a second address, three times with one.
    #[test]
    fn answers_are_not_much_longer_than_requests() {
        type Write = fn(&mut Builder<'_>);
        let requests: [(&str, Write); 9] = [
            ("bare", |_| {}),
            ("fingerprint", |request| _ = request.fingerprint().unwrap()),
            ("change", |request| {
                request.attribute(attribute::CHANGE_REQUEST, &Value::ChangeRequest { ip: true, port: true }).unwrap();
            }),
            ("port", |request| _ = request.attribute(attribute::RESPONSE_PORT, &Value::Number(6000)).unwrap()),
            ("low port", |request| _ = request.attribute(attribute::RESPONSE_PORT, &Value::Number(53)).unwrap()),
            ("padding 4", |request| _ = request.attribute(attribute::PADDING, &Value::Bytes(&[0; 4])).unwrap()),
            ("padding 1400", |request| _ = request.attribute(attribute::PADDING, &Value::Bytes(&[0; 1400])).unwrap()),
            ("unknown", |request| _ = request.raw(0x7001, &[]).unwrap()),
            ("twelve unknown", |request| (0x7001..0x700d).for_each(|code| _ = request.raw(code, &[]).unwrap())),
        ];
        let six = |text: &str| text.parse::<SocketAddr>().unwrap();
        let cases = [
            (alone(), CLIENT, "198.51.100.1:3478", 2.0),
            (server(), CLIENT, "198.51.100.1:3478", 3.0),
            (
                StunServer::new(ServerOptions::new(six("[2001:db8::1]:3478"), None)),
                "[2001:db8::7]:5000",
                "[2001:db8::1]:3478",
                2.2,
            ),
            (
                StunServer::new(ServerOptions::new(six("[2001:db8::1]:3478"), Some(six("[2001:db8::2]:3479")))),
                "[2001:db8::7]:5000",
                "[2001:db8::1]:3478",
                3.0,
            ),
        ];
        for (mut server, client, asked, most) in cases {
            for (name, write) in requests {
                let mut buffer = vec![0; 3000];
                let id = TransactionId::new([3; 12]);
                let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
                write(&mut builder);
                let request = builder.finish().to_vec();
                let mut out = [0; MAX_ANSWER];
                let answer = server.answer(Duration::ZERO, six(asked), six(client), &request, &mut out).unwrap();
                #[allow(clippy::cast_precision_loss)]
                let gain = answer.len as f64 / request.len() as f64;
                assert!(gain <= most, "{name} at {asked}: {gain}");
            }
        }
    }

    #[test]
    fn a_bare_request_learns_the_other_address_within_three_times_its_length() {
        let answer = ask(&mut server(), "198.51.100.1:3478", |_| {}).unwrap();
        let message = Message::parse(&answer.bytes).unwrap();
        let codes: Vec<u16> = message.attributes().map(|found| found.code()).collect();
        assert_eq!(codes, [attribute::XOR_MAPPED_ADDRESS, attribute::OTHER_ADDRESS, attribute::RESPONSE_ORIGIN]);
    }

    #[test]
    fn discovery_is_off_without_a_second_address() {
        for (code, value) in
            [(attribute::RESPONSE_PORT, Value::Number(6000)), (attribute::PADDING, Value::Bytes(&[0; 8]))]
        {
            let answer =
                ask(&mut alone(), "198.51.100.1:3478", |request| _ = request.attribute(code, &value).unwrap()).unwrap();
            assert_eq!(Message::parse(&answer.bytes).unwrap().error_code().map(|error| error.code), Some(420));
            assert_eq!(answer.remote.to_string(), CLIENT);
        }
    }

    #[test]
    fn no_answer_goes_to_a_port_of_a_service() {
        for port in [0, 53, 1023] {
            let answer = ask(&mut server(), "198.51.100.1:3478", |request| {
                request.attribute(attribute::RESPONSE_PORT, &Value::Number(port)).unwrap();
            })
            .unwrap();
            assert_eq!(answer.remote.to_string(), CLIENT);
            assert_eq!(Message::parse(&answer.bytes).unwrap().error_code().map(|error| error.code), Some(400));
        }
    }

    #[test]
    fn a_source_has_a_rate_and_loopback_has_none() {
        let primary = "198.51.100.1:3478".parse().unwrap();
        let rates = Some(SourceRates::default());
        let mut server = StunServer::new(ServerOptions { rates, ..ServerOptions::new(primary, None) });
        let mut buffer = [0; 20];
        let id = TransactionId::new([1; 12]);
        let request = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap().finish().to_vec();
        let mut answered = |client: &str, now: u64| {
            let mut out = [0; MAX_ANSWER];
            let client = client.parse().unwrap();
            (0..2000)
                .filter(|_| server.answer(Duration::from_secs(now), primary, client, &request, &mut out).is_some())
                .count()
        };
        assert_eq!(answered("192.0.2.7:5000", 0), 500);
        assert_eq!(answered("192.0.2.7:5001", 1), 200);
        assert_eq!(answered("127.0.0.1:5000", 1), 2000);
        assert_eq!(answered("[::1]:5000", 1), 2000);
        assert_eq!(answered("192.0.2.8:0", 1), 0, "port 0 can't be sent to");
    }
}
