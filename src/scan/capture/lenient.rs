//! Messages that are not as RFC 8489 asks, read as far as they go: of dialects that do not pad, cut off, or damaged.

use alloc::vec::Vec;

use crate::stun::{Dialect, Message, Method};

const HEADER: usize = 20;
/// The magic cookie (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// The first attribute of Microsoft's TURN, [MS-TURN] 2.2.2.1: MAGIC-COOKIE.
const MICROSOFT: [u8; 8] = [0x00, 0x0F, 0x00, 0x04, 0x72, 0xC6, 0x4B, 0xC6];

/// Oddity of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// Values are not padded to four bytes, and the length field counts so.
    Unaligned,
    /// An attribute or the length field goes past the end; what comes before was read.
    Malformed,
    /// An answer by its transaction id, whose type is not a response.
    Foreign,
}

impl Oddity {
    /// As in the package.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unaligned => "unaligned",
            Self::Malformed => "malformed",
            Self::Foreign => "foreign",
        }
    }
}

/// Classic messages have no cookie: only what RFC 3489 or Microsoft's TURN knows is taken for one.
pub(super) fn is_credible(message: &Message<'_>) -> bool {
    message.dialect() == Dialect::Rfc8489
        || matches!(message.method(), Method::BINDING | Method::SHARED_SECRET)
        || is_microsoft(message.as_bytes())
}

fn is_microsoft(bytes: &[u8]) -> bool {
    bytes.get(HEADER..HEADER + 8) == Some(&MICROSOFT)
}

/// A message whose form is wrong, with its attributes padded and those behind a fault left out. `None` when the bytes are no
/// message at all.
pub(super) fn repaired(bytes: &[u8]) -> Option<(Vec<u8>, Oddity)> {
    let (header, body) = bytes.split_first_chunk::<HEADER>()?;
    let known = header.get(4..8) == Some(&COOKIE) || is_microsoft(bytes);
    if header.first().is_none_or(|first| *first >= 0x40) || !known {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let unpadded = length % 4 != 0;
    let mut rest = body.get(..length.min(body.len())).unwrap_or(&[]);
    let mut out = header.to_vec();
    let mut oddity = if unpadded { Oddity::Unaligned } else { Oddity::Malformed };
    while !rest.is_empty() {
        let Some((&[t0, t1, l0, l1], after)) = rest.split_first_chunk::<4>() else {
            oddity = Oddity::Malformed;
            break;
        };
        let size = usize::from(u16::from_be_bytes([l0, l1]));
        let Some(value) = after.get(..size) else {
            oddity = Oddity::Malformed;
            break;
        };
        out.extend([t0, t1, l0, l1]);
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
        let step = if unpadded { size } else { size.next_multiple_of(4) };
        rest = after.get(step..).unwrap_or(&[]);
    }
    let length = u16::try_from(out.len().checked_sub(HEADER)?).ok()?.to_be_bytes();
    out.get_mut(2..4)?.copy_from_slice(&length);
    Some((out, oddity))
}
