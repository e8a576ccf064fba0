//! A network of ICE agents under virtual time: what one sends reaches the one that owns the address, after the latency.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use icelens::candidate::CandidateType;
use icelens::ice::agent::{
    Agent, AgentConfig, AgentState, Code, ComponentId, Credentials, Decision, Event, LocalCandidate, Pair,
    RemoteCandidate, RemoteParameters,
};
use icelens::ice::{Role, Transport};
use icelens::net::Datagram;
use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};

pub(crate) const FIRST: ComponentId = ComponentId::FIRST;

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) fn at(address: &str) -> SocketAddr {
    address.parse().expect("an address")
}

/// Fate of a packet on its way; `local` is its sender, `remote` its destination.
pub(crate) type Way = Box<dyn FnMut(Duration, Datagram) -> Option<Datagram>>;

pub(crate) struct Net {
    pub(crate) now: Duration,
    pub(crate) agents: Vec<Agent>,
    pub(crate) latency: Duration,
    /// Translates and drops.
    pub(crate) way: Way,
    /// Every packet as it was sent.
    pub(crate) sent: Vec<(Duration, Datagram)>,
    /// How many decisions came before each new local candidate.
    pub(crate) announced: Vec<Vec<usize>>,
    pub(crate) decisions: Vec<Vec<Decision>>,
    pub(crate) data: Vec<Vec<Vec<u8>>>,
    sockets: Vec<BTreeSet<SocketAddr>>,
    flying: BTreeMap<(Duration, u64), Datagram>,
    count: u64,
}

impl Net {
    pub(crate) fn new(agents: Vec<Agent>) -> Self {
        let some = agents.len();
        Self {
            now: Duration::ZERO,
            agents,
            latency: ms(10),
            way: Box::new(|_, packet| Some(packet)),
            sent: Vec::new(),
            announced: vec![Vec::new(); some],
            decisions: vec![Vec::new(); some],
            data: vec![Vec::new(); some],
            sockets: vec![BTreeSet::new(); some],
            flying: BTreeMap::new(),
            count: 0,
        }
    }

    /// A controlling and a controlled agent, each with one host candidate, that know all of each other.
    pub(crate) fn pair() -> Self {
        let mut net = Self::two(|_| {});
        net.host(0, "192.0.2.1:1000");
        net.host(1, "192.0.2.2:2000");
        net.exchange();
        net
    }

    /// A controlling and a controlled agent without candidates.
    pub(crate) fn two(change: impl Fn(&mut AgentConfig)) -> Self {
        let agent = |role: Role| {
            let mut config = AgentConfig::new(role, [role as u8 + 1; 32]);
            change(&mut config);
            Agent::new(config)
        };
        Self::new(vec![agent(Role::Controlling), agent(Role::Controlled)])
    }

    pub(crate) fn host(&mut self, agent: usize, address: &str) {
        self.local(agent, LocalCandidate::host(at(address)));
    }

    pub(crate) fn local(&mut self, agent: usize, candidate: LocalCandidate) {
        self.sockets[agent].insert(candidate.base);
        self.agents[agent].add_local_candidate(candidate).expect("taken");
    }

    /// A socket that receives for an agent without being a candidate that was added by the test.
    pub(crate) fn socket(&mut self, agent: usize, address: &str) {
        self.sockets[agent].insert(at(address));
    }

    /// Exchanges what the first two agents would tell each other by signalling.
    pub(crate) fn exchange(&mut self) {
        for (from, to) in [(0, 1), (1, 0)] {
            self.signal_credentials(from, to);
            self.signal_candidates(from, to);
            self.agents[to].end_of_remote_candidates();
            self.agents[from].end_of_local_candidates();
        }
    }

    pub(crate) fn signal_credentials(&mut self, from: usize, to: usize) {
        let theirs = self.agents[from].local_credentials().clone();
        self.agents[to].set_remote_parameters(RemoteParameters::new(&theirs.ufrag, &theirs.pwd));
    }

    pub(crate) fn signal_candidates(&mut self, from: usize, to: usize) {
        for candidate in self.signalled(from) {
            self.agents[to].add_remote_candidate(candidate).expect("taken");
        }
    }

    /// The candidates of an agent by way of their lines.
    pub(crate) fn signalled(&self, from: usize) -> Vec<RemoteCandidate> {
        let locals = self.agents[from].local_candidates().iter().filter(|local| local.is_current());
        locals
            .map(|local| {
                let line = local.to_string();
                let parsed = icelens::candidate::parse(&line);
                let line = parsed.candidate().expect("a candidate");
                RemoteCandidate::from_line(local.candidate.component.stream, line).expect("taken")
            })
            .collect()
    }

    /// Hands a packet to whoever owns its destination, now.
    pub(crate) fn inject(&mut self, packet: Datagram) {
        self.deliver(packet);
        self.collect();
    }

    fn deliver(&mut self, packet: Datagram) {
        let Some(to) = self.sockets.iter().position(|sockets| sockets.contains(&packet.remote)) else { return };
        let arrived = Datagram { local: packet.remote, remote: packet.local, ..packet };
        self.agents[to].receive(self.now, &arrived);
    }

    fn collect(&mut self) {
        for (agent, it) in self.agents.iter_mut().enumerate() {
            while let Some(packet) = it.poll_transmit() {
                self.sent.push((self.now, packet.clone()));
                if let Some(packet) = (self.way)(self.now, packet) {
                    self.count += 1;
                    self.flying.insert((self.now + self.latency, self.count), packet);
                }
            }
            while let Some(event) = it.poll_event() {
                match event {
                    Event::Decision(decision) => self.decisions[agent].push(decision),
                    Event::Data { bytes, .. } => self.data[agent].push(bytes),
                    Event::Candidate { .. } => self.announced[agent].push(self.decisions[agent].len()),
                }
            }
        }
    }

    /// Makes the next thing happen, if it is not after `until`.
    pub(crate) fn step(&mut self, until: Duration) -> bool {
        self.collect();
        let timer = self.agents.iter().filter_map(Agent::poll_timeout).min();
        let packet = self.flying.keys().next().map(|(time, _)| *time);
        let Some(next) = timer.into_iter().chain(packet).min().filter(|next| *next <= until) else {
            return false;
        };
        self.now = self.now.max(next);
        if packet.is_some_and(|time| time <= self.now) {
            let ((..), packet) = self.flying.pop_first().expect("there is one");
            self.deliver(packet);
        } else {
            for agent in &mut self.agents {
                if agent.poll_timeout().is_some_and(|due| due <= self.now) {
                    agent.timeout(self.now);
                }
            }
        }
        self.collect();
        true
    }

    /// Runs until that time.
    pub(crate) fn run(&mut self, until: Duration) {
        let mut steps = 0;
        while self.step(until) {
            steps += 1;
            assert!(steps < 1_000_000, "no end at {:?}", self.now);
        }
        self.now = self.now.max(until);
    }

    /// Runs until both agents have this state; says when.
    pub(crate) fn run_to(&mut self, state: AgentState, limit: Duration) -> Duration {
        while !self.agents.iter().all(|agent| agent.state() == state) {
            let states: Vec<_> = self.agents.iter().map(Agent::state).collect();
            assert!(self.step(limit), "{states:?} at {:?}, not {state:?}", self.now);
        }
        self.now
    }

    pub(crate) fn codes(&self, agent: usize) -> Vec<Code> {
        self.decisions[agent].iter().map(|decision| decision.code).collect()
    }

    pub(crate) fn count(&self, agent: usize, code: Code) -> usize {
        self.decisions[agent].iter().filter(|decision| decision.code == code).count()
    }

    /// The states an agent went through, by name.
    pub(crate) fn states(&self, agent: usize) -> Vec<&'static str> {
        let changes = self.decisions[agent].iter().filter(|decision| decision.code == Code::StateChanged);
        changes.map(|decision| decision.what).collect()
    }

    /// The log of an agent as text.
    pub(crate) fn story(&self, agent: usize) -> String {
        let line = |it: &Decision| format!("{:>6} {:<22} {}\n", it.time.as_millis(), it.code.name(), it.why());
        self.decisions[agent].iter().map(line).collect()
    }

    /// The requests that were sent.
    pub(crate) fn requests(&self) -> Vec<(Duration, &Datagram)> {
        let is_request =
            |packet: &Datagram| Message::parse(&packet.bytes).is_ok_and(|message| message.class() == Class::Request);
        self.sent.iter().filter(|(_, packet)| is_request(packet)).map(|(time, packet)| (*time, packet)).collect()
    }

    pub(crate) fn selected(&self, agent: usize) -> (SocketAddr, SocketAddr) {
        let it = &self.agents[agent];
        let pair = it.selected(FIRST).expect("a selected pair");
        addresses(it, pair)
    }
}

pub(crate) fn addresses(agent: &Agent, pair: &Pair) -> (SocketAddr, SocketAddr) {
    let local = &agent.local_candidates()[usize::from(pair.local)];
    let remote = &agent.remote_candidates()[usize::from(pair.remote)];
    (local.candidate.address, remote.candidate.address)
}

/// One agent whose other side is played by the test.
pub(crate) struct Alone {
    pub(crate) agent: Agent,
    pub(crate) now: Duration,
}

pub(crate) const OURS: &str = "192.0.2.1:1000";
pub(crate) const THEIRS: &str = "192.0.2.2:2000";
pub(crate) const THEIR_PWD: &str = "theirpasswordtheirpassword";
pub(crate) const OUR_PWD: &str = "ourpasswordourpasswordours";

impl Alone {
    /// With credentials that the test knows, a host candidate at [`OURS`], and tie-breaker 1000.
    pub(crate) fn new(role: Role) -> Self {
        Self::with(role, |_| {})
    }

    pub(crate) fn with(role: Role, change: impl Fn(&mut AgentConfig)) -> Self {
        let mut config = AgentConfig::new(role, [9; 32]);
        config.credentials = Some(Credentials::new("ours", OUR_PWD));
        config.tie_breaker = Some(1000);
        change(&mut config);
        let mut agent = Agent::new(config);
        agent.add_local_candidate(LocalCandidate::host(at(OURS))).expect("taken");
        Self { agent, now: Duration::ZERO }
    }

    /// Tells the agent the other side's credentials and its candidate at [`THEIRS`].
    pub(crate) fn start(mut self) -> Self {
        self.agent.set_remote_parameters(RemoteParameters::new("them", THEIR_PWD));
        self.agent.add_remote_candidate(remote(THEIRS)).expect("taken");
        self
    }

    /// Lets the agent act until that time, and gives what it sent.
    pub(crate) fn run(&mut self, until: Duration) -> Vec<Datagram> {
        let mut sent = self.sent();
        while let Some(due) = self.agent.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.agent.timeout(self.now);
            sent.extend(self.sent());
        }
        self.now = self.now.max(until);
        sent
    }

    pub(crate) fn sent(&mut self) -> Vec<Datagram> {
        core::iter::from_fn(|| self.agent.poll_transmit()).collect()
    }

    /// A packet from `remote` to our socket; gives what was sent at once.
    pub(crate) fn receive_from(&mut self, remote: &str, bytes: Vec<u8>) -> Vec<Datagram> {
        let packet = Datagram::udp(at(OURS), at(remote), bytes);
        self.agent.receive(self.now, &packet);
        self.sent()
    }

    pub(crate) fn receive(&mut self, bytes: Vec<u8>) -> Vec<Datagram> {
        self.receive_from(THEIRS, bytes)
    }

    pub(crate) fn decisions(&mut self) -> Vec<Decision> {
        let events = core::iter::from_fn(|| self.agent.poll_event());
        events
            .filter_map(|event| match event {
                Event::Decision(decision) => Some(decision),
                Event::Data { .. } | Event::Candidate { .. } => None,
            })
            .collect()
    }

    pub(crate) fn happened(&mut self, code: Code) -> bool {
        self.decisions().iter().any(|decision| decision.code == code)
    }
}

pub(crate) fn remote(address: &str) -> RemoteCandidate {
    RemoteCandidate {
        component: FIRST,
        kind: CandidateType::Host,
        transport: Transport::Udp,
        address: at(address),
        priority: 2_130_706_431,
        foundation: "1".into(),
    }
}

/// A request as the other side would send it.
pub(crate) struct Asked<'a> {
    pub(crate) username: &'a str,
    pub(crate) pwd: &'a str,
    pub(crate) role: Option<(u16, u64)>,
    pub(crate) priority: Option<u32>,
    pub(crate) use_candidate: bool,
    pub(crate) fingerprint: bool,
    pub(crate) sign: bool,
    pub(crate) extra: Option<u16>,
    pub(crate) nomination: Option<u32>,
    pub(crate) id: [u8; 12],
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self {
            username: "ours:them",
            pwd: OUR_PWD,
            role: Some((attribute::ICE_CONTROLLING, 500)),
            priority: Some(1_862_270_975),
            use_candidate: false,
            fingerprint: true,
            sign: true,
            extra: None,
            nomination: None,
            id: [3; 12],
        }
    }
}

impl Asked<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut buffer = [0; 400];
        let id = TransactionId::new(self.id);
        let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        if !self.username.is_empty() {
            builder.attribute(attribute::USERNAME, &Value::Text(self.username)).unwrap();
        }
        if let Some(priority) = self.priority {
            builder.attribute(attribute::PRIORITY, &Value::Number(priority)).unwrap();
        }
        if let Some((code, number)) = self.role {
            builder.attribute(code, &Value::Long(number)).unwrap();
        }
        if self.use_candidate {
            builder.attribute(attribute::USE_CANDIDATE, &Value::Flag).unwrap();
        }
        if let Some(count) = self.nomination {
            builder.attribute(attribute::NOMINATION, &Value::Number(count)).unwrap();
        }
        if let Some(code) = self.extra {
            builder.raw(code, &[1, 2, 3, 4]).unwrap();
        }
        if self.sign {
            builder.sign(&Key::short_term(self.pwd)).unwrap();
        }
        if self.fingerprint {
            builder.fingerprint().unwrap();
        }
        builder.finish().to_vec()
    }
}

/// A success response to a request.
pub(crate) fn success(request: &[u8], mapped: &str, pwd: &str) -> Vec<u8> {
    let id = Message::parse(request).unwrap().transaction_id();
    let mut buffer = [0; 200];
    let mut builder = Builder::new(&mut buffer, Class::Success, Method::BINDING, id).unwrap();
    builder.address(attribute::XOR_MAPPED_ADDRESS, at(mapped)).unwrap();
    builder.sign(&Key::short_term(pwd)).unwrap().fingerprint().unwrap();
    builder.finish().to_vec()
}

/// An error response to a request, signed when there is a password.
pub(crate) fn failure(request: &[u8], code: u16, pwd: Option<&str>) -> Vec<u8> {
    let id = Message::parse(request).unwrap().transaction_id();
    let mut buffer = [0; 200];
    let mut builder = Builder::new(&mut buffer, Class::Error, Method::BINDING, id).unwrap();
    builder.error_code(code).unwrap();
    // An address that must never be taken for that of a success.
    builder.address(attribute::XOR_MAPPED_ADDRESS, at(OURS)).unwrap();
    if let Some(pwd) = pwd {
        builder.sign(&Key::short_term(pwd)).unwrap();
    }
    builder.fingerprint().unwrap();
    builder.finish().to_vec()
}

/// The class of a message, and its error code.
pub(crate) fn kind(packet: &Datagram) -> (Class, u16) {
    let message = Message::parse(&packet.bytes).unwrap();
    (message.class(), message.error_code().map_or(0, |error| error.code))
}

pub(crate) fn long(packet: &Datagram, code: u16) -> Option<u64> {
    match Message::parse(&packet.bytes).unwrap().value(code) {
        Some(Value::Long(number)) => Some(number),
        _ => None,
    }
}

pub(crate) fn uses_candidate(packet: &Datagram) -> bool {
    Message::parse(&packet.bytes).unwrap().use_candidate()
}
