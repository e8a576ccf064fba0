//! One pair of an agent's check list or valid list.
use crate::ice::PairState;
use core::time::Duration;

/// Names a pair for as long as the agent lives; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId(pub u32);

/// Why the last check of a pair failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckFailure {
    /// No request was answered (RFC 8445 §7.2.5.2.3).
    Silent,
    /// An error response with this code (RFC 8445 §7.2.5.2.4).
    Refused(u16),
    /// The relay does not let packets to the remote candidate through, with this code (RFC 8656 §9).
    RelayRefused(u16),
    /// The answer came from elsewhere (RFC 8445 §7.2.5.2.1).
    NotSymmetric,
}

/// Counts of what was sent and received on a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairStats {
    /// Checks, consent checks included; each counts once however often its request was sent.
    pub checks: u32,
    /// Requests, the repeated ones included.
    pub requests_sent: u32,
    /// Valid success responses.
    pub responses_received: u32,
    /// Authenticated requests.
    pub requests_received: u32,
    /// When the first request was sent.
    pub first_sent: Option<Duration>,
    /// When the last valid success response came.
    pub last_response: Option<Duration>,
    /// When the last authenticated message or data came.
    pub last_received: Option<Duration>,
    /// Round-trip time of the last check whose request was sent once.
    pub round_trip: Option<Duration>,
}

/// A candidate pair of an agent. `local` and `remote` index
/// [`local_candidates`](super::Agent::local_candidates) and [`remote_candidates`](super::Agent::remote_candidates).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its name.
    pub id: PairId,
    /// Index of the local candidate.
    pub local: u16,
    /// Index of the remote candidate.
    pub remote: u16,
    /// Component id within the stream.
    pub component: u16,
    /// Priority (RFC 8445 §6.1.2.3).
    pub priority: u64,
    /// Foundation: that of the local and that of the remote candidate.
    pub foundation: (u32, u32),
    /// State (RFC 8445 §6.1.2.6).
    pub state: PairState,
    /// In the check list. A pair that is not is valid only, or was removed when another was nominated.
    pub listed: bool,
    /// In the valid list (RFC 8445 §7.2.5.3.2).
    pub valid: bool,
    /// Nominated (RFC 8445 §7.2.5.3.4).
    pub nominated: bool,
    /// Why its last check failed.
    pub failure: Option<CheckFailure>,
    /// Counts of what was sent and received.
    pub stats: PairStats,
    /// The valid pair that its check made.
    pub(super) makes: Option<PairId>,
    /// The pair whose check made it valid.
    pub(super) made_by: Option<PairId>,
    /// Controlling: its checks carry USE-CANDIDATE.
    pub(super) nominating: bool,
    /// Controlled: the other side said USE-CANDIDATE; nominate when the check succeeds.
    pub(super) nominate_on_success: bool,
    /// The NOMINATION that came with it (draft-thatcher-ice-renomination).
    pub(super) asked_count: Option<u32>,
}

impl Pair {
    /// Our request on it was answered.
    pub const fn is_receivable(&self) -> bool {
        self.stats.responses_received > 0
    }

    /// A request of the other side was answered on it.
    pub const fn is_sendable(&self) -> bool {
        self.stats.requests_received > 0
    }
}
