//! Users who may relay: accounts, and the time-limited names of draft-uberti-behave-turn-rest.
use crate::stun::auth::{Account, User, Users};
use crate::stun::integrity::{keyed, mac};
use crate::stun::{Algorithm, Key, Message, Method};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use hmac::Hmac;
use sha1::Sha1;

/// The users of a server.
pub(super) struct Directory {
    realm: String,
    accounts: Vec<Account>,
    /// The secret shared with who gives out time-limited names.
    secret: Option<Hmac<Sha1>>,
    /// Unix time, in seconds, when the owner's clock was zero.
    unix_epoch: u64,
}

impl Directory {
    pub(super) fn new(realm: &str, users: &[(String, String)], secret: Option<&str>, unix_epoch: u64) -> Self {
        let accounts = users.iter().map(|(name, password)| Account::new(name, realm, password)).collect();
        Self { realm: realm.into(), accounts, secret: secret.map(|secret| keyed(secret.as_bytes())), unix_epoch }
    }

    pub(super) fn realm(&self) -> &str {
        &self.realm
    }

    /// Whoever can be meant by a message. Nothing is remembered: a time-limited name is its own record.
    pub(super) fn lookup(&self, message: &Message<'_>, now: Duration) -> Lookup<'_> {
        let limited = match User::of(message) {
            // An allocation outlives the name it was made with (section 1 of the draft): only Allocate looks at the time.
            Some(User::Name(name)) => {
                let now = (message.method() == Method::ALLOCATE).then_some(now);
                self.limited(name, now)
            }
            _ => None,
        };
        Lookup { directory: self, limited }
    }

    fn limited(&self, name: &[u8], now: Option<Duration>) -> Option<Account> {
        let secret = self.secret.as_ref()?;
        let name = core::str::from_utf8(name).ok()?;
        let expires: u64 = name.split(':').next()?.parse().ok()?;
        let unix = now.map(|now| self.unix_epoch.saturating_add(now.as_secs()));
        if unix.is_some_and(|unix| unix >= expires) {
            return None;
        }
        let password = base64(&mac(secret, &[name.as_bytes()]));
        Some(Account::new(name, &self.realm, &password))
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("realm", &self.realm).field("accounts", &self.accounts.len()).finish()
    }
}

/// The users that one message can mean.
pub(super) struct Lookup<'a> {
    directory: &'a Directory,
    limited: Option<Account>,
}

impl Lookup<'_> {
    pub(super) fn account(&self, user: User<'_>) -> Option<&Account> {
        self.directory.accounts.iter().chain(&self.limited).find(|account| account.is(user))
    }
}

impl Users for Lookup<'_> {
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key> {
        Some(self.account(user)?.key(algorithm))
    }

    /// A time-limited name can't be found by its hash.
    fn know_hashes(&self) -> bool {
        self.directory.secret.is_none()
    }
}

/// Name that a user's allocations are counted under: a time-limited name without its time.
pub(super) fn quota_name(name: &str) -> &str {
    match name.split_once(':') {
        Some((time, user)) if !user.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit()) => user,
        _ => name,
    }
}

/// The password of a time-limited name: base64 of HMAC-SHA1 (draft-uberti-behave-turn-rest, section 2.2).
///
/// ```
/// # use icelens::turn::server::rest_password;
/// assert_eq!(rest_password("north", "1433895918:kurento"), "ozxg4Zm+tbDFbkuUXPSLLeGCoC0=");
/// ```
#[must_use]
pub fn rest_password(secret: &str, username: &str) -> String {
    base64(&mac::<Hmac<Sha1>>(&keyed(secret.as_bytes()), &[username.as_bytes()]))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS.get((word >> (18 - 6 * place)) as usize & 63).filter(|_| place <= chunk.len());
            out.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10.
    #[test]
    fn base64_pads() {
        let encoded = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn quotas_ignore_the_time() {
        let names = ["alice", "1700000000:alice", "1700000000", "x:alice", "1700000000:"].map(quota_name);
        assert_eq!(names, ["alice", "alice", "1700000000", "x:alice", "1700000000:"]);
    }
}
