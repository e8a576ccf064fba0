//! Requests and their responses.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::lenient::Oddity;
use super::{MAX_TRANSACTIONS, Transport};
use crate::stun::{Class, Dialect, Message, Method, Value, attribute};

/// Sightings of one request that are kept; more are counted.
const MAX_SIGHTINGS: usize = 16;

/// A message seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// Number of the packet, from 1.
    pub packet: u32,
    /// Nanoseconds since 1970.
    pub time: u64,
    /// Index among the findings, when it is one of them.
    pub finding: Option<usize>,
    /// It came inside TURN.
    pub relayed: bool,
}

/// The role an agent claims in a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// ICE-CONTROLLING.
    Controlling,
    /// ICE-CONTROLLED.
    Controlled,
}

/// Attributes that make a Binding request a connectivity check (RFC 8445 §7.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// USERNAME: the receiver's fragment, a colon, the sender's.
    pub username: String,
    /// PRIORITY: of the peer-reflexive candidate the check may reveal.
    pub priority: Option<u32>,
    /// USE-CANDIDATE: the controlling agent nominates the pair.
    pub use_candidate: bool,
    /// The role claimed, and its tie-breaker.
    pub role: Option<(Role, u64)>,
}

impl Check {
    /// Fragments of the receiver and of the sender.
    pub fn fragments(&self) -> (&str, &str) {
        self.username.split_once(':').unwrap_or((&self.username, ""))
    }
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// First sight.
    pub seen: Sighting,
    /// First sight of the other kind, on the wire or inside TURN, when both are in the capture.
    pub copy: Option<Sighting>,
    /// The address it came from.
    pub from: SocketAddr,
    /// A success response.
    pub success: bool,
    /// ERROR-CODE of an error response; `None` also where it can't be read.
    pub error: Option<u16>,
    /// XOR-MAPPED-ADDRESS or MAPPED-ADDRESS.
    pub mapped: Option<SocketAddr>,
    /// It is not as RFC 8489 asks.
    pub oddity: Option<Oddity>,
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The 16 bytes behind type and length: cookie and id, or a classic id.
    pub id: [u8; 16],
    /// Whether the cookie is there.
    pub dialect: Dialect,
    /// Method of the request.
    pub method: Method,
    /// Address the request came from.
    pub client: SocketAddr,
    /// Address the request went to.
    pub server: SocketAddr,
    /// Between them.
    pub transport: Transport,
    /// The request, each time it was seen; at most 16.
    pub requests: Vec<Sighting>,
    /// How often the request was seen on the wire and how often inside TURN: the same packet may show up as both.
    pub seen: (u32, u32),
    /// The answer.
    pub response: Option<Response>,
    /// Further responses.
    pub more_responses: u32,
    /// The request is a connectivity check.
    pub check: Option<Check>,
    /// The request is not as RFC 8489 asks.
    pub oddity: Option<Oddity>,
}

impl Transaction {
    /// Times the request was sent again.
    pub fn retransmissions(&self) -> u32 {
        self.seen.0.max(self.seen.1).saturating_sub(1)
    }

    /// Nanoseconds from the last request before the answer to the answer, as this capture saw both.
    pub fn round_trip(&self) -> Option<u64> {
        let response = self.response.as_ref()?;
        // Of a packet that shows up both inside TURN and on the wire, the first sighting is nearer to the client.
        let near = self.requests.first()?.relayed;
        let answer = if response.seen.relayed == near { response.seen } else { response.copy.unwrap_or(response.seen) };
        let before = |seen: &&Sighting| seen.time <= answer.time;
        let mut asked = self.requests.iter().rev().filter(before);
        let same = asked.clone().find(|seen| seen.relayed == near);
        Some(answer.time - same.or_else(|| asked.next())?.time)
    }
}

/// A message with where it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) message: Message<'a>,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) transport: Transport,
    pub(super) at: Sighting,
    pub(super) oddity: Option<Oddity>,
}

/// Id, method, client.
type Asked = ([u8; 16], u16, SocketAddr);

/// Matches responses to requests.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    pub(super) list: Vec<Transaction>,
    /// By what was asked of whom.
    exact: BTreeMap<(Asked, SocketAddr), usize>,
    /// The last one by what was asked, for responses from another address (RFC 5780 §4.3).
    by_client: BTreeMap<Asked, usize>,
    /// The last one from client to server.
    by_ends: BTreeMap<(SocketAddr, SocketAddr), usize>,
    /// The last one by id and method, for answers whose addresses were translated on the way.
    by_id: BTreeMap<([u8; 16], u16), usize>,
    pub(super) unasked: u32,
    pub(super) over: u32,
}

impl Transactions {
    /// Takes a request or response; returns its transaction.
    pub(super) fn take(&mut self, seen: &Seen<'_>) -> Option<usize> {
        let id = *seen.message.as_bytes().get(4..20)?.first_chunk()?;
        let method = seen.message.method();
        match seen.message.class() {
            Class::Request => self.request(id, method, seen),
            Class::Success | Class::Error => self.response((id, method.code(), seen.to), seen),
            Class::Indication => None,
        }
    }

    fn request(&mut self, id: [u8; 16], method: Method, seen: &Seen<'_>) -> Option<usize> {
        let asked = (id, method.code(), seen.from);
        let check = check(&seen.message);
        if self.is_answer(id, method, seen) {
            return self.foreign((id, seen.to), seen);
        }
        // A client that uses an id again for a check that says something else asks anew.
        let known = self.exact.get(&(asked, seen.to)).copied();
        let same = known.filter(|&index| self.list.get(index).is_some_and(|before| before.check == check));
        if let Some(index) = same {
            let transaction = self.list.get_mut(index)?;
            count(&mut transaction.seen, seen.at.relayed);
            if transaction.requests.len() < MAX_SIGHTINGS {
                transaction.requests.push(seen.at);
            }
            return Some(index);
        }
        if self.list.len() >= MAX_TRANSACTIONS {
            self.over = self.over.saturating_add(1);
            return None;
        }
        let index = self.list.len();
        self.exact.insert((asked, seen.to), index);
        self.by_client.insert(asked, index);
        self.by_ends.insert((seen.from, seen.to), index);
        self.by_id.insert((id, method.code()), index);
        let mut counts = (0, 0);
        count(&mut counts, seen.at.relayed);
        self.list.push(Transaction {
            id,
            dialect: seen.message.dialect(),
            method,
            client: seen.from,
            server: seen.to,
            transport: seen.transport,
            requests: alloc::vec![seen.at],
            seen: counts,
            response: None,
            more_responses: 0,
            check,
            oddity: seen.oddity,
        });
        Some(index)
    }

    /// The transaction of a request from `client` to `server` that begins with `payload`. Where no id is quoted, it is the
    /// last one between the two.
    pub(super) fn quoted(&self, client: SocketAddr, server: SocketAddr, payload: &[u8]) -> Option<usize> {
        let Some(id) = payload.get(4..20).and_then(|id| <[u8; 16]>::try_from(id).ok()) else {
            return self.by_ends.get(&(client, server)).copied();
        };
        // An id is hardly ever there twice; the limit is for captures made to be slow.
        let same = self.exact.range(((id, 0, client), server)..).take(32);
        same.take_while(|((asked, _), _)| asked.0 == id)
            .find(|((asked, to), _)| asked.2 == client && *to == server)
            .map(|(_, &index)| index)
    }

    /// Whether what looks like a request has the id of a request the other way, of another method: a vendor's answer.
    fn is_answer(&self, id: [u8; 16], method: Method, seen: &Seen<'_>) -> bool {
        let reverse = self.quoted(seen.to, seen.from, seen.message.as_bytes()).and_then(|index| self.list.get(index));
        reverse.is_some_and(|asked| asked.id == id && asked.method != method)
    }

    fn foreign(&mut self, (id, client): ([u8; 16], SocketAddr), seen: &Seen<'_>) -> Option<usize> {
        let method = self.quoted(client, seen.from, seen.message.as_bytes()).and_then(|index| self.list.get(index))?;
        let asked = (id, method.method.code(), client);
        self.response(asked, &Seen { oddity: Some(Oddity::Foreign), ..*seen })
    }

    fn response(&mut self, asked: Asked, seen: &Seen<'_>) -> Option<usize> {
        let known = self.exact.get(&(asked, seen.from)).or_else(|| self.by_client.get(&asked));
        // Beyond a NAT, an answer goes to and comes from other addresses than the request.
        let index = known.or_else(|| self.by_id.get(&(asked.0, asked.1))).copied();
        let Some(transaction) = index.and_then(|index| self.list.get_mut(index)) else {
            self.unasked = self.unasked.saturating_add(1);
            return None;
        };
        match &mut transaction.response {
            Some(first) if first.seen.relayed != seen.at.relayed && first.copy.is_none() => first.copy = Some(seen.at),
            Some(_) => transaction.more_responses = transaction.more_responses.saturating_add(1),
            None => {
                transaction.response = Some(Response {
                    seen: seen.at,
                    copy: None,
                    from: seen.from,
                    success: seen.message.class() == Class::Success,
                    error: seen.message.error_code().map(|error| error.code),
                    mapped: seen.message.mapped_address(),
                    oddity: seen.oddity,
                });
            }
        }
        index
    }
}

fn count(counts: &mut (u32, u32), relayed: bool) {
    let one = if relayed { &mut counts.1 } else { &mut counts.0 };
    *one = one.saturating_add(1);
}

/// Attributes that make a request a check: it names both fragments, or claims a role.
fn check(message: &Message<'_>) -> Option<Check> {
    if message.method() != Method::BINDING {
        return None;
    }
    let long = |code| match message.value(code) {
        Some(Value::Long(value)) => Some(value),
        _ => None,
    };
    let controlling = long(attribute::ICE_CONTROLLING).map(|tie| (Role::Controlling, tie));
    let role = controlling.or_else(|| long(attribute::ICE_CONTROLLED).map(|tie| (Role::Controlled, tie)));
    let username = message.username().unwrap_or("");
    if role.is_none() && !username.contains(':') {
        return None;
    }
    Some(Check {
        username: username.into(),
        priority: message.priority(),
        use_candidate: message.use_candidate(),
        role,
    })
}
