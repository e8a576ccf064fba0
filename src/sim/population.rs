//! Many calls between hosts behind a mix of NATs: which share connects directly, which needs a relay, how long it takes.
//!
//! A network that blocks UDP connects over TURN by TCP only.

use core::time::Duration;

use serde::Deserialize;

use super::matrix::{MatrixOptions, cell};
use super::random::Random;
use super::scenario::{Fault, NatChoice, ScenarioError, chance};
use super::simulation::{Outcome, Simulation};

/// Kinds of NAT in one mix at most.
pub const MAX_MIX: usize = 64;
/// Calls of one run at most.
pub const MAX_CALLS: u32 = 1_000_000;
/// Bins of a histogram; the last has what is longer.
pub const BINS: usize = 50;
/// Milliseconds of one bin.
pub const BIN_MILLISECONDS: u64 = 100;
/// Milliseconds of virtual time after which a call that is not decided has failed.
const PATIENCE: u64 = 45_000;

/// A kind of NAT and its share.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct MixPart {
    /// The NAT.
    pub nat: NatChoice,
    /// Origin of the share, for people.
    #[serde(default)]
    pub source: String,
    /// Its share; the shares of a mix need not sum to 1.
    pub share: f64,
}

/// Request for a run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PopulationOptions {
    /// The mix.
    pub mix: Vec<MixPart>,
    /// How many calls.
    pub calls: u32,
    /// A TURN server is there, and is asked over UDP.
    pub relay: bool,
    /// A TURN server is there, and is asked over TCP on port 443.
    pub relay_tcp: bool,
    /// Chance of each packet to be lost on each link.
    pub loss: f64,
    /// Seed.
    pub seed: u64,
    /// Timers and choices of the agents.
    pub profile: String,
}

impl PopulationOptions {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// A text that can't be read, with line and column.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        serde_json::from_str(text).map_err(|error| ScenarioError::json(&error))
    }
}

/// A share of the calls, with the 95 % interval of sampling (Wilson).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Calls.
    pub calls: u32,
    /// Their share.
    pub share: f64,
    /// Low end of the interval.
    pub low: f64,
    /// High end.
    pub high: f64,
}

impl Share {
    fn of(calls: u32, all: u32) -> Self {
        let (count, total) = (f64::from(calls), f64::from(all.max(1)));
        let z = 1.959_963_985;
        let share = count / total;
        let middle = share + z * z / (2.0 * total);
        let spread = z * (share * (1.0 - share) / total + z * z / (4.0 * total * total)).sqrt();
        let scale = 1.0 + z * z / total;
        let bounded = |value: f64| (value / scale).clamp(0.0, 1.0);
        Self { calls, share, low: bounded(middle - spread), high: bounded(middle + spread) }
    }
}

/// Times until both sides were connected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    /// Milliseconds that half, 90 % and 99 % of the calls did not exceed; 0 without calls.
    pub percentiles: [f64; 3],
    /// Calls in each bin of [`BIN_MILLISECONDS`].
    pub histogram: Vec<u32>,
}

impl Times {
    fn of(times: &mut [Duration]) -> Self {
        times.sort_unstable();
        let at = |share: f64| {
            let index = ((times.len() as f64 * share).ceil() as usize).saturating_sub(1);
            times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
        };
        let mut histogram = vec![0; BINS];
        for time in times.iter() {
            let bin = (time.as_millis() as u64 / BIN_MILLISECONDS).min(BINS as u64 - 1) as usize;
            if let Some(count) = histogram.get_mut(bin) {
                *count += 1;
            }
        }
        Self { percentiles: [at(0.5), at(0.9), at(0.99)], histogram }
    }
}

/// Calls between two kinds of the mix.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kinds {
    /// Index of the offerer's kind in the mix.
    pub a: usize,
    /// Index of the answerer's.
    pub b: usize,
    /// Calls.
    pub calls: u32,
    /// Of those, relayed.
    pub relayed: u32,
    /// Of those, failed.
    pub failed: u32,
    /// Seed of the first of those that ended worst: with it, [`cell`] is that call. Below 2³².
    pub seed: u64,
}

impl Kinds {
    /// The worst end among the calls so far.
    const fn worst(&self) -> Option<Outcome> {
        match self {
            Self { calls: 0, .. } => None,
            Self { failed: 1.., .. } => Some(Outcome::Failed),
            Self { relayed: 1.., .. } => Some(Outcome::Relayed),
            Self { .. } => Some(Outcome::Direct),
        }
    }
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationReport {
    /// Calls made.
    pub calls: u32,
    /// Without a relay.
    pub direct: Share,
    /// Over the relay.
    pub relayed: Share,
    /// Not at all.
    pub failed: Share,
    /// By the kinds of both sides; those without calls are left out.
    pub by_kinds: Vec<Kinds>,
    /// Of all calls that connected, of the direct ones, of the relayed ones.
    pub time_to_connect: [Times; 3],
}

/// A run that goes on as far as it is told, so that its owner can show progress and stop.
#[derive(Debug)]
pub struct Population {
    options: PopulationOptions,
    random: Random,
    done: u32,
    kinds: Vec<Kinds>,
    direct: Vec<Duration>,
    relayed: Vec<Duration>,
}

impl Population {
    /// Prepares a run.
    ///
    /// # Errors
    ///
    /// An empty or too large mix, shares that are no positive numbers, too many calls, or a NAT that is none.
    pub fn new(mut options: PopulationOptions) -> Result<Self, ScenarioError> {
        if options.mix.is_empty() || options.mix.len() > MAX_MIX {
            return Err(
                ScenarioError::new(Fault::MixSize, [("limit", &MAX_MIX), ("count", &options.mix.len())]).at("mix")
            );
        }
        for (index, part) in options.mix.iter().enumerate() {
            part.nat.spec().map_err(|error| error.at(&format!("mix[{index}].nat")))?;
            if !part.share.is_finite() || part.share < 0.0 {
                return Err(
                    ScenarioError::new(Fault::NoShare, [("share", &part.share)]).at(&format!("mix[{index}].share"))
                );
            }
        }
        chance("loss", options.loss)?;
        if options.mix.iter().map(|part| part.share).sum::<f64>() <= 0.0 {
            return Err(ScenarioError::new(Fault::AllSharesZero, []).at("mix"));
        }
        options.calls = options.calls.min(MAX_CALLS);
        let random = Random::new(options.seed, 0x0070_6f70);
        let size = options.mix.len();
        let pairs = (0..size).flat_map(|a| (0..size).map(move |b| Kinds { a, b, ..Kinds::default() })).collect();
        Ok(Self { options, random, done: 0, kinds: pairs, direct: Vec::new(), relayed: Vec::new() })
    }

    /// Makes up to so many more calls; returns how many were made in all.
    ///
    /// # Errors
    ///
    /// A profile that is none.
    pub fn advance(&mut self, calls: u32) -> Result<u32, ScenarioError> {
        let until = self.done.saturating_add(calls).min(self.options.calls);
        while self.done < until {
            self.call()?;
        }
        Ok(self.done)
    }

    /// True when every call was made.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.done >= self.options.calls
    }

    fn pick(&mut self) -> usize {
        let total: f64 = self.options.mix.iter().map(|part| part.share).sum();
        let mut left = self.random.share() * total;
        for (index, part) in self.options.mix.iter().enumerate() {
            left -= part.share;
            if left < 0.0 {
                return index;
            }
        }
        self.options.mix.len() - 1
    }

    fn call(&mut self) -> Result<(), ScenarioError> {
        let (a, b) = (self.pick(), self.pick());
        let options = MatrixOptions {
            relay: self.options.relay,
            relay_tcp: self.options.relay_tcp,
            // Such that JavaScript's numbers hold it.
            seed: self.random.next() >> 32,
            profile: self.options.profile.clone(),
            loss: self.options.loss,
            ..MatrixOptions::default()
        };
        let (Some(from), Some(to)) = (self.options.mix.get(a), self.options.mix.get(b)) else { return Ok(()) };
        let seed = options.seed;
        let mut scenario = cell(&from.nat, &to.nat, &options);
        scenario.until = PATIENCE;
        let result = Simulation::untraced(&scenario)?.run_until_decided();
        self.done += 1;
        let elapsed = result.elapsed.unwrap_or_default();
        let slot = a * self.options.mix.len() + b;
        let Some(kinds) = self.kinds.get_mut(slot) else { return Ok(()) };
        let worst_before = kinds.worst();
        kinds.calls += 1;
        if worst_before < Some(result.outcome) {
            kinds.seed = seed;
        }
        match result.outcome {
            Outcome::Direct => self.direct.push(elapsed),
            Outcome::Relayed => {
                kinds.relayed += 1;
                self.relayed.push(elapsed);
            }
            Outcome::Failed => kinds.failed += 1,
        }
        Ok(())
    }

    /// Result so far.
    #[must_use]
    pub fn report(&self) -> PopulationReport {
        let (direct, relayed) = (self.direct.len() as u32, self.relayed.len() as u32);
        let mut all = [self.direct.as_slice(), &self.relayed].concat();
        let (mut direct_times, mut relayed_times) = (self.direct.clone(), self.relayed.clone());
        PopulationReport {
            calls: self.done,
            direct: Share::of(direct, self.done),
            relayed: Share::of(relayed, self.done),
            failed: Share::of(self.done - direct - relayed, self.done),
            by_kinds: self.kinds.iter().copied().filter(|kinds| kinds.calls > 0).collect(),
            time_to_connect: [Times::of(&mut all), Times::of(&mut direct_times), Times::of(&mut relayed_times)],
        }
    }
}

/// Megabits a second that a relay carries for so many calls at once, of which this share is relayed, each with `kbps` of
/// media each way: the mean, and what is not exceeded at 99 % of times.
#[must_use]
pub fn relay_bandwidth(relayed: f64, concurrent: u32, kbps: f64) -> (f64, f64) {
    let share = relayed.clamp(0.0, 1.0);
    let mean = f64::from(concurrent) * share;
    let deviation = (f64::from(concurrent) * share * (1.0 - share)).sqrt();
    // Each way comes in and goes out.
    let megabits = |calls: f64| calls.clamp(0.0, f64::from(concurrent)) * kbps * 4.0 / 1000.0;
    (megabits(mean), megabits(mean + 2.326 * deviation))
}
