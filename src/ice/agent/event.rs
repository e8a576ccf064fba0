//! The event log: each decision with its rule and reason, and the data that arrived.
use super::pair::PairId;
use super::{ComponentId, IceFailure, SwitchReason};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

/// Decisions kept until polled; when there are more, the oldest are dropped and counted.
pub const MAX_EVENTS: usize = 4096;
/// Data kept until polled; further data is dropped and counted.
pub const MAX_DATA: usize = 1024;

macro_rules! codes {
    ($($code:ident $name:literal $rule:literal $sentence:literal;)*) => {
        /// Code of a decision.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!($rule, ": ", $sentence)] $code,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The name, such as `check-sent`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }

            /// The rule, such as `RFC 8445 §7.2.4`.
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$code => $rule,)* }
            }

            /// Why, as a sentence with places: `{local}`, `{remote}`, `{pair}`, `{component}`, `{number}`, `{what}`, `{was}`;
            /// `{number pair|pairs}` is a number with the word that goes with it.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$code => $sentence,)* }
            }
        }
    };
}

codes! {
    LocalCandidate "local-candidate" "RFC 8445 §5.1.1" "local candidate {local} ({what}) has priority {number}";
    LocalRedundant "local-redundant" "RFC 8445 §5.1.3" "local candidate {local} ({what}) has address and base of another: it is redundant";
    LocalRefused "local-refused" "RFC 8445 §5.1.1" "a gathered candidate is left out: {what}";
    LocalRemoved "local-removed" "RFC 8445 §8.3" "local address {local} is gone, and every pair of it";
    LocalEnd "local-end" "RFC 8838 §13" "no more local candidates will come";
    ServerAsked "server-asked" "RFC 8445 §5.1.1.2" "server {remote} is asked for {what} from {local}";
    ServerSilent "server-silent" "RFC 8445 §5.1.1.2" "server {remote} did not answer {local}";
    ServerRefused "server-refused" "RFC 8445 §5.1.1.2" "server {remote} gave {local} no address: error {number}";
    RelayFailed "relay-failed" "RFC 8656 §7" "server {remote} relays nothing for {local}: {what} ({number})";
    RelayFull "relay-full" "RFC 8656 §11" "the relay took no packet from {local} to {remote}";
    PermissionRefused "permission-refused" "RFC 8656 §9" "server {local} does not let {remote} through: {what} ({number})";
    RemoteCandidate "remote-candidate" "RFC 8445 §5.3" "remote candidate {remote} ({what}) has priority {number}";
    RemoteAgain "remote-again" "RFC 8838 §11" "remote candidate {remote} is known already";
    RemoteRefused "remote-refused" "RFC 8445 §5.1.2" "remote candidate {remote} is left out: {what}";
    RemoteSignalled "remote-signalled" "RFC 8838 §11" "the peer-reflexive candidate {remote} is now signalled as {what}: its pairs take priority from {number}";
    RemoteRemoved "remote-removed" "RFC 8445 §8.3" "remote candidate {remote} was withdrawn, and every pair of it";
    RemoteEnd "remote-end" "RFC 8838 §14" "the other side has no more candidates";
    PairFormed "pair-formed" "RFC 8445 §6.1.2.2" "pair {pair} of {local} and {remote} is formed, {what}";
    PairExcluded "pair-excluded" "RFC 8445 §6.1.2.2" "{local} and {remote} make no pair: {what}";
    PairRedundant "pair-redundant" "RFC 8445 §6.1.2.4" "{local} sends to {remote} from the base of another pair: redundant";
    PairOverLimit "pair-over-limit" "RFC 8445 §6.1.2.5" "pair {pair} of {local} and {remote} is discarded: {number} pairs are the limit";
    PairUnfrozen "pair-unfrozen" "RFC 8445 §6.1.2.6" "pair {pair} is {what}: the first of its foundation";
    PairThawed "pair-thawed" "RFC 8445 §7.2.5.3.3" "pair {pair} is Waiting: pair {number} of its foundation succeeded";
    PairUnfrozenLater "pair-unfrozen-later" "RFC 8445 §6.1.4.2" "pair {pair} is Waiting: no pair of its foundation is Waiting or In-Progress";
    Started "started" "RFC 8445 §6.1.4.2" "both credentials are known: checks begin with {number pair|pairs}";
    LitePeer "lite-peer" "RFC 8445 §6.1.1" "the other side is lite: this one controls";
    CheckSent "check-sent" "RFC 8445 §7.2.4" "pair {pair}: {what} check from {local} to {remote}, RTO {number} ms";
    CheckAgain "check-again" "RFC 8489 §6.2.1" "pair {pair}: request sent again, {number} so far";
    CheckCancelled "check-cancelled" "RFC 8445 §7.3.1.4" "pair {pair}: its check is not sent again: {what}";
    CheckSucceeded "check-succeeded" "RFC 8445 §7.2.5.3" "pair {pair}: {remote} answered and saw {local}";
    CheckTimedOut "check-timed-out" "RFC 8445 §7.2.5.2.3" "pair {pair} failed: {number request|requests} and no answer";
    CheckRefused "check-refused" "RFC 8445 §7.2.5.2.4" "pair {pair} failed: answered with error {number}";
    CheckNotSymmetric "check-not-symmetric" "RFC 8445 §7.2.5.2.1" "pair {pair} failed: the answer came from {remote} to {local}, not back along the way of the request";
    ResponseUnauthenticated "response-unauthenticated" "RFC 8489 §9.1.4" "response from {remote} ignored: its MESSAGE-INTEGRITY is {what}";
    ResponseUnknown "response-unknown" "RFC 8489 §6.3.3" "response from {remote} ignored: no request of ours has its transaction id";
    LocalPeerReflexive "local-prflx" "RFC 8445 §7.2.5.3.1" "{local} is a new peer-reflexive candidate: {remote} sees pair {pair} come from there";
    ValidPair "valid-pair" "RFC 8445 §7.2.5.3.2" "pair {pair} of {local} and {remote} is valid, made by the check of pair {number}";
    RequestAnswered "request-answered" "RFC 8445 §7.3" "request from {remote} to {local} answered{what}";
    RequestEarly "request-early" "RFC 8445 §7.3" "request from {remote} answered and kept: the other side's credentials are not known yet";
    RequestDropped "request-dropped" "RFC 8445 §7.3" "request from {remote} answered but not kept: {what}";
    RequestRefused "request-refused" "RFC 8445 §7.3" "request from {remote} refused with {number}: {what}";
    RequestOldGeneration "request-old-generation" "RFC 8445 §9" "request from {remote} with the credentials before the restart: answered, nothing else";
    MessageIgnored "message-ignored" "RFC 8445 §7.3" "message from {remote} to {local} ignored: {what}";
    RemotePeerReflexive "remote-prflx" "RFC 8445 §7.3.1.3" "{remote} is a new peer-reflexive candidate: a request came from there, with priority {number}";
    RemotePeerReflexiveOverLimit "remote-prflx-over-limit" "RFC 8445 §19.5.1" "{remote} is not taken as a candidate: {number} are the limit";
    Triggered "triggered" "RFC 8445 §7.3.1.4" "pair {pair} is to be checked next: {remote} checked it";
    RoleKept "role-kept" "RFC 8445 §7.3.1.1" "both are {what}: our tie-breaker is not the smaller, so {remote} is to change (487)";
    RoleSwitched "role-switched" "RFC 8445 §7.3.1.1" "now {what}: {remote} has the same role and the tie-breakers say so";
    RoleSwitchedBy487 "role-switched-by-487" "RFC 8445 §7.2.5.1" "now {what}, with a new tie-breaker: {remote} answered 487";
    RoleConflictStale "role-conflict-stale" "RFC 8445 §7.2.5.1" "487 from {remote} ignored: the role has changed since that request";
    Nominating "nominating" "RFC 8445 §8.1.1" "pair {pair} is to be nominated: {what}";
    Nominated "nominated" "RFC 8445 §7.2.5.3.4" "pair {pair} is nominated: {what}";
    NominationFailed "nomination-failed" "RFC 8445 §7.2.5.3.4" "the nominating check of pair {pair} failed: it is no longer valid";
    LiteNominated "lite-nominated" "RFC 8445 §7.3.2" "pair {pair} of {local} and {remote} is valid and nominated: the other side said USE-CANDIDATE";
    BothLite "both-lite" "RFC 8445 §8.2" "pair {pair} of {local} and {remote} is selected: both sides are lite";
    Selected "selected" "RFC 8445 §8.1.1" "component {component} uses pair {pair}, {local} to {remote}: {what}";
    ComponentUnused "component-unused" "RFC 8445 §6.1.2.2" "component {component} is not used: the other side has no candidate of it";
    PairsRemoved "pairs-removed" "RFC 8445 §8.1.2" "{number other pair|other pairs} of component {component} removed: one is nominated";
    ListState "list-state" "RFC 8445 §7.2.5.4" "check list {component} is {what}";
    Waiting "waiting" "RFC 8863 §4" "all checks are done without success; {what}";
    PacElapsed "pac-elapsed" "RFC 8863 §4" "the PAC timer has elapsed: check lists may fail now";
    ConsentSent "consent-sent" "RFC 7675 §5.1" "consent check of component {component} from {local} to {remote}";
    ConsentFresh "consent-fresh" "RFC 7675 §5.1" "{remote} consents for 30 s more";
    ConsentLate "consent-late" "RFC 7675 §5.1" "nothing has come from {remote} for {number} ms";
    ConsentExpired "consent-expired" "RFC 7675 §5.1" "consent to send to {remote} has expired after {number} ms: nothing is sent there any more";
    ConsentRevoked "consent-revoked" "RFC 7675 §5.2" "{remote} answered 403: consent is revoked at once";
    KeepaliveSent "keepalive-sent" "RFC 8445 §11" "keepalive from {local} to {remote}: nothing was sent for {number} ms";
    Freed "freed" "RFC 8445 §8.3.1" "candidates that were not selected are freed";
    Restarted "restarted" "RFC 8445 §9" "restart with new credentials: {what}";
    PreviousDropped "previous-dropped" "RFC 8445 §9" "component {component} has a pair since the restart: the one before it is left";
    StateChanged "state-changed" "RFC 8445 §6.1.3" "{was} to {what}";
    Failed "failed" "RFC 8445 §8.1.2" "{what}";
    SendRefused "send-refused" "RFC 8445 §12.1" "data of component {component} not sent: {what}";
    DataIgnored "data-ignored" "RFC 8445 §12.2" "data from {remote} ignored: {what}";
    Closed "closed" "RFC 8445 §8.3" "closed";
}

/// One decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When, since the caller's epoch: the latest time the agent was told.
    pub time: Duration,
    /// Code.
    pub code: Code,
    /// The component, where one is meant. In [`Code::ListState`] only the stream counts.
    pub component: Option<ComponentId>,
    /// The pair.
    pub pair: Option<PairId>,
    /// Address on this side.
    pub local: Option<SocketAddr>,
    /// Address on the other side.
    pub remote: Option<SocketAddr>,
    /// A number; the sentence of the code says which.
    pub number: u64,
    /// A word or clause of [`WORDS`](super::WORDS), or nothing.
    pub what: &'static str,
    /// Word for the state before, of the same list, or nothing.
    pub was: &'static str,
    /// Why the component uses this pair, with [`Code::Selected`].
    pub switch: Option<SwitchReason>,
    /// Why the agent failed, with [`Code::Failed`].
    pub failure: Option<IceFailure>,
}

impl Decision {
    pub(super) const fn new(time: Duration, code: Code) -> Self {
        let (component, pair, local, remote) = (None, None, None, None);
        let (switch, failure) = (None, None);
        Self { time, code, component, pair, local, remote, number: 0, what: "", was: "", switch, failure }
    }

    /// The sentence of the code with its places filled in.
    pub fn why(&self) -> String {
        let mut text = String::new();
        let mut rest = self.code.sentence();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (place, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(&self.place(place));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn place(&self, name: &str) -> String {
        let address = |address: Option<SocketAddr>| address.map_or_else(|| "?".to_string(), |it| it.to_string());
        match name {
            "local" => address(self.local),
            "remote" => address(self.remote),
            "pair" => self.pair.map_or_else(|| "?".to_string(), |pair| pair.0.to_string()),
            "component" => match self.component {
                Some(id) if self.code == Code::ListState => id.stream.to_string(),
                Some(id) if id.stream == 0 => id.component.to_string(),
                Some(id) => format!("{} of stream {}", id.component, id.stream),
                None => "?".to_string(),
            },
            "number" => self.number.to_string(),
            "what" => self.what.to_string(),
            "was" => self.was.to_string(),
            other => match other.strip_prefix("number ").and_then(|words| words.split_once('|')) {
                Some((one, _)) if self.number == 1 => format!("1 {one}"),
                Some((_, many)) => format!("{} {many}", self.number),
                None => format!("{{{other}}}"),
            },
        }
    }
}

/// Event of [`Agent::poll_event`](super::Agent::poll_event).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something was decided.
    Decision(Decision),
    /// There is a new local candidate, for the other side.
    Candidate {
        /// When.
        time: Duration,
        /// Its place in [`Agent::local_candidates`](super::Agent::local_candidates).
        index: u16,
    },
    /// Data arrived.
    Data {
        /// When.
        time: Duration,
        /// For which component.
        component: ComponentId,
        /// From where.
        remote: SocketAddr,
        /// The data.
        bytes: Vec<u8>,
    },
}
