//! The fuzz targets on stable: the kept corpus, and a bounded number of seeded mutations of it.
#![cfg(feature = "stun")]

// The fuzz crate has them public.
#[allow(unreachable_pub)]
#[path = "../fuzz/targets/stun.rs"]
mod targets;

use std::path::Path;

/// xorshift64*: the same bytes in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() % bound.max(1)
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {target} is kept in the repository");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), random.next() as u8),
            2 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            3 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            4 => {
                let other = &seeds[random.below(seeds.len())];
                bytes.extend_from_slice(&other[random.below(other.len())..]);
            }
            5 if bytes.len() > 1 => drop(bytes.drain(at..=(at + random.below(8)).min(bytes.len() - 1))),
            // The length field made right again, so that mutations get past it.
            _ if bytes.len() >= 20 => {
                bytes.truncate(bytes.len() & !3);
                let length = (bytes.len() - 20).min(65_532) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
            }
            _ => {}
        }
    }
    bytes.truncate(4096);
}

fn run(target: &str, check: fn(&[u8])) {
    let seeds = corpus(target);
    seeds.iter().for_each(|seed| check(seed));
    let mut random = Random(0x1ce1_e45f);
    for _ in 0..5000 {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        mutate(&mut bytes, &seeds, &mut random);
        check(&bytes);
    }
}

#[test]
fn decode() {
    run("stun_decode", targets::decode);
}

#[test]
fn reencode() {
    run("stun_reencode", targets::reencode);
}

#[test]
fn framing() {
    run("stun_framing", targets::framing);
}

#[test]
fn server() {
    run("stun_server", targets::server);
}
