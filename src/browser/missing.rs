//! Evidence that a probe still needs to settle the axes it left open.

use alloc::vec::Vec;

use super::server::{Scheme, Server};
use crate::nat::{Axis, Behaviour, NatReport, Verdict};

/// Something that would settle an open axis. Its code is stable; the sentences are the façade's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No `stun:` server was given.
    StunServer,
    /// A STUN server on a second address, to see whether the mapping depends on the destination.
    SecondAddress,
    /// A second port on one of the addresses, to see whether the mapping depends on the port.
    SecondPort,
    /// A TURN server, from which a packet comes unasked.
    TurnServer,
    /// A STUN server, by address, on another address than the TURN server.
    StunElsewhere,
    /// A TURN server that answers STUN at the address it relays from.
    StunAtTurn,
}

impl Missing {
    /// Whether it can be told while the mapping, and the filtering, are still being tested (`false`) or are not any more.
    #[must_use]
    pub const fn is_certain(self, mapping_over: bool, filtering_over: bool) -> bool {
        match self {
            Self::StunServer | Self::TurnServer => true,
            Self::SecondAddress | Self::SecondPort => mapping_over,
            Self::StunElsewhere | Self::StunAtTurn => filtering_over,
        }
    }

    /// The name in the npm package.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::StunServer => "stun-server",
            Self::SecondAddress => "second-address",
            Self::SecondPort => "second-port",
            Self::TurnServer => "turn-server",
            Self::StunElsewhere => "stun-elsewhere",
            Self::StunAtTurn => "stun-at-turn",
        }
    }
}

/// Evidence that `report` needs beyond `urls`, the servers that were given; `filtering` tells whether it was asked for.
#[must_use]
pub fn missing(urls: &[&str], report: &NatReport, filtering: bool) -> Vec<Missing> {
    let servers: Vec<Server<'_>> = urls.iter().filter_map(|url| Server::parse(url)).collect();
    let stun: Vec<&Server<'_>> = servers.iter().filter(|s| s.scheme == Scheme::Stun && s.udp).collect();
    let turn = servers.iter().any(Server::relays);
    let mut missing = Vec::new();
    if stun.is_empty() && !turn {
        missing.push(Missing::StunServer);
    } else if let Some(axis) = report.paths.iter().map(|path| &path.mapping).find(|axis| is_open(axis)) {
        missing.extend(for_mapping(axis));
    }
    if !filtering {
        return missing;
    }
    let open = report.paths.iter().map(|path| &path.filtering).find(|axis| is_open(axis));
    match open {
        _ if !turn => missing.push(Missing::TurnServer),
        Some(axis) => missing.extend(for_filtering(axis)),
        None => {}
    }
    missing
}

fn is_open(axis: &Axis<Behaviour>) -> bool {
    matches!(axis.value, Verdict::Unknown | Verdict::Ambiguous(_))
}

fn for_mapping(axis: &Axis<Behaviour>) -> Option<Missing> {
    match (&axis.value, axis.code) {
        (Verdict::Ambiguous(left), _) if !left.contains(&Behaviour::EndpointIndependent) => Some(Missing::SecondPort),
        (Verdict::Ambiguous(_), _) | (_, "one-destination" | "maybe-one-server") => Some(Missing::SecondAddress),
        _ => None,
    }
}

fn for_filtering(axis: &Axis<Behaviour>) -> Option<Missing> {
    match &axis.value {
        Verdict::Ambiguous(left) if left.contains(&Behaviour::EndpointIndependent) => Some(Missing::StunElsewhere),
        Verdict::Ambiguous(_) => Some(Missing::StunAtTurn),
        _ if axis.code == "server-unnamed" => Some(Missing::StunElsewhere),
        _ => None,
    }
}
