//! The search for the binding lifetime (RFC 5780 §4.6).
//!
//! Socket X opens a mapping and falls silent for T. Socket Y then asks the server to answer to X's mapping
//! (RESPONSE-PORT). What arrives on X shows that the mapping lived. T doubles until it did not, then the gap is halved
//! until it is small. The first round has T = 0: it shows that the server does what it is asked.

use core::net::SocketAddr;
use core::time::Duration;

use super::Discovery;
use super::messages::Answer;
use super::transaction::Kind;
use crate::nat::axis::tenths;
use crate::nat::observation::{Observation, Outcome, Test};

/// The search ends when the gap between alive and dead is this part of the lifetime; the middle is then at most half
/// of it away.
const GAP: f64 = 0.05;
/// The first wait after the round that tests the server.
const FIRST_WAIT: Duration = Duration::from_secs(8);
/// The search does not go below this gap.
const SMALLEST_GAP: Duration = Duration::from_millis(500);
/// Rounds at most; a search from 8 s to a day takes 25.
const MAX_ROUNDS: u32 = 64;

/// A request of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// X opens or renews its mapping.
    Open,
    /// Y asks for an answer to this port of X's mapping.
    Probe { port: u16 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The other tests come first.
    NotStarted,
    /// X is opening; `unproven` is a wait after which nothing came, which counts only if X is answered now.
    Opening {
        unproven: Option<Duration>,
    },
    /// X is silent.
    Waiting {
        port: u16,
        since: Duration,
        until: Duration,
    },
    /// Y is asking.
    Probing {
        since: Duration,
        waited: Duration,
    },
    Over,
}

/// Result of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    Alive(Duration),
    Dead(Duration),
}

/// Search for the lifetime, round by round.
#[derive(Debug)]
pub(super) struct Lifetime {
    pub(super) state: State,
    pub(super) x: usize,
    pub(super) y: usize,
    wait: Duration,
    longest: Duration,
    alive: Option<Duration>,
    dead: Option<Duration>,
    rounds: u32,
}

impl Lifetime {
    /// `sockets`: how many there are, at least two; the last two are used.
    pub(super) const fn new(sockets: usize, longest: Duration) -> Self {
        Self {
            state: State::NotStarted,
            x: sockets.saturating_sub(2),
            y: sockets.saturating_sub(1),
            wait: Duration::ZERO,
            longest,
            alive: None,
            dead: None,
            rounds: 0,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    pub(super) const fn due(&self) -> Option<Duration> {
        match self.state {
            State::Waiting { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The server was not yet shown to do what it is asked.
    pub(super) fn is_first(&self) -> bool {
        self.alive.is_none()
    }

    /// X was answered: from now on it is silent.
    pub(super) fn opened(&mut self, now: Duration, port: u16) {
        self.state = State::Waiting { port, since: now, until: now.saturating_add(self.wait) };
    }

    /// Takes the finding of a round and sets the next wait. Over when the gap is small or the longest wait survived.
    pub(super) fn found(&mut self, finding: Finding) {
        match finding {
            Finding::Alive(waited) => self.alive = Some(self.alive.map_or(waited, |known| known.max(waited))),
            Finding::Dead(waited) => self.dead = Some(self.dead.map_or(waited, |known| known.min(waited))),
        }
        self.rounds += 1;
        let alive = self.alive.unwrap_or_default();
        let next = match self.dead {
            None if alive >= self.longest => None,
            None => Some(alive.saturating_mul(2).max(FIRST_WAIT).min(self.longest)),
            Some(dead) => {
                let gap = dead.saturating_sub(alive);
                let small = SMALLEST_GAP.max(dead.mul_f64(GAP));
                (gap > small).then(|| alive.saturating_add(gap / 2))
            }
        };
        match next {
            Some(wait) if self.rounds < MAX_ROUNDS => self.wait = wait,
            _ => self.state = State::Over,
        }
    }
}

impl Discovery {
    /// The other tests are over.
    pub(super) fn lifetime_begin(&mut self, now: Duration) {
        let Some(search) = &mut self.lifetime else { return };
        if search.state != State::NotStarted {
            return;
        }
        if !self.server.answered {
            search.state = State::Over;
            return;
        }
        search.state = State::Opening { unproven: None };
        self.lifetime_send(now, Request::Open);
    }

    /// The wait is over: Y asks.
    pub(super) fn lifetime_go_on(&mut self, now: Duration) {
        let Some(search) = &mut self.lifetime else { return };
        if let State::Waiting { port, since, until } = search.state
            && until <= now
        {
            search.state = State::Probing { since, waited: now.saturating_sub(since) };
            self.lifetime_send(now, Request::Probe { port });
        }
    }

    fn lifetime_send(&mut self, now: Duration, request: Request) {
        let Some(search) = &self.lifetime else { return };
        let socket = if request == Request::Open { search.x } else { search.y };
        self.start(now, None, socket, self.options.server, Kind::Lifetime(request));
    }

    pub(super) fn lifetime_answer(&mut self, now: Duration, request: Request, local: SocketAddr, answer: Answer) {
        let Some(search) = &mut self.lifetime else { return };
        let on_x = self.options.sockets.get(search.x).is_some_and(|x| *x == local);
        match (search.state, request, answer) {
            (State::Opening { unproven }, Request::Open, Answer::Success { mapped: Some(mapped), .. }) => {
                if let Some(waited) = unproven {
                    self.lifetime_found(now, Finding::Dead(waited));
                }
                if let Some(search) = &mut self.lifetime
                    && !search.is_over()
                {
                    search.opened(now, mapped.port());
                }
            }
            (State::Probing { since, .. }, Request::Probe { .. }, Answer::Success { .. }) if on_x => {
                self.lifetime_found(now, Finding::Alive(now.saturating_sub(since)));
                self.lifetime_reopen(now, None);
            }
            (State::Probing { waited, .. }, Request::Probe { .. }, Answer::Success { .. }) if !search.is_first() => {
                // It came to Y, whose new mapping may have got X's old port: the old one is gone.
                self.lifetime_reopen(now, Some(waited));
            }
            (_, _, Answer::Success { .. }) => self.lifetime_fails(now, Outcome::Untestable("response-port-ignored")),
            (_, _, Answer::Error(code)) => self.lifetime_fails(now, Outcome::Error(code)),
        }
    }

    pub(super) fn lifetime_silence(&mut self, now: Duration, request: Request) {
        let Some(search) = &mut self.lifetime else { return };
        match (search.state, request) {
            (State::Probing { waited, .. }, Request::Probe { .. }) if !search.is_first() => {
                self.lifetime_reopen(now, Some(waited))
            }
            (State::Probing { .. }, Request::Probe { .. }) => {
                self.lifetime_fails(now, Outcome::Untestable("response-port-silent"))
            }
            _ => self.lifetime_fails(now, Outcome::Untestable("server-silent")),
        }
    }

    fn lifetime_reopen(&mut self, now: Duration, unproven: Option<Duration>) {
        if let Some(search) = &mut self.lifetime
            && !search.is_over()
        {
            search.state = State::Opening { unproven };
            self.lifetime_send(now, Request::Open);
        }
    }

    fn lifetime_found(&mut self, now: Duration, finding: Finding) {
        let Some(search) = &mut self.lifetime else { return };
        search.found(finding);
        let (idle, outcome, word) = match finding {
            Finding::Alive(idle) => (idle, Outcome::Answer { mapped: None, from: None, plain: None }, "alive"),
            Finding::Dead(idle) => (idle, Outcome::Silence, "gone"),
        };
        self.event(
            now,
            "answered",
            "RFC 5780 §4.6",
            format!("After {} s of silence the mapping was {word}.", tenths(idle.as_secs_f64())),
        );
        self.lifetime_observe(now, outcome, Some(idle.as_secs_f64()));
    }

    /// The search can't go on.
    fn lifetime_fails(&mut self, now: Duration, outcome: Outcome) {
        if let Some(search) = &mut self.lifetime {
            search.state = State::Over;
        }
        self.lifetime_observe(now, outcome, None);
    }

    fn lifetime_observe(&mut self, now: Duration, outcome: Outcome, idle: Option<f64>) {
        let Some(search) = &self.lifetime else { return };
        let mut observation =
            Observation::new(self.base(search.x), self.options.server.into(), Test::Lifetime, outcome);
        observation.idle = idle;
        self.observe(now, observation);
    }
}
