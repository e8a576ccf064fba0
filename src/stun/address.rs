//! Transport addresses, plain and masked (RFC 8489 §14.1 and §14.2).
use super::error::ValueErrorKind;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// Most bytes an address takes as a value.
pub(crate) const MAX_LEN: usize = 20;

/// Reads `00 family port address`; `mask` is bytes 4 to 20 of the message for XOR addresses.
///
/// Whole words, not bytes: what is written byte by byte and then read as one word makes the processor wait.
#[inline]
pub(crate) fn read(value: &[u8], mask: Option<&[u8; 16]>) -> Result<SocketAddr, ValueErrorKind> {
    let Some((&[_, family, p0, p1], address)) = value.split_first_chunk::<4>() else {
        return Err(ValueErrorKind::WrongSize);
    };
    let mask = mask.map_or(0, |mask| u128::from_be_bytes(*mask));
    let port = u16::from_be_bytes([p0, p1]) ^ (mask >> 112) as u16;
    match family {
        1 => {
            let bytes = <[u8; 4]>::try_from(address).map_err(|_| ValueErrorKind::WrongSize)?;
            let ip = Ipv4Addr::from_bits(u32::from_be_bytes(bytes) ^ (mask >> 96) as u32);
            Ok(SocketAddr::V4(SocketAddrV4::new(ip, port)))
        }
        2 => {
            let bytes = <[u8; 16]>::try_from(address).map_err(|_| ValueErrorKind::WrongSize)?;
            let ip = Ipv6Addr::from_bits(u128::from_be_bytes(bytes) ^ mask);
            Ok(SocketAddr::V6(SocketAddrV6::new(ip, port, 0, 0)))
        }
        _ => Err(ValueErrorKind::UnknownFamily),
    }
}

/// Writes an address as [`read`] reads it; returns the bytes and how many of them count.
pub(crate) fn write(address: &SocketAddr, mask: Option<&[u8; 16]>) -> ([u8; MAX_LEN], usize) {
    let mut out = [0; MAX_LEN];
    let len = match address.ip() {
        IpAddr::V4(ip) => {
            out[1] = 1;
            out[4..8].copy_from_slice(&ip.octets());
            8
        }
        IpAddr::V6(ip) => {
            out[1] = 2;
            out[4..].copy_from_slice(&ip.octets());
            MAX_LEN
        }
    };
    out[2..4].copy_from_slice(&address.port().to_be_bytes());
    if let Some(mask) = mask {
        out[2] ^= mask[0];
        out[3] ^= mask[1];
        out[4..].iter_mut().take(len - 4).zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    (out, len)
}
