//! The plan: lanes run at the same time, the steps of a lane one after the other.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use super::burst::Burst;
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
    /// Plain requests to all addresses at once.
    Together,
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
    /// Requests of the step that is under way.
    pub(super) busy: u32,
    /// The bursts of the step that is under way.
    pub(super) burst: Option<Burst>,
    /// Not to start before.
    pub(super) not_before: Duration,
}

impl Lane {
    fn new(after: u64, steps: impl IntoIterator<Item = (usize, Step)>) -> Self {
        Self { steps: steps.into_iter().collect(), busy: 0, burst: None, not_before: Duration::from_millis(after) }
    }

    pub(super) fn is_over(&self) -> bool {
        self.busy == 0 && self.steps.is_empty()
    }

    /// Could start a step once its time has come.
    pub(super) fn is_ready(&self) -> bool {
        self.busy == 0 && !self.steps.is_empty()
    }

    pub(super) fn next_step(&mut self) -> Option<(usize, Step)> {
        self.steps.pop_front()
    }

    /// The step is done once more.
    pub(super) fn repeat(&mut self, socket: usize, step: Step) {
        self.steps.push_front((socket, step));
    }
}

/// Lets mapping, which is quick, come before the filtering tests.
const FILTERING_AFTER: u64 = 600;
/// Further sockets, where there are any, that repeat the test of mapping: a NAT does not always behave the same.
const FURTHER: usize = 2;
/// Lets the filtering tests, whose requests are many, come before these.
const FURTHER_AFTER: u64 = 4500;

pub(super) fn plan(options: &Options) -> Vec<Lane> {
    use Target::{Other, OtherPort, Server};
    let tests = options.tests;
    let plain = |socket: usize| move |target| (socket, Step::Plain(target));
    let change = |socket: usize, ip| (socket, Step::Change { ip });
    let compares = tests.mapping || !options.others.is_empty();
    // Mapping, and whether the server still sees the same at the end.
    let after = |socket: usize| {
        let mut steps = Vec::new();
        if compares {
            steps.push((socket, Step::Together));
        }
        if tests.fragments && options.procedure == Procedure::Rfc5780 {
            steps.push((socket, Step::Fragments));
        }
        if compares || tests.filtering {
            steps.push(plain(socket)(Server));
        }
        steps
    };
    let sockets = options.sockets.len();
    if options.procedure == Procedure::Rfc3489 || sockets < 2 {
        // One socket: filtering first, then what contacts the other addresses.
        let filtering = tests.filtering.then_some([change(0, true), change(0, false)]);
        let steps = [plain(0)(Server)].into_iter().chain(filtering.into_iter().flatten());
        let contact = (tests.filtering && !compares).then_some([Other, OtherPort].map(plain(0)));
        return vec![Lane::new(0, steps.chain(contact.into_iter().flatten()).chain(after(0)))];
    }
    let (first, second, mapping) = (0, 1, 2.min(sockets - 1));
    let mut lanes: Vec<Vec<(usize, Step)>> = Vec::new();
    if tests.filtering {
        lanes.push(vec![plain(first)(Server), change(first, true), plain(first)(Other), plain(first)(Server)]);
        lanes.push(vec![plain(second)(Server), change(second, false), plain(second)(OtherPort), plain(second)(Server)]);
    }
    let after: Vec<(usize, Step)> = [plain(mapping)(Server)].into_iter().chain(after(mapping)).collect();
    let mut plan = vec![];
    match sockets {
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
            let again = ports.start..ports.end.min(ports.start + FURTHER);
            plan.push(Lane::new(FILTERING_AFTER, ports.map(|socket| plain(socket)(Server))));
            let again = again.filter(|_| compares).map(|socket| (socket, Step::Together));
            plan.push(Lane::new(FURTHER_AFTER, again));
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
