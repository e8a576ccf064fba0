//! Credentials as a server checks them (RFC 8489 §9.1.3 and §9.2.4).
use super::nonce::{NONCE_LEN, NonceSecret, SecurityFeatures};
use super::server::{Rule, Steps};
use super::{Algorithm, Algorithms, Check, Key, Message, attribute, user_hash};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

/// Clients that may ask a [`Server`](super::server::Server).
#[derive(Clone, Copy, Debug, Default)]
pub enum Auth<'a> {
    /// Anybody. Integrity attributes are not looked at.
    #[default]
    None,
    /// One user name and password, as in ICE.
    ShortTerm {
        /// The whole of USERNAME, or for ICE the part up to and with the colon. UTF-8.
        username: &'a [u8],
        /// The password.
        key: &'a Key,
    },
    /// Many users, as in TURN.
    LongTerm(LongTerm<'a>),
}

/// Long-term credentials.
#[derive(Clone, Copy)]
pub struct LongTerm<'a> {
    /// The realm, usually the provider's domain name. UTF-8, at most 763 bytes.
    pub realm: &'a [u8],
    /// Makes and checks nonces.
    pub secret: &'a NonceSecret,
    /// How long a nonce is good, in seconds.
    pub nonce_lifetime: u32,
    /// The users.
    pub users: &'a dyn Users,
}

impl LongTerm<'_> {
    pub(super) fn nonce(&self, source: SocketAddr, now: u32) -> [u8; NONCE_LEN] {
        let anonymity = if self.users.know_hashes() { SecurityFeatures::USERNAME_ANONYMITY } else { 0 };
        let features = SecurityFeatures::PASSWORD_ALGORITHMS | anonymity;
        self.secret.mint(SecurityFeatures(features), source, now.saturating_add(self.nonce_lifetime))
    }
}

impl fmt::Debug for LongTerm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LongTerm").field("realm", &String::from_utf8_lossy(self.realm)).finish_non_exhaustive()
    }
}

/// How a request names its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User<'a> {
    /// USERNAME: what came, UTF-8 if all is well.
    Name(&'a [u8]),
    /// USERHASH.
    Hash(&'a [u8; 32]),
}

impl<'a> User<'a> {
    /// How `message` names its user; `None` when it does not.
    pub fn of(message: &Message<'a>) -> Option<Self> {
        if let Some(hash) = message.bytes(attribute::USERHASH) {
            return hash.try_into().ok().map(Self::Hash);
        }
        message.bytes(attribute::USERNAME).map(Self::Name)
    }
}

/// A user database.
pub trait Users {
    /// The key of `user` under `algorithm`; `None` when there is no such user.
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key>;

    /// False when users can't be found by [`User::Hash`]; clients are not told to send one then.
    fn know_hashes(&self) -> bool {
        true
    }
}

/// A user of a realm, with keys made ready.
#[derive(Clone, Debug)]
pub struct Account {
    username: String,
    hash: [u8; 32],
    md5: Key,
    sha256: Key,
}

impl Account {
    /// Derives the keys.
    pub fn new(username: &str, realm: &str, password: &str) -> Self {
        Self {
            username: username.into(),
            hash: user_hash(username, realm),
            md5: Key::long_term(username, realm, password, Algorithm::Md5),
            sha256: Key::long_term(username, realm, password, Algorithm::Sha256),
        }
    }

    /// The user name.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// True when `user` names this account.
    pub fn is(&self, user: User<'_>) -> bool {
        match user {
            User::Name(name) => self.username.as_bytes() == name,
            User::Hash(hash) => self.hash == *hash,
        }
    }

    /// The key under `algorithm`.
    pub const fn key(&self, algorithm: Algorithm) -> &Key {
        match algorithm {
            Algorithm::Md5 => &self.md5,
            Algorithm::Sha256 => &self.sha256,
        }
    }
}

/// Looks through the accounts in order; meant for a handful of them.
impl Users for Vec<Account> {
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key> {
        Some(self.iter().find(|account| account.is(user))?.key(algorithm))
    }
}

/// Signature of a response: by the attribute and key of the request.
#[derive(Clone, Copy, Debug)]
pub enum Protection<'a> {
    /// Nothing.
    None,
    /// MESSAGE-INTEGRITY.
    Sha1(&'a Key),
    /// MESSAGE-INTEGRITY-SHA256.
    Sha256(&'a Key),
    /// MESSAGE-INTEGRITY-SHA256, as RFC 8489 §9.2.4 asks for after an algorithm was negotiated, and MESSAGE-INTEGRITY before
    /// it, for a client that signed its request so all the same.
    Both(&'a Key),
}

impl<'s> Auth<'s> {
    /// Makes the checks of the mechanism in the RFC's order.
    pub(super) fn check(
        &self,
        message: &Message<'_>,
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<Protection<'s>, u16> {
        let refused = match self {
            Self::None => {
                steps.skip(Rule::IntegrityPresent);
                return Ok(Protection::None);
            }
            Self::ShortTerm { .. } => 400,
            Self::LongTerm(_) => 401,
        };
        let sha256 = message.get(attribute::MESSAGE_INTEGRITY_SHA256).is_some();
        let signed = sha256 || message.get(attribute::MESSAGE_INTEGRITY).is_some();
        steps.demand(Rule::IntegrityPresent, signed, refused)?;
        match *self {
            Self::LongTerm(terms) => {
                let (key, negotiated) = terms.check(message, source, now, steps)?;
                Ok(match (negotiated, sha256) {
                    (false, _) => Protection::Sha1(key),
                    (true, true) => Protection::Sha256(key),
                    (true, false) => Protection::Both(key),
                })
            }
            Self::ShortTerm { username, key } => {
                short_term(username, key, message, steps)?;
                // §9.1.3: MESSAGE-INTEGRITY-SHA256 is the one that counts when both are there.
                Ok(if sha256 { Protection::Sha256(key) } else { Protection::Sha1(key) })
            }
            Self::None => Ok(Protection::None),
        }
    }
}

/// RFC 8489 §9.1.3. A name that ends with a colon is that of an ICE agent: only what comes before the colon of
/// USERNAME counts (RFC 8445 §7.3).
fn short_term(username: &[u8], key: &Key, message: &Message<'_>, steps: &mut Steps) -> Result<(), u16> {
    let name = message.bytes(attribute::USERNAME);
    steps.demand(Rule::CredentialsPresent, name.is_some(), 400)?;
    let name = name.unwrap_or_default();
    let is_ours = name == username || username.ends_with(b":") && name.starts_with(username);
    steps.demand(Rule::User, is_ours, 401)?;
    steps.demand(Rule::Integrity, message.verify(key).is_valid(), 401)
}

impl<'s> LongTerm<'s> {
    /// RFC 8489 §9.2.4. Returns the key, and whether its algorithm was negotiated.
    fn check(
        &self,
        message: &Message<'_>,
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<(&'s Key, bool), u16> {
        let [realm, nonce] = [attribute::REALM, attribute::NONCE].map(|code| message.bytes(code));
        let user = User::of(message);
        steps.demand(Rule::CredentialsPresent, user.is_some() && realm.is_some() && nonce.is_some(), 400)?;
        let nonce = nonce.unwrap_or_default();
        let chosen = chosen(message, nonce);
        steps.demand(Rule::Algorithms, chosen.is_some(), 400)?;
        let (algorithm, negotiated) = chosen.unwrap_or((Algorithm::Md5, false));
        let user = user.filter(|_| realm == Some(self.realm));
        let key = user.and_then(|user| self.users.key(user, algorithm));
        steps.demand(Rule::User, key.is_some(), 401)?;
        let Some(key) = key else { return Err(401) };
        let check = match message.verify_sha256(key) {
            Check::Absent => message.verify_sha1(key),
            check => check,
        };
        steps.demand(Rule::Integrity, check.is_valid(), 401)?;
        steps.demand(Rule::Nonce, self.secret.check(nonce, source, now).is_valid(), 438)?;
        Ok((key, negotiated))
    }
}

/// The algorithm the request was made with, and whether it was negotiated; `None` when the client's account of the
/// negotiation is not what we sent: somebody may have bid it down.
fn chosen(message: &Message<'_>, nonce: &[u8]) -> Option<(Algorithm, bool)> {
    let offered = message.bytes(attribute::PASSWORD_ALGORITHMS);
    let picked = message.bytes(attribute::PASSWORD_ALGORITHM);
    let is_ours = SecurityFeatures::of_nonce(nonce).is_some_and(SecurityFeatures::password_algorithms);
    match (offered, picked) {
        (Some(offered), Some(picked)) if is_ours => {
            let &[a0, a1, 0, 0] = picked else { return None };
            let known = Algorithm::from_code(u16::from_be_bytes([a0, a1]));
            known.filter(|_| offered == Algorithms::BOTH.as_bytes()).map(|algorithm| (algorithm, true))
        }
        (None, None) => Some((Algorithm::Md5, false)),
        _ if is_ours => None,
        _ => Some((Algorithm::Md5, false)),
    }
}
