//! One request, its repetitions and its end.

use core::net::SocketAddr;
use core::time::Duration;

use super::Procedure;
use super::lane::Target;
use super::lifetime;
use crate::nat::infer::chance_all_lost;
use crate::nat::observation::Test;
use crate::stun::TransactionId;

/// Purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain Binding request; the text says to which of the server's addresses.
    Plain(&'static str),
    /// A plain Binding request that leaves together with those to other addresses, once.
    Together {
        /// The address that is meant.
        target: Target,
        /// The number of the burst.
        number: u32,
        /// How many bursts of this socket went before.
        round: u32,
    },
    /// A plain Binding request sent once, beside a test that may stay silent, to measure loss.
    Control,
    /// CHANGE-REQUEST for the other port, and the other address too when `ip`.
    Change { ip: bool },
    /// A request longer than the MTU.
    Fragments,
    /// A request to our own mapped address.
    Hairpin,
    /// A step of the lifetime search.
    Lifetime(lifetime::Request),
}

impl Kind {
    pub(super) const fn test(self) -> Test {
        match self {
            Self::Plain(_) | Self::Together { .. } | Self::Control => Test::Binding,
            Self::Change { ip: true } => Test::ChangeIpPort,
            Self::Change { ip: false } => Test::ChangePort,
            Self::Fragments => Test::Fragments,
            Self::Hairpin => Test::Hairpin,
            Self::Lifetime(_) => Test::Lifetime,
        }
    }

    /// The number of the burst that it belongs to.
    pub(super) const fn burst(self) -> Option<u32> {
        match self {
            Self::Together { number, .. } => Some(number),
            _ => None,
        }
    }

    /// Silence is a possible answer, so the test goes on until loss can't explain it.
    pub(super) const fn may_be_silent(self) -> bool {
        matches!(self, Self::Change { .. } | Self::Lifetime(lifetime::Request::Probe { .. }))
    }

    pub(super) const fn rule(self, procedure: Procedure) -> &'static str {
        match self {
            Self::Plain(_) | Self::Together { .. } | Self::Control | Self::Change { .. }
                if matches!(procedure, Procedure::Rfc3489) =>
            {
                "RFC 3489 §10.1"
            }
            Self::Plain(_) | Self::Together { .. } | Self::Control => "RFC 5780 §4.3",
            Self::Change { .. } => "RFC 5780 §4.4",
            Self::Fragments => "RFC 5780 §3.5",
            Self::Hairpin => "RFC 5780 §3.4",
            Self::Lifetime(_) => "RFC 5780 §4.6",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Plain(title) => title,
            Self::Together { target, .. } => target.title(),
            Self::Control => "Binding request beside the test",
            Self::Change { ip: true } => "Request for an answer from the other address and port",
            Self::Change { ip: false } => "Request for an answer from the other port",
            Self::Fragments => "Request longer than the MTU",
            Self::Hairpin => "Packet to the own mapped address",
            Self::Lifetime(_) => "Request of the lifetime search",
        }
    }
}

/// When the requests of a transaction go out after the first, and when it is given up, in milliseconds.
pub(super) type Schedule = (&'static [u64], u64);

/// RFC 3489 §9.3.
const CLASSIC: Schedule = (&[100, 300, 700, 1500, 3100, 4700, 6300, 7900], 9500);
/// Eight requests in 4 s. RFC 8489 §6.2.1 would take 39.5 s with its seven; it asks for an interval suited to the path.
const PLAIN: Schedule = (&[250, 500, 1000, 1500, 2000, 3000, 4000], 5500);
/// A test that may stay silent.
const CHANGE: Schedule = (&[250, 500, 750, 1000, 1500, 2000, 2500, 3000], 3300);
/// Sent once, awaited for longer than any usual round trip.
const CONTROL: Schedule = (&[], 1500);
/// How long the answers to the bursts of a socket are awaited, in milliseconds; there are no further ones.
const ROUNDS: [u64; 8] = [600, 1000, 1500, 2000, 2000, 2000, 3000, 3000];
/// Bursts of a socket at most.
pub(super) const MAX_ROUNDS: u32 = ROUNDS.len() as u32;
/// Interval of further requests of a test that stays silent.
const EXTENSION: u64 = 300;
/// The most requests of a silent test.
pub(super) const MAX_SENDS: u32 = 60;
/// A test goes on while the chance that loss explains its silence is above this.
const MAX_CHANCE: f64 = 1e-5;

pub(super) fn schedule(procedure: Procedure, kind: Kind) -> Schedule {
    match (procedure, kind) {
        (_, Kind::Together { round, .. }) => (&[], ROUNDS.get(round as usize).copied().unwrap_or(PLAIN.1)),
        (_, Kind::Control) => CONTROL,
        (Procedure::Rfc3489, _) => CLASSIC,
        (Procedure::Rfc5780, Kind::Change { .. }) => CHANGE,
        (Procedure::Rfc5780, _) => PLAIN,
    }
}

pub(super) fn explained_by_loss(sends: u32, lost: u32, answered: u32) -> bool {
    chance_all_lost(sends, lost, answered) > MAX_CHANCE
}

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) id: TransactionId,
    /// Lane whose step it is; none for controls and the lifetime search.
    pub(super) lane: Option<usize>,
    pub(super) socket: usize,
    pub(super) destination: SocketAddr,
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) sends: u32,
    pub(super) next_send: Option<Duration>,
    pub(super) done_at: Duration,
    pub(super) began: Duration,
    pub(super) last_sent: Duration,
    pub(super) schedule: Schedule,
}

impl Transaction {
    /// A request went out: when does the next?
    pub(super) fn sent(&mut self, now: Duration) {
        let next = self.schedule.0.get(self.sends as usize);
        self.sends = self.sends.saturating_add(1);
        self.last_sent = now;
        self.next_send = next.map(|after| self.began.saturating_add(Duration::from_millis(*after)));
        self.done_at = self.done_at.max(now.saturating_add(Duration::from_millis(EXTENSION)));
    }

    pub(super) fn due(&self) -> Duration {
        self.next_send.map_or(self.done_at, |next| next.min(self.done_at))
    }

    /// The last request had its time.
    pub(super) fn waited(&self, now: Duration) -> bool {
        now >= self.last_sent.saturating_add(Duration::from_millis(EXTENSION))
    }
}
