//! Pairs and sessions, put together from checks and flows.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::transaction::{Check, Role, Transaction};
use super::{Flow, Path};
use crate::sorting::sort_by;

/// Most addresses kept of one agent.
const MAX_ADDRESSES: usize = 256;

/// The checks in one direction of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Requests, retransmissions left aside.
    pub sent: u32,
    /// Success responses.
    pub answered: u32,
    /// Error responses.
    pub errors: u32,
    /// Error responses with 487, role conflict (RFC 8445 §7.3.1.1).
    pub conflicts: u32,
    /// Requests sent again.
    pub retransmissions: u32,
    /// Time of the first request.
    pub first: Option<u64>,
    /// Time of the first success response.
    pub first_answer: Option<u64>,
    /// Shortest and sum of the round trips, in nanoseconds, over `answered`.
    pub fastest: Option<u64>,
    /// See `fastest`.
    pub total: u64,
    /// Requests with USE-CANDIDATE.
    pub nominations: u32,
    /// Time of the first success response to a request with USE-CANDIDATE.
    pub nominated: Option<u64>,
    /// The role the requests claim; the last one.
    pub role: Option<Role>,
    /// Indexes of the transactions.
    pub transactions: Vec<usize>,
}

/// Two addresses that were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Between whom.
    pub path: Path,
    /// Checks from `path.a` to `path.b`.
    pub from_a: Checks,
    /// Checks from `path.b` to `path.a`.
    pub from_b: Checks,
    /// Index of the flow on the wire between the two.
    pub flow: Option<usize>,
    /// Index of the flow inside TURN between the two.
    pub relayed_flow: Option<usize>,
    /// Bytes of DTLS, RTP and RTCP that the pair carried.
    pub data_bytes: u64,
}

impl Pair {
    /// When a nomination was answered on this pair, the last of both directions.
    fn nominated(&self) -> Option<u64> {
        self.from_a.nominated.max(self.from_b.nominated)
    }

    fn first(&self) -> u64 {
        self.from_a.first.into_iter().chain(self.from_b.first).min().unwrap_or(u64::MAX)
    }
}

/// The checks between two agents, known by their username fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceSession {
    /// Fragments of both agents; the controlling one first when the checks say which it is.
    pub fragments: [String; 2],
    /// Whether they do.
    pub roles_known: bool,
    /// Addresses of both agents, in the same order.
    pub addresses: [Vec<SocketAddr>; 2],
    /// Indexes of the pairs, in the order of their first check.
    pub pairs: Vec<usize>,
    /// The pair that was nominated, and carried the most data of such.
    pub selected: Option<usize>,
    /// USE-CANDIDATE was in the first check of every pair that the controlling agent checked, and of more than one:
    /// RFC 5245's aggressive nomination.
    pub aggressive: bool,
}

/// Groups checks into pairs. Returns them with the session key of each.
pub(super) fn pairs(transactions: &[Transaction], flows: &[Flow]) -> Vec<Pair> {
    let mut by_path: BTreeMap<Path, usize> = BTreeMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    for (index, transaction) in transactions.iter().enumerate() {
        let Some(check) = &transaction.check else { continue };
        let path = Path::new(transaction.client, transaction.server, transaction.transport);
        let slot = *by_path.entry(path).or_insert_with(|| {
            let (from_a, from_b) = (Checks::default(), Checks::default());
            pairs.push(Pair { path, from_a, from_b, flow: None, relayed_flow: None, data_bytes: 0 });
            pairs.len() - 1
        });
        let Some(pair) = pairs.get_mut(slot) else { continue };
        let checks = if transaction.client == path.a { &mut pair.from_a } else { &mut pair.from_b };
        checks.add(index, transaction, check);
    }
    for (index, flow) in flows.iter().enumerate() {
        let Some(pair) = by_path.get(&flow.path).and_then(|&slot| pairs.get_mut(slot)) else { continue };
        let place = if flow.relayed { &mut pair.relayed_flow } else { &mut pair.flow };
        *place = Some(index);
        pair.data_bytes = pair.data_bytes.max(flow.data_bytes());
    }
    sort_by(&mut pairs, |a, b| a.first().cmp(&b.first()));
    pairs
}

impl Checks {
    fn add(&mut self, index: usize, transaction: &Transaction, check: &Check) {
        self.transactions.push(index);
        self.sent += 1;
        self.retransmissions = self.retransmissions.saturating_add(transaction.retransmissions());
        self.role = check.role.map(|(role, _)| role).or(self.role);
        self.nominations += u32::from(check.use_candidate);
        let asked = transaction.requests.first().map(|seen| seen.time);
        self.first = self.first.or(asked);
        let Some(response) = &transaction.response else { return };
        if !response.success {
            self.errors += 1;
            self.conflicts += u32::from(response.error == Some(487));
            return;
        }
        self.answered += 1;
        self.first_answer.get_or_insert(response.seen.time);
        if check.use_candidate {
            self.nominated.get_or_insert(response.seen.time);
        }
        if let Some(time) = transaction.round_trip() {
            self.fastest = Some(self.fastest.map_or(time, |fastest| fastest.min(time)));
            self.total = self.total.saturating_add(time);
        }
    }
}

/// Groups pairs by the username fragments of their checks.
pub(super) fn sessions(transactions: &[Transaction], pairs: &[Pair]) -> Vec<IceSession> {
    let mut by_fragments: BTreeMap<[&str; 2], usize> = BTreeMap::new();
    let mut sessions: Vec<IceSession> = Vec::new();
    for (index, pair) in pairs.iter().enumerate() {
        for &place in pair.from_a.transactions.iter().chain(&pair.from_b.transactions) {
            let Some((transaction, check)) =
                transactions.get(place).and_then(|transaction| Some((transaction, transaction.check.as_ref()?)))
            else {
                continue;
            };
            let (receiver, sender) = check.fragments();
            let key = if receiver <= sender { [receiver, sender] } else { [sender, receiver] };
            let slot = *by_fragments.entry(key).or_insert_with(|| {
                sessions.push(IceSession {
                    fragments: key.map(ToOwned::to_owned),
                    roles_known: false,
                    addresses: [Vec::new(), Vec::new()],
                    pairs: Vec::new(),
                    selected: None,
                    aggressive: false,
                });
                sessions.len() - 1
            });
            let Some(session) = sessions.get_mut(slot) else { continue };
            session.meet(sender, transaction.client, check.role.map(|(role, _)| role));
            session.meet(receiver, transaction.server, None);
            if session.pairs.last() != Some(&index) {
                session.pairs.push(index);
            }
        }
    }
    for session in &mut sessions {
        session.conclude(transactions, pairs);
    }
    sessions
}

impl IceSession {
    /// Notes an address of the agent with that fragment, and the role it claims.
    fn meet(&mut self, fragment: &str, address: SocketAddr, role: Option<Role>) {
        let mut agent = usize::from(self.fragments[0] != fragment);
        let first = match role {
            Some(Role::Controlling) => agent == 1,
            Some(Role::Controlled) => agent == 0,
            None => false,
        };
        if first {
            self.fragments.swap(0, 1);
            self.addresses.swap(0, 1);
            agent = 1 - agent;
        }
        self.roles_known |= role.is_some();
        let addresses = if agent == 0 { &mut self.addresses[0] } else { &mut self.addresses[1] };
        if addresses.len() < MAX_ADDRESSES && !addresses.contains(&address) {
            addresses.push(address);
        }
    }

    fn conclude(&mut self, transactions: &[Transaction], pairs: &[Pair]) {
        let listed = || self.pairs.iter().filter_map(|&index| Some((index, pairs.get(index)?)));
        let nominated = listed().filter_map(|(index, pair)| Some((pair.data_bytes, pair.nominated()?, index)));
        self.selected = nominated.max().map(|(_, _, index)| index);
        let first_nominates = |checks: &Checks| {
            let first = checks.transactions.first().and_then(|&index| transactions.get(index))?;
            let check = first.check.as_ref()?;
            matches!(check.role, Some((Role::Controlling, _))).then_some(check.use_candidate)
        };
        let firsts: Vec<bool> = listed()
            .filter_map(|(_, pair)| first_nominates(&pair.from_a).or_else(|| first_nominates(&pair.from_b)))
            .collect();
        self.aggressive = firsts.len() > 1 && firsts.iter().all(|&nominates| nominates);
    }
}
