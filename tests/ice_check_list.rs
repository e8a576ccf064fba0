//! Check lists by RFC 8445 §6.1.2.

use icelens::candidate::{self, CandidateType};
use icelens::ice::{self, Base, Candidate, Host, PairState, Role, Rule, Transport, form_check_list, form_check_lists};

fn lines(text: &str) -> Vec<Candidate> {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let parsed: Vec<_> = lines.iter().map(|line| *candidate::parse(line).candidate().expect("a candidate")).collect();
    ice::candidates(&parsed)
}

fn host(component: u32, priority: u32, foundation: u32, port: u16) -> Candidate {
    Candidate {
        component,
        transport: Transport::Udp,
        kind: CandidateType::Host,
        priority,
        host: Host::V4([192, 0, 2, 1].into()),
        port,
        base: Base::Itself,
        foundation,
    }
}

/// RFC 8445 §15.1: the srflx candidate is sent from its base, so that one pair is left.
#[test]
fn worked_example() {
    let left = lines(
        "candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host
         candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998",
    );
    let right = lines("candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host");
    let list = form_check_list(&left, &right, Role::Controlling, 100);
    assert_eq!(list.pairs.iter().map(|pair| pair.priority).collect::<Vec<_>>(), [9151314442783293438]);
    assert_eq!(list.pruned.iter().map(|out| (out.local, out.rule)).collect::<Vec<_>>(), [(1, Rule::Redundant)]);
    assert_eq!(list.pairs[0].state, PairState::Waiting);

    // The other side has two pairs: the peer's srflx is another destination. It is controlled, so G is the peer's.
    let list = form_check_list(&right, &left, Role::Controlled, 100);
    let priorities: Vec<_> = list.pairs.iter().map(|pair| pair.priority).collect();
    assert_eq!(priorities, [9151314442783293438, 7277816997797167102]);
}

/// §6.1.2.4: the pair shows the base, and has its priority, whichever of the two was the higher.
#[test]
fn a_replaced_candidate_leaves_its_priority() {
    let local = lines(
        "candidate:1 1 udp 1000 10.0.0.1 5000 typ host
         candidate:2 1 udp 3000 192.0.2.3 6000 typ srflx raddr 10.0.0.1 rport 5000
         candidate:3 1 udp 2000 10.0.0.2 5000 typ host",
    );
    let remote = lines("candidate:1 1 udp 9000 198.51.100.1 7000 typ host");
    let list = form_check_list(&local, &remote, Role::Controlling, 100);
    let pairs: Vec<_> = list.pairs.iter().map(|pair| (pair.local, pair.priority)).collect();
    assert_eq!(pairs, [(2, ice::pair_priority(2000, 9000)), (0, ice::pair_priority(1000, 9000))]);
    assert_eq!(list.pruned.iter().map(|out| (out.local, out.rule)).collect::<Vec<_>>(), [(0, Rule::Redundant)]);
}

#[test]
fn what_pairs() {
    let local = lines(
        "candidate:1 1 udp 100 192.0.2.1 5000 typ host
         candidate:2 2 udp 99 192.0.2.1 5001 typ host
         candidate:3 1 udp 98 2001:db8::1 5000 typ host
         candidate:4 1 udp 97 fe80::1 5000 typ host
         candidate:5 1 tcp 96 192.0.2.1 9 typ host tcptype active
         candidate:6 1 tcp 95 192.0.2.1 5002 typ host tcptype passive
         candidate:7 1 tcp 94 192.0.2.1 5003 typ host tcptype so",
    );
    let rule = |remote: &str| {
        let list = form_check_list(&local, &lines(remote), Role::Controlling, 100);
        let mut found: Vec<Option<Rule>> = vec![None; local.len()];
        for out in list.excluded.iter().chain(&list.pruned) {
            found[out.local as usize] = Some(out.rule);
        }
        found
    };
    use Rule::{AddressFamily as Fam, Component as Comp, LinkLocal as Link, TcpDirection as Dir, Transport as Tr};
    let udp = rule("candidate:1 1 udp 1 198.51.100.1 5000 typ host");
    assert_eq!(udp, [None, Some(Comp), Some(Fam), Some(Fam), Some(Tr), Some(Tr), Some(Tr)]);
    let link_local = rule("candidate:1 1 udp 1 fe80::2 5000 typ host");
    assert_eq!(link_local, [Some(Fam), Some(Comp), Some(Link), None, Some(Tr), Some(Tr), Some(Tr)]);
    let passive = rule("candidate:1 1 tcp 1 198.51.100.1 5000 typ host tcptype passive");
    assert_eq!(passive, [Some(Tr), Some(Comp), Some(Tr), Some(Tr), None, Some(Dir), Some(Dir)]);
    // RFC 6544 §6.2: a passive candidate is paired, and then only waits.
    let active = rule("candidate:1 1 tcp 1 198.51.100.1 9 typ host tcptype active");
    assert_eq!(active, [Some(Tr), Some(Comp), Some(Tr), Some(Tr), Some(Dir), Some(Rule::TcpPassiveLocal), Some(Dir)]);
    // A name may turn out to be of either family.
    let name = rule("candidate:1 1 udp 1 x.local 5000 typ host");
    assert_eq!(name, [None, Some(Comp), None, None, Some(Tr), Some(Tr), Some(Tr)]);
}

/// RFC 8445 §6.1.2.6, table 1: streams m1 to m3, foundations f1 to f5.
#[test]
fn first_states() {
    // (component, foundation), the priority falling; the columns of the table that have a pair.
    let streams = [
        vec![(1, 1), (1, 2), (2, 2), (1, 3)],
        vec![(1, 1), (1, 2), (1, 3), (2, 4), (1, 4)],
        vec![(1, 1), (1, 5), (1, 5)],
    ];
    let remote: Vec<Vec<Candidate>> = streams
        .iter()
        .map(|list| {
            list.iter()
                .zip(0u16..)
                .map(|(&(component, foundation), i)| host(component, 1000 - u32::from(i), foundation, 6000 + i))
                .collect()
        })
        .collect();
    let local = [host(1, 2000, 0, 5000), host(2, 1999, 0, 5001)];
    let sets: Vec<(&[Candidate], &[Candidate])> = remote.iter().map(|list| (&local[..], &list[..])).collect();
    let lists = form_check_lists(&sets, Role::Controlling, 100);
    let mut waiting = Vec::new();
    for (stream, list) in lists.iter().enumerate() {
        for pair in &list.pairs {
            if pair.state == PairState::Waiting {
                waiting.push((stream + 1, pair.component, pair.foundation.1));
            } else {
                assert_eq!(pair.state, PairState::Frozen);
            }
        }
    }
    // The table: m1 waits for f1, f2, f3, m2 for f4, m3 for f5; on the lowest component.
    assert_eq!(waiting, [(1, 1, 1), (1, 1, 2), (1, 1, 3), (2, 1, 4), (3, 1, 5)]);
    // Of two pairs with one foundation and component, the one of higher priority waits.
    let fifth: Vec<_> = lists[2].pairs.iter().filter(|pair| pair.foundation.1 == 5).collect();
    assert!(fifth[0].state == PairState::Waiting && fifth[0].priority > fifth[1].priority);
}

#[test]
fn limit_spans_all_lists() {
    let local: Vec<Candidate> = (0..20).map(|i| host(1, 2000 - i, i, 5000 + i as u16)).collect();
    let remote: Vec<Candidate> = (0..20).map(|i| host(1, 1000 - i, i, 7000 + i as u16)).collect();
    let one = form_check_list(&local, &remote, Role::Controlling, 100);
    assert_eq!((one.pairs.len(), one.pruned.len()), (100, 300));
    assert!(one.pruned.iter().all(|out| out.rule == Rule::PairLimit));
    let kept = one.pairs.iter().map(|pair| pair.priority).min().expect("pairs");
    let dropped = one
        .pruned
        .iter()
        .map(|out| ice::pair_priority(local[out.local as usize].priority, remote[out.remote as usize].priority));
    assert!(dropped.max().expect("dropped") <= kept, "the lowest priorities go");
    let lists = form_check_lists(&[(&local, &remote), (&local, &remote)], Role::Controlling, 100);
    assert_eq!(lists.iter().map(|list| list.pairs.len()).sum::<usize>(), 100);
    assert!(form_check_list(&local, &remote, Role::Controlling, 0).pairs.is_empty());
}

#[test]
fn duplicates_and_hidden_bases() {
    // The same line twice, and an address written in two ways.
    let local = lines(
        "candidate:1 1 udp 200 2001:db8::1 5000 typ host
         candidate:1 1 udp 199 2001:DB8:0:0::1 5000 typ host",
    );
    let remote = lines("candidate:1 1 udp 100 2001:db8::2 5000 typ host");
    let list = form_check_list(&local, &remote, Role::Controlling, 100);
    assert_eq!((list.pairs.len(), list.pruned[0].local), (1, 1));
    // Browsers hide the base; one host candidate leaves no doubt, two do.
    let srflx = "candidate:2 1 udp 100 198.51.100.7 40000 typ srflx raddr 0.0.0.0 rport 0";
    let remote = lines("candidate:1 1 udp 100 192.0.2.9 5000 typ host");
    let one_host = lines(&format!("candidate:1 1 udp 200 a.local 5000 typ host\n{srflx}"));
    assert_eq!(form_check_list(&one_host, &remote, Role::Controlling, 100).pairs.len(), 1);
    let two_hosts = lines(&format!(
        "candidate:1 1 udp 200 a.local 5000 typ host\ncandidate:3 1 udp 199 b.local 5001 typ host\n{srflx}"
    ));
    assert_eq!(form_check_list(&two_hosts, &remote, Role::Controlling, 100).pairs.len(), 3);
    // Without its base in the list, a reflexive candidate stands for it, and two of one base are one.
    let only = lines(
        "candidate:1 1 udp 100 198.51.100.7 40000 typ srflx raddr 10.0.0.1 rport 5000
         candidate:2 1 udp 99 198.51.100.8 40000 typ srflx raddr 10.0.0.1 rport 5000",
    );
    let list = form_check_list(&only, &remote, Role::Controlling, 100);
    assert_eq!((list.pairs.len(), list.pairs[0].local), (1, 0));
}

/// More candidates than are looked at: bounded, and no panic.
#[test]
fn many_candidates() {
    let local: Vec<Candidate> = (0..1000).map(|i| host(1, 5000 - i, i, (i % 65536) as u16)).collect();
    let list = form_check_list(&local, &local, Role::Controlling, 100);
    assert_eq!(list.pairs.len(), 100);
    assert_eq!(list.pairs.len() + list.pruned.len(), ice::MAX_CANDIDATES * ice::MAX_CANDIDATES);
}
