//! The 20-byte header: class, method, length, transaction id (RFC 8489 §5, RFC 3489 §11.1).
use core::fmt;

/// Bytes of the header of every message.
pub const HEADER_LEN: usize = 20;
/// The magic cookie of RFC 8489 §5; a message without it is in the classic dialect.
pub const MAGIC_COOKIE: u32 = 0x2112_a442;
const COOKIE_BYTES: [u8; 4] = MAGIC_COOKIE.to_be_bytes();

/// Message class (RFC 8489 §5). The discriminants are the two class bits, C1 C0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Asks for a response.
    Request = 0,
    /// Asks for none.
    Indication = 1,
    /// A success response.
    Success = 2,
    /// An error response.
    Error = 3,
}

impl Class {
    /// The class whose bits are the low two of `bits`.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Request,
            1 => Self::Indication,
            2 => Self::Success,
            _ => Self::Error,
        }
    }

    /// True for success and error responses.
    pub const fn is_response(self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }

    /// `request`, `indication`, `success` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Indication => "indication",
            Self::Success => "success",
            Self::Error => "error",
        }
    }
}

/// A method: 12 bits, `0x000` to `0xfff`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Method(u16);

macro_rules! methods {
    ($($code:literal $constant:ident $name:literal $rfc:literal $about:literal;)*) => {
        impl Method {
            $(#[doc = concat!($about, " (", $rfc, ").")] pub const $constant: Self = Self($code);)*

            /// Every method with a name: `(method, name, specification)`.
            pub const NAMED: &'static [(Self, &'static str, &'static str)] = &[$((Self($code), $name, $rfc)),*];
        }
    };
}

methods! {
    0x001 BINDING "binding" "RFC 8489" "Learn the reflexive address, or check a pair in ICE";
    0x002 SHARED_SECRET "shared-secret" "RFC 3489" "Ask for a temporary password; classic dialect only";
    0x003 ALLOCATE "allocate" "RFC 8656" "Get a relayed address";
    0x004 REFRESH "refresh" "RFC 8656" "Keep or delete an allocation";
    0x006 SEND "send" "RFC 8656" "Data from client to peer";
    0x007 DATA "data" "RFC 8656" "Data from peer to client";
    0x008 CREATE_PERMISSION "create-permission" "RFC 8656" "Let a peer address through";
    0x009 CHANNEL_BIND "channel-bind" "RFC 8656" "Give a peer a channel number";
    0x00a CONNECT "connect" "RFC 6062" "Open a TCP connection from the relayed address";
    0x00b CONNECTION_BIND "connection-bind" "RFC 6062" "Tie a client connection to a peer connection";
    0x00c CONNECTION_ATTEMPT "connection-attempt" "RFC 6062" "A peer opened a TCP connection";
    0x080 GOOG_PING "goog-ping" "libwebrtc" "A short connectivity check between two libwebrtc peers";
}

impl Method {
    /// The method with the low 12 bits of `code`.
    pub const fn new(code: u16) -> Self {
        Self(code & 0xfff)
    }

    /// The 12-bit code.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The name, such as `binding`; `None` when the code has none.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(method, ..)| *method == self).map(|(_, name, _)| *name)
    }

    /// The method called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known, _)| *known == name).map(|(method, ..)| *method)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#05x}", self.0),
        }
    }
}

/// The 14 type bits: the class bits are interleaved with the method's (RFC 8489 figure 3).
pub(crate) const fn message_type(class: Class, method: Method) -> u16 {
    let m = method.0;
    let c = class as u16;
    (m & 0x00f) | (m & 0x070) << 1 | (m & 0xf80) << 2 | (c & 1) << 4 | (c & 2) << 7
}

/// The inverse of [`message_type`].
pub(crate) const fn split_type(word: u16) -> (Class, Method) {
    let method = (word & 0x000f) | (word >> 1 & 0x0070) | (word >> 2 & 0x0f80);
    (Class::from_bits((word >> 4 & 1 | word >> 7 & 2) as u8), Method(method))
}

/// The generation of STUN that a message is written in; the magic cookie tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// RFC 5389 and RFC 8489: magic cookie, 12-byte transaction id.
    Rfc8489,
    /// RFC 3489: no cookie, 16-byte transaction id.
    Rfc3489,
}

/// The transaction id: 12 bytes, or 16 in the classic dialect.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransactionId([u8; 16]);

impl TransactionId {
    /// A transaction id of RFC 8489. The bytes should be random (§5).
    pub const fn new(id: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = id;
        let [w, x, y, z] = COOKIE_BYTES;
        Self([w, x, y, z, a, b, c, d, e, f, g, h, i, j, k, l])
    }

    /// A transaction id of RFC 3489. Sixteen bytes that begin with the magic cookie are of RFC 8489 by definition.
    pub const fn classic(id: [u8; 16]) -> Self {
        Self(id)
    }

    /// From 12 bytes (RFC 8489) or 16 bytes (RFC 3489).
    pub fn from_slice(id: &[u8]) -> Option<Self> {
        if let Ok(id) = <[u8; 12]>::try_from(id) {
            return Some(Self::new(id));
        }
        <[u8; 16]>::try_from(id).ok().map(Self)
    }

    /// The dialect that an id of this shape belongs to.
    pub fn dialect(&self) -> Dialect {
        if self.0.starts_with(&COOKIE_BYTES) { Dialect::Rfc8489 } else { Dialect::Rfc3489 }
    }

    /// The 12 or 16 bytes of the id itself.
    pub fn as_bytes(&self) -> &[u8] {
        match self.dialect() {
            Dialect::Rfc8489 => &self.0[4..],
            Dialect::Rfc3489 => &self.0,
        }
    }

    /// Bytes 4 to 20 of the message: cookie and id. XOR addresses are masked with these.
    pub const fn header_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// True when `data` is exactly one STUN message by RFC 7983 §7 and RFC 8489 §6.3: first byte 0 to 3, magic cookie,
/// and a length that is a multiple of four and fits. Classic messages have no cookie and are not recognised.
pub fn is_message(data: &[u8]) -> bool {
    let Some((header, rest)) = data.split_first_chunk::<HEADER_LEN>() else { return false };
    let length = u16::from_be_bytes([header[2], header[3]]) as usize;
    header[0] < 4 && header[4..8] == COOKIE_BYTES && length.is_multiple_of(4) && length == rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_round_trips() {
        for code in 0..0x1000 {
            for bits in 0..4 {
                let (class, method) = (Class::from_bits(bits), Method::new(code));
                let word = message_type(class, method);
                assert!(word < 0x4000);
                assert_eq!(split_type(word), (class, method));
            }
        }
        assert_eq!(message_type(Class::Success, Method::BINDING), 0x0101);
        assert_eq!(message_type(Class::Request, Method::GOOG_PING), 0x0200);
        assert_eq!(message_type(Class::Error, Method::GOOG_PING), 0x0310);
    }
}
