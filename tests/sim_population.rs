//! A population of calls: shares with intervals, times, and the same result for the same seed.

use icelens::sim::{
    MatrixOptions, MixPart, NatChoice, Outcome, Population, PopulationOptions, Simulation, cell, relay_bandwidth,
};

fn options(calls: u32) -> PopulationOptions {
    let part = |name: &str, share| MixPart { nat: NatChoice::classic(name), source: String::new(), share };
    PopulationOptions {
        mix: vec![part("port restricted cone", 0.7), part("symmetric", 0.2), part("blocked", 0.1)],
        calls,
        relay: true,
        relay_tcp: false,
        loss: 0.0,
        seed: 7,
        profile: "rfc".into(),
    }
}

#[test]
fn each_pair_of_kinds_ends_as_its_cell_of_the_matrix() {
    let mut population = Population::new(options(200)).unwrap();
    assert_eq!(population.advance(50), Ok(50));
    assert_eq!(population.advance(u32::MAX), Ok(200));
    let report = population.report();
    assert!(population.is_done());
    assert_eq!(report.direct.calls + report.relayed.calls + report.failed.calls, 200);
    for kinds in &report.by_kinds {
        let (cone, symmetric, blocked) = (0, 1, 2);
        let expected = match (kinds.a, kinds.b) {
            (a, b) if a == blocked || b == blocked => (0, kinds.calls),
            (a, b) if a == cone && b == cone => (0, 0),
            (a, b) if a == symmetric || b == symmetric => (kinds.calls, 0),
            _ => unreachable!(),
        };
        assert_eq!((kinds.relayed, kinds.failed), expected, "{kinds:?}");
    }
    assert!(report.direct.low < report.direct.share && report.direct.share < report.direct.high);
    let [all, direct, relayed] = &report.time_to_connect;
    assert!(direct.percentiles[0] > 0.0 && relayed.percentiles[0] > direct.percentiles[0], "{all:?}");
    assert_eq!(all.histogram.iter().sum::<u32>(), report.direct.calls + report.relayed.calls);
}

/// The seed of two kinds gives again the first of their calls that ended worst.
#[test]
fn a_call_of_two_kinds_can_be_run_again() {
    let lossy = PopulationOptions { loss: 0.3, relay: false, ..options(60) };
    let mut population = Population::new(lossy.clone()).unwrap();
    population.advance(60).unwrap();
    for kinds in population.report().by_kinds {
        let again = MatrixOptions { seed: kinds.seed, loss: 0.3, profile: "rfc".into(), ..MatrixOptions::default() };
        let scenario = cell(&lossy.mix[kinds.a].nat, &lossy.mix[kinds.b].nat, &again);
        let worst = if kinds.failed > 0 { Outcome::Failed } else { Outcome::Direct };
        let outcome = Simulation::untraced(&scenario).unwrap().run_until_decided().outcome;
        assert_eq!(outcome, worst, "{kinds:?}");
        assert!(kinds.seed < 1 << 32);
    }
}

/// TURN over TCP connects those that UDP does not get out of, those that let out port 443 alone too.
#[test]
fn blocked_networks_connect_over_tcp() {
    let mut with_tcp = PopulationOptions { relay_tcp: true, ..options(60) };
    with_tcp.mix[1].nat = NatChoice { preset: Some("udp-blocked".into()), ..NatChoice::default() };
    let mut population = Population::new(with_tcp).unwrap();
    population.advance(60).unwrap();
    let report = population.report();
    assert_eq!(report.failed.calls, 0, "{:?}", report.by_kinds);
    assert!(report.by_kinds.iter().any(|kinds| kinds.a == 2 && kinds.relayed > 0));
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = || {
        let mut population = Population::new(PopulationOptions { loss: 0.05, ..options(20) }).unwrap();
        population.advance(20).unwrap();
        population.report()
    };
    assert_eq!(report(), report());
}

#[test]
fn what_can_not_be_is_told() {
    let error = |change: fn(&mut PopulationOptions)| {
        let mut options = options(1);
        change(&mut options);
        Population::new(options).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(error(|options| options.mix.clear()), "mix: 1 to 64 kinds, not 0");
    assert_eq!(error(|options| options.mix[1].share = f64::NAN), "mix[1].share: NaN is not a share");
    assert!(error(|options| options.mix[0].nat = NatChoice::classic("oval")).starts_with("mix[0].nat: oval"));
    assert_eq!(error(|_| {}), "");
}

#[test]
fn bandwidth_of_a_relay() {
    assert_eq!(relay_bandwidth(0.2, 100, 1000.0).0, 80.0);
    let (mean, peak) = relay_bandwidth(0.2, 100, 1000.0);
    assert!(peak > mean && peak < 2.0 * mean);
    assert_eq!(relay_bandwidth(1.0, 10, 500.0), (20.0, 20.0));
}

/// 10 000 calls in at most five seconds is the goal: `cargo test --release --test all sim_population -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, for release builds"]
fn ten_thousand_calls() {
    let started = std::time::Instant::now();
    let mut population = Population::new(options(10_000)).unwrap();
    population.advance(10_000).unwrap();
    println!("{:?} for 10 000 calls: {:?}", started.elapsed(), population.report().relayed);
}
