//! How much faster than time a call is simulated.

use core::time::Duration;
use icelens::sim::{Outcome, Scenario, Simulation};

/// Two home routers, a call of 60 s with consent checks and 50 packets a second each way.
fn call() -> Scenario {
    let mut scenario = Scenario::named("cone-to-cone").unwrap();
    scenario.until = 60_000;
    scenario.calls[0].media = 50;
    scenario
}

#[test]
fn a_call_with_media_has_its_packets() {
    let mut simulation = Simulation::untraced(&call()).unwrap();
    let result = simulation.run();
    assert_eq!(result.outcome, Outcome::Direct, "{}", result.why());
    assert_eq!(simulation.now(), Duration::from_secs(60));
    // 50 a second and side once connected, and checks.
    assert!((5_800..6_400).contains(&result.packets), "{}", result.packets);
}

/// 1000 times is the goal: `cargo test --release --test all sim_speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, for release builds"]
fn faster_than_time() {
    let scenario = call();
    for (name, prepare) in [("with a trace", Simulation::new as fn(&Scenario) -> _), ("without", Simulation::untraced)]
    {
        let mut runs: Vec<Duration> = (0..9)
            .map(|_| {
                let started = std::time::Instant::now();
                prepare(&scenario).unwrap().run();
                started.elapsed()
            })
            .collect();
        runs.sort_unstable();
        let times = |run: Duration| scenario.end().as_secs_f64() / run.as_secs_f64();
        let (best, median) = (runs[0], runs[runs.len() / 2]);
        println!("60 s {name}: {median:?}, {:.0} times faster than time; at best {:.0}", times(median), times(best));
    }
}
