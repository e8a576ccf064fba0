//! Marks that are not axes.

use core::net::IpAddr;

use super::mapping::peer_reason;
use super::{Group, MAX_DESTINATIONS};
use crate::nat::axis::{Axis, Behaviour, Verdict};
use crate::nat::observation::{Endpoint, Outcome, Test};
use crate::nat::report::{Path, Warning};
use crate::net::{Scope, scope};

/// Warnings in a report.
const MAX_WARNINGS: usize = 256;
/// Beginnings of interface names that belong to tunnels.
const TUNNELS: [&str; 9] = ["tun", "tap", "wg", "utun", "ppp", "tailscale", "zt", "nordlynx", "ipsec"];

pub(super) fn of_path(
    group: &Group<'_>,
    mapping: &Axis<Behaviour>,
    filtering: &Axis<Behaviour>,
    exits: &[IpAddr],
    warnings: &mut Vec<Warning>,
) {
    let mut warn = |code, text| {
        let warning = Warning { code, text };
        if warnings.len() < MAX_WARNINGS && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    let base = group.base;
    match base.ip().map(scope) {
        Some(Scope::CarrierShared) => warn(
            "carrier-nat-or-overlay",
            format!(
                "The local address {base} is of 100.64.0.0/10: the provider's own NAT (CGN), or an overlay network such as Tailscale."
            ),
        ),
        Some(Scope::IpV6Transition) => warn(
            "ipv6-transition",
            format!(
                "The local address {base} is of 192.0.0.0/29: IPv4 is carried over IPv6 (DS-Lite or 464XLAT), behind the provider's NAT."
            ),
        ),
        None => warn(
            "base-hidden",
            "The local address is hidden, so no NAT at all and a full cone that keeps the port look the same.".into(),
        ),
        _ => {}
    }
    if let Some(interface) = group
        .seen
        .iter()
        .map(|seen| seen.what.interface.as_str())
        .find(|name| TUNNELS.iter().any(|tunnel| name.starts_with(tunnel)))
    {
        warn(
            "vpn",
            format!(
                "The local address {base} belongs to {interface}, most likely a VPN: the report is about the way through it."
            ),
        );
    }
    if exits.len() > 1 {
        warn(
            "several-exits",
            format!(
                "One local address left under {} external addresses: a pool without pairing, or several ways out.",
                exits.len()
            ),
        );
    }
    for exit in exits {
        translation_marks(base, *exit, &mut warn);
    }
    let edm = matches!(mapping.value, Verdict::Is(Behaviour::AddressDependent | Behaviour::AddressAndPortDependent));
    if let (true, Verdict::Is(filter @ (Behaviour::EndpointIndependent | Behaviour::AddressDependent))) =
        (edm, &filtering.value)
    {
        warn(
            "no-classic-name",
            format!(
                "The classic names know no destination-dependent mapping with {filter} filtering; \"symmetric\" tells half of it."
            ),
        );
    }
    of_servers(group, &mut warn);
}

fn translation_marks(base: &Endpoint, exit: IpAddr, warn: &mut impl FnMut(&'static str, String)) {
    let Some(ip) = base.ip() else { return };
    match (ip, exit) {
        (IpAddr::V6(_), IpAddr::V4(_)) => {
            warn("nat64", format!("An IPv6 address is seen as {exit}: NAT64 or 464XLAT."))
        }
        (IpAddr::V6(a), IpAddr::V6(b)) if a != b => {
            warn("prefix-translation", format!("{a} is seen as {b}: the IPv6 prefix is translated (NPTv6) or NAT66."))
        }
        _ => {}
    }
    if exit != ip && matches!(scope(exit), Scope::Private | Scope::CarrierShared) {
        warn(
            "mapped-not-public",
            format!(
                "A server sees {exit}, which is not a public address: the server is behind a NAT itself or on the same private network."
            ),
        );
    }
}

fn of_servers(group: &Group<'_>, warn: &mut impl FnMut(&'static str, String)) {
    let mut silent: Vec<&Endpoint> = Vec::new();
    let plain = || group.seen.iter().filter(|seen| seen.what.test == Test::Binding);
    for seen in plain().filter(|seen| seen.what.outcome == Outcome::Silence) {
        let destination = &seen.what.destination;
        if silent.len() < MAX_DESTINATIONS && !silent.contains(&destination) {
            silent.push(destination);
        }
    }
    for destination in silent {
        if !plain().any(|seen| seen.what.destination == *destination && seen.what.answered()) {
            warn("server-silent", format!("{destination} did not answer."));
        }
    }
    for seen in group.seen.iter().filter(|seen| seen.what.test == Test::Peer).take(MAX_DESTINATIONS) {
        if let Some(reason) = peer_reason(seen) {
            warn("peer-reflexive-ignored", format!("The peer-reflexive address says nothing on mapping: {reason}."));
        }
    }
    for seen in plain().take(MAX_DESTINATIONS) {
        if let (Some(from), Some(asked)) = (seen.what.answered_from(), seen.what.destination.address())
            && from != asked
        {
            warn(
                "answer-from-elsewhere",
                format!(
                    "{asked} was asked and {from} answered: a server with several addresses or a load-balanced pool."
                ),
            );
        }
    }
}

pub(super) fn across_paths(paths: &[Path], warnings: &mut Vec<Warning>) {
    let v4 = paths.iter().filter(|path| path.family == 4 && !path.exits.is_empty()).count();
    let v6 = paths.iter().filter(|path| path.family == 6 && !path.exits.is_empty()).count();
    if v4 > 1 || v6 > 1 {
        warnings.push(Warning {
            code: "multi-homed",
            text: format!("{} local addresses were tested; each has its own way out and its own verdict.", v4 + v6),
        });
    }
}
