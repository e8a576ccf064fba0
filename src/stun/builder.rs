//! [`Builder`]: writes a message into a caller's buffer.
use super::address;
use super::attribute_table::{attribute, lookup};
use super::crc::crc32;
use super::error::BuildError;
use super::header::{Class, HEADER_LEN, Method, TransactionId, message_type};
use super::integrity::{Hash, Key};
use super::message::FINGERPRINT_MASK;
use super::value::{self, ErrorCode, Sink, Value, default_reason};
use core::fmt;
use core::net::SocketAddr;

/// Attributes that may still be added.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Open,
    Signed,
    SignedSha256,
    Closed,
}

/// Writes one message. After each step the buffer holds a whole message, with the right length field.
///
/// A failed step leaves the message as it was before.
pub struct Builder<'a> {
    buffer: &'a mut [u8],
    len: usize,
    padding: u8,
    stage: Stage,
}

impl<'a> Builder<'a> {
    /// Starts a message in `buffer`.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`] when the buffer has fewer than 20 bytes.
    pub fn new(buffer: &'a mut [u8], class: Class, method: Method, id: TransactionId) -> Result<Self, BuildError> {
        let header = buffer.first_chunk_mut::<HEADER_LEN>().ok_or(BuildError::NoRoom)?;
        let [t0, t1] = message_type(class, method).to_be_bytes();
        header[..4].copy_from_slice(&[t0, t1, 0, 0]);
        header[4..].copy_from_slice(id.header_bytes());
        Ok(Self { buffer, len: HEADER_LEN, padding: 0, stage: Stage::Open })
    }

    /// Goes on with a message of which `len` bytes are in `buffer`: header and ordinary attributes. Writes its type, and
    /// leaves bytes 4 to 20 as they are.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`] when `len` is less than a header or more than a message can have.
    pub fn resume(buffer: &'a mut [u8], len: usize, class: Class, method: Method) -> Result<Self, BuildError> {
        let length = len.checked_sub(HEADER_LEN).and_then(|len| u16::try_from(len).ok());
        let (Some(length), Some(header)) = (length, buffer.first_chunk_mut::<4>()) else {
            return Err(BuildError::NoRoom);
        };
        let ([t0, t1], [l0, l1]) = (message_type(class, method).to_be_bytes(), length.to_be_bytes());
        *header = [t0, t1, l0, l1];
        Ok(Self { buffer, len, padding: 0, stage: Stage::Open })
    }

    /// Fills the padding of later attributes with `byte` instead of zero. RFC 8489 §14 asks for zero and has receivers
    /// ignore it; the vectors of RFC 5769 were made with 0x20.
    pub const fn pad_with(&mut self, byte: u8) -> &mut Self {
        self.padding = byte;
        self
    }

    /// Adds an attribute. A type that is not in the table takes [`Value::Bytes`]; a type that is takes the value of its
    /// kind, or raw bytes by [`Self::raw`].
    ///
    /// # Errors
    ///
    /// Any [`BuildError`].
    pub fn attribute(&mut self, code: u16, value: &Value<'_>) -> Result<&mut Self, BuildError> {
        let mask = self.mask();
        let mut tail = self.open(Stage::Open)?;
        match (lookup(code), value) {
            (Some(info), _) => value::write(info.kind, value, &mask, &mut tail)?,
            (None, Value::Bytes(bytes)) => tail.put(bytes)?,
            (None, _) => return Err(BuildError::WrongKind),
        }
        let len = tail.len;
        self.close(Stage::Open, code, len)?;
        Ok(self)
    }

    /// Adds an attribute with these bytes, whatever the table says of its type.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`], [`BuildError::OutOfOrder`].
    pub fn raw(&mut self, code: u16, bytes: &[u8]) -> Result<&mut Self, BuildError> {
        self.put(Stage::Open, Stage::Open, code, bytes)?;
        Ok(self)
    }

    /// Adds an attribute that holds an address, masked when its kind is XOR.
    ///
    /// # Errors
    ///
    /// As [`Self::attribute`].
    pub fn address(&mut self, code: u16, address: SocketAddr) -> Result<&mut Self, BuildError> {
        self.attribute(code, &Value::Address(address))
    }

    /// The same for a caller that knows the kind.
    pub(crate) fn address_as(&mut self, code: u16, address: SocketAddr, masked: bool) -> Result<(), BuildError> {
        let mask = self.mask();
        let (bytes, len) = address::write(&address, masked.then_some(&mask));
        self.put(Stage::Open, Stage::Open, code, bytes.get(..len).unwrap_or_default())
    }

    /// Adds ERROR-CODE with the reason phrase of its specification.
    ///
    /// # Errors
    ///
    /// As [`Self::attribute`].
    pub fn error_code(&mut self, code: u16) -> Result<&mut Self, BuildError> {
        self.error(code, default_reason(code))?;
        Ok(self)
    }

    /// Adds ERROR-CODE with a reason phrase.
    pub(crate) fn error(&mut self, code: u16, reason: &str) -> Result<(), BuildError> {
        let mut tail = self.open(Stage::Open)?;
        ErrorCode { code, reason }.write(0, &mut tail)?;
        let len = tail.len;
        self.close(Stage::Open, attribute::ERROR_CODE, len)
    }

    /// Adds MESSAGE-INTEGRITY over all so far (RFC 8489 §14.5).
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`], [`BuildError::OutOfOrder`].
    pub fn sign(&mut self, key: &Key) -> Result<&mut Self, BuildError> {
        self.sign_with(key, Hash::Sha1, attribute::MESSAGE_INTEGRITY, 20, Stage::Open, Stage::Signed)?;
        Ok(self)
    }

    /// Adds MESSAGE-INTEGRITY-SHA256 over all so far, cut to `tag_len` bytes: 32, or 16, 20, 24, 28 where a usage of
    /// STUN allows that (RFC 8489 §14.6). May follow [`Self::sign`].
    ///
    /// # Errors
    ///
    /// [`BuildError::WrongSize`] for another `tag_len`; [`BuildError::NoRoom`], [`BuildError::OutOfOrder`].
    pub fn sign_sha256(&mut self, key: &Key, tag_len: usize) -> Result<&mut Self, BuildError> {
        if !(16..=32).contains(&tag_len) || !tag_len.is_multiple_of(4) {
            return Err(BuildError::WrongSize);
        }
        let code = attribute::MESSAGE_INTEGRITY_SHA256;
        self.sign_with(key, Hash::Sha256, code, tag_len, Stage::Signed, Stage::SignedSha256)?;
        Ok(self)
    }

    /// Adds GOOG-MESSAGE-INTEGRITY-32 over all so far: the first four bytes of HMAC-SHA1, as libwebrtc signs GOOG-PING.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`], [`BuildError::OutOfOrder`].
    pub fn sign_32(&mut self, key: &Key) -> Result<&mut Self, BuildError> {
        let code = attribute::GOOG_MESSAGE_INTEGRITY_32;
        self.sign_with(key, Hash::Sha1, code, 4, Stage::Open, Stage::SignedSha256)?;
        Ok(self)
    }

    /// Adds the first `len` bytes of the HMAC. The length field counts the attribute already while it is made.
    fn sign_with(
        &mut self,
        key: &Key,
        hash: Hash,
        code: u16,
        len: usize,
        latest: Stage,
        next: Stage,
    ) -> Result<(), BuildError> {
        let start = self.len;
        self.put(latest, next, code, [0; 32].get(..len).unwrap_or_default())?;
        let tag = key.tag(hash, self.buffer.get(..start).unwrap_or_default(), self.length_field());
        self.patch(start, tag.get(..len).unwrap_or_default());
        Ok(())
    }

    /// Adds FINGERPRINT; nothing can follow it (RFC 8489 §14.7).
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRoom`], [`BuildError::OutOfOrder`].
    pub fn fingerprint(&mut self) -> Result<&mut Self, BuildError> {
        let start = self.len;
        self.put(Stage::SignedSha256, Stage::Closed, attribute::FINGERPRINT, &[0; 4])?;
        let crc = crc32(self.buffer.get(..start).unwrap_or_default(), &[]) ^ FINGERPRINT_MASK;
        self.patch(start, &crc.to_be_bytes());
        Ok(self)
    }

    /// The bytes so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// The finished message.
    pub fn finish(self) -> &'a [u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Bytes 4 to 20.
    fn mask(&self) -> [u8; 16] {
        self.buffer.get(4..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default()
    }

    /// The free part of the buffer after the header of one more attribute, if the message is no further than `latest`.
    fn open(&mut self, latest: Stage) -> Result<Tail<'_>, BuildError> {
        if self.stage > latest {
            return Err(BuildError::OutOfOrder);
        }
        let buffer = self.buffer.get_mut(self.len + 4..).ok_or(BuildError::NoRoom)?;
        Ok(Tail { buffer, len: 0 })
    }

    /// Writes the header of the attribute whose value of `len` bytes is there already, the padding after it, and the
    /// length of the message.
    fn close(&mut self, next: Stage, code: u16, len: usize) -> Result<(), BuildError> {
        let padded = len.next_multiple_of(4);
        let total = self.len + 4 + padded;
        let length = u16::try_from(total - HEADER_LEN).map_err(|_| BuildError::NoRoom)?;
        let whole = self.buffer.get_mut(..total).ok_or(BuildError::NoRoom)?;
        let (written, added) = whole.split_at_mut(self.len);
        let ([c0, c1], [v0, v1]) = (code.to_be_bytes(), (len as u16).to_be_bytes());
        if let (Some(field), Some((header, value))) = (written.get_mut(2..4), added.split_first_chunk_mut()) {
            field.copy_from_slice(&length.to_be_bytes());
            *header = [c0, c1, v0, v1];
            value.iter_mut().skip(len).for_each(|byte| *byte = self.padding);
        }
        self.len = total;
        self.stage = self.stage.max(next);
        Ok(())
    }

    fn put(&mut self, latest: Stage, next: Stage, code: u16, bytes: &[u8]) -> Result<(), BuildError> {
        self.open(latest)?.put(bytes)?;
        self.close(next, code, bytes.len())
    }

    fn length_field(&self) -> u16 {
        (self.len - HEADER_LEN) as u16
    }

    /// Writes the value of the attribute whose header is at `start`.
    fn patch(&mut self, start: usize, value: &[u8]) {
        if let Some(place) = self.buffer.get_mut(start + 4..start + 4 + value.len()) {
            place.copy_from_slice(value);
        }
    }
}

impl fmt::Debug for Builder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The free part of the buffer.
struct Tail<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl Sink for Tail<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        let end = self.len + bytes.len();
        self.buffer.get_mut(self.len..end).ok_or(BuildError::NoRoom)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }
}
