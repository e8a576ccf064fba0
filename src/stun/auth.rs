//! Credentials as a server checks them (RFC 8489 §9.1.3 and §9.2.4).
use super::nonce::{NONCE_LEN, NonceSecret, SecurityFeatures};
use super::server::{Rule, Steps};
use super::{Algorithm, Algorithms, Check, Key, Message, Value, attribute, user_hash};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

/// Who may ask a [`Server`](super::server::Server).
#[derive(Clone, Copy, Debug, Default)]
pub enum Auth<'a> {
    /// Anybody. Integrity attributes are not looked at.
    #[default]
    None,
    /// One user name and password, as in ICE.
    ShortTerm {
        /// The whole of USERNAME, or for ICE the part up to and with the colon.
        username: &'a str,
        /// The password.
        key: &'a Key,
    },
    /// Many users, as in TURN.
    LongTerm(LongTerm<'a>),
}

/// Long-term credentials.
#[derive(Clone, Copy)]
pub struct LongTerm<'a> {
    /// The realm, usually the provider's domain name. At most 763 bytes.
    pub realm: &'a str,
    /// Makes and checks nonces.
    pub secret: &'a NonceSecret,
    /// How long a nonce is good, in seconds.
    pub nonce_lifetime: u32,
    /// The users.
    pub users: &'a dyn Users,
}

impl LongTerm<'_> {
    pub(super) fn nonce(&self, source: SocketAddr, now: u32) -> [u8; NONCE_LEN] {
        let features = SecurityFeatures::PASSWORD_ALGORITHMS | SecurityFeatures::USERNAME_ANONYMITY;
        self.secret.mint(SecurityFeatures(features), source, now.saturating_add(self.nonce_lifetime))
    }
}

impl fmt::Debug for LongTerm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LongTerm").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// How a request names its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User<'a> {
    /// USERNAME.
    Name(&'a str),
    /// USERHASH.
    Hash(&'a [u8; 32]),
}

/// A user database.
pub trait Users {
    /// The key of `user` under `algorithm`; `None` when there is no such user.
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key>;
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
}

/// Looks through the accounts in order; meant for a handful of them.
impl Users for Vec<Account> {
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key> {
        let found = self.iter().find(|account| match user {
            User::Name(name) => account.username == name,
            User::Hash(hash) => account.hash == *hash,
        })?;
        Some(match algorithm {
            Algorithm::Md5 => &found.md5,
            Algorithm::Sha256 => &found.sha256,
        })
    }
}

/// What a response is signed with: the attribute and key of the request.
#[derive(Clone, Copy, Debug)]
pub enum Protection<'a> {
    /// Nothing.
    None,
    /// MESSAGE-INTEGRITY.
    Sha1(&'a Key),
    /// MESSAGE-INTEGRITY-SHA256.
    Sha256(&'a Key),
}

impl<'s> Auth<'s> {
    /// Makes the checks of the mechanism in the RFC's order.
    pub(super) fn check<'m>(
        &self,
        message: &Message<'m>,
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<Protection<'m>, u16>
    where
        's: 'm,
    {
        match *self {
            Self::None => {
                steps.skip(Rule::IntegrityPresent);
                Ok(Protection::None)
            }
            Self::ShortTerm { username, key } => short_term(username, key, message, steps),
            Self::LongTerm(terms) => terms.check(message, source, now, steps),
        }
    }
}

fn is_signed(message: &Message<'_>) -> bool {
    message.get(attribute::MESSAGE_INTEGRITY).is_some() || message.get(attribute::MESSAGE_INTEGRITY_SHA256).is_some()
}

/// RFC 8489 §9.1.3. A name that ends with a colon is that of an ICE agent: only what comes before the colon of
/// USERNAME counts (RFC 8445 §7.3).
fn short_term<'m, 's: 'm>(
    username: &str,
    key: &'s Key,
    message: &Message<'m>,
    steps: &mut Steps,
) -> Result<Protection<'m>, u16> {
    steps.demand(Rule::IntegrityPresent, is_signed(message), 400)?;
    let name = message.username();
    steps.demand(Rule::CredentialsPresent, name.is_some(), 400)?;
    let is_ours = |name: &str| name == username || username.ends_with(':') && name.starts_with(username);
    steps.demand(Rule::User, name.is_some_and(is_ours), 401)?;
    // §9.1.3: MESSAGE-INTEGRITY-SHA256 is the one that counts when both are there; verify() wants both right.
    steps.demand(Rule::Integrity, message.verify(key).is_valid(), 401)?;
    Ok(match message.get(attribute::MESSAGE_INTEGRITY_SHA256) {
        Some(_) => Protection::Sha256(key),
        None => Protection::Sha1(key),
    })
}

impl<'s> LongTerm<'s> {
    /// RFC 8489 §9.2.4.
    fn check<'m>(
        &self,
        message: &Message<'m>,
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<Protection<'m>, u16>
    where
        's: 'm,
    {
        steps.demand(Rule::IntegrityPresent, is_signed(message), 401)?;
        let (user, nonce) = (user(message), message.nonce());
        let complete = user.is_some() && message.realm().is_some() && nonce.is_some();
        steps.demand(Rule::CredentialsPresent, complete, 400)?;
        let nonce = nonce.unwrap_or_default();
        let algorithm = chosen(message, nonce);
        steps.demand(Rule::Algorithms, algorithm.is_some(), 400)?;
        let (algorithm, negotiated) = algorithm.unwrap_or((Algorithm::Md5, false));
        let is_ours = message.realm() == Some(self.realm);
        let key = user.filter(|_| is_ours).and_then(|user| self.users.key(user, algorithm));
        steps.demand(Rule::User, key.is_some(), 401)?;
        let Some(key) = key else { return Err(401) };
        let check = match message.get(attribute::MESSAGE_INTEGRITY_SHA256) {
            Some(_) => message.verify_sha256(key),
            None => message.verify_sha1(key),
        };
        steps.demand(Rule::Integrity, check.is_valid(), 401)?;
        let is_fresh = self.secret.check(nonce, source, now) == Check::Valid;
        steps.demand(Rule::Nonce, is_fresh, 438)?;
        Ok(if negotiated { Protection::Sha256(key) } else { Protection::Sha1(key) })
    }
}

fn user<'m>(message: &Message<'m>) -> Option<User<'m>> {
    if let Some(Value::Bytes(hash)) = message.value(attribute::USERHASH) {
        return hash.try_into().ok().map(User::Hash);
    }
    message.username().map(User::Name)
}

/// The algorithm the request was made with, and whether it was negotiated; `None` when the client's account of the
/// negotiation is not what we sent: somebody may have bid it down.
fn chosen(message: &Message<'_>, nonce: &str) -> Option<(Algorithm, bool)> {
    let offered = message.value(attribute::PASSWORD_ALGORITHMS);
    let picked = message.value(attribute::PASSWORD_ALGORITHM);
    let is_ours = SecurityFeatures::of_nonce(nonce).is_some_and(SecurityFeatures::password_algorithms);
    match (offered, picked) {
        (None, None) => Some((Algorithm::Md5, false)),
        _ if !is_ours => Some((Algorithm::Md5, false)),
        (Some(Value::Algorithms(offered)), Some(Value::Algorithm(picked))) => {
            let same = offered.iter().eq(Algorithms::BOTH.iter());
            let known = Algorithm::from_code(picked.algorithm).filter(|_| same && picked.parameters.is_empty());
            known.map(|algorithm| (algorithm, true))
        }
        _ => None,
    }
}
