//! Memory that a TURN server keeps for those who are not authenticated: none.
#![cfg(feature = "stun")]
#![allow(unsafe_code)]

use icelens::net::{Datagram, Protocol};
use icelens::stun::{Builder, Class, Message, Method, TransactionId, Value, attribute};
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
