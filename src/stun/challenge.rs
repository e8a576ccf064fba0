//! A client's way from 401 and 438 to a request that is accepted (RFC 8489 §9.2.3 and §9.2.5).
use super::nonce::SecurityFeatures;
use super::{
    Algorithm, AlgorithmParameters, Algorithms, BuildError, Builder, Class, Key, Message, Value, attribute, user_hash,
};
use core::fmt;

/// Challenge in a 401 or 438 response of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// REALM.
    pub realm: &'a str,
    /// NONCE, to be sent back as it is.
    pub nonce: &'a str,
    /// PASSWORD-ALGORITHMS, to be sent back as it is; `None` from a server older than RFC 8489.
    pub algorithms: Option<Algorithms<'a>>,
    /// The algorithm to use: the first on the list that we know, or MD5 without a list.
    pub algorithm: Algorithm,
    /// USERHASH must be sent instead of USERNAME.
    pub anonymous: bool,
}

/// Why a request must not be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GiveUp {
    /// Not an error response with code 401 or 438.
    NotAChallenge,
    /// REALM or NONCE is missing.
    Incomplete,
    /// The nonce promises PASSWORD-ALGORITHMS and the attribute is not there: somebody took it out (§9.2.1).
    BidDown,
    /// None of the password algorithms is known.
    NoAlgorithm,
    /// 401 came again for the same credentials: they are wrong.
    Rejected,
    /// The realm changed between two responses.
    RealmChanged,
    /// 438 came again for a nonce that was just issued.
    StaleAgain,
}

impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAChallenge => "the response does not ask for credentials",
            Self::Incomplete => "the response asks for credentials without REALM or NONCE",
            Self::BidDown => "the nonce announces PASSWORD-ALGORITHMS, which is missing: it may have been removed",
            Self::NoAlgorithm => "the server offers no password algorithm that is known here",
            Self::Rejected => "the server refuses the user name or password",
            Self::RealmChanged => "the server changed its realm during authentication",
            Self::StaleAgain => "the server calls a nonce stale that it just issued",
        })
    }
}

impl core::error::Error for GiveUp {}

impl<'a> Challenge<'a> {
    /// Reads a 401 or 438 response.
    ///
    /// # Errors
    ///
    /// [`GiveUp`] when the client must not try again.
    pub fn read(response: &Message<'a>) -> Result<Self, GiveUp> {
        let code = response.error_code().map(|error| error.code);
        if response.class() != Class::Error || !matches!(code, Some(401 | 438)) {
            return Err(GiveUp::NotAChallenge);
        }
        let (Some(realm), Some(nonce)) = (response.realm(), response.nonce()) else { return Err(GiveUp::Incomplete) };
        let features = SecurityFeatures::of_nonce(nonce.as_bytes()).unwrap_or_default();
        let algorithms = match response.value(attribute::PASSWORD_ALGORITHMS) {
            Some(Value::Algorithms(list)) => Some(list),
            _ if features.password_algorithms() => return Err(GiveUp::BidDown),
            _ => None,
        };
        let algorithm = match algorithms {
            None => Algorithm::Md5,
            Some(list) => {
                let known = |entry: AlgorithmParameters<'_>| Algorithm::from_code(entry.algorithm);
                list.iter().find_map(known).ok_or(GiveUp::NoAlgorithm)?
            }
        };
        Ok(Self { realm, nonce, algorithms, algorithm, anonymous: features.username_anonymity() })
    }

    /// The key of a user under this challenge.
    pub fn key(&self, username: &str, password: &str) -> Key {
        Key::long_term(username, self.realm, password, self.algorithm)
    }

    /// Adds what the next request needs before it is signed: USERNAME or USERHASH, REALM, NONCE, and the algorithms.
    ///
    /// # Errors
    ///
    /// [`BuildError`].
    pub fn write(&self, username: &str, request: &mut Builder<'_>) -> Result<(), BuildError> {
        if self.anonymous {
            request.attribute(attribute::USERHASH, &Value::Bytes(&user_hash(username, self.realm)))?;
        } else {
            request.attribute(attribute::USERNAME, &Value::Text(username))?;
        }
        request.attribute(attribute::REALM, &Value::Text(self.realm))?;
        request.attribute(attribute::NONCE, &Value::Text(self.nonce))?;
        if let Some(list) = self.algorithms {
            let chosen = AlgorithmParameters { algorithm: self.algorithm as u16, parameters: &[] };
            request.attribute(attribute::PASSWORD_ALGORITHMS, &Value::Algorithms(list))?;
            request.attribute(attribute::PASSWORD_ALGORITHM, &Value::Algorithm(chosen))?;
        }
        Ok(())
    }

    /// Signs the request: MESSAGE-INTEGRITY-SHA256 when the server negotiates algorithms, else MESSAGE-INTEGRITY.
    ///
    /// # Errors
    ///
    /// [`BuildError`].
    pub fn sign(&self, key: &Key, request: &mut Builder<'_>) -> Result<(), BuildError> {
        match self.algorithms {
            Some(_) => request.sign_sha256(key, 32)?,
            None => request.sign(key)?,
        };
        Ok(())
    }
}

/// Keeps a client from asking for ever: one try after 401, one new nonce after each accepted one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attempts {
    /// Credentials were sent.
    tried: bool,
    /// A new nonce was just taken.
    renewed: bool,
}

impl Attempts {
    /// Judges a response to the request last sent, whose challenge was `last`.
    ///
    /// # Errors
    ///
    /// [`GiveUp`] when the client must not try again.
    pub fn next<'a>(&mut self, last: Option<&Challenge<'_>>, response: &Message<'a>) -> Result<Challenge<'a>, GiveUp> {
        let challenge = Challenge::read(response)?;
        let stale = response.error_code().is_some_and(|error| error.code == 438);
        if self.tried && last.is_some_and(|last| last.realm != challenge.realm) {
            return Err(GiveUp::RealmChanged);
        }
        match (stale, self.tried, self.renewed) {
            (true, _, true) => return Err(GiveUp::StaleAgain),
            (false, true, _) => return Err(GiveUp::Rejected),
            _ => {}
        }
        self.tried = true;
        self.renewed = stale;
        Ok(challenge)
    }

    /// To be called when a request was accepted: the nonce may go stale again later.
    pub const fn accepted(&mut self) {
        self.renewed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{ErrorCode, Method, TransactionId};
    use alloc::vec::Vec;

    fn error(code: u16, realm: &str, nonce: &str, algorithms: Option<&[u8]>) -> Vec<u8> {
        let mut buffer = [0; 512];
        let id = TransactionId::new([1; 12]);
        let mut builder = Builder::new(&mut buffer, Class::Error, Method::ALLOCATE, id).unwrap();
        builder.attribute(attribute::ERROR_CODE, &Value::ErrorCode(ErrorCode::new(code))).unwrap();
        builder.attribute(attribute::REALM, &Value::Text(realm)).unwrap();
        builder.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
        if let Some(list) = algorithms {
            builder.raw(attribute::PASSWORD_ALGORITHMS, list).unwrap();
        }
        builder.finish().to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Challenge<'_>, GiveUp> {
        Challenge::read(&Message::parse(bytes).unwrap())
    }

    #[test]
    fn the_first_known_algorithm_is_taken() {
        let bytes = error(401, "r", "obMatJos2AAABx", Some(&[0, 9, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0]));
        assert_eq!(read(&bytes).unwrap().algorithm, Algorithm::Sha256);
        assert_eq!(read(&error(401, "r", "plain", None)).unwrap().algorithm, Algorithm::Md5);
        assert_eq!(read(&error(401, "r", "plain", Some(&[0, 9, 0, 0]))), Err(GiveUp::NoAlgorithm));
        assert!(read(&error(401, "r", "obMatJos2AAACx", None)).unwrap().anonymous);
    }

    #[test]
    fn a_list_that_was_taken_out_is_noticed() {
        assert_eq!(read(&error(401, "r", "obMatJos2AAABx", None)), Err(GiveUp::BidDown));
        assert_eq!(read(&error(400, "r", "n", None)), Err(GiveUp::NotAChallenge));
    }

    #[test]
    fn nothing_loops() {
        let [first, stale, other] =
            [error(401, "r", "n1", None), error(438, "r", "n2", None), error(438, "other", "n3", None)];
        let [first, stale, other] = [&first, &stale, &other].map(|bytes| Message::parse(bytes).unwrap());
        let mut attempts = Attempts::default();
        let challenge = attempts.next(None, &first).unwrap();
        assert_eq!(attempts.next(Some(&challenge), &first), Err(GiveUp::Rejected));
        assert_eq!(attempts.next(Some(&challenge), &other), Err(GiveUp::RealmChanged));
        let challenge = attempts.next(Some(&challenge), &stale).unwrap();
        assert_eq!(challenge.nonce, "n2");
        assert_eq!(attempts.next(Some(&challenge), &stale), Err(GiveUp::StaleAgain));
        attempts.accepted();
        assert!(attempts.next(Some(&challenge), &stale).is_ok());
    }
}
