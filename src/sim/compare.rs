//! Two runs aligned by message: the first that differs, and the one that decided.
//!
//! A message is a packet from the host that sends it to its end, whatever the hops between, or a message of signalling.
//! The n-th of a kind in one run stands beside the n-th of that kind in the other; a kind is who sends what to whom, with
//! addresses only where they are of the scenario.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::scenario::Program;
use super::simulation::{Entry, Message, Outcome, Simulation, What, message};
use super::world::Trace;
use super::{Packet, Reason};

/// A message of one run or of both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Row {
    /// Its place in the first run's trace.
    pub a: Option<usize>,
    /// In the second's.
    pub b: Option<usize>,
    /// It ends otherwise in the other run, or is in one only.
    pub differs: bool,
}

/// The row that decided, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deciding {
    /// Index of the row.
    pub row: usize,
    /// The rule, such as `RFC 4787 §5`.
    pub rule: &'static str,
    /// Why, in a sentence.
    pub why: String,
}

/// Two runs side by side.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Comparison {
    /// In the order of time.
    pub rows: Vec<Row>,
    /// The first row that differs.
    pub first_difference: Option<usize>,
    /// The check that reached the other side in the better run only; `None` where the runs end alike.
    pub deciding: Option<Deciding>,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Arrived,
    Dropped(Reason),
    Lost,
    NoRoute,
    OnItsWay,
}

impl Fate {
    /// The name, so that external ports, which are random, make no difference.
    const fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Dropped(reason) => reason.name(),
            Self::Lost => "lost",
            Self::NoRoute => "no-route",
            Self::OnItsWay => "on its way",
        }
    }
}

/// A message and what became of it.
#[derive(Clone, Debug)]
struct Sent {
    /// Its place in the trace.
    entry: usize,
    time: Duration,
    kind: String,
    fate: Fate,
    /// The NAT's reason to let it in, the last one.
    let_in: Option<Reason>,
    /// Network of the NAT that dropped it or let it in.
    network: String,
    /// A check from one agent to the other, on the wire or inside TURN.
    check: bool,
    /// It came to the other agent through a relay.
    by_relay: bool,
}

/// Sets two runs side by side.
#[must_use]
pub fn compare_runs(a: &Simulation, b: &Simulation) -> Comparison {
    let (ours, theirs) = (messages(a), messages(b));
    let mut at: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, sent) in theirs.iter().enumerate() {
        at.entry(&sent.kind).or_default().push(index);
    }
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut matched = vec![false; theirs.len()];
    let mut both: Vec<(Option<&Sent>, Option<&Sent>)> = Vec::new();
    for sent in &ours {
        let turn = used.entry(&sent.kind).or_default();
        let found = at.get(sent.kind.as_str()).and_then(|all| all.get(*turn)).copied();
        *turn += 1;
        if let Some(flag) = found.and_then(|index| matched.get_mut(index)) {
            *flag = true;
        }
        both.push((Some(sent), found.and_then(|index| theirs.get(index))));
    }
    both.extend(theirs.iter().zip(&matched).filter(|(_, matched)| !**matched).map(|(sent, _)| (None, Some(sent))));
    let time = |(a, b): &(Option<&Sent>, Option<&Sent>)| match (a, b) {
        (Some(a), Some(b)) => a.time.min(b.time),
        (Some(one), None) | (None, Some(one)) => one.time,
        (None, None) => Duration::MAX,
    };
    both.sort_by_key(time);
    let rows: Vec<Row> = both
        .iter()
        .map(|(a, b)| Row {
            a: a.map(|sent| sent.entry),
            b: b.map(|sent| sent.entry),
            differs: a.map(|sent| sent.fate.name()) != b.map(|sent| sent.fate.name()),
        })
        .collect();
    let first_difference = rows.iter().position(|row| row.differs);
    let deciding = deciding(&both, a.result().outcome, b.result().outcome);
    Comparison { rows, first_difference, deciding }
}

/// The better outcome comes first.
const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Direct => 0,
        Outcome::Relayed => 1,
        Outcome::Failed => 2,
    }
}

/// The first check that arrives at the other agent in the better run, and in the other does not.
fn deciding(both: &[(Option<&Sent>, Option<&Sent>)], a: Outcome, b: Outcome) -> Option<Deciding> {
    if a == b {
        return None;
    }
    let a_is_better = rank(a) < rank(b);
    let arrived = |sent: Option<&Sent>| sent.is_some_and(|sent| sent.check && sent.fate == Fate::Arrived);
    let direct_wanted = rank(a.min_rank(b)) == 0;
    let row = both.iter().position(|(a, b)| {
        let (better, worse) = if a_is_better { (*a, *b) } else { (*b, *a) };
        arrived(better) && !arrived(worse) && better.is_some_and(|sent| !direct_wanted || !sent.by_relay)
    })?;
    let (one, other) = both.get(row)?;
    let (better, worse) = if a_is_better { ((*one)?, *other) } else { ((*other)?, *one) };
    let (rule, why) = reasons(better, worse);
    Some(Deciding { row, rule, why })
}

impl Outcome {
    fn min_rank(self, other: Self) -> Self {
        if rank(self) <= rank(other) { self } else { other }
    }
}

fn reasons(better: &Sent, worse: Option<&Sent>) -> (&'static str, String) {
    let against = match worse.map(|sent| (sent.fate, &sent.network)) {
        Some((Fate::Dropped(reason), network)) => format!("{network} {reason}"),
        Some((Fate::Lost, _)) => "it was lost".into(),
        Some((Fate::NoRoute, _)) => "no way leads to its address".into(),
        _ => "it is not sent".into(),
    };
    if better.by_relay {
        let why = "the relay passes it on: a permission is for an address, whatever the port";
        return ("RFC 8656 §9", format!("{why}; in the other run {against}"));
    }
    let (rule, why) = match better.let_in {
        Some(reason) => (rule_of(reason), format!("{} {reason}", better.network)),
        None => ("RFC 8445 §7.2.4", "nothing stands in its way".into()),
    };
    (rule, format!("{why}; in the other run {against}"))
}

const fn rule_of(reason: Reason) -> &'static str {
    match reason {
        Reason::NewMapping(_) | Reason::KnownMapping(_) | Reason::NoMapping => "RFC 4787 §4.1",
        Reason::NoHairpin | Reason::Land => "RFC 4787 §6",
        _ => "RFC 4787 §5",
    }
}

/// Every message of a run, in order.
fn messages(run: &Simulation) -> Vec<Sent> {
    let mut all: Vec<Sent> = Vec::new();
    let mut by_packet: BTreeMap<u64, usize> = BTreeMap::new();
    for (entry, line) in run.trace().iter().enumerate() {
        match &line.what {
            What::Signal { from, to, message: signalled, .. } => {
                let kind = format!("{}>{} {}", run.host_name(*from), run.host_name(*to), signal(signalled));
                all.push(Sent { fate: Fate::Arrived, ..sent(entry, line, kind) });
            }
            What::Packet(Trace::Sent { host, packet, .. }) => {
                by_packet.insert(packet.id, all.len());
                let from = run.host_name(*host);
                let to = destination(run, packet.destination);
                let words = words(packet);
                let check = is_agent(run, from) && words.contains("binding request") && !is_server(run, &to);
                let by_relay = words.contains(": binding request");
                let kind = format!("{from}>{to} {words}");
                all.push(Sent {
                    check: check || (by_relay && is_server(run, from)),
                    by_relay,
                    ..sent(entry, line, kind)
                });
            }
            What::Packet(trace) => {
                let Some((id, fate, reason)) = fate(trace) else { continue };
                let Some(sent) = by_packet.get(&id).and_then(|at| all.get_mut(*at)) else { continue };
                if let Some((network, reason)) = reason {
                    sent.network = run.network_name(network).into();
                    sent.let_in = Some(reason);
                }
                sent.fate = fate.unwrap_or(sent.fate);
            }
            What::Decision { .. } | What::Happened(_) => {}
        }
    }
    all
}

const fn sent(entry: usize, line: &Entry, kind: String) -> Sent {
    Sent {
        entry,
        time: line.time,
        kind,
        fate: Fate::OnItsWay,
        let_in: None,
        network: String::new(),
        check: false,
        by_relay: false,
    }
}

/// A NAT and its reason.
type Decided = (super::NatId, Reason);

/// The packet's number, how it ended if it did, and the NAT that decided.
fn fate(trace: &Trace) -> Option<(u64, Option<Fate>, Option<Decided>)> {
    Some(match trace {
        Trace::Sent { .. } => return None,
        Trace::Received { packet, .. } => (packet.id, Some(Fate::Arrived), None),
        Trace::Lost { id, .. } => (*id, Some(Fate::Lost), None),
        Trace::NoRoute { id, .. } => (*id, Some(Fate::NoRoute), None),
        Trace::Nat { nat, decision, packet } if decision.reason.passes() => {
            (packet.id, None, Some((*nat, decision.reason)))
        }
        Trace::Nat { nat, decision, packet } => {
            (packet.id, Some(Fate::Dropped(decision.reason)), Some((*nat, decision.reason)))
        }
    })
}

/// A packet in words without the addresses and ports that differ from run to run.
fn words(packet: &Packet) -> String {
    let text = message(packet);
    text.split(' ').filter(|word| word.parse::<SocketAddr>().is_err()).collect::<Vec<_>>().join(" ")
}

/// The host that has an address; of an address of no host, as a NAT's, the network.
fn destination(run: &Simulation, to: SocketAddr) -> String {
    let scenario = run.scenario();
    if let Some(host) = scenario.hosts.iter().find(|host| host.addresses.contains(&to.ip())) {
        return host.name.clone();
    }
    let network = scenario.networks.iter().find(|network| network.nat.addresses.contains(&to.ip()));
    network.map_or_else(|| to.ip().to_string(), |network| network.name.clone())
}

fn is_agent(run: &Simulation, name: &str) -> bool {
    run.scenario().hosts.iter().any(|host| host.name == name && matches!(host.run, Program::Ice { .. }))
}

fn is_server(run: &Simulation, name: &str) -> bool {
    run.scenario().hosts.iter().any(|host| host.name == name && !matches!(host.run, Program::Ice { .. }))
}

const fn signal(message: &Message) -> &'static str {
    match message {
        Message::Parameters { .. } => "parameters",
        Message::Candidate(_) => "candidate",
        Message::EndOfCandidates => "end",
        Message::Acknowledgement => "acknowledgement",
    }
}

impl Comparison {
    /// `rows`, `firstDifference` and `deciding`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rows: Vec<_> =
            self.rows.iter().map(|row| json!({ "a": row.a, "b": row.b, "differs": row.differs })).collect();
        let deciding = self.deciding.as_ref().map(|it| json!({ "row": it.row, "rule": it.rule, "why": it.why }));
        json!({ "rows": rows, "firstDifference": self.first_difference, "deciding": deciding })
    }
}
