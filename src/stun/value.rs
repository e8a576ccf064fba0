//! Values of attributes, by [`Kind`].
use super::address;
use super::attribute_table::Kind;
use super::error::{BuildError, ValueErrorKind};
use core::net::SocketAddr;

/// The value of an attribute, read. Text and bytes are slices of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing but presence ([`Kind::Flag`]).
    Flag,
    /// [`Kind::Byte`], [`Kind::Short`] and [`Kind::Word`].
    Number(u32),
    /// [`Kind::Long`].
    Long(u64),
    /// [`Kind::TopBit`].
    Bit(bool),
    /// [`Kind::Address`] and [`Kind::XorAddress`], unmasked.
    Address(SocketAddr),
    /// [`Kind::Text`].
    Text(&'a str),
    /// [`Kind::Bytes`], and the value of a type the table does not hold.
    Bytes(&'a [u8]),
    /// [`Kind::ErrorCode`].
    ErrorCode(ErrorCode<'a>),
    /// [`Kind::AddressErrorCode`].
    AddressErrorCode {
        /// 1 for IPv4, 2 for IPv6.
        family: u8,
        /// Why no address of that family was allocated.
        error: ErrorCode<'a>,
    },
    /// [`Kind::Codes`].
    Codes(Codes<'a>),
    /// [`Kind::Algorithm`].
    Algorithm(AlgorithmParameters<'a>),
    /// [`Kind::Algorithms`].
    Algorithms(Algorithms<'a>),
    /// [`Kind::ChangeRequest`].
    ChangeRequest {
        /// Asks for another IP address.
        ip: bool,
        /// Asks for another port.
        port: bool,
    },
    /// [`Kind::Icmp`].
    Icmp {
        /// ICMP type, 7 bits.
        kind: u8,
        /// ICMP code, 9 bits.
        code: u16,
        /// The field that goes with the type, such as the MTU.
        data: u32,
    },
    /// [`Kind::TransmitCounter`].
    TransmitCounter {
        /// Transmissions of the request so far.
        request: u8,
        /// Transmissions of the response so far.
        response: u8,
    },
    /// [`Kind::EcnCheck`].
    EcnCheck {
        /// The two ECN bits, as they arrived.
        ecn: u8,
        /// True when `ecn` was really read from the IP header.
        valid: bool,
    },
    /// [`Kind::NetworkInfo`].
    NetworkInfo {
        /// The sender's number of the network.
        id: u16,
        /// 0 (cheap) to 999.
        cost: u16,
    },
}

/// An error code and its reason phrase (RFC 8489 §14.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode<'a> {
    /// 300 to 699.
    pub code: u16,
    /// For people; may be empty.
    pub reason: &'a str,
}

impl<'a> ErrorCode<'a> {
    /// `code` with the reason phrase of its specification.
    pub fn new(code: u16) -> Self {
        Self { code, reason: default_reason(code) }
    }

    /// Reads the code, and the first byte: the family in ADDRESS-ERROR-CODE, reserved in ERROR-CODE.
    fn read(value: &'a [u8]) -> Result<(u8, Self), ValueErrorKind> {
        let Some((&[family, _, class, number], reason)) = value.split_first_chunk::<4>() else {
            return Err(ValueErrorKind::WrongSize);
        };
        let class = class & 7;
        if !(3..=6).contains(&class) || number > 99 {
            return Err(ValueErrorKind::BadErrorCode);
        }
        let code = u16::from(class) * 100 + u16::from(number);
        Ok((family, Self { code, reason: text(reason, 763)? }))
    }

    pub(super) fn write(&self, family: u8, out: &mut impl Sink) -> Result<(), BuildError> {
        if !(300..700).contains(&self.code) || self.reason.len() > 763 {
            return Err(BuildError::WrongSize);
        }
        out.put(&[family, 0, (self.code / 100) as u8, (self.code % 100) as u8])?;
        out.put(self.reason.as_bytes())
    }
}

macro_rules! reasons {
    ($($code:literal $reason:literal;)*) => {
        /// Error codes with the reason phrases that the specifications give them.
        pub const REASONS: &[(u16, &str)] = &[$(($code, $reason)),*];

        /// The reason phrase that the specifications give `code`; empty for a code they do not list.
        pub const fn default_reason(code: u16) -> &'static str {
            match code {
                $($code => $reason,)*
                _ => "",
            }
        }
    };
}

reasons! {
    300 "Try Alternate";
    400 "Bad Request";
    401 "Unauthenticated";
    403 "Forbidden";
    405 "Mobility Forbidden";
    420 "Unknown Attribute";
    430 "Stale Credentials";
    431 "Integrity Check Failure";
    432 "Missing Username";
    433 "Use TLS";
    437 "Allocation Mismatch";
    438 "Stale Nonce";
    440 "Address Family not Supported";
    441 "Wrong Credentials";
    442 "Unsupported Transport Protocol";
    443 "Peer Address Family Mismatch";
    446 "Connection Already Exists";
    447 "Connection Timeout or Failure";
    486 "Allocation Quota Reached";
    487 "Role Conflict";
    500 "Server Error";
    508 "Insufficient Capacity";
    600 "Global Failure";
}

/// A list of 16-bit numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes<'a>(&'a [[u8; 2]]);

impl<'a> Codes<'a> {
    /// The numbers in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = u16> + 'a {
        self.0.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    /// Big-endian pairs as a list.
    pub const fn new(pairs: &'a [[u8; 2]]) -> Self {
        Self(pairs)
    }
}

/// A password algorithm (RFC 8489 §14.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmParameters<'a> {
    /// IANA's number: 1 MD5, 2 SHA-256.
    pub algorithm: u16,
    /// Its parameters; empty for both.
    pub parameters: &'a [u8],
}

/// A list of password algorithms, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms<'a>(&'a [u8]);

impl<'a> Algorithms<'a> {
    /// Checks an encoded list: number, length, parameters, padding, and again.
    pub fn new(encoded: &'a [u8]) -> Option<Self> {
        let list = Self(encoded);
        let used: usize = list.iter().map(|entry| 4 + entry.parameters.len().next_multiple_of(4)).sum();
        // The padding after the last one is sometimes left out.
        (encoded.len() >= 4 && used.next_multiple_of(4) == encoded.len().next_multiple_of(4)).then_some(list)
    }

    /// MD5 and SHA-256, without parameters.
    pub const BOTH: Self = Self(&[0, 2, 0, 0, 0, 1, 0, 0]);

    /// The list as encoded.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The algorithms in order; ends at the first that runs over the end.
    pub fn iter(self) -> impl Iterator<Item = AlgorithmParameters<'a>> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (entry, after) = read_algorithm(rest)?;
            rest = after;
            Some(entry)
        })
    }
}

fn read_algorithm(bytes: &[u8]) -> Option<(AlgorithmParameters<'_>, &[u8])> {
    let (&[a0, a1, l0, l1], rest) = bytes.split_first_chunk::<4>()?;
    let length = u16::from_be_bytes([l0, l1]) as usize;
    let parameters = rest.get(..length)?;
    let after = rest.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    Some((AlgorithmParameters { algorithm: u16::from_be_bytes([a0, a1]), parameters }, after))
}

fn text(bytes: &[u8], most: u16) -> Result<&str, ValueErrorKind> {
    if bytes.len() > most as usize {
        return Err(ValueErrorKind::WrongSize);
    }
    core::str::from_utf8(bytes).map_err(|_| ValueErrorKind::NotUtf8)
}

fn exact<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ValueErrorKind> {
    <[u8; N]>::try_from(bytes).map_err(|_| ValueErrorKind::WrongSize)
}

/// Reads `bytes` as `kind`; `mask` is bytes 4 to 20 of the message.
pub(crate) fn read<'a>(kind: Kind, bytes: &'a [u8], mask: &[u8; 16]) -> Result<Value<'a>, ValueErrorKind> {
    Ok(match kind {
        Kind::Address => Value::Address(address::read(bytes, None)?),
        Kind::XorAddress => Value::Address(address::read(bytes, Some(mask))?),
        Kind::Text(most) => Value::Text(text(bytes, most)?),
        Kind::Bytes(least, most) if (least as usize..=most as usize).contains(&bytes.len()) => Value::Bytes(bytes),
        Kind::Bytes(..) => return Err(ValueErrorKind::WrongSize),
        Kind::Flag => exact(bytes).map(|[]| Value::Flag)?,
        Kind::Byte => exact(bytes).map(|[b, ..]: [u8; 4]| Value::Number(u32::from(b)))?,
        Kind::Short => exact(bytes).map(|[h, l, ..]: [u8; 4]| Value::Number(u32::from(u16::from_be_bytes([h, l]))))?,
        Kind::Word => Value::Number(u32::from_be_bytes(exact(bytes)?)),
        Kind::Long => Value::Long(u64::from_be_bytes(exact(bytes)?)),
        Kind::TopBit => exact(bytes).map(|[b]| Value::Bit(b & 0x80 != 0))?,
        Kind::ChangeRequest => {
            exact(bytes).map(|[.., b]: [u8; 4]| Value::ChangeRequest { ip: b & 4 != 0, port: b & 2 != 0 })?
        }
        Kind::ErrorCode => Value::ErrorCode(ErrorCode::read(bytes)?.1),
        Kind::AddressErrorCode => {
            ErrorCode::read(bytes).map(|(family, error)| Value::AddressErrorCode { family, error })?
        }
        Kind::Codes => match bytes.as_chunks::<2>() {
            (pairs, []) => Value::Codes(Codes(pairs)),
            _ => return Err(ValueErrorKind::WrongSize),
        },
        Kind::Algorithm => {
            let (entry, rest) = read_algorithm(bytes).ok_or(ValueErrorKind::BadList)?;
            if !rest.is_empty() {
                return Err(ValueErrorKind::BadList);
            }
            Value::Algorithm(entry)
        }
        Kind::Algorithms => Value::Algorithms(Algorithms::new(bytes).ok_or(ValueErrorKind::BadList)?),
        Kind::Icmp => {
            let [_, _, t, c, d0, d1, d2, d3] = exact(bytes)?;
            let code = u16::from(t & 1) << 8 | u16::from(c);
            Value::Icmp { kind: t >> 1, code, data: u32::from_be_bytes([d0, d1, d2, d3]) }
        }
        Kind::TransmitCounter => {
            exact(bytes).map(|[_, _, request, response]| Value::TransmitCounter { request, response })?
        }
        Kind::EcnCheck => {
            exact(bytes).map(|[.., b]: [u8; 4]| Value::EcnCheck { ecn: b >> 1 & 3, valid: b & 1 != 0 })?
        }
        Kind::NetworkInfo => exact(bytes).map(|[i0, i1, c0, c1]| Value::NetworkInfo {
            id: u16::from_be_bytes([i0, i1]),
            cost: u16::from_be_bytes([c0, c1]),
        })?,
    })
}

/// Destination of the bytes of a value.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]) -> Result<(), BuildError>;
}

/// Writes `value`, which must be what `kind` asks for.
pub(crate) fn write(kind: Kind, value: &Value<'_>, mask: &[u8; 16], out: &mut impl Sink) -> Result<(), BuildError> {
    match (kind, *value) {
        (Kind::Address, Value::Address(ref it)) => {
            let (bytes, len) = address::write(it, None);
            out.put(bytes.get(..len).unwrap_or_default())
        }
        (Kind::XorAddress, Value::Address(ref it)) => {
            let (bytes, len) = address::write(it, Some(mask));
            out.put(bytes.get(..len).unwrap_or_default())
        }
        (Kind::Text(most), Value::Text(it)) => within(it.len(), 0, most).and_then(|()| out.put(it.as_bytes())),
        (Kind::Bytes(least, most), Value::Bytes(it)) => within(it.len(), least, most).and_then(|()| out.put(it)),
        (Kind::Flag, Value::Flag) => Ok(()),
        (Kind::Byte, Value::Number(it)) => {
            let it = u8::try_from(it).map_err(|_| BuildError::WrongSize)?;
            out.put(&[it, 0, 0, 0])
        }
        (Kind::Short, Value::Number(it)) => {
            let [h, l] = u16::try_from(it).map_err(|_| BuildError::WrongSize)?.to_be_bytes();
            out.put(&[h, l, 0, 0])
        }
        (Kind::Word, Value::Number(it)) => out.put(&it.to_be_bytes()),
        (Kind::Long, Value::Long(it)) => out.put(&it.to_be_bytes()),
        (Kind::TopBit, Value::Bit(it)) => out.put(&[if it { 0x80 } else { 0 }]),
        (Kind::ChangeRequest, Value::ChangeRequest { ip, port }) => {
            out.put(&[0, 0, 0, u8::from(ip) << 2 | u8::from(port) << 1])
        }
        (Kind::ErrorCode, Value::ErrorCode(it)) => it.write(0, out),
        (Kind::AddressErrorCode, Value::AddressErrorCode { family, error }) => error.write(family, out),
        (Kind::Codes, Value::Codes(it)) => out.put(it.0.as_flattened()),
        (Kind::Algorithm, Value::Algorithm(it)) => {
            let [a0, a1] = it.algorithm.to_be_bytes();
            let [l0, l1] = u16::try_from(it.parameters.len()).map_err(|_| BuildError::WrongSize)?.to_be_bytes();
            out.put(&[a0, a1, l0, l1])?;
            out.put(it.parameters)
        }
        (Kind::Algorithms, Value::Algorithms(it)) => out.put(it.0),
        (Kind::Icmp, Value::Icmp { kind, code, data }) => {
            if kind > 0x7f || code > 0x1ff {
                return Err(BuildError::WrongSize);
            }
            out.put(&[0, 0, kind << 1 | (code >> 8) as u8, code as u8])?;
            out.put(&data.to_be_bytes())
        }
        (Kind::TransmitCounter, Value::TransmitCounter { request, response }) => out.put(&[0, 0, request, response]),
        (Kind::EcnCheck, Value::EcnCheck { ecn, valid }) if ecn < 4 => out.put(&[0, 0, 0, ecn << 1 | u8::from(valid)]),
        (Kind::NetworkInfo, Value::NetworkInfo { id, cost }) => {
            let ([i0, i1], [c0, c1]) = (id.to_be_bytes(), cost.to_be_bytes());
            out.put(&[i0, i1, c0, c1])
        }
        _ => Err(BuildError::WrongKind),
    }
}

fn within(len: usize, least: u16, most: u16) -> Result<(), BuildError> {
    if (least as usize..=most as usize).contains(&len) { Ok(()) } else { Err(BuildError::WrongSize) }
}
