//! Observations that follow from what a browser gathered.
//!
//! A browser shows less than a socket: equal server-reflexive candidates are dropped, local addresses hide behind
//! `.local` names, and Firefox does not say which server a candidate came from. The rules here say what is still known.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use super::server::Server;
use crate::candidate::{self, Candidate, CandidateType};
use crate::nat::{Endpoint, Observation, Outcome, Source, Test};
use crate::net::{Scope, scope};

/// Candidates of one run beyond this many are not looked at; browsers gather a few dozen.
pub const MAX_CANDIDATES: usize = 256;
/// Servers of one run beyond this many are not looked at.
pub const MAX_SERVERS: usize = 32;

/// `icecandidateerror`'s code for "no answer".
const NO_ANSWER: u16 = 701;
/// Chromium's preference of IPv4 addresses: the low byte of the local preference.
const CHROMIUM_IPV4: u32 = 30;
/// A 701 without words within this many milliseconds is not silence: Firefox waits 11 s before it gives a server up.
const SOONEST_SILENCE: f64 = 5000.0;

/// One candidate as the browser's event gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// The candidate line.
    pub line: String,
    /// The server's URL, in browsers that tell it.
    pub url: Option<String>,
}

/// One `icecandidateerror`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// The server's URL, to which the browser may have added `?transport=udp`.
    pub url: String,
    /// A STUN error code, or 701 where there was no answer.
    pub code: u16,
    /// The browser's words; empty in Firefox.
    pub text: String,
    /// Milliseconds from the start of gathering.
    pub after: f64,
}

/// Candidates and errors that one connection gathered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathering {
    /// The URLs of the servers, one `iceServers` entry each, in that order.
    pub servers: Vec<String>,
    /// The candidates in the order of their events.
    pub candidates: Vec<Sighting>,
    /// The errors.
    pub failures: Vec<Failure>,
    /// URLs of servers that have answered another run: alive, should the browser not report failures.
    pub alive: Vec<String>,
    /// Gathering ended by itself: every server has answered or was given up.
    pub complete: bool,
    /// The browser has the event `icecandidateerror`; without it a silent server can't be told from a dropped candidate.
    pub reports_failures: bool,
    /// Milliseconds of any clock when the run was over.
    pub time: f64,
}

/// A STUN server of the run, asked over UDP.
struct Asked<'a> {
    index: usize,
    server: Server<'a>,
    destination: Endpoint,
}

/// A candidate that parsed, with the URL its event had.
struct Local<'a> {
    candidate: Candidate<'a>,
    url: Option<&'a str>,
}

/// All candidates that parsed.
struct Locals<'a> {
    list: Vec<Local<'a>>,
    /// Firefox's candidates: upper case transport, no URL with any.
    firefox: bool,
}

impl Gathering {
    /// Observations of the mapping in the run: one per server-reflexive candidate whose server is known; per
    /// server that answered with an address equal to another's, one without the address; and per silent server, one.
    ///
    /// "Equal to another's" is concluded only when gathering is complete and the server did not fail.
    #[must_use]
    pub fn observations(&self) -> Vec<Observation> {
        let locals = self.locals();
        let asked = self.asked();
        let mut seen = Vec::new();
        let mut bases: Vec<Endpoint> = Vec::new();
        for local in locals.list.iter().filter(|local| is(local, CandidateType::ServerReflexive)) {
            let Some(mapped) = mapped(&local.candidate) else { continue };
            let base = self.base_of(local, &locals);
            if !bases.contains(&base) {
                bases.push(base.clone());
            }
            if let Some(destination) = self.destination_of(local, &locals) {
                seen.push(self.observation(base, destination, answer(Some(mapped))));
            }
        }
        if bases.is_empty() {
            seen.extend(self.untranslated(&locals, &asked));
        }
        seen.extend(self.dropped(&bases, &seen, &asked));
        if bases.is_empty() && seen.is_empty() {
            let base = self.silent_base();
            let silent = asked.iter().filter(|asked| self.is_silent(asked));
            seen.extend(
                silent.map(|asked| self.observation(base.clone(), asked.destination.clone(), Outcome::Silence)),
            );
        }
        seen
    }

    /// The base that stands for all of them when nothing came back: the only local UDP address of IPv4, or a name.
    #[must_use]
    pub fn silent_base(&self) -> Endpoint {
        let locals = self.locals();
        match only(locals.list.iter().filter(|local| is_udp_host(local) && may_be_v4(&local.candidate))) {
            Some(host) => locals.base_from_host(host),
            None => Endpoint::Name("any-interface".to_owned(), 0),
        }
    }

    /// Which candidate others can send to: the first server-reflexive one; where gathering is complete without one,
    /// the first public address of the host.
    #[must_use]
    pub fn reachable(&self) -> Option<usize> {
        let find = |fits: &dyn Fn(&Candidate<'_>) -> bool| {
            self.candidates.iter().position(|seen| candidate::parse(&seen.line).candidate().is_some_and(fits))
        };
        let public = |candidate: &Candidate<'_>| {
            is_of(candidate, CandidateType::Host) && candidate.ip().is_some_and(|ip| scope(ip) == Scope::Global)
        };
        find(&|candidate| is_of(candidate, CandidateType::ServerReflexive))
            .or_else(|| if self.complete { find(&public) } else { None })
    }

    /// Whether that server, by its URL, has shown a sign of life, in this run or another.
    #[must_use]
    pub fn has_heard(&self, url: &str) -> bool {
        !self.unheard().contains(&url) || self.alive.iter().any(|alive| alive == url)
    }

    /// Whether these are Firefox's candidates: upper case transport, no URL with any.
    #[must_use]
    pub fn is_firefox(&self) -> bool {
        self.locals().firefox
    }

    /// Whether a server answered with an error of its own, such as 401.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.failures.iter().any(|failure| (300..700).contains(&failure.code))
    }

    /// Whether there is a server-reflexive candidate and the host candidate that tells its base.
    #[must_use]
    pub fn is_opened(&self) -> bool {
        let locals = self.locals();
        [CandidateType::Host, CandidateType::ServerReflexive]
            .into_iter()
            .all(|kind| locals.list.iter().any(|local| is(local, kind)))
    }

    /// The first relayed address, after its place among the candidates.
    #[must_use]
    pub fn relayed(&self) -> Option<(usize, SocketAddr)> {
        self.candidates.iter().enumerate().find_map(|(at, seen)| {
            let parsed = candidate::parse(&seen.line);
            let relayed = parsed.candidate().filter(|candidate| is_of(candidate, CandidateType::Relayed))?;
            Some(at).zip(mapped(relayed))
        })
    }

    /// The servers that have shown no sign of life: neither named by a candidate, nor known to have answered.
    #[must_use]
    pub fn unheard(&self) -> Vec<&str> {
        let locals = self.locals();
        let heard: Vec<Endpoint> = locals.list.iter().filter_map(|local| self.destination_of(local, &locals)).collect();
        let quiet = |asked: &&Asked<'_>| !heard.contains(&asked.destination) && !self.answered(asked);
        let asked = self.asked();
        asked.iter().filter(quiet).filter_map(|asked| self.servers.get(asked.index)).map(String::as_str).collect()
    }

    fn locals(&self) -> Locals<'_> {
        let parse = |sighting| {
            let Sighting { line, url }: &Sighting = sighting;
            let candidate = *candidate::parse(line).candidate()?;
            Some(Local { candidate, url: url.as_deref() })
        };
        let list: Vec<Local<'_>> = self.candidates.iter().take(MAX_CANDIDATES).filter_map(parse).collect();
        let upper = |local: &Local<'_>| local.url.is_none() && local.candidate.transport.starts_with(['U', 'T']);
        let firefox = !list.is_empty() && list.iter().all(upper);
        Locals { list, firefox }
    }

    fn asked(&self) -> Vec<Asked<'_>> {
        let asked = |(index, url)| {
            let server = Server::parse(url)?;
            let destination = server.destination();
            (server.udp && !server.relays()).then_some(Asked { index, server, destination })
        };
        self.servers.iter().take(MAX_SERVERS).map(String::as_str).enumerate().filter_map(asked).collect()
    }

    fn observation(&self, base: Endpoint, destination: Endpoint, outcome: Outcome) -> Observation {
        let mut observation = Observation::new(base, destination, Test::Binding, outcome);
        observation.source = Source::Srflx;
        observation.time = Some(self.time);
        observation
    }

    /// Chromium drops a candidate that equals one it has, whichever server it came from; Firefox does the same.
    fn dropped(&self, bases: &[Endpoint], seen: &[Observation], asked: &[Asked<'_>]) -> Vec<Observation> {
        let mut dropped = Vec::new();
        for base in bases {
            let named = |asked: &Asked<'_>| seen.iter().any(|o| o.base == *base && o.destination == asked.destination);
            for asked in asked.iter().filter(|asked| same_family(base, asked) && !named(asked) && self.answered(asked))
            {
                dropped.push(self.observation(base.clone(), asked.destination.clone(), answer(None)));
            }
        }
        dropped
    }

    /// Firefox drops a server-reflexive candidate that equals the local address. Sound where there is one such address.
    fn untranslated(&self, locals: &Locals<'_>, asked: &[Asked<'_>]) -> Vec<Observation> {
        let mut seen = Vec::new();
        for asked in asked.iter().filter(|asked| self.answered(asked)) {
            let family = asked.server.ip();
            let host = |local: &&Local<'_>| {
                let ip = local.candidate.ip().filter(|_| is_udp_host(local));
                ip.zip(family).is_some_and(|(ip, server)| ip.is_ipv4() == server.is_ipv4())
            };
            let hidden = locals.list.iter().any(|local| is_udp_host(local) && local.candidate.ip().is_none());
            if let Some(mapped) =
                only(locals.list.iter().filter(host)).and_then(|host| mapped(&host.candidate)).filter(|_| !hidden)
            {
                seen.push(self.observation(mapped.into(), asked.destination.clone(), answer(Some(mapped))));
            }
        }
        seen
    }

    /// The server is done and did not fail.
    fn answered(&self, asked: &Asked<'_>) -> bool {
        let alive = || self.servers.get(asked.index).is_some_and(|url| self.alive.contains(url));
        self.complete && self.failure_of(asked).is_none() && (self.reports_failures || alive())
    }

    /// The server was given time and did not answer; not: its name was not found.
    fn is_silent(&self, asked: &Asked<'_>) -> bool {
        match self.failure_of(asked) {
            None => !self.complete,
            Some(failure) if failure.code != NO_ANSWER => false,
            Some(_) if asked.server.ip().is_some() => true,
            Some(failure) if failure.text.is_empty() => failure.after >= SOONEST_SILENCE,
            Some(failure) => failure.text.contains("timed out"),
        }
    }

    fn failure_of(&self, asked: &Asked<'_>) -> Option<&Failure> {
        let same = |failure: &&Failure| {
            Server::parse(&failure.url)
                .is_some_and(|server| !server.relays() && server.destination() == asked.destination)
        };
        self.failures.iter().find(same)
    }

    /// The server of a server-reflexive candidate: by its URL; in Firefox by its place in the list.
    fn destination_of(&self, local: &Local<'_>, locals: &Locals<'_>) -> Option<Endpoint> {
        if !is(local, CandidateType::ServerReflexive) {
            return None;
        }
        if let Some(url) = local.url {
            return Server::parse(url).map(|server| server.destination());
        }
        let index = match self.servers.len() {
            1 => 0,
            _ if locals.firefox => firefox_server(&local.candidate),
            _ => return None,
        };
        Server::parse(self.servers.get(index)?).map(|server| server.destination())
    }

    /// The base of a server-reflexive candidate: its related address, or the host candidate of the same interface.
    fn base_of(&self, local: &Local<'_>, locals: &Locals<'_>) -> Endpoint {
        if let Some(base) = related(&local.candidate) {
            return base.into();
        }
        let interface = locals.interface(&local.candidate);
        let same = |host: &&Local<'_>| is_udp_host(host) && locals.interface(&host.candidate) == interface;
        match only(locals.list.iter().filter(same)) {
            Some(host) => locals.base_from_host(host),
            // Sockets can't be told apart: each run stands for itself.
            // In microseconds: to format the number itself takes 4 KB of a wasm in brotli.
            None => Endpoint::Name(format!("hidden-{interface}-{}", (self.time * 1000.0) as u64), 0),
        }
    }
}

impl Locals<'_> {
    /// Number that candidates of one interface share: in Firefox the second byte of the priority, in Chromium the local
    /// preference.
    fn interface(&self, candidate: &Candidate<'_>) -> u32 {
        if self.firefox { candidate.priority >> 16 & 0xff } else { candidate.priority >> 8 & 0xffff }
    }

    /// Firefox makes new `.local` names for each connection, so its interfaces are named by their preference instead.
    fn base_from_host(&self, host: &Local<'_>) -> Endpoint {
        let Candidate { address, port, .. } = host.candidate;
        match host.candidate.ip() {
            Some(ip) => SocketAddr::new(ip, port).into(),
            None if self.firefox => {
                Endpoint::Name(format!("interface-{}.local", self.interface(&host.candidate)), port)
            }
            None => Endpoint::Name(address.to_ascii_lowercase(), port),
        }
    }
}

fn answer(mapped: Option<SocketAddr>) -> Outcome {
    Outcome::Answer { mapped, from: None, plain: None }
}

fn is(local: &Local<'_>, kind: CandidateType) -> bool {
    is_of(&local.candidate, kind)
}

/// Of that type, over UDP.
fn is_of(candidate: &Candidate<'_>, kind: CandidateType) -> bool {
    candidate.candidate_type() == Some(kind) && candidate.transport.eq_ignore_ascii_case("udp")
}

fn is_udp_host(local: &Local<'_>) -> bool {
    is(local, CandidateType::Host)
}

fn mapped(candidate: &Candidate<'_>) -> Option<SocketAddr> {
    candidate.ip().filter(|_| candidate.port != 0).map(|ip| SocketAddr::new(ip, candidate.port))
}

fn related(candidate: &Candidate<'_>) -> Option<SocketAddr> {
    let ip: IpAddr = candidate.related_address?.parse().ok()?;
    let port = candidate.related_port.filter(|&port| port != 0)?;
    (!ip.is_unspecified()).then_some(SocketAddr::new(ip, port))
}

/// A name resolves to IPv4 here: whether it has an IPv6 address too can't be known.
fn same_family(base: &Endpoint, asked: &Asked<'_>) -> bool {
    let base = base.address().is_none_or(|base| base.is_ipv4());
    let server = asked.server.ip().is_none_or(|ip| ip.is_ipv4());
    base == server
}

/// Firefox's priority: type (8 bits), interface (8), direction (3), 31 − index of the server (5), component (8).
fn firefox_server(candidate: &Candidate<'_>) -> usize {
    31 - (candidate.priority >> 8 & 31) as usize
}

fn may_be_v4(candidate: &Candidate<'_>) -> bool {
    let chromium_v6 = !candidate.transport.starts_with('U') && candidate.priority >> 8 & 0xff != CHROMIUM_IPV4;
    candidate.ip().map_or(!chromium_v6, |ip| ip.is_ipv4())
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}
