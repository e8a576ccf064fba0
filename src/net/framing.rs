//! Messages out of a byte stream: RFC 4571 (ICE-TCP, RFC 6544) and STUN with ChannelData (TURN over TCP, RFC 8656
//! §3.4), and what a datagram is when protocols share a port (RFC 7983).
use alloc::vec::Vec;
use core::fmt;

/// How frames follow one another in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each frame after its length in two bytes (RFC 4571 §2). Any protocol; a frame may be empty.
    Rfc4571,
    /// STUN messages and padded ChannelData, which tell their own length (RFC 8489 §6.2.2, RFC 8656 §12.5).
    Stun,
}

/// Bytes of a stream that belong to no frame. A stream cannot be read on after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramingError {
    /// Offset in bytes from the start of the stream.
    pub offset: u64,
    /// The first byte of what should have been a frame.
    pub found: u8,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, found } = self;
        write!(f, "byte {offset} of the stream: {found:#04x} begins neither a STUN message nor ChannelData")
    }
}

impl core::error::Error for FramingError {}

/// The longest frame: a ChannelData message of 65 535 bytes, padded.
const MAX_FRAME: usize = 4 + 65_536;

/// Cuts a stream into frames, however it arrives. Holds one frame and what arrived with its end, never more than
/// twice the longest frame.
///
/// ```
/// use icelens::net::{Deframer, Framing};
/// let mut deframer = Deframer::new(Framing::Rfc4571);
/// let mut frames = Vec::new();
/// for byte in [0, 2, b'h', b'i', 0, 0, 0, 1, b'!'] {
///     deframer.push(&[byte]);
///     while let Some(frame) = deframer.next_frame()? {
///         frames.push(frame.to_vec());
///     }
/// }
/// assert_eq!(frames, [&b"hi"[..], b"", b"!"]);
/// # Ok::<(), icelens::net::FramingError>(())
/// ```
#[derive(Debug)]
pub struct Deframer {
    framing: Framing,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were given out.
    used: usize,
    /// Bytes of the stream before the buffer.
    before: u64,
}

impl Deframer {
    /// An empty stream.
    pub const fn new(framing: Framing) -> Self {
        Self { framing, buffer: Vec::new(), used: 0, before: 0 }
    }

    /// Takes bytes of the stream and returns how many: fewer than all when whole frames are waiting for
    /// [`Self::next_frame`].
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.buffer.drain(..self.used);
        self.before += self.used as u64;
        self.used = 0;
        let room = (2 * MAX_FRAME).saturating_sub(self.buffer.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        taken.len()
    }

    /// The next whole frame, without the two bytes of RFC 4571; `None` until more arrives.
    ///
    /// # Errors
    ///
    /// [`FramingError`] where the stream has something else; it stays there.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FramingError> {
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        let Some((skip, len)) = self.frame(rest)? else { return Ok(None) };
        let Some(frame) = rest.get(skip..skip + len) else { return Ok(None) };
        self.used += skip + len;
        Ok(Some(frame))
    }

    /// Bytes before the frame, and of the frame; `None` while too little is there to tell.
    fn frame(&self, rest: &[u8]) -> Result<Option<(usize, usize)>, FramingError> {
        let length = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        Ok(match (self.framing, rest) {
            (Framing::Rfc4571, [high, low, ..]) => Some((2, length(*high, *low))),
            (Framing::Stun, [0..=0x3f, _, high, low, ..]) => Some((0, 20 + length(*high, *low))),
            (Framing::Stun, [0x40..=0x4f, _, high, low, ..]) => Some((0, 4 + length(*high, *low).next_multiple_of(4))),
            (Framing::Stun, [found @ 0x50..=0xff, ..]) => {
                return Err(FramingError { offset: self.before + self.used as u64, found: *found });
            }
            _ => None,
        })
    }
}

/// Writes `frame` after its length (RFC 4571 §2) and returns how many bytes that takes; `None` when it does not fit
/// `out` or has more than 65 535 bytes.
pub fn write_rfc4571(frame: &[u8], out: &mut [u8]) -> Option<usize> {
    let length = u16::try_from(frame.len()).ok()?.to_be_bytes();
    let out = out.get_mut(..2 + frame.len())?;
    let (head, body) = out.split_at_mut(2);
    head.copy_from_slice(&length);
    body.copy_from_slice(frame);
    Some(2 + frame.len())
}

/// Protocol of a datagram by its first byte, where several share a port (RFC 7983 §7, and RFC 5761 §4 for RTCP).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// 0 to 3.
    Stun,
    /// 16 to 19.
    Zrtp,
    /// 20 to 63.
    Dtls,
    /// 64 to 79.
    ChannelData,
    /// 128 to 191, and the second byte is not that of RTCP.
    Rtp,
    /// 128 to 191, and the second byte is 192 to 223.
    Rtcp,
    /// Anything else, and an empty datagram.
    Unknown,
}

impl Payload {
    /// Looks at the first two bytes. Whether the rest is right is for the protocol's own parser to say.
    pub const fn of(datagram: &[u8]) -> Self {
        match datagram {
            [0..=3, ..] => Self::Stun,
            [16..=19, ..] => Self::Zrtp,
            [20..=63, ..] => Self::Dtls,
            [64..=79, ..] => Self::ChannelData,
            [128..=191, 192..=223, ..] => Self::Rtcp,
            [128..=191, ..] => Self::Rtp,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{Builder, Class, Method, TransactionId, attribute};

    #[test]
    fn stun_and_channel_data_in_pieces_of_every_size() {
        let mut buffer = [0; 64];
        let id = TransactionId::new([1; 12]);
        let mut message = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        message.raw(attribute::DATA, b"abcde").unwrap();
        let message = message.finish();
        let channel = [0x40, 0, 0, 1, 9, 0, 0, 0];
        let stream: Vec<u8> = [message, &channel, &channel, message].concat();
        for size in 1..=stream.len() {
            let mut deframer = Deframer::new(Framing::Stun);
            let mut frames = Vec::new();
            for piece in stream.chunks(size) {
                assert_eq!(deframer.push(piece), piece.len());
                while let Some(frame) = deframer.next_frame().unwrap() {
                    frames.push(frame.to_vec());
                }
            }
            assert_eq!(frames, [message, &channel, &channel, message]);
        }
    }

    #[test]
    fn a_stream_of_something_else_is_refused_where_it_begins() {
        let mut deframer = Deframer::new(Framing::Stun);
        deframer.push(&[0x40, 0, 0, 0]);
        assert!(deframer.next_frame().unwrap().is_some());
        deframer.push(b"POST /");
        deframer.next_frame().unwrap_err();
        let mut tls = Deframer::new(Framing::Stun);
        tls.push(&[0x40, 0, 0, 0, 0x80, 1]);
        assert!(tls.next_frame().unwrap().is_some());
        assert_eq!(tls.next_frame(), Err(FramingError { offset: 4, found: 0x80 }));
        assert_eq!(tls.next_frame(), Err(FramingError { offset: 4, found: 0x80 }));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut deframer = Deframer::new(Framing::Rfc4571);
        let mut taken = 0;
        for _ in 0..100 {
            taken += deframer.push(&[0; 65536]);
        }
        assert_eq!(taken, 2 * MAX_FRAME);
        while deframer.next_frame().unwrap().is_some() {}
        assert_eq!(deframer.push(&[0; 65536]), 65536);
    }

    #[test]
    fn rfc4571_round_trip() {
        let mut out = [0; 70_000];
        assert_eq!(write_rfc4571(b"hello", &mut out), Some(7));
        assert_eq!(&out[..7], b"\0\x05hello");
        assert_eq!(write_rfc4571(&[0; 65_536], &mut out), None);
        assert_eq!(write_rfc4571(b"hello", &mut [0; 6]), None);
    }

    #[test]
    fn first_bytes() {
        let expected = |byte: u8| match byte {
            0..=3 => Payload::Stun,
            16..=19 => Payload::Zrtp,
            20..=63 => Payload::Dtls,
            64..=79 => Payload::ChannelData,
            128..=191 => Payload::Rtp,
            _ => Payload::Unknown,
        };
        for byte in 0..=255 {
            assert_eq!(Payload::of(&[byte, 0]), expected(byte));
        }
        assert_eq!(Payload::of(&[0x80, 200]), Payload::Rtcp);
        assert_eq!(Payload::of(&[]), Payload::Unknown);
    }
}
