//! Check lists for the npm package. Layouts are read by `npm/src/ice.ts`.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wasm_bindgen::prelude::wasm_bindgen;

use super::area;
use crate::candidate::{self, Candidate as Line, CandidateType, TcpType};
use crate::ice::{self, Base, Candidate, Host, Role, Transport};

/// Words of one candidate in the input of [`check_list_form`].
pub const WORDS: usize = 17;

const NAME: u32 = 0;
const HIDDEN: u32 = 7;

/// Parses the candidate line in the first `len` bytes of the input and leaves its [`WORDS`] in the records, names and
/// foundation as zeros for the caller to number. False when there is no candidate.
#[wasm_bindgen]
pub fn check_list_candidate(len: usize) -> bool {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let parsed = candidate::parse(text);
        area.records.clear();
        let Some(line) = parsed.candidate() else { return false };
        push_words(&mut area.records, line);
        true
    })
}

fn push_words(records: &mut Vec<u32>, line: &Line<'_>) {
    let [one] = ice::candidates(core::slice::from_ref(line))[..] else { return };
    let transport = match one.transport {
        Transport::Udp => 0,
        Transport::TcpActive => TcpType::Active as u32,
        Transport::TcpPassive => TcpType::Passive as u32,
        Transport::TcpSimultaneousOpen => TcpType::SimultaneousOpen as u32,
        Transport::Other(_) => 4,
    };
    records.extend_from_slice(&[one.component, transport, one.kind as u32, one.priority, u32::from(one.port), 0]);
    push_host(records, Some(one.host));
    match one.base {
        Base::Itself => {
            push_host(records, Some(one.host));
            records.push(u32::from(one.port));
        }
        Base::At(host, port) => {
            push_host(records, Some(host));
            records.push(u32::from(port));
        }
        Base::Hidden => {
            push_host(records, None);
            records.push(0);
        }
    }
}

fn push_host(records: &mut Vec<u32>, host: Option<Host>) {
    let words = match host {
        Some(Host::V4(ip)) => [4, ip.to_bits(), 0, 0, 0],
        Some(Host::V6(ip)) => {
            let bits = ip.to_bits();
            [6, (bits >> 96) as u32, (bits >> 64) as u32, (bits >> 32) as u32, bits as u32]
        }
        Some(Host::Name(_)) => [NAME, 0, 0, 0, 0],
        None => [HIDDEN, 0, 0, 0, 0],
    };
    records.extend_from_slice(&words);
}

fn host(words: &[u32]) -> Option<Host> {
    let &[family, a, b, c, d] = words else { return None };
    match family {
        4 => Some(Host::from(IpAddr::V4(Ipv4Addr::from_bits(a)))),
        6 => {
            let bits = u128::from(a) << 96 | u128::from(b) << 64 | u128::from(c) << 32 | u128::from(d);
            Some(Host::from(IpAddr::V6(Ipv6Addr::from_bits(bits))))
        }
        NAME => Some(Host::Name(a)),
        _ => None,
    }
}

fn candidate_of(words: &[u32]) -> Option<Candidate> {
    let &[component, transport, kind, priority, port, foundation, ..] = words else { return None };
    let kind = match kind {
        0 => CandidateType::Host,
        1 => CandidateType::ServerReflexive,
        2 => CandidateType::PeerReflexive,
        _ => CandidateType::Relayed,
    };
    let at = host(words.get(6..11)?)?;
    let base = match (kind, host(words.get(11..16)?)) {
        (CandidateType::Host | CandidateType::Relayed, _) => Base::Itself,
        (_, Some(host)) => Base::At(host, *words.get(16)? as u16),
        (_, None) => Base::Hidden,
    };
    let transport = match transport {
        0 => Transport::Udp,
        1 => Transport::TcpActive,
        2 => Transport::TcpPassive,
        3 => Transport::TcpSimultaneousOpen,
        other => Transport::Other(other),
    };
    Some(Candidate { component, transport, kind, priority, host: at, port: port as u16, base, foundation })
}

/// Makes room for `words` words in the records, where [`check_list_form`] reads its candidates.
#[wasm_bindgen]
pub fn check_list_reserve(words: usize) {
    area::with(|area| {
        area.records.clear();
        area.records.resize(words.min(2 * ice::MAX_CANDIDATES * WORDS), 0);
    });
}

/// Forms the check list of the candidates in the records: `locals` of them, then `remotes`. Leaves there how many pairs,
/// pruned pairs and excluded pairs follow; a pair is local, remote, state, priority low and high word; the others are
/// local, remote, rule.
#[wasm_bindgen]
pub fn check_list_form(locals: usize, remotes: usize, controlling: bool, limit: usize) {
    area::with(|area| {
        let all: Vec<Candidate> =
            area.records.chunks_exact(WORDS).take(locals.saturating_add(remotes)).filter_map(candidate_of).collect();
        let (local, remote) = all.split_at_checked(locals).unwrap_or((&all, &[]));
        let role = if controlling { Role::Controlling } else { Role::Controlled };
        let list = ice::form_check_list(local, remote, role, limit);
        let records = &mut area.records;
        records.clear();
        records.extend_from_slice(&[list.pairs.len() as u32, list.pruned.len() as u32, list.excluded.len() as u32]);
        for pair in &list.pairs {
            let [low, high] = [pair.priority as u32, (pair.priority >> 32) as u32];
            records.extend_from_slice(&[u32::from(pair.local), u32::from(pair.remote), pair.state as u32, low, high]);
        }
        for left_out in list.pruned.iter().chain(&list.excluded) {
            records.extend_from_slice(&[left_out.local.into(), left_out.remote.into(), left_out.rule as u32]);
        }
    });
}
