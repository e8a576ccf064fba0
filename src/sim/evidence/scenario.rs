//! The scenario that fits the evidence.

use core::net::{IpAddr, Ipv4Addr};

use serde_json::Value;

use super::assume::{Assumption, Assumptions};
use super::changes::{Change, changes};
use super::reading::{End, Fact, Reading, Readings, Relay};
use super::{Evidence, Limit, SideSeen};
use crate::browser::server::{Scheme, Server};
use crate::nat::Behaviour;
use crate::sim::Simulation;
use crate::sim::scenario::{Call, Host, NatChoice, Network, PortName, Program, Scenario, ScenarioError};
use crate::sim::simulation::Outcome;

/// Servers of one side at most.
const MAX_SERVERS: usize = 8;
/// Seed of every scenario made from evidence.
const SEED: u64 = 1;

/// The scenario that fits the evidence.
#[derive(Clone, Debug)]
pub struct Made {
    /// The scenario.
    pub scenario: Scenario,
    /// Facts that it takes from the evidence.
    pub facts: Vec<Fact>,
    /// Facts that the evidence leaves open.
    pub assumptions: Vec<Assumption>,
    /// Single changes of the network, each run; none where there is no prediction.
    pub changes: Vec<Change>,
    /// How the scenario ends; `None` where a limit leaves it open.
    pub prediction: Option<Outcome>,
    /// Limits: the questions that the evidence can't answer.
    pub limits: Vec<Limit>,
}

impl Evidence {
    /// The scenario that fits, with what it rests on.
    ///
    /// # Errors
    ///
    /// A scenario that can't be run; none is made from evidence that parses.
    pub fn scenario(&self) -> Result<Made, ScenarioError> {
        let Maker { scenario, facts, assumptions, .. } = self.maker();
        let assumptions = assumptions.run(&scenario)?;
        let limits = self.limits();
        // What is made up for a side that nobody saw decides how the call ends.
        if self.unseen().is_some() {
            return Ok(Made { scenario, facts, assumptions, changes: Vec::new(), prediction: None, limits });
        }
        let changes = changes(&scenario, &assumptions)?;
        let prediction = Some(Simulation::untraced(&scenario)?.run_until_decided().outcome);
        Ok(Made { scenario, facts, assumptions, changes, prediction, limits })
    }

    /// Facts that the scenario takes from the evidence.
    pub(super) fn facts(&self) -> Vec<Fact> {
        self.maker().facts
    }

    /// The scenario, put together and not run.
    fn maker(&self) -> Maker<'_> {
        let mut maker = Maker::new(self);
        maker.side(End::Local, &self.local);
        maker.side(End::Remote, &self.remote);
        maker.one_network();
        maker.scenario.calls = vec![self.call()];
        maker
    }

    fn call(&self) -> Call {
        let (from, to) = if self.controlling == Some(false) { ("R", "L") } else { ("L", "R") };
        let mut call = Call::between(from, to);
        // The offerer has the answer after two ways of signalling.
        if let Some(described) = self.described.filter(|_| self.controlling != Some(false)) {
            call.signalling = (described.clamp(0.0, 20_000.0) / 2.0) as u64;
        }
        call
    }
}

/// Puts a scenario together.
struct Maker<'e> {
    evidence: &'e Evidence,
    readings: Readings,
    scenario: Scenario,
    facts: Vec<Fact>,
    assumptions: Assumptions,
    /// Servers by where they are, with the name of their host.
    servers: Vec<(String, String)>,
}

impl<'e> Maker<'e> {
    fn new(evidence: &'e Evidence) -> Self {
        let scenario = Scenario { title: "From evidence".into(), seed: SEED, ..Scenario::default() };
        Self {
            evidence,
            readings: Readings::of(evidence),
            scenario,
            facts: Vec::new(),
            assumptions: Assumptions::default(),
            servers: Vec::new(),
        }
    }

    fn fact(&mut self, code: &'static str, end: End, value: impl ToString, by: &'static str) {
        self.facts.push(Fact { code, end, value: value.to_string(), by });
    }

    fn side(&mut self, end: End, seen: &SideSeen) {
        let reading = self.readings.end(end).clone();
        let nat = self.nat(end, &reading);
        let name = format!("network {}", end.host());
        self.scenario.networks.push(Network { name: name.clone(), nat, ..Network::default() });
        let servers = self.side_servers(end, seen, &reading);
        let mut run = Program::ice(&self.evidence.profile, servers);
        let signals_none = reading.empty && end == End::Remote && self.evidence.unseen() != Some(end);
        if let Program::Ice { relay_only, turn_password, port, .. } = &mut run {
            *relay_only = reading.relay_only || signals_none;
            // A server that answers STUN and gives no relay refuses.
            *turn_password = matches!(reading.relay, Relay::Refused | Relay::Silent).then(|| "wrong".into());
            *port = reading.port.filter(|_| !reading.hosts.is_empty()).unwrap_or(*port);
        }
        let path = |member: &str| format!("/hosts/{}/run/{member}", self.scenario.hosts.len());
        if signals_none {
            self.assumptions.add("no-candidate", end, path("relayOnly"), true.into(), vec![false.into()]);
        }
        if reading.relay == Relay::Unseen {
            self.assumptions.add("relay-unseen", end, path("turnPassword"), Value::Null, vec!["wrong".into()]);
        }
        let addresses = if reading.hosts.is_empty() { vec![inside(end)] } else { reading.hosts };
        self.scenario.hosts.push(Host { name: end.host().into(), network: name, addresses, link: Host::near(), run });
    }

    fn nat(&mut self, end: End, reading: &Reading) -> NatChoice {
        let path = |member: &str| format!("/networks/{}/nat/{member}", end.index());
        if reading.open {
            self.fact("open", end, true, "candidate");
            if !reading.lets_new_port_in {
                let others = vec!["symmetric firewall".into()];
                self.assumptions.add("firewall", end, path("classic"), "open".into(), others);
            }
            return NatChoice::classic("open");
        }
        let mapping = match reading.mapping {
            Some((mapping, by)) => {
                self.fact("mapping", end, mapping.name(), by);
                if reading.mapping_ambiguous {
                    let others = vec![Behaviour::AddressDependent.name().into()];
                    self.assumptions.add("mapping-by-port", end, path("mapping"), mapping.name().into(), others);
                }
                mapping
            }
            None => {
                let mapping = Behaviour::EndpointIndependent;
                let others = vec![Behaviour::AddressAndPortDependent.name().into()];
                self.assumptions.add("mapping", end, path("mapping"), mapping.name().into(), others);
                mapping
            }
        };
        let filtering = self.filtering(end, reading, path("filtering"));
        let mut nat = NatChoice::of(mapping, filtering);
        nat.addresses.clone_from(&reading.exits);
        let keeps = reading.port.is_some_and(|port| reading.reflexive.iter().any(|address| address.port() == port));
        nat.ports = (mapping == Behaviour::EndpointIndependent && keeps).then_some(PortName::Preserve);
        nat.blocks_udp = self.blocked(end, reading, path("blocksUdp"));
        nat
    }

    fn filtering(&mut self, end: End, reading: &Reading, path: String) -> Behaviour {
        if let Some((filtering, by)) = reading.filtering {
            self.fact("filtering", end, filtering.name(), by);
            return filtering;
        }
        let all = Behaviour::ALL;
        if reading.lets_new_address_in {
            self.fact("filtering", end, Behaviour::EndpointIndependent.name(), "new-address-let-in");
            return Behaviour::EndpointIndependent;
        }
        if reading.lets_new_port_in {
            let filtering = Behaviour::AddressDependent;
            self.fact("filtering", end, filtering.name(), "new-port-let-in");
            let others = vec![Behaviour::EndpointIndependent.name().into()];
            self.assumptions.add("filtering-by-address", end, path, filtering.name().into(), others);
            return filtering;
        }
        let filtering = Behaviour::AddressAndPortDependent;
        let others = all.iter().filter(|one| **one != filtering).map(|one| one.name().into()).collect();
        self.assumptions.add("filtering", end, path, filtering.name().into(), others);
        filtering
    }

    /// Whether UDP is blocked on the way out.
    fn blocked(&mut self, end: End, reading: &Reading, path: String) -> bool {
        if reading.blocked_by_report {
            self.fact("blocked", end, true, "report");
            return true;
        }
        if reading.silent_servers.is_some() {
            let by = if reading.relay_over_tcp { "relay-over-tcp" } else { "no-answer" };
            self.fact("blocked", end, true, by);
            self.assumptions.add("blocked", end, path, true.into(), vec![false.into()]);
            return true;
        }
        if reading.answers_unseen {
            self.assumptions.add("answers-unseen", end, path, false.into(), vec![true.into()]);
            return false;
        }
        // Nothing shows that its UDP goes out: no server answered, for none was asked as far as is known.
        if end == End::Remote && reading.has_host && reading.reflexive.is_empty() && reading.relayed.is_empty() {
            self.assumptions.add("not-blocked", end, path, false.into(), vec![true.into()]);
        }
        false
    }

    /// Names of the hosts that a side asks; makes those that are new.
    fn side_servers(&mut self, end: End, seen: &SideSeen, reading: &Reading) -> Vec<String> {
        let mut names = Vec::new();
        for url in seen.servers.iter().flatten().take(MAX_SERVERS) {
            let Some(server) = Server::parse(url) else { continue };
            let turn = matches!(server.scheme, Scheme::Turn | Scheme::Turns);
            let ip = server.ip().filter(IpAddr::is_ipv4);
            let name = self.server(server.host, ip, turn);
            let name = if turn && !server.udp { format!("{name}?transport=tcp") } else { name };
            if !names.contains(&name) {
                names.push(name);
            }
            self.silence(end, seen, reading, &server);
        }
        match reading.relay {
            Relay::Refused => self.fact("relay-refused", end, true, "error"),
            Relay::Works => self.fact("relay", end, true, "candidate"),
            Relay::None | Relay::Silent | Relay::Unseen => {}
        }
        if seen.servers.is_none() {
            names = self.guessed_servers(reading);
        }
        names
    }

    /// The servers of a side whose configuration is not known: what its candidates came from.
    fn guessed_servers(&mut self, reading: &Reading) -> Vec<String> {
        let mut names = Vec::new();
        if !reading.reflexive.is_empty() {
            names.push(self.server("assumed", None, false));
        }
        if let Some(relayed) = reading.relayed.first() {
            let name = self.server(&relayed.ip().to_string(), Some(relayed.ip()), true);
            names.push(if reading.relay_over_tcp { format!("{name}?transport=tcp") } else { name });
        }
        names
    }

    /// A TURN server that gave this side no relay and no error does not answer; nor does a server that failed although
    /// others answered.
    fn silence(&mut self, end: End, seen: &SideSeen, reading: &Reading, server: &Server<'_>) {
        let failed = seen.errors.iter().any(|error| {
            let failed = Server::parse(&error.url);
            error.code == 701 && failed.is_some_and(|it| it.host == server.host && it.udp)
        });
        let is_turn = matches!(server.scheme, Scheme::Turn | Scheme::Turns);
        let used = seen.candidates.iter().any(|candidate| {
            let url = candidate.url.as_deref().and_then(Server::parse);
            url.is_some_and(|it| it.host == server.host)
        });
        let silent = failed || (is_turn && reading.relay == Relay::Silent);
        if !silent || used || reading.silent_servers.is_some() || !server.udp {
            return;
        }
        let name = self.servers.iter().find(|(host, _)| host == server.host).map(|(_, name)| name.clone());
        let found = self.scenario.hosts.iter_mut().find(|host| Some(&host.name) == name.as_ref());
        if let Some(host) = found.filter(|host| host.run != Program::Silent {}) {
            host.run = Program::Silent {};
            self.fact("server-silent", end, server.host, if failed { "error" } else { "no-relay" });
        }
    }

    /// The host of a server; a STUN server that is asked for a relay becomes one.
    fn server(&mut self, at: &str, ip: Option<IpAddr>, turn: bool) -> String {
        if let Some((_, name)) = self.servers.iter().find(|(host, _)| host == at) {
            let name = name.clone();
            let found = self.scenario.hosts.iter_mut().find(|host| host.name == name);
            if let Some(host) = found.filter(|host| turn && host.run == Program::stun()) {
                host.run = relay();
            }
            return name;
        }
        let number = u8::try_from(self.servers.len() + 1).unwrap_or(u8::MAX);
        let name = format!("server {number}");
        let ip = ip.filter(|ip| self.is_free(*ip)).unwrap_or_else(|| [198, 51, 100, number].into());
        self.servers.push((at.into(), name.clone()));
        let run = if turn { relay() } else { Program::stun() };
        self.scenario.hosts.push(Host {
            name: name.clone(),
            network: String::new(),
            addresses: vec![ip],
            link: Host::near(),
            run,
        });
        name
    }

    fn is_free(&self, ip: IpAddr) -> bool {
        !self.scenario.hosts.iter().any(|host| host.addresses.contains(&ip))
            && !self.readings.ends.iter().any(|end| end.exits.contains(&ip) || end.hosts.contains(&ip))
    }

    /// Both sides behind the same NAT share its network.
    fn one_network(&mut self) {
        if !self.readings.same_network {
            return;
        }
        self.fact("same-network", End::Remote, true, "candidate");
        let Some(name) = self.scenario.networks.first().map(|network| network.name.clone()) else { return };
        let Some(at) = self.scenario.hosts.iter().position(|host| host.name == End::Remote.host()) else { return };
        self.scenario.networks.truncate(1);
        self.assumptions.forget(&format!("/networks/{}/", End::Remote.index()));
        self.facts.retain(|fact| fact.end == End::Local || !matches!(fact.code, "mapping" | "filtering"));
        let local = self.readings.end(End::Local).hosts.clone();
        if let Some(host) = self.scenario.hosts.get_mut(at) {
            host.network = name;
            if host.addresses.iter().any(|ip| local.contains(ip)) {
                host.addresses = vec![inside(End::Remote)];
            }
        }
    }
}

/// A TURN server that relays to any address, as coturn does unless told.
fn relay() -> Program {
    let mut program = Program::turn();
    if let Program::Turn { allow_private, .. } = &mut program {
        *allow_private = true;
    }
    program
}

/// An address inside for a side whose own is hidden.
fn inside(end: End) -> IpAddr {
    Ipv4Addr::new(10, 254, end.index() as u8, 2).into()
}
