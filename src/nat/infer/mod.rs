//! From observations to a report.
//!
//! Observations are grouped by local address and family, because two interfaces, or IPv4 and IPv6, have nothing to say
//! about each other. Each axis is then a function of its group: it starts from all values and strikes out what the
//! observations exclude. One value left is the verdict; two are *ambiguous*; none is *inconsistent*; all, *unknown*.

mod filtering;
mod mapping;
mod others;
mod ports;
mod set;
mod warnings;

use core::net::{IpAddr, SocketAddr};
use std::collections::{HashMap, HashSet};

use super::axis::{Axis, Behaviour, Verdict};
use super::observation::{Endpoint, Observation, Outcome, Test};
use super::report::{Classic, NatReport, Path, Warning};
use crate::sorting::sort_by;

/// Observations beyond this many are ignored, with a warning.
pub const MAX_OBSERVATIONS: usize = 20_000;
/// Distinct destinations compared per socket; further ones are ignored.
pub const MAX_DESTINATIONS: usize = 64;
/// Paths in a report; observations of further local addresses are ignored, with a warning.
pub const MAX_PATHS: usize = 64;
/// Answering addresses that can serve as proof for a silent test.
const MAX_CONTROLS: usize = 1024;
/// Sockets of one path that are looked at.
const MAX_SOCKETS: usize = 256;

/// An observation with its index in the caller's list.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    index: usize,
    /// Place in the order of time.
    order: usize,
    /// The mapped address may be an ALG's work.
    doubtful: bool,
    what: &'a Observation,
}

/// Observations of one socket, in the order of time.
#[derive(Debug)]
struct Socket<'a> {
    base: &'a Endpoint,
    seen: Vec<Seen<'a>>,
}

/// Observations of one local address in one family.
#[derive(Debug)]
struct Group<'a> {
    family: u8,
    /// Of the first observation.
    base: &'a Endpoint,
    sockets: Vec<Socket<'a>>,
    /// All of it, in the order of time.
    seen: Vec<Seen<'a>>,
    life: Life,
}

impl<'a> Group<'a> {
    fn new(family: u8, base: &'a Endpoint) -> Self {
        Self { family, base, sockets: Vec::new(), seen: Vec::new(), life: Life::default() }
    }
}

/// Signs of life of a path: what makes silence count.
#[derive(Debug, Default)]
struct Life {
    /// Round trips of plain requests that were lost, and answered.
    losses: (u32, u32),
    /// Addresses that answered a plain request themselves, in the order they first did.
    answering: Vec<SocketAddr>,
    /// Place of the last answer to a plain request.
    last: Option<usize>,
    /// Sends of all silent tests of a kind, unless one's are not known. Sockets lose packets independently, so their
    /// silences add up.
    silences: HashMap<SilenceKind, Option<u32>>,
}

/// A test, the address that it should be answered from, and the address that opened the mapping.
type SilenceKind = (Test, Option<IpAddr>, Option<IpAddr>);

fn silence_kind(what: &Observation) -> SilenceKind {
    (what.test, what.expected.map(|expected| expected.ip()), what.destination.address().map(|asked| asked.ip()))
}

impl Life {
    fn of(seen: &[Seen<'_>]) -> Self {
        let plain = || seen.iter().filter(|seen| seen.what.test == Test::Binding);
        let mut answering: Vec<SocketAddr> = Vec::new();
        let mut known: HashSet<SocketAddr> = HashSet::new();
        for what in plain().filter(|seen| seen.what.answered()).map(|seen| seen.what) {
            if let Some(address) = what.destination.address()
                && what.answered_from() == Some(address)
                && answering.len() < MAX_CONTROLS
                && known.insert(address)
            {
                answering.push(address);
            }
        }
        let last = plain().filter(|seen| seen.what.answered()).map(|seen| seen.order).next_back();
        let mut silences: HashMap<SilenceKind, Option<u32>> = HashMap::new();
        for what in seen.iter().map(|seen| seen.what).filter(|what| what.outcome == Outcome::Silence) {
            let total = silences.entry(silence_kind(what)).or_insert(Some(0));
            *total = total.zip(what.sends).map(|(total, sends)| total.saturating_add(sends));
        }
        Self { losses: losses(seen), answering, last, silences }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Host<'a> {
    Ip(IpAddr),
    Name(&'a str),
}

/// Turns observations into a report. They are taken in the order of their times when all have one, else as given.
///
/// A peer-reflexive address ([`Test::Peer`]) is compared with the others only if its [`super::Conditions`] hold, it is
/// of the same family, is not a private address and shares its IP address with another mapping of the same base:
/// without these it says nothing on mapping, whatever is often taught.
#[must_use]
pub fn infer(observations: &[Observation]) -> NatReport {
    let mut warnings = Vec::new();
    if observations.len() > MAX_OBSERVATIONS {
        warnings.push(Warning {
            code: "too-many-observations",
            text: format!("Only the first {MAX_OBSERVATIONS} of {} observations were used.", observations.len()),
        });
    }
    let groups = group(observations.get(..MAX_OBSERVATIONS).unwrap_or(observations), &mut warnings);
    let paths: Vec<Path> = groups.iter().map(|group| path(group, &mut warnings)).collect();
    warnings::across_paths(&paths, &mut warnings);
    let complete = !paths.is_empty() && paths.iter().all(|path| settled(&path.mapping) && settled(&path.filtering));
    NatReport { paths, warnings, complete }
}

const fn settled<T>(axis: &Axis<T>) -> bool {
    matches!(axis.value, Verdict::Is(_) | Verdict::NotApplicable)
}

fn group<'a>(observations: &'a [Observation], warnings: &mut Vec<Warning>) -> Vec<Group<'a>> {
    let mut seen: Vec<Seen<'a>> =
        observations.iter().enumerate().map(|(index, what)| Seen { index, order: 0, doubtful: false, what }).collect();
    if observations.iter().all(|what| what.time.is_some_and(f64::is_finite)) {
        sort_by(&mut seen, |a, b| a.what.time.unwrap_or(0.0).total_cmp(&b.what.time.unwrap_or(0.0)));
    }
    for (order, seen) in seen.iter_mut().enumerate() {
        seen.order = order;
    }
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut group_of: HashMap<(u8, Host<'a>), usize> = HashMap::new();
    let mut socket_of: HashMap<(usize, &'a Endpoint), usize> = HashMap::new();
    let mut ignored = false;
    for item in seen {
        let family = family(item.what);
        let key = (family, host(&item.what.base));
        let at = *group_of.entry(key).or_insert(groups.len());
        if at == groups.len() && at < MAX_PATHS {
            groups.push(Group::new(family, &item.what.base));
        }
        let Some(group) = groups.get_mut(at) else {
            group_of.retain(|_, index| *index < MAX_PATHS);
            ignored = true;
            continue;
        };
        group.seen.push(item);
        let socket = *socket_of.entry((at, &item.what.base)).or_insert(group.sockets.len());
        if socket == group.sockets.len() && socket < MAX_SOCKETS {
            group.sockets.push(Socket { base: &item.what.base, seen: Vec::new() });
        }
        if let Some(socket) = group.sockets.get_mut(socket) {
            socket.seen.push(item);
        }
    }
    for group in &mut groups {
        group.life = Life::of(&group.seen);
        doubt(group);
    }
    if ignored {
        warnings.push(Warning {
            code: "too-many-bases",
            text: format!("Observations of more than {MAX_PATHS} local addresses: the rest was ignored."),
        });
    }
    groups
}

/// Marks the addresses that an ALG may have written: those that had no protection, where one rewrites others or where they
/// are the local address.
fn doubt(group: &mut Group<'_>) {
    let rewrites = group.seen.iter().any(|seen| rewritten(seen.what));
    let sockets = group.sockets.iter_mut().flat_map(|socket| &mut socket.seen);
    for seen in group.seen.iter_mut().chain(sockets) {
        let local = seen.what.mapped().is_some_and(|mapped| Some(mapped.ip()) == seen.what.base.ip());
        seen.doubtful = seen.what.plain_only && (rewrites || local);
    }
}

/// MAPPED-ADDRESS is not what XOR-MAPPED-ADDRESS says beside it.
fn rewritten(what: &Observation) -> bool {
    matches!(what.outcome, Outcome::Answer { mapped: Some(mapped), plain: Some(plain), .. } if mapped != plain)
}

fn host(base: &Endpoint) -> Host<'_> {
    match base {
        Endpoint::Address(address) => Host::Ip(address.ip()),
        Endpoint::Name(name, _) => Host::Name(name),
    }
}

fn family(what: &Observation) -> u8 {
    let address = what.base.address().or_else(|| what.destination.address()).or_else(|| what.mapped());
    if address.is_some_and(|address| address.is_ipv6()) { 6 } else { 4 }
}

fn path(group: &Group<'_>, warnings: &mut Vec<Warning>) -> Path {
    let exits = exits(group);
    let mapping = mapping::axis(group);
    let filtering = filtering::axis(group);
    let (ports, port_figures) = ports::allocation(group);
    let (lifetime, alive_after, dead_after) = others::lifetime(group);
    let classic = classic(group, &mapping, &filtering);
    warnings::of_path(group, &mapping, &filtering, &exits, warnings);
    Path {
        family: group.family,
        base: group.base.clone(),
        hairpin: others::hairpin(group),
        lifetime,
        alive_after,
        dead_after,
        pooling: ports::pooling(group, &exits),
        levels: others::levels(group, &mapping),
        alg: others::alg(group),
        fragments: others::fragments(group),
        ports,
        port_figures,
        exits,
        mapping,
        filtering,
        classic,
    }
}

/// Mapped addresses that say where packets leave: of plain requests, not of what peers or gateways claim.
fn mapped_of(seen: &Seen<'_>) -> Option<SocketAddr> {
    match seen.what.test {
        _ if seen.doubtful => None,
        Test::Binding | Test::ChangeIpPort | Test::ChangePort | Test::Fragments => seen.what.mapped(),
        _ => None,
    }
}

fn exits(group: &Group<'_>) -> Vec<IpAddr> {
    let mut exits: Vec<IpAddr> = Vec::new();
    for ip in group.seen.iter().filter_map(mapped_of).map(|mapped| mapped.ip()) {
        if exits.len() < MAX_DESTINATIONS && !exits.contains(&ip) {
            exits.push(ip);
        }
    }
    exits
}

fn classic(group: &Group<'_>, mapping: &Axis<Behaviour>, filtering: &Axis<Behaviour>) -> Classic {
    use Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
    match (&mapping.value, &filtering.value) {
        (Verdict::NotApplicable, Verdict::Is(EndpointIndependent)) => Classic::Open,
        (Verdict::NotApplicable, Verdict::Is(_)) => Classic::SymmetricFirewall,
        (Verdict::NotApplicable, Verdict::Ambiguous(left)) if !left.contains(&EndpointIndependent) => {
            Classic::SymmetricFirewall
        }
        (Verdict::Is(EndpointIndependent), Verdict::Is(filtering)) => match filtering {
            EndpointIndependent => Classic::FullCone,
            AddressDependent => Classic::RestrictedCone,
            AddressAndPortDependent => Classic::PortRestrictedCone,
        },
        (Verdict::Is(EndpointIndependent), _) => Classic::Cone,
        (Verdict::Is(AddressDependent | AddressAndPortDependent), _) => Classic::Symmetric,
        (Verdict::Ambiguous(left), _) if !left.contains(&EndpointIndependent) => Classic::Symmetric,
        _ if blocked(group) => Classic::Blocked,
        _ => Classic::Unknown,
    }
}

/// Every UDP request was silent while TCP reached a server: UDP is blocked, not the network dead.
fn blocked(group: &Group<'_>) -> bool {
    let silent = |seen: &Seen<'_>| seen.what.test == Test::Binding && seen.what.outcome == Outcome::Silence;
    let spoke = |seen: &Seen<'_>| seen.what.test == Test::Binding && seen.what.outcome != Outcome::Silence;
    let tcp = |seen: &Seen<'_>| seen.what.test == Test::Tcp && seen.what.answered();
    group.seen.iter().any(silent) && !group.seen.iter().any(spoke) && group.seen.iter().any(tcp)
}

/// A silence weighs as much as the chance that the path merely lost all of it.
///
/// With `lost` and `answered` round trips counted on the same path and nothing assumed beforehand (uniform prior), this
/// is the posterior predictive chance that `sends` more round trips are all lost.
pub(in crate::nat) fn chance_all_lost(sends: u32, lost: u32, answered: u32) -> f64 {
    let (alpha, beta) = (f64::from(lost) + 1.0, f64::from(answered) + 1.0);
    (0..sends.min(1000)).map(f64::from).map(|k| (alpha + k) / (alpha + beta + k)).product()
}

/// Round trips lost and answered by plain requests; silence of a destination that never answered says nothing on loss.
fn losses(seen: &[Seen<'_>]) -> (u32, u32) {
    let plain = || seen.iter().filter(|seen| seen.what.test == Test::Binding);
    let alive: HashSet<&Endpoint> =
        plain().filter(|seen| seen.what.answered()).map(|seen| &seen.what.destination).collect();
    let (mut lost, mut answered) = (0_u32, 0_u32);
    for what in plain().map(|seen| seen.what).filter(|what| alive.contains(&what.destination)) {
        let sends = what.sends.unwrap_or(1);
        if what.answered() {
            lost = lost.saturating_add(sends.saturating_sub(1));
            answered = answered.saturating_add(1);
        } else if what.outcome == Outcome::Silence {
            lost = lost.saturating_add(sends);
        }
    }
    (lost, answered)
}
