//! Captures for JavaScript: `CaptureRecord` in `npm/src/scan/capture.ts`.
//!
//! Addresses are written once and named by their index; times are milliseconds since the first packet.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::SocketAddr;

use serde::Serialize;

use icelens::scan::Origin;
use icelens::scan::capture::{
    Allocation, Capture, Checks, Counts, Flow, Format, IceSession, Milestone, Oddity, Pair, Role, Sighting,
    Transaction, Unreachable,
};
use icelens::stun::Method;

/// Addresses by their index.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    index: BTreeMap<SocketAddr, u32>,
    pub(super) written: Vec<String>,
}

impl Addresses {
    fn of(&mut self, address: SocketAddr) -> u32 {
        if let Some(&index) = self.index.get(&address) {
            return index;
        }
        let index = u32::try_from(self.written.len()).unwrap_or(u32::MAX);
        self.index.insert(address, index);
        self.written.push(address.to_string());
        index
    }

    fn all(&mut self, addresses: &[SocketAddr]) -> Vec<u32> {
        addresses.iter().map(|&address| self.of(address)).collect()
    }
}

/// Milliseconds from `first` to `time`.
fn millis(first: u64, time: u64) -> f64 {
    let micros = |nanos: u64| nanos as f64 / 1e6;
    if time >= first { micros(time - first) } else { -micros(first - time) }
}

#[derive(Serialize)]
pub(super) struct FlatOrigin {
    number: u32,
    time: f64,
    from: u32,
    to: u32,
    transport: &'static str,
    relayed: bool,
}

pub(super) fn origin(origin: &Origin, first: u64, addresses: &mut Addresses) -> FlatOrigin {
    FlatOrigin {
        number: origin.packet,
        time: millis(first, origin.time),
        from: addresses.of(origin.from),
        to: addresses.of(origin.to),
        transport: origin.transport.name(),
        relayed: origin.relayed,
    }
}

#[derive(Serialize)]
struct FlatSighting {
    packet: u32,
    time: f64,
    finding: Option<usize>,
    relayed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatCheck<'a> {
    username: &'a str,
    priority: Option<u32>,
    use_candidate: bool,
    role: Option<&'static str>,
    /// 16 hexadecimal digits.
    tie_breaker: Option<String>,
}

#[derive(Serialize)]
struct FlatResponse {
    seen: FlatSighting,
    from: u32,
    success: bool,
    error: Option<u16>,
    mapped: Option<u32>,
    oddity: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatTransaction<'a> {
    method: String,
    client: u32,
    server: u32,
    transport: &'static str,
    requests: Vec<FlatSighting>,
    retransmissions: u32,
    response: Option<FlatResponse>,
    more_responses: u32,
    round_trip: Option<f64>,
    check: Option<FlatCheck<'a>>,
    oddity: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatCounts {
    packets: u32,
    bytes: u64,
    stun: u32,
    dtls: u32,
    media: u32,
    channel: u32,
    data_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatMilestone {
    time: f64,
    from_a: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatDtls {
    client_hello: Option<FlatMilestone>,
    client_hellos: u32,
    server_hello: Option<FlatMilestone>,
    encrypted_a: Option<f64>,
    encrypted_b: Option<f64>,
    alert: Option<u8>,
    established: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatFlow {
    a: u32,
    b: u32,
    transport: &'static str,
    relayed: bool,
    first: f64,
    last: f64,
    from_a: FlatCounts,
    from_b: FlatCounts,
    dtls: FlatDtls,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatChecks<'a> {
    sent: u32,
    answered: u32,
    errors: u32,
    conflicts: u32,
    retransmissions: u32,
    first: Option<f64>,
    first_answer: Option<f64>,
    fastest: Option<f64>,
    mean: Option<f64>,
    nominations: u32,
    nominated: Option<f64>,
    role: Option<&'static str>,
    transactions: &'a [usize],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatPair<'a> {
    a: u32,
    b: u32,
    transport: &'static str,
    from_a: FlatChecks<'a>,
    from_b: FlatChecks<'a>,
    flow: Option<usize>,
    relayed_flow: Option<usize>,
    data_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatSession<'a> {
    fragments: &'a [String; 2],
    roles_known: bool,
    addresses: [Vec<u32>; 2],
    pairs: &'a [usize],
    selected: Option<usize>,
    aggressive: bool,
}

#[derive(Serialize)]
struct FlatChannel {
    number: u16,
    peer: u32,
}

#[derive(Serialize)]
struct FlatPackets {
    indications: u32,
    channel: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatAllocation<'a> {
    client: u32,
    server: u32,
    transport: &'static str,
    first: f64,
    granted: Option<f64>,
    relayed: Option<u32>,
    mapped: Option<u32>,
    lifetime: Option<u32>,
    requested: Option<u8>,
    errors: &'a [u16],
    refreshes: u32,
    deleted: Option<f64>,
    permissions: Vec<u32>,
    channels: Vec<FlatChannel>,
    sent: FlatPackets,
    received: FlatPackets,
}

#[derive(Serialize)]
struct FlatUnreachable {
    packet: u32,
    time: f64,
    by: String,
    from: u32,
    to: u32,
    reason: &'static str,
    transaction: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlatCapture<'a> {
    format: &'static str,
    packets: u32,
    messages: u32,
    /// Milliseconds since 1970 of the first packet.
    start: f64,
    duration: f64,
    damaged: Option<usize>,
    skipped: FlatSkipped,
    over: FlatOver,
    unasked: u32,
    transactions: Vec<FlatTransaction<'a>>,
    flows: Vec<FlatFlow>,
    pairs: Vec<FlatPair<'a>>,
    sessions: Vec<FlatSession<'a>>,
    allocations: Vec<FlatAllocation<'a>>,
    unreachable: Vec<FlatUnreachable>,
}

#[derive(Serialize)]
struct FlatSkipped {
    other: u32,
    fragments: u32,
    short: u32,
    cut: u32,
}

#[derive(Serialize)]
struct FlatOver {
    flows: u32,
    transactions: u32,
    allocations: u32,
    unreachable: u32,
    findings: u32,
}

/// Writes times relative to the first packet and addresses by index.
struct Writer<'w> {
    first: u64,
    addresses: &'w mut Addresses,
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Controlling => "controlling",
        Role::Controlled => "controlled",
    }
}

fn method(method: Method) -> String {
    method.name().map_or_else(|| alloc::format!("{:#05x}", method.code()), ToString::to_string)
}

impl Writer<'_> {
    fn time(&self, time: u64) -> f64 {
        millis(self.first, time)
    }

    fn times(&self, time: Option<u64>) -> Option<f64> {
        time.map(|time| self.time(time))
    }

    fn sighting(&self, seen: Sighting) -> FlatSighting {
        FlatSighting { packet: seen.packet, time: self.time(seen.time), finding: seen.finding, relayed: seen.relayed }
    }

    fn transaction<'a>(&mut self, transaction: &'a Transaction) -> FlatTransaction<'a> {
        let response = transaction.response.as_ref().map(|response| FlatResponse {
            seen: self.sighting(response.seen),
            from: self.addresses.of(response.from),
            success: response.success,
            error: response.error,
            mapped: response.mapped.map(|address| self.addresses.of(address)),
            oddity: response.oddity.map(Oddity::name),
        });
        FlatTransaction {
            method: method(transaction.method),
            client: self.addresses.of(transaction.client),
            server: self.addresses.of(transaction.server),
            transport: transaction.transport.name(),
            requests: transaction.requests.iter().map(|&seen| self.sighting(seen)).collect(),
            retransmissions: transaction.retransmissions(),
            response,
            more_responses: transaction.more_responses,
            oddity: transaction.oddity.map(Oddity::name),
            round_trip: transaction.round_trip().map(|nanos| millis(0, nanos)),
            check: transaction.check.as_ref().map(|check| FlatCheck {
                username: &check.username,
                priority: check.priority,
                use_candidate: check.use_candidate,
                role: check.role.map(|(name, _)| role(name)),
                tie_breaker: check.role.map(|(_, tie_breaker)| alloc::format!("{tie_breaker:016x}")),
            }),
        }
    }

    fn flow(&mut self, flow: &Flow) -> FlatFlow {
        let counts = |counts: &Counts| FlatCounts {
            packets: counts.packets,
            bytes: counts.bytes,
            stun: counts.stun,
            dtls: counts.dtls,
            media: counts.media,
            channel: counts.channel,
            data_bytes: counts.data_bytes,
        };
        let milestone =
            |milestone: Milestone| FlatMilestone { time: self.time(milestone.time), from_a: milestone.from_a };
        let dtls = FlatDtls {
            client_hello: flow.dtls.client_hello.map(milestone),
            client_hellos: flow.dtls.client_hellos,
            server_hello: flow.dtls.server_hello.map(milestone),
            encrypted_a: self.times(flow.dtls.encrypted_a),
            encrypted_b: self.times(flow.dtls.encrypted_b),
            alert: flow.dtls.alert.map(|(_, description)| description),
            established: flow.dtls.established(),
        };
        FlatFlow {
            a: self.addresses.of(flow.path.a),
            b: self.addresses.of(flow.path.b),
            transport: flow.path.transport.name(),
            relayed: flow.relayed,
            first: self.time(flow.first),
            last: self.time(flow.last),
            from_a: counts(&flow.from_a),
            from_b: counts(&flow.from_b),
            dtls,
        }
    }

    fn checks<'a>(&self, checks: &'a Checks) -> FlatChecks<'a> {
        let mean = (checks.answered > 0).then(|| millis(0, checks.total) / f64::from(checks.answered));
        FlatChecks {
            sent: checks.sent,
            answered: checks.answered,
            errors: checks.errors,
            conflicts: checks.conflicts,
            retransmissions: checks.retransmissions,
            first: self.times(checks.first),
            first_answer: self.times(checks.first_answer),
            fastest: checks.fastest.map(|nanos| millis(0, nanos)),
            mean,
            nominations: checks.nominations,
            nominated: self.times(checks.nominated),
            role: checks.role.map(role),
            transactions: &checks.transactions,
        }
    }

    fn pair<'a>(&mut self, pair: &'a Pair) -> FlatPair<'a> {
        FlatPair {
            a: self.addresses.of(pair.path.a),
            b: self.addresses.of(pair.path.b),
            transport: pair.path.transport.name(),
            from_a: self.checks(&pair.from_a),
            from_b: self.checks(&pair.from_b),
            flow: pair.flow,
            relayed_flow: pair.relayed_flow,
            data_bytes: pair.data_bytes,
        }
    }

    fn session<'a>(&mut self, session: &'a IceSession) -> FlatSession<'a> {
        let [first, second] = &session.addresses;
        FlatSession {
            fragments: &session.fragments,
            roles_known: session.roles_known,
            addresses: [self.addresses.all(first), self.addresses.all(second)],
            pairs: &session.pairs,
            selected: session.selected,
            aggressive: session.aggressive,
        }
    }

    fn allocation<'a>(&mut self, allocation: &'a Allocation) -> FlatAllocation<'a> {
        let packets = |(indications, channel)| FlatPackets { indications, channel };
        let channels = allocation.channels.iter();
        FlatAllocation {
            client: self.addresses.of(allocation.client),
            server: self.addresses.of(allocation.server),
            transport: allocation.transport.name(),
            first: self.time(allocation.first),
            granted: self.times(allocation.granted),
            relayed: allocation.relayed.map(|address| self.addresses.of(address)),
            mapped: allocation.mapped.map(|address| self.addresses.of(address)),
            lifetime: allocation.lifetime,
            requested: allocation.requested,
            errors: &allocation.errors,
            refreshes: allocation.refreshes,
            deleted: self.times(allocation.deleted),
            permissions: self.addresses.all(&allocation.permissions),
            channels: channels
                .map(|channel| FlatChannel { number: channel.number, peer: self.addresses.of(channel.peer) })
                .collect(),
            sent: packets(allocation.sent),
            received: packets(allocation.received),
        }
    }

    fn unreachable(&mut self, message: &Unreachable) -> FlatUnreachable {
        FlatUnreachable {
            packet: message.packet,
            time: self.time(message.time),
            by: message.by.to_string(),
            from: self.addresses.of(message.from),
            to: self.addresses.of(message.to),
            reason: message.reason.name(),
            transaction: message.transaction,
        }
    }
}

pub(super) fn capture<'a>(capture: &'a Capture, addresses: &mut Addresses) -> FlatCapture<'a> {
    let mut writer = Writer { first: capture.first, addresses };
    let (skipped, over) = (capture.skipped, capture.over);
    FlatCapture {
        format: match capture.format {
            Format::Pcap => "pcap",
            Format::Pcapng => "pcapng",
        },
        packets: capture.packets,
        messages: capture.messages,
        start: millis(0, capture.first),
        duration: millis(capture.first, capture.last),
        damaged: capture.damaged,
        skipped: FlatSkipped {
            other: skipped.other,
            fragments: skipped.fragments,
            short: skipped.short,
            cut: skipped.cut,
        },
        over: FlatOver {
            flows: over.flows,
            transactions: over.transactions,
            allocations: over.allocations,
            unreachable: over.unreachable,
            findings: over.findings,
        },
        unasked: capture.unasked,
        transactions: capture.transactions.iter().map(|transaction| writer.transaction(transaction)).collect(),
        flows: capture.flows.iter().map(|flow| writer.flow(flow)).collect(),
        pairs: capture.pairs.iter().map(|pair| writer.pair(pair)).collect(),
        sessions: capture.sessions.iter().map(|session| writer.session(session)).collect(),
        allocations: capture.allocations.iter().map(|allocation| writer.allocation(allocation)).collect(),
        unreachable: capture.unreachable.iter().map(|message| writer.unreachable(message)).collect(),
    }
}
