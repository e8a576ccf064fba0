//! The fuzz targets on stable: the kept corpus, and a bounded number of seeded mutations of it.

#[path = "../fuzz/targets/sdp.rs"]
mod targets;

use std::path::Path;

/// xorshift64*: the same bytes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

/// Tokens that grammars turn on.
const TOKENS: &[&str] = &[
    " ",
    "  ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\0",
    ":",
    "=",
    "/",
    "%",
    "[",
    "]",
    "-",
    "a=",
    "m=",
    "candidate:",
    "typ ",
    "raddr ",
    "rport ",
    "tcptype ",
    "0",
    "4294967296",
    "18446744073709551616",
    "\u{a0}",
    "\u{feff}",
    "\u{1f600}",
];

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(5) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
            2 => {
                let token = TOKENS[random.below(TOKENS.len())];
                bytes.splice(at..at, token.bytes());
            }
            3 if !bytes.is_empty() => drop(bytes.drain(at..(at + 1 + random.below(12)).min(bytes.len()))),
            4 if !bytes.is_empty() => {
                let part = bytes[at..(at + random.below(80)).min(bytes.len())].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, part);
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                bytes.extend_from_slice(&other[random.below(other.len())..]);
            }
        }
    }
    bytes.truncate(8192);
}

fn run(target: &str, rounds: usize, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {target} is kept in the repository");
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).expect("a file")).collect();
    seeds.iter().for_each(|seed| check(seed));
    let mut random = Random(0x1ce1_e45f);
    for _ in 0..rounds {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        mutate(&mut bytes, &seeds, &mut random);
        check(&bytes);
    }
}

#[test]
fn describe() {
    run("sdp_describe", 3000, targets::describe);
}

#[test]
fn candidate() {
    run("sdp_candidate", 30_000, targets::candidate);
}

#[test]
fn check_list() {
    run("sdp_check_list", 10_000, targets::check_list);
}
