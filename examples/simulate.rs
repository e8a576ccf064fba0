//! Runs a scenario and prints its trace as JSON lines, then how it ended:
//! `cargo run --example simulate -- cone-to-cone`, or the path of a JSON file.

use std::error::Error;

use icelens::sim::{Scenario, Simulation};

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "cone-to-cone".into());
    let scenario = match std::fs::read_to_string(&name) {
        Ok(json) => Scenario::from_json(&json)?,
        Err(_) => Scenario::named(&name)?,
    };
    let mut simulation = Simulation::new(&scenario)?;
    let result = simulation.run();
    print!("{}", simulation.to_json_lines());
    eprintln!("{}: {}", result.outcome.name(), result.why());
    Ok(())
}
