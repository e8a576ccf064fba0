//! Check lists beside a brute-force model of RFC 8445 §6.1.2 over random candidates, with what `docs/deviations.md` adds.
//! A million lists: `cargo test --release --test all ice_check_list_model -- --ignored`.

use std::net::{Ipv4Addr, Ipv6Addr};

use icelens::candidate::CandidateType;
use icelens::ice::{Base, Candidate, CheckList, Host, PairState, Role, Rule, Transport, form_check_list};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % end as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

fn any_host(random: &mut Random) -> Host {
    let v6 = |first, last| Host::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last));
    let v4 = |last| Host::V4(Ipv4Addr::new(192, 0, 2, last));
    random.pick(&[v4(1), v4(2), v4(3), v6(0x2001, 1), v6(0xfe80, 1), v6(0xfe80, 2), Host::Name(0), Host::Name(1)])
}

fn any_candidate(random: &mut Random) -> Candidate {
    use Transport::{Other, TcpActive, TcpPassive, TcpSimultaneousOpen, Udp};
    let kind = random.pick(&[
        CandidateType::Host,
        CandidateType::ServerReflexive,
        CandidateType::PeerReflexive,
        CandidateType::Relayed,
    ]);
    let reflexive = matches!(kind, CandidateType::ServerReflexive | CandidateType::PeerReflexive);
    Candidate {
        component: random.pick(&[1, 1, 1, 2, 70_000, 90_000]),
        transport: random.pick(&[Udp, Udp, Udp, Udp, TcpActive, TcpPassive, TcpSimultaneousOpen, Other(0), Other(1)]),
        kind,
        priority: random.pick(&[0, 1, 7, 2_130_706_431, u32::MAX]) ^ random.below(3) as u32,
        host: any_host(random),
        port: random.pick(&[9, 5000]),
        base: match random.below(3) {
            _ if !reflexive => Base::Itself,
            0 => Base::Hidden,
            _ => Base::At(any_host(random), random.pick(&[9, 5000])),
        },
        foundation: random.below(4) as u32,
    }
}

/// A pair while the model works on it.
#[derive(Clone, Copy)]
struct Formed {
    local: usize,
    remote: usize,
    priority: u64,
}

fn family(host: Host) -> Option<u8> {
    match host {
        Host::V4(_) => Some(4),
        Host::V6(_) => Some(6),
        Host::Name(_) => None,
    }
}

/// §6.1.2.2: one address family, and link-local with link-local only.
fn addresses(one: Host, other: Host) -> Option<Rule> {
    let (Some(a), Some(b)) = (family(one), family(other)) else { return None };
    let link_local = |host| matches!(host, Host::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80);
    match (a == b, link_local(one) == link_local(other)) {
        (false, _) => Some(Rule::AddressFamily),
        (true, false) => Some(Rule::LinkLocal),
        (true, true) => None,
    }
}

/// §6.1.2.2 and RFC 6544 §6.2.
fn formable(local: &Candidate, remote: &Candidate) -> Option<Rule> {
    use Transport::{Other, TcpActive, TcpPassive, TcpSimultaneousOpen, Udp};
    if local.component != remote.component {
        return Some(Rule::Component);
    }
    let tcp = |transport| matches!(transport, TcpActive | TcpPassive | TcpSimultaneousOpen);
    let meets = match local.transport {
        Udp => remote.transport == Udp,
        Other(_) => remote.transport == local.transport,
        TcpActive => remote.transport == TcpPassive,
        TcpPassive => remote.transport == TcpActive,
        TcpSimultaneousOpen => remote.transport == TcpSimultaneousOpen,
    };
    match meets {
        true => addresses(local.host, remote.host),
        false if tcp(local.transport) && tcp(remote.transport) => Some(Rule::TcpDirection),
        false => Some(Rule::Transport),
    }
}

/// §6.1.2.3 in numbers that can't overflow.
fn priority(controlling: u32, controlled: u32) -> u64 {
    let (g, d) = (u128::from(controlling), u128::from(controlled));
    let priority = (1u128 << 32) * g.min(d) + 2 * g.max(d) + u128::from(g > d);
    u64::try_from(priority).unwrap_or(u64::MAX)
}

/// The local candidate by which the checks of a reflexive one are sent.
fn base(one: &Candidate, all: &[Candidate]) -> Option<usize> {
    let hosts: Vec<usize> = (0..all.len())
        .filter(|&i| {
            let other = &all[i];
            other.kind == CandidateType::Host && other.component == one.component && other.transport == one.transport
        })
        .collect();
    let at = |host, port| hosts.iter().copied().find(|&i| (all[i].host, all[i].port) == (host, port));
    match one.base {
        Base::Itself => None,
        Base::At(host, port) => at(host, port),
        Base::Hidden => at(one.host, one.port).or_else(|| {
            let named = family(one.host).is_none();
            let could: Vec<usize> = hosts
                .iter()
                .copied()
                .filter(|&i| addresses(one.host, all[i].host).is_none() && !(named && family(all[i].host).is_some()))
                .collect();
            (could.len() == 1).then(|| could[0])
        }),
    }
}

/// Local candidates with the same base: those with one address, or one known base, and what follows from that.
fn same_base(all: &[Candidate]) -> Vec<Vec<bool>> {
    let n = all.len();
    let shown = |i: usize| {
        let one = &all[base(&all[i], all).unwrap_or(i)];
        (one.host, one.port)
    };
    let known = |i: usize| match (base(&all[i], all), all[i].base) {
        (None, Base::At(host, port)) => (host, port),
        _ => shown(i),
    };
    let mut same = vec![vec![false; n]; n];
    for i in 0..n {
        for j in 0..n {
            same[i][j] = all[i].component == all[j].component
                && all[i].transport == all[j].transport
                && (shown(i) == shown(j) || known(i) == known(j));
        }
    }
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                same[i][j] |= same[i][k] && same[k][j];
            }
        }
    }
    same
}

fn identical(one: &Candidate, other: &Candidate) -> bool {
    (one.component, one.transport, one.host, one.port) == (other.component, other.transport, other.host, other.port)
}

/// Local and remote index, priority, foundation, and whether it is Waiting.
type ModelPair = (usize, usize, u64, (u32, u32), bool);

/// Expected list: pairs as (local, remote, priority, foundation, waiting), then those left out.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    pairs: Vec<ModelPair>,
    pruned: Vec<(usize, usize, Rule)>,
    excluded: Vec<(usize, usize, Rule)>,
}

fn model(local: &[Candidate], remote: &[Candidate], role: Role, limit: usize) -> Expected {
    let mut expected = Expected::default();
    let priority_of = |ours: &Candidate, theirs: &Candidate| match role {
        Role::Controlling => priority(ours.priority, theirs.priority),
        Role::Controlled => priority(theirs.priority, ours.priority),
    };
    let mut formed = Vec::new();
    for (i, ours) in local.iter().enumerate() {
        for (j, theirs) in remote.iter().enumerate() {
            match formable(ours, theirs) {
                Some(rule) => expected.excluded.push((i, j, rule)),
                None => formed.push(Formed { local: i, remote: j, priority: priority_of(ours, theirs) }),
            }
        }
    }
    // Of equal priorities the order is arbitrary (§6.1.2.3): the lower component, then as given.
    formed.sort_by_key(|pair| (u64::MAX - pair.priority, local[pair.local].component));

    let same = same_base(local);
    let mut kept: Vec<Formed> = Vec::new();
    for pair in formed {
        let (ours, theirs) = (&local[pair.local], &remote[pair.remote]);
        let from = match (base(ours, local), ours.base) {
            (Some(base), _) => local[base].host,
            (None, Base::At(host, _)) => host,
            (None, _) => ours.host,
        };
        let redundant = kept.iter().any(|one| same[one.local][pair.local] && identical(&remote[one.remote], theirs));
        let rule = match addresses(from, theirs.host) {
            Some(rule) => Some(rule),
            None if redundant => Some(Rule::Redundant),
            None if ours.transport == Transport::TcpPassive => Some(Rule::TcpPassiveLocal),
            None => None,
        };
        match rule {
            Some(rule) => expected.pruned.push((pair.local, pair.remote, rule)),
            None => kept.push(pair),
        }
    }

    // §6.1.2.4: a reflexive candidate is replaced by its base, and the pair has the priority of what it shows.
    for pair in &mut kept {
        pair.local = base(&local[pair.local], local).unwrap_or(pair.local);
        pair.priority = priority_of(&local[pair.local], &remote[pair.remote]);
    }
    kept.sort_by_key(|pair| (u64::MAX - pair.priority, local[pair.local].component));
    while kept.len() > limit {
        let lowest = kept.pop().expect("more than the limit");
        expected.pruned.push((lowest.local, lowest.remote, Rule::PairLimit));
    }
    for pair in &kept {
        let foundation = |one: &Formed| (local[one.local].foundation, remote[one.remote].foundation);
        let first = kept
            .iter()
            .filter(|one| foundation(one) == foundation(pair))
            .min_by_key(|one| (local[one.local].component, u64::MAX - one.priority))
            .expect("the pair itself");
        let waiting = (first.local, first.remote) == (pair.local, pair.remote);
        expected.pairs.push((pair.local, pair.remote, pair.priority, foundation(pair), waiting));
    }
    expected
}

fn seen(list: &CheckList) -> Expected {
    let pairs = list.pairs.iter().map(|pair| {
        let waiting = match pair.state {
            PairState::Waiting => true,
            PairState::Frozen => false,
            other => panic!("a first state {other:?}"),
        };
        (usize::from(pair.local), usize::from(pair.remote), pair.priority, pair.foundation, waiting)
    });
    let left_out = |list: &[icelens::ice::LeftOut]| {
        list.iter().map(|out| (usize::from(out.local), usize::from(out.remote), out.rule)).collect()
    };
    Expected { pairs: pairs.collect(), pruned: left_out(&list.pruned), excluded: left_out(&list.excluded) }
}

fn agree(lists: u64) {
    for seed in 0..lists {
        let random = &mut Random(seed);
        let mut side = || -> Vec<Candidate> { (0..random.below(7)).map(|_| any_candidate(random)).collect() };
        let (local, remote) = (side(), side());
        let role = random.pick(&[Role::Controlling, Role::Controlled]);
        let limit = random.pick(&[100, 100, 3, 1, 0]);
        let list = form_check_list(&local, &remote, role, limit);
        let expected = model(&local, &remote, role, limit);
        assert_eq!(seen(&list), expected, "seed {seed}: {role:?}, limit {limit}, {local:#?} with {remote:#?}");
        assert_eq!(list.pairs.len() + list.pruned.len() + list.excluded.len(), local.len() * remote.len());
        no_pair_twice(&list, &local, &remote);
    }
}

/// Rule that does not need the model: read from the list alone.
fn no_pair_twice(list: &CheckList, local: &[Candidate], remote: &[Candidate]) {
    for (n, pair) in list.pairs.iter().enumerate() {
        let (ours, theirs) = (&local[usize::from(pair.local)], &remote[usize::from(pair.remote)]);
        assert_eq!(formable(ours, theirs), None, "{ours:?} {theirs:?}");
        for other in &list.pairs[..n] {
            let twice = identical(&local[usize::from(other.local)], ours)
                && identical(&remote[usize::from(other.remote)], theirs);
            assert!(!twice, "{ours:?} {theirs:?}");
        }
    }
}

#[test]
fn lists_are_those_of_the_model() {
    agree(20_000);
}

#[test]
#[ignore = "a million lists"]
fn a_million_lists_are_those_of_the_model() {
    agree(1_000_000);
}
