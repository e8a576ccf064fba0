//! Allocate requests (RFC 8656 §7.2), and the sockets they need.
use super::super::Family;
use super::allocation::{Allocation, Relayed};
use super::request::{Reply, desired_lifetime, optional_number};
use super::users::quota_name;
use super::{Ended, Event, FiveTuple, MAX_OPENING, MAX_QUEUE, Server, ServerConfig, State};
use crate::stun::{Message, Value, attribute};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// REQUESTED-TRANSPORT for UDP (RFC 8656 §18.8).
const UDP: u32 = 17;
/// How long a port is held for a RESERVATION-TOKEN (§7.2: at least 30 s).
const RESERVATION_LIFETIME: Duration = Duration::from_secs(30);
/// How long the owner has to open sockets.
const OPENING_TIMEOUT: Duration = Duration::from_secs(5);
/// Sockets that may fail to open before the request is refused.
const MAX_FAILED: u8 = 8;
/// Random ports tried before the next free one is looked for.
const RANDOM_PORTS: usize = 16;

/// The family of two that is not allocated, and the error code.
type Missing = Option<(Family, u16)>;

/// A port held for whoever brings its token. It counts as an allocation of the user it is held for.
#[derive(Clone, Debug)]
pub(super) struct Reservation {
    username: String,
    address: SocketAddr,
    pub(super) until: Duration,
}

/// A relayed address that an allocation is to get.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    address: SocketAddr,
    /// It is the port after the other one, to be held for a token.
    reserve: bool,
    ready: bool,
}

/// An allocation whose sockets are being opened.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) until: Duration,
    received: Duration,
    /// The request, to be answered when that is done.
    request: Vec<u8>,
    username: String,
    wanted: Vec<Wanted>,
    missing: Missing,
    failed: u8,
    given_up: bool,
}

/// Allocation that an Allocate request asks for.
struct Asked {
    families: Vec<Family>,
    even: Option<bool>,
    token: Option<[u8; 8]>,
}

impl Asked {
    /// Checks 3 to 9 of §7.2.
    fn read(message: &Message<'_>) -> Result<Self, u16> {
        match optional_number(message, attribute::REQUESTED_TRANSPORT)? {
            None => return Err(400),
            Some(UDP) => {}
            Some(_) => return Err(442),
        }
        let even = match message.get(attribute::EVEN_PORT).map(|found| found.value()) {
            None => None,
            Some(Ok(Value::Bit(reserve))) => Some(reserve),
            Some(_) => return Err(400),
        };
        let token = message.get(attribute::RESERVATION_TOKEN).map(|found| <[u8; 8]>::try_from(found.bytes()));
        let token = token.transpose().map_err(|_| 400_u16)?;
        let family = optional_number(message, attribute::REQUESTED_ADDRESS_FAMILY)?;
        let additional = optional_number(message, attribute::ADDITIONAL_ADDRESS_FAMILY)?;
        let contradicts = token.is_some() && (even.is_some() || family.is_some() || additional.is_some())
            || family.is_some() && additional.is_some()
            || even == Some(true) && additional.is_some();
        let families = match (family, additional) {
            _ if contradicts => return Err(400),
            (None, Some(2)) => Vec::from([Family::V4, Family::V6]),
            (None, Some(_)) => return Err(400),
            (None, None) | (Some(1), _) => Vec::from([Family::V4]),
            (Some(2), _) => Vec::from([Family::V6]),
            (Some(_), _) => return Err(440),
        };
        Ok(Self { families, even, token })
    }
}

impl State {
    pub(super) fn allocate(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        client: &FiveTuple,
        username: &str,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        if let Some(index) = self.table.of_client(client) {
            let same = self.table.get(index).is_some_and(|allocation| {
                allocation.transaction == message.transaction_id() && allocation.username == username
            });
            return if same { Ok(Reply::Allocation(index)) } else { Err(437) };
        }
        if self.opening.contains_key(client) {
            return self.go_on(config, now, client, username, message);
        }
        let asked = Asked::read(message)?;
        desired_lifetime(config, message)?;
        let name = quota_name(username);
        let opening = self.opening.values().filter(|opening| quota_name(&opening.username) == name).count();
        let held = || self.reservations.iter().filter(|(token, _)| Some(**token) != asked.token);
        let held_for_user = held().filter(|(_, held)| quota_name(&held.username) == name).count();
        if self.table.count(name) + opening + held_for_user >= config.max_per_user {
            return Err(486);
        }
        let full = self.table.len() + self.opening.len() + held().count() >= config.max_allocations;
        // An owner that does not take its events has no room for more either.
        if full || self.opening.len() >= MAX_OPENING || self.events.len() >= MAX_QUEUE {
            return Err(508);
        }
        let (wanted, missing) = match asked.token {
            Some(token) => {
                self.reservations.get(&token).filter(|held| held.until > now).ok_or(508_u16)?;
                let reserved = self.reservations.remove(&token).ok_or(508_u16)?;
                (Vec::from([Wanted { address: reserved.address, reserve: false, ready: true }]), None)
            }
            None => self.choose(config, &asked)?,
        };
        let (until, request) = (now.saturating_add(OPENING_TIMEOUT), message.as_bytes().to_vec());
        let (username, received) = (String::from(username), now);
        let (failed, given_up) = (0, false);
        for wanted in wanted.iter().filter(|wanted| !wanted.ready) {
            self.tell(Event::Open(wanted.address));
        }
        let opening = Opening { until, received, request, username, wanted, missing, failed, given_up };
        if opening.wanted.iter().all(|wanted| wanted.ready) {
            return self.create(config, now, client, opening, message);
        }
        self.opening.insert(*client, opening);
        Ok(Reply::Later)
    }

    /// The same request again: by the client, or because its sockets are ready or can't be opened.
    fn go_on(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        client: &FiveTuple,
        username: &str,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        let Some(opening) = self.opening.get(client) else { return Err(508) };
        if opening.request != message.as_bytes() || opening.username != username {
            return Err(437);
        }
        if !opening.given_up && opening.wanted.iter().any(|wanted| !wanted.ready) {
            return Ok(Reply::Later);
        }
        let Some(opening) = self.opening.remove(client) else { return Err(508) };
        if opening.given_up {
            self.give_back(&opening);
            return Err(508);
        }
        self.create(config, now, client, opening, message)
    }

    /// Everything is there.
    fn create(
        &mut self,
        config: &ServerConfig,
        now: Duration,
        client: &FiveTuple,
        opening: Opening,
        message: &Message<'_>,
    ) -> Result<Reply, u16> {
        let expires = now.saturating_add(desired_lifetime(config, message)?);
        let mut allocation = Allocation::new(*client, opening.username, message.transaction_id());
        allocation.missing = opening.missing;
        for Wanted { address, reserve, .. } in opening.wanted {
            if reserve {
                let token = self.entropy.token();
                allocation.token = Some(token);
                let until = now.saturating_add(RESERVATION_LIFETIME);
                let username = allocation.username.clone();
                self.reservations.insert(token, Reservation { username, address, until });
            } else {
                *allocation.slot(Family::of(address.ip())) = Some(Relayed { address, expires });
            }
        }
        let relayed = allocation.relayed.iter().flatten().map(|relayed| config.external(relayed.address)).collect();
        let username = allocation.username.clone();
        self.tell(Event::Allocated { client: *client, username, relayed });
        self.table.insert(allocation);
        self.table.of_client(client).map(Reply::Allocation).ok_or(508)
    }

    /// Chooses addresses: all that is asked for, or of two families the one that can be had.
    fn choose(&mut self, config: &ServerConfig, asked: &Asked) -> Result<(Vec<Wanted>, Missing), u16> {
        let (mut wanted, mut missing) = (Vec::new(), None);
        let ready = !self.ask;
        for family in &asked.families {
            match self.choose_one(config, *family, asked.even) {
                Ok(address) => wanted.push(Wanted { address, reserve: false, ready }),
                Err(code) => missing = Some((*family, code)),
            }
        }
        if let (true, Some((_, code))) = (wanted.is_empty(), missing) {
            return Err(code);
        }
        if asked.even == Some(true)
            && let Some(first) = wanted.first()
        {
            let address = SocketAddr::new(first.address.ip(), first.address.port().saturating_add(1));
            self.taken.insert(address);
            wanted.push(Wanted { address, reserve: true, ready });
        }
        Ok((wanted, missing))
    }

    fn choose_one(&mut self, config: &ServerConfig, family: Family, even: Option<bool>) -> Result<SocketAddr, u16> {
        let relay = config.relays.iter().find(|relay| Family::of(relay.bind) == family).ok_or(440_u16)?;
        self.free_port(config, relay.bind, even).ok_or(508)
    }

    /// A port that nobody has, taken: a random one (RFC 6056), with `even` an even one, with `Some(true)` followed by a free one.
    fn free_port(&mut self, config: &ServerConfig, ip: IpAddr, even: Option<bool>) -> Option<SocketAddr> {
        let (first, last) = (*config.ports.start(), *config.ports.end());
        let count = u32::from(last.checked_sub(first)?) + 1;
        let is_free = |port: u16| port != 0 && !self.taken.contains(&SocketAddr::new(ip, port));
        let fits = |port: &u16| {
            let pair = even != Some(true) || *port < last && is_free(port.saturating_add(1));
            is_free(*port) && (even.is_none() || port.is_multiple_of(2)) && pair
        };
        let nth = |offset: u32| first.saturating_add((offset % count) as u16);
        let start = self.entropy.below(count);
        let mut tried = (0..RANDOM_PORTS).map(|_| self.entropy.below(count)).map(nth);
        let port = tried.find(fits).or_else(|| (0..count).map(|step| nth(start + step)).find(fits))?;
        let address = SocketAddr::new(ip, port);
        self.taken.insert(address);
        Some(address)
    }

    /// Nobody needs these addresses any more.
    pub(super) fn release(&mut self, addresses: impl IntoIterator<Item = SocketAddr>) {
        for address in addresses {
            if self.taken.remove(&address) && self.ask {
                self.tell(Event::Close(address));
            }
        }
    }

    pub(super) fn give_back(&mut self, opening: &Opening) {
        self.release(opening.wanted.iter().map(|wanted| wanted.address));
    }

    /// Ends an allocation, or the part of it that belongs to one family.
    pub(super) fn end(&mut self, index: usize, family: Option<Family>, why: Ended) {
        let (addresses, ended) = self.table.remove(index, family);
        self.release(addresses);
        if let Some(Allocation { client, relayed_bytes: [to_peers, to_client], .. }) = ended {
            self.tell(Event::Ended { client, why, to_peers, to_client });
        }
    }

    /// A socket could not be opened: another port, or without that family, or not at all.
    fn open_elsewhere(&mut self, config: &ServerConfig, client: &FiveTuple, address: SocketAddr) {
        self.taken.remove(&address);
        let Some(mut opening) = self.opening.remove(client) else { return };
        opening.failed = opening.failed.saturating_add(1);
        opening.wanted.retain(|wanted| wanted.address != address);
        let family = Family::of(address.ip());
        // A pair of ports is one wish.
        let pair = opening.wanted.iter().any(|wanted| wanted.address.ip() == address.ip());
        let other = (!pair && opening.failed < MAX_FAILED).then(|| self.choose_one(config, family, None));
        match other {
            Some(Ok(address)) => {
                opening.wanted.push(Wanted { address, reserve: false, ready: false });
                self.tell(Event::Open(address));
            }
            _ if pair || opening.wanted.is_empty() => opening.given_up = true,
            _ => opening.missing = Some((family, 508)),
        }
        self.opening.insert(*client, opening);
    }
}

impl Server {
    /// Tells how it went with the socket of [`Event::Open`]: true when it is bound. [`Event::Close`] follows for a socket that
    /// nobody waits for any more.
    pub fn opened(&mut self, address: SocketAddr, success: bool) {
        let has = |opening: &Opening| opening.wanted.iter().any(|wanted| wanted.address == address && !wanted.ready);
        let Some(client) = self.state.opening.iter().find(|(_, opening)| has(opening)).map(|(client, _)| *client)
        else {
            if success && !self.state.taken.contains(&address) {
                self.state.tell(Event::Close(address));
            }
            return;
        };
        if !success {
            self.state.open_elsewhere(&self.config, &client, address);
        } else if let Some(opening) = self.state.opening.get_mut(&client) {
            opening.wanted.iter_mut().filter(|wanted| wanted.address == address).for_each(|wanted| wanted.ready = true);
        }
        self.answer_opened(&client);
    }

    /// Answers the request whose sockets are ready or given up.
    fn answer_opened(&mut self, client: &FiveTuple) {
        let Some(opening) = self.state.opening.get(client) else { return };
        if opening.given_up || opening.wanted.iter().all(|wanted| wanted.ready) {
            let (request, received) = (opening.request.clone(), opening.received);
            // As of when it came, so that its nonce is as good as it was. It has been admitted already.
            if let Ok(message) = Message::parse(&request) {
                self.request(received, client, &message);
            }
            if let Some(opening) = self.state.opening.remove(client) {
                self.state.give_back(&opening);
            }
        }
    }

    /// Gives up what the owner did not open, and tokens that nobody brought.
    pub(super) fn drop_overdue(&mut self, now: Duration) {
        while let Some(client) =
            self.state.opening.iter().find(|(_, opening)| opening.until <= now).map(|(client, _)| *client)
        {
            if let Some(opening) = self.state.opening.get_mut(&client) {
                opening.given_up = true;
            }
            self.answer_opened(&client);
        }
        let over: Vec<SocketAddr> =
            self.state.reservations.values().filter(|held| held.until <= now).map(|held| held.address).collect();
        self.state.reservations.retain(|_, held| held.until > now);
        self.state.release(over);
    }
}
