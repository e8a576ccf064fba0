//! Memory that a TURN server and an ICE agent keep for those who are not authenticated: none.
#![cfg(feature = "agent")]
#![allow(unsafe_code)]

use icelens::ice::Role;
use icelens::ice::agent::{Agent, AgentConfig, LocalCandidate, MAX_TRANSMITS, RemoteCandidate, RemoteParameters};
use icelens::net::{Datagram, Protocol};
use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
use icelens::turn::{Server, ServerConfig};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

fn note(bytes: isize) {
    LIVE.with(|live| live.set(live.get() + bytes));
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn server() -> Server {
    let mut config = ServerConfig::new("example.org", Ipv4Addr::new(198, 51, 100, 1).into(), [3; 32]);
    config.users.push(("user".into(), "pass".into()));
    config.rest_secret = Some("north".into());
    Server::new(config)
}

/// Attack of a source that has no password: every kind of request, with made-up credentials, and data.
fn attack(index: u32, out: &mut Vec<Vec<u8>>) {
    let methods = [Method::ALLOCATE, Method::REFRESH, Method::CREATE_PERMISSION, Method::CHANNEL_BIND, Method::BINDING];
    for (kind, method) in methods.into_iter().enumerate() {
        for signed in [false, true] {
            let [a, b, c, d] = index.to_be_bytes();
            let id = TransactionId::new([a, b, c, d, kind as u8, signed.into(), 0, 0, 0, 0, 0, 0]);
            let mut buffer = [0; 512];
            let mut request = Builder::new(&mut buffer, Class::Request, method, id).unwrap();
            request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17)).unwrap();
            if signed {
                let name = format!("{}:user{index}", 4_000_000_000_u32);
                request.attribute(attribute::USERNAME, &Value::Text(&name)).unwrap();
                request.attribute(attribute::REALM, &Value::Text("example.org")).unwrap();
                request.attribute(attribute::NONCE, &Value::Text("obMatJos2AAAB0000ffff0123456789abcdef")).unwrap();
                request.raw(attribute::MESSAGE_INTEGRITY, &[0; 20]).unwrap();
            }
            out.push(request.finish().to_vec());
        }
    }
    out.push(vec![0x40, 0, 0, 4, 1, 2, 3, 4]);
    out.push(vec![0xff; 100]);
}

#[test]
fn nothing_is_kept_before_authentication() {
    let mut server = server();
    let local: SocketAddr = "198.51.100.1:3478".parse().unwrap();
    let (mut longest, mut answers) = (0, 0);
    let mut round = |sources: std::ops::Range<u32>| {
        for index in sources {
            let remote = SocketAddr::new(Ipv4Addr::from(0x0800_0000 + index).into(), 5000);
            let mut messages = vec![];
            attack(index, &mut messages);
            for bytes in messages {
                let sent = bytes.len();
                for protocol in [Protocol::Udp, Protocol::Tcp] {
                    let datagram = Datagram { local, remote, protocol, bytes: bytes.clone() };
                    server.receive(Duration::from_secs(1), &datagram);
                    while let Some(answer) = server.poll_transmit() {
                        assert_ne!(Message::parse(&answer.bytes).unwrap().class(), Class::Request);
                        longest = longest.max(answer.bytes.len() * 100 / sent);
                        answers += 1;
                    }
                }
            }
        }
        assert!(server.poll_event().is_none());
        assert_eq!((server.allocations(), server.poll_timeout()), (0, None));
        LIVE.with(Cell::get)
    };
    // Queues keep the room they have had.
    let before = round(0..10);
    let after = round(10..510);
    assert_eq!(after, before, "bytes kept for 500 sources");
    assert!(answers > 5000);
    // 148 bytes of challenge for a request of 28.
    assert!(longest <= 530, "{longest} % of what was sent");
}

#[test]
fn an_owner_that_polls_nothing_is_no_danger() {
    let mut server = server();
    let (local, remote) = ("198.51.100.1:3478".parse().unwrap(), "8.8.8.8:1".parse().unwrap());
    let mut messages = vec![];
    attack(1, &mut messages);
    let before = LIVE.with(Cell::get);
    for _ in 0..500 {
        for bytes in &messages {
            server.receive(Duration::ZERO, &Datagram::udp(local, remote, bytes.clone()));
        }
    }
    let kept = LIVE.with(Cell::get) - before;
    assert!(kept < 2 << 20, "{kept} bytes wait to be sent");
}

/// An agent that has sent its first check to 192.0.2.2:2000.
fn agent() -> (Agent, Datagram) {
    let mut agent = Agent::new(AgentConfig::new(Role::Controlled, [5; 32]));
    agent.add_local_candidate(LocalCandidate::host("192.0.2.1:1000".parse().unwrap())).unwrap();
    agent.set_remote_parameters(RemoteParameters::new("them", "passwordofthepeerofthis1"));
    let line = icelens::candidate::parse("candidate:1 1 udp 2130706431 192.0.2.2 2000 typ host");
    agent.add_remote_candidate(RemoteCandidate::from_line(0, line.candidate().unwrap()).unwrap()).unwrap();
    agent.timeout(Duration::ZERO);
    let check = agent.poll_transmit().unwrap();
    (agent, check)
}

/// Messages of a source that knows the fragments, as anybody who has seen a check does, and no password.
fn forged(agent: &Agent, check: &Datagram, index: u32) -> Vec<Vec<u8>> {
    let [a, b, c, d] = index.to_be_bytes();
    let made_up = TransactionId::new([a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0]);
    let seen = Message::parse(&check.bytes).unwrap().transaction_id();
    let wrong = Key::short_term("not the password of anybody");
    let username = format!("{}:them", agent.local_credentials().ufrag);
    let write = |class, id, username: Option<&str>, sign: bool, code: u16| {
        let mut buffer = [0; 512];
        let mut builder = Builder::new(&mut buffer, class, Method::BINDING, id).unwrap();
        if let Some(username) = username {
            builder.attribute(attribute::USERNAME, &Value::Text(username)).unwrap();
            builder.attribute(attribute::PRIORITY, &Value::Number(index + 1)).unwrap();
            builder.attribute(attribute::ICE_CONTROLLED, &Value::Long(u64::MAX)).unwrap();
        }
        if code != 0 {
            builder.error_code(code).unwrap();
        }
        if class == Class::Success {
            builder.address(attribute::XOR_MAPPED_ADDRESS, "198.51.100.1:1".parse().unwrap()).unwrap();
        }
        if sign {
            builder.sign(&wrong).unwrap();
        }
        builder.fingerprint().unwrap();
        builder.finish().to_vec()
    };
    vec![
        write(Class::Request, made_up, Some(&username), true, 0),
        write(Class::Request, made_up, Some("nobody:them"), true, 0),
        write(Class::Request, made_up, None, false, 0),
        write(Class::Success, seen, None, true, 0),
        write(Class::Success, seen, None, false, 0),
        write(Class::Error, seen, None, true, 487),
        write(Class::Error, seen, None, false, 487),
        write(Class::Success, made_up, None, true, 0),
    ]
}

#[test]
fn an_agent_keeps_nothing_for_strangers_and_stays_as_it_is() {
    let (mut agent, check) = agent();
    while agent.poll_event().is_some() {}
    let as_it_was = |agent: &Agent| {
        let candidates = (agent.local_candidates().len(), agent.remote_candidates().len());
        (agent.state(), agent.role(), agent.tie_breaker(), agent.pairs(0).to_vec(), candidates, agent.poll_timeout())
    };
    let before = as_it_was(&agent);
    let mut answers = 0;
    let mut round = |agent: &mut Agent, sources: std::ops::Range<u32>| {
        for index in sources {
            let remote = SocketAddr::new(Ipv4Addr::from(0x0800_0000 + index).into(), 5000);
            // Data of strangers counts for nothing. What comes from the peer's address is data to ICE, whoever sent it.
            for data in [vec![0x80; 100], vec![0; 3]] {
                agent.receive(Duration::ZERO, &Datagram::udp(check.local, remote, data));
            }
            for from in [remote, check.remote] {
                for bytes in forged(agent, &check, index) {
                    let sent = bytes.len();
                    agent.receive(Duration::ZERO, &Datagram::udp(check.local, from, bytes));
                    while let Some(answer) = agent.poll_transmit() {
                        assert_eq!(Message::parse(&answer.bytes).unwrap().class(), Class::Error);
                        assert!(answer.bytes.len() <= 2 * sent, "{} for {sent} bytes", answer.bytes.len());
                        answers += 1;
                    }
                    while agent.poll_event().is_some() {}
                }
            }
        }
        LIVE.with(Cell::get)
    };
    // Queues keep the room they have had.
    let first = round(&mut agent, 0..10);
    let last = round(&mut agent, 10..510);
    assert_eq!(last, first, "bytes kept for 500 sources");
    assert!(answers >= 1500, "{answers} requests were refused");
    assert_eq!(as_it_was(&agent), before);
}

#[test]
fn an_agent_that_nobody_polls_is_no_danger() {
    let (mut agent, check) = agent();
    let messages = forged(&agent, &check, 1);
    let before = LIVE.with(Cell::get);
    for _ in 0..3000 {
        for bytes in &messages {
            agent.receive(Duration::ZERO, &Datagram::udp(check.local, check.remote, bytes.clone()));
        }
    }
    let kept = LIVE.with(Cell::get) - before;
    // 1024 answers, 4096 decisions.
    assert!(kept < 2 << 20, "{kept} bytes wait to be taken");
    let waiting = std::iter::from_fn(|| agent.poll_transmit()).count();
    assert!(waiting <= MAX_TRANSMITS, "{waiting} answers");
}
