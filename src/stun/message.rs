//! [`Message`]: a validated view.
use super::address;
use super::attribute_table::{AttributeInfo, attribute, lookup};
use super::crc::crc32;
use super::error::{ParseError, ParseErrorKind, ValueError};
use super::header::{Class, Dialect, HEADER_LEN, Method, TransactionId, split_type};
use super::integrity::{Check, Hash, Key};
use super::value::{self, ErrorCode, Value};
use core::fmt;
use core::net::SocketAddr;

/// FINGERPRINT is the CRC-32 masked with this (RFC 8489 §14.7).
pub(crate) const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// A STUN message whose structure was checked: header, length, and every attribute within it.
///
/// Values are checked when they are read, so that a message with one bad attribute can still be shown and answered.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    data: &'a [u8],
    header: &'a [u8; HEADER_LEN],
    /// End of the attributes that count; 0 when nothing ends them.
    end: u32,
    /// Offsets of the attribute headers, 0 when absent.
    mapped: u32,
    integrity: u32,
    integrity_sha256: u32,
    integrity_32: u32,
    fingerprint: u32,
}

impl<'a> Message<'a> {
    /// Checks that `data` is one whole message and nothing else.
    ///
    /// # Errors
    ///
    /// [`ParseError`] says what is wrong and at which byte. Nothing is allocated either way.
    // A returned view would be stored in small pieces and loaded in large ones at once, which costs as much as the parsing.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        let error = |kind, offset, expected, found| Err(ParseError { kind, offset, expected, found });
        let Some((header, body)) = data.split_first_chunk::<HEADER_LEN>() else {
            return error(ParseErrorKind::TooShort, data.len(), HEADER_LEN, data.len());
        };
        if header[0] & 0xc0 != 0 {
            return error(ParseErrorKind::NotStun, 0, 0, usize::from(header[0] >> 6));
        }
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if !length.is_multiple_of(4) {
            return error(ParseErrorKind::UnalignedLength, 2, length & !3, length);
        }
        if length > body.len() {
            return error(ParseErrorKind::Truncated, data.len(), HEADER_LEN + length, data.len());
        }
        if length < body.len() {
            return error(ParseErrorKind::TrailingBytes, HEADER_LEN + length, HEADER_LEN + length, data.len());
        }
        let (end, mapped) = (0, 0);
        let [integrity, integrity_sha256, integrity_32, fingerprint] = [0; 4];
        let mut message = Self { data, header, end, mapped, integrity, integrity_sha256, integrity_32, fingerprint };
        let mut rest = body;
        while let Some((head, after)) = rest.split_first_chunk::<4>() {
            let word = u32::from_be_bytes(*head);
            let value_len = (word & 0xffff) as usize;
            let Some(next) = after.get((value_len + 3) & !3..) else {
                return error(ParseErrorKind::AttributeOverrun, data.len() - rest.len() + 2, after.len(), value_len);
            };
            message.note((word >> 16) as u16, (data.len() - rest.len()) as u32);
            rest = next;
        }
        Ok(message)
    }

    /// The header of bytes that are not a whole message, as a message without attributes; `None` when even that is none.
    pub(super) fn of_header(data: &'a [u8]) -> Option<Self> {
        let (header, _) = data.split_first_chunk::<HEADER_LEN>()?;
        let (end, mapped, fingerprint) = (0, 0, 0);
        let [integrity, integrity_sha256, integrity_32] = [0; 3];
        let found = Self { data: header, header, end, mapped, integrity, integrity_sha256, integrity_32, fingerprint };
        (header[0] < 0x40).then_some(found)
    }

    /// Notes where the attributes are that are asked for most; the first of each counts.
    #[inline]
    fn note(&mut self, code: u16, offset: u32) {
        let slot = match code {
            attribute::XOR_MAPPED_ADDRESS => {
                if self.mapped == 0 && self.end == 0 {
                    self.mapped = offset;
                }
                return;
            }
            attribute::MESSAGE_INTEGRITY => &mut self.integrity,
            attribute::MESSAGE_INTEGRITY_SHA256 => &mut self.integrity_sha256,
            attribute::GOOG_MESSAGE_INTEGRITY_32 => &mut self.integrity_32,
            attribute::FINGERPRINT => &mut self.fingerprint,
            _ => return,
        };
        if *slot == 0 {
            *slot = offset;
        }
        if self.end == 0 {
            self.end = offset;
        }
    }

    /// The bytes of the message.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.data
    }

    /// The class.
    pub fn class(&self) -> Class {
        split_type(self.message_type()).0
    }

    /// The method.
    pub fn method(&self) -> Method {
        split_type(self.message_type()).1
    }

    fn message_type(&self) -> u16 {
        u16::from_be_bytes([self.header[0], self.header[1]])
    }

    /// RFC 8489 when the magic cookie is there, else RFC 3489.
    pub fn dialect(&self) -> Dialect {
        self.transaction_id().dialect()
    }

    /// The transaction id.
    pub fn transaction_id(&self) -> TransactionId {
        TransactionId::classic(*self.mask())
    }

    /// Bytes 4 to 20.
    fn mask(&self) -> &'a [u8; 16] {
        self.header.last_chunk().unwrap_or(&[0; 16])
    }

    /// Every attribute in order, those that [`Self::get`] ignores too.
    pub const fn attributes(&self) -> Attributes<'a> {
        Attributes { data: self.data, end: self.data.len(), offset: HEADER_LEN }
    }

    /// The attributes that count: before the first integrity attribute or FINGERPRINT. What follows is not protected
    /// and must be ignored (RFC 8489 §14.5), but for MESSAGE-INTEGRITY-SHA256 and FINGERPRINT, which have methods of
    /// their own.
    pub fn effective(&self) -> Attributes<'a> {
        Attributes { data: self.data, end: self.effective_end(), offset: HEADER_LEN }
    }

    const fn effective_end(&self) -> usize {
        if self.end == 0 { self.data.len() } else { self.end as usize }
    }

    /// The first attribute of type `code` among those that count; of the integrity attributes and FINGERPRINT, the
    /// first of all. Later ones of the same type are ignored (RFC 8489 §14).
    #[inline]
    pub fn get(&self, code: u16) -> Option<Attribute<'a>> {
        let offset = match code {
            attribute::MESSAGE_INTEGRITY => self.integrity,
            attribute::MESSAGE_INTEGRITY_SHA256 => self.integrity_sha256,
            attribute::GOOG_MESSAGE_INTEGRITY_32 => self.integrity_32,
            attribute::FINGERPRINT => self.fingerprint,
            attribute::XOR_MAPPED_ADDRESS => self.mapped,
            _ => return self.effective().find(|found| found.code == code),
        };
        if offset == 0 {
            return None;
        }
        Attributes { data: self.data, end: self.data.len(), offset: offset as usize }.next()
    }

    /// The value of the first attribute of type `code`; `None` when it is absent or malformed.
    pub fn value(&self, code: u16) -> Option<Value<'a>> {
        self.get(code)?.value().ok()
    }

    /// The bytes of the first attribute of type `code`.
    pub(super) fn bytes(&self, code: u16) -> Option<&'a [u8]> {
        Some(self.get(code)?.bytes())
    }

    fn text(&self, code: u16) -> Option<&'a str> {
        match self.value(code)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn address(&self, code: u16) -> Option<SocketAddr> {
        match self.value(code)? {
            Value::Address(address) => Some(address),
            _ => None,
        }
    }

    /// XOR-MAPPED-ADDRESS, else the same under its old number 0x8020, else MAPPED-ADDRESS.
    #[inline]
    pub fn mapped_address(&self) -> Option<SocketAddr> {
        if let Some(found) = self.get(attribute::XOR_MAPPED_ADDRESS)
            && let Ok(address) = address::read(found.bytes(), Some(self.mask()))
        {
            return Some(address);
        }
        self.older_mapped_address()
    }

    /// Apart, so that the usual case stays small enough to be inlined.
    #[cold]
    fn older_mapped_address(&self) -> Option<SocketAddr> {
        self.address(attribute::MS_XOR_MAPPED_ADDRESS).or_else(|| self.address(attribute::MAPPED_ADDRESS))
    }

    /// USERNAME.
    pub fn username(&self) -> Option<&'a str> {
        self.text(attribute::USERNAME)
    }

    /// SOFTWARE.
    pub fn software(&self) -> Option<&'a str> {
        self.text(attribute::SOFTWARE)
    }

    /// REALM.
    pub fn realm(&self) -> Option<&'a str> {
        self.text(attribute::REALM)
    }

    /// NONCE.
    pub fn nonce(&self) -> Option<&'a str> {
        self.text(attribute::NONCE)
    }

    /// PRIORITY.
    pub fn priority(&self) -> Option<u32> {
        match self.value(attribute::PRIORITY)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// True when USE-CANDIDATE is there.
    pub fn use_candidate(&self) -> bool {
        self.get(attribute::USE_CANDIDATE).is_some()
    }

    /// ERROR-CODE.
    pub fn error_code(&self) -> Option<ErrorCode<'a>> {
        match self.value(attribute::ERROR_CODE)? {
            Value::ErrorCode(error) => Some(error),
            _ => None,
        }
    }

    /// Checks FINGERPRINT (RFC 8489 §14.7). One that is not the last attribute, or not of four bytes, is invalid.
    pub fn fingerprint(&self) -> Check {
        let Some(found) = self.get(attribute::FINGERPRINT) else { return Check::Absent };
        let (Some(covered), Ok(sent)) = (self.data.get(..found.offset - 4), <[u8; 4]>::try_from(found.bytes())) else {
            return Check::Invalid;
        };
        let is_last = found.offset + 4 == self.data.len();
        Check::from_bool(is_last && crc32(covered, &[]) ^ FINGERPRINT_MASK == u32::from_be_bytes(sent))
    }

    /// Checks every integrity attribute that is there: MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 (RFC 8489 §9.1.3 and
    /// §9.2.4), GOOG-MESSAGE-INTEGRITY-32. Valid means that at least one is there and none is wrong.
    ///
    /// Whether the last, a mere 32 bits, is enough is for the caller to say: libwebrtc takes it in GOOG-PING only.
    pub fn verify(&self, key: &Key) -> Check {
        let both = |a, b| match (a, b) {
            (Check::Absent, other) | (other, Check::Absent) => other,
            (Check::Valid, Check::Valid) => Check::Valid,
            _ => Check::Invalid,
        };
        both(both(self.verify_sha1(key), self.verify_sha256(key)), self.verify_32(key))
    }

    /// Checks GOOG-MESSAGE-INTEGRITY-32 alone: the first four bytes of HMAC-SHA1.
    pub fn verify_32(&self, key: &Key) -> Check {
        self.verify_one(attribute::GOOG_MESSAGE_INTEGRITY_32, 4, Hash::Sha1, key)
    }

    /// Checks MESSAGE-INTEGRITY alone.
    pub fn verify_sha1(&self, key: &Key) -> Check {
        self.verify_one(attribute::MESSAGE_INTEGRITY, 20, Hash::Sha1, key)
    }

    /// Checks MESSAGE-INTEGRITY-SHA256 alone; it may be truncated to 16, 20, 24 or 28 bytes.
    pub fn verify_sha256(&self, key: &Key) -> Check {
        self.verify_one(attribute::MESSAGE_INTEGRITY_SHA256, 32, Hash::Sha256, key)
    }

    /// Checks one integrity attribute of `size` bytes; that of SHA-256 may be shorter (RFC 8489 §14.6). The length field
    /// counts as it was when the tag was made: up to the end of the tag.
    fn verify_one(&self, code: u16, size: usize, hash: Hash, key: &Key) -> Check {
        let Some(found) = self.get(code) else { return Check::Absent };
        let (tag, covered) = (found.bytes(), self.data.get(..found.offset - 4).unwrap_or_default());
        let length = (found.offset + found.length - HEADER_LEN) as u16;
        let truncated = hash == Hash::Sha256 && (16..32).contains(&tag.len()) && tag.len().is_multiple_of(4);
        Check::from_bool((tag.len() == size || truncated) && key.verify(hash, covered, length, tag))
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {:?} ", self.method(), self.class().name(), self.transaction_id())?;
        f.debug_list().entries(self.attributes()).finish()
    }
}

/// The attributes of a message in order.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    data: &'a [u8],
    end: usize,
    offset: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'a>> {
        if self.offset >= self.end {
            return None;
        }
        let (&[t0, t1, l0, l1], _) = self.data.get(self.offset..)?.split_first_chunk::<4>()?;
        let code = u16::from_be_bytes([t0, t1]);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let offset = self.offset + 4;
        self.offset = offset + length.next_multiple_of(4);
        Some(Attribute { data: self.data, code, offset, length })
    }
}

/// One attribute of a [`Message`].
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    data: &'a [u8],
    code: u16,
    offset: usize,
    length: usize,
}

impl<'a> Attribute<'a> {
    /// The type.
    pub const fn code(&self) -> u16 {
        self.code
    }

    /// Offset of the value, in bytes from the start of the message. The attribute's header is the four before.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes of the value, without padding.
    pub fn bytes(&self) -> &'a [u8] {
        self.data.get(self.offset..self.offset + self.length).unwrap_or_default()
    }

    /// The bytes after the value that fill up to a multiple of four.
    pub fn padding(&self) -> &'a [u8] {
        let end = self.offset + self.length;
        self.data.get(end..end.next_multiple_of(4)).unwrap_or_default()
    }

    /// The row of the table; `None` when the type is unknown.
    pub fn info(&self) -> Option<&'static AttributeInfo> {
        lookup(self.code)
    }

    /// The value, read by its kind; of an unknown type the bytes.
    ///
    /// # Errors
    ///
    /// [`ValueError`] when the bytes do not fit the kind.
    #[inline]
    pub fn value(&self) -> Result<Value<'a>, ValueError> {
        let Some(info) = self.info() else { return Ok(Value::Bytes(self.bytes())) };
        let mask = self.data.get(4..).and_then(|rest| rest.first_chunk()).unwrap_or(&[0; 16]);
        value::read(info.kind, self.bytes(), mask).map_err(|kind| ValueError { kind, offset: self.offset })
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info() {
            Some(info) => write!(f, "{}: ", info.name)?,
            None => write!(f, "{:#06x}: ", self.code)?,
        }
        match self.value() {
            Ok(value) => write!(f, "{value:?}"),
            Err(error) => write!(f, "{error}"),
        }
    }
}
