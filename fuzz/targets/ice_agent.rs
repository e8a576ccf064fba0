//! Rules that hold for two ICE agents under any schedule of what callers and networks do.

use icelens::candidate::CandidateType;
use icelens::ice::agent::{
    Agent, AgentConfig, AgentState, ComponentId, Event, IceServer, LocalCandidate, MAX_DATA, MAX_EVENTS, MAX_TRANSMITS,
    Nomination, Profile, RemoteCandidate, RemoteParameters,
};
use icelens::ice::{MAX_CANDIDATES, Role, Transport};
use icelens::net::Datagram;
use std::net::SocketAddr;
use std::time::Duration;

const MAX_STEPS: usize = 400;
const PAIR_LIMIT: usize = 12;

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
    let server = "192.0.2.7:1000".parse().unwrap();
    config.servers = vec![IceServer::stun(server), IceServer::turn(server, "u", "p")];
    Agent::new(config)
}

/// Reads the input as a schedule: one byte what happens and to which agent, one byte its argument.
pub fn schedule(data: &[u8]) {
    let [first, second, rest @ ..] = data else { return };
    let roles = if first & 128 != 0 { [Role::Controlled; 2] } else { [Role::Controlling, Role::Controlled] };
    let mut agents = [agent(roles[0], *first, 1), agent(roles[1], *second, 2)];
    let mut wire: Vec<Datagram> = Vec::new();
    let mut now = Duration::ZERO;
    for step in rest.chunks_exact(2).take(MAX_STEPS) {
        let &[what, how] = step else { return };
        let one = usize::from(what >> 7);
        let theirs = agents[1 - one].local_credentials().clone();
        let it = &mut agents[one];
        match what % 20 {
            0 | 1 => due(it, &mut now),
            2 => now += Duration::from_millis(u64::from(how)),
            3 => now += Duration::from_secs(u64::from(how)),
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
            14 if how == 0 => it.close(),
            15 => drop((!wire.is_empty()).then(|| wire.remove(0))),
            16 => deliver(&mut wire, &mut agents, now, |packet| {
                let at = usize::from(how) % packet.bytes.len().max(1);
                packet.bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= how | 1);
            }),
            // A NAT: another source.
            17 => deliver(&mut wire, &mut agents, now, |packet| packet.local = address(how, how >> 3)),
            _ => deliver(&mut wire, &mut agents, now, |_| {}),
        }
        for agent in &mut agents {
            collect(agent, &mut wire);
            check(agent);
        }
    }
    settle(&mut agents, now);
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

fn deliver(wire: &mut Vec<Datagram>, agents: &mut [Agent; 2], now: Duration, change: impl FnOnce(&mut Datagram)) {
    if wire.is_empty() {
        return;
    }
    let mut packet = wire.remove(0);
    change(&mut packet);
    let arrived = Datagram { local: packet.remote, remote: packet.local, ..packet };
    for agent in agents {
        agent.receive(now, &arrived);
    }
}

fn collect(agent: &mut Agent, wire: &mut Vec<Datagram>) {
    let mut packets = 0;
    while let Some(packet) = agent.poll_transmit() {
        packets += 1;
        if wire.len() < 256 {
            wire.push(packet);
        }
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
