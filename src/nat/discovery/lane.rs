//! The plan: lanes run at the same time, the steps of a lane one after the other.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use super::{Options, Procedure};

/// One of the server's addresses, or another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The primary address and port.
    Server,
    /// The other address with the primary port.
    OtherAddress,
    /// The primary address with the other port.
    OtherPort,
    /// The other address and port.
    Other,
    /// A further server.
    Given(SocketAddr),
}

impl Target {
    pub(super) fn resolve(self, server: SocketAddr, other: Option<SocketAddr>) -> Option<SocketAddr> {
        Some(match self {
            Self::Server => server,
            Self::OtherAddress => SocketAddr::new(other?.ip(), server.port()),
            Self::OtherPort => SocketAddr::new(server.ip(), other?.port()),
            Self::Other => other?,
            Self::Given(address) => address,
        })
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Server => "Request to the server",
            Self::OtherAddress => "Request to the server's other address",
            Self::OtherPort => "Request to the server's other port",
            Self::Other => "Request to the server's other address and port",
            Self::Given(_) => "Request to a further server",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Plain(Target),
    /// CHANGE-REQUEST for the other port, and the other address too when `ip`.
    Change {
        ip: bool,
    },
    Fragments,
    Hairpin,
}

#[derive(Debug)]
pub(super) struct Lane {
    steps: VecDeque<(usize, Step)>,
    /// A step is under way.
    pub(super) busy: bool,
    /// Not to start before.
    pub(super) not_before: Duration,
}

impl Lane {
    fn new(after: u64, steps: impl IntoIterator<Item = (usize, Step)>) -> Self {
        Self { steps: steps.into_iter().collect(), busy: false, not_before: Duration::from_millis(after) }
    }

    pub(super) fn is_over(&self) -> bool {
        !self.busy && self.steps.is_empty()
    }

    /// Could start a step once its time has come.
    pub(super) fn is_ready(&self) -> bool {
        !self.busy && !self.steps.is_empty()
    }

    pub(super) fn next_step(&mut self) -> Option<(usize, Step)> {
        self.steps.pop_front()
    }
}

/// Lets mapping, which is quick, come before the filtering tests.
const FILTERING_AFTER: u64 = 600;

pub(super) fn plan(options: &Options) -> Vec<Lane> {
    use Target::{Given, Other, OtherAddress, OtherPort, Server};
    let tests = options.tests;
    let plain = |socket: usize| move |target| (socket, Step::Plain(target));
    let further = |socket: usize| options.others.iter().map(move |address| (socket, Step::Plain(Given(*address))));
    if options.procedure == Procedure::Rfc3489 {
        let change = |ip| (0, Step::Change { ip });
        let mut steps = vec![plain(0)(Server)];
        if tests.filtering {
            steps.push(change(true));
        }
        steps.push(plain(0)(Other));
        if tests.filtering {
            steps.extend([change(false), plain(0)(OtherPort)]);
        }
        steps.push(plain(0)(Server));
        steps.extend(further(0));
        return vec![Lane::new(0, steps)];
    }
    let sockets = options.sockets.len();
    let shared = sockets.saturating_sub(1);
    let (first, second, mapping) = (0, 1.min(shared), 2.min(shared));
    let mut lanes: Vec<Vec<(usize, Step)>> = Vec::new();
    if tests.filtering {
        lanes.push(vec![
            plain(first)(Server),
            (first, Step::Change { ip: true }),
            plain(first)(Other),
            plain(first)(Server),
        ]);
        lanes.push(vec![
            plain(second)(Server),
            (second, Step::Change { ip: false }),
            plain(second)(OtherPort),
            plain(second)(Server),
        ]);
    }
    let mut after: Vec<(usize, Step)> = Vec::new();
    if tests.mapping {
        after.extend([Server, OtherAddress, Other, OtherPort, Server].map(plain(mapping)));
    } else if !tests.filtering {
        after.push(plain(mapping)(Server));
    }
    after.extend(further(mapping));
    if tests.fragments {
        after.push((mapping, Step::Fragments));
    }
    let mut plan = vec![];
    match sockets {
        0 | 1 => {
            // One socket: filtering first, then what contacts the other addresses.
            let filtering =
                tests.filtering.then_some([(0, Step::Change { ip: true }), (0, Step::Change { ip: false })]);
            let steps = [plain(0)(Server)].into_iter().chain(filtering.into_iter().flatten()).chain(after);
            plan.push(Lane::new(0, steps));
        }
        2 => {
            let mut lanes = lanes.into_iter();
            plan.push(Lane::new(0, lanes.next().into_iter().flatten()));
            plan.push(Lane::new(0, lanes.next().into_iter().flatten().chain(after)));
        }
        _ => {
            plan.push(Lane::new(0, after));
            plan.extend(lanes.into_iter().map(|steps| Lane::new(FILTERING_AFTER, steps)));
            let lifetime = if tests.lifetime { 2 } else { 0 };
            let ports = 3..sockets.saturating_sub(lifetime);
            plan.push(Lane::new(FILTERING_AFTER, ports.map(|socket| plain(socket)(Server))));
        }
    }
    if tests.hairpin && sockets > 1 {
        // Each has to know the other's mapping and to have sent there: a filter applies to hairpinned packets too.
        for socket in [first, second] {
            plan.push(Lane::new(0, [plain(socket)(Server), (socket, Step::Hairpin)]));
        }
    }
    plan
}
