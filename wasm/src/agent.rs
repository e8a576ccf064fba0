//! The ICE agent, for `npm/src/agent.ts`, which gives it its names and types.

use core::net::SocketAddr;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use icelens::candidate::{self, CandidateType, TcpType};
use icelens::ice::agent::{
    Agent, AgentConfig, ComponentId, Counts, Credentials, Decision, Event, IceFailure, IceServer, LocalCandidate,
    Nomination, Pair, Profile, RemoteCandidate, RemoteParameters, SwitchReason,
};
use icelens::ice::{PairState, Role, Transport};
use icelens::net::{Datagram, Protocol};

use crate::objects::{milliseconds, time, to_js};
use crate::reader::from_js;

fn address(name: &str, text: &str) -> Result<SocketAddr, JsError> {
    text.parse().map_err(|_| JsError::new(&format!("{name} '{text}' is no IP address with a port")))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatOptions {
    controlling: bool,
    lite: bool,
    aggressive: bool,
    renomination: bool,
    profile: String,
    tie_breaker: Option<String>,
    /// Milliseconds.
    pacing: Option<f64>,
    streams: u16,
    components: u16,
    pair_limit: usize,
    ufrag: Option<String>,
    pwd: Option<String>,
    relay_only: bool,
    servers: Vec<FlatServer>,
    entropy: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct FlatServer {
    address: String,
    tcp: bool,
    username: Option<String>,
    password: Option<String>,
}

impl FlatOptions {
    fn config(self) -> Result<AgentConfig, JsError> {
        let role = if self.controlling { Role::Controlling } else { Role::Controlled };
        let mut entropy = [0; 32];
        for (place, byte) in entropy.iter_mut().zip(&self.entropy) {
            *place = *byte;
        }
        let profile = Profile::from_name(&self.profile)
            .ok_or_else(|| JsError::new(&format!("there is no profile '{}'", self.profile)))?;
        let tie_breaker = match self.tie_breaker {
            Some(text) => Some(text.parse().map_err(|_| JsError::new("tieBreaker must be from 0 to 2⁶⁴ − 1"))?),
            None => None,
        };
        let servers = self.servers.into_iter().map(FlatServer::server).collect::<Result<_, _>>()?;
        Ok(AgentConfig {
            lite: self.lite,
            nomination: if self.aggressive { Nomination::Aggressive } else { Nomination::Regular },
            renomination: self.renomination,
            policy: profile.policy(),
            tie_breaker,
            credentials: self.ufrag.zip(self.pwd).map(|(ufrag, pwd)| Credentials { ufrag, pwd }),
            pacing: self.pacing.map(time),
            pair_limit: self.pair_limit,
            streams: self.streams,
            components: self.components,
            relay_only: self.relay_only,
            servers,
            ..AgentConfig::new(role, entropy)
        })
    }
}

impl FlatServer {
    fn server(self) -> Result<IceServer, JsError> {
        let at = address("servers", &self.address)?;
        let protocol = if self.tcp { Protocol::Tcp } else { Protocol::Udp };
        Ok(IceServer { address: at, protocol, turn: self.username.zip(self.password) })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlatLocal {
    stream: u16,
    component: u16,
    kind: String,
    tcp_type: Option<String>,
    address: String,
    base: Option<String>,
    priority: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatDecision {
    #[serde(rename = "type")]
    kind: &'static str,
    time: f64,
    rule: &'static str,
    why: String,
    stream: Option<u16>,
    component: Option<u16>,
    pair: Option<u32>,
    local: Option<String>,
    remote: Option<String>,
    number: f64,
    what: &'static str,
    was: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    switch_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
}

impl From<Decision> for FlatDecision {
    fn from(it: Decision) -> Self {
        Self {
            kind: it.code.name(),
            time: it.time.as_secs_f64() * 1000.0,
            rule: it.code.rule(),
            why: it.why(),
            stream: it.component.map(|id| id.stream),
            component: it.component.map(|id| id.component),
            pair: it.pair.map(|pair| pair.0),
            local: it.local.map(|address| address.to_string()),
            remote: it.remote.map(|address| address.to_string()),
            number: it.number as f64,
            what: it.what,
            was: it.was,
            switch_reason: it.switch.map(SwitchReason::name),
            failure_reason: it.failure.map(IceFailure::name),
        }
    }
}

#[derive(Serialize)]
struct FlatCandidate {
    #[serde(rename = "type")]
    kind: &'static str,
    time: f64,
    rule: &'static str,
    why: String,
    stream: u16,
    candidate: String,
}

#[derive(Serialize)]
struct FlatPair {
    id: u32,
    local: String,
    remote: String,
    priority: String,
    foundation: String,
    component: u16,
    state: u8,
    listed: bool,
    valid: bool,
    nominated: bool,
    checks: u32,
    requests: u32,
    responses: u32,
    /// Milliseconds.
    rtt: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatCounts {
    local_candidates: u32,
    remote_candidates: u32,
    pairs: u32,
    over_limit: u32,
    checks_sent: u32,
    answered: u32,
    silent: u32,
    refused: u32,
    not_symmetric: u32,
    unauthenticated: u32,
    unauthorized: u32,
    requests_answered: u32,
    requests_refused: u32,
    wrong_username: u32,
    wrong_integrity: u32,
    nominations_lost: u32,
    consents_lost: u32,
    relays_refused: u32,
    other_component: u32,
    other_transport: u32,
    other_tcp_direction: u32,
    other_address_family: u32,
    other_scope: u32,
}

impl From<Counts> for FlatCounts {
    fn from(it: Counts) -> Self {
        let [component, transport, direction, family, scope, ..] = it.excluded;
        Self {
            local_candidates: it.local_candidates,
            remote_candidates: it.remote_candidates,
            pairs: it.pairs,
            over_limit: it.over_limit,
            checks_sent: it.checks_sent,
            answered: it.answered,
            silent: it.silent,
            refused: it.refused,
            not_symmetric: it.not_symmetric,
            unauthenticated: it.unauthenticated,
            unauthorized: it.unauthorized,
            requests_answered: it.requests_answered,
            requests_refused: it.requests_refused,
            wrong_username: it.wrong_username,
            wrong_integrity: it.wrong_integrity,
            nominations_lost: it.nominations_lost,
            consents_lost: it.consents_lost,
            relays_refused: it.relays_refused,
            other_component: component,
            other_transport: transport,
            other_tcp_direction: direction,
            other_address_family: family,
            other_scope: scope,
        }
    }
}

#[derive(Serialize)]
struct FlatFailure {
    reason: &'static str,
    counts: FlatCounts,
}

/// An [`Agent`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmIceAgent {
    agent: Agent,
    packet: Option<Datagram>,
    data: Option<Event>,
}

#[wasm_bindgen]
impl WasmIceAgent {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: FlatOptions = from_js(&options)?;
        Ok(Self { agent: Agent::new(options.config()?), packet: None, data: None })
    }

    /// Local user name fragment.
    #[wasm_bindgen(getter)]
    pub fn ufrag(&self) -> String {
        self.agent.local_credentials().ufrag.clone()
    }

    /// Local password.
    #[wasm_bindgen(getter)]
    pub fn pwd(&self) -> String {
        self.agent.local_credentials().pwd.clone()
    }

    /// Number of the state.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        self.agent.state().name().into()
    }

    /// True in the controlling role.
    #[wasm_bindgen(getter)]
    pub fn controlling(&self) -> bool {
        self.agent.role() == Role::Controlling
    }

    /// The tie-breaker.
    #[wasm_bindgen(getter)]
    pub fn tie_breaker(&self) -> u64 {
        self.agent.tie_breaker()
    }

    /// True while a server has yet to answer.
    #[wasm_bindgen(getter)]
    pub fn gathering(&self) -> bool {
        self.agent.is_gathering()
    }

    /// Takes the ICE parameters of the other side; `pacing` in milliseconds.
    pub fn set_remote(
        &mut self,
        ufrag: &str,
        pwd: &str,
        lite: bool,
        ice2: bool,
        renomination: bool,
        pacing: Option<f64>,
    ) {
        let credentials = Credentials::new(ufrag, pwd);
        let pacing = pacing.map(time);
        self.agent.set_remote_parameters(RemoteParameters { credentials, lite, ice2, renomination, pacing });
    }

    /// Adds a local candidate; returns why not, or an empty text.
    pub fn add_local(&mut self, candidate: JsValue) -> Result<String, JsError> {
        let flat: FlatLocal = from_js(&candidate)?;
        let at = address("address", &flat.address)?;
        let kind = CandidateType::from_token(&flat.kind)
            .ok_or_else(|| JsError::new(&format!("there is no candidate type '{}'", flat.kind)))?;
        let transport = match flat.tcp_type.as_deref() {
            None => Transport::Udp,
            Some(text) => match TcpType::from_token(text) {
                Some(TcpType::Active) => Transport::TcpActive,
                Some(TcpType::Passive) => Transport::TcpPassive,
                Some(TcpType::SimultaneousOpen) => Transport::TcpSimultaneousOpen,
                None => return Err(JsError::new(&format!("there is no tcpType '{text}'"))),
            },
        };
        let base = match &flat.base {
            Some(base) => address("base", base)?,
            None => at,
        };
        let component = ComponentId { stream: flat.stream, component: flat.component };
        let priority = flat.priority;
        let added = self.agent.add_local_candidate(LocalCandidate {
            component,
            kind,
            transport,
            base,
            priority,
            ..LocalCandidate::host(at)
        });
        Ok(added.err().map(|refused| refused.why().to_string()).unwrap_or_default())
    }

    /// The interface went away.
    pub fn remove_local(&mut self, base: &str) -> Result<(), JsError> {
        self.agent.remove_local_address(address("base", base)?);
        Ok(())
    }

    /// Adds a remote candidate from its line; returns why not, or an empty text.
    pub fn add_remote(&mut self, stream: u16, line: &str) -> String {
        match remote(stream, line) {
            Ok(candidate) => {
                self.agent.add_remote_candidate(candidate).err().map(|it| it.why().to_string()).unwrap_or_default()
            }
            Err(why) => why,
        }
    }

    /// Removes a remote candidate.
    pub fn remove_remote(&mut self, stream: u16, line: &str) -> String {
        match remote(stream, line) {
            Ok(candidate) => {
                self.agent.remove_remote_candidate(&candidate);
                String::new()
            }
            Err(why) => why,
        }
    }

    /// No more local candidates.
    pub fn end_local(&mut self) {
        self.agent.end_of_local_candidates();
    }

    /// No more remote candidates.
    pub fn end_remote(&mut self) {
        self.agent.end_of_remote_candidates();
    }

    /// A datagram arrived.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, tcp: bool, bytes: Vec<u8>) -> Result<(), JsError> {
        let (local, remote) = (address("local", local)?, address("remote", remote)?);
        let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
        self.agent.receive(time(now), &Datagram { local, remote, protocol, bytes });
        Ok(())
    }

    /// Sends data; returns why not, or an empty text.
    pub fn send(&mut self, now: f64, stream: u16, component: u16, data: &[u8]) -> String {
        let sent = self.agent.send(time(now), ComponentId { stream, component }, data);
        sent.err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// The time of `poll_timeout` has come.
    pub fn timeout(&mut self, now: f64) {
        self.agent.timeout(time(now));
    }

    /// When to call `timeout`, in milliseconds.
    pub fn poll_timeout(&self) -> Option<f64> {
        self.agent.poll_timeout().map(milliseconds)
    }

    /// Takes the next datagram; the getters then read it.
    pub fn poll_transmit(&mut self) -> bool {
        self.packet = self.agent.poll_transmit();
        self.packet.is_some()
    }

    /// Of the datagram taken.
    #[wasm_bindgen(getter)]
    pub fn local(&self) -> String {
        self.packet.as_ref().map(|packet| packet.local.to_string()).unwrap_or_default()
    }

    /// Of the datagram taken.
    #[wasm_bindgen(getter)]
    pub fn remote(&self) -> String {
        self.packet.as_ref().map(|packet| packet.remote.to_string()).unwrap_or_default()
    }

    /// Of the datagram taken.
    #[wasm_bindgen(getter)]
    pub fn tcp(&self) -> bool {
        self.packet.as_ref().is_some_and(|packet| packet.protocol == Protocol::Tcp)
    }

    /// Of the datagram taken.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.packet.as_ref().map(|packet| packet.bytes.clone()).unwrap_or_default()
    }

    /// The next event, or undefined. For data, `data_*` then read it.
    pub fn poll_event(&mut self) -> Result<JsValue, JsError> {
        match self.agent.poll_event() {
            None => Ok(JsValue::UNDEFINED),
            Some(Event::Decision(decision)) => to_js(&FlatDecision::from(decision)),
            Some(Event::Candidate { time, index }) => {
                let local = self.agent.local_candidates().get(usize::from(index));
                to_js(&FlatCandidate {
                    kind: "candidate",
                    time: milliseconds(time),
                    rule: "RFC 8838 §9",
                    why: "a new local candidate, for the other side".into(),
                    stream: local.map_or(0, |local| local.candidate.component.stream),
                    candidate: local.map(|local| local.to_string()).unwrap_or_default(),
                })
            }
            Some(data) => {
                self.data = Some(data);
                Ok(JsValue::NULL)
            }
        }
    }

    /// Of the data polled last: time, stream and component.
    pub fn data_numbers(&self) -> Vec<f64> {
        match &self.data {
            Some(Event::Data { time, component, .. }) => {
                vec![milliseconds(*time), f64::from(component.stream), f64::from(component.component)]
            }
            _ => Vec::new(),
        }
    }

    /// Of the data polled last: where it came from.
    pub fn data_remote(&self) -> String {
        match &self.data {
            Some(Event::Data { remote, .. }) => remote.to_string(),
            _ => String::new(),
        }
    }

    /// Of the data polled last, which is given up.
    pub fn take_data(&mut self) -> Vec<u8> {
        match self.data.take() {
            Some(Event::Data { bytes, .. }) => bytes,
            _ => Vec::new(),
        }
    }

    /// Sets the role to begin with; false when it is settled.
    pub fn set_role(&mut self, controlling: bool) -> bool {
        self.agent.set_role(if controlling { Role::Controlling } else { Role::Controlled })
    }

    /// Restarts, with these credentials if both are given.
    pub fn restart(&mut self, ufrag: Option<String>, pwd: Option<String>) {
        self.agent.restart(ufrag.zip(pwd).map(|(ufrag, pwd)| Credentials { ufrag, pwd }));
    }

    /// Ends everything.
    pub fn close(&mut self) {
        self.agent.close();
    }

    /// The lines of the local candidates.
    pub fn local_candidates(&self) -> Vec<String> {
        self.agent.local_candidates().iter().filter(|it| it.is_current()).map(ToString::to_string).collect()
    }

    /// The lines of the remote candidates.
    pub fn remote_candidates(&self) -> Vec<String> {
        let current = self.agent.remote_candidates().iter().filter(|it| it.is_current());
        current.map(|it| it.candidate.to_string()).collect()
    }

    /// The pairs of a stream.
    pub fn pairs(&self, stream: u16) -> Result<JsValue, JsError> {
        let pairs: Vec<FlatPair> = self.agent.pairs(stream).iter().map(|pair| self.flat(pair)).collect();
        to_js(&pairs)
    }

    /// The selected pair of a component, or null.
    pub fn selected(&self, stream: u16, component: u16) -> Result<JsValue, JsError> {
        let selected = self.agent.selected(ComponentId { stream, component });
        selected.map_or(Ok(JsValue::NULL), |pair| to_js(&self.flat(pair)))
    }

    /// Why it failed, or null.
    pub fn failure(&self) -> Result<JsValue, JsError> {
        let Some(failure) = self.agent.failure() else { return Ok(JsValue::NULL) };
        to_js(&FlatFailure { reason: failure.reason.name(), counts: failure.counts.into() })
    }
}

impl WasmIceAgent {
    fn flat(&self, pair: &Pair) -> FlatPair {
        let local = self.agent.local_candidates().get(usize::from(pair.local));
        let remote = self.agent.remote_candidates().get(usize::from(pair.remote));
        let state = match pair.state {
            PairState::Frozen => 0,
            PairState::Waiting => 1,
            PairState::InProgress => 2,
            PairState::Succeeded => 3,
            PairState::Failed => 4,
        };
        let ours = local.map(|it| it.foundation.to_string()).unwrap_or_default();
        let theirs = remote.map(|it| it.candidate.foundation.as_str()).unwrap_or_default();
        FlatPair {
            id: pair.id.0,
            local: local.map(ToString::to_string).unwrap_or_default(),
            remote: remote.map(|it| it.candidate.to_string()).unwrap_or_default(),
            priority: pair.priority.to_string(),
            foundation: [ours.as_str(), theirs].concat(),
            component: pair.component,
            state,
            listed: pair.listed,
            valid: pair.valid,
            nominated: pair.nominated,
            checks: pair.stats.checks,
            requests: pair.stats.requests_sent,
            responses: pair.stats.responses_received,
            rtt: pair.stats.round_trip.map(milliseconds),
        }
    }
}

fn remote(stream: u16, line: &str) -> Result<RemoteCandidate, String> {
    let parsed = candidate::parse(line);
    let found = parsed.candidate().ok_or("it is not a candidate line")?;
    RemoteCandidate::from_line(stream, found).map_err(|refused| refused.why().to_string())
}
