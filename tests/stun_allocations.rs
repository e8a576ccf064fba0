//! Decoding, encoding, signing and verifying allocate nothing.
#![cfg(feature = "stun")]
#![allow(unsafe_code)]

use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocates on this thread.
fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

fn check<'a>(buffer: &'a mut [u8], key: &Key) -> &'a [u8] {
    let mut builder =
        Builder::new(buffer, Class::Request, Method::BINDING, TransactionId::new(*b"abcdefghijkl")).unwrap();
    builder.attribute(attribute::USERNAME, &Value::Text("evtj:h6vY")).unwrap();
    builder.attribute(attribute::PRIORITY, &Value::Number(1)).unwrap();
    builder.attribute(attribute::ICE_CONTROLLING, &Value::Long(2)).unwrap();
    builder.attribute(attribute::USE_CANDIDATE, &Value::Flag).unwrap();
    builder.address(attribute::XOR_MAPPED_ADDRESS, "[2001:db8::1]:9".parse().unwrap()).unwrap();
    builder.sign(key).unwrap().sign_sha256(key, 32).unwrap().fingerprint().unwrap();
    builder.finish()
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

#[test]
fn nothing_is_allocated() {
    let key = Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");
    let mut buffer = [0; 256];
    // The first use of SHA looks for CPU features; let it.
    check(&mut buffer, &key);
    let encode = allocations(|| {
        std::hint::black_box(check(&mut buffer, &key));
    });
    let bytes = check(&mut buffer, &key);
    let decode = allocations(|| {
        let message = Message::parse(bytes).unwrap();
        assert_eq!(message.username(), Some("evtj:h6vY"));
        assert!(message.mapped_address().is_some());
        for found in message.attributes() {
            std::hint::black_box(found.value().unwrap());
        }
    });
    let verify = allocations(|| {
        let message = Message::parse(bytes).unwrap();
        assert!(message.verify(&key).is_valid() && message.fingerprint().is_valid());
    });
    let refuse = allocations(|| assert!(Message::parse(&bytes[1..]).is_err()));
    assert_eq!([encode, decode, verify, refuse], [0; 4]);
}
