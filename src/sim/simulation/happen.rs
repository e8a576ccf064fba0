//! The events of a scenario.

use core::net::SocketAddr;

use super::Simulation;
use super::trace::What;
use crate::ice::agent::Agent;
use crate::sim::scenario::{Happening, INTERNET, LinkChoice, Program};
use crate::sim::world::Place;
use crate::sim::{Link, Machine};

impl Simulation {
    pub(super) fn happen(&mut self, index: usize) {
        let Some(what) = self.happening(index) else { return };
        self.note(What::Happened(what.clone()));
        match what {
            Happening::Reboot { network } => self.reboot(&network),
            Happening::Link { host, up, down } => self.change_link(&host, up, down),
            Happening::Move { host, network, addresses } => self.relocate(&host, &network, &addresses),
            Happening::Stop { host } => self.replace(&host, Machine::Silent),
            Happening::Restart { host } => {
                if let Some(side) = self.side_of(&host) {
                    self.restart(side);
                }
            }
        }
    }

    fn side_of(&self, host: &str) -> Option<usize> {
        let id = self.hosts.get(host)?;
        self.sides.iter().position(|side| side.host == *id)
    }

    fn reboot(&mut self, network: &str) {
        let Some(id) = self.networks.get(network).copied() else { return };
        if let Some(nat) = self.world.nat_mut(id) {
            nat.reboot();
        }
    }

    fn change_link(&mut self, host: &str, up: Option<LinkChoice>, down: Option<LinkChoice>) {
        let Some(id) = self.hosts.get(host).copied() else { return };
        let link = |choice: LinkChoice| -> Link { choice.link() };
        self.world.set_links(id, up.map(link), down.map(link));
    }

    /// A host leaves its network for another: its old sockets are gone, new ones gather, and its agent restarts.
    fn relocate(&mut self, host: &str, network: &str, addresses: &[core::net::IpAddr]) {
        let place = match self.networks.get(network) {
            Some(nat) => Place::Behind(*nat),
            None if network.is_empty() || network == INTERNET => Place::Internet,
            None => return,
        };
        let Some(id) = self.hosts.get(host).copied() else { return };
        self.world.move_host(id, place, addresses);
        let Some(at) = self.scenario.hosts.iter().position(|one| one.name == host) else { return };
        let Some(entry) = self.scenario.hosts.get_mut(at) else { return };
        let old = core::mem::replace(&mut entry.addresses, addresses.to_vec());
        let Program::Ice { port, .. } = entry.run else { return };
        let Some(side) = self.side_of(host) else { return };
        let sockets: Vec<_> = addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        self.with_agent(side, |agent| old.iter().for_each(|ip| agent.remove_local_address(SocketAddr::new(*ip, port))));
        self.restart(side);
        self.add_addresses(side, &sockets);
    }

    fn replace(&mut self, host: &str, machine: Machine) {
        let Some(id) = self.hosts.get(host).copied() else { return };
        if let Some(Machine::Ice(agent)) = self.world.machine_mut(id) {
            Agent::close(agent);
        }
        if let Some(slot) = self.world.machine_mut(id) {
            *slot = machine;
        }
    }
}
