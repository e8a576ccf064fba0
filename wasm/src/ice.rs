//! Check lists for the npm package. Layouts are read by `npm/src/ice.ts`.

use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use icelens::candidate::{CandidateType, line_end};
use icelens::ice::{self, Base, Candidate, Host, Names, Role, Transport};
use icelens::net;

/// Words of one candidate in the records that [`check_list_form`] reads: component, transport, type, priority, port,
/// foundation and port of the base.
pub const WORDS: usize = 7;

/// In place of the port of the base: there is none.
const NO_PORT: u32 = u32::MAX;

/// A candidate from its words, its address and its related address.
fn candidate_of(words: &[u32], address: &str, related: &str, names: &mut Names) -> Option<Candidate> {
    let &[component, transport, kind, priority, port, foundation, base_port] = words else { return None };
    let kind = match kind {
        0 => CandidateType::Host,
        1 => CandidateType::ServerReflexive,
        2 => CandidateType::PeerReflexive,
        _ => CandidateType::Relayed,
    };
    let transport = match transport {
        0 => Transport::Udp,
        1 => Transport::TcpActive,
        2 => Transport::TcpPassive,
        3 => Transport::TcpSimultaneousOpen,
        other => Transport::Other(other),
    };
    let host = net::host_ip(address).map_or_else(|| Host::Name(names.number(address)), Host::from);
    let base = match kind {
        CandidateType::Host | CandidateType::Relayed => Base::Itself,
        _ => match net::ip(related).filter(|ip| !ip.is_unspecified() && base_port != NO_PORT && base_port != 0) {
            Some(ip) => Base::At(Host::from(ip), base_port as u16),
            None => Base::Hidden,
        },
    };
    Some(Candidate { component, transport, kind, priority, host, port: port as u16, base, foundation })
}

/// Makes room for `words` words in the records, where [`check_list_form`] reads its candidates.
#[wasm_bindgen]
pub fn check_list_reserve(words: usize) {
    area::with(|area| area.records.resize(words.min(2 * ice::MAX_CANDIDATES * WORDS), 0));
}

/// Forms the check list of the candidates in the records: `locals` of them, then the remote ones. The first `len` bytes of
/// the input have two lines for each candidate, its address and its related address. Leaves in the records how many pairs,
/// pruned pairs and excluded pairs follow; a pair is local, remote, state, priority low and high word; the others are
/// local, remote, rule.
#[wasm_bindgen]
pub fn check_list_form(len: usize, locals: usize, controlling: bool, limit: usize) {
    area::with(|area| {
        let mut text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let mut next_line = || {
            let (line, rest) = text.split_at_checked(line_end(text.as_bytes())).unwrap_or((text, ""));
            text = rest.get(1..).unwrap_or("");
            line
        };
        let mut names = Names::default();
        let mut all: Vec<Candidate> = Vec::with_capacity(area.records.len() / WORDS);
        for words in area.records.chunks_exact(WORDS) {
            let (address, related) = (next_line(), next_line());
            all.extend(candidate_of(words, address, related, &mut names));
        }
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
