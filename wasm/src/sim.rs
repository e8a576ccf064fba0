//! The simulator, for `npm/src/simulation`. What comes back is JSON text, which JavaScript reads faster than objects
//! cross the boundary.

use core::time::Duration;

use icelens::sim::{
    Arrival, BUILT_IN, Evidence, Fault, MatrixOptions, Population, PopulationOptions, Scenario, ScenarioError,
    Simulation, compare_runs, relay_bandwidth, traversal_matrix,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// An error whose message is the fault as JSON; `npm/src/simulation/fault.ts` reads it.
fn error(error: ScenarioError) -> JsError {
    JsError::new(&error.to_json().to_string())
}

/// Virtual time from milliseconds; a day at most, nothing for what is not a time.
fn virtual_time(value: f64) -> Duration {
    Duration::try_from_secs_f64(value.min(86_400_000.0) / 1000.0).unwrap_or_default()
}

/// A scenario at work.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmSimulation(Simulation);

#[wasm_bindgen]
impl WasmSimulation {
    /// From the JSON of a scenario; `seed` takes the place of its own.
    ///
    /// # Errors
    ///
    /// A scenario that is refused, with the place of its fault.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &str, seed: Option<f64>) -> Result<Self, JsError> {
        let mut scenario = Scenario::from_json(json).map_err(error)?;
        if let Some(seed) = seed {
            scenario.seed = seed as u64;
        }
        Simulation::new(&scenario).map(Self).map_err(error)
    }

    /// Runs to `until` milliseconds, or to the end of the scenario; the result as JSON.
    pub fn run(&mut self, until: Option<f64>) -> String {
        match until {
            Some(until) => self.0.run_until(virtual_time(until)),
            None => {
                self.0.run();
            }
        }
        self.0.result().to_json().to_string()
    }

    /// Makes the next thing happen; false at the end of the scenario.
    pub fn step(&mut self) -> bool {
        let end = self.0.scenario().end();
        self.0.step(end)
    }

    /// Virtual time in milliseconds.
    pub fn now(&self) -> f64 {
        self.0.now().as_secs_f64() * 1000.0
    }

    /// How many entries the trace has.
    pub fn count(&self) -> usize {
        self.0.trace().len()
    }

    /// The entries of the trace from this index on, as a JSON array.
    pub fn entries(&self, from: usize) -> String {
        let mut text = String::from("[");
        for entry in self.0.trace().iter().skip(from) {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&self.0.entry(entry).to_string());
        }
        text.push(']');
        text
    }

    /// How many entries did not fit into the trace.
    pub fn dropped(&self) -> f64 {
        self.0.dropped() as f64
    }

    /// Refuses a host without a program of the caller's own.
    ///
    /// # Errors
    ///
    /// No such host has that name.
    #[wasm_bindgen(js_name = requireOwn)]
    pub fn require_own(&self, host: &str) -> Result<(), JsError> {
        self.0.require_own(host).map_err(error)
    }

    /// Runs until something waits for a program of the caller's own; false when it came to `until` milliseconds, or the
    /// end of the scenario, instead.
    #[wasm_bindgen(js_name = runUntilArrival)]
    pub fn run_until_arrival(&mut self, until: Option<f64>) -> bool {
        let until = until.map_or_else(|| self.0.scenario().end(), virtual_time);
        self.0.run_until_arrival(until)
    }

    /// The event that waits for a program of the caller's own, as JSON: `host`, and of a datagram `local`, `remote` and `bytes` in hex.
    pub fn arrival(&mut self) -> Option<String> {
        let (host, arrival) = self.0.arrival()?;
        let object = match arrival {
            Arrival::Timeout => json!({ "host": host }),
            Arrival::Datagram { local, remote, bytes } => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                json!({ "host": host, "local": local.to_string(), "remote": remote.to_string(), "bytes": hex })
            }
        };
        Some(object.to_string())
    }

    /// Sends a datagram from a host with a program of the caller's own.
    ///
    /// # Errors
    ///
    /// Addresses that are none, and what [`Simulation::send_from`] refuses.
    #[wasm_bindgen(js_name = sendFrom)]
    pub fn send_from(&mut self, host: &str, local: &str, remote: &str, bytes: &[u8]) -> Result<(), JsError> {
        let address = |name: &str, text: &str| {
            text.parse().map_err(|_| error(ScenarioError::new(Fault::NoAddress, [("text", &text)]).at(name)))
        };
        let (local, remote) = (address("local", local)?, address("remote", remote)?);
        self.0.send_from(host, local, remote, bytes.to_vec()).map_err(error)
    }

    /// Wakes the program of the caller's own on a host at so many milliseconds.
    ///
    /// # Errors
    ///
    /// A time that [`Simulation::wake_at`] refuses.
    #[wasm_bindgen(js_name = wakeAt)]
    pub fn wake_at(&mut self, host: &str, time: f64) -> Result<(), JsError> {
        self.0.wake_at(host, virtual_time(time)).map_err(error)
    }

    /// The ICE agent on a host as JSON.
    pub fn agent(&self, host: &str) -> String {
        self.0.agent_json(host).to_string()
    }

    /// The scenario as JSON.
    pub fn scenario(&self) -> String {
        self.0.scenario().to_json()
    }

    /// The prediction of the run beside what was seen, as JSON; `evidence` is JSON too.
    ///
    /// # Errors
    ///
    /// Evidence that can't be read.
    pub fn steps(&self, evidence: &str) -> Result<String, JsError> {
        let steps = Evidence::from_json(evidence).map_err(error)?.steps(&self.0);
        Ok(Value::Array(steps.iter().map(icelens::sim::Step::to_json).collect()).to_string())
    }

    /// This run and another side by side, as JSON.
    pub fn compare(&self, other: &Self) -> String {
        compare_runs(&self.0, &other.0).to_json().to_string()
    }

    /// The trace as JSON lines.
    #[wasm_bindgen(js_name = jsonLines)]
    pub fn json_lines(&self) -> String {
        self.0.to_json_lines()
    }

    /// The trace as pcapng.
    pub fn pcapng(&self) -> Vec<u8> {
        self.0.to_pcapng()
    }

    /// The scenario as a script of Linux namespaces.
    ///
    /// # Errors
    ///
    /// Why the kernel can't form it.
    #[wasm_bindgen(js_name = namespaceScript)]
    pub fn namespace_script(&self) -> Result<String, JsError> {
        self.0.scenario().to_namespace_script().map_err(error)
    }
}

/// Names and titles of the built-in scenarios, as JSON.
#[wasm_bindgen(js_name = simScenarios)]
pub fn scenarios() -> String {
    let title = |json: &str| Scenario::from_json(json).map(|scenario| scenario.title).unwrap_or_default();
    let all = BUILT_IN.iter().map(|one| json!({ "name": one.name, "title": title(one.json) }));
    Value::Array(all.collect()).to_string()
}

/// A built-in scenario, as JSON.
///
/// # Errors
///
/// No scenario has that name.
#[wasm_bindgen(js_name = simScenario)]
pub fn scenario(name: &str) -> Result<String, JsError> {
    Scenario::named(name).map(|scenario| scenario.to_json()).map_err(error)
}

/// The scenario that fits the evidence, and what it rests on; both are JSON.
///
/// # Errors
///
/// Evidence that can't be read.
#[wasm_bindgen(js_name = simScenarioFrom)]
pub fn scenario_from(evidence: &str) -> Result<String, JsError> {
    let made = Evidence::from_json(evidence).map_err(error)?.scenario().map_err(error)?;
    Ok(made.to_json().to_string())
}

/// Every pair of kinds, each a run; options and result are JSON.
///
/// # Errors
///
/// A kind or option that is none.
#[wasm_bindgen(js_name = simMatrix)]
pub fn matrix(options: &str) -> Result<String, JsError> {
    let options = MatrixOptions::from_json(options).map_err(error)?;
    Ok(traversal_matrix(&options).map_err(error)?.to_json().to_string())
}

/// The scenario of one cell of the matrix, as JSON; `kinds` of the options are the offerer's and the answerer's.
///
/// # Errors
///
/// A kind or option that is none, or not two kinds.
#[wasm_bindgen(js_name = simCell)]
pub fn cell(options: &str) -> Result<String, JsError> {
    let options = MatrixOptions::from_json(options).map_err(error)?;
    let [a, b] = options.kinds.as_slice() else {
        return Err(error(ScenarioError::new(Fault::TwoKinds, [("count", &options.kinds.len())]).at("kinds")));
    };
    Ok(icelens::sim::cell(a, b, &options).to_json())
}

/// A population run that goes on as far as it is told.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmPopulation(Population);

#[wasm_bindgen]
impl WasmPopulation {
    /// From the JSON of the options.
    ///
    /// # Errors
    ///
    /// Options that are refused, with the place of their fault.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsError> {
        let options = PopulationOptions::from_json(options).map_err(error)?;
        Population::new(options).map(Self).map_err(error)
    }

    /// Makes so many more calls; returns how many were made in all.
    ///
    /// # Errors
    ///
    /// A profile that is none.
    pub fn advance(&mut self, calls: u32) -> Result<u32, JsError> {
        self.0.advance(calls).map_err(error)
    }

    /// Result so far, as JSON.
    pub fn report(&self) -> String {
        self.0.report().to_json().to_string()
    }
}

/// Mean and 99 % of the megabits a second that a relay carries.
#[wasm_bindgen(js_name = simRelayBandwidth)]
pub fn bandwidth(relayed: f64, concurrent: u32, kbps: f64) -> Vec<f64> {
    let (mean, p99) = relay_bandwidth(relayed, concurrent, kbps);
    vec![mean, p99]
}
