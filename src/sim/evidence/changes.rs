//! Single changes of a network, each run: what would have connected the call.

use super::assume::Assumption;
use super::reading::End;
use serde_json::Value;

use crate::nat::Behaviour;
use crate::sim::Simulation;
use crate::sim::scenario::{Host, NatChoice, Program, Scenario, ScenarioError};
use crate::sim::simulation::{Outcome, SimulationResult};

/// The name of the server that a change adds.
const ADDED: &str = "added server";

/// One thing changed, and how the call ends then.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Code of the change: `turn-udp`, `turn-tcp`, `stun`, `udp-open`, `filter-by-address`, `map-independent`, `right-password`,
    /// `no-relay-only`; for both ends at once `turn-udp-both`, `turn-tcp-both`, `stun-both`.
    pub code: &'static str,
    /// At which end; of what is for both, the local one.
    pub end: End,
    /// The scenario with it.
    pub scenario: Scenario,
    /// How it ends.
    pub result: SimulationResult,
    /// Indexes of the assumptions that this end needs: with another value of one the call fails in spite of the change.
    pub rests_on: Vec<usize>,
}

/// Every single change that this network allows.
pub(super) fn changes(scenario: &Scenario, assumptions: &[Assumption]) -> Result<Vec<Change>, ScenarioError> {
    let mut found = Vec::new();
    for end in ENDS {
        for (code, change) in CHANGES {
            found.extend(try_out(scenario, code, end, |changed| change(changed, end))?);
        }
    }
    // An application gives both ends the same servers.
    for (code, change) in FOR_BOTH {
        let both = |changed: &mut Scenario| {
            let made = ENDS.map(|end| change(changed, end));
            made.into_iter().all(|one| one.is_some()).then_some(())
        };
        found.extend(try_out(scenario, code, End::Local, both)?);
    }
    for change in &mut found {
        change.rests_on = rests_on(change, assumptions);
    }
    Ok(found)
}

/// The assumptions without which a change that connects the call does not.
fn rests_on(change: &Change, assumptions: &[Assumption]) -> Vec<usize> {
    if change.result.outcome == Outcome::Failed {
        return Vec::new();
    }
    let fails_with = |path: &str, value: &Value| {
        // A change may have settled what was assumed: then its place holds another value, or is gone.
        let Ok(other) = change.scenario.with(path, value) else { return false };
        Simulation::untraced(&other).is_ok_and(|mut run| run.run_until_decided().outcome == Outcome::Failed)
    };
    let needed = |it: &Assumption| {
        let kept = change.scenario.value_at(&it.path).as_ref() == Some(&it.value);
        kept && it.others.iter().any(|other| fails_with(&it.path, &other.value))
    };
    assumptions.iter().enumerate().filter(|(_, it)| needed(it)).map(|(index, _)| index).collect()
}

const ENDS: [End; 2] = [End::Local, End::Remote];

/// A change with its outcome; `None` where it changes nothing.
fn try_out(
    scenario: &Scenario,
    code: &'static str,
    end: End,
    change: impl FnOnce(&mut Scenario) -> Option<()>,
) -> Result<Option<Change>, ScenarioError> {
    let mut changed = scenario.clone();
    if change(&mut changed).is_none() || changed == *scenario {
        return Ok(None);
    }
    let result = Simulation::untraced(&changed)?.run_until_decided();
    Ok(Some(Change { code, end, scenario: changed, result, rests_on: Vec::new() }))
}

/// Makes a change; `None` where there is nothing to change.
type Apply = fn(&mut Scenario, End) -> Option<()>;

const FOR_BOTH: [(&str, Apply); 3] =
    [("stun-both", add_stun), ("turn-udp-both", add_turn_udp), ("turn-tcp-both", add_turn_tcp)];

const CHANGES: [(&str, Apply); 8] = [
    ("turn-udp", add_turn_udp),
    ("turn-tcp", add_turn_tcp),
    ("stun", add_stun),
    ("right-password", |scenario, end| {
        let Program::Ice { turn_password, .. } = program(scenario, end)? else { return None };
        turn_password.take().map(drop)
    }),
    ("udp-open", |scenario, end| {
        nat(scenario, end)?.blocks_udp = false;
        Some(())
    }),
    ("filter-by-address", |scenario, end| {
        let nat = nat(scenario, end)?;
        let strict = Behaviour::AddressAndPortDependent.name();
        (nat.filtering.as_deref() == Some(strict)).then_some(())?;
        nat.filtering = Some(Behaviour::AddressDependent.name().into());
        Some(())
    }),
    ("map-independent", |scenario, end| {
        let nat = nat(scenario, end)?;
        nat.mapping.as_ref()?;
        nat.mapping = Some(Behaviour::EndpointIndependent.name().into());
        Some(())
    }),
    ("no-relay-only", |scenario, end| {
        let Program::Ice { relay_only, .. } = program(scenario, end)? else { return None };
        *relay_only = false;
        Some(())
    }),
];

fn nat(scenario: &mut Scenario, end: End) -> Option<&mut NatChoice> {
    scenario.networks.get_mut(end.index()).map(|network| &mut network.nat)
}

fn program(scenario: &mut Scenario, end: End) -> Option<&mut Program> {
    scenario.hosts.iter_mut().find(|host| host.name == end.host()).map(|host| &mut host.run)
}

fn add_turn_udp(scenario: &mut Scenario, end: End) -> Option<()> {
    add_relay(scenario, end, ADDED)
}

fn add_turn_tcp(scenario: &mut Scenario, end: End) -> Option<()> {
    add_relay(scenario, end, &format!("{ADDED}?transport=tcp"))
}

/// A STUN server for an end that asks none.
fn add_stun(scenario: &mut Scenario, end: End) -> Option<()> {
    let Program::Ice { servers, .. } = program(scenario, end)? else { return None };
    servers.is_empty().then(|| servers.push(ADDED.into()))?;
    add_host(scenario, Program::stun());
    Some(())
}

/// The host of the added server, unless it is there.
fn add_host(scenario: &mut Scenario, run: Program) {
    if scenario.hosts.iter().any(|host| host.name == ADDED) {
        return;
    }
    scenario.hosts.push(Host {
        name: ADDED.into(),
        network: String::new(),
        addresses: vec![[198, 51, 100, 200].into()],
        link: Host::near(),
        run,
    });
}

/// A TURN server with the right password for this end, unless it has such a one.
fn add_relay(scenario: &mut Scenario, end: End, name: &str) -> Option<()> {
    let relays: Vec<String> = scenario
        .hosts
        .iter()
        .filter(|host| matches!(host.run, Program::Turn { .. }))
        .map(|host| host.name.clone())
        .collect();
    let Program::Ice { servers, turn_password, .. } = program(scenario, end)? else { return None };
    let tcp = name.ends_with("?transport=tcp");
    let has = |relay: &String| {
        servers.iter().any(|one| *one == if tcp { format!("{relay}?transport=tcp") } else { relay.clone() })
    };
    if relays.iter().any(has) && turn_password.is_none() {
        return None;
    }
    *turn_password = None;
    servers.push(name.into());
    add_host(scenario, Program::turn());
    Some(())
}
