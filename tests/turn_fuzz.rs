//! The fuzz targets of TURN on stable: seeded schedules, and the corpus of STUN messages as bytes from strangers.
#![cfg(feature = "stun")]

// The fuzz crate has them public.
#[allow(unreachable_pub)]
#[path = "../fuzz/targets/turn.rs"]
mod targets;

use std::path::Path;

/// xorshift64*: the same bytes in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    }
}

#[test]
fn any_schedule() {
    let mut random = Random(0x1ce1_e45f);
    for _ in 0..300 {
        let mut input = vec![random.next()];
        // An allocation first, more often than chance would make one.
        if !random.next().is_multiple_of(4) {
            input.extend([0, 0, 12, 1, 12, 1, 12, 1, 12, 1]);
        }
        for _ in 0..120 {
            // Mostly the network, so that something gets through.
            let what = random.next();
            input.extend([if what.is_multiple_of(3) { random.next() } else { 12 }, random.next()]);
        }
        targets::schedule(&input);
    }
}

#[test]
fn bytes_from_strangers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/stun_server");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        targets::bytes(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
