//! The server's challenge and the key made for it.
use super::{Client, Reason};
use crate::stun::challenge::{Challenge, GiveUp};
use crate::stun::{BuildError, Builder, Key, Message};
use alloc::vec::Vec;

/// The longest challenge that is kept.
const MAX_CHALLENGE: usize = 4096;

/// Credentials that requests are signed with.
#[derive(Debug)]
pub(super) struct Session {
    /// The response with the challenge, which is read again for each request.
    challenge: Vec<u8>,
    pub(super) key: Key,
}

impl Session {
    pub(super) fn challenge(&self) -> Option<Challenge<'_>> {
        Challenge::read(&Message::parse(&self.challenge).ok()?).ok()
    }

    /// Adds who asks, and signs.
    pub(super) fn sign(&self, username: &str, request: &mut Builder<'_>) -> Result<(), BuildError> {
        let Some(challenge) = self.challenge() else { return Ok(()) };
        challenge.write(username, request)?;
        challenge.sign(&self.key, request)
    }
}

impl Client {
    /// Takes a challenge that is to be answered.
    pub(super) fn take_challenge(&mut self, challenge: &Challenge<'_>, response: &Message<'_>) -> Result<(), Reason> {
        if self.config.username.is_empty() {
            return Err(Reason::NoCredentials);
        }
        let bytes = response.as_bytes();
        if bytes.len() > MAX_CHALLENGE {
            return Err(Reason::Challenge);
        }
        let same_key = self.session.as_ref().filter(|session| {
            let last = session.challenge();
            last.is_some_and(|last| (last.realm, last.algorithm) == (challenge.realm, challenge.algorithm))
        });
        // Another nonce does not change the key.
        let key = match same_key {
            Some(session) => session.key.clone(),
            None => challenge.key(&self.config.username, &self.config.password),
        };
        self.session = Some(Session { challenge: bytes.to_vec(), key });
        Ok(())
    }

    /// The credentials changed: the same challenge, another key.
    pub(super) fn rekey(&mut self) {
        let Some(session) = self.session.as_mut() else { return };
        let key = session.challenge().map(|challenge| challenge.key(&self.config.username, &self.config.password));
        if let Some(key) = key {
            session.key = key;
        }
    }
}

/// The reason that goes with a challenge that can't be answered.
pub(super) const fn reason(give_up: GiveUp) -> Reason {
    match give_up {
        GiveUp::Rejected => Reason::WrongCredentials,
        _ => Reason::Challenge,
    }
}
