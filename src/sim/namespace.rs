//! A scenario as a shell script that makes the same network of Linux namespaces, so that real programs can be tried in it.
//!
//! The kernel's NATs are four: full cone, address-restricted, port-restricted and symmetric. For any other the script says so
//! and stops before it makes anything.

use core::fmt::{self, Write};
use core::net::IpAddr;

use super::nat::NatSpec;
use super::scenario::{Fault, INTERNET, Network, Program, Scenario, ScenarioError};
use super::{PortChoice, Translation};
use crate::nat::Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};

/// The address that the internet's router has in every /24 of the internet.
const ROUTER: u8 = 254;

impl Scenario {
    /// The script; root runs it, Debian's `iproute2` and `nftables` are what it needs.
    ///
    /// # Errors
    ///
    /// A NAT that the kernel can't form, a network within another, or an IPv6 address.
    pub fn to_namespace_script(&self) -> Result<String, ScenarioError> {
        let mut script = Script { out: String::new() };
        script.head(&self.title);
        for (index, network) in self.networks.iter().enumerate() {
            // A full or restricted cone passes what comes in on to the one host behind it.
            let agent =
                self.hosts.iter().find(|host| host.network == network.name).and_then(|host| host.addresses.first());
            script.network(index, network, &agent.map_or_else(|| "127.0.0.1".into(), ToString::to_string))?;
        }
        for (index, host) in self.hosts.iter().enumerate() {
            let at = self.networks.iter().position(|network| network.name == host.network);
            script.host(index, &host.name, &host.addresses, at)?;
            script.program(index, &host.run);
        }
        Ok(script.out)
    }
}

struct Script {
    out: String,
}

impl Script {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn head(&mut self, title: &str) {
        let title: String = title.chars().filter(|c| !c.is_control()).collect();
        self.line("#!/bin/sh");
        self.line(&format!("# {title}"));
        self.line("# Makes the network; run it again with `down` to take it away. Needs root, iproute2 and nftables.");
        self.line("set -eu");
        self.line("for ns in $(ip netns list | cut -d' ' -f1 | grep '^ice-' || true); do ip netns del \"$ns\"; done");
        self.line("[ \"${1:-up}\" = down ] && exit 0");
        self.line("ip netns add ice-internet");
        self.line("ip -n ice-internet link set lo up");
        self.line("ip -n ice-internet link add internet type bridge");
        self.line("ip -n ice-internet link set internet up");
    }

    /// A namespace with an interface on the internet's bridge and this address.
    fn on_internet(&mut self, name: &str, ip: IpAddr) -> Result<(), ScenarioError> {
        let IpAddr::V4(v4) = ip else {
            return Err(ScenarioError::new(Fault::ScriptIpv4, []).at(&ip.to_string()));
        };
        let [a, b, c, _] = v4.octets();
        self.line(&format!("ip netns add ice-{name}"));
        self.line(&format!("ip -n ice-{name} link set lo up"));
        self.line(&format!("ip link add {name}-out netns ice-{name} type veth peer name {name} netns ice-internet"));
        self.line(&format!("ip -n ice-internet link set {name} master internet up"));
        self.line(&format!("ip -n ice-{name} addr add {ip}/24 dev {name}-out"));
        self.line(&format!("ip -n ice-{name} link set {name}-out up"));
        self.line(&format!("ip -n ice-internet addr replace {a}.{b}.{c}.{ROUTER}/24 dev internet"));
        self.line(&format!("ip -n ice-{name} route replace default via {a}.{b}.{c}.{ROUTER}"));
        self.line("ip netns exec ice-internet sysctl -qw net.ipv4.ip_forward=1");
        Ok(())
    }

    fn network(&mut self, index: usize, network: &Network, agent: &str) -> Result<(), ScenarioError> {
        if !network.within.is_empty() && network.within != INTERNET {
            return Err(ScenarioError::new(Fault::ScriptNested, []).at(&format!("networks[{index}]")));
        }
        let spec = network.nat.spec()?;
        let last = 100_u8.saturating_add(u8::try_from(index).unwrap_or(100));
        let outside = spec.pool.first().copied().unwrap_or(IpAddr::from([203, 0, 113, last]));
        let name = format!("nat{index}");
        let rules = rules(index, &spec, outside, agent)?;
        self.line(&format!("# {}: {}", network.name.replace(char::is_control, " "), network.nat.name()));
        self.on_internet(&name, outside)?;
        self.line(&format!("ip netns exec ice-{name} sysctl -qw net.ipv4.ip_forward=1"));
        self.line(&format!("ip -n ice-{name} link add {name}-in type bridge"));
        self.line(&format!("ip -n ice-{name} link set {name}-in up"));
        self.line(&format!("ip netns exec ice-{name} nft -f - <<'RULES'"));
        self.line(&rules);
        self.line("RULES");
        Ok(())
    }

    fn host(&mut self, index: usize, name: &str, addresses: &[IpAddr], at: Option<usize>) -> Result<(), ScenarioError> {
        let short = format!("h{index}");
        self.line(&format!("# {}: ip netns exec ice-{short} …", name.replace(char::is_control, " ")));
        let Some(IpAddr::V4(first)) = addresses.first().copied() else {
            return Err(ScenarioError::new(Fault::ScriptIpv4, []).at(&format!("hosts[{index}]")));
        };
        let Some(network) = at else { return self.on_internet(&short, first.into()) };
        let [a, b, c, _] = first.octets();
        let inside = format!("nat{network}-in");
        self.line(&format!("ip netns add ice-{short}"));
        self.line(&format!("ip -n ice-{short} link set lo up"));
        self.line(&format!(
            "ip link add {short}-net netns ice-{short} type veth peer name {short} netns ice-nat{network}"
        ));
        self.line(&format!("ip -n ice-nat{network} link set {short} master {inside} up"));
        self.line(&format!("ip -n ice-nat{network} addr replace {a}.{b}.{c}.{ROUTER}/24 dev {inside}"));
        self.line(&format!("ip -n ice-{short} addr add {first}/24 dev {short}-net"));
        self.line(&format!("ip -n ice-{short} link set {short}-net up"));
        self.line(&format!("ip -n ice-{short} route replace default via {a}.{b}.{c}.{ROUTER}"));
        Ok(())
    }

    fn program(&mut self, index: usize, program: &Program) {
        let hint = match program {
            Program::Stun {} => "npx icelens serve",
            Program::Turn { .. } => "npx icelens serve --turn",
            Program::Ice { .. } | Program::Silent {} | Program::Own {} => return,
        };
        self.line(&format!("# There: ip netns exec ice-h{index} {hint} ADDRESS"));
    }
}

/// The rules of a NAT; what comes in unasked makes no entry of the kernel's own, which would turn a cone symmetric.
fn rules(index: usize, spec: &NatSpec, outside: IpAddr, agent: &str) -> Result<String, ScenarioError> {
    let path = format!("networks[{index}]");
    let fault = |fault| ScenarioError::new(fault, []).at(&path);
    let (inside, out) = (format!("nat{index}-in"), format!("nat{index}-out"));
    let guard =
        format!("  chain input {{ type filter hook input priority 0; iifname \"{out}\" ct state new drop; }}\n");
    let post =
        |rule: &str| format!("  chain post {{ type nat hook postrouting priority 100; oifname \"{out}\" {rule}; }}\n");
    let pre =
        |rule: &str| format!("  chain pre {{ type nat hook prerouting priority -100; iifname \"{out}\" {rule}; }}\n");
    let blocked = spec.firewall.udp_only.as_ref().is_some_and(Vec::is_empty);
    if spec.translation != Translation::AddressAndPort {
        return Err(fault(Fault::ScriptTranslation));
    }
    let body = match (spec.mapping, spec.filtering) {
        (EndpointIndependent, AddressAndPortDependent) => post("masquerade"),
        (AddressAndPortDependent, AddressAndPortDependent) => post("masquerade fully-random"),
        (EndpointIndependent, EndpointIndependent) => {
            post(&format!("snat to {outside}")) + &pre(&format!("ip daddr {outside} dnat to {agent}"))
        }
        (EndpointIndependent, AddressDependent) => {
            let set = "  set contacted { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 60s; }\n";
            let note = format!(
                "  chain note {{ type filter hook forward priority 0; iifname \"{inside}\" oifname \"{out}\" update @contacted {{ udp sport . ip daddr }}; }}\n"
            );
            let back = pre(&format!("udp dport . ip saddr @contacted ip daddr {outside} dnat to {agent}"));
            format!("{set}{note}{}{back}", post(&format!("snat to {outside}")))
        }
        (mapping, filtering) => {
            let values: [(_, &dyn fmt::Display); 2] = [("mapping", &mapping), ("filtering", &filtering)];
            return Err(ScenarioError::new(Fault::ScriptBehaviour, values).at(&path));
        }
    };
    if spec.ports == PortChoice::Sequential(1) {
        return Err(fault(Fault::ScriptPorts));
    }
    let block = "  chain block { type filter hook forward priority 1; udp dport != 53 drop; }\n";
    Ok(format!("table ip nat {{\n{guard}{body}{}}}", if blocked { block } else { "" }))
}
