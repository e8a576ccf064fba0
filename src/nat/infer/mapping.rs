//! Mapping: what the pairs of answers on one socket leave possible.

use core::net::SocketAddr;

use super::set::Set;
use super::{Group, MAX_DESTINATIONS, Seen, Socket};
use crate::nat::axis::{Axis, Behaviour, Verdict};
use crate::nat::observation::{Endpoint, Observation, Source, Test};
use crate::net::{Scope, scope};
use crate::sorting::sort;

/// Confidence in a mapping that differs for every destination, when one socket alone shows it.
const ONE_SOCKET: f64 = 0.9;

/// Confidence in a mapping that differs only by the external address: several ways out look like it.
const TWO_EXITS: f64 = 0.7;

/// One distinct (destination, mapped address) of a socket.
#[derive(Debug)]
struct Entry<'a> {
    destination: &'a Endpoint,
    mapped: SocketAddr,
    index: usize,
    source: Source,
    burst: Option<u32>,
    plain_only: bool,
}

/// How two destinations differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Same,
    OtherPort,
    OtherAddress,
    /// Two names that most likely are two servers.
    OtherName,
    /// Names that may be one server.
    Unclear,
    /// One name, which may be one server or a pool: nothing follows.
    SameName,
}

/// Evidence of one socket.
#[derive(Debug)]
struct Finding {
    state: State,
    confidence: f64,
    evidence: Vec<usize>,
    code: &'static str,
    why: String,
    /// Only requests that left together were compared.
    from_bursts: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is translated.
    Untranslated,
    /// These remain; all of them when nothing was learnt.
    Left(Set),
}

/// The mapping axis of a path: each socket by itself, then all together.
pub(super) fn axis(group: &Group<'_>) -> Axis<Behaviour> {
    let mut findings: Vec<Finding> = group.sockets.iter().map(|socket| of_socket(group, socket)).collect();
    let decided = |finding: &&Finding| finding.state != State::Left(Set::ALL);
    let untranslated = findings.iter().filter(|finding| finding.state == State::Untranslated).count();
    if untranslated > 0 && findings.iter().filter(decided).count() > untranslated {
        let evidence = findings.iter().filter(decided).flat_map(|finding| finding.evidence.clone()).collect();
        return Axis::new(
            Verdict::Inconsistent,
            0.0,
            evidence,
            "some-sockets-translated",
            "One socket is seen under its own address and another is not: they take different ways out.".into(),
        );
    }
    let mut together = Set::ALL;
    for finding in &findings {
        if let State::Left(set) = finding.state {
            together = together.and(set);
        }
    }
    if together == Set::NONE && findings.iter().all(|finding| finding.state != State::Left(Set::NONE)) {
        let evidence = findings.iter().filter(decided).flat_map(|finding| finding.evidence.clone()).collect();
        return Axis::new(Verdict::Inconsistent, 0.0, evidence, "sockets-disagree",
            "Sockets of the same local address were mapped in different ways: the NAT does not always behave the same (RFC 4787 REQ-11).".into());
    }
    // Of requests that left together, the others may contradict, and prove nothing.
    if group.seen.iter().any(|seen| seen.what.burst.is_some()) {
        let proves = |finding: &Finding| {
            finding.from_bursts || matches!(finding.state, State::Untranslated | State::Left(Set::NONE))
        };
        findings.retain(proves);
    }
    // A NAT that falters (RFC 4787 REQ-11) may do so for every destination of a socket.
    let differs = |finding: &&Finding| matches!(finding.state, State::Left(set) if set == Set::of(Behaviour::AddressAndPortDependent));
    let alone = findings.iter().filter(differs).count() == 1;
    let best = findings.into_iter().min_by(|a, b| rank(a).cmp(&rank(b)).then(b.confidence.total_cmp(&a.confidence)));
    match best {
        None => Axis::unknown(Vec::new(), "untested", "No request was sent."),
        Some(finding) => {
            let value = match finding.state {
                State::Untranslated => Verdict::NotApplicable,
                State::Left(set) => set.verdict(),
            };
            let confidence = if alone { finding.confidence.min(ONE_SOCKET) } else { finding.confidence };
            Axis::new(value, confidence, finding.evidence, finding.code, finding.why)
        }
    }
}

/// Inconsistent first, then the most decided; of those that say nothing, the one that knows most.
fn rank(finding: &Finding) -> u32 {
    match finding.state {
        State::Untranslated => 1,
        State::Left(set) if set == Set::ALL => 10_u32.saturating_sub(finding.evidence.len().min(5) as u32),
        State::Left(set) => set.len(),
    }
}

fn of_socket(group: &Group<'_>, socket: &Socket<'_>) -> Finding {
    let entries = entries(socket);
    let hidden: Vec<&Seen<'_>> = socket.seen.iter().filter(|seen| is_hidden(seen)).take(MAX_DESTINATIONS).collect();
    let evidence: Vec<usize> =
        entries.iter().map(|entry| entry.index).chain(hidden.iter().map(|seen| seen.index)).collect();
    let bursts = has_bursts(socket);
    let nothing = |code, why: String| Finding {
        state: State::Left(Set::ALL),
        confidence: 0.0,
        evidence: evidence.clone(),
        code,
        why,
        from_bursts: bursts,
    };
    let Some(first) = entries.first() else {
        return no_answer(socket);
    };
    if let Some(finding) = untranslated(socket, &entries, &evidence) {
        return finding;
    }
    if let Some(finding) = moved(&entries) {
        return finding;
    }
    if let Some(crowded) = crowded(group, socket) {
        return nothing(
            "never-together",
            format!(
                "{crowded} answers by itself, but not beside requests to others: the NAT keeps few mappings or changed during the test."
            ),
        );
    }
    let mut set = Set::ALL;
    let (mut compared, mut unclear, mut by_name) = (false, false, false);
    for (i, a) in entries.iter().enumerate() {
        for b in entries.iter().take(i) {
            let together = !bursts || a.burst.is_some() && a.burst == b.burst;
            let by_peer = a.source == Source::Peer || b.source == Source::Peer;
            if a.mapped.ip() != b.mapped.ip() || !(together || by_peer) {
                continue;
            }
            let relation = relation(a.destination, b.destination);
            compared |= !matches!(relation, Relation::Same | Relation::SameName);
            unclear |= relation == Relation::Unclear;
            by_name |= relation == Relation::OtherName;
            set = set.and(allowed(relation, a.mapped == b.mapped));
        }
    }
    for seen in &hidden {
        set = set.and(allowed_hidden(seen, &entries, &mut unclear, &mut by_name));
        compared = true;
    }
    if !compared {
        return match destinations(&entries) {
            1 => nothing(
                "one-destination",
                format!(
                    "Only {} answered, and it takes two servers to see whether the mapping depends on the destination.",
                    first.destination
                ),
            ),
            _ if entries.iter().any(|entry| entry.mapped.ip() != first.mapped.ip()) => {
                nothing("several-exits", several_exits(&entries))
            }
            count => nothing(
                "never-together",
                format!(
                    "{count} destinations answered, but never two of the requests that left at the same moment: packets were lost, or the NAT keeps few mappings or changed during the test."
                ),
            ),
        };
    }
    if set == Set::ALL {
        return nothing("maybe-one-server", "The servers are known by name only and may be one and the same: give addresses, or servers of two operators.".into());
    }
    if set == Set::of(Behaviour::EndpointIndependent)
        && entries.iter().any(|entry| entry.mapped.ip() != first.mapped.ip())
    {
        // One socket under two external addresses: not one mapping for all (RFC 4787 §4.1), whatever chooses between them.
        let state = State::Left(Set::ALL.without(Behaviour::EndpointIndependent));
        let why = format!(
            "One socket was seen under several external addresses ({}): the mapping is not the same for every destination, or there are several ways out.",
            list(&entries)
        );
        return Finding { state, confidence: TWO_EXITS, evidence, code: "differs-by-exit", why, from_bursts: bursts };
    }
    let steady = steady(socket);
    let from_browser = !hidden.is_empty() || entries.iter().any(|entry| entry.source == Source::Peer);
    let cap = if by_name || unclear || entries.iter().all(|entry| entry.plain_only) {
        0.8
    } else if from_browser {
        0.9
    } else {
        1.0
    };
    let confidence = confidence(set, destinations(&entries) + hidden.len(), steady).min(cap);
    let (code, why) = sentence(set, first.mapped, &entries, hidden.len(), steady);
    Finding { state: State::Left(set), confidence, evidence, code, why, from_bursts: bursts }
}

/// A destination that never answered a burst of this socket, but a request that left alone.
fn crowded<'a>(group: &Group<'a>, socket: &Socket<'a>) -> Option<&'a Endpoint> {
    let in_bursts = || socket.seen.iter().map(|seen| seen.what).filter(|what| what.burst.is_some());
    in_bursts().filter(|what| !what.answered()).map(|what| &what.destination).take(MAX_DESTINATIONS).find(|asked| {
        let of = |what: &Observation| what.destination == **asked && what.answered();
        !in_bursts().any(of) && group.seen.iter().any(|seen| seen.what.burst.is_none() && of(seen.what))
    })
}

fn has_bursts(socket: &Socket<'_>) -> bool {
    socket.seen.iter().any(|seen| seen.what.burst.is_some())
}

fn entries<'a>(socket: &Socket<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let protected = |seen: &Seen<'_>| seen.what.test == Test::Binding && !seen.what.plain_only;
    let has_protected = socket.seen.iter().any(|seen| protected(seen) && seen.what.mapped().is_some());
    for seen in &socket.seen {
        let Some(mapped) = seen.what.mapped() else { continue };
        let usable = match seen.what.test {
            Test::Binding => protected(seen) || !has_protected,
            Test::Peer => peer_counts(seen, &entries),
            _ => false,
        };
        let known = |entry: &Entry<'_>| {
            *entry.destination == seen.what.destination && entry.mapped == mapped && entry.burst == seen.what.burst
        };
        if usable && entries.len() < MAX_DESTINATIONS && !entries.iter().any(known) {
            let source = if seen.what.test == Test::Peer { Source::Peer } else { seen.what.source };
            let Observation { destination, burst, plain_only, .. } = seen.what;
            let entry =
                Entry { destination, mapped, index: seen.index, source, burst: *burst, plain_only: *plain_only };
            entries.push(entry);
        }
    }
    entries
}

/// A peer-reflexive address is comparable only under all its conditions (module docs of `infer`).
pub(super) fn peer_reason(seen: &Seen<'_>) -> Option<&'static str> {
    let mapped = seen.what.mapped()?;
    let conditions = seen.what.conditions;
    if !conditions.all_signalled {
        Some("not all candidates of the sender had arrived, so an ordinary candidate may look peer-reflexive")
    } else if !conditions.same_base {
        Some("it may come from another base: the low 24 bits of its PRIORITY were not matched")
    } else if !conditions.not_relay {
        Some("it may come from a relay")
    } else if !conditions.same_generation {
        Some("the network may have changed, ICE restarted or the mapping expired since")
    } else if scope(mapped.ip()) != Scope::Global {
        Some("it is a local address: the peer is on the same network or the NAT hairpins with the internal source")
    } else if seen.what.base.address().is_some_and(|base| base.is_ipv4() != mapped.is_ipv4()) {
        Some("it is of the other address family")
    } else {
        None
    }
}

fn peer_counts(seen: &Seen<'_>, entries: &[Entry<'_>]) -> bool {
    let same_exit = |entry: &Entry<'_>| Some(entry.mapped.ip()) == seen.what.mapped().map(|mapped| mapped.ip());
    peer_reason(seen).is_none() && entries.iter().any(same_exit)
}

fn no_answer(socket: &Socket<'_>) -> Finding {
    let asked: Vec<&Seen<'_>> = socket.seen.iter().filter(|seen| seen.what.test == Test::Binding).collect();
    let evidence = asked.iter().map(|seen| seen.index).take(MAX_DESTINATIONS).collect();
    let (code, why) = if asked.is_empty() {
        ("untested", "No plain Binding request was sent.".into())
    } else {
        ("no-answer", format!("None of {} requests was answered with an address.", asked.len()))
    };
    let from_bursts = has_bursts(socket);
    Finding { state: State::Left(Set::ALL), confidence: 0.0, evidence, code, why, from_bursts }
}

fn untranslated(socket: &Socket<'_>, entries: &[Entry<'_>], evidence: &[usize]) -> Option<Finding> {
    let base = socket.base.address().filter(|base| !base.ip().is_unspecified() && base.port() != 0)?;
    let same = entries.iter().filter(|entry| entry.mapped == base).count();
    if same == 0 {
        return None;
    }
    let evidence = evidence.to_vec();
    if entries.iter().all(|entry| entry.plain_only) {
        return Some(Finding {
            state: State::Left(Set::ALL),
            confidence: 0.0,
            evidence,
            from_bursts: has_bursts(socket),
            code: "maybe-rewritten",
            why: format!(
                "The answers name the local address {base}, but in MAPPED-ADDRESS alone, which something on the way may rewrite: whether anything is translated can't be told. Ask a server that knows XOR-MAPPED-ADDRESS."
            ),
        });
    }
    if same == entries.len() {
        let confidence = if same > 1 { 0.99 } else { 0.95 };
        return Some(Finding {
            state: State::Untranslated,
            confidence,
            evidence,
            from_bursts: false,
            code: "untranslated",
            why: format!("The server sees {base}, the local address itself: nothing is translated."),
        });
    }
    Some(Finding {
        state: State::Left(Set::NONE),
        confidence: 0.0,
        evidence,
        from_bursts: false,
        code: "some-destinations-translated",
        why: format!(
            "{same} of {} servers see the local address {base}, the others do not: traffic takes different ways out, as with a split-tunnel VPN.",
            entries.len()
        ),
    })
}

/// The same destination saw two addresses: the mapping was replaced meanwhile, so nothing can be compared.
fn moved(entries: &[Entry<'_>]) -> Option<Finding> {
    for (i, later) in entries.iter().enumerate() {
        if later.destination.address().is_none() {
            continue; // a name may stand for several servers
        }
        let changed = |entry: &&Entry<'_>| entry.destination == later.destination && entry.mapped != later.mapped;
        let Some(earlier) = entries.iter().take(i).find(changed) else { continue };
        return Some(Finding {
            state: State::Left(Set::NONE),
            confidence: 0.0,
            evidence: vec![earlier.index, later.index],
            from_bursts: false,
            code: "mapping-replaced",
            why: format!(
                "{} saw {} first and {} later: the mapping was replaced, so the NAT changed during the test and the answers can't be compared.",
                earlier.destination, earlier.mapped, later.mapped
            ),
        });
    }
    None
}

fn relation(a: &Endpoint, b: &Endpoint) -> Relation {
    match (a, b) {
        (Endpoint::Address(a), Endpoint::Address(b)) if a == b => Relation::Same,
        (Endpoint::Address(a), Endpoint::Address(b)) if a.ip() == b.ip() => Relation::OtherPort,
        (Endpoint::Address(_), Endpoint::Address(_)) => Relation::OtherAddress,
        (Endpoint::Name(..), Endpoint::Name(..)) if a == b => Relation::SameName,
        (Endpoint::Name(a, _), Endpoint::Name(b, _)) if operator(a) != operator(b) => Relation::OtherName,
        _ => Relation::Unclear,
    }
}

/// The last two labels of a name. Names that share them may be one server.
fn operator(name: &str) -> &str {
    let name = name.trim_end_matches('.');
    name.rmatch_indices('.').nth(1).and_then(|(dot, _)| name.get(dot + 1..)).unwrap_or(name)
}

/// Mappings that remain possible when two destinations saw equal or different mapped addresses of one external IP.
fn allowed(relation: Relation, equal: bool) -> Set {
    use Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
    match (relation, equal) {
        (Relation::Same, true) | (Relation::SameName, _) => Set::ALL,
        (Relation::Same, false) => Set::NONE,
        (Relation::OtherPort, true) => Set::ALL.without(AddressAndPortDependent),
        (Relation::OtherPort, false) => Set::of(AddressAndPortDependent),
        (Relation::OtherAddress | Relation::OtherName, true) => Set::of(EndpointIndependent),
        (Relation::OtherAddress | Relation::OtherName, false) => Set::ALL.without(EndpointIndependent),
        (Relation::Unclear, true) => Set::ALL,
        (Relation::Unclear, false) => Set::of(AddressDependent).or(Set::of(AddressAndPortDependent)),
    }
}

/// Of candidates only: an answer to a TURN loopback's control has no mapped address and hides none.
fn is_hidden(seen: &Seen<'_>) -> bool {
    let Observation { test, source, .. } = seen.what;
    *test == Test::Binding && *source == Source::Srflx && seen.what.answered() && seen.what.mapped().is_none()
}

/// A server answered and the browser dropped the candidate as equal to one that it shows: any of them may be meant, so
/// what remains is what remains for one of them at least.
fn allowed_hidden(seen: &Seen<'_>, entries: &[Entry<'_>], unclear: &mut bool, by_name: &mut bool) -> Set {
    let relations: Vec<Relation> =
        entries.iter().map(|entry| relation(&seen.what.destination, entry.destination)).collect();
    *unclear |= relations.contains(&Relation::Unclear);
    *by_name |= relations.contains(&Relation::OtherName);
    let if_equal_to = |mapped: SocketAddr| {
        let comparable = entries.iter().zip(&relations).filter(|(entry, _)| entry.mapped.ip() == mapped.ip());
        comparable.fold(Set::ALL, |set, (entry, relation)| set.and(allowed(*relation, entry.mapped == mapped)))
    };
    entries.iter().fold(Set::NONE, |set, entry| set.or(if_equal_to(entry.mapped)))
}

/// A destination was asked again after another, and saw the same address.
fn steady(socket: &Socket<'_>) -> bool {
    let mut answers = socket.seen.iter().filter(|seen| seen.what.test == Test::Binding && seen.what.mapped().is_some());
    let Some(first) = answers.next() else { return false };
    let mut left = false;
    for seen in answers {
        let same = seen.what.destination == first.what.destination;
        if same && left {
            return seen.what.mapped() == first.what.mapped();
        }
        left |= !same;
    }
    false
}

fn confidence(set: Set, answers: usize, steady: bool) -> f64 {
    if set.len() != 1 && set != Set::ALL.without(Behaviour::EndpointIndependent) {
        return 0.0;
    }
    match (steady, answers) {
        (true, 3..) => 0.99,
        (true, _) => 0.97,
        (false, 3..) => 0.95,
        (false, _) => 0.9,
    }
}

/// How many destinations answered.
fn destinations(entries: &[Entry<'_>]) -> usize {
    let mut addresses: Vec<&Endpoint> = entries.iter().map(|entry| entry.destination).collect();
    sort(&mut addresses);
    addresses.dedup();
    addresses.len()
}

fn several_exits(entries: &[Entry<'_>]) -> String {
    let mut ports = entries.iter().map(|entry| entry.mapped.port());
    let first = ports.next();
    let same_port = ports.all(|port| Some(port) == first);
    let servers = destinations(entries);
    let mut exits: Vec<_> = entries.iter().map(|entry| entry.mapped.ip()).collect();
    sort(&mut exits);
    exits.dedup();
    let exits = exits.len();
    if same_port {
        format!(
            "{servers} servers saw {exits} external addresses with the same port: several ways out or a pool of addresses, so the mapping can't be compared."
        )
    } else {
        format!(
            "{servers} servers saw {exits} external addresses with different ports: either the mapping depends on the destination or there are several ways out."
        )
    }
}

fn sentence(set: Set, first: SocketAddr, entries: &[Entry<'_>], hidden: usize, steady: bool) -> (&'static str, String) {
    use Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
    let count = destinations(entries) + hidden;
    let again = if steady { ", and the first saw the same again at the end" } else { "" };
    if set == Set::NONE {
        return (
            "contradiction",
            format!(
                "The {count} answers fit no kind of mapping: the NAT does not always behave the same, or the mapping was replaced meanwhile."
            ),
        );
    }
    if set == Set::of(EndpointIndependent) {
        return ("same-everywhere", format!("{count} destinations on different addresses saw {first}{again}."));
    }
    if set == Set::of(AddressDependent) {
        return (
            "differs-by-address",
            format!(
                "Destinations on one address saw one mapping, those on another address another ({}){again}.",
                list(entries)
            ),
        );
    }
    if set == Set::of(AddressAndPortDependent) {
        return (
            "differs-by-port",
            format!("Even two ports of one address saw different mappings ({}){again}.", list(entries)),
        );
    }
    if set.contains(EndpointIndependent) {
        return (
            "one-address-asked",
            format!("Destinations saw {first}, but all may be on one address: ask a server on a second address."),
        );
    }
    (
        "differs",
        format!(
            "Different servers saw different mappings ({}){again}. Whether the port matters too takes a second port on one of the addresses.",
            list(entries)
        ),
    )
}

/// At most four mappings, for a sentence.
fn list(entries: &[Entry<'_>]) -> String {
    let mut distinct: Vec<(&Endpoint, SocketAddr)> = Vec::new();
    for entry in entries {
        if !distinct.contains(&(entry.destination, entry.mapped)) {
            distinct.push((entry.destination, entry.mapped));
        }
    }
    let shown: Vec<String> = distinct.iter().take(4).map(|(to, mapped)| format!("{to} → {mapped}")).collect();
    format!("{}{}", shown.join(", "), if distinct.len() > 4 { ", …" } else { "" })
}
