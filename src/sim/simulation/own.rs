//! Programs of the caller's own on hosts whose program is [`Program::Own`](crate::sim::Program::Own): the caller takes what
//! arrives, and says what is sent and when to be woken.

use core::net::SocketAddr;
use core::time::Duration;

use super::Simulation;
use crate::net::Datagram;
use crate::sim::Machine;
use crate::sim::machine::Own;
use crate::sim::scenario::{Fault, ScenarioError};

/// Something for a program of the caller's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// A datagram arrived.
    Datagram {
        /// Address of the host that it came to.
        local: SocketAddr,
        /// Address that it came from.
        remote: SocketAddr,
        /// Payload.
        bytes: Vec<u8>,
    },
    /// The time has come that the program asked to be woken at.
    Timeout,
}

impl Simulation {
    /// Refuses a host without a program of the caller's own.
    ///
    /// # Errors
    ///
    /// No such host has that name.
    pub fn require_own(&self, host: &str) -> Result<(), ScenarioError> {
        let machine = self.hosts.get(host).and_then(|id| self.world.machine(*id));
        match machine {
            Some(Machine::Own(_)) => Ok(()),
            _ => Err(ScenarioError::new(Fault::NoOwnHost, [("name", &host)])),
        }
    }

    /// Runs until something waits for a program of the caller's own; false when the run came to `until` instead.
    pub fn run_until_arrival(&mut self, until: Duration) -> bool {
        loop {
            if self.hosts.values().any(|id| matches!(self.world.machine(*id), Some(Machine::Own(own)) if own.waits())) {
                return true;
            }
            if !self.step(until) {
                self.world.advance(until);
                return false;
            }
        }
    }

    /// The next thing that waits for a program of the caller's own, with the name of its host.
    pub fn arrival(&mut self) -> Option<(String, Arrival)> {
        for (name, id) in &self.hosts {
            let Some(Machine::Own(own)) = self.world.machine_mut(*id) else { continue };
            if let Some(arrival) = own.take() {
                return Some((name.clone(), arrival));
            }
        }
        None
    }

    /// Sends a UDP datagram from a host with a program of the caller's own, now.
    ///
    /// # Errors
    ///
    /// No such host has that name, `local` is none of its addresses, or no UDP datagram is like that: a port is 0, the addresses
    /// are of two versions of IP, or there are more bytes than its length field holds (RFC 768).
    pub fn send_from(
        &mut self,
        host: &str,
        local: SocketAddr,
        remote: SocketAddr,
        bytes: Vec<u8>,
    ) -> Result<(), ScenarioError> {
        let scenario = self.scenario.hosts.iter().find(|one| one.name == host);
        if scenario.is_some_and(|one| !one.addresses.contains(&local.ip())) {
            return Err(ScenarioError::new(Fault::ForeignAddress, [("address", &local.ip()), ("name", &host)]));
        }
        check(local, remote, bytes.len())?;
        self.with_own(host, |own| own.send(Datagram::udp(local, remote, bytes)))
    }

    /// Wakes the program of the caller's own on a host at that virtual time, in place of the time it asked for before.
    ///
    /// # Errors
    ///
    /// No such host has that name.
    pub fn wake_at(&mut self, host: &str, time: Duration) -> Result<(), ScenarioError> {
        self.with_own(host, |own| own.wake_at(time))
    }

    fn with_own(&mut self, host: &str, change: impl FnOnce(&mut Own)) -> Result<(), ScenarioError> {
        self.require_own(host)?;
        let Some(id) = self.hosts.get(host).copied() else { return Ok(()) };
        self.world.with_machine(id, |machine| {
            if let Machine::Own(own) = machine {
                change(own);
            }
        });
        self.collect();
        Ok(())
    }
}

/// Refuses what no UDP datagram is.
fn check(local: SocketAddr, remote: SocketAddr, length: usize) -> Result<(), ScenarioError> {
    for (name, address) in [("local", local), ("remote", remote)] {
        if address.port() == 0 {
            return Err(ScenarioError::new(Fault::PortZero, [("address", &address)]).at(name));
        }
    }
    if local.is_ipv4() != remote.is_ipv4() {
        return Err(ScenarioError::new(Fault::OtherFamily, [("address", &remote), ("local", &local)]).at("remote"));
    }
    // The length fields hold 65 535: in IPv4 the IP header counts too.
    let most = if local.is_ipv4() { 65_507 } else { 65_527 };
    if length > most {
        return Err(ScenarioError::new(Fault::LongDatagram, [("count", &length), ("limit", &most)]).at("bytes"));
    }
    Ok(())
}
