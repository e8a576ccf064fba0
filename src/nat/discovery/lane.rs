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

    /// The next step and its socket, if its time has come in a discovery that began at `began`.
    pub(super) fn next_step(&mut self, began: Duration, now: Duration) -> Option<(usize, Step)> {
        if !self.is_ready() || began.saturating_add(self.not_before) > now {
            return None;
        }
        self.steps.pop_front()
    }

    /// The step is done once more.
    pub(super) fn repeat(&mut self, socket: usize, step: Step) {
        self.steps.push_front((socket, step));
    }
}

/// Lets mapping, which is quick, come before the filtering tests.
const FILTERING_AFTER: u64 = 800;
/// Sockets on which mapping is tested, where there are so many: a NAT does not always behave the same.
const COMPARED: usize = 3;

pub(super) fn plan(options: &Options) -> Vec<Lane> {
    use Target::{Other, OtherPort, Server};
    let tests = options.tests;
    let plain = |socket: usize, target| (socket, Step::Plain(target));
    let change = |socket: usize, ip| tests.filtering.then_some((socket, Step::Change { ip }));
    let compares = tests.mapping || !options.others.is_empty();
    let together = |socket: usize| compares.then_some((socket, Step::Together));
    // Shows that an address works that a filtering test was to be answered from; the test of mapping shows it too.
    let contact = |socket: usize, target| (tests.filtering && !compares).then_some(plain(socket, target));
    let again = |socket: usize| (compares || tests.filtering).then_some(plain(socket, Server));
    let sockets = options.sockets.len();
    if options.procedure == Procedure::Rfc3489 || sockets < 2 {
        // One socket: filtering first, then what contacts the other addresses. The others repeat the test of mapping.
        let fragments = tests.fragments && options.procedure == Procedure::Rfc5780;
        let filtering = [Some(plain(0, Server)), change(0, true), change(0, false)];
        let mapping = [contact(0, Other), contact(0, OtherPort), together(0)];
        let end = [fragments.then_some((0, Step::Fragments)), again(0)];
        let repeat = (1..sockets.min(COMPARED)).filter(|_| compares);
        let repeat = repeat.flat_map(|socket| [Some(plain(socket, Server)), together(socket)]);
        return vec![Lane::new(0, filtering.into_iter().chain(mapping).chain(end).chain(repeat).flatten())];
    }
    let (first, second, mapping) = (0, 1, 2.min(sockets - 1));
    let fragments = tests.fragments.then_some((mapping, Step::Fragments));
    let slow_first =
        [Some(plain(first, Server)), change(first, true), contact(first, Other), together(first), again(first)];
    let mut slow_second =
        vec![Some(plain(second, Server)), change(second, false), contact(second, OtherPort), together(second)];
    if mapping == second {
        slow_second.push(fragments);
    }
    slow_second.push(again(second));
    let mut plan = Vec::new();
    let mut slow_after = 0;
    if mapping != second {
        let quick = [Some(plain(mapping, Server)), together(mapping), fragments, again(mapping)];
        plan.push(Lane::new(0, quick.into_iter().flatten()));
        slow_after = FILTERING_AFTER;
    }
    plan.push(Lane::new(slow_after, slow_first.into_iter().flatten()));
    plan.push(Lane::new(slow_after, slow_second.into_iter().flatten()));
    let ports = 3..sockets.saturating_sub(if tests.lifetime { 2 } else { 0 });
    plan.push(Lane::new(FILTERING_AFTER, ports.map(|socket| plain(socket, Server))));
    if tests.hairpin && sockets > 1 {
        // Each has to know the other's mapping and to have sent there: a filter applies to hairpinned packets too.
        for socket in [first, second] {
            let mappings = [first, second].map(|one| plain(one, Server));
            plan.push(Lane::new(0, mappings.into_iter().chain([(socket, Step::Hairpin)])));
        }
    }
    plan
}
