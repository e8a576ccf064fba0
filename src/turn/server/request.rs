//! Requests: who asks, and what they get (RFC 8656 §5 and §8 to §12).
use super::super::{CHANNELS, DEFAULT_LIFETIME, Family, address, number};
use super::allocation::{Conflict, MAX_PERMISSIONS};
use super::{Ended, Event, FiveTuple, Server, ServerConfig, State};
use crate::net::Protocol;
use crate::stun::auth::{Auth, LongTerm, User};
use crate::stun::server::{ErrorResponse, RESPONSE_LEN, Refusal, Server as StunServer, Steps};
use crate::stun::{BuildError, Builder, Class, Message, Method, Value, attribute};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Methods that are answered besides Binding.
const METHODS: [Method; 4] = [Method::ALLOCATE, Method::REFRESH, Method::CREATE_PERMISSION, Method::CHANNEL_BIND];
/// Not DONT-FRAGMENT: the DF bit is the business of sockets, and not all can set it.
const UNDERSTOOD: [u16; 7] = [
    attribute::REQUESTED_TRANSPORT,
    attribute::LIFETIME,
    attribute::EVEN_PORT,
    attribute::RESERVATION_TOKEN,
    attribute::REQUESTED_ADDRESS_FAMILY,
    attribute::XOR_PEER_ADDRESS,
    attribute::CHANNEL_NUMBER,
];

/// Content of a success response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    /// That it is done.
    Done,
    /// Time that is left of the allocation.
    Lifetime(Duration),
    /// All about the allocation with this index.
    Allocation(usize),
    /// Nothing yet: sockets are being opened.
    Later,
}

impl Server {
    /// A STUN message from a client.
    pub(super) fn message(&mut self, now: Duration, client: &FiveTuple, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else { return };
        match (message.class(), message.method()) {
            (Class::Indication, Method::SEND) => self.state.send(now, client, &message),
            (Class::Request, _) if self.admits(now, client) => self.request(now, client, &message),
            _ => {}
        }
    }

    /// A challenge is longer than the request it answers: a forged source must not get many.
    fn admits(&mut self, now: Duration, client: &FiveTuple) -> bool {
        let may_be_forged = client.protocol == Protocol::Udp
            && !client.remote.ip().to_canonical().is_loopback()
            && self.state.table.of_client(client).is_none();
        let limiter = self.limiter.as_mut().filter(|_| may_be_forged);
        limiter.is_none_or(|limiter| limiter.admit(now, client.remote.ip()))
    }

    /// Answers a request.
    pub(super) fn request(&mut self, now: Duration, client: &FiveTuple, message: &Message<'_>) {
        let Self { config, directory, nonces, state, .. } = self;
        let method = message.method();
        let lookup = directory.lookup(message, now);
        let realm = directory.realm().as_bytes();
        let terms = LongTerm { realm, secret: nonces, nonce_lifetime: config.nonce_lifetime, users: &lookup };
        let stun = StunServer {
            software: config.software.as_bytes(),
            understood: &UNDERSTOOD,
            methods: &METHODS,
            auth: if method == Method::BINDING { Auth::None } else { Auth::LongTerm(terms) },
            alternate: config.alternate.filter(|_| method == Method::ALLOCATE),
            ..StunServer::default()
        };
        let source = client.remote;
        let seconds = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        let mut out = alloc::vec![0; RESPONSE_LEN + config.software.len() + config.realm.len()];
        let written = match stun.check(message.as_bytes(), source, seconds, &mut Steps::default()) {
            Err(Refusal::Ignore) => return,
            Err(Refusal::Error(error)) => stun.refuse(&error, source, seconds, &mut out),
            Ok(request) => {
                let account = User::of(message).and_then(|user| lookup.account(user));
                let username = account.map_or("", |account| account.username());
                match state.serve(config, now, client, username, message) {
                    Ok(Reply::Later) => return,
                    Ok(reply) => {
                        stun.accept(&request, source, &mut out, |answer| state.write(config, now, reply, answer))
                    }
                    Err(code) => {
                        state.tell(Event::Refused { client: *client, method, code });
                        stun.refuse(&ErrorResponse::new(code, &request), source, seconds, &mut out)
                    }
                }
            }
        };
        if let Ok(len) = written {
            out.truncate(len);
            out.shrink_to_fit();
            state.send_to_client(client, out);
        }
    }
}

impl State {
    /// Does what a request asks for, which is authenticated unless it is a Binding request.
    fn serve(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        client: &FiveTuple,
        username: &str,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        match message.method() {
            Method::BINDING => return Ok(Reply::Done),
            Method::ALLOCATE => return self.allocate(config, now, client, username, message),
            _ => {}
        }
        // §5.
        let index = self.table.of_client(client).ok_or(437_u16)?;
        if self.table.get(index).is_none_or(|allocation| allocation.username != username) {
            return Err(441);
        }
        match message.method() {
            Method::REFRESH => self.refresh(config, now, index, message),
            Method::CREATE_PERMISSION => self.create_permissions(config, now, index, message),
            Method::CHANNEL_BIND => self.bind_channel(config, now, index, message),
            _ => Err(400),
        }
    }

    /// RFC 8656 §8.2.
    fn refresh(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        index: usize,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        let family = match optional_number(message, attribute::REQUESTED_ADDRESS_FAMILY)? {
            None => None,
            Some(code) => {
                let family = u8::try_from(code).ok().and_then(Family::from_code);
                let has = |family: &Family| {
                    self.table.get(index).is_some_and(|allocation| allocation.relayed(*family).is_some())
                };
                Some(family.filter(has).ok_or(443_u16)?)
            }
        };
        if optional_number(message, attribute::LIFETIME)? == Some(0) {
            self.end(index, family, Ended::Deleted);
            return Ok(Reply::Lifetime(Duration::ZERO));
        }
        let lifetime = desired_lifetime(config, message)?;
        self.table.extend(index, family, now.saturating_add(lifetime));
        Ok(Reply::Lifetime(lifetime))
    }

    /// RFC 8656 §10.2: all addresses or none.
    fn create_permissions(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        index: usize,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        let mut peers: Vec<IpAddr> = Vec::new();
        for found in message.effective().filter(|found| found.code() == attribute::XOR_PEER_ADDRESS) {
            peers.push(address(found).ok_or(400_u16)?.ip());
        }
        if peers.is_empty() {
            return Err(400);
        }
        peers.sort_unstable();
        peers.dedup();
        if peers.len() > MAX_PERMISSIONS {
            return Err(508);
        }
        peers.iter().try_for_each(|peer| self.may_reach(config, index, *peer))?;
        let allocation = self.table.get_mut(index).ok_or(437_u16)?;
        allocation.permit(&peers, now).map_err(|_| 508_u16)?;
        Ok(Reply::Done)
    }

    /// RFC 8656 §12.2.
    fn bind_channel(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        index: usize,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        let channel = number(message, attribute::CHANNEL_NUMBER).and_then(|number| u16::try_from(number).ok());
        let channel = channel.filter(|channel| CHANNELS.contains(channel)).ok_or(400_u16)?;
        let peer: SocketAddr = message.get(attribute::XOR_PEER_ADDRESS).and_then(address).ok_or(400_u16)?;
        if peer.port() == 0 {
            return Err(400);
        }
        self.may_reach(config, index, peer.ip())?;
        let allocation = self.table.get_mut(index).ok_or(437_u16)?;
        match allocation.bind(channel, peer, now) {
            Ok(()) => Ok(Reply::Done),
            Err(Conflict::Bound) => Err(400),
            Err(Conflict::Full) => Err(508),
        }
    }

    fn may_reach(&self, config: &ServerConfig, index: usize, peer: IpAddr) -> Result<(), u16> {
        let family = Family::of(peer);
        if self.table.get(index).is_none_or(|allocation| allocation.relayed(family).is_none()) {
            return Err(443);
        }
        if config.allows(peer) { Ok(()) } else { Err(403) }
    }

    fn write(
        &self,
        config: &ServerConfig,
        now: Duration,
        reply: Reply,
        answer: &mut Builder<'_>,
    ) -> Result<(), BuildError> {
        match reply {
            Reply::Done | Reply::Later => Ok(()),
            Reply::Lifetime(left) => write_lifetime(left, answer),
            Reply::Allocation(index) => {
                let Some(allocation) = self.table.get(index) else { return Ok(()) };
                let mut left = Duration::MAX;
                for relayed in allocation.relayed.iter().flatten() {
                    answer.address(attribute::XOR_RELAYED_ADDRESS, config.external(relayed.address))?;
                    left = left.min(relayed.expires.saturating_sub(now));
                }
                write_lifetime(left, answer)?;
                if let Some(token) = &allocation.token {
                    answer.attribute(attribute::RESERVATION_TOKEN, &Value::Bytes(token))?;
                }
                if let Some((family, code)) = allocation.missing {
                    let error = crate::stun::ErrorCode::new(code);
                    let value = Value::AddressErrorCode { family: family as u8, error };
                    answer.attribute(attribute::ADDRESS_ERROR_CODE, &value)?;
                }
                Ok(())
            }
        }
    }
}

fn write_lifetime(left: Duration, answer: &mut Builder<'_>) -> Result<(), BuildError> {
    let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
    answer.attribute(attribute::LIFETIME, &Value::Number(seconds))?;
    Ok(())
}

/// A number that may be absent, but not malformed.
pub(super) fn optional_number(message: &Message<'_>, code: u16) -> Result<Option<u32>, u16> {
    match (message.get(code), number(message, code)) {
        (Some(_), None) => Err(400),
        (_, number) => Ok(number),
    }
}

/// RFC 8656 §7.2 and §8.2: at least the default, at most what the configuration allows.
pub(super) fn desired_lifetime(config: &ServerConfig, message: &Message<'_>) -> Result<Duration, u16> {
    let asked = optional_number(message, attribute::LIFETIME)?.unwrap_or_default();
    let most = config.max_lifetime.max(DEFAULT_LIFETIME);
    Ok(Duration::from_secs(asked.clamp(DEFAULT_LIFETIME, most).into()))
}
