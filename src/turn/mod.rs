//! TURN beyond its messages (RFC 8656): the client, the server, and ChannelData.
//!
//! TURN's methods and attributes are in [`stun`](crate::stun). Neither end touches a socket: datagrams are taken with
//! `receive` and given with `poll_transmit`. Over TCP and TLS one [`Datagram`](crate::net::Datagram) is one frame of
//! the stream, which [`Deframer`](crate::net::Deframer) cuts out and which is written as it is.
mod channel_data;
pub mod client;
mod entropy;
pub mod server;

pub use channel_data::{CHANNELS, ChannelData, ChannelDataError};
pub use client::{Client, ClientConfig};
pub use server::{Server, ServerConfig};

use crate::stun::{Attribute, Builder, Class, HEADER_LEN, Message, Method, TransactionId, Value, attribute, lookup};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Seconds that an allocation lives unless a LIFETIME says otherwise (RFC 8656 §3.2).
pub const DEFAULT_LIFETIME: u32 = 600;
/// How long a permission lives (RFC 8656 §9).
pub const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// How long a channel binding lives (RFC 8656 §12).
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);

/// An address family, by the numbers of REQUESTED-ADDRESS-FAMILY (RFC 8656 §18.6).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Family {
    /// IPv4.
    V4 = 1,
    /// IPv6.
    V6 = 2,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub const fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// The family with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::V4),
            2 => Some(Self::V6),
            _ => None,
        }
    }

    /// `ipv4` or `ipv6`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }
}

/// Milliseconds, as [`Transaction`](crate::stun::transaction::Transaction) counts.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn address(attribute: Attribute<'_>) -> Option<SocketAddr> {
    match attribute.value() {
        Ok(Value::Address(address)) => Some(address),
        _ => None,
    }
}

fn number(message: &Message<'_>, code: u16) -> Option<u32> {
    match message.value(code)? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// True when an indication must be discarded: it has a required attribute that nobody knows (RFC 8489 §6.3.2).
fn has_unknown(message: &Message<'_>) -> bool {
    message.effective().any(|found| found.code() < 0x8000 && lookup(found.code()).is_none())
}

/// The first XOR-PEER-ADDRESS and the DATA of an indication.
fn relayed_data<'a>(message: &Message<'a>) -> Option<(SocketAddr, &'a [u8])> {
    let peer = address(message.get(attribute::XOR_PEER_ADDRESS)?)?;
    Some((peer, message.get(attribute::DATA)?.bytes()))
}

/// Bytes of an indication beside the data, at most: header, XOR-PEER-ADDRESS of IPv6, header and padding of DATA.
const INDICATION_OVERHEAD: usize = HEADER_LEN + 24 + 4 + 3;

/// A Send or Data indication about a peer, with one more attribute; `None` when it is too long.
fn indication(method: Method, id: TransactionId, peer: SocketAddr, code: u16, value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = alloc::vec![0; INDICATION_OVERHEAD + value.len()];
    let mut message = Builder::new(&mut bytes, Class::Indication, method, id).ok()?;
    message.address_as(attribute::XOR_PEER_ADDRESS, peer, true).ok()?;
    let len = message.raw(code, value).ok()?.as_bytes().len();
    bytes.truncate(len);
    Some(bytes)
}
