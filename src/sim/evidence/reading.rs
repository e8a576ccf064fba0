//! Facts about each side's network, and the parts of the evidence that show them.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{EndSeen, Evidence, PairSeen, SideSeen};
use crate::browser::evidence::{Failure, Gathering, Sighting};
use crate::browser::server::{Scheme, Server};
use crate::candidate::{self, CandidateType};
use crate::nat::{Behaviour, Verdict, infer};

/// `icecandidateerror`'s code for "no answer".
const NO_ANSWER: u16 = 701;

/// An end of the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// The side the evidence is from; `L` in the scenario.
    Local,
    /// The other; `R`.
    Remote,
}

impl End {
    /// The host's name in the scenario.
    #[must_use]
    pub const fn host(self) -> &'static str {
        match self {
            Self::Local => "L",
            Self::Remote => "R",
        }
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Local => 0,
            Self::Remote => 1,
        }
    }
}

/// Something that the scenario takes from the evidence: it is given, and proves nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fact {
    /// Code of the fact: `open`, `mapping`, `filtering`, `blocked`, `relay`, `relay-refused`, `server-silent`, `same-network`.
    pub code: &'static str,
    /// Side that it is about.
    pub end: End,
    /// The value, as the scenario has it.
    pub value: String,
    /// By what: `servers`, `ports`, `new-port-seen`, `same-port-used`, `new-port-let-in`, `new-address-let-in`, `relay-over-tcp`,
    /// `no-answer`, `no-relay`, `error`, `report`, `candidate`.
    pub by: &'static str,
}

impl Fact {
    /// Place in the scenario, as a JSON pointer (RFC 6901); of what belongs to no one place, the part it is in.
    #[must_use]
    pub fn path(&self) -> String {
        let network = self.end.index();
        match self.code {
            "mapping" => format!("/networks/{network}/nat/mapping"),
            "filtering" => format!("/networks/{network}/nat/filtering"),
            "blocked" => format!("/networks/{network}/nat/blocksUdp"),
            "open" => format!("/networks/{network}/nat/classic"),
            _ => "/hosts".into(),
        }
    }

    /// By what it is known, as a sentence.
    #[must_use]
    pub fn why(&self) -> &'static str {
        match self.by {
            "servers" => "The candidates name the servers that saw each address.",
            "ports" => "It signalled several ports of one address: another for each server.",
            "new-port-seen" => "Its checks came from a port that it had not signalled.",
            "same-port-used" => "Its checks came from the port that a server had seen.",
            "new-address-let-in" => "A packet came in from an address that was never contacted.",
            "no-relay" => "A relay was asked for, and no relayed candidate came.",
            "new-port-let-in" => "A packet came in from a port that was never contacted.",
            "relay-over-tcp" => "It has a relayed candidate and no reflexive one: it reached the server over TCP only.",
            "no-answer" => "No server answered over UDP.",
            "error" => "The browser told the server's error.",
            "report" => "The NAT report says so.",
            _ => "Its candidates show it.",
        }
    }
}

/// How an end reaches its relay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Relay {
    /// None was asked, as far as is known.
    None,
    /// A relayed address was had.
    Works,
    /// The server refused: wrong credentials.
    Refused,
    /// No answer came.
    Silent,
    /// One was asked, and the evidence ends before it could answer.
    Unseen,
}

/// Facts about one end.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Local addresses that are shown.
    pub hosts: Vec<IpAddr>,
    /// The port of its first host candidate.
    pub port: Option<u16>,
    /// External addresses.
    pub exits: Vec<IpAddr>,
    /// Server-reflexive candidates, address and port.
    pub reflexive: Vec<SocketAddr>,
    /// Relayed addresses.
    pub relayed: Vec<SocketAddr>,
    /// It has an address of its own outside: nothing is translated.
    pub open: bool,
    pub mapping: Option<(Behaviour, &'static str)>,
    /// The mapping depends on the destination, and nothing says whether on its port.
    pub mapping_ambiguous: bool,
    pub filtering: Option<(Behaviour, &'static str)>,
    /// The filter let a port in that was never contacted, so it is this or weaker.
    pub lets_new_port_in: bool,
    /// The filter let an address in that was never contacted.
    pub lets_new_address_in: bool,
    /// Every server kept silent, and how many addresses those are.
    pub silent_servers: Option<usize>,
    /// Servers were asked over UDP, and the evidence ends before they could answer.
    pub answers_unseen: bool,
    pub blocked_by_report: bool,
    pub relay: Relay,
    /// Its relay is reached over TCP or TLS only.
    pub relay_over_tcp: bool,
    /// No candidate of it is known.
    pub empty: bool,
    /// All that it signalled are relayed.
    pub relay_only: bool,
    /// Some host candidate of it was seen.
    pub has_host: bool,
}

/// Both ends.
#[derive(Clone, Debug)]
pub(super) struct Readings {
    pub ends: [Reading; 2],
    /// Both are behind the same NAT.
    pub same_network: bool,
}

impl Readings {
    pub(super) fn of(evidence: &Evidence) -> Self {
        // Of what was cut before a side had gathered, candidates may be lacking.
        let whole = |side: &SideSeen| evidence.cut.is_none() || side.gathered.is_some();
        let read = |side, local| read(side, local, whole(side));
        let mut ends = [read(&evidence.local, true), read(&evidence.remote, false)];
        for pair in &evidence.pairs {
            learn(pair, &mut ends);
        }
        let [local, remote] = &ends;
        let shared = local.exits.iter().any(|exit| remote.exits.contains(exit) && !local.open && !remote.open);
        let near = |pair: &PairSeen| {
            let inside = [&pair.local, &pair.remote].iter().all(|end| {
                end.kind == "host" || (end.kind == "prflx" && address(&end.address).is_some_and(|it| private(it.ip())))
            });
            pair.answered > 0 && inside && !(local.open || remote.open)
        };
        let same_network = shared || evidence.pairs.iter().any(near);
        Self { ends, same_network }
    }

    pub(super) fn end(&self, end: End) -> &Reading {
        let [local, remote] = &self.ends;
        match end {
            End::Local => local,
            End::Remote => remote,
        }
    }
}

pub(super) fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || shared_space(ip),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// 100.64.0.0/10 (RFC 6598).
fn shared_space(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && second & 0xc0 == 64
}

/// Facts about a side. `whole`: all its candidates are there, so that what lacks tells something too.
fn read(side: &SideSeen, local: bool, whole: bool) -> Reading {
    let mut reading = Reading {
        hosts: Vec::new(),
        port: None,
        exits: Vec::new(),
        reflexive: Vec::new(),
        relayed: Vec::new(),
        open: false,
        mapping: None,
        mapping_ambiguous: false,
        filtering: None,
        lets_new_port_in: false,
        lets_new_address_in: false,
        silent_servers: None,
        answers_unseen: false,
        blocked_by_report: false,
        relay: Relay::None,
        relay_over_tcp: false,
        empty: true,
        relay_only: side.relay_only,
        has_host: false,
    };
    for seen in &side.candidates {
        take_candidate(&mut reading, &seen.line);
    }
    reading.empty = !reading.has_host && reading.reflexive.is_empty() && reading.relayed.is_empty();
    reading.relay_only |= whole && !reading.empty && !reading.has_host && reading.reflexive.is_empty();
    reading.open = reading.reflexive.is_empty() && reading.hosts.iter().any(|ip| !private(*ip));
    read_servers(&mut reading, side, local, whole);
    read_mapping(&mut reading, side, local);
    take_report(&mut reading, side);
    reading
}

fn take_candidate(reading: &mut Reading, line: &str) {
    let parsed = candidate::parse(line);
    let Some(candidate) = parsed.candidate() else { return };
    if !candidate.transport.eq_ignore_ascii_case("udp") || candidate.component != 1 {
        return;
    }
    let (ip, kind) = (candidate.ip(), candidate.candidate_type());
    if kind == Some(CandidateType::Host) {
        reading.has_host = true;
        reading.port = reading.port.or((candidate.port > 0).then_some(candidate.port));
    }
    // The simulated call is one of IPv4, where there is any.
    let Some(ip) = ip.filter(|ip| ip.is_ipv4() && !ip.is_unspecified()) else { return };
    let address = SocketAddr::new(ip, candidate.port);
    let push = |list: &mut Vec<IpAddr>| {
        if !list.contains(&ip) && list.len() < 4 {
            list.push(ip);
        }
    };
    match kind {
        Some(CandidateType::Host) => push(&mut reading.hosts),
        Some(CandidateType::ServerReflexive) => {
            push(&mut reading.exits);
            if !reading.reflexive.contains(&address) {
                reading.reflexive.push(address);
            }
        }
        Some(CandidateType::Relayed) if !reading.relayed.contains(&address) => reading.relayed.push(address),
        _ => {}
    }
}

fn read_servers(reading: &mut Reading, side: &SideSeen, local: bool, whole: bool) {
    let servers: Vec<_> = side.servers.iter().flatten().filter_map(|url| Server::parse(url)).collect();
    let failed = |server: &Server<'_>, code: fn(u16) -> bool| {
        let same = |url: &str| Server::parse(url).is_some_and(|it| it.host == server.host && it.port == server.port);
        side.errors.iter().any(|error| code(error.code) && same(&error.url))
    };
    let turn: Vec<_> = servers.iter().filter(|server| matches!(server.scheme, Scheme::Turn | Scheme::Turns)).collect();
    if !reading.relayed.is_empty() {
        reading.relay = Relay::Works;
    } else if turn.iter().any(|server| failed(server, |code| (400..700).contains(&code))) {
        reading.relay = Relay::Refused;
    } else if !turn.is_empty() {
        reading.relay = if whole { Relay::Silent } else { Relay::Unseen };
    }
    let over_tcp = |url: &str| Server::parse(url).is_some_and(|server| !server.udp);
    let relays: Vec<_> = side.candidates.iter().filter(|seen| seen.line.contains(" typ relay")).collect();
    let told = relays.iter().filter_map(|seen| seen.url.as_deref()).collect::<Vec<_>>();
    let no_reflexive = reading.reflexive.is_empty() && !reading.open && reading.has_host;
    // A TURN server that is reached over UDP tells the mapped address too (RFC 8656 §7.2): a relayed candidate without a
    // reflexive one came over TCP.
    reading.relay_over_tcp = match told.is_empty() {
        false => told.iter().all(|url| over_tcp(url)),
        true => whole && !relays.is_empty() && no_reflexive && !side.relay_only,
    };
    let udp: Vec<_> = servers.iter().filter(|server| server.udp).collect();
    let nothing = reading.reflexive.is_empty() && (reading.relayed.is_empty() || reading.relay_over_tcp);
    let refused = udp.iter().any(|server| failed(server, |code| code != NO_ANSWER));
    let never_asked = udp.is_empty() || (side.relay_only && turn.is_empty());
    let unanswered = nothing && !refused && !never_asked && !reading.open;
    reading.answers_unseen = unanswered && !whole;
    if unanswered && whole {
        let mut hosts: Vec<_> = udp.iter().map(|server| server.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        reading.silent_servers = Some(hosts.len());
    }
    if !local && reading.relay_over_tcp {
        reading.silent_servers = Some(1);
    }
}

/// The local side's candidates name their servers, and their rules are those of a browser's run; of the other side's there
/// are only the ports.
fn read_mapping(reading: &mut Reading, side: &SideSeen, local: bool) {
    if reading.open {
        reading.mapping = Some((Behaviour::EndpointIndependent, "candidate"));
        return;
    }
    if local {
        let report = infer(&gathering(side).observations());
        match report.paths.first().map(|path| &path.mapping.value) {
            Some(Verdict::Is(mapping)) => reading.mapping = Some((*mapping, "servers")),
            Some(Verdict::Ambiguous(left)) if !left.contains(&Behaviour::EndpointIndependent) => {
                reading.mapping = Some((Behaviour::AddressAndPortDependent, "servers"));
                reading.mapping_ambiguous = true;
            }
            _ => {}
        }
    }
    let one_base = reading.hosts.len() <= 1 && reading.exits.len() == 1;
    if reading.mapping.is_none() && one_base && reading.reflexive.len() > 1 {
        reading.mapping = Some((Behaviour::AddressAndPortDependent, "ports"));
        reading.mapping_ambiguous = true;
    }
}

fn gathering(side: &SideSeen) -> Gathering {
    let sighting = |seen: &super::CandidateSeen| Sighting { line: seen.line.clone(), url: seen.url.clone() };
    let failure = |seen: &super::ErrorSeen| Failure {
        url: seen.url.clone(),
        code: seen.code,
        text: "no answer".into(),
        after: seen.at.unwrap_or(0.0),
    };
    Gathering {
        servers: side.servers.clone().unwrap_or_default(),
        candidates: side.candidates.iter().map(sighting).collect(),
        failures: side.errors.iter().map(failure).collect(),
        complete: side.gathered.is_some(),
        reports_failures: true,
        ..Gathering::default()
    }
}

fn take_report(reading: &mut Reading, side: &SideSeen) {
    let Some(report) = &side.report else { return };
    let named = |name: &Option<String>| name.as_deref().and_then(Behaviour::from_name);
    if let Some(mapping) = named(&report.mapping) {
        reading.mapping = Some((mapping, "report"));
        reading.mapping_ambiguous = false;
    }
    if let Some(filtering) = named(&report.filtering) {
        reading.filtering = Some((filtering, "report"));
    }
    reading.open |= report.open;
    reading.blocked_by_report = report.blocked;
}

/// Facts about the two NATs by the checks of a pair.
fn learn(pair: &PairSeen, [local, remote]: &mut [Reading; 2]) {
    let relayed = pair.local.kind == "relay" || pair.remote.kind == "relay";
    // A check came from a port that was never contacted, past the filter here.
    let arrived = pair.received.unwrap_or(0) > 0 || pair.answered > 0;
    if arrived && pair.remote.kind == "prflx" {
        pass(&pair.remote, relayed, remote, local);
    }
    // The other side saw checks from a port that it had not contacted, past its filter.
    if pair.answered > 0 && pair.local.kind == "prflx" {
        pass(&pair.local, relayed, local, remote);
    }
    // The signalled port answered and sent checks: the mapping towards this side is the one towards the server.
    let same = pair.answered > 0 && pair.received.unwrap_or(0) > 0 && !relayed && pair.remote.kind == "srflx";
    if same && remote.mapping.is_none() {
        remote.mapping = Some((Behaviour::EndpointIndependent, "same-port-used"));
    }
}

/// A check from a peer-reflexive end came in: what it says of the NAT it came from, and of the filter that let it in.
fn pass(end: &EndSeen, relayed: bool, sender: &mut Reading, receiver: &mut Reading) {
    let shown = address(&end.address);
    let Some(port) = shown.map(|it| it.port()).or(end.port) else { return };
    let known = sender.reflexive.iter().any(|it| it.port() == port) || sender.port == Some(port);
    let elsewhere = shown.is_some_and(|it| !sender.exits.contains(&it.ip()));
    if sender.exits.is_empty() && !sender.open {
        // Nothing of its outside was signalled, so nothing was sent there.
        receiver.lets_new_address_in |= !relayed && shown.is_none_or(|it| !private(it.ip()));
        return;
    }
    if known || elsewhere {
        return;
    }
    sender.mapping.get_or_insert((Behaviour::AddressAndPortDependent, "new-port-seen"));
    receiver.lets_new_port_in |= !relayed;
}
