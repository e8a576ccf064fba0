//! A client's transaction: when to send the request again, and when to give up (RFC 8489 §6.2).
//!
//! ```
//! use icelens::stun::TransactionId;
//! use icelens::stun::transaction::{Action, Timing, Transaction};
//!
//! let mut transaction = Transaction::new(TransactionId::new([1; 12]), Timing::default(), 0);
//! let mut sent = vec![0]; // the caller sends the request at once
//! loop {
//!     let now = transaction.next_timeout();
//!     match transaction.handle_timeout(now) {
//!         Action::Send => sent.push(now),
//!         Action::Wait => {}
//!         Action::Failed => break assert_eq!(now, 39_500),
//!     }
//! }
//! assert_eq!(sent, [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
//! ```
use super::{Class, Message, TransactionId};

/// How long to wait. Times are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Wait after the first request; doubles with each further one. RFC 8489 asks for at least 500.
    pub rto: u32,
    /// Rc: how many requests are sent in all. 1 over TCP.
    pub rc: u32,
    /// Rm: after the last request, wait this many times `rto`.
    pub rm: u32,
}

impl Default for Timing {
    /// UDP: RTO 500 ms, Rc 7, Rm 16.
    fn default() -> Self {
        Self { rto: 500, rc: 7, rm: 16 }
    }
}

impl Timing {
    /// TCP and TLS: one request, and Ti = 39.5 s to wait (RFC 8489 §6.2.2).
    pub const RELIABLE: Self = Self { rto: 39_500, rc: 1, rm: 1 };
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing before [`Transaction::next_timeout`].
    Wait,
    /// Send the same bytes again.
    Send,
    /// No answer will come any more.
    Failed,
}

/// One request and its answer. The caller sends the request when it makes this.
#[derive(Clone, Copy, Debug)]
pub struct Transaction {
    id: TransactionId,
    timing: Timing,
    started: u64,
    next: u64,
    sent: u32,
    done: bool,
}

impl Transaction {
    /// A transaction whose request leaves at `now` (milliseconds on the caller's clock).
    pub const fn new(id: TransactionId, timing: Timing, now: u64) -> Self {
        let mut transaction = Self { id, timing, started: now, next: now, sent: 1, done: false };
        transaction.next = now.saturating_add(transaction.wait());
        transaction
    }

    /// The wait after the request sent last.
    const fn wait(&self) -> u64 {
        let rto = self.timing.rto as u64;
        if self.sent >= self.timing.rc {
            return rto.saturating_mul(self.timing.rm as u64);
        }
        let doublings = if self.sent > 63 { 63 } else { self.sent - 1 };
        rto.saturating_mul(1 << doublings)
    }

    /// The transaction id.
    pub const fn id(&self) -> &TransactionId {
        &self.id
    }

    /// When to call [`Self::handle_timeout`].
    pub const fn next_timeout(&self) -> u64 {
        self.next
    }

    /// Requests sent so far.
    pub const fn sent(&self) -> u32 {
        self.sent
    }

    /// The thing to do at `now`. Late calls are no harm: the next wait begins at `now`.
    pub const fn handle_timeout(&mut self, now: u64) -> Action {
        if self.done || now < self.next {
            return Action::Wait;
        }
        if self.sent >= self.timing.rc {
            self.done = true;
            return Action::Failed;
        }
        self.sent += 1;
        self.next = now.saturating_add(self.wait());
        Action::Send
    }

    /// True when `message` is a response to this transaction; the transaction is over then. Check its integrity first:
    /// over UDP one that fails must be treated as if it had not come (RFC 8489 §9.1.4, §9.2.5).
    pub fn handle_response(&mut self, message: &Message<'_>) -> bool {
        if self.done || !self.matches(message) {
            return false;
        }
        self.done = true;
        true
    }

    /// True when `message` is a response with this transaction's id.
    pub fn matches(&self, message: &Message<'_>) -> bool {
        matches!(message.class(), Class::Success | Class::Error) && message.transaction_id() == self.id
    }

    /// The round-trip time if the answer came at `now`; `None` when the request was sent again, since it is unknown
    /// then which one was answered (Karn's algorithm, RFC 8489 §6.2.1).
    pub const fn round_trip(&self, now: u64) -> Option<u64> {
        if self.sent == 1 { Some(now.saturating_sub(self.started)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{Builder, Method};

    fn response(class: Class, id: TransactionId) -> [u8; 20] {
        let mut buffer = [0; 20];
        Builder::new(&mut buffer, class, Method::BINDING, id).unwrap();
        buffer
    }

    #[test]
    fn reliable_transports_send_once_and_wait_39_5_seconds() {
        let mut transaction = Transaction::new(TransactionId::new([1; 12]), Timing::RELIABLE, 100);
        assert_eq!(transaction.next_timeout(), 39_600);
        assert_eq!(transaction.handle_timeout(39_599), Action::Wait);
        assert_eq!(transaction.handle_timeout(39_600), Action::Failed);
        assert_eq!(transaction.handle_timeout(99_999), Action::Wait);
    }

    #[test]
    fn only_a_response_with_the_same_id_ends_it() {
        let id = TransactionId::new([1; 12]);
        let mut transaction = Transaction::new(id, Timing::default(), 0);
        for bytes in [response(Class::Request, id), response(Class::Success, TransactionId::new([2; 12]))] {
            assert!(!transaction.handle_response(&Message::parse(&bytes).unwrap()));
        }
        let bytes = response(Class::Error, id);
        let message = Message::parse(&bytes).unwrap();
        assert!(transaction.handle_response(&message));
        assert!(!transaction.handle_response(&message), "a second answer is a duplicate");
        assert_eq!(transaction.handle_timeout(10_000), Action::Wait);
    }

    #[test]
    fn round_trips_are_told_of_first_requests_only() {
        let mut transaction = Transaction::new(TransactionId::new([1; 12]), Timing::default(), 1000);
        assert_eq!(transaction.round_trip(1035), Some(35));
        assert_eq!(transaction.handle_timeout(1500), Action::Send);
        assert_eq!(transaction.round_trip(1535), None);
    }

    #[test]
    fn extreme_timing_does_not_overflow() {
        let timing = Timing { rto: u32::MAX, rc: u32::MAX, rm: u32::MAX };
        let mut transaction = Transaction::new(TransactionId::new([1; 12]), timing, u64::MAX - 1);
        for _ in 0..200 {
            transaction.handle_timeout(u64::MAX);
        }
        assert_eq!(transaction.next_timeout(), u64::MAX);
    }
}
