//! From a frame to the payload of UDP or TCP.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use pcap_parser::Linktype;

use super::Transport;

/// An IP packet without its headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// IANA's number of what it carries.
    pub(super) protocol: u8,
    /// Place in the frame of what it carries.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) fragment: Option<Fragment>,
}

/// A part of a packet (RFC 791 §3.2, RFC 8200 §4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) id: u32,
    /// Offset of its bytes in the whole packet.
    pub(super) offset: usize,
    /// It is not the last.
    pub(super) more: bool,
}

/// The payload of a datagram or segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) transport: Transport,
    /// Place of the payload in what the IP packet carries.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Sequence number, and whether the segment opens or closes the connection.
    pub(super) sequence: u32,
    pub(super) syn: bool,
    pub(super) closes: bool,
}

/// Why a frame gave no payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    /// A link type or protocol that is not read.
    Other,
    /// Headers cut off or wrong.
    Short,
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;

/// Reads the headers of a frame of that link type, up to IP's.
pub(super) fn packet(link: Linktype, frame: &[u8]) -> Result<Packet, Skip> {
    let (ethertype, network) = match link {
        Linktype::ETHERNET => behind_tags(frame, 12).ok_or(Skip::Short)?,
        Linktype::LINUX_SLL => behind_tags(frame, 14).ok_or(Skip::Short)?,
        LINUX_SLL2 => (u16_at(frame, 0).ok_or(Skip::Short)?, 20),
        Linktype::NULL | Linktype::LOOP => (0, 4),
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | RAW_BSD | RAW_OPENBSD => (0, 0),
        _ => return Err(Skip::Other),
    };
    internet(frame, network, ethertype)
}

/// Reads the headers of the IP packet at `at`; 0 stands for either version.
pub(super) fn internet(frame: &[u8], at: usize, ethertype: u16) -> Result<Packet, Skip> {
    let version = frame.get(at).ok_or(Skip::Short)? >> 4;
    match (ethertype, version) {
        (0 | IPV4, 4) => ipv4(frame, at),
        (0 | IPV6, 6) => ipv6(frame, at),
        _ => Err(Skip::Other),
    }
}

/// LINKTYPE_LINUX_SLL2 of tcpdump.org's list.
const LINUX_SLL2: Linktype = Linktype(276);
/// DLT_RAW as some systems number it.
const RAW_BSD: Linktype = Linktype(12);
const RAW_OPENBSD: Linktype = Linktype(14);

/// Follows VLAN tags (IEEE 802.1Q, 802.1ad) and PPPoE from the EtherType at `at`: the type behind, and where it begins.
fn behind_tags(frame: &[u8], mut at: usize) -> Option<(u16, usize)> {
    for _ in 0..4 {
        match u16_at(frame, at)? {
            0x8100 | 0x88A8 | 0x9100 => at += 4,
            0x8864 => {
                let kind = if u16_at(frame, at + 8)? == 0x0057 { IPV6 } else { IPV4 };
                return Some((kind, at + 10));
            }
            kind => return Some((kind, at + 2)),
        }
    }
    None
}

fn ipv4(frame: &[u8], at: usize) -> Result<Packet, Skip> {
    let packet = frame.get(at..).ok_or(Skip::Short)?;
    let &[first, _, l0, l1, i0, i1, f0, f1, _, protocol, ..] = packet.first_chunk::<20>().ok_or(Skip::Short)?;
    let header = usize::from(first & 15) * 4;
    if header < 20 {
        return Err(Skip::Short);
    }
    let address = |offset: usize| -> Option<IpAddr> {
        let bytes: [u8; 4] = *packet.get(offset..)?.first_chunk()?;
        Some(IpAddr::V4(Ipv4Addr::from(bytes)))
    };
    let (Some(from), Some(to)) = (address(12), address(16)) else { return Err(Skip::Short) };
    // Segmentation offload leaves the total length 0.
    let total = match usize::from(u16::from_be_bytes([l0, l1])) {
        0 => packet.len(),
        total => total.min(packet.len()),
    };
    let flags = u16::from_be_bytes([f0, f1]);
    let fragment = Fragment {
        id: u32::from(u16::from_be_bytes([i0, i1])),
        offset: usize::from(flags & 0x1FFF) * 8,
        more: flags & 0x2000 != 0,
    };
    let (start, end) = (at + header, at + total);
    if start > end {
        return Err(Skip::Short);
    }
    Ok(Packet { from, to, protocol, start, end, fragment: fragment.needed() })
}

impl Fragment {
    /// `None` when it is all there is.
    fn needed(self) -> Option<Self> {
        (self.more || self.offset > 0).then_some(self)
    }
}

fn ipv6(frame: &[u8], at: usize) -> Result<Packet, Skip> {
    let packet = frame.get(at..).ok_or(Skip::Short)?;
    let address = |offset: usize| -> Option<IpAddr> {
        let bytes: [u8; 16] = *packet.get(offset..)?.first_chunk()?;
        Some(IpAddr::V6(Ipv6Addr::from(bytes)))
    };
    let (Some(from), Some(to), Some(length), Some(&next)) = (address(8), address(24), u16_at(packet, 4), packet.get(6))
    else {
        return Err(Skip::Short);
    };
    let end = if length == 0 { frame.len() } else { (at + 40 + usize::from(length)).min(frame.len()) };
    let (protocol, start, fragment) = extensions(frame, next, at + 40)?;
    if start > end {
        return Err(Skip::Short);
    }
    Ok(Packet { from, to, protocol, start, end, fragment })
}

/// Follows the extension headers of IPv6 from `at`: the protocol behind them and where it begins. Stops behind a fragment
/// header unless the packet is whole all the same.
pub(super) fn extensions(data: &[u8], mut protocol: u8, mut at: usize) -> Result<(u8, usize, Option<Fragment>), Skip> {
    for _ in 0..8 {
        match protocol {
            // Hop-by-hop, routing, destination options, mobility.
            0 | 43 | 60 | 135 => {
                let &[following, length] = data.get(at..).and_then(<[u8]>::first_chunk).ok_or(Skip::Short)?;
                protocol = following;
                at += (usize::from(length) + 1) * 8;
            }
            44 => {
                let &[following, _, o0, o1, i0, i1, i2, i3] =
                    data.get(at..).and_then(<[u8]>::first_chunk).ok_or(Skip::Short)?;
                let place = u16::from_be_bytes([o0, o1]);
                let fragment = Fragment {
                    id: u32::from_be_bytes([i0, i1, i2, i3]),
                    offset: usize::from(place & 0xFFF8),
                    more: place & 1 != 0,
                };
                protocol = following;
                at += 8;
                if let Some(fragment) = fragment.needed() {
                    return Ok((protocol, at, Some(fragment)));
                }
            }
            _ => break,
        }
    }
    Ok((protocol, at, None))
}

/// Reads the header of UDP or TCP at the beginning of what an IP packet carries.
pub(super) fn segment(protocol: u8, from: IpAddr, to: IpAddr, data: &[u8]) -> Result<Segment, Skip> {
    let (Some(source), Some(destination)) = (u16_at(data, 0), u16_at(data, 2)) else { return Err(Skip::Short) };
    let base = Segment {
        from: SocketAddr::new(from, source),
        to: SocketAddr::new(to, destination),
        transport: Transport::Udp,
        start: 8,
        end: data.len(),
        sequence: 0,
        syn: false,
        closes: false,
    };
    match protocol {
        UDP => {
            let length = usize::from(u16_at(data, 4).ok_or(Skip::Short)?);
            let end = if length >= 8 { data.len().min(length) } else { data.len() };
            if base.start > end { Err(Skip::Short) } else { Ok(Segment { end, ..base }) }
        }
        TCP => {
            let &[s0, s1, s2, s3, _, _, _, _, offset, flags] =
                data.get(4..).and_then(<[u8]>::first_chunk).ok_or(Skip::Short)?;
            let start = usize::from(offset >> 4) * 4;
            if start < 20 || start > data.len() {
                return Err(Skip::Short);
            }
            Ok(Segment {
                transport: Transport::Tcp,
                start,
                sequence: u32::from_be_bytes([s0, s1, s2, s3]),
                syn: flags & 2 != 0,
                closes: flags & 5 != 0,
                ..base
            })
        }
        _ => Err(Skip::Other),
    }
}
