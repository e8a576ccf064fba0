//! The trace as a pcapng file that Wireshark opens: an interface for each host and NAT, IP and UDP headers put before
//! the payloads, and the NAT's reason as the packet's comment (draft-ietf-opsawg-pcapng).

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::BTreeMap;

use super::simulation::{Simulation, What};
use super::world::Trace;
use super::{Packet, Protocol};

/// Packets begin with the IP header.
const LINKTYPE_RAW: u16 = 101;
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const OPTION_COMMENT: u16 = 1;
const OPTION_NAME: u16 = 2;
const OPTION_RESOLUTION: u16 = 9;
const UDP: u8 = 17;
const TCP: u8 = 6;

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    interfaces: BTreeMap<String, u32>,
}

impl Simulation {
    /// The trace as pcapng.
    #[must_use]
    pub fn to_pcapng(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.block(SECTION_HEADER, &[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
        for entry in self.trace() {
            let What::Packet(trace) = &entry.what else { continue };
            match trace {
                Trace::Sent { host, packet, .. } => writer.packet(self.host_name(*host), entry.time, packet, ""),
                Trace::Received { host, packet, .. } => writer.packet(self.host_name(*host), entry.time, packet, ""),
                Trace::Nat { nat, decision, packet } => {
                    let name = format!("NAT of {}", self.network_name(*nat));
                    let mut packet = packet.clone();
                    if let Some((source, destination)) = decision.after {
                        (packet.source, packet.destination) = (source, destination);
                    }
                    writer.packet(&name, entry.time, &packet, &decision.reason.to_string());
                }
                Trace::Lost { .. } | Trace::NoRoute { .. } => {}
            }
        }
        writer.out
    }
}

impl Writer {
    fn block(&mut self, kind: u32, body: &[u8]) {
        let padded = body.len().next_multiple_of(4);
        let total = u32::try_from(padded + 12).unwrap_or(u32::MAX).to_le_bytes();
        self.out.extend(kind.to_le_bytes());
        self.out.extend(total);
        self.out.extend(body);
        self.out.resize(self.out.len() + padded - body.len(), 0);
        self.out.extend(total);
    }

    fn interface(&mut self, name: &str) -> u32 {
        if let Some(id) = self.interfaces.get(name) {
            return *id;
        }
        let id = self.interfaces.len() as u32;
        self.interfaces.insert(name.into(), id);
        let mut body = Vec::from(LINKTYPE_RAW.to_le_bytes());
        body.extend([0; 6]); // reserved, and no limit to the length
        option(&mut body, OPTION_NAME, name.as_bytes());
        option(&mut body, OPTION_RESOLUTION, &[9]); // nanoseconds
        body.extend([0; 4]);
        self.block(INTERFACE, &body);
        id
    }

    fn packet(&mut self, interface: &str, time: Duration, packet: &Packet, comment: &str) {
        let Some(bytes) = ip_packet(packet) else { return };
        let interface = self.interface(interface);
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut body = Vec::from(interface.to_le_bytes());
        body.extend(((nanoseconds >> 32) as u32).to_le_bytes());
        body.extend((nanoseconds as u32).to_le_bytes());
        body.extend(length);
        body.extend(length);
        body.extend(&bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        if !comment.is_empty() {
            option(&mut body, OPTION_COMMENT, comment.as_bytes());
            body.extend([0; 4]);
        }
        self.block(ENHANCED_PACKET, &body);
    }
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(value.iter().take(usize::from(length)));
    body.resize(body.len().next_multiple_of(4), 0);
}

/// The packet with IP and transport headers; `None` for what mixes families or is too long.
fn ip_packet(packet: &Packet) -> Option<Vec<u8>> {
    let (protocol, payload) = match packet.protocol {
        Protocol::Udp => (UDP, udp(packet)?),
        Protocol::Tcp { opens, ends } => (TCP, tcp(packet, opens, ends)),
        Protocol::IcmpUnreachable => return None,
    };
    let length = u16::try_from(payload.len()).ok()?;
    match (packet.source.ip(), packet.destination.ip()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let total = length.checked_add(20)?;
            let id = (packet.id as u16).to_be_bytes();
            let [t0, t1] = total.to_be_bytes();
            let mut header = Vec::from([0x45, 0, t0, t1, id[0], id[1], 0, 0, 64, protocol, 0, 0]);
            header.extend(source.octets());
            header.extend(destination.octets());
            let [c0, c1] = checksum(&header).to_be_bytes();
            header.splice(10..12, [c0, c1]);
            header.extend(payload);
            Some(header)
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let [l0, l1] = length.to_be_bytes();
            let mut header = Vec::from([0x60, 0, 0, 0, l0, l1, protocol, 64]);
            header.extend(source.octets());
            header.extend(destination.octets());
            header.extend(payload);
            Some(header)
        }
        _ => None,
    }
}

fn udp(packet: &Packet) -> Option<Vec<u8>> {
    let length = u16::try_from(packet.bytes.len() + 8).ok()?;
    let mut out = Vec::from(packet.source.port().to_be_bytes());
    out.extend(packet.destination.port().to_be_bytes());
    out.extend(length.to_be_bytes());
    out.extend([0, 0]);
    out.extend(&packet.bytes);
    // A sum of zero is written as all ones; zero would mean that there is none (RFC 768).
    let sum = match checksum(&[&pseudo_header(packet.source, packet.destination, UDP, length)[..], &out].concat()) {
        0 => 0xffff,
        sum => sum,
    };
    out.splice(6..8, sum.to_be_bytes());
    Some(out)
}

fn tcp(packet: &Packet, opens: bool, ends: bool) -> Vec<u8> {
    let mut out = Vec::from(packet.source.port().to_be_bytes());
    out.extend(packet.destination.port().to_be_bytes());
    out.extend([0; 8]); // the simulation numbers no bytes
    out.extend([0x50, u8::from(opens) << 1 | u8::from(ends), 0xff, 0xff, 0, 0, 0, 0]);
    out.extend(&packet.bytes);
    let length = u16::try_from(out.len()).unwrap_or(u16::MAX);
    let sum = checksum(&[&pseudo_header(packet.source, packet.destination, TCP, length)[..], &out].concat());
    out.splice(16..18, sum.to_be_bytes());
    out
}

fn pseudo_header(source: SocketAddr, destination: SocketAddr, protocol: u8, length: u16) -> Vec<u8> {
    let mut out = Vec::new();
    for ip in [source.ip(), destination.ip()] {
        match ip {
            IpAddr::V4(ip) => out.extend(ip.octets()),
            IpAddr::V6(ip) => out.extend(ip.octets()),
        }
    }
    out.extend([0, protocol]);
    out.extend(length.to_be_bytes());
    out
}

/// The checksum of IP, UDP and TCP (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair.first().copied().unwrap_or(0)) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum = words.fold(0_u32, |sum, word| sum.wrapping_add(word));
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
