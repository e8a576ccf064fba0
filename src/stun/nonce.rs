//! Nonces: the cookie that names security features (RFC 8489 §9.2), and nonces that need no memory.
use super::integrity::{Check, keyed, mac, same};
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use hmac::Hmac;
use sha2::Sha256;

/// Beginning of a nonce cookie.
const COOKIE: &[u8; 9] = b"obMatJos2";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The STUN security features (RFC 8489 §18.1): 24 bits, bit 0 the least significant, as Appendix B.1 shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityFeatures(pub u32);

impl SecurityFeatures {
    /// Bit 0: the server sends PASSWORD-ALGORITHMS.
    pub const PASSWORD_ALGORITHMS: u32 = 1;
    /// Bit 1: the server takes USERHASH.
    pub const USERNAME_ANONYMITY: u32 = 2;

    /// Reads the cookie at the start of a nonce; `None` when the nonce has none.
    pub fn of_nonce(nonce: &[u8]) -> Option<Self> {
        let digits = nonce.strip_prefix(COOKIE)?.first_chunk::<4>()?;
        let mut bits = 0;
        for digit in digits {
            bits = bits << 6 | BASE64.iter().position(|known| known == digit)? as u32;
        }
        Some(Self(bits))
    }

    /// True when PASSWORD-ALGORITHMS is promised.
    pub const fn password_algorithms(self) -> bool {
        self.0 & Self::PASSWORD_ALGORITHMS != 0
    }

    /// True when USERHASH must be used.
    pub const fn username_anonymity(self) -> bool {
        self.0 & Self::USERNAME_ANONYMITY != 0
    }

    /// The 13 bytes a nonce with these features begins with.
    pub fn cookie(self) -> [u8; 13] {
        let mut out = [0; 13];
        let (head, digits) = out.split_at_mut(COOKIE.len());
        head.copy_from_slice(COOKIE);
        for (index, digit) in digits.iter_mut().enumerate() {
            *digit = BASE64.get((self.0 >> (18 - 6 * index)) as usize & 63).copied().unwrap_or_default();
        }
        out
    }
}

/// Bytes of a nonce made by [`NonceSecret::mint`].
pub const NONCE_LEN: usize = 13 + 8 + 16;

/// Makes nonces and knows them again without remembering any: a nonce holds its time of expiry, and a tag over that
/// and the client's address under a secret (RFC 8489 §9.2.4 asks for one nonce per source address and port).
#[derive(Clone)]
pub struct NonceSecret(Hmac<Sha256>);

impl NonceSecret {
    /// `secret` should be 32 random bytes that the server keeps for itself.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(keyed(secret))
    }

    /// A nonce for `client` that is good until `expires` (seconds on the server's own clock).
    pub fn mint(&self, features: SecurityFeatures, client: SocketAddr, expires: u32) -> [u8; NONCE_LEN] {
        let mut out = [0; NONCE_LEN];
        let cookie = features.cookie();
        let tag = self.tag(&cookie, client, expires);
        let (head, rest) = out.split_at_mut(cookie.len());
        head.copy_from_slice(&cookie);
        let (time, end) = rest.split_at_mut(8);
        write_hex(&expires.to_be_bytes(), time);
        write_hex(&tag, end);
        out
    }

    /// Valid, or invalid when it is not one of ours, not for this client, or past its time.
    pub fn check(&self, nonce: &[u8], client: SocketAddr, now: u32) -> Check {
        let Some((cookie, rest)) = nonce.split_first_chunk::<13>() else { return Check::Invalid };
        let Some((time, tag)) = rest.split_first_chunk::<8>() else { return Check::Invalid };
        let Some(expires) = read_hex(time) else { return Check::Invalid };
        let mut expected = [0; 16];
        write_hex(&self.tag(cookie, client, expires), &mut expected);
        Check::from_bool(same(&expected, tag) && now < expires)
    }

    fn tag(&self, cookie: &[u8; 13], client: SocketAddr, expires: u32) -> [u8; 8] {
        let (port, expires) = (client.port().to_be_bytes(), expires.to_be_bytes());
        let tag = match client.ip() {
            IpAddr::V4(ip) => mac(&self.0, &[cookie, &expires, &port, &ip.octets()]),
            IpAddr::V6(ip) => mac(&self.0, &[cookie, &expires, &port, &ip.octets()]),
        };
        tag.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for NonceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceSecret")
    }
}

fn write_hex(bytes: &[u8], out: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

fn read_hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = HEX.iter().position(|known| known == digit)?;
        Some(value << 4 | digit as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_bits_are_those_of_rfc_8489_b_1() {
        let features = SecurityFeatures::of_nonce(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA").unwrap();
        assert_eq!(features, SecurityFeatures(SecurityFeatures::USERNAME_ANONYMITY));
        assert_eq!(&features.cookie(), b"obMatJos2AAAC");
        assert_eq!(SecurityFeatures::of_nonce(b"obMatJos2AAA"), None);
        assert_eq!(SecurityFeatures::of_nonce(b"f//499k954d6OL34oL9FSTvy64sA"), None);
    }

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time_only() {
        let secret = NonceSecret::new(&[3; 32]);
        let client = "192.0.2.7:4000".parse().unwrap();
        let bytes = secret.mint(SecurityFeatures(3), client, 600);
        let nonce = &bytes[..];
        assert_eq!(SecurityFeatures::of_nonce(nonce), Some(SecurityFeatures(3)));
        assert_eq!(secret.check(nonce, client, 599), Check::Valid);
        assert_eq!(secret.check(nonce, client, 600), Check::Invalid);
        assert_eq!(secret.check(nonce, "192.0.2.7:4001".parse().unwrap(), 0), Check::Invalid);
        assert_eq!(NonceSecret::new(&[4; 32]).check(nonce, client, 0), Check::Invalid);
        for index in 0..bytes.len() {
            let mut changed = bytes;
            changed[index] ^= 1;
            assert_eq!(secret.check(&changed, client, 0), Check::Invalid);
            assert_eq!(secret.check(&nonce[..index], client, 0), Check::Invalid);
        }
    }
}
