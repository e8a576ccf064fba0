//! The walk over a capture.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use super::flow::{Kind, is_text};
use super::fragments::Fragments;
use super::lenient::{self, Oddity, is_credible};
use super::reader::{Packet, Reader};
use super::tcp::Stream;
use super::transaction::{Seen, Sighting, Transactions};
use super::turn::{Asked, Inner, Relays};
use super::{
    Capture, Counts, Dtls, Flow, Format, MAX_FLOWS, MAX_UNREACHABLE, Over, Path, Skipped, Transport, Unreachable, ice,
    icmp, layers,
};
use crate::scan::text::TextScanner;
use crate::scan::{Finding, Found, MAX_FINDINGS, Notation, Origin, StunBytes};
use crate::stun::{Class, Message};

/// Most connections whose bytes are put in order at a time.
const MAX_STREAMS: usize = 1024;
/// How deep TURN inside TURN is followed.
const MAX_DEPTH: u8 = 2;

/// A scan of a capture in steps.
#[derive(Debug)]
pub(in crate::scan) struct CaptureScanner {
    format: Format,
    reader: Reader,
    packets: u32,
    messages: u32,
    first: Option<u64>,
    last: u64,
    skipped: Skipped,
    over: Over,
    findings: Vec<Finding>,
    flows: Vec<Flow>,
    by_path: BTreeMap<(Path, bool), usize>,
    fragments: Fragments,
    streams: BTreeMap<(SocketAddr, SocketAddr), Stream>,
    unreachable: Vec<Unreachable>,
    transactions: Transactions,
    asked: BTreeMap<usize, Asked>,
    relays: Relays,
}

/// A payload and where it came from.
#[derive(Clone, Copy)]
struct Payload<'a> {
    from: SocketAddr,
    to: SocketAddr,
    transport: Transport,
    bytes: &'a [u8],
    /// Offset of `bytes` in the file; `None` when they were put together from segments.
    place: Option<usize>,
    /// The datagram or segment it came in, in the file.
    segment: (usize, usize),
    packet: u32,
    time: u64,
    depth: u8,
}

impl Payload<'_> {
    fn origin(&self) -> Origin {
        Origin {
            packet: self.packet,
            time: self.time,
            from: self.from,
            to: self.to,
            transport: self.transport,
            relayed: self.depth > 0,
        }
    }
}

impl CaptureScanner {
    pub(in crate::scan) fn new(input: &[u8], format: Format) -> Self {
        Self {
            format,
            reader: Reader::new(input, format),
            packets: 0,
            messages: 0,
            first: None,
            last: 0,
            skipped: Skipped::default(),
            over: Over::default(),
            findings: Vec::new(),
            flows: Vec::new(),
            by_path: BTreeMap::new(),
            fragments: Fragments::default(),
            streams: BTreeMap::new(),
            unreachable: Vec::new(),
            transactions: Transactions::default(),
            asked: BTreeMap::new(),
            relays: Relays::default(),
        }
    }

    pub(in crate::scan) fn position(&self) -> usize {
        self.reader.position
    }

    pub(in crate::scan) fn step(&mut self, input: &[u8], budget: usize) -> bool {
        let stop = self.reader.position.saturating_add(budget).min(input.len());
        while self.reader.position < stop {
            let Some(packet) = self.reader.next(input) else { return true };
            self.packets = self.packets.saturating_add(1);
            self.packet(input, packet);
        }
        self.reader.position >= input.len()
    }

    pub(in crate::scan) fn finish(self) -> (Vec<Finding>, Capture) {
        let transactions = self.transactions.list;
        let pairs = ice::pairs(&transactions, &self.flows);
        let sessions = ice::sessions(&transactions, &pairs);
        let over = Over { transactions: self.transactions.over, allocations: self.relays.over, ..self.over };
        let capture = Capture {
            format: self.format,
            packets: self.packets,
            messages: self.messages,
            first: self.first.unwrap_or(0),
            last: self.last,
            damaged: self.reader.damaged,
            skipped: Skipped { fragments: self.fragments.loose, ..self.skipped },
            over,
            unasked: self.transactions.unasked,
            transactions,
            flows: self.flows,
            pairs,
            sessions,
            allocations: self.relays.list,
            unreachable: self.unreachable,
        };
        (self.findings, capture)
    }

    fn packet(&mut self, input: &[u8], packet: Packet) {
        self.first.get_or_insert(packet.time);
        self.last = self.last.max(packet.time);
        let Some(frame) = input.get(packet.start..packet.end) else { return };
        if let Err(reason) = self.internet(frame, packet) {
            let count = match reason {
                layers::Skip::Other => &mut self.skipped.other,
                layers::Skip::Short => &mut self.skipped.short,
            };
            *count = count.saturating_add(1);
        }
    }

    /// Takes an IP packet, or puts it aside until the rest of its fragments come.
    fn internet(&mut self, frame: &[u8], packet: Packet) -> Result<(), layers::Skip> {
        let header = layers::packet(packet.link, frame)?;
        let data = frame.get(header.start..header.end).unwrap_or(&[]);
        let place = packet.start + header.start;
        let Some(fragment) = header.fragment else {
            return self.transport(&header, data, (place, place + data.len()), true, packet);
        };
        let Some(whole) = self.fragments.take(&header, fragment, data, packet.time) else { return Ok(()) };
        // The headers before the first fragment of IPv6 were seen; more may follow in the part that was cut.
        let (protocol, start, _) = match header.to {
            IpAddr::V6(_) => layers::extensions(&whole, header.protocol, 0)?,
            IpAddr::V4(_) => (header.protocol, 0, None),
        };
        let header = layers::Packet { protocol, ..header };
        let data = whole.get(start..).unwrap_or(&[]);
        self.transport(&header, data, (place, place + (header.end - header.start)), false, packet)
    }

    /// Takes what an IP packet carries. `span` is where it, or its last fragment, lies in the file; `whole`: it is all there.
    fn transport(
        &mut self,
        header: &layers::Packet,
        data: &[u8],
        span: (usize, usize),
        whole: bool,
        packet: Packet,
    ) -> Result<(), layers::Skip> {
        if let Some(quote) = icmp::quote(header, data) {
            self.undelivered(&quote, header.from, packet.time);
            return Ok(());
        }
        let segment = layers::segment(header.protocol, header.from, header.to, data)?;
        self.skipped.cut = self.skipped.cut.saturating_add(u32::from(packet.cut));
        let bytes = data.get(segment.start..segment.end).unwrap_or(&[]);
        let payload = Payload {
            from: segment.from,
            to: segment.to,
            transport: segment.transport,
            bytes,
            place: whole.then_some(span.0 + segment.start),
            segment: if whole { (span.0 + segment.start, span.0 + segment.end) } else { span },
            packet: self.packets,
            time: packet.time,
            depth: 0,
        };
        match segment.transport {
            Transport::Udp => self.payload(payload),
            Transport::Tcp => self.segment(payload, &segment),
        }
        Ok(())
    }

    /// Keeps what ICMP says of a request in the capture.
    fn undelivered(&mut self, quote: &icmp::Quote<'_>, by: IpAddr, time: u64) {
        let Some(transaction) = self.transactions.quoted(quote.from, quote.to, quote.payload) else { return };
        if self.unreachable.len() >= MAX_UNREACHABLE {
            self.over.unreachable = self.over.unreachable.saturating_add(1);
            return;
        }
        let icmp::Quote { reason, from, to, .. } = *quote;
        self.unreachable.push(Unreachable { packet: self.packets, time, by, from, to, reason, transaction });
    }

    fn segment(&mut self, payload: Payload<'_>, segment: &layers::Segment) {
        let key = (payload.from, payload.to);
        if !self.streams.contains_key(&key) {
            if payload.bytes.is_empty() && !segment.syn || self.streams.len() >= MAX_STREAMS {
                return;
            }
            self.streams.insert(key, Stream::new());
        }
        let messages = match self.streams.get_mut(&key) {
            Some(stream) => stream.take(segment.sequence, segment.syn, payload.bytes),
            None => Vec::new(),
        };
        if segment.closes {
            self.streams.remove(&key);
        }
        for (message, offset) in &messages {
            let place = offset.and_then(|offset| Some(payload.place? + offset));
            self.payload(Payload { bytes: message, place, ..payload });
        }
    }

    /// Takes a datagram, or a packet unwrapped from TURN.
    fn payload(&mut self, payload: Payload<'_>) {
        if payload.bytes.is_empty() {
            return;
        }
        let message = Message::parse(payload.bytes).ok().filter(is_credible);
        if message.is_none()
            && let Some((copy, oddity)) = lenient::repaired(payload.bytes)
            && let Ok(message) = Message::parse(&copy)
        {
            self.count(&payload, Kind::Stun);
            self.message(message, Payload { place: None, ..payload }, Some(oddity));
            return;
        }
        // SIP's capital letters are in the range of ChannelData.
        let text = message.is_none() && is_text(payload.bytes);
        let kind = match message {
            Some(_) => Kind::Stun,
            None if text => Kind::Other,
            None => Kind::of(payload.bytes),
        };
        self.count(&payload, kind);
        match (message, kind) {
            (Some(message), _) => self.message(message, payload, None),
            (None, Kind::Channel) => {
                let unwrapped = self.relays.channel_data(payload.from, payload.to, payload.transport, payload.bytes);
                if let Some(inner) = unwrapped {
                    self.unwrap(inner, payload);
                }
            }
            (None, Kind::Other) if text => self.text(payload),
            _ => {}
        }
    }

    fn unwrap(&mut self, inner: Inner<'_>, outer: Payload<'_>) {
        if outer.depth >= MAX_DEPTH {
            return;
        }
        let offset = (inner.payload.as_ptr() as usize).saturating_sub(outer.bytes.as_ptr() as usize);
        self.payload(Payload {
            from: inner.from,
            to: inner.to,
            transport: Transport::Udp,
            bytes: inner.payload,
            place: outer.place.map(|place| place + offset),
            depth: outer.depth + 1,
            ..outer
        });
    }

    /// Takes a message; of an odd one `message` is a copy that was put right.
    fn message(&mut self, message: Message<'_>, payload: Payload<'_>, oddity: Option<Oddity>) {
        let relayed = payload.depth > 0;
        if !relayed {
            self.messages = self.messages.saturating_add(1);
        }
        let finding = self.find(&payload);
        let at = Sighting { packet: payload.packet, time: payload.time, finding, relayed };
        let seen = Seen { message, from: payload.from, to: payload.to, transport: payload.transport, at, oddity };
        if message.class() == Class::Indication {
            if let Some(inner) = self.relays.indication(&seen) {
                let place = payload.place.filter(|_| oddity.is_none());
                self.unwrap(inner, Payload { place, ..payload });
            }
            return;
        }
        let index = self.transactions.take(&seen);
        if let (Some(index), Some(asked)) = (index, Asked::of(&message)) {
            self.asked.insert(index, asked);
        }
        let asked = index.and_then(|index| Some((self.transactions.list.get(index)?, self.asked.get(&index)?)));
        self.relays.take(&seen, asked);
    }

    fn count(&mut self, payload: &Payload<'_>, kind: Kind) {
        let path = Path::new(payload.from, payload.to, payload.transport);
        let key = (path, payload.depth > 0);
        let index = match self.by_path.get(&key) {
            Some(&index) => index,
            None if self.flows.len() >= MAX_FLOWS => {
                self.over.flows = self.over.flows.saturating_add(1);
                return;
            }
            None => {
                self.by_path.insert(key, self.flows.len());
                self.flows.push(Flow {
                    path,
                    relayed: payload.depth > 0,
                    first: payload.time,
                    last: payload.time,
                    from_a: Counts::default(),
                    from_b: Counts::default(),
                    dtls: Dtls::default(),
                });
                self.flows.len() - 1
            }
        };
        let Some(flow) = self.flows.get_mut(index) else { return };
        flow.last = flow.last.max(payload.time);
        let from_a = payload.from == path.a;
        let counts = if from_a { &mut flow.from_a } else { &mut flow.from_b };
        counts.add(kind, payload.bytes.len());
        if kind == Kind::Dtls {
            flow.dtls.read(payload.bytes, payload.time, from_a);
        }
    }

    /// Makes the message one of the findings.
    fn find(&mut self, payload: &Payload<'_>) -> Option<usize> {
        if self.findings.len() >= MAX_FINDINGS {
            self.over.findings = self.over.findings.saturating_add(1);
            return None;
        }
        let (start, end, bytes) = match payload.place {
            Some(place) => (place, place + payload.bytes.len(), None),
            None => (payload.segment.0, payload.segment.1, Some(payload.bytes.to_vec())),
        };
        let found = Found::Stun(StunBytes { bytes, notation: Notation::Binary });
        self.findings.push(Finding { found, start, end, side: None, line: 0, packet: Some(payload.origin()) });
        Some(self.findings.len() - 1)
    }

    /// Scans a payload that is text: SIP and RTSP with their descriptions.
    fn text(&mut self, payload: Payload<'_>) {
        let mut scanner = TextScanner::new(payload.bytes);
        while !scanner.step(payload.bytes, usize::MAX) {}
        let before = self.findings.len();
        for mut finding in scanner.finish(payload.bytes).0 {
            if self.findings.len() >= MAX_FINDINGS {
                self.over.findings = self.over.findings.saturating_add(1);
                return;
            }
            match payload.place {
                Some(place) => finding.shift(place, before),
                None => finding.detach(payload.bytes, payload.segment, before),
            }
            finding.packet = Some(payload.origin());
            self.findings.push(finding);
        }
    }
}
