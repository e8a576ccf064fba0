//! Limits of a scenario, and names in it that must be those of something.

use super::{Happening, Host, INTERNET, Program, Scenario, ScenarioError};

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
/// Bytes of one name at most: names stand in every line of a trace.
pub const MAX_NAME: usize = 200;

fn at_most(path: &str, what: &str, count: usize, limit: usize) -> Result<(), ScenarioError> {
    match count > limit {
        true => Err(ScenarioError::new(format!("{path}: {count} {what}; {limit} are the limit"))),
        false => Ok(()),
    }
}

impl Scenario {
    /// Refuses what is too much of something, and events of hosts and networks that are not there.
    pub(in crate::sim) fn check(&self) -> Result<(), ScenarioError> {
        at_most("networks", "networks", self.networks.len(), MAX_NETWORKS)?;
        at_most("hosts", "hosts", self.hosts.len(), MAX_HOSTS)?;
        at_most("calls", "calls", self.calls.len(), MAX_HOSTS)?;
        at_most("events", "events", self.events.len(), MAX_TIMED)?;
        for (index, network) in self.networks.iter().enumerate() {
            at_most(&format!("networks[{index}].name"), "bytes", network.name.len(), MAX_NAME)?;
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
            Happening::Link { host: name, .. } | Happening::Stop { host: name } => host(name),
            Happening::Restart { host: name } => match self.named_host(path, name)?.run {
                Program::Ice { .. } => Ok(()),
                _ => Err(ScenarioError::new(format!("{path}.host: {name} runs no ICE"))),
            },
            Happening::Move { host: name, network, addresses } => {
                host(name)?;
                if !network.is_empty() && network != INTERNET {
                    self.named_network(path, network)?;
                }
                let path = format!("{path}.addresses");
                if addresses.is_empty() {
                    return Err(ScenarioError::new(format!("{path}: there is none")));
                }
                at_most(&path, "addresses", addresses.len(), MAX_LIST)
            }
        }
    }

    fn named_host(&self, path: &str, name: &str) -> Result<&Host, ScenarioError> {
        let found = self.hosts.iter().find(|host| host.name == name);
        found.ok_or_else(|| ScenarioError::new(format!("{path}.host: no host is called {name}")))
    }

    fn named_network(&self, path: &str, name: &str) -> Result<(), ScenarioError> {
        match self.networks.iter().any(|network| network.name == name) {
            true => Ok(()),
            false => Err(ScenarioError::new(format!("{path}.network: no network is called {name}"))),
        }
    }
}

impl Host {
    fn check(&self, path: &str) -> Result<(), ScenarioError> {
        at_most(&format!("{path}.name"), "bytes", self.name.len(), MAX_NAME)?;
        if self.addresses.is_empty() {
            return Err(ScenarioError::new(format!("{path}.addresses: there is none")));
        }
        at_most(&format!("{path}.addresses"), "addresses", self.addresses.len(), MAX_LIST)?;
        match &self.run {
            Program::Ice { servers, .. } => at_most(&format!("{path}.run.servers"), "servers", servers.len(), MAX_LIST),
            _ => Ok(()),
        }
    }
}
