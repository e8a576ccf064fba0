//! Settings of an agent.
use super::policy::{Policy, Profile};
use super::{CandidateRule, IceServer};
use crate::ice::{DEFAULT_PAIR_LIMIT, Role};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// Ta when nobody proposes another (RFC 8445 §14.2).
pub const DEFAULT_PACING: Duration = Duration::from_millis(50);
/// The least Ta (RFC 8445 §14.2).
pub const LEAST_PACING: Duration = Duration::from_millis(5);
/// Most streams of one agent.
pub const MAX_STREAMS: u16 = 64;
/// Most components of one stream (RFC 8445 §5.1.2.1: component ids run from 1 to 256).
pub const MAX_COMPONENTS: u16 = 256;
/// Most pairs that can be asked for.
pub const MAX_PAIR_LIMIT: usize = 10_000;

/// A username fragment and password (RFC 8445 §5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// 4 to 256 ice-chars.
    pub ufrag: String,
    /// 22 to 256 ice-chars.
    pub pwd: String,
}

impl Credentials {
    /// Credentials from their two parts.
    pub fn new(ufrag: &str, pwd: &str) -> Self {
        Self { ufrag: ufrag.into(), pwd: pwd.into() }
    }
}

/// ICE parameters of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteParameters {
    /// Its credentials.
    pub credentials: Credentials,
    /// `a=ice-lite` (RFC 8445 §2.5).
    pub lite: bool,
    /// The `ice2` option: it nominates once (RFC 8445 §10). Without it several nominations are expected.
    pub ice2: bool,
    /// The `renomination` option (draft-thatcher-ice-renomination).
    pub renomination: bool,
    /// The Ta it proposes; [`DEFAULT_PACING`] when it says nothing.
    pub pacing: Option<Duration>,
}

impl RemoteParameters {
    /// A full agent of RFC 8445 with these credentials.
    pub fn new(ufrag: &str, pwd: &str) -> Self {
        let credentials = Credentials::new(ufrag, pwd);
        Self { credentials, lite: false, ice2: true, renomination: false, pacing: None }
    }
}

/// How the controlling agent nominates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nomination {
    /// One pair of each component, once it is chosen (RFC 8445 §8.1.1).
    #[default]
    Regular,
    /// USE-CANDIDATE in every check (RFC 5245 §8.1.1.2).
    Aggressive,
}

/// Settings of an [`Agent`](super::Agent).
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// The role to begin with.
    pub role: Role,
    /// A lite agent answers checks and sends none (RFC 8445 §2.5).
    pub lite: bool,
    /// How pairs are nominated when controlling.
    pub nomination: Nomination,
    /// Nominate again when a better pair turns up, where the other side offers `renomination` too.
    pub renomination: bool,
    /// Timers and choices.
    pub policy: Policy,
    /// Settles role conflicts; made from the entropy when absent.
    pub tie_breaker: Option<u64>,
    /// Credentials; made from the entropy when absent.
    pub credentials: Option<Credentials>,
    /// Ta to propose (RFC 8445 §14.2), that of the policy when absent; never less than [`LEAST_PACING`].
    pub pacing: Option<Duration>,
    /// Most pairs of all check lists together, at most [`MAX_PAIR_LIMIT`].
    pub pair_limit: usize,
    /// Data streams, at least 1 and at most [`MAX_STREAMS`].
    pub streams: u16,
    /// Components of each stream, at least 1 and at most [`MAX_COMPONENTS`].
    pub components: u16,
    /// STUN and TURN servers that every UDP host candidate of the same family asks.
    pub servers: Vec<IceServer>,
    /// Only relayed candidates are used: host candidates are sockets to gather from, nothing more.
    pub relay_only: bool,
    /// Rules for local candidates, gathered ones included, in order.
    pub rules: Vec<CandidateRule>,
    /// Random bytes, fresh for each agent: transaction ids, credentials and the tie-breaker come from SHA-256 over them
    /// and a counter.
    pub entropy: [u8; 32],
}

impl AgentConfig {
    /// One stream with one component, everything else as RFC 8445 recommends.
    pub fn new(role: Role, entropy: [u8; 32]) -> Self {
        Self {
            role,
            lite: false,
            nomination: Nomination::Regular,
            renomination: false,
            policy: Profile::Rfc.policy(),
            tie_breaker: None,
            credentials: None,
            pacing: None,
            pair_limit: DEFAULT_PAIR_LIMIT,
            streams: 1,
            components: 1,
            servers: Vec::new(),
            relay_only: false,
            rules: Vec::new(),
            entropy,
        }
    }
}
