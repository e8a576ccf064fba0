//! The test of mapping: requests to all addresses that leave at the same moment.
//!
//! A NAT that restarts, that has few mappings or forgets them soon, may give one port to one destination after the other;
//! asked in turn, these look like one mapping, or one mapping like several. Only the answers of one burst are compared.

use core::net::SocketAddr;
use core::time::Duration;

use super::Discovery;
use super::lane::{Step, Target};
use super::transaction::{Kind, MAX_ROUNDS};

/// Bursts after which an address that never answered is given up.
const PATIENCE: u32 = 3;

/// The bursts of one socket.
#[derive(Debug)]
pub(super) struct Burst {
    socket: usize,
    /// How many are over.
    round: u32,
    targets: Vec<Asked>,
    /// Pairs of targets that answered one burst, the lower index first.
    together: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Asked {
    destination: SocketAddr,
    /// In this burst.
    answered: bool,
    ever: bool,
}

impl Burst {
    /// Ends a burst; whether another one may show more.
    fn is_wanting(&mut self) -> bool {
        self.round += 1;
        let count = self.targets.len();
        for i in 0..count {
            for j in i + 1..count {
                let both = [i, j].into_iter().all(|at| self.targets.get(at).is_some_and(|asked| asked.answered));
                if both && !self.together.contains(&(i, j)) {
                    self.together.push((i, j));
                }
            }
        }
        self.targets.iter_mut().for_each(|asked| asked.answered = false);
        let alive = self.targets.iter().filter(|asked| asked.ever || self.round < PATIENCE).count();
        alive > 1 && self.together.len() < alive * (alive - 1) / 2 && self.round < MAX_ROUNDS
    }
}

impl Discovery {
    /// Sends a burst.
    pub(super) fn burst_begin(&mut self, now: Duration, lane: usize, socket: usize) {
        use Target::{Given, Other, OtherAddress, OtherPort, Server};
        let (server, other) = (self.options.server, self.server.other);
        let own = [Server, OtherAddress, Other, OtherPort].into_iter().filter(|_| self.server.answered);
        let further = self.options.others.iter().copied().map(Given);
        let targets: Vec<(Target, SocketAddr)> = own
            .chain(further)
            .filter_map(|target| target.resolve(server, other).map(|destination| (target, destination)))
            .collect();
        if targets.len() < 2 {
            return;
        }
        self.bursts = self.bursts.saturating_add(1);
        let number = self.bursts;
        let Some(state) = self.lanes.get_mut(lane) else { return };
        let asked =
            |(_, destination): &(Target, SocketAddr)| Asked { destination: *destination, answered: false, ever: false };
        let burst = state.burst.get_or_insert_with(|| Burst {
            socket,
            round: 0,
            targets: targets.iter().map(asked).collect(),
            together: Vec::new(),
        });
        let round = burst.round;
        for (target, destination) in targets {
            self.start(now, Some(lane), socket, destination, Kind::Together { target, number, round });
        }
    }

    /// A request of a lane was answered.
    pub(super) fn burst_answered(&mut self, lane: Option<usize>, destination: SocketAddr) {
        let burst = lane.and_then(|lane| self.lanes.get_mut(lane)).and_then(|lane| lane.burst.as_mut());
        let Some(burst) = burst else { return };
        for asked in burst.targets.iter_mut().filter(|asked| asked.destination == destination) {
            (asked.answered, asked.ever) = (true, true);
        }
    }

    /// All requests of a lane's step are over: another burst, or the next step.
    pub(super) fn burst_over(&mut self, lane: usize) {
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        let Some(burst) = &mut lane.burst else { return };
        let socket = burst.socket;
        if burst.is_wanting() {
            lane.repeat(socket, Step::Together);
            return;
        }
        let silent: Vec<SocketAddr> =
            burst.targets.iter().filter(|asked| !asked.ever).map(|asked| asked.destination).collect();
        lane.burst = None;
        // By itself it may answer: then the NAT has no room for all.
        silent.into_iter().rev().for_each(|address| lane.repeat(socket, Step::Plain(Target::Given(address))));
    }
}
