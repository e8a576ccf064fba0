//! From a scenario to a world.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};

use super::signal::Side;
use super::trace::Names;
use super::{Action, Simulation};
use crate::ice::Role;
use crate::ice::agent::{Agent, AgentConfig, IceServer, Nomination, Profile};
use crate::net::Protocol;
use crate::sim::scenario::{Fault, Host, INTERNET, Program, Scenario, ScenarioError};
use crate::sim::world::{HostId, Place, World};
use crate::sim::{Machine, NatId, Random, SimServer, Translation};
use crate::turn::server::{Network as Peers, RelayAddress, Server, ServerConfig};

/// The port of STUN and TURN servers.
const SERVER_PORT: u16 = 3478;

struct Builder<'s> {
    scenario: &'s Scenario,
    world: World,
    names: Names,
    hosts: BTreeMap<String, HostId>,
    networks: BTreeMap<String, NatId>,
    /// Addresses in use in each network, with the path of the host or network that has them.
    taken: HashMap<(Place, IpAddr), String>,
}

pub(super) fn build(scenario: &Scenario, recording: bool) -> Result<Simulation, ScenarioError> {
    scenario.check()?;
    let mut builder = Builder {
        scenario,
        world: World::new(scenario.seed),
        names: Names::default(),
        hosts: BTreeMap::new(),
        networks: BTreeMap::new(),
        taken: HashMap::new(),
    };
    if recording {
        builder.world.record();
    }
    builder.networks()?;
    for (index, host) in scenario.hosts.iter().enumerate() {
        builder.host(index, host)?;
    }
    builder.finish(recording)
}

impl Builder<'_> {
    /// Networks in the order of their dependence: those whose outside is known first.
    fn networks(&mut self) -> Result<(), ScenarioError> {
        let mut left: Vec<_> = self.scenario.networks.iter().enumerate().collect();
        while !left.is_empty() {
            let before = left.len();
            for (index, network) in core::mem::take(&mut left) {
                let Ok(place) = self.place(&network.within) else {
                    left.push((index, network));
                    continue;
                };
                if network.name.is_empty() || network.name == INTERNET || self.networks.contains_key(&network.name) {
                    return Err(name_taken(&network.name).at(&format!("networks[{index}].name")));
                }
                let mut spec = network.nat.spec().map_err(|error| error.at(&format!("networks[{index}].nat")))?;
                if network.nat.addresses.is_empty() {
                    self.make_free(place, &mut spec.pool);
                }
                let (up, down) = (network.link.link(), network.down.unwrap_or(network.link).link());
                let id = self.world.add_nat_asymmetric(place, spec, up, down);
                self.take_outside(&format!("networks[{index}]"), place, id)?;
                self.networks.insert(network.name.clone(), id);
                self.names.add_network(id, &network.name);
            }
            if left.len() == before {
                let names: Vec<_> = left.iter().map(|(_, network)| network.within.as_str()).collect();
                return Err(ScenarioError::new(Fault::UnknownNetwork, [("name", &names.join(" or "))]).at("networks"));
            }
        }
        Ok(())
    }

    fn place(&self, name: &str) -> Result<Place, ScenarioError> {
        if name.is_empty() || name == INTERNET {
            return Ok(Place::Internet);
        }
        let found = self.networks.get(name).copied().map(Place::Behind);
        found.ok_or_else(|| ScenarioError::new(Fault::UnknownNetwork, [("name", &name)]))
    }

    /// Replaces the addresses of a preset that are taken in a network by the next that are free there.
    fn make_free(&self, place: Place, pool: &mut [IpAddr]) {
        let mut mine = Vec::with_capacity(pool.len());
        for ip in pool {
            while self.taken.contains_key(&(place, *ip)) || mine.contains(ip) {
                *ip = next_address(*ip);
            }
            mine.push(*ip);
        }
    }

    /// The addresses of a NAT in the network outside.
    fn take_outside(&mut self, path: &str, place: Place, id: NatId) -> Result<(), ScenarioError> {
        let Some(spec) = self.world.nat_mut(id).map(|nat| nat.spec()) else { return Ok(()) };
        if spec.translation == Translation::None {
            return Ok(());
        }
        let pool = spec.pool.clone();
        pool.into_iter().try_for_each(|ip| self.take(path, place, ip))
    }

    /// An address is of one host or NAT of a network.
    fn take(&mut self, path: &str, place: Place, ip: IpAddr) -> Result<(), ScenarioError> {
        match self.taken.insert((place, ip), path.into()) {
            Some(other) => Err(ScenarioError::new(Fault::AddressTaken, [("address", &ip), ("owner", &other)]).at(path)),
            None => Ok(()),
        }
    }

    fn host(&mut self, index: usize, host: &Host) -> Result<(), ScenarioError> {
        let path = format!("hosts[{index}]");
        if host.name.is_empty() || self.hosts.contains_key(&host.name) {
            return Err(name_taken(&host.name).at(&format!("{path}.name")));
        }
        let place = self.place(&host.network).map_err(|error| error.at(&format!("{path}.network")))?;
        for ip in &host.addresses {
            self.take(&path, place, *ip)?;
        }
        let machine = self.machine(index, host).map_err(|error| error.at(&format!("{path}.run")))?;
        let sockets = host.addresses.iter().map(|ip| SocketAddr::new(*ip, SERVER_PORT)).collect();
        let id = self.world.add_host(place, sockets, host.link.link(), machine);
        self.hosts.insert(host.name.clone(), id);
        self.names.add_host(id, &host.name);
        Ok(())
    }

    fn machine(&self, index: usize, host: &Host) -> Result<Machine, ScenarioError> {
        let first = host.addresses.first().copied().unwrap_or(IpAddr::from([0; 4]));
        Ok(match &host.run {
            Program::Ice { .. } => Machine::Ice(Box::new(self.agent(index, host)?)),
            Program::Stun {} => SimServer::new(SocketAddr::new(first, SERVER_PORT), None).into(),
            Program::Turn { username, password, max_lifetime, allow_private, external } => {
                let mut config = ServerConfig::new("icelens", first, self.entropy(index, 1));
                config.users.push((username.clone(), password.clone()));
                config.max_lifetime = *max_lifetime;
                if let Some(external) = external {
                    config.relays = vec![RelayAddress { bind: first, external: *external }];
                }
                let all = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|all| all.parse::<Peers>().ok());
                // The addresses of examples (RFC 5737) are those of the simulated internet.
                let examples = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "100.64.0.0/10"];
                let examples = examples.into_iter().filter_map(|one| one.parse::<Peers>().ok());
                config.allow_peers = if *allow_private { all.collect() } else { examples.collect() };
                Machine::Turn(Box::new(Server::new(config)))
            }
            Program::Silent {} => Machine::Silent,
            Program::Own {} => Machine::Own(Box::default()),
        })
    }

    fn agent(&self, index: usize, host: &Host) -> Result<Agent, ScenarioError> {
        let Program::Ice { profile, lite, aggressive, servers, turn_password, .. } = &host.run else {
            return Err(ScenarioError::new(Fault::RunsNoIce, [("name", &host.name)]));
        };
        let offers = self.scenario.calls.iter().any(|call| call.from == host.name);
        let role = if offers { Role::Controlling } else { Role::Controlled };
        let mut config = AgentConfig::new(role, self.entropy(index, 2));
        let name = if profile.is_empty() { "rfc" } else { profile };
        let profile =
            Profile::from_name(name).ok_or_else(|| ScenarioError::new(Fault::UnknownProfile, [("name", &name)]))?;
        config.policy = profile.policy();
        config.lite = *lite;
        config.nomination = if *aggressive { Nomination::Aggressive } else { Nomination::Regular };
        for server in servers {
            config.servers.push(self.server(server, turn_password.as_deref())?);
        }
        Ok(Agent::new(config))
    }

    /// A server by its name, which may end in `?transport=tcp` as a TURN URL does (RFC 7065), and before that in a port.
    fn server(&self, name: &str, turn_password: Option<&str>) -> Result<IceServer, ScenarioError> {
        let (name, protocol) = match name.strip_suffix("?transport=tcp") {
            Some(name) => (name, Protocol::Tcp),
            None => (name, Protocol::Udp),
        };
        let named = |name: &str| self.scenario.hosts.iter().find(|host| host.name == name);
        let with_port = || {
            let (name, port) = name.rsplit_once(':')?;
            Some((named(name)?, port.parse().ok()?))
        };
        let (host, port) = match named(name) {
            Some(host) => (Some(host), SERVER_PORT),
            None => with_port().map_or((None, SERVER_PORT), |(host, port)| (Some(host), port)),
        };
        let address = host.and_then(|host| host.addresses.first());
        let (Some(host), Some(ip)) = (host, address) else {
            return Err(ScenarioError::new(Fault::UnknownHost, [("name", &name)]).at("servers"));
        };
        let address = SocketAddr::new(*ip, port);
        let turn = match &host.run {
            Program::Turn { username, password, .. } => {
                Some((username.clone(), turn_password.unwrap_or(password).to_owned()))
            }
            _ => None,
        };
        Ok(IceServer { address, protocol, turn })
    }

    /// Bytes for one purpose of one host, made from the scenario's seed.
    fn entropy(&self, host: usize, purpose: u64) -> [u8; 32] {
        let mut random = Random::new(self.scenario.seed, 0x6963_6500 + (host as u64) * 16 + purpose);
        let mut bytes = [0; 32];
        for chunk in bytes.as_chunks_mut::<8>().0 {
            *chunk = random.next().to_be_bytes();
        }
        bytes
    }

    fn finish(self, recording: bool) -> Result<Simulation, ScenarioError> {
        let Self { scenario, world, names, hosts, networks, .. } = self;
        let mut sides = Vec::new();
        for (index, call) in scenario.calls.iter().enumerate() {
            if call.from == call.to {
                return Err(
                    ScenarioError::new(Fault::CallsItself, [("name", &call.from)]).at(&format!("calls[{index}]"))
                );
            }
            for name in [&call.from, &call.to] {
                let host = scenario.hosts.iter().position(|host| host.name == *name);
                let runs_ice = host.and_then(|at| scenario.hosts.get(at));
                let runs_ice = runs_ice.is_some_and(|host| matches!(host.run, Program::Ice { .. }));
                let (true, Some(at), Some(id)) = (runs_ice, host, hosts.get(name)) else {
                    return Err(ScenarioError::new(Fault::NoIceHost, [("name", name)]).at(&format!("calls[{index}]")));
                };
                sides.push(Side::new(*id, at));
            }
        }
        let mut simulation = Simulation {
            scenario: scenario.clone(),
            world,
            names,
            hosts,
            networks,
            sides,
            actions: BTreeMap::new(),
            sequence: 0,
            entries: Vec::new(),
            recording,
            dropped: 0,
            steps: 0,
            at_once: 0,
        };
        for (index, call) in scenario.calls.iter().enumerate() {
            simulation.schedule(Duration::from_millis(call.at), Action::Begin(index));
        }
        for (index, timed) in scenario.events.iter().enumerate() {
            simulation.schedule(Duration::from_millis(timed.at), Action::Happen(index));
        }
        Ok(simulation)
    }
}

fn name_taken(name: &str) -> ScenarioError {
    ScenarioError::new(Fault::NameTaken, [("name", &format!("{name:?}"))])
}

/// The address after this one; the first after the last.
fn next_address(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::from(u32::from(ip).wrapping_add(1)).into(),
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip).wrapping_add(1)).into(),
    }
}
