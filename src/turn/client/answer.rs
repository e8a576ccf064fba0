//! Answers, and the reaction to each.
use super::super::{CHANNEL_LIFETIME, DEFAULT_LIFETIME, Family, PERMISSION_LIFETIME, address, number};
use super::auth::reason;
use super::data::Permission;
use super::request::{Kind, Pending};
use super::{Allocated, Client, Event, MAX_ALTERNATES, MAX_LOCAL_ADDRESSES, Reason, Refusal, State};
use crate::net::Datagram;
use crate::stun::{Class, Message, Value, attribute};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Time left of an allocation when it is refreshed (RFC 8656 §8: about a minute).
const REFRESH_BEFORE: Duration = Duration::from_secs(60);
/// The longest lifetime that is relied on; NATs and servers forget sooner than the four billion seconds that fit.
const MAX_RELIED: Duration = Duration::from_secs(3600);
/// A permission is refreshed a minute before it ends.
const PERMISSION_REFRESH: Duration = PERMISSION_LIFETIME.saturating_sub(REFRESH_BEFORE);
/// A channel is bound again before its permission would be refreshed, since that refreshes the permission too (§12.2).
const CHANNEL_REFRESH: Duration = PERMISSION_REFRESH.saturating_sub(Duration::from_secs(10));
const _: () = assert!(CHANNEL_REFRESH.as_secs() < CHANNEL_LIFETIME.as_secs());
/// Characters kept of a reason phrase.
const MAX_PHRASE: usize = 128;

impl Client {
    /// Takes a datagram. Returns true when it was for this client: an answer to one of its requests, or data from a peer.
    pub fn receive(&mut self, now: Duration, datagram: &Datagram) -> bool {
        let ours = (self.config.local, self.config.server, self.config.protocol);
        if (datagram.local, datagram.remote, datagram.protocol) != ours {
            return false;
        }
        if matches!(datagram.bytes.first(), Some(0x40..=0x4f)) {
            return self.receive_channel_data(&datagram.bytes);
        }
        let Ok(message) = Message::parse(&datagram.bytes) else { return false };
        match message.class() {
            Class::Success | Class::Error => self.receive_response(now, &message),
            Class::Indication => self.receive_data(&message),
            Class::Request => false,
        }
    }

    fn receive_response(&mut self, now: Duration, message: &Message<'_>) -> bool {
        let matches =
            |pending: &Pending| pending.transaction.matches(message) && pending.kind.method() == message.method();
        let Some(index) = self.pending.iter().position(matches) else { return false };
        let code = code(message);
        if let Some(pending) = self.pending.get_mut(index)
            && !is_authentic(pending, message, code, !self.config.username.is_empty())
        {
            // As if it had not come (RFC 8489 §9.2.5).
            pending.forged = true;
            return true;
        }
        let mut pending = self.pending.swap_remove(index);
        if message.class() == Class::Success {
            pending.attempts.accepted();
            self.succeeded(now, &pending, message);
        } else if matches!(code, 401 | 438) {
            self.challenged(now, pending, message, code);
        } else if (code, pending.kind, self.state) == (300, Kind::Allocate, State::Allocating) {
            self.redirected(now, message);
        } else {
            self.refused(now, pending.kind, refusal(code, message));
        }
        true
    }

    /// Answers a challenge, unless it can't be.
    fn challenged(&mut self, now: Duration, mut pending: Pending, message: &Message<'_>, code: u16) {
        let last = self.session.as_ref().and_then(|session| session.challenge());
        let next = pending.attempts.next(last.as_ref(), message).map_err(reason);
        let taken = next.and_then(|challenge| self.take_challenge(&challenge, message));
        match taken {
            Ok(()) => self.try_request(now, pending.kind, pending.attempts),
            Err(reason) => self.refused(now, pending.kind, Refusal { reason, ..refusal(code, message) }),
        }
    }

    fn succeeded(&mut self, now: Duration, pending: &Pending, message: &Message<'_>) {
        match pending.kind {
            Kind::Allocate => self.allocated(now, pending.sent_at, message),
            Kind::Refresh => self.refreshed(pending.sent_at, message),
            Kind::Delete => self.deleted(),
            Kind::Permission(peer) => {
                let refresh_at = pending.sent_at.saturating_add(PERMISSION_REFRESH);
                let Some(permission) = self.permissions.get_mut(&peer) else { return };
                let first = !core::mem::replace(&mut permission.active, true);
                permission.refresh_at = refresh_at;
                self.permitted(peer, first);
            }
            Kind::Channel(peer, channel) => {
                let Some(bound) = self.channels.get_mut(&peer).filter(|channel| !channel.refused) else { return };
                let first = !core::mem::replace(&mut bound.active, true);
                bound.refresh_at = pending.sent_at.saturating_add(CHANNEL_REFRESH);
                let refresh_at = pending.sent_at.saturating_add(PERMISSION_REFRESH);
                let before = self.permissions.insert(peer.ip(), Permission { active: true, refresh_at });
                if first {
                    self.tell(Event::ChannelBound { peer, channel });
                }
                self.permitted(peer.ip(), !before.is_some_and(|before| before.active));
            }
        }
    }

    fn permitted(&mut self, peer: IpAddr, first: bool) {
        if first {
            self.tell(Event::Permitted { peer });
            self.send_waiting(peer);
        }
    }

    /// RFC 8656 §7.3.
    fn allocated(&mut self, now: Duration, sent_at: Duration, message: &Message<'_>) {
        let relayed: Vec<SocketAddr> = message
            .effective()
            .filter(|found| found.code() == attribute::XOR_RELAYED_ADDRESS)
            .filter_map(address)
            .take(2)
            .collect();
        let wanted = |relayed: &SocketAddr| self.config.families.contains(Family::of(relayed.ip()));
        let lifetime = lifetime(message);
        let closing = self.state == State::Closing;
        let usable = !relayed.is_empty() && relayed.iter().all(wanted) && !lifetime.is_zero();
        if closing || !usable {
            self.request(now, Kind::Delete);
            if !closing {
                self.pending.clear();
                self.fail(Reason::BadResponse);
            }
            return;
        }
        self.state = State::Allocated;
        self.previous = None;
        self.local_addresses = 1;
        self.relayed = relayed;
        self.mapped = message.mapped_address();
        self.set_lifetime(sent_at, lifetime);
        let missing = match message.value(attribute::ADDRESS_ERROR_CODE) {
            Some(Value::AddressErrorCode { family, error }) => Family::from_code(family).map(|f| (f, error.code)),
            _ => None,
        };
        let allocated = Allocated { relayed: self.relayed.clone(), mapped: self.mapped, lifetime, missing };
        self.tell(Event::Allocated(allocated));
    }

    /// RFC 8656 §8.3.
    fn refreshed(&mut self, sent_at: Duration, message: &Message<'_>) {
        let lifetime = lifetime(message);
        if lifetime.is_zero() {
            return self.fail(Reason::AllocationLost);
        }
        self.previous = None;
        self.set_lifetime(sent_at, lifetime);
        self.tell(Event::Refreshed { lifetime });
    }

    /// The deadline counts from when the request was sent: the server's clock started no earlier.
    fn set_lifetime(&mut self, sent_at: Duration, lifetime: Duration) {
        let lifetime = lifetime.min(MAX_RELIED);
        self.expires = sent_at.saturating_add(lifetime);
        self.refresh_at = sent_at.saturating_add(lifetime.saturating_sub(REFRESH_BEFORE.min(lifetime / 2)));
    }

    /// The server has no allocation for us any more.
    fn deleted(&mut self) {
        if self.state == State::Closing {
            self.closed();
        }
    }

    /// Handles a request that was refused or not answered.
    pub(super) fn refused(&mut self, now: Duration, kind: Kind, refusal: Refusal) {
        let code = refusal.code;
        match kind {
            // §8.3: after 437 the allocation no longer exists, which was the aim; when there is no answer it will expire.
            Kind::Delete => self.deleted(),
            Kind::Allocate if self.state == State::Closing => self.closed(),
            Kind::Allocate => self.allocate_refused(now, refusal),
            Kind::Refresh if self.previous.is_some() && matches!(code, 401 | 437 | 441) => {
                self.want_local_address(now, code);
            }
            _ if code == 437 => self.fail(refusal),
            Kind::Refresh => self.fail(refusal),
            Kind::Permission(peer) => {
                self.permissions.remove(&peer);
                self.waiting.retain(|(address, _)| address.ip() != peer);
                self.tell(Event::PermissionRefused { peer, refusal });
            }
            Kind::Channel(peer, _) => {
                if let Some(channel) = self.channels.get_mut(&peer) {
                    (channel.active, channel.refused) = (false, true);
                    self.tell(Event::ChannelRefused { peer, refusal });
                }
            }
        }
    }

    /// RFC 8656 §7.4.
    fn allocate_refused(&mut self, now: Duration, refusal: Refusal) {
        if refusal.code != 437 {
            return self.fail(refusal);
        }
        if self.local_addresses < MAX_LOCAL_ADDRESSES {
            return self.want_local_address(now, 437);
        }
        self.fail(Refusal { code: 437, phrase: refusal.phrase, ..Reason::AddressInUse.into() });
    }
}

impl Client {
    /// Error 300 (RFC 8489 §10): the request goes to another server, once to each.
    fn redirected(&mut self, now: Duration, message: &Message<'_>) {
        let to = message.get(attribute::ALTERNATE_SERVER).and_then(address);
        let here = self.config.server;
        let Some(server) = to.filter(|to| is_usable(*to, here)) else {
            return self.fail(Refusal { reason: Reason::AlternateUnusable, ..refusal(300, message) });
        };
        if self.servers.contains(&server) || self.servers.len() > MAX_ALTERNATES {
            return self.fail(Refusal { reason: Reason::AlternateLoop, ..refusal(300, message) });
        }
        let domain = match message.value(attribute::ALTERNATE_DOMAIN) {
            Some(Value::Text(domain)) => String::from(domain),
            _ => String::new(),
        };
        self.servers.push(server);
        self.config.server = server;
        self.tell(Event::Redirected { server, domain });
        self.restart(now);
    }
}

/// A server may not lead a client to nowhere, or from a public address to the client's own host.
fn is_usable(alternate: SocketAddr, current: SocketAddr) -> bool {
    let ip = alternate.ip();
    let loopback = ip.is_loopback() && !current.ip().is_loopback();
    alternate.port() != 0
        && alternate.is_ipv4() == current.is_ipv4()
        && !(ip.is_unspecified() || ip.is_multicast() || loopback)
}

/// A challenge is believed as it is; any other answer to a signed request must be signed with the same key. An unsigned
/// request may be refused, but not granted to a client that has credentials.
fn is_authentic(pending: &Pending, message: &Message<'_>, code: u16, has_credentials: bool) -> bool {
    match &pending.key {
        _ if matches!(code, 401 | 438) => true,
        Some(key) => message.verify(key).is_valid(),
        None => message.class() == Class::Error || !has_credentials,
    }
}

/// LIFETIME, or the default of RFC 8656 §3.2 from a server that does not say.
fn lifetime(message: &Message<'_>) -> Duration {
    Duration::from_secs(number(message, attribute::LIFETIME).unwrap_or(DEFAULT_LIFETIME).into())
}

/// The error code, however its reason phrase is encoded; 0 without one.
fn code(message: &Message<'_>) -> u16 {
    match message.get(attribute::ERROR_CODE).map(|found| found.bytes()) {
        Some(&[_, _, class, number, ..]) if message.class() == Class::Error => {
            u16::from(class & 7) * 100 + u16::from(number)
        }
        _ => 0,
    }
}

/// Refusal in an error response.
fn refusal(code: u16, message: &Message<'_>) -> Refusal {
    let bytes = message.get(attribute::ERROR_CODE).and_then(|found| found.bytes().get(4..)).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let phrase = text.chars().filter(|char| !char.is_control()).take(MAX_PHRASE).collect();
    Refusal { code, phrase, ..Reason::of_code(code).into() }
}
