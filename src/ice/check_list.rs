//! Forming check lists: pair, replace by the base, prune, limit, set the first states.

use alloc::vec;
use alloc::vec::Vec;

use super::pair::{Base, Candidate, Host, Role, Rule, Transport, excluded, hosts, pair_priority};
use crate::candidate::CandidateType;

/// Most pairs of all check lists together (RFC 8445 §6.1.2.5).
pub const DEFAULT_PAIR_LIMIT: usize = 100;

/// Most candidates of one side that are looked at; the rest are left out, in the order given.
pub const MAX_CANDIDATES: usize = 256;

/// State of a pair (RFC 8445 §6.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PairState {
    /// Not checked until a pair with its foundation has succeeded.
    Frozen = 0,
    /// To be checked.
    Waiting = 1,
    /// A check was sent and not answered.
    InProgress = 2,
    /// A check was answered.
    Succeeded = 3,
    /// A check failed.
    Failed = 4,
}

/// A candidate pair. `local` and `remote` are indexes into the lists given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of the local candidate. A reflexive one has been replaced by its base where that is in the list.
    pub local: u16,
    /// Index of the remote candidate.
    pub remote: u16,
    /// Component id.
    pub component: u32,
    /// Priority of the two candidates, the local one after the replacement.
    pub priority: u64,
    /// Foundation: that of the local candidate (after the replacement) and that of the remote one.
    pub foundation: (u32, u32),
    /// State.
    pub state: PairState,
}

/// Two candidates that are not a pair of the list, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Index of the local candidate.
    pub local: u16,
    /// Index of the remote candidate.
    pub remote: u16,
    /// The rule.
    pub rule: Rule,
}

/// A check list as RFC 8445 §6.1.2 forms it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckList {
    /// Highest priority first; equal ones by component, then as given.
    pub pairs: Vec<Pair>,
    /// Pairs that were formed and not kept.
    pub pruned: Vec<LeftOut>,
    /// Candidates that can't be paired.
    pub excluded: Vec<LeftOut>,
}

/// Forms the check list of one data stream. At most [`MAX_CANDIDATES`] of each side are looked at.
pub fn form_check_list(local: &[Candidate], remote: &[Candidate], role: Role, limit: usize) -> CheckList {
    form_check_lists(&[(local, remote)], role, limit).pop().unwrap_or_default()
}

/// Forms the check list set of a session, one list for each data stream. The limit and the first states span all lists:
/// foundations must be numbered alike in all streams.
pub fn form_check_lists(streams: &[(&[Candidate], &[Candidate])], role: Role, limit: usize) -> Vec<CheckList> {
    let mut lists: Vec<CheckList> = streams.iter().map(|(local, remote)| pair_and_prune(local, remote, role)).collect();
    let mut kept: usize = lists.iter().map(|list| list.pairs.len()).sum();
    while kept > limit {
        let lowest = lists.iter_mut().filter(|list| !list.pairs.is_empty()).min_by_key(|list| lowest_priority(list));
        let Some(list) = lowest else { break };
        discard_last(list);
        kept -= 1;
    }
    set_states(&mut lists);
    lists
}

/// Key of sorting here: one type, so that the code for sorting is there once.
type Key = (u64, u64);

fn lowest_priority(list: &CheckList) -> u64 {
    list.pairs.last().map_or(u64::MAX, |pair| pair.priority)
}

fn discard_last(list: &mut CheckList) {
    if let Some(pair) = list.pairs.pop() {
        list.pruned.push(LeftOut { local: pair.local, remote: pair.remote, rule: Rule::PairLimit });
    }
}

fn pair_and_prune(local: &[Candidate], remote: &[Candidate], role: Role) -> CheckList {
    let local = local.get(..MAX_CANDIDATES).unwrap_or(local);
    let remote = remote.get(..MAX_CANDIDATES).unwrap_or(remote);
    let mut list = CheckList::default();
    let mut keys: Vec<Key> = Vec::with_capacity(local.len() * remote.len());
    for (i, ours) in (0u16..).zip(local) {
        for (j, theirs) in (0u16..).zip(remote) {
            if let Some(rule) = excluded(ours, theirs) {
                list.excluded.push(LeftOut { local: i, remote: j, rule });
                continue;
            }
            let tie = u64::from(ours.component) << 32 | u64::from(i) << 16 | u64::from(j);
            keys.push((!priority(ours, theirs, role), tie));
        }
    }
    keys.sort_unstable();
    list.pairs.reserve(keys.len());
    for (priority, tie) in keys {
        let (i, j) = ((tie >> 16) as u16, tie as u16);
        let (Some(ours), Some(theirs)) = (local.get(usize::from(i)), remote.get(usize::from(j))) else { continue };
        list.pairs.push(Pair {
            local: i,
            remote: j,
            component: ours.component,
            priority: !priority,
            foundation: (ours.foundation, theirs.foundation),
            state: PairState::Frozen,
        });
    }
    if prune(&mut list, local, remote) {
        set_priorities(&mut list.pairs, local, remote, role);
    }
    list
}

fn priority(ours: &Candidate, theirs: &Candidate, role: Role) -> u64 {
    match role {
        Role::Controlling => pair_priority(ours.priority, theirs.priority),
        Role::Controlled => pair_priority(theirs.priority, ours.priority),
    }
}

/// Gives each pair the priority of its candidates after the replacement, and sorts anew.
fn set_priorities(pairs: &mut Vec<Pair>, local: &[Candidate], remote: &[Candidate], role: Role) {
    let mut keys: Vec<Key> = Vec::with_capacity(pairs.len());
    for (at, pair) in (0u64..).zip(pairs.iter_mut()) {
        if let Some((ours, theirs)) = local.get(usize::from(pair.local)).zip(remote.get(usize::from(pair.remote))) {
            pair.priority = priority(ours, theirs, role);
        }
        keys.push((!pair.priority, u64::from(pair.component) << 32 | at));
    }
    keys.sort_unstable();
    *pairs = keys.iter().filter_map(|(_, at)| pairs.get(*at as u32 as usize).copied()).collect();
}

/// RFC 8445 §6.1.2.4: of the pairs with one base and one remote candidate, the first is kept. True when a reflexive
/// candidate was replaced by its base.
fn prune(list: &mut CheckList, local: &[Candidate], remote: &[Candidate]) -> bool {
    let mut replaced = false;
    let senders = senders(local);
    let targets: Vec<u16> = (0u16..).zip(remote).map(|(j, theirs)| target(j, theirs, remote)).collect();
    let mut taken = vec![false; local.len() * remote.len()];
    let pruned = &mut list.pruned;
    list.pairs.retain_mut(|pair| {
        let (i, j) = (usize::from(pair.local), usize::from(pair.remote));
        let (Some(ours), Some(theirs), Some(sender)) = (local.get(i), remote.get(j), senders.get(i)) else {
            return false;
        };
        let place = usize::from(sender.number) * remote.len() + usize::from(targets.get(j).copied().unwrap_or(0));
        let Some(seen) = taken.get_mut(place) else { return false };
        let rule = match hosts(sender.host, theirs.host) {
            Some(rule) => Some(rule),
            None if *seen => Some(Rule::Redundant),
            None => (ours.transport == Transport::TcpPassive).then_some(Rule::TcpPassiveLocal),
        };
        if let Some(rule) = rule {
            pruned.push(LeftOut { local: pair.local, remote: pair.remote, rule });
            return false;
        }
        *seen = true;
        if let Some(base) = sender.base.and_then(|base| local.get(usize::from(base))) {
            pair.local = sender.base.unwrap_or(pair.local);
            pair.foundation.0 = base.foundation;
            replaced = true;
        }
        true
    });
    replaced
}

/// Address that the checks of a local candidate are sent from.
struct Sender {
    /// Index of the candidate that is its base, when it is reflexive and that is in the list.
    base: Option<u16>,
    /// The address that stands for the candidate in the check list: that of `base`, else its own.
    shown: (Host, u16),
    /// Address of its base as far as it is known.
    host: Host,
    /// Port of its base.
    port: u16,
    /// Equal for candidates with one base: an index into the list.
    number: u16,
}

/// The senders of all local candidates. Two candidates have one base when that is said of them, and also when they have
/// one address, whatever their lines say of the base: a NAT gives an address to one base only.
fn senders(local: &[Candidate]) -> Vec<Sender> {
    let mut all: Vec<Sender> = Vec::with_capacity(local.len());
    for (i, ours) in (0u16..).zip(local) {
        let base = base_index(ours, local);
        let shown = base.and_then(|base| local.get(usize::from(base))).unwrap_or(ours);
        let shown = (shown.host, shown.port);
        let (host, port) = match ours.base {
            Base::At(host, port) if base.is_none() => (host, port),
            _ => shown,
        };
        let mut number = i;
        for j in 0..all.len() {
            let Some((other, theirs)) = all.get(j).zip(local.get(j)) else { continue };
            // Ports differ most often, and are compared fastest.
            let same = (other.port == port && other.host == host || other.shown == shown)
                && theirs.component == ours.component
                && theirs.transport == ours.transport;
            let old = other.number;
            if same && number == i {
                number = old;
            } else if same && old != number {
                // This one is the link between two groups.
                all.iter_mut().filter(|one| one.number == old).for_each(|one| one.number = number);
            }
        }
        all.push(Sender { base, shown, host, port, number });
    }
    all
}

/// Index of the candidate that is this one's base, when it is reflexive and its base is in the list.
fn base_index(candidate: &Candidate, all: &[Candidate]) -> Option<u16> {
    let fits = |other: &Candidate| {
        other.kind == CandidateType::Host
            && other.component == candidate.component
            && other.transport == candidate.transport
    };
    let at = |host, port| {
        (0u16..).zip(all).find(|(_, other)| other.port == port && other.host == host && fits(other)).map(|(i, _)| i)
    };
    match candidate.base {
        Base::Itself => None,
        Base::At(host, port) => at(host, port),
        Base::Hidden => at(candidate.host, candidate.port).or_else(|| {
            // A name may hide either family: that of a reflexive candidate tells nothing of its base.
            let hidden = |other: &Candidate| match candidate.host {
                Host::Name(_) => matches!(other.host, Host::Name(_)),
                host => hosts(host, other.host).is_none(),
            };
            let mut bases = (0u16..).zip(all).filter(|(_, other)| fits(other) && hidden(other));
            let only = bases.next();
            if bases.next().is_some() { None } else { only.map(|(i, _)| i) }
        }),
    }
}

/// A number equal for remote candidates at one transport address: the index of the first of them.
fn target(index: u16, candidate: &Candidate, all: &[Candidate]) -> u16 {
    let same = |other: &Candidate| {
        other.port == candidate.port
            && other.host == candidate.host
            && other.component == candidate.component
            && other.transport == candidate.transport
    };
    (0u16..).zip(all).find(|(_, other)| same(other)).map_or(index, |(first, _)| first)
}

/// RFC 8445 §6.1.2.6: of each foundation, the pair with the lowest component, then the highest priority, waits; in the
/// first list that has the foundation.
fn set_states(lists: &mut [CheckList]) {
    let mut order: Vec<Key> = Vec::new();
    for (l, list) in (0u64..1 << 16).zip(lists.iter()) {
        for (p, pair) in (0u64..1 << 16).zip(&list.pairs) {
            let foundation = u64::from(pair.foundation.0) << 32 | u64::from(pair.foundation.1);
            order.push((foundation, l << 48 | u64::from(pair.component) << 16 | p));
        }
    }
    order.sort_unstable();
    order.dedup_by_key(|(foundation, _)| *foundation);
    for (_, place) in order {
        let (l, p) = ((place >> 48) as usize, (place & 0xffff) as usize);
        if let Some(pair) = lists.get_mut(l).and_then(|list| list.pairs.get_mut(p)) {
            pair.state = PairState::Waiting;
        }
    }
}
