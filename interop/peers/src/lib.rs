//! icelens and three other sans-IO ICE crates behind one interface.
pub mod engines;

use serde_json::Value;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Whatever an engine reports as an error.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How an agent is made.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub controlling: bool,
    pub lite: bool,
    pub aggressive: bool,
    pub trickle: bool,
    pub relay_only: bool,
    pub turn: Option<Turn>,
    /// Makes what the engine lets its caller decide repeatable.
    pub seed: u64,
}

/// A TURN server over UDP.
#[derive(Clone, Debug)]
pub struct Turn {
    pub address: SocketAddr,
    pub username: String,
    pub password: String,
}

impl Config {
    /// From the JSON of the runner.
    pub fn from_json(json: &Value) -> Result<Self, Error> {
        let flag = |name: &str| json[name].as_bool().unwrap_or(false);
        let text = |value: &Value| value.as_str().map(String::from).ok_or("a string is missing");
        let turn = match &json["turn"] {
            Value::Null => None,
            turn => Some(Turn {
                address: text(&turn["address"])?.parse()?,
                username: text(&turn["username"])?,
                password: text(&turn["password"])?,
            }),
        };
        Ok(Self {
            controlling: flag("controlling"),
            lite: flag("lite"),
            aggressive: flag("aggressive"),
            trickle: flag("trickle"),
            relay_only: flag("relayOnly"),
            turn,
            seed: json["seed"].as_u64().unwrap_or(0),
        })
    }
}

/// Facts that the other side needs besides candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub ufrag: String,
    pub pwd: String,
    pub lite: bool,
    /// The `ice2` option of RFC 8445.
    pub ice2: bool,
}

/// A datagram as its sender or receiver sees it.
#[derive(Clone, Debug)]
pub struct Packet {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub bytes: Vec<u8>,
}

/// Event of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A local candidate, as `candidate:…`.
    Candidate(String),
    /// There are no more local candidates.
    End,
    /// `checking`, `connected`, `completed`, `disconnected` or `failed`.
    State(&'static str),
    Data(Vec<u8>),
}

/// An ICE agent without sockets or clock; times count from one epoch.
pub trait Engine {
    fn parameters(&self) -> Parameters;
    fn controlling(&self) -> bool;
    /// A socket is bound: gathering begins. `gather_from`: another socket of the same address, for engines that want one of its own for TURN.
    fn add_sockets(&mut self, now: Duration, sockets: &[SocketAddr], spare: Option<SocketAddr>) -> Result<(), Error>;
    fn set_remote(&mut self, now: Duration, remote: &Parameters) -> Result<(), Error>;
    fn add_remote(&mut self, line: &str) -> Result<(), Error>;
    fn end_of_remote(&mut self);
    fn restart(&mut self, now: Duration) -> Result<(), Error>;
    fn receive(&mut self, now: Duration, packet: Packet);
    fn timeout(&mut self, now: Duration);
    fn poll_timeout(&mut self, now: Duration) -> Option<Duration>;
    fn poll_transmit(&mut self, now: Duration) -> Option<Packet>;
    fn poll_told(&mut self) -> Option<Told>;
    fn send(&mut self, now: Duration, data: &[u8]) -> Result<(), Error>;
    /// The selected pair, where the engine tells it.
    fn selected(&self) -> Option<String>;
}

/// An engine by the name of its crate.
pub fn engine(name: &str, config: &Config) -> Result<Box<dyn Engine>, Error> {
    Ok(match name {
        "icelens" => Box::new(engines::icelens::Icelens::new(config)),
        "is" => Box::new(engines::is::Is::new(config)),
        "rice-proto" => Box::new(engines::rice::Rice::new(config)?),
        "rtc-ice" => Box::new(engines::rtc::Rtc::new(config)?),
        _ => return Err(format!("no engine is called {name}").into()),
    })
}

/// True for what is no STUN message by its first byte (RFC 7983 §7).
pub fn is_data(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|first| *first > 3)
}

/// Whether two addresses are of one family.
pub fn same_family(one: IpAddr, other: IpAddr) -> bool {
    one.is_ipv4() == other.is_ipv4()
}
