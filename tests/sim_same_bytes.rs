//! The same scenario and seed give the same trace to the byte, wherever it runs: `tests/fixtures/sim/traces.tsv` has a hash
//! of each, and `pkg-tests/simulation.test.mjs` holds the wasm, whose words have 32 bits, to the same file.
//! `ICELENS_BLESS=1 cargo test --test all sim_same_bytes` writes it anew.

use icelens::sim::{BUILT_IN, Scenario, Simulation};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sim/traces.tsv");
const SEEDS: [u64; 2] = [1, 20_261_128];
/// How many times each is run.
const TIMES: usize = 10;

/// FNV-1a, 32 bits.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn row(name: &str, seed: u64) -> String {
    let scenario = Scenario { seed, ..Scenario::named(name).unwrap() };
    let run = || {
        let mut simulation = Simulation::new(&scenario).unwrap();
        simulation.run();
        simulation.to_json_lines()
    };
    let lines = run();
    for _ in 1..TIMES {
        assert!(run() == lines, "{name} with seed {seed} differs from run to run");
    }
    format!("{name}\t{seed}\t{}\t{:08x}\n", lines.len(), hash(&lines))
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let rows: String = BUILT_IN.iter().flat_map(|one| SEEDS.map(|seed| row(one.name, seed))).collect();
    let text = format!("# scenario\tseed\tbytes of the trace as JSON lines\ttheir FNV-1a\n{rows}");
    if std::env::var_os("ICELENS_BLESS").is_some() {
        std::fs::write(FIXTURE, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(FIXTURE).unwrap(), text);
}
