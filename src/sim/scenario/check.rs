//! Limits of a scenario, and names in it that must be those of something.

use core::fmt;

use super::{Fault, Happening, Host, INTERNET, LinkChoice, Program, Scenario, ScenarioError};

/// Bytes of the JSON of one scenario at most.
pub const MAX_BYTES: usize = 4 << 20;
/// Networks of one scenario at most.
pub const MAX_NETWORKS: usize = 64;
/// Hosts of one scenario at most; calls too.
pub const MAX_HOSTS: usize = 128;
/// Events of one scenario at most.
pub const MAX_TIMED: usize = 1000;
/// Entries of one list of addresses, servers or forwards at most.
pub const MAX_LIST: usize = 256;
/// End of a scenario at most, in milliseconds of virtual time: a day.
pub const MAX_UNTIL: u64 = 86_400_000;
/// Bytes of one name at most: names stand in every line of a trace.
pub const MAX_NAME: usize = 200;

fn at_most(path: &str, what: &str, count: usize, limit: usize) -> Result<(), ScenarioError> {
    match count > limit {
        true => {
            Err(ScenarioError::new(Fault::TooMany, [("count", &count), ("what", &what), ("limit", &limit)]).at(path))
        }
        false => Ok(()),
    }
}

impl Scenario {
    /// Refuses what is too much of something, and events of hosts and networks that are not there.
    pub(in crate::sim) fn check(&self) -> Result<(), ScenarioError> {
        if self.until > MAX_UNTIL {
            let values: [(_, &dyn fmt::Display); 2] = [("milliseconds", &self.until), ("limit", &MAX_UNTIL)];
            return Err(ScenarioError::new(Fault::TooLate, values).at("until"));
        }
        at_most("networks", "networks", self.networks.len(), MAX_NETWORKS)?;
        at_most("hosts", "hosts", self.hosts.len(), MAX_HOSTS)?;
        at_most("calls", "calls", self.calls.len(), MAX_HOSTS)?;
        at_most("events", "events", self.events.len(), MAX_TIMED)?;
        for (index, network) in self.networks.iter().enumerate() {
            at_most(&format!("networks[{index}].name"), "bytes", network.name.len(), MAX_NAME)?;
            network.link.check(&format!("networks[{index}].link"))?;
            network.down.map_or(Ok(()), |down| down.check(&format!("networks[{index}].down")))?;
            let nat = &network.nat;
            at_most(&format!("networks[{index}].nat.addresses"), "addresses", nat.addresses.len(), MAX_LIST)?;
            at_most(&format!("networks[{index}].nat.forwards"), "forwards", nat.forwards.len(), MAX_LIST)?;
        }
        for (index, host) in self.hosts.iter().enumerate() {
            host.check(&format!("hosts[{index}]"))?;
        }
        for (index, timed) in self.events.iter().enumerate() {
            self.check_event(&format!("events[{index}]"), &timed.what)?;
        }
        Ok(())
    }

    fn check_event(&self, path: &str, what: &Happening) -> Result<(), ScenarioError> {
        let host = |name: &str| self.named_host(path, name).map(drop);
        match what {
            Happening::Reboot { network } => self.named_network(path, network),
            Happening::Link { host: name, up, down } => {
                up.map_or(Ok(()), |up| up.check(&format!("{path}.up")))?;
                down.map_or(Ok(()), |down| down.check(&format!("{path}.down")))?;
                host(name)
            }
            Happening::Stop { host: name } => host(name),
            Happening::Restart { host: name } => match self.named_host(path, name)?.run {
                Program::Ice { .. } => Ok(()),
                _ => Err(ScenarioError::new(Fault::RunsNoIce, [("name", name)]).at(&format!("{path}.host"))),
            },
            Happening::Move { host: name, network, addresses } => {
                host(name)?;
                if !network.is_empty() && network != INTERNET {
                    self.named_network(path, network)?;
                }
                let path = format!("{path}.addresses");
                if addresses.is_empty() {
                    return Err(ScenarioError::new(Fault::Empty, []).at(&path));
                }
                at_most(&path, "addresses", addresses.len(), MAX_LIST)
            }
        }
    }

    fn named_host(&self, path: &str, name: &str) -> Result<&Host, ScenarioError> {
        let found = self.hosts.iter().find(|host| host.name == name);
        found.ok_or_else(|| ScenarioError::new(Fault::UnknownHost, [("name", &name)]).at(&format!("{path}.host")))
    }

    fn named_network(&self, path: &str, name: &str) -> Result<(), ScenarioError> {
        match self.networks.iter().any(|network| network.name == name) {
            true => Ok(()),
            false => Err(ScenarioError::new(Fault::UnknownNetwork, [("name", &name)]).at(&format!("{path}.network"))),
        }
    }
}

impl Host {
    fn check(&self, path: &str) -> Result<(), ScenarioError> {
        at_most(&format!("{path}.name"), "bytes", self.name.len(), MAX_NAME)?;
        if self.addresses.is_empty() {
            return Err(ScenarioError::new(Fault::Empty, []).at(&format!("{path}.addresses")));
        }
        at_most(&format!("{path}.addresses"), "addresses", self.addresses.len(), MAX_LIST)?;
        self.link.check(&format!("{path}.link"))?;
        match &self.run {
            Program::Ice { servers, .. } => at_most(&format!("{path}.run.servers"), "servers", servers.len(), MAX_LIST),
            _ => Ok(()),
        }
    }
}

/// Least MTU of a link in bytes (RFC 791).
const LEAST_MTU: usize = 68;
/// Most bytes that the length field of an IPv4 packet can tell (RFC 791).
const MOST_MTU: usize = 65_535;

fn in_range(path: &str, value: f64, least: f64, most: f64) -> Result<(), ScenarioError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ScenarioError::new(Fault::OutOfRange, [("value", &value), ("least", &least), ("most", &most)]).at(path))
}

/// Refuses what is no chance of something: below 0 or above 1.
pub(in crate::sim) fn chance(path: &str, value: f64) -> Result<(), ScenarioError> {
    in_range(path, value, 0.0, 1.0)
}

impl LinkChoice {
    /// Refuses what no link has: times below 0 or longer than a scenario, chances that are none, packets that IP has not.
    fn check(&self, path: &str) -> Result<(), ScenarioError> {
        for (name, time) in [("latency", self.latency), ("jitter", self.jitter), ("queue", self.queue)] {
            in_range(&format!("{path}.{name}"), time, 0.0, MAX_UNTIL as f64)?;
        }
        let (begins, ends) = self.burst.unwrap_or_default();
        let burst = [("burst[0]", begins), ("burst[1]", ends)];
        let chances = [("loss", self.loss), ("duplicate", self.duplicate), ("reorder", self.reorder)];
        for (name, value) in chances.into_iter().chain(burst) {
            chance(&format!("{path}.{name}"), value)?;
        }
        in_range(&format!("{path}.mtu"), self.mtu as f64, LEAST_MTU as f64, MOST_MTU as f64)?;
        match self.rate {
            Some(rate) if !rate.is_finite() || rate <= 0.0 => {
                Err(ScenarioError::new(Fault::NoRate, [("value", &rate)]).at(&format!("{path}.rate")))
            }
            _ => Ok(()),
        }
    }
}
