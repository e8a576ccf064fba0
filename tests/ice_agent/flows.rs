//! RFC 8445 §15: the two examples message by message, as golden texts in `tests/fixtures/ice`.

use core::cell::RefCell;
use std::rc::Rc;

use super::net::*;
use icelens::ice::agent::*;
use icelens::net::Datagram;
use icelens::stun::{Builder, Class, Message, Method, attribute};

type Ladder = Rc<RefCell<Vec<String>>>;

/// Answer of a STUN server.
pub(crate) fn stun_answer(packet: &Datagram) -> Datagram {
    let request = Message::parse(&packet.bytes).unwrap();
    let mut buffer = [0; 100];
    let id = request.transaction_id();
    let mut builder = Builder::new(&mut buffer, Class::Success, Method::BINDING, id).unwrap();
    builder.address(attribute::XOR_MAPPED_ADDRESS, packet.local).unwrap();
    builder.fingerprint().unwrap();
    Datagram::udp(packet.remote, packet.local, builder.finish().to_vec())
}

/// A ladder line: who to whom, and what the message is.
fn note(ladder: &Ladder, names: &[(&str, &str)], now: u64, packet: &Datagram, end: &str) {
    let name = |address: core::net::SocketAddr| {
        names.iter().find(|(_, known)| at(known) == address).map_or(address.to_string(), |(name, _)| (*name).into())
    };
    let message = Message::parse(&packet.bytes).unwrap();
    let what = match message.class() {
        Class::Request if message.use_candidate() => "Binding request, USE-CANDIDATE".into(),
        Class::Request => "Binding request".into(),
        Class::Success => format!("success, mapped {}", name(message.mapped_address().unwrap())),
        _ => "error".into(),
    };
    let mut ladder = ladder.borrow_mut();
    let number = ladder.len() + 1;
    let (from, to) = (name(packet.local), name(packet.remote));
    ladder.push(format!("{number:>2} {now:>4} ms  {from:<10} -> {to:<10}  {what}{end}"));
}

fn say(ladder: &Ladder, now: u64, text: &str) {
    let number = ladder.borrow().len() + 1;
    ladder.borrow_mut().push(format!("{number:>2} {now:>4} ms  {text}"));
}

/// The golden text; `ICELENS_UPDATE=1` writes it.
fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/fixtures/ice/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("ICELENS_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default(), "{path}");
}

fn pairs(net: &Net, names: &[(&str, &str)]) -> String {
    let name = |address: core::net::SocketAddr| {
        names.iter().find(|(_, known)| at(known) == address).map_or(address.to_string(), |(name, _)| (*name).into())
    };
    let mut text = String::new();
    for (agent, side) in net.agents.iter().zip(["L", "R"]) {
        for pair in agent.pairs(0) {
            let (ours, theirs) = addresses(agent, pair);
            let (ours, theirs, state) = (name(ours), name(theirs), pair.state);
            let valid = if pair.valid { " valid" } else { "" };
            let nominated = if pair.nominated { " nominated" } else { "" };
            text += &format!("{side}: ({ours}, {theirs}) {} {state:?}{valid}{nominated}\n", pair.priority);
        }
    }
    text
}

/// §15.1: L behind a NAT with endpoint-independent mapping and address-dependent filtering, R without one.
#[test]
fn section_15_1_ipv4_message_by_message() {
    const NAMES: [(&str, &str); 4] = [
        ("L-PRIV-1", "10.0.1.1:8998"),
        ("R-PUB-1", "192.0.2.1:3478"),
        ("STUN-PUB-1", "192.0.2.2:3478"),
        ("NAT-PUB-1", "192.0.2.3:45664"),
    ];
    let [private, _, server, public] = NAMES.map(|(_, address)| at(address));
    let mut net = Net::two(|config| config.servers = vec![IceServer::stun(server)]);
    let ladder = Ladder::default();
    let lines = Rc::clone(&ladder);
    let mut opened = Vec::new();
    net.way = Box::new(move |now, packet| {
        let now = now.as_millis() as u64;
        let mut packet = packet;
        if packet.local == private {
            note(&lines, &NAMES, now, &packet, "");
            opened.push(packet.remote.ip());
            packet.local = public;
        } else if packet.remote == private {
            note(&lines, &NAMES, now, &packet, " (dropped: a private address)");
            return None;
        }
        note(&lines, &NAMES, now, &packet, "");
        if packet.remote == server {
            packet = stun_answer(&packet);
            note(&lines, &NAMES, now, &packet, "");
        }
        if packet.remote == public {
            if !opened.contains(&packet.local.ip()) {
                return None;
            }
            packet.remote = private;
            note(&lines, &NAMES, now, &packet, "");
        }
        Some(packet)
    });
    net.host(0, "10.0.1.1:8998");
    net.agents[0].end_of_local_candidates();
    net.run(ms(20));
    say(&ladder, 20, "L => R      offer");
    net.host(1, "192.0.2.1:3478");
    net.agents[1].end_of_local_candidates();
    net.run(ms(70));
    say(&ladder, 70, "R => L      answer");
    net.signal_credentials(0, 1);
    net.signal_candidates(0, 1);
    net.run(ms(80));
    net.signal_credentials(1, 0);
    net.signal_candidates(1, 0);
    net.run_to(AgentState::Completed, ms(2000));
    let text = [ladder.borrow().join("\n"), String::new(), pairs(&net, &NAMES)].join("\n");
    golden("rfc8445-15.1.txt", &text);
    let learned =
        [0, 1].map(|agent| net.count(agent, Code::RemotePeerReflexive) + net.count(agent, Code::LocalPeerReflexive));
    assert_eq!(learned, [0, 0], "the source of L's check is the candidate it signalled");
}

/// §15.2: no NAT, IPv6.
#[test]
fn section_15_2_ipv6_message_by_message() {
    const NAMES: [(&str, &str); 3] =
        [("L-PUB-1", "[2001:db8::3]:8998"), ("R-PUB-1", "[2001:db8::5]:3478"), ("STUN-PUB-1", "[2001:db8::9]:3478")];
    let server = at(NAMES[2].1);
    let mut net = Net::two(|config| config.servers = vec![IceServer::stun(server)]);
    let ladder = Ladder::default();
    let lines = Rc::clone(&ladder);
    net.way = Box::new(move |now, packet| {
        let now = now.as_millis() as u64;
        note(&lines, &NAMES, now, &packet, "");
        if packet.remote != server {
            return Some(packet);
        }
        let answer = stun_answer(&packet);
        note(&lines, &NAMES, now, &answer, "");
        Some(answer)
    });
    net.host(0, NAMES[0].1);
    net.run(ms(20));
    say(&ladder, 20, "L => R      offer");
    net.host(1, NAMES[1].1);
    net.run(ms(60));
    say(&ladder, 60, "R => L      answer");
    net.signal_credentials(1, 0);
    net.signal_candidates(1, 0);
    net.run(ms(70));
    net.signal_credentials(0, 1);
    net.signal_candidates(0, 1);
    net.run_to(AgentState::Completed, ms(2000));
    let text = [ladder.borrow().join("\n"), String::new(), pairs(&net, &NAMES)].join("\n");
    golden("rfc8445-15.2.txt", &text);
    let redundant = [0, 1].map(|agent| net.count(agent, Code::LocalRedundant));
    assert_eq!(redundant, [1, 1], "the mapped address is the host candidate");
}
