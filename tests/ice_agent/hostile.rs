//! Sessions under random loss, duplication, reordering, corruption, role conflicts and NATs: both sides end up on the same
//! path, nothing grows without bound, and nobody panics.

use core::net::SocketAddr;
use std::collections::BTreeMap;

use super::net::*;
use icelens::ice::Role;
use icelens::ice::agent::*;
use icelens::net::Datagram;

#[path = "../../fuzz/targets/ice_agent.rs"]
#[allow(unreachable_pub, reason = "the fuzz crate has it public")]
mod schedules;

struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// A NAT in front of some addresses: a new port for each destination when symmetric.
struct Nat {
    inside: Vec<SocketAddr>,
    outside: &'static str,
    symmetric: bool,
    mapped: BTreeMap<(SocketAddr, Option<SocketAddr>), SocketAddr>,
}

impl Nat {
    fn out(&mut self, packet: &mut Datagram) {
        if !self.inside.contains(&packet.local) {
            return;
        }
        let port = 40_000 + self.mapped.len() as u16;
        let key = (packet.local, self.symmetric.then_some(packet.remote));
        let outside: core::net::IpAddr = self.outside.parse().unwrap();
        packet.local = *self.mapped.entry(key).or_insert(SocketAddr::new(outside, port));
    }

    fn back(&self, packet: &mut Datagram) {
        if let Some(((inside, _), _)) = self.mapped.iter().find(|(_, mapped)| **mapped == packet.remote) {
            packet.remote = *inside;
        }
    }
}

fn session(seed: u64) -> Net {
    let mut random = Random(seed);
    let same_role = random.below(4) == 0;
    let aggressive = random.below(4) == 0;
    let components = 1 + random.below(2) as u16;
    let streams = 1 + random.below(2) as u16;
    let mut net = Net::two(|config| {
        config.entropy[1] = seed as u8;
        (config.components, config.streams) = (components, streams);
        if aggressive {
            config.nomination = Nomination::Aggressive;
        }
        if same_role {
            config.entropy[2] = config.role as u8;
            config.role = if seed.is_multiple_of(2) { Role::Controlling } else { Role::Controlled };
        }
    });
    let mut inside = Vec::new();
    for agent in 0..2 {
        for stream in 0..streams {
            for component in 1..=components {
                for host in 0..1 + random.below(3) {
                    let ip = format!("10.{agent}.0.{}", host + 1);
                    let address = format!("{ip}:{}", 1000 + stream * 10 + component);
                    net.local(agent, LocalCandidate::host(at(&address)).of(ComponentId { stream, component }));
                    inside.push(at(&address));
                }
            }
        }
    }
    let symmetric = random.below(2) == 0;
    let behind: Vec<SocketAddr> = inside.iter().copied().filter(|it| it.to_string().starts_with("10.0.")).collect();
    let with_nat = random.below(2) == 0;
    let mut nat = Nat {
        inside: if with_nat { behind } else { vec![] },
        outside: "198.51.100.1",
        symmetric,
        mapped: BTreeMap::new(),
    };
    let mut chance = Random(seed ^ 0x5555);
    net.way = Box::new(move |now, mut packet| {
        let to_private = nat.inside.contains(&packet.remote);
        nat.out(&mut packet);
        nat.back(&mut packet);
        let bad = now < ms(8000);
        if to_private || bad && chance.below(10) == 0 {
            return None;
        }
        if bad && chance.below(20) == 0 {
            let at = chance.below(packet.bytes.len().max(1) as u64) as usize;
            if let Some(byte) = packet.bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        Some(packet)
    });
    // Candidates are signalled in any order, some late.
    for (from, to) in [(0, 1), (1, 0)] {
        if random.below(2) == 0 {
            net.run(ms(random.below(500)));
        }
        let theirs = net.agents[from].local_credentials().clone();
        let parameters = RemoteParameters { ice2: !aggressive, ..RemoteParameters::new(&theirs.ufrag, &theirs.pwd) };
        net.agents[to].set_remote_parameters(parameters);
        for candidate in net.signalled(from) {
            if random.below(4) == 0 {
                let until = net.now + ms(random.below(200));
                net.run(until);
            }
            net.agents[to].add_remote_candidate(candidate).unwrap();
        }
    }
    net
}

#[test]
fn both_sides_end_on_the_same_path() {
    for seed in 0..60 {
        let mut net = session(seed);
        net.run(ms(120_000));
        for agent in &net.agents {
            let why = format!("seed {seed}\n{}\n{}", net.story(0), net.story(1));
            assert_eq!(agent.state(), AgentState::Completed, "{why}");
        }
        let [a, b] = &net.agents[..] else { unreachable!() };
        assert_ne!(a.role(), b.role(), "seed {seed}");
        for id in [FIRST, ComponentId { stream: 0, component: 2 }, ComponentId { stream: 1, component: 1 }] {
            let (Some(ours), Some(theirs)) = (a.selected(id), b.selected(id)) else { continue };
            let (local, remote) = addresses(a, ours);
            let (other_local, other_remote) = addresses(b, theirs);
            assert_eq!(
                (local, remote),
                (other_remote, other_local),
                "seed {seed} {id}\n{}\n{}",
                net.story(0),
                net.story(1)
            );
        }
        for agent in &net.agents {
            assert!(agent.pairs(0).len() <= 100);
        }
    }
}

#[test]
fn noise_never_panics_and_never_changes_a_state() {
    let mut random = Random(7);
    let mut alone = Alone::new(Role::Controlled).start();
    let check = alone.run(ms(0)).remove(0).bytes;
    let answer = success(&check, OURS, THEIR_PWD);
    let request = Asked::default().bytes();
    for _ in 0..20_000 {
        let mut bytes = match random.below(3) {
            0 => answer.clone(),
            1 => request.clone(),
            _ => (0..random.below(120)).map(|_| random.below(256) as u8).collect(),
        };
        for _ in 0..1 + random.below(3) {
            match (random.below(3), bytes.len()) {
                (0, 1..) => bytes.truncate(random.below(bytes.len() as u64) as usize),
                (1, 1..) => {
                    let at = random.below(bytes.len() as u64) as usize;
                    bytes[at] ^= 1 << random.below(8);
                }
                _ => bytes.push(random.below(256) as u8),
            }
        }
        if bytes == answer || bytes == request {
            continue;
        }
        alone.receive(bytes);
        while alone.agent.poll_event().is_some() {}
    }
    assert_eq!(alone.agent.role(), Role::Controlled);
    assert!(alone.agent.pairs(0).iter().all(|pair| !pair.valid && !pair.nominated));
    assert_eq!(alone.agent.remote_candidates().len(), 1);
}

#[test]
fn an_agent_that_nobody_polls_stays_small() {
    let mut alone = Alone::new(Role::Controlled).start();
    for n in 0..20_000u32 {
        let mut id = [0; 12];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let packet = Datagram::udp(at(OURS), at(THEIRS), Asked { id, ..Asked::default() }.bytes());
        alone.agent.receive(ms(u64::from(n)), &packet);
        alone.agent.receive(ms(u64::from(n)), &Datagram::udp(at(OURS), at(THEIRS), vec![0x80; 100]));
        alone.agent.timeout(ms(u64::from(n)));
    }
    assert!(alone.agent.dropped_events() > 0);
    assert!(core::iter::from_fn(|| alone.agent.poll_transmit()).count() <= 1024);
    assert!(core::iter::from_fn(|| alone.agent.poll_event()).count() <= MAX_EVENTS + MAX_DATA + 256);
}

#[test]
fn any_schedule_of_callers_and_networks() {
    let mut random = Random(11);
    for _ in 0..300 {
        let len = 100 + random.below(700) as usize;
        let data: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
        schedules::schedule(&data);
    }
}
