//! Packets of a pcap or pcapng file.

use alloc::vec::Vec;

use pcap_parser::{
    EPB_MAGIC, EnhancedPacketBlock, IDB_MAGIC, InterfaceDescriptionBlock, Linktype, SPB_MAGIC, SimplePacketBlock,
    parse_enhancedpacketblock_be, parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be,
    parse_interfacedescriptionblock_le, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header, parse_simplepacketblock_be, parse_simplepacketblock_le,
};

/// Most interfaces of a pcapng section that are told apart.
const MAX_INTERFACES: usize = 1024;
/// Nanoseconds per second.
const NANOS: u64 = 1_000_000_000;

/// The file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// libpcap, with micro- or nanoseconds.
    Pcap,
    /// pcapng.
    Pcapng,
}

impl Format {
    /// The format that the first bytes tell; `None` when the input is not a capture.
    pub fn of(input: &[u8]) -> Option<Self> {
        match input.first_chunk::<4>()? {
            [0xD4, 0xC3, 0xB2, 0xA1]
            | [0xA1, 0xB2, 0xC3, 0xD4]
            | [0x4D, 0x3C, 0xB2, 0xA1]
            | [0xA1, 0xB2, 0x3C, 0x4D]
            | [0x34, 0xCD, 0xB2, 0xA1]
            | [0xA1, 0xB2, 0xCD, 0x34] => Some(Self::Pcap),
            [0x0A, 0x0D, 0x0D, 0x0A] => Some(Self::Pcapng),
            _ => None,
        }
    }
}

/// A captured packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    /// Nanoseconds since 1970; 0 where the file gives none.
    pub(super) time: u64,
    pub(super) link: Linktype,
    /// Its bytes in the file.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The capture kept less than was sent.
    pub(super) cut: bool,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: Linktype,
    /// Units per second.
    resolution: u64,
    /// Seconds to add.
    offset: i64,
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Frames { big_endian: bool, modified: bool, nanos: bool, link: Linktype },
    Blocks { big_endian: bool },
}

/// Reads packets one after the other.
#[derive(Debug)]
pub(super) struct Reader {
    layout: Layout,
    interfaces: Vec<Interface>,
    pub(super) position: usize,
    /// Offset at which reading stopped before the end, because the rest is cut off or no record.
    pub(super) damaged: Option<usize>,
}

/// Offset of `part`, a slice of `input`, in it.
fn offset_in(input: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(input.as_ptr() as usize)
}

impl Reader {
    pub(super) fn new(input: &[u8], format: Format) -> Self {
        let blocks =
            Self { layout: Layout::Blocks { big_endian: false }, interfaces: Vec::new(), position: 0, damaged: None };
        if format == Format::Pcapng {
            return blocks;
        }
        match parse_pcap_header(input) {
            Ok((rest, header)) => {
                let layout = Layout::Frames {
                    big_endian: header.is_bigendian(),
                    modified: header.is_modified_format(),
                    nanos: header.is_nanosecond_precision(),
                    link: Linktype(header.network.0 & 0xFFFF),
                };
                Self { layout, position: offset_in(input, rest), ..blocks }
            }
            Err(_) => Self { position: input.len(), damaged: Some(0), ..blocks },
        }
    }

    /// The next packet; `None` at the end, or where the file is damaged.
    pub(super) fn next(&mut self, input: &[u8]) -> Option<Packet> {
        while self.position < input.len() {
            let rest = input.get(self.position..)?;
            let read = match self.layout {
                Layout::Frames { big_endian, modified, nanos, link } => frame(rest, big_endian, modified, nanos, link),
                Layout::Blocks { .. } => self.block(rest),
            };
            let Some((length, packet)) = read.filter(|(length, _)| *length > 0) else {
                self.damaged = Some(self.position);
                self.position = input.len();
                return None;
            };
            let base = self.position;
            self.position += length;
            if let Some(packet) = packet {
                return Some(Packet { start: base + packet.start, end: base + packet.end, ..packet });
            }
        }
        None
    }

    /// Reads one block: its length, and the packet in it. Of other blocks, only the length: reading them all would be 20 KB of wasm.
    fn block(&mut self, rest: &[u8]) -> Option<(usize, Option<Packet>)> {
        if rest.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]) {
            // Byte order and interfaces are those of the section.
            let order = rest.get(8..12)?;
            let big_endian = order == [0x1A, 0x2B, 0x3C, 0x4D];
            if !big_endian && order != [0x4D, 0x3C, 0x2B, 0x1A] {
                return None;
            }
            self.layout = Layout::Blocks { big_endian };
            self.interfaces.clear();
        }
        let Layout::Blocks { big_endian } = self.layout else { return None };
        let number = |place: usize| {
            let bytes = *rest.get(place..)?.first_chunk::<4>()?;
            Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
        };
        let total = number(4)?;
        // pcap-parser subtracts these twelve bytes, the type and both lengths, without looking.
        if total < 12 {
            return None;
        }
        let (after, packet) = match number(0)? {
            IDB_MAGIC => {
                let read =
                    if big_endian { parse_interfacedescriptionblock_be } else { parse_interfacedescriptionblock_le };
                let (after, description) = read(rest).ok()?;
                self.describe(&description);
                (after, None)
            }
            EPB_MAGIC => {
                let read = if big_endian { parse_enhancedpacketblock_be } else { parse_enhancedpacketblock_le };
                let (after, packet) = read(rest).ok()?;
                (after, self.enhanced(rest, &packet))
            }
            SPB_MAGIC => {
                let read = if big_endian { parse_simplepacketblock_be } else { parse_simplepacketblock_le };
                let (after, packet) = read(rest).ok()?;
                (after, self.simple(rest, &packet))
            }
            _ => (rest.get(usize::try_from(total).ok()?..)?, None),
        };
        Some((offset_in(rest, after), packet))
    }

    fn describe(&mut self, description: &InterfaceDescriptionBlock<'_>) {
        if self.interfaces.len() < MAX_INTERFACES {
            let resolution = description.ts_resolution().filter(|&units| units > 0).unwrap_or(1_000_000);
            let (link, offset) = (description.linktype, description.if_tsoffset);
            self.interfaces.push(Interface { link, resolution, offset });
        }
    }

    fn enhanced(&self, rest: &[u8], packet: &EnhancedPacketBlock<'_>) -> Option<Packet> {
        let interface = self.interface(packet.if_id)?;
        let time = nanoseconds(u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low), interface);
        Some(cut_to(rest, packet.data, packet.caplen, packet.origlen, time, interface.link))
    }

    fn simple(&self, rest: &[u8], packet: &SimplePacketBlock<'_>) -> Option<Packet> {
        let interface = self.interface(0)?;
        Some(cut_to(rest, packet.data, packet.origlen, packet.origlen, 0, interface.link))
    }

    fn interface(&self, id: u32) -> Option<Interface> {
        self.interfaces.get(usize::try_from(id).ok()?).copied()
    }
}

fn nanoseconds(units: u64, interface: Interface) -> u64 {
    let seconds = i128::from(units / interface.resolution) + i128::from(interface.offset);
    let fraction = i128::from(units % interface.resolution) * i128::from(NANOS) / i128::from(interface.resolution);
    u64::try_from(seconds * i128::from(NANOS) + fraction).unwrap_or(0)
}

fn cut_to(rest: &[u8], data: &[u8], captured: u32, original: u32, time: u64, link: Linktype) -> Packet {
    let start = offset_in(rest, data);
    let length = data.len().min(usize::try_from(captured).unwrap_or(usize::MAX));
    let cut = usize::try_from(original).unwrap_or(usize::MAX) > length;
    Packet { time, link, start, end: start + length, cut }
}

/// Reads one record of a pcap file.
fn frame(
    rest: &[u8],
    big_endian: bool,
    modified: bool,
    nanos: bool,
    link: Linktype,
) -> Option<(usize, Option<Packet>)> {
    let (after, record) = match (modified, big_endian) {
        (true, _) => parse_pcap_frame_modified(rest),
        (false, true) => parse_pcap_frame_be(rest),
        (false, false) => parse_pcap_frame(rest),
    }
    .ok()?;
    let fraction = u64::from(record.ts_usec).saturating_mul(if nanos { 1 } else { 1000 });
    let time = u64::from(record.ts_sec) * NANOS + fraction;
    let packet = cut_to(rest, record.data, record.caplen, record.origlen, time, link);
    Some((offset_in(rest, after), Some(packet)))
}
