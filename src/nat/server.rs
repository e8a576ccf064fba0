//! A STUN server with the NAT behaviour discovery of RFC 5780 §6, and the answers of RFC 3489 §8.1 for classic requests.
//!
//! Without sockets, as the rest: the caller binds up to four, [`StunServer::addresses`] says which. It keeps no state
//! between requests, so there is nothing to grow; what is queued is capped.
//!
//! RESPONSE-ADDRESS of RFC 3489 is refused with 420: it lets anybody aim answers at third parties. RESPONSE-PORT is
//! served, since it can aim at the asker's own address only. No answer is much longer than its request but for the few
//! address attributes; PADDING is answered with no more than was sent.

use core::net::SocketAddr;
use std::collections::VecDeque;

use super::discovery::Packet;
use crate::stun::server::{ErrorResponse, Refusal, Request, Server, Steps};
use crate::stun::{BuildError, Builder, Dialect, Message, Value, attribute};

/// Answers kept until polled; further requests are dropped.
pub const MAX_QUEUE: usize = 4096;
/// Longest PADDING in an answer.
pub const MAX_PADDING: usize = 2048;

/// Attributes served beyond RFC 8489.
const WITH_OTHER: [u16; 3] = [attribute::CHANGE_REQUEST, attribute::RESPONSE_PORT, attribute::PADDING];
/// Without a second address CHANGE-REQUEST is an unknown attribute (RFC 5780 §6.1).
const ALONE: [u16; 2] = [attribute::RESPONSE_PORT, attribute::PADDING];

/// How a [`StunServer`] is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// A1 and P1.
    pub primary: SocketAddr,
    /// A2 and P2; both must differ from the primary's, in the same family, or they are not used.
    pub other: Option<SocketAddr>,
    /// Text for SOFTWARE; empty for none. At most 763 bytes, else none.
    pub software: String,
}

/// What became of a request, for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Who asked.
    pub client: SocketAddr,
    /// Whom they asked.
    pub asked: SocketAddr,
    /// Where the answer leaves from; `None` when there is none.
    pub answered_from: Option<SocketAddr>,
    /// Error code of the answer; 0 for success, and when there is none.
    pub code: u16,
}

/// The server.
#[derive(Debug)]
pub struct StunServer {
    options: ServerOptions,
    transmits: VecDeque<Packet>,
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
        if options.software.len() > 763 {
            options.software.clear();
        }
        Self { options, transmits: VecDeque::new(), served: VecDeque::new() }
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
    pub fn receive(&mut self, packet: &Packet) {
        if self.transmits.len() >= MAX_QUEUE {
            return;
        }
        let mut out = vec![0; 768 + self.options.software.len() + padding_of(&packet.bytes)];
        let answer = self.answer(packet, &mut out);
        let (local, remote, code, len) = match answer {
            Some(answer) => answer,
            None => return self.log(packet, None, 0),
        };
        out.truncate(len);
        self.log(packet, Some(local), code);
        self.transmits.push_back(Packet { local, remote, bytes: out });
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
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        self.transmits.pop_front()
    }

    /// The next line of the log.
    pub fn poll_served(&mut self) -> Option<Served> {
        self.served.pop_front()
    }

    fn log(&mut self, packet: &Packet, answered_from: Option<SocketAddr>, code: u16) {
        if self.served.len() == MAX_QUEUE {
            self.served.pop_front();
        }
        self.served.push_back(Served { client: packet.remote, asked: packet.local, answered_from, code });
    }

    /// Writes the answer; returns where it leaves from, where it goes, its error code or 0, and its length.
    fn answer(&self, packet: &Packet, out: &mut [u8]) -> Option<(SocketAddr, SocketAddr, u16, usize)> {
        let understood: &[u16] = if self.options.other.is_some() { &WITH_OTHER } else { &ALONE };
        let server = Server { software: self.options.software.as_bytes(), understood, ..Server::default() };
        let (local, remote) = (packet.local, packet.remote);
        let mut steps = Steps::default();
        let request = match server.check(&packet.bytes, remote, 0, &mut steps) {
            Ok(request) => request,
            Err(Refusal::Ignore) => return None,
            Err(Refusal::Error(error)) => {
                return Some((local, remote, error.code, server.refuse(&error, remote, 0, out).ok()?));
            }
        };
        let asked = Asked::read(&request);
        if asked.malformed || (asked.port.is_some() && asked.padding > 0) {
            let error = ErrorResponse::new(400, &request);
            return Some((local, remote, 400, server.refuse(&error, remote, 0, out).ok()?));
        }
        let from = self.source(local, asked.change);
        let to = SocketAddr::new(remote.ip(), asked.port.unwrap_or_else(|| remote.port()));
        let other = self.counterpart(local);
        let len = server
            .accept(&request, remote, out, |response| {
                extras(response, &request.message, remote, from, other, asked.padding)
            })
            .ok()?;
        Some((from, to, 0, len))
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

/// What a request asks for.
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
            Some(Value::Number(port)) => u16::try_from(port).ok(),
            _ => None,
        };
        let malformed = (change.is_none() && present(attribute::CHANGE_REQUEST))
            || (port.is_none() && present(attribute::RESPONSE_PORT));
        let padding = message.get(attribute::PADDING).map_or(0, |padding| padding.bytes().len().min(MAX_PADDING) & !3);
        Self { change: change.unwrap_or_default(), port, padding, malformed }
    }
}

fn padding_of(bytes: &[u8]) -> usize {
    bytes.len().min(MAX_PADDING)
}

/// What RFC 5780 §6.1 and RFC 3489 §8.1 add to a success response.
fn extras(
    response: &mut Builder<'_>,
    request: &Message<'_>,
    client: SocketAddr,
    from: SocketAddr,
    other: Option<SocketAddr>,
    padding: usize,
) -> Result<(), BuildError> {
    let classic = request.dialect() == Dialect::Rfc3489;
    let (origin, counterpart) = match classic {
        true => (attribute::SOURCE_ADDRESS, attribute::CHANGED_ADDRESS),
        false => (attribute::RESPONSE_ORIGIN, attribute::OTHER_ADDRESS),
    };
    if !classic {
        response.address(attribute::MAPPED_ADDRESS, client)?;
    }
    response.address(origin, from)?;
    if let Some(other) = other {
        response.address(counterpart, other)?;
    }
    if padding > 0 {
        response.attribute(attribute::PADDING, &Value::Bytes(&[0; MAX_PADDING][..padding.min(MAX_PADDING)]))?;
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
        StunServer::new(ServerOptions { primary: "198.51.100.1:3478".parse().unwrap(), other, software: "test".into() })
    }

    fn ask(server: &mut StunServer, to: &str, write: impl FnOnce(&mut Builder<'_>)) -> Option<Packet> {
        let mut buffer = vec![0; 3000];
        let mut builder =
            Builder::new(&mut buffer, Class::Request, Method::BINDING, TransactionId::new([3; 12])).unwrap();
        write(&mut builder);
        let bytes = builder.finish().to_vec();
        server.receive(&Packet { local: to.parse().unwrap(), remote: CLIENT.parse().unwrap(), bytes });
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
        let options =
            ServerOptions { primary: "198.51.100.1:3478".parse().unwrap(), other: None, software: String::new() };
        let mut server = StunServer::new(options);
        let plain = ask(&mut server, "198.51.100.1:3478", |_| {}).unwrap();
        assert!(Message::parse(&plain.bytes).unwrap().get(attribute::OTHER_ADDRESS).is_none());
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
        server.receive(&Packet { local: "198.51.100.1:3478".parse().unwrap(), remote: CLIENT.parse().unwrap(), bytes });
        let answer = server.poll_transmit().unwrap();
        let message = Message::parse(&answer.bytes).unwrap();
        let codes: Vec<u16> = message.attributes().map(|found| found.code()).collect();
        assert_eq!(codes, [attribute::MAPPED_ADDRESS, attribute::SOURCE_ADDRESS, attribute::CHANGED_ADDRESS]);
    }

    #[test]
    fn noise_is_not_answered() {
        let mut server = server();
        let noise = Packet {
            local: "198.51.100.1:3478".parse().unwrap(),
            remote: CLIENT.parse().unwrap(),
            bytes: b"hello".to_vec(),
        };
        server.receive(&noise);
        assert!(server.poll_transmit().is_none());
        assert_eq!(server.poll_served().map(|served| served.answered_from), Some(None));
    }
}
