//! Links: delay, loss and the rest.

use core::time::Duration;

use super::random::Random;
use super::streams::RETRANSMISSION;

/// Loss in bursts (Gilbert): two states, and loss of everything in the bad one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Chance per packet to enter the bad state.
    pub begins: f64,
    /// Chance per packet to leave it.
    pub ends: f64,
}

/// One direction of the way between a host or NAT and the network it is in.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Delay of every packet.
    pub delay: Duration,
    /// At most so much more, evenly spread.
    pub jitter: Duration,
    /// Chance of each packet to be lost.
    pub loss: f64,
    /// Loss in bursts.
    pub burst: Option<Burst>,
    /// Chance of each packet to arrive twice.
    pub duplicate: f64,
    /// Chance of each packet to be held back by [`Link::hold`], so that later ones overtake it.
    pub reorder: f64,
    /// How long a packet is held back.
    pub hold: Duration,
    /// Longest IP packet; longer ones are fragmented.
    pub mtu: usize,
    /// Kilobits a second; unlimited when `None`.
    pub rate: Option<f64>,
    /// How long a packet waits at most for those before it, on a link with a rate; then it is dropped.
    pub queue: Duration,
}

impl Default for Link {
    /// 10 ms, no loss, 1500 bytes.
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss: 0.0,
            burst: None,
            duplicate: 0.0,
            reorder: 0.0,
            hold: Duration::from_millis(20),
            mtu: 1500,
            rate: None,
            queue: Duration::from_millis(200),
        }
    }
}

impl Link {
    /// The default with this chance of loss.
    #[must_use]
    pub fn lossy(loss: f64) -> Self {
        Self { loss, ..Self::default() }
    }
}

/// IP and UDP headers.
const HEADERS: usize = 28;

/// A link at work.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) link: Link,
    random: Random,
    bad: bool,
    /// When the last packet has left a link with a rate.
    busy_until: Duration,
}

impl Wire {
    pub(super) const fn new(link: Link, random: Random) -> Self {
        Self { link, random, bad: false, busy_until: Duration::ZERO }
    }

    /// In how many pieces a payload of that length travels.
    pub(super) fn fragments(&self, length: usize) -> u16 {
        let room = self.link.mtu.saturating_sub(HEADERS).max(1);
        u16::try_from(length.div_ceil(room).max(1)).unwrap_or(u16::MAX)
    }

    /// The delays after which a packet of `length` bytes in so many fragments arrives, and arrives again where it is doubled;
    /// none when it is lost.
    pub(super) fn carry(&mut self, now: Duration, length: usize, fragments: u16) -> [Option<Duration>; 2] {
        let wait = self.queue(now, length + HEADERS * usize::from(fragments));
        let lost = wait.is_none() | (0..fragments).any(|_| self.loses());
        let wait = wait.unwrap_or_default();
        if lost {
            return [None; 2];
        }
        let doubled = self.random.chance(self.link.duplicate);
        let first = self.delay(wait);
        [Some(first), doubled.then(|| self.delay(wait))]
    }

    fn delay(&mut self, wait: Duration) -> Duration {
        let delay = wait + self.link.delay + self.link.jitter.mul_f64(self.random.share());
        if self.random.chance(self.link.reorder) { delay + self.link.hold } else { delay }
    }

    /// The delay of a TCP segment that was lost and is sent again; `None` where everything is.
    pub(super) fn again(&self) -> Option<Duration> {
        (self.link.loss < 1.0).then(|| self.link.delay + RETRANSMISSION)
    }

    /// How long a packet takes until it has left a link with a rate, those before it included; `None` when the queue is full.
    fn queue(&mut self, now: Duration, bytes: usize) -> Option<Duration> {
        let Some(rate) = self.link.rate else { return Some(Duration::ZERO) };
        let wait = self.busy_until.saturating_sub(now);
        if wait > self.link.queue {
            return None;
        }
        let sending = Duration::from_secs_f64((bytes as f64 * 8.0 / 1000.0 / rate.max(0.001)).min(3600.0));
        self.busy_until = now.max(self.busy_until).saturating_add(sending);
        Some(wait.saturating_add(sending))
    }

    fn loses(&mut self) -> bool {
        if let Some(burst) = self.link.burst {
            self.bad = if self.bad { !self.random.chance(burst.ends) } else { self.random.chance(burst.begins) };
        }
        self.bad || self.random.chance(self.link.loss)
    }
}
