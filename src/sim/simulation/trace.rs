//! The trace: each packet at each hop, the agents' decisions, signalling and events, on one clock.
//!
//! As JSON lines each entry is an object with `time` (milliseconds) and `kind`; `docs/trace.md` is the schema.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Message, Simulation};
use crate::ice::agent::Decision;
use crate::net::Payload;
use crate::sim::scenario::Happening;
use crate::sim::world::{HostId, NatId, Trace};
use crate::sim::{Direction, Packet, Protocol};
use crate::stun;
use crate::turn::ChannelData;

/// One line of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Virtual time.
    pub time: Duration,
    /// Content of the entry.
    pub what: What,
}

/// Content of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A packet at a hop.
    Packet(Trace),
    /// An ICE agent decided.
    Decision {
        /// On which host.
        host: HostId,
        /// The decision.
        decision: Decision,
    },
    /// A message of signalling left.
    Signal {
        /// From.
        from: HostId,
        /// To.
        to: HostId,
        /// The message.
        message: Message,
        /// The SIP request or response that carries it, where the call is made by SIP.
        sip: Option<&'static str>,
    },
    /// An event of the scenario.
    Happened(Happening),
}

impl Entry {
    pub(super) const fn decision(host: HostId, decision: Decision) -> Self {
        Self { time: decision.time, what: What::Decision { host, decision } }
    }
}

/// Names of hosts and networks.
#[derive(Debug, Default)]
pub(super) struct Names {
    hosts: HashMap<HostId, String>,
    networks: HashMap<NatId, String>,
}

impl Names {
    pub(super) fn add_host(&mut self, id: HostId, name: &str) {
        self.hosts.insert(id, name.into());
    }

    pub(super) fn add_network(&mut self, id: NatId, name: &str) {
        self.networks.insert(id, name.into());
    }

    pub(super) fn host(&self, id: HostId) -> &str {
        self.hosts.get(&id).map_or("", String::as_str)
    }

    pub(super) fn network(&self, id: NatId) -> &str {
        self.networks.get(&id).map_or("", String::as_str)
    }
}

impl Simulation {
    /// The trace as JSON lines.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            out.push_str(&self.entry(entry).to_string());
            out.push('\n');
        }
        out
    }

    /// One entry as a JSON object.
    #[must_use]
    pub fn entry(&self, entry: &Entry) -> Value {
        let mut object = Map::new();
        object.insert("time".into(), json!(entry.time.as_secs_f64() * 1000.0));
        match &entry.what {
            What::Packet(trace) => self.packet(trace, &mut object),
            What::Decision { host, decision } => self.decision(*host, decision, &mut object),
            What::Signal { from, to, message, sip } => {
                object.insert("kind".into(), json!("signal"));
                object.insert("from".into(), json!(self.names.host(*from)));
                object.insert("to".into(), json!(self.names.host(*to)));
                object.insert("message".into(), signal(message));
                if let Some(sip) = sip {
                    object.insert("sip".into(), json!(sip));
                }
            }
            What::Happened(happening) => {
                object.insert("kind".into(), json!("event"));
                object.insert("event".into(), serde_json::to_value(happening).unwrap_or_default());
            }
        }
        Value::Object(object)
    }

    fn packet(&self, trace: &Trace, object: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| object.insert(name.into(), value);
        let ends = |(source, destination): (SocketAddr, SocketAddr)| {
            (json!(source.to_string()), json!(destination.to_string()))
        };
        match trace {
            Trace::Sent { host, packet, .. } | Trace::Received { host, packet, .. } => {
                set("kind", json!(if matches!(trace, Trace::Sent { .. }) { "sent" } else { "received" }));
                set("host", json!(self.names.host(*host)));
                describe(packet, object);
            }
            Trace::Nat { nat, decision, packet } => {
                set("kind", json!("nat"));
                set("network", json!(self.names.network(*nat)));
                let direction = match decision.direction {
                    Direction::Out => "out",
                    Direction::In => "in",
                    Direction::Hairpin => "hairpin",
                };
                set("direction", json!(direction));
                set("passes", json!(decision.reason.passes()));
                set("rule", json!(decision.reason.name()));
                set("why", json!(decision.reason.to_string()));
                if let Some(after) = decision.after {
                    let (source, destination) = ends(after);
                    set("newSource", source);
                    set("newDestination", destination);
                }
                describe(packet, object);
            }
            Trace::Lost { id, source, destination, .. } | Trace::NoRoute { id, source, destination, .. } => {
                set("kind", json!(if matches!(trace, Trace::Lost { .. }) { "lost" } else { "no-route" }));
                set("packet", json!(id));
                let (source, destination) = ends((*source, *destination));
                set("source", source);
                set("destination", destination);
            }
        }
    }

    fn decision(&self, host: HostId, decision: &Decision, object: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| object.insert(name.into(), value);
        set("kind", json!("decision"));
        set("host", json!(self.names.host(host)));
        set("code", json!(decision.code.name()));
        set("rule", json!(decision.code.rule()));
        set("why", json!(decision.why()));
        if let Some(pair) = decision.pair {
            set("pair", json!(pair.0));
        }
        if let Some(local) = decision.local {
            set("local", json!(local.to_string()));
        }
        if let Some(remote) = decision.remote {
            set("remote", json!(remote.to_string()));
        }
        let sentence = decision.code.sentence();
        if let Some(id) = decision.component.filter(|_| sentence.contains("{component}")) {
            set("stream", json!(id.stream));
            set("component", json!(id.component));
        }
        if sentence.contains("{number") {
            set("number", json!(decision.number));
        }
        for (name, word) in [("what", decision.what), ("was", decision.was)] {
            if !word.is_empty() {
                set(name, json!(word));
            }
        }
    }
}

fn describe(packet: &Packet, object: &mut Map<String, Value>) {
    object.insert("packet".into(), json!(packet.id));
    object.insert("source".into(), json!(packet.source.to_string()));
    object.insert("destination".into(), json!(packet.destination.to_string()));
    object.insert("length".into(), json!(packet.bytes.len()));
    object.insert("bytes".into(), json!(hex(&packet.bytes)));
    object.insert("message".into(), json!(message(packet)));
    if packet.is_tcp() {
        object.insert("protocol".into(), json!("tcp"));
    }
}

/// A packet in a few words.
pub(in crate::sim) fn message(packet: &Packet) -> String {
    match packet.protocol {
        Protocol::Tcp { opens: true, .. } => "TCP opens".into(),
        Protocol::Tcp { .. } if packet.bytes.is_empty() => "TCP is open".into(),
        _ => summary(&packet.bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A payload in a few words, such as `Binding request USE-CANDIDATE`.
fn summary(bytes: &[u8]) -> String {
    match Payload::of(bytes) {
        Payload::Stun => stun_summary(bytes),
        Payload::ChannelData => match ChannelData::parse(bytes) {
            Ok(data) => format!("ChannelData {:#06x}: {}", data.channel, summary(data.data)),
            Err(_) => "ChannelData, not readable".into(),
        },
        _ => format!("{} bytes of data", bytes.len()),
    }
}

fn stun_summary(bytes: &[u8]) -> String {
    let Ok(message) = stun::Message::parse(bytes) else { return "STUN, not readable".into() };
    let method = message.method().name().unwrap_or("unknown method");
    let mut text = format!("{method} {}", message.class().name());
    if message.use_candidate() {
        text.push_str(" USE-CANDIDATE");
    }
    if let Some(error) = message.error_code() {
        text.push_str(&format!(" {}", error.code));
    }
    if let Some(mapped) = message.mapped_address() {
        text.push_str(&format!(" {mapped}"));
    }
    if let Some(stun::Value::Bytes(data)) = message.value(stun::attribute::DATA) {
        text.push_str(&format!(": {}", summary(data)));
    }
    text
}

fn signal(message: &Message) -> Value {
    match message {
        Message::Parameters { ufrag, candidates, complete, lite, .. } => {
            json!({ "type": "parameters", "ufrag": ufrag, "lite": lite, "candidates": candidates, "complete": complete })
        }
        Message::Candidate(line) => json!({ "type": "candidate", "candidate": line }),
        Message::EndOfCandidates => json!({ "type": "end-of-candidates" }),
        Message::Acknowledgement => json!({ "type": "acknowledgement" }),
    }
}
