//! A scenario at work: agents, servers, signalling and events on one clock.
//!
//! ```
//! use icelens::sim::{Outcome, Scenario, Simulation};
//!
//! let mut simulation = Simulation::new(&Scenario::named("cone-to-cone")?)?;
//! let result = simulation.run();
//! assert_eq!(result.outcome, Outcome::Direct, "{}", result.why());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod cause;
mod happen;
mod own;
mod result;
mod signal;
mod trace;

pub use cause::Cause;
pub use own::Arrival;
pub use result::{Outcome, Selected, SimulationResult};
pub use signal::Message;
pub(super) use trace::message;
pub use trace::{Entry, What};

use core::time::Duration;
use std::collections::BTreeMap;

use super::scenario::{Call, Happening, Scenario, ScenarioError};
use super::world::{HostId, Trace, World};
use super::{Machine, NatId};
use crate::ice::agent::{Agent, AgentState, Event};
use signal::Side;
use trace::Names;

/// Entries of the trace at most; a run goes on without what would be more.
pub const MAX_ENTRIES: usize = 250_000;
/// Things that happen in one run at most: a run that comes to it stops there, and its result says so.
pub const MAX_STEPS: u64 = 1_000_000;
/// Things that happen at one instant of virtual time at most: a run that comes to it, such as one whose program has itself
/// woken at once again and again, stops there, and its result says so.
pub const MAX_AT_ONCE: u64 = 100_000;

/// Something of the simulation's own that is due.
#[derive(Clone, Debug)]
enum Action {
    /// A call begins.
    Begin(usize),
    /// A message of signalling arrives at a side of a call.
    Deliver(usize, Message),
    /// A side sends a packet of media.
    Media(usize),
    /// An event of the scenario.
    Happen(usize),
}

/// A scenario at work. The same scenario and seed give the same run, to the byte.
#[derive(Debug)]
pub struct Simulation {
    scenario: Scenario,
    world: World,
    names: Names,
    hosts: BTreeMap<String, HostId>,
    networks: BTreeMap<String, NatId>,
    /// The two sides of each call, one after the other.
    sides: Vec<Side>,
    actions: BTreeMap<(Duration, u64), Action>,
    sequence: u64,
    entries: Vec<Entry>,
    recording: bool,
    dropped: u64,
    steps: u64,
    /// Steps at the present instant.
    at_once: u64,
}

impl Simulation {
    /// Prepares a scenario.
    ///
    /// # Errors
    ///
    /// A name that is none, or more of something than there may be.
    pub fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        build::build(scenario, true)
    }

    /// The same without a trace, for many runs.
    ///
    /// # Errors
    ///
    /// As [`Simulation::new`].
    pub fn untraced(scenario: &Scenario) -> Result<Self, ScenarioError> {
        build::build(scenario, false)
    }

    /// Runs to the end of the scenario.
    pub fn run(&mut self) -> SimulationResult {
        self.run_until(self.scenario.end());
        self.result()
    }

    /// Runs until every call is decided: each has a selected pair on both sides or has failed on one; or to the end.
    pub fn run_until_decided(&mut self) -> SimulationResult {
        let end = self.scenario.end();
        while !self.decided() && self.step(end) {}
        self.result()
    }

    /// Runs until that time.
    pub fn run_until(&mut self, until: Duration) {
        while self.step(until) {}
        self.world.advance(until);
    }

    /// True when [`MAX_STEPS`] or [`MAX_AT_ONCE`] have ended the run.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.steps >= MAX_STEPS || self.at_once >= MAX_AT_ONCE
    }

    /// Makes the next thing happen, if it is not after `until`; false when there is none, or no more may happen.
    pub fn step(&mut self, until: Duration) -> bool {
        let action = self.actions.first_key_value().map(|((time, _), _)| *time);
        let event = self.world.next_event();
        let next = match (action, event) {
            (Some(action), Some(event)) => action.min(event),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) => return false,
        };
        if next > until || self.is_cut() {
            return false;
        }
        self.steps += 1;
        self.at_once = if next > self.now() { 1 } else { self.at_once + 1 };
        match action {
            Some(time) if time <= next => self.act(time),
            _ => {
                self.world.step(next);
            }
        }
        self.collect();
        true
    }

    /// Virtual time.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.world.now()
    }

    /// Entries so far.
    #[must_use]
    pub fn trace(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries did not fit into the trace.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The name of a host.
    #[must_use]
    pub fn host_name(&self, host: HostId) -> &str {
        self.names.host(host)
    }

    /// The name of a network.
    #[must_use]
    pub fn network_name(&self, nat: NatId) -> &str {
        self.names.network(nat)
    }

    /// The ICE agent on a host.
    #[must_use]
    pub fn agent(&self, host: &str) -> Option<&Agent> {
        match self.world.machine(*self.hosts.get(host)?)? {
            Machine::Ice(agent) => Some(agent),
            _ => None,
        }
    }

    /// Packets that hosts have sent.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.world.packets()
    }

    fn schedule(&mut self, at: Duration, action: Action) {
        self.sequence += 1;
        self.actions.insert((at, self.sequence), action);
    }

    fn act(&mut self, time: Duration) {
        self.world.advance(time);
        let Some((_, action)) = self.actions.pop_first() else { return };
        match action {
            Action::Begin(call) => self.begin(call),
            Action::Deliver(side, message) => self.deliver(side, message),
            Action::Media(side) => self.media(side),
            Action::Happen(index) => self.happen(index),
        }
    }

    /// Takes over the world's trace and the agents' events, and signals what is new.
    fn collect(&mut self) {
        if self.recording {
            for line in self.world.take_trace() {
                self.record(Entry::of(line));
            }
        }
        let touched = self.world.take_touched();
        for side in 0..self.sides.len() {
            if self.sides.get(side).is_none_or(|side| !touched.contains(&side.host)) {
                continue;
            }
            self.collect_events(side);
            self.signal_candidates(side);
        }
    }

    fn collect_events(&mut self, side: usize) {
        let Some(host) = self.sides.get(side).map(|side| side.host) else { return };
        loop {
            let Some(Machine::Ice(agent)) = self.world.machine_mut(host) else { return };
            match agent.poll_event() {
                Some(Event::Decision(decision)) if self.recording => self.record(Entry::decision(host, decision)),
                Some(Event::Data { .. }) => {
                    if let Some(side) = self.sides.get_mut(side) {
                        side.received += 1;
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
        self.note_connected(side);
    }

    fn record(&mut self, entry: Entry) {
        if !self.recording {
            return;
        }
        match self.entries.len() < MAX_ENTRIES {
            true => self.entries.push(entry),
            false => self.dropped += 1,
        }
    }

    fn note(&mut self, what: What) {
        let time = self.world.now();
        self.record(Entry { time, what });
    }

    fn state(&self, side: usize) -> Option<AgentState> {
        let host = self.sides.get(side)?.host;
        match self.world.machine(host)? {
            Machine::Ice(agent) => Some(agent.state()),
            _ => None,
        }
    }

    fn call_of(&self, side: usize) -> Option<&Call> {
        self.scenario.calls.get(side / 2)
    }

    fn happening(&self, index: usize) -> Option<Happening> {
        self.scenario.events.get(index).map(|timed| timed.what.clone())
    }
}

impl Entry {
    fn of(line: Trace) -> Self {
        let time = match &line {
            Trace::Sent { time, .. }
            | Trace::Lost { time, .. }
            | Trace::NoRoute { time, .. }
            | Trace::Received { time, .. } => *time,
            Trace::Nat { decision, .. } => decision.time,
        };
        Self { time, what: What::Packet(line) }
    }
}
