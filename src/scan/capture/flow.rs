//! Packets and bytes between two addresses, by kind.

use super::{Dtls, Path};

/// Packets that went one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets with a payload.
    pub packets: u32,
    /// Payload bytes.
    pub bytes: u64,
    /// STUN messages.
    pub stun: u32,
    /// DTLS datagrams (RFC 7983: first byte 20 to 63).
    pub dtls: u32,
    /// RTP and RTCP packets (first byte 128 to 191).
    pub media: u32,
    /// ChannelData messages (first byte 64 to 79).
    pub channel: u32,
    /// Payload bytes of DTLS, RTP and RTCP.
    pub data_bytes: u64,
}

/// Kind of a payload by its first byte (RFC 7983 §7); STUN is told by [`crate::stun`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Stun,
    Dtls,
    Media,
    Channel,
    Other,
}

impl Kind {
    pub(super) fn of(payload: &[u8]) -> Self {
        match payload.first() {
            Some(20..=63) => Self::Dtls,
            Some(64..=79) => Self::Channel,
            Some(128..=191) => Self::Media,
            _ => Self::Other,
        }
    }
}

impl Counts {
    pub(super) fn add(&mut self, kind: Kind, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(0);
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        let count = match kind {
            Kind::Stun => &mut self.stun,
            Kind::Dtls => &mut self.dtls,
            Kind::Media => &mut self.media,
            Kind::Channel => &mut self.channel,
            Kind::Other => return,
        };
        *count = count.saturating_add(1);
        if matches!(kind, Kind::Dtls | Kind::Media) {
            self.data_bytes = self.data_bytes.saturating_add(bytes);
        }
    }
}

/// Everything between two addresses. What TURN carried is a flow of its own, between relayed address and peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Between whom.
    pub path: Path,
    /// Unwrapped from Send and Data indications or ChannelData.
    pub relayed: bool,
    /// Time of the first and the last packet.
    pub first: u64,
    /// See `first`.
    pub last: u64,
    /// From `path.a` to `path.b`.
    pub from_a: Counts,
    /// From `path.b` to `path.a`.
    pub from_b: Counts,
    /// How far DTLS came.
    pub dtls: Dtls,
}

impl Flow {
    /// Bytes of DTLS, RTP and RTCP both ways.
    pub fn data_bytes(&self) -> u64 {
        self.from_a.data_bytes.saturating_add(self.from_b.data_bytes)
    }
}

/// Whether a payload begins like SIP or RTSP.
pub(super) fn is_text(payload: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 18] = [
        b"INVITE ",
        b"SIP/2.0 ",
        b"ACK ",
        b"BYE ",
        b"CANCEL ",
        b"OPTIONS ",
        b"REGISTER ",
        b"UPDATE ",
        b"PRACK ",
        b"INFO ",
        b"MESSAGE ",
        b"NOTIFY ",
        b"SUBSCRIBE ",
        b"REFER ",
        b"PUBLISH ",
        b"DESCRIBE ",
        b"RTSP/1.0 ",
        b"ANNOUNCE ",
    ];
    BEGINNINGS.iter().any(|beginning| payload.starts_with(beginning))
}
