//! Addresses rewritten: of other kinds than address and port, and inside payloads.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// 64:ff9b::/96 (RFC 6052).
const NAT64: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// The IPv4 address in a NAT64 address.
pub(super) fn from_nat64(address: SocketAddr) -> Option<SocketAddr> {
    let IpAddr::V6(ip) = address.ip() else { return None };
    let segments = ip.segments();
    let [.., high, low] = segments;
    segments.starts_with(&NAT64).then(|| {
        let bits = (u32::from(high) << 16) | u32::from(low);
        SocketAddr::new(Ipv4Addr::from_bits(bits).into(), address.port())
    })
}

/// An IPv4 address as a NAT64 address.
pub(super) fn to_nat64(address: SocketAddr) -> SocketAddr {
    let IpAddr::V4(ip) = address.ip() else { return address };
    let bits = (u128::from(0x0064_ff9b_u32) << 96) | u128::from(ip.to_bits());
    SocketAddr::new(Ipv6Addr::from_bits(bits).into(), address.port())
}

/// The first 64 bits of `prefix` before the last 64 bits of `ip`.
pub(super) fn with_prefix(ip: IpAddr, prefix: IpAddr) -> Option<IpAddr> {
    let (IpAddr::V6(ip), IpAddr::V6(prefix)) = (ip, prefix) else { return None };
    let low = u128::from(u64::MAX);
    Some(Ipv6Addr::from_bits((prefix.to_bits() & !low) | (ip.to_bits() & low)).into())
}

/// Replaces an address inside a payload, as an ALG does: as port and IPv4 address in binary, and as text.
pub(super) fn payload(bytes: &mut Vec<u8>, from: SocketAddr, to: SocketAddr) {
    if let (Some(from), Some(to)) = (binary(from), binary(to)) {
        replace(bytes, &from, &to);
    }
    if bytes.is_ascii() {
        replace(bytes, from.to_string().as_bytes(), to.to_string().as_bytes());
    }
}

fn binary(address: SocketAddr) -> Option<Vec<u8>> {
    let IpAddr::V4(ip) = address.ip() else { return None };
    Some([&address.port().to_be_bytes()[..], &ip.octets()[..]].concat())
}

fn replace(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    let mut found = false;
    while let Some((&first, others)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
            found = true;
        } else {
            out.push(first);
            rest = others;
        }
    }
    if found {
        *bytes = out;
    }
}

/// At least a DNS header with one question, no answer, and a standard query.
pub(super) fn looks_like_dns(bytes: &[u8]) -> bool {
    bytes.len() > 12 && matches!(bytes, [_, _, flags, _, 0, 1, 0, 0, ..] if flags & 0xf8 == 0)
}
