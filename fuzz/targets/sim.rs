//! Rules that hold for every text that is given as a scenario: the body of the fuzz target, run on stable by
//! `tests/sim_hostile.rs` as well.

use icelens::sim::{MAX_ENTRIES, Scenario, Simulation};

/// Steps of one run: what is slow to come is not waited for.
const STEPS: usize = 5_000;

/// A scenario is refused with words, or it runs: time goes forward, the trace is bounded, and it is written back as it is.
pub(crate) fn scenario(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let scenario = match Scenario::from_json(&text) {
        Ok(scenario) => scenario,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert_eq!(Scenario::from_json(&scenario.to_json()).as_ref(), Ok(&scenario));
    if let Err(error) = scenario.to_namespace_script() {
        assert!(!error.to_string().is_empty());
    }
    let mut simulation = match Simulation::new(&scenario) {
        Ok(simulation) => simulation,
        Err(error) => return assert!(error.to_string().contains(": "), "{error} has no place"),
    };
    let end = scenario.end();
    let mut now = simulation.now();
    for _ in 0..STEPS {
        if !simulation.step(end) {
            break;
        }
        assert!(now <= simulation.now() && simulation.now() <= end);
        now = simulation.now();
    }
    assert!(simulation.trace().len() <= MAX_ENTRIES);
    assert!(!simulation.result().causes.is_empty());
    assert_eq!(simulation.to_json_lines().lines().count(), simulation.trace().len());
    assert!(!simulation.to_pcapng().is_empty());
}
