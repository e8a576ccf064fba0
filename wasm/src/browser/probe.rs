//! Probes the NAT with connections of our own: mapping by several STUN servers, filtering by a TURN loopback, and on
//! request hairpinning. Collects observations; [`icelens::nat`] draws the conclusions.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::net::IpAddr;

use futures_util::future::{try_join, try_join_all};
use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{AbortSignal, RtcSdpType};

use super::config::{IceServer, configuration, ice_servers, relay_only};
use super::gather::{Run, gather};
use super::objects;
use super::peer::{IceError, Peer};
use super::wait::{Deadline, abortable, now};
use icelens::browser::evidence::Gathering;
use icelens::browser::missing::missing;
use icelens::browser::server::{Server, mapping_urls, stun_at_relay, stun_elsewhere};
use icelens::nat::{Endpoint, Observation, Outcome, Source, Test, infer};

/// Milliseconds until servers that have not answered together are asked one by one.
const TOGETHER: u32 = 1000;
/// Milliseconds a STUN server gets after that; browsers have sent five requests by then.
const ALONE: u32 = 3000;
/// Milliseconds a TURN server gets to allocate.
const ALLOCATE: u32 = 5000;
/// Milliseconds for an unasked packet to arrive. Firefox gives a connection without candidates up after 5 s.
const UNASKED: u32 = 4000;
/// Milliseconds for the control after a silence: the same two sockets, with the filter opened.
const CONTROL: u32 = 3000;
/// TURN servers tried for filtering.
const MAX_TURN: usize = 2;
/// Checks that Firefox sends within [`UNASKED`], at 0, 0.1, 0.3, 0.7, 1.5 and 3.1 s; it does not count them itself.
const FIREFOX_CHECKS: u32 = 6;
/// So few checks may all be lost: Firefox does each silent test on two pairs of sockets. Chromium sends ten times as many.
const FIREFOX_TRIALS: usize = 2;

/// Probes with the servers of the caller's configuration. `on_progress` gets the state after each step; what it throws
/// ends the probe.
///
/// Resolves with the last state, `{ phase, elapsed, observations, report, missing, silent, errors }`; rejects with the signal's
/// reason when aborted, and with the browser's error for a bad configuration.
#[wasm_bindgen]
pub async fn browser_probe(
    configuration: JsValue,
    filtering: bool,
    hairpin: bool,
    signal: Option<AbortSignal>,
    on_progress: Option<Function>,
) -> Result<JsValue, JsValue> {
    let probe = Probe {
        servers: ice_servers(&configuration),
        base: configuration,
        filtering,
        on_progress,
        start: now(),
        seen: RefCell::default(),
        silent: RefCell::default(),
        errors: RefCell::default(),
        mapping_over: Cell::new(false),
        filtering_over: Cell::new(false),
    };
    abortable(signal, probe.run(hairpin)).await
}

/// A probe in progress.
struct Probe {
    base: JsValue,
    servers: Vec<IceServer>,
    filtering: bool,
    on_progress: Option<Function>,
    start: f64,
    seen: RefCell<Vec<Observation>>,
    /// URLs of STUN servers that did not answer.
    silent: RefCell<Vec<String>>,
    errors: RefCell<Vec<IceError>>,
    mapping_over: Cell<bool>,
    filtering_over: Cell<bool>,
}

/// Place of the STUN server of a filtering probe.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At another address than the relay: its packets come from a stranger.
    Elsewhere,
    /// At the relay's address: its packets come from another port of an address that is known.
    AtRelay,
}

impl Probe {
    async fn run(&self, hairpin: bool) -> Result<JsValue, JsValue> {
        let urls: Vec<&str> = self.servers.iter().map(|server| server.url.as_str()).collect();
        let stun: Vec<IceServer> = mapping_urls(&urls).into_iter().map(IceServer::stun).collect();
        let gathering = self.map(&stun).await?;
        self.mapping_over.set(true);
        self.tell("mapping")?;
        if !self.seen.borrow().iter().any(Observation::answered) {
            self.reach_over_tcp(gathering.silent_base()).await?;
            return Ok(self.state("done"));
        }
        let trials = if gathering.is_firefox() { FIREFOX_TRIALS } else { 1 };
        let filtering = async { if self.filtering { self.filter(&stun, trials).await } else { Ok(()) } };
        let hairpin = async { if hairpin { self.hairpin(&stun, trials).await } else { Ok(()) } };
        try_join(filtering, hairpin).await?;
        Ok(self.state("done"))
    }

    /// Mapping: all servers on one connection. Servers that keep it from completing are asked alone; then the run is
    /// repeated with those that live. Gives the first run.
    async fn map(&self, servers: &[IceServer]) -> Result<Gathering, JsValue> {
        let urls = || servers.iter().map(|server| server.url.as_str());
        let mut run = Run::new(urls());
        let mut peer = Peer::new(&configuration(&self.base, servers))?;
        peer.offer().await?;
        run.fill(&mut peer, &mut Deadline::after(TOGETHER), never).await?;
        let mut turn = Vec::new();
        if !run.evidence.unheard().is_empty() {
            let base = run.evidence.silent_base();
            let nobody = !run.evidence.observations().iter().any(Observation::answered);
            let asking_turn = async { if nobody { self.ask_turn(base).await } else { Ok(Vec::new()) } };
            (turn, ()) = try_join(asking_turn, self.ask_alone(servers, &mut run, &mut peer)).await?;
        }
        self.see(turn);
        drop(peer);
        let live: Vec<&IceServer> = servers.iter().filter(|server| run.evidence.has_heard(&server.url)).collect();
        let silent: Vec<String> = urls().filter(|url| !run.evidence.has_heard(url)).map(String::from).collect();
        *self.silent.borrow_mut() = silent;
        self.errors.borrow_mut().append(&mut run.errors);
        self.see(run.evidence.observations());
        if !run.evidence.complete && !live.is_empty() {
            let again = configuration(&self.base, live.iter().copied());
            let mut again = gather(&again, live.iter().map(|server| server.url.as_str()), ALONE, never).await?;
            again.evidence.alive = live.iter().map(|server| server.url.clone()).collect();
            self.see(again.evidence.observations());
        }
        Ok(run.evidence)
    }

    /// Asks each server that has not been heard of on its own connection, while `run` goes on.
    async fn ask_alone(&self, servers: &[IceServer], run: &mut Run, peer: &mut Peer) -> Result<(), JsValue> {
        // The observations so far are told, but not kept: `run` goes on and will know more.
        self.see(run.evidence.observations());
        self.tell("mapping")?;
        self.seen.borrow_mut().clear();
        let unheard: Vec<String> = run.evidence.unheard().into_iter().map(String::from).collect();
        let alone = servers.iter().filter(|server| unheard.contains(&server.url)).map(|server| async move {
            let single = configuration(&self.base, [server]);
            let run = gather(&single, [server.url.as_str()], ALONE, opened).await?;
            Ok((server.url.clone(), run.evidence))
        });
        let mut deadline = Deadline::after(ALONE);
        let (alone, ()) = try_join(try_join_all(alone), run.fill(peer, &mut deadline, never)).await?;
        for (url, evidence) in alone {
            let seen = evidence.observations();
            if seen.iter().any(Observation::answered) {
                run.evidence.alive.push(url);
                self.see(seen);
            }
        }
        Ok(())
    }

    /// No STUN server answers: do TURN servers, over UDP?
    async fn ask_turn(&self, base: Endpoint) -> Result<Vec<Observation>, JsValue> {
        let servers = self.turn_servers().filter(|(_, server)| server.udp);
        let asked = servers.map(|(turn, server)| self.allocate(turn.clone(), server, Test::Binding, base.clone()));
        try_join_all(asked).await
    }

    /// UDP is dead: does TCP reach a server that does not answer over UDP?
    async fn reach_over_tcp(&self, base: Endpoint) -> Result<(), JsValue> {
        let silent = |server: &Server<'_>| {
            let same = |seen: &Observation| seen.destination == server.destination();
            self.seen.borrow().iter().any(same)
        };
        for (turn, server) in self.turn_servers().filter(|(_, server)| silent(server)) {
            let seen = self.allocate(turn.at(server.tcp_url()), server, Test::Tcp, base.clone()).await?;
            if seen.answered() {
                self.see([seen]);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a TURN server answers, be it with an error of its own.
    async fn allocate(
        &self,
        turn: IceServer,
        server: Server<'_>,
        test: Test,
        base: Endpoint,
    ) -> Result<Observation, JsValue> {
        let relayed = |run: &Run| Ok(run.evidence.relayed().is_some());
        let run = gather(&relay_only(&self.base, &turn), [turn.url.as_str()], ALONE, relayed).await?;
        let outcome = match run.evidence.relayed().is_some() || run.evidence.is_refused() {
            true => Outcome::Answer { mapped: None, from: None, plain: None },
            false => Outcome::Silence,
        };
        let mut seen = self.observation(base, server.destination(), test, outcome);
        seen.source = Source::Relay;
        Ok(seen)
    }

    /// Filtering: packets from a relay, which the socket under test has never sent to.
    async fn filter(&self, stun: &[IceServer], trials: usize) -> Result<(), JsValue> {
        for (turn, server) in self.turn_servers() {
            let both = || [Place::Elsewhere, Place::AtRelay].map(|place| self.loopback(turn, &server, stun, place));
            let relayed = try_join_all((0..trials).flat_map(|_| both())).await?;
            if relayed.contains(&true) {
                break;
            }
        }
        self.filtering_over.set(true);
        Ok(())
    }

    /// The STUN server of a probe; one that has answered, where it is elsewhere.
    fn choose(&self, stun: &[IceServer], turn: &Server<'_>, place: Place, relay: IpAddr) -> Option<IceServer> {
        let urls = || stun.iter().map(|server| server.url.as_str());
        let url = match place {
            Place::Elsewhere => {
                let silent = self.silent.borrow();
                let answered: Vec<&str> = urls().filter(|url| !silent.iter().any(|silent| silent == url)).collect();
                String::from(stun_elsewhere(&answered, relay)?)
            }
            Place::AtRelay => stun_at_relay(&urls().collect::<Vec<_>>(), turn, relay),
        };
        Some(IceServer::stun(url))
    }

    /// One probe of filtering. `relayed` sends from the relay of `turn`; `open` opens a mapping to the STUN server and
    /// learns nothing of the relay, so it never sends there. Tells whether there was a relay.
    async fn loopback(
        &self,
        turn: &IceServer,
        server: &Server<'_>,
        stun: &[IceServer],
        place: Place,
    ) -> Result<bool, JsValue> {
        let mut relayed = Peer::new(&relay_only(&self.base, turn))?;
        let offer = relayed.offer().await?;
        let mut run = Run::new([turn.url.as_str()]);
        run.fill(&mut relayed, &mut Deadline::after(ALLOCATE), |run| Ok(run.evidence.relayed().is_some())).await?;
        self.errors.borrow_mut().append(&mut run.errors);
        let Some((at, relay)) = run.evidence.relayed() else { return Ok(false) };
        let Some(stun) = self.choose(stun, server, place, relay.ip()) else { return Ok(true) };

        let mut open = Peer::new(&configuration(&self.base, [&stun]))?;
        let answer = open.answer(&offer).await?;
        let mut opening = Run::new([stun.url.as_str()]);
        opening.fill(&mut open, &mut Deadline::after(ALONE), opened).await?;
        let seen = opening.evidence.observations();
        let target = opening.evidence.reachable().and_then(|at| opening.candidates.get(at));
        let Some((first, target)) = seen.iter().find(|seen| seen.answered()).cloned().zip(target) else {
            return Ok(true);
        };
        self.see(seen);

        relayed.set_remote(RtcSdpType::Answer, &answer).await?;
        relayed.add_candidate(target).await?;
        let arrived = relayed.connects(UNASKED).await || open.has_met_stranger().await;
        let outcome = match arrived {
            true => Outcome::Answer { mapped: None, from: Some(relay), plain: None },
            false => Outcome::Silence,
        };
        let mut test = self.observation(first.base.clone(), first.destination, Test::Unsolicited, outcome);
        test.expected = Some(relay);
        if !arrived {
            test.sends = Some(relayed.checks_sent().await.unwrap_or(FIREFOX_CHECKS));
        }
        self.see([test]);
        if let (false, Some(candidate)) = (arrived, run.candidates.get(at)) {
            open.add_candidate(candidate).await?;
            if relayed.connects(CONTROL).await {
                let answer = Outcome::Answer { mapped: None, from: Some(relay), plain: None };
                self.see([self.observation(first.base, relay.into(), Test::Binding, answer)]);
            }
        }
        self.tell("filtering")?;
        Ok(true)
    }

    /// Hairpinning: two sockets behind the NAT that know of each other only the mapped addresses.
    async fn hairpin(&self, stun: &[IceServer], trials: usize) -> Result<(), JsValue> {
        let Some(server) = stun.iter().find(|server| !self.silent.borrow().contains(&server.url)) else {
            return Ok(());
        };
        try_join_all((0..trials).map(|_| self.hairpin_once(server))).await?;
        self.tell("hairpin")
    }

    async fn hairpin_once(&self, server: &IceServer) -> Result<(), JsValue> {
        let single = configuration(&self.base, [server]);
        let (mut caller, mut callee) = (Peer::new(&single)?, Peer::new(&single)?);
        let offer = caller.offer().await?;
        let answer = callee.answer(&offer).await?;
        let (mut first, mut second) = (Run::new([server.url.as_str()]), Run::new([server.url.as_str()]));
        let (mut early, mut late) = (Deadline::after(ALONE), Deadline::after(ALONE));
        try_join(first.fill(&mut caller, &mut early, opened), second.fill(&mut callee, &mut late, opened)).await?;
        let [first_seen, second_seen] = [&first, &second].map(|run| run.evidence.observations());
        let base = first_seen.iter().find(|seen| seen.answered()).map(|seen| seen.base.clone());
        let mapped = second_seen.iter().find_map(Observation::mapped);
        self.see(first_seen.into_iter().chain(second_seen));
        let (Some(base), Some(mapped)) = (base, mapped) else { return Ok(()) };
        caller.set_remote(RtcSdpType::Answer, &answer).await?;
        for (peer, run) in [(&caller, &second), (&callee, &first)] {
            if let Some(candidate) = run.evidence.reachable().and_then(|at| run.candidates.get(at)) {
                peer.add_candidate(candidate).await?;
            }
        }
        let outcome = match caller.connects(UNASKED).await {
            true => Outcome::Answer { mapped: None, from: None, plain: None },
            false => Outcome::Silence,
        };
        let mut test = self.observation(base, mapped.into(), Test::Hairpin, outcome);
        test.sends = Some(caller.checks_sent().await.unwrap_or(FIREFOX_CHECKS));
        self.see([test]);
        Ok(())
    }

    /// The TURN servers to try, those over UDP first.
    fn turn_servers(&self) -> impl Iterator<Item = (&IceServer, Server<'_>)> {
        let all =
            || self.servers.iter().filter_map(|server| Some(server).zip(server.server())).filter(|(_, s)| s.relays());
        all().filter(|(_, server)| server.udp).chain(all().filter(|(_, server)| !server.udp)).take(MAX_TURN)
    }

    fn observation(&self, base: Endpoint, destination: Endpoint, test: Test, outcome: Outcome) -> Observation {
        let mut observation = Observation::new(base, destination, test, outcome);
        observation.source = Source::TurnLoopback;
        observation.time = Some(now());
        observation
    }

    fn see(&self, observations: impl IntoIterator<Item = Observation>) {
        self.seen.borrow_mut().extend(observations);
    }

    fn tell(&self, phase: &str) -> Result<(), JsValue> {
        match &self.on_progress {
            Some(function) => function.call1(&JsValue::UNDEFINED, &self.state(phase)).map(drop),
            None => Ok(()),
        }
    }

    fn state(&self, phase: &str) -> JsValue {
        let seen = self.seen.borrow();
        let urls: Vec<&str> = self.servers.iter().map(|server| server.url.as_str()).collect();
        let over = (self.mapping_over.get(), self.filtering_over.get());
        let report = infer(&seen);
        let missing = missing(&urls, &report, self.filtering).into_iter().filter(|m| m.is_certain(over.0, over.1));
        let silent = self.silent.borrow();
        objects::object(&[
            ("phase", phase.into()),
            ("elapsed", (now() - self.start).into()),
            ("observations", objects::observations(&seen)),
            ("report", objects::report(&report)),
            ("missing", missing.map(|missing| JsValue::from_str(missing.code())).collect::<Array>().into()),
            ("silent", silent.iter().map(|url| JsValue::from_str(url)).collect::<Array>().into()),
            ("errors", self.errors.borrow().iter().map(IceError::to_js).collect::<Array>().into()),
        ])
    }
}

fn never(_: &Run) -> Result<bool, JsValue> {
    Ok(false)
}

fn opened(run: &Run) -> Result<bool, JsValue> {
    Ok(run.evidence.is_opened())
}
