//! MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489 §9 and §14.5, §14.6).
use super::header::MAGIC_COOKIE;
use super::md5::md5;
use core::fmt;
use hmac::digest::Digest;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Result of a check of integrity or of the fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Check {
    /// The attribute is not there.
    Absent = 0,
    /// It is there and right.
    Valid = 1,
    /// It is there and wrong, or where it must not be.
    Invalid = 2,
}

impl Check {
    /// True only for [`Check::Valid`].
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid)
    }

    /// `absent`, `valid` or `invalid`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }

    pub(crate) const fn from_bool(valid: bool) -> Self {
        if valid { Self::Valid } else { Self::Invalid }
    }
}

/// How a long-term key is derived; the numbers are IANA's STUN password algorithms (RFC 8489 §18.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Algorithm {
    /// MD5 of `username:realm:password`.
    Md5 = 1,
    /// SHA-256 of `username:realm:password`.
    Sha256 = 2,
}

impl Algorithm {
    /// The algorithm with IANA's number `code`.
    pub const fn from_code(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::Md5),
            2 => Some(Self::Sha256),
            _ => None,
        }
    }
}

/// A password made ready: the HMAC states after the key, for SHA-1 and SHA-256, so that each further message costs
/// no hashing of the key.
///
/// Passwords are taken as they are: text outside ASCII should be prepared by OpaqueString (RFC 8265 §4.2) first.
#[derive(Clone)]
pub struct Key {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
}

impl Key {
    /// Short-term credentials, as ICE uses them: the key is the password (RFC 8489 §9.1.1).
    pub fn short_term(password: &str) -> Self {
        Self::from_bytes(password.as_bytes())
    }

    /// Long-term credentials, as TURN uses them (RFC 8489 §9.2.2).
    pub fn long_term(username: &str, realm: &str, password: &str, algorithm: Algorithm) -> Self {
        Self::derived(&[username.as_bytes(), b":", realm.as_bytes(), b":", password.as_bytes()], algorithm)
    }

    /// The key of long-term credentials whose `parts` together read `username:realm:password`.
    pub fn derived(parts: &[&[u8]], algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::from_bytes(&md5(parts)),
            Algorithm::Sha256 => Self::from_bytes(&digest::<Sha256>(parts)),
        }
    }

    /// The key itself, for example `HA1` from a user database.
    pub fn from_bytes(key: &[u8]) -> Self {
        Self { sha1: keyed(key), sha256: keyed(key) }
    }

    /// The HMAC of the message up to the attribute, with its length field as `length` (RFC 8489 §14.5): 32 bytes, of
    /// which SHA-1 fills 20.
    pub(crate) fn tag(&self, hash: Hash, covered: &[u8], length: u16) -> [u8; 32] {
        // In the classic dialect the text is filled up with zeros to a multiple of 64 bytes (RFC 3489 §11.2.8).
        let (head, rest) = covered.split_at_checked(4).unwrap_or_default();
        let classic = !rest.starts_with(&MAGIC_COOKIE.to_be_bytes());
        let zeros = if classic { covered.len().wrapping_neg() % 64 } else { 0 };
        let zeros = [0; 64].get(..zeros).unwrap_or_default();
        let parts = [head.get(..2).unwrap_or_default(), &length.to_be_bytes(), rest, zeros];
        match hash {
            Hash::Sha1 => {
                let mut tag = [0; 32];
                tag[..20].copy_from_slice(&mac(&self.sha1, &parts));
                tag
            }
            Hash::Sha256 => mac(&self.sha256, &parts).into(),
        }
    }

    /// Compares the first bytes of the HMAC with `tag`, in constant time.
    pub(crate) fn verify(&self, hash: Hash, covered: &[u8], length: u16, tag: &[u8]) -> bool {
        self.tag(hash, covered, length).get(..tag.len()).is_some_and(|expected| same(expected, tag))
    }
}

/// The hash of an integrity attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// MESSAGE-INTEGRITY and GOOG-MESSAGE-INTEGRITY-32.
    Sha1,
    /// MESSAGE-INTEGRITY-SHA256.
    Sha256,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// True when both are the same, in constant time.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

// Not inlined: one copy for each hash serves every use.

/// HMAC takes keys of any length, so that the error arm is never reached.
#[inline(never)]
pub(crate) fn keyed<M: Mac + hmac::digest::KeyInit>(key: &[u8]) -> M {
    <M as Mac>::new_from_slice(key).unwrap_or_else(|_| <M as Mac>::new(&Default::default()))
}

/// HMAC of `parts` by a state that has its key.
#[inline(never)]
pub(crate) fn mac<M: Mac + Clone>(state: &M, parts: &[&[u8]]) -> hmac::digest::Output<M> {
    let mut mac = state.clone();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes()
}

#[inline(never)]
fn digest<D: Digest>(parts: &[&[u8]]) -> hmac::digest::Output<D> {
    let mut hash = D::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize()
}

/// The value of USERHASH: SHA-256 of `username:realm` (RFC 8489 §14.4).
pub fn user_hash(username: &str, realm: &str) -> [u8; 32] {
    sha256(&[username.as_bytes(), b":", realm.as_bytes()])
}

/// SHA-256 of `parts` one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    digest::<Sha256>(parts).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{Builder, Class, Message, Method, TransactionId, attribute};
    use alloc::vec::Vec;

    #[test]
    fn classic_messages_are_padded_to_64_bytes() {
        let key = Key::short_term("pass");
        let mut buffer = [0; 64];
        let id = TransactionId::classic([7; 16]);
        let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        builder.raw(attribute::USERNAME, b"user").unwrap().sign(&key).unwrap();
        let bytes = builder.finish();
        let mut text: Vec<u8> = bytes[..28].to_vec();
        text.resize(64, 0);
        let expected = keyed::<Hmac<Sha1>>(b"pass").chain_update(&text).finalize().into_bytes();
        assert_eq!(&bytes[32..], expected.as_slice());
        assert!(Message::parse(bytes).unwrap().verify(&key).is_valid());
    }

    #[test]
    fn goog_ping_is_signed_with_four_bytes() {
        let (key, wrong) = (Key::short_term("pass"), Key::short_term("other"));
        let mut buffer = [0; 64];
        let id = TransactionId::new([7; 12]);
        let mut builder = Builder::new(&mut buffer, Class::Request, Method::GOOG_PING, id).unwrap();
        builder.sign_32(&key).unwrap();
        let message = Message::parse(builder.finish()).unwrap();
        assert_eq!(message.get(attribute::GOOG_MESSAGE_INTEGRITY_32).map(|found| found.bytes().len()), Some(4));
        assert_eq!([message.verify(&key), message.verify(&wrong)], [Check::Valid, Check::Invalid]);
    }
}
