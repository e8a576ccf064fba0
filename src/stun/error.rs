//! Errors of a message, of a value and of building a message.
use core::fmt;

/// Why bytes are not a STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Kind of error.
    pub kind: ParseErrorKind,
    /// Offset in bytes from the start of the message.
    pub offset: usize,
    /// Number that the rule asks for: bytes, or the value of the field.
    pub expected: usize,
    /// Number that was found.
    pub found: usize,
}

/// The kinds of [`ParseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Fewer than the 20 bytes of the header.
    TooShort = 1,
    /// The first two bits are not zero (RFC 8489 §5).
    NotStun = 2,
    /// The length field is not a multiple of four (RFC 8489 §5).
    UnalignedLength = 3,
    /// The length field promises more bytes than there are.
    Truncated = 4,
    /// Bytes follow the end that the length field gives.
    TrailingBytes = 5,
    /// An attribute is longer than what is left of the message.
    AttributeOverrun = 6,
}

impl ParseErrorKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::TooShort,
        Self::NotStun,
        Self::UnalignedLength,
        Self::Truncated,
        Self::TrailingBytes,
        Self::AttributeOverrun,
    ];

    /// A stable code, such as `too-short`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::NotStun => "not-stun",
            Self::UnalignedLength => "unaligned-length",
            Self::Truncated => "truncated",
            Self::TrailingBytes => "trailing-bytes",
            Self::AttributeOverrun => "attribute-overrun",
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, offset, expected, found } = self;
        write!(f, "{} at byte {offset}: expected {expected}, found {found}", kind.code())
    }
}

impl core::error::Error for ParseError {}

/// Why the value of an attribute does not fit its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// Kind of error.
    pub kind: ValueErrorKind,
    /// Offset in bytes from the start of the message.
    pub offset: usize,
}

/// The kinds of [`ValueError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// The length is not one the attribute may have.
    WrongSize = 1,
    /// An address family other than 1 (IPv4) and 2 (IPv6).
    UnknownFamily = 2,
    /// Text that is not UTF-8.
    NotUtf8 = 3,
    /// An error code whose class is not 3 to 6 or whose number is over 99 (RFC 8489 §14.8).
    BadErrorCode = 4,
    /// A list whose parts run over its end.
    BadList = 5,
}

impl ValueErrorKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::WrongSize, Self::UnknownFamily, Self::NotUtf8, Self::BadErrorCode, Self::BadList];

    /// A stable code, such as `wrong-size`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongSize => "wrong-size",
            Self::UnknownFamily => "unknown-family",
            Self::NotUtf8 => "not-utf8",
            Self::BadErrorCode => "bad-error-code",
            Self::BadList => "bad-list",
        }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind.code(), self.offset)
    }
}

impl core::error::Error for ValueError {}

/// Why a message cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum BuildError {
    /// The buffer is too small, or the message would be longer than its 16-bit length field can say.
    NoRoom = 1,
    /// The value is longer or shorter than the attribute allows, or its number is out of range.
    WrongSize = 2,
    /// The value is of another kind than the attribute.
    WrongKind = 3,
    /// An ordinary attribute after MESSAGE-INTEGRITY, or anything after FINGERPRINT: receivers ignore those
    /// (RFC 8489 §14.5 to §14.7).
    OutOfOrder = 4,
}

impl BuildError {
    /// Every error.
    pub const ALL: &'static [Self] = &[Self::NoRoom, Self::WrongSize, Self::WrongKind, Self::OutOfOrder];

    /// A stable code, such as `no-room`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRoom => "no-room",
            Self::WrongSize => "wrong-size",
            Self::WrongKind => "wrong-kind",
            Self::OutOfOrder => "out-of-order",
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRoom => "the buffer, or the 64 KiB a message may have, is too small",
            Self::WrongSize => "the value has a size or number that the attribute does not allow",
            Self::WrongKind => "the value is of another kind than the attribute",
            Self::OutOfOrder => "nothing but integrity may follow integrity, and nothing may follow FINGERPRINT",
        })
    }
}

impl core::error::Error for BuildError {}
