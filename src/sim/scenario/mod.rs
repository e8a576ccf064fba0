//! Scenarios: a network, its hosts and calls, and what happens in time, as plain data.
//!
//! A scenario is JSON (`docs/scenario.schema.json` is its schema); what can't be read is told with line and column.
//! [`Scenario::named`] has the built-in ones.

mod builtin;
mod check;
mod nat;

pub use builtin::{BUILT_IN, BuiltIn};
pub(super) use check::chance;
pub use check::{MAX_BYTES, MAX_HOSTS, MAX_LIST, MAX_NAME, MAX_NETWORKS, MAX_TIMED, MAX_UNTIL};
pub use nat::{NatChoice, PortName};

use core::net::IpAddr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) use super::fault::{Fault, ScenarioError};
use super::link::{Burst, Link};
use core::time::Duration;

/// The network that everything is connected to.
pub const INTERNET: &str = "internet";

/// A network, its hosts and calls, and what happens in time.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scenario {
    /// Address of the schema, by which editors complete and check a file; it changes nothing.
    #[serde(rename = "$schema", skip_serializing)]
    pub schema: String,
    /// A few words.
    pub title: String,
    /// Seed of everything random.
    pub seed: u64,
    /// When the run ends, in milliseconds of virtual time, [`MAX_UNTIL`] at most; 60 000 when 0.
    pub until: u64,
    /// Networks behind NATs and firewalls. The one called `internet` is always there.
    pub networks: Vec<Network>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Calls between two hosts that run ICE.
    pub calls: Vec<Call>,
    /// Events in time.
    pub events: Vec<Timed>,
    /// Text that explains the run act by act, by language.
    pub text: BTreeMap<String, Vec<String>>,
}

/// A network behind a NAT or firewall.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// The network outside; `internet` when empty.
    pub within: String,
    /// NAT between the two.
    pub nat: NatChoice,
    /// The way out, and unless `down` says otherwise, the way in.
    pub link: LinkChoice,
    /// The way in.
    pub down: Option<LinkChoice>,
}

/// A link. Times are milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LinkChoice {
    /// Delay of every packet.
    pub latency: f64,
    /// At most so much more.
    pub jitter: f64,
    /// Chance of each packet to be lost, 0 to 1.
    pub loss: f64,
    /// Chances per packet to enter and to leave a state in which everything is lost.
    pub burst: Option<(f64, f64)>,
    /// Chance of each packet to arrive twice.
    pub duplicate: f64,
    /// Chance of each packet to be overtaken.
    pub reorder: f64,
    /// Longest IP packet in bytes.
    pub mtu: usize,
    /// Kilobits a second; unlimited when absent.
    pub rate: Option<f64>,
    /// Longest wait in the queue of a limited link before packets are dropped.
    pub queue: f64,
}

impl Default for LinkChoice {
    fn default() -> Self {
        Self {
            latency: 10.0,
            jitter: 0.0,
            loss: 0.0,
            burst: None,
            duplicate: 0.0,
            reorder: 0.0,
            mtu: 1500,
            rate: None,
            queue: 200.0,
        }
    }
}

/// Milliseconds, with nonsense taken as nothing and more than a day as a day.
pub(super) fn milliseconds(value: f64) -> Duration {
    let bounded = if value.is_finite() { value.clamp(0.0, 86_400_000.0) } else { 0.0 };
    Duration::from_secs_f64(bounded / 1000.0)
}

impl LinkChoice {
    pub(super) fn link(&self) -> Link {
        let chance = |value: f64| if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
        Link {
            delay: milliseconds(self.latency),
            jitter: milliseconds(self.jitter),
            loss: chance(self.loss),
            burst: self.burst.map(|(begins, ends)| Burst { begins: chance(begins), ends: chance(ends) }),
            duplicate: chance(self.duplicate),
            reorder: chance(self.reorder),
            mtu: self.mtu.clamp(68, 65_535),
            rate: self.rate.filter(|rate| rate.is_finite() && *rate > 0.0),
            queue: milliseconds(self.queue),
            ..Link::default()
        }
    }
}

/// A host and what runs on it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its network; `internet` when absent.
    #[serde(default)]
    pub network: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The link to its network.
    #[serde(default = "Host::near")]
    pub link: LinkChoice,
    /// Program that runs on it.
    pub run: Program,
}

impl Host {
    /// The link of a host that is near its network.
    pub(in crate::sim) fn near() -> LinkChoice {
        LinkChoice { latency: 1.0, ..LinkChoice::default() }
    }
}

/// Program of a host.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Program {
    /// An ICE agent.
    Ice {
        /// Timers and choices: `rfc`, `chrome`, `firefox`, `pion` or `libnice`.
        #[serde(default)]
        profile: String,
        /// It answers checks and sends none.
        #[serde(default)]
        lite: bool,
        /// USE-CANDIDATE in every check (RFC 5245).
        #[serde(default)]
        aggressive: bool,
        /// Names of the STUN and TURN hosts it asks; `turn:443?transport=tcp` is the TURN host `turn` over TCP, on a port that
        /// is not 3478.
        #[serde(default)]
        servers: Vec<String>,
        /// It signals relayed candidates only.
        #[serde(default)]
        relay_only: bool,
        /// Address that it signals in place of each of its own, as a server does that is told its address.
        #[serde(default)]
        announces: Option<IpAddr>,
        /// Password that it gives to TURN servers when it is not the right one.
        #[serde(default)]
        turn_password: Option<String>,
        /// The port its sockets begin at.
        #[serde(default = "Program::first_port")]
        port: u16,
    },
    /// A STUN server on port 3478.
    Stun {},
    /// A TURN server on port 3478, which answers Binding requests too.
    Turn {
        /// The one user's name.
        #[serde(default = "Program::turn_user")]
        username: String,
        /// That user's password.
        #[serde(default = "Program::turn_user")]
        password: String,
        /// Allocations last at most so many seconds.
        #[serde(default = "Program::turn_lifetime")]
        max_lifetime: u32,
        /// Relays to addresses that are not public, too.
        #[serde(default)]
        allow_private: bool,
        /// Relayed address that it announces, when that is not its own address.
        #[serde(default)]
        external: Option<IpAddr>,
    },
    /// Nothing: an address that answers nothing.
    Silent {},
    /// A program of the caller's own, which takes and sends UDP: see [`Arrival`](crate::sim::Arrival).
    Own {},
}

impl Program {
    /// A STUN server.
    pub(in crate::sim) const fn stun() -> Self {
        Self::Stun {}
    }

    /// A TURN server with its defaults.
    pub(in crate::sim) fn turn() -> Self {
        let (username, password) = (Self::turn_user(), Self::turn_user());
        Self::Turn { username, password, max_lifetime: Self::turn_lifetime(), allow_private: false, external: None }
    }

    /// An ICE agent with its defaults.
    pub(in crate::sim) fn ice(profile: &str, servers: Vec<String>) -> Self {
        Self::Ice {
            profile: profile.into(),
            lite: false,
            aggressive: false,
            servers,
            relay_only: false,
            announces: None,
            turn_password: None,
            port: Self::first_port(),
        }
    }

    const fn first_port() -> u16 {
        50_000
    }

    fn turn_user() -> String {
        "user".into()
    }

    const fn turn_lifetime() -> u32 {
        600
    }
}

/// A call between two hosts that run ICE: offer, answer and candidates travel by signalling.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// Host that offers, and controls.
    pub from: String,
    /// Host that answers.
    pub to: String,
    /// When the offer is made, in milliseconds.
    #[serde(default)]
    pub at: u64,
    /// How long a message of signalling takes, in milliseconds.
    #[serde(default = "Call::usual_signalling")]
    pub signalling: u64,
    /// Candidates go in offer and answer; otherwise each as it is gathered (RFC 8838).
    #[serde(default)]
    pub vanilla: bool,
    /// SIP carries the offer and the answer, in INVITE and 200: the trace names the messages so.
    #[serde(default)]
    pub sip: bool,
    /// Once connected, both sides send so many packets of media a second.
    #[serde(default)]
    pub media: u32,
}

impl Call {
    /// A call with the usual signalling.
    pub(in crate::sim) fn between(from: &str, to: &str) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            at: 0,
            signalling: Self::usual_signalling(),
            vanilla: false,
            sip: false,
            media: 0,
        }
    }

    const fn usual_signalling() -> u64 {
        50
    }
}

/// Something that happens at a time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timed {
    /// When, in milliseconds.
    pub at: u64,
    /// Kind of event.
    #[serde(flatten)]
    pub what: Happening,
}

/// Kind of event.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Happening {
    /// The NAT of a network forgets everything.
    Reboot {
        /// The network.
        network: String,
    },
    /// The link of a host changes.
    Link {
        /// The host.
        host: String,
        /// The way out; as it was when absent.
        #[serde(default)]
        up: Option<LinkChoice>,
        /// The way in; as it was when absent.
        #[serde(default)]
        down: Option<LinkChoice>,
    },
    /// A host moves to another network, with other addresses, as a phone does that leaves the Wi-Fi.
    Move {
        /// The host.
        host: String,
        /// The network.
        network: String,
        /// Its addresses there.
        addresses: Vec<IpAddr>,
    },
    /// A host stops answering.
    Stop {
        /// The host.
        host: String,
    },
    /// The ICE agent of the first call's offerer restarts, and offers again.
    Restart {
        /// The host.
        host: String,
    },
}

impl Scenario {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// A text that is longer than [`MAX_BYTES`] or can't be read, with line and column.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        if text.len() > MAX_BYTES {
            return Err(ScenarioError::new(Fault::TooLong, [("count", &text.len()), ("limit", &MAX_BYTES)]));
        }
        serde_json::from_str(text).map_err(|error| ScenarioError::json(&error))
    }

    /// A built-in scenario; see [`BUILT_IN`].
    ///
    /// # Errors
    ///
    /// No scenario has that name; the error lists those there are.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        let found = BUILT_IN.iter().find(|one| one.name == name);
        let names = || BUILT_IN.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
        let one =
            found.ok_or_else(|| ScenarioError::new(Fault::UnknownScenario, [("name", &name), ("names", &names())]))?;
        Self::from_json(one.json)
    }

    /// The same as JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// When the run ends.
    #[must_use]
    pub fn end(&self) -> Duration {
        Duration::from_millis(if self.until == 0 { 60_000 } else { self.until.min(MAX_UNTIL) })
    }
}
