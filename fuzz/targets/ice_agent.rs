//! Rules that hold for two ICE agents and a TURN server under any schedule of what callers and networks do, and any bytes.

use icelens::candidate::CandidateType;
use icelens::ice::agent::{
    Agent, AgentConfig, AgentState, ComponentId, Event, IceServer, LocalCandidate, MAX_DATA, MAX_EVENTS, MAX_TRANSMITS,
    Nomination, Profile, RemoteCandidate, RemoteParameters,
};
use icelens::ice::{MAX_CANDIDATES, Role, Transport};
use icelens::net::Datagram;
use icelens::turn::{Server, ServerConfig};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

const MAX_STEPS: usize = 400;
const PAIR_LIMIT: usize = 12;
const RELAY_PORTS: usize = 4;

fn address(host: u8, port: u8) -> SocketAddr {
    SocketAddr::new([192, 0, 2, host & 7].into(), 1000 + u16::from(port & 3))
}

fn id(how: u8) -> ComponentId {
    ComponentId { stream: u16::from(how >> 6 & 1), component: 1 + u16::from(how >> 7) }
}

fn agent(role: Role, options: u8, seed: u8) -> Agent {
    let mut config = AgentConfig::new(role, [seed; 32]);
    config.streams = 2;
    config.components = 2;
    config.pair_limit = PAIR_LIMIT;
    config.tie_breaker = (options & 1 != 0).then_some(7);
    config.lite = options & 2 != 0;
    config.renomination = options & 4 != 0;
    config.nomination = if options & 8 != 0 { Nomination::Aggressive } else { Nomination::Regular };
    config.policy = Profile::ALL[usize::from(options >> 4) % Profile::ALL.len()].policy();
    config.servers = vec![IceServer::stun(address(7, 0)), IceServer::turn(address(7, 0), "u", "p")];
    Agent::new(config)
}

/// The STUN and TURN server of both, which relays at its own address.
fn server() -> Server {
    let mut config = ServerConfig::new("r", address(7, 0).ip(), [3; 32]);
    config.users.push(("u".into(), "p".into()));
    config.ports = 50_000..=50_000 + RELAY_PORTS as u16 - 1;
    Server::new(config)
}

/// Two agents, their server, and what is between them.
struct World {
    agents: [Agent; 2],
    server: Server,
    wire: VecDeque<Datagram>,
    now: Duration,
}

/// Reads the input as a schedule: one byte what happens and to which agent, one byte its argument.
pub fn schedule(data: &[u8]) {
    let [first, second, rest @ ..] = data else { return };
    let roles = if first & 128 != 0 { [Role::Controlled; 2] } else { [Role::Controlling, Role::Controlled] };
    let agents = [agent(roles[0], *first, 1), agent(roles[1], *second, 2)];
    let mut world = World { agents, server: server(), wire: VecDeque::new(), now: Duration::ZERO };
    for step in rest.chunks_exact(2).take(MAX_STEPS) {
        let &[what, how] = step else { return };
        match what % 20 {
            2 => world.now += Duration::from_millis(u64::from(how)),
            3 => world.now += Duration::from_secs(u64::from(how)),
            14 if how != 0 => world.strange(how, rest),
            15 => drop(world.wire.pop_front()),
            16 => world.deliver(|packet| {
                let at = usize::from(how) % packet.bytes.len().max(1);
                packet.bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= how | 1);
            }),
            // A NAT: another source.
            17 => world.deliver(|packet| packet.local = address(how, how >> 3)),
            18 | 19 => world.deliver(|_| {}),
            what => world.call(usize::from(step[0] >> 7), what, how),
        }
        world.collect();
    }
    settle(&mut world.agents, world.now);
}

impl World {
    /// The caller of an agent does something.
    fn call(&mut self, one: usize, what: u8, how: u8) {
        let now = self.now;
        let theirs = self.agents[1 - one].local_credentials().clone();
        let it = &mut self.agents[one];
        match what {
            0 | 1 => {
                due(it, &mut self.now);
                self.server.timeout(self.now);
            }
            4 => {
                let base = address(2 * (how & 3) + one as u8, how >> 2);
                _ = it.add_local_candidate(LocalCandidate::host(base).of(id(how)));
            }
            5 => it.remove_local_address(address(2 * (how & 3) + one as u8, how >> 2)),
            6 => _ = it.add_remote_candidate(remote(1 - one as u8, how)),
            7 => it.remove_remote_candidate(&remote(1 - one as u8, how)),
            8 => it.end_of_local_candidates(),
            9 => it.end_of_remote_candidates(),
            10 | 11 => {
                let mut parameters = RemoteParameters::new(&theirs.ufrag, &theirs.pwd);
                (parameters.lite, parameters.ice2, parameters.renomination) =
                    (how & 7 == 1, how & 8 == 0, how & 16 != 0);
                it.set_remote_parameters(parameters);
            }
            12 => _ = it.restart(None),
            13 => _ = it.send(now, id(how), &vec![0x80; usize::from(how)]),
            _ => it.close(),
        }
    }

    /// Bytes of the input itself, to everybody, from a candidate or from the server.
    fn strange(&mut self, how: u8, data: &[u8]) {
        let from = usize::from(how) * 4;
        let bytes = data.get(from..(from + 100).min(data.len())).unwrap_or_default().to_vec();
        let remote = address(how, how >> 3);
        for to in (0..8).map(|host| address(host, how >> 5)) {
            self.wire.push_front(Datagram::udp(remote, to, bytes.clone()));
            self.deliver(|_| {});
        }
    }

    fn deliver(&mut self, change: impl FnOnce(&mut Datagram)) {
        let Some(mut packet) = self.wire.pop_front() else { return };
        change(&mut packet);
        let arrived = Datagram { local: packet.remote, remote: packet.local, ..packet };
        if arrived.local.ip() == address(7, 0).ip() {
            self.server.receive(self.now, &arrived);
        }
        for agent in &mut self.agents {
            agent.receive(self.now, &arrived);
        }
    }

    /// Takes what all have to say, and looks at the rules.
    fn collect(&mut self) {
        for agent in &mut self.agents {
            collect(agent, &mut self.wire);
            check(agent);
        }
        while self.server.poll_event().is_some() {}
        while let Some(packet) = self.server.poll_transmit() {
            self.wire.push_back(packet);
        }
        self.wire.truncate(256);
        assert!(self.server.allocations() <= RELAY_PORTS, "{} allocations", self.server.allocations());
    }
}

fn remote(host: u8, how: u8) -> RemoteCandidate {
    RemoteCandidate {
        component: id(how),
        kind: [CandidateType::Host, CandidateType::ServerReflexive][usize::from(how >> 5 & 1)],
        transport: Transport::Udp,
        address: address(2 * (how & 3) + host, how >> 2),
        priority: 1 + u32::from(how) * 1000,
        foundation: (how & 1).to_string(),
    }
}

/// Makes what is due next happen.
fn due(agent: &mut Agent, now: &mut Duration) {
    if let Some(due) = agent.poll_timeout() {
        *now = due.max(*now);
        agent.timeout(*now);
    }
}

fn collect(agent: &mut Agent, wire: &mut VecDeque<Datagram>) {
    let mut packets = 0;
    while let Some(packet) = agent.poll_transmit() {
        packets += 1;
        wire.push_back(packet);
    }
    assert!(packets <= MAX_TRANSMITS);
    let mut events = 0;
    while let Some(event) = agent.poll_event() {
        events += 1;
        if let Event::Decision(decision) = event {
            let why = decision.why();
            assert!(!why.contains(['{', '}']), "{why}");
        }
    }
    assert!(events <= MAX_EVENTS + MAX_DATA + MAX_CANDIDATES);
}

fn check(agent: &Agent) {
    let pairs: usize = (0..2).map(|stream| agent.pairs(stream).len()).sum();
    assert!(pairs <= PAIR_LIMIT, "{pairs} pairs");
    assert!(agent.local_candidates().len() <= MAX_CANDIDATES && agent.remote_candidates().len() <= MAX_CANDIDATES);
    for stream in 0..2 {
        let pairs = agent.pairs(stream);
        assert!(pairs.windows(2).all(|two| two[0].priority >= two[1].priority), "best first");
        for pair in pairs {
            assert!(agent.local_candidates()[usize::from(pair.local)].is_current(), "{pair:?}");
            assert!(agent.remote_candidates()[usize::from(pair.remote)].is_current(), "{pair:?}");
        }
    }
    if agent.state() == AgentState::Failed {
        assert!(agent.failure().is_some());
    }
}

/// Left alone, each agent comes to rest or waits for a time that is still to come, and one without a path fails.
fn settle(agents: &mut [Agent; 2], now: Duration) {
    for agent in agents {
        let mut now = now;
        let limit = now + Duration::from_secs(3600);
        let mut at_once = 0;
        while let Some(due) = agent.poll_timeout().filter(|due| *due <= limit) {
            at_once = if due <= now { at_once + 1 } else { 0 };
            assert!(at_once < 1000, "it never waits: {agent:?}");
            now = now.max(due);
            agent.timeout(now);
            while agent.poll_transmit().is_some() {}
        }
        let ended = !matches!(agent.state(), AgentState::Checking | AgentState::Disconnected);
        let waits = agent.remote_parameters().is_none();
        assert!(ended || waits, "{:?} after an hour of silence: {agent:?}", agent.state());
    }
}
