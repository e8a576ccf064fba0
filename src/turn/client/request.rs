//! Requests and their repetition.
use super::super::{Family, millis};
use super::{Client, Families, Reason};
use crate::net::Protocol;
use crate::stun::challenge::Attempts;
use crate::stun::transaction::{Timing, Transaction};
use crate::stun::{BuildError, Builder, Class, Key, Method, Value, attribute};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// The longest request: user name, realm, nonce, software and password algorithms at their longest.
const MAX_REQUEST: usize = 8192;
/// User names that libwebrtc refuses are longer; STUN's limit is 509 bytes (RFC 8489 §14.3).
const MAX_USERNAME: usize = 509;
/// REQUESTED-TRANSPORT for UDP (RFC 8656 §18.8).
const UDP: u32 = 17;

/// Purpose of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Allocate,
    Refresh,
    Delete,
    Permission(IpAddr),
    Channel(SocketAddr, u16),
}

impl Kind {
    pub(super) const fn method(self) -> Method {
        match self {
            Self::Allocate => Method::ALLOCATE,
            Self::Refresh | Self::Delete => Method::REFRESH,
            Self::Permission(_) => Method::CREATE_PERMISSION,
            Self::Channel(..) => Method::CHANNEL_BIND,
        }
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) kind: Kind,
    pub(super) transaction: Transaction,
    pub(super) attempts: Attempts,
    pub(super) bytes: Vec<u8>,
    /// When it was sent first: what the server counts from is no earlier.
    pub(super) sent_at: Duration,
    /// Key that it was signed with.
    pub(super) key: Option<Key>,
    /// An answer came whose integrity was wrong.
    pub(super) forged: bool,
}

impl Client {
    /// Sends a request that was not sent before.
    pub(super) fn request(&mut self, now: Duration, kind: Kind) {
        self.try_request(now, kind, Attempts::default());
    }

    /// Sends a request, as the next of `attempts`.
    pub(super) fn try_request(&mut self, now: Duration, kind: Kind, attempts: Attempts) {
        let id = self.entropy.transaction_id();
        let mut buffer = alloc::vec![0; MAX_REQUEST];
        let written = Builder::new(&mut buffer, Class::Request, kind.method(), id).and_then(|mut request| {
            self.write(kind, &mut request)?;
            Ok(request.as_bytes().len())
        });
        let Ok(len) = written else { return self.refused(now, kind, Reason::TooLong.into()) };
        buffer.truncate(len);
        buffer.shrink_to_fit();
        self.transmit(buffer.clone());
        let timing = if self.config.protocol == Protocol::Udp { Timing::default() } else { Timing::RELIABLE };
        let transaction = Transaction::new(id, timing, millis(now));
        let key = self.session.as_ref().map(|session| session.key.clone());
        self.pending.push(Pending { kind, transaction, attempts, bytes: buffer, sent_at: now, key, forged: false });
    }

    fn write(&self, kind: Kind, request: &mut Builder<'_>) -> Result<(), BuildError> {
        if self.config.username.len() > MAX_USERNAME {
            return Err(BuildError::WrongSize);
        }
        match kind {
            Kind::Allocate => self.write_allocate(request)?,
            Kind::Refresh => self.write_lifetime(self.config.lifetime, request)?,
            Kind::Delete => self.write_lifetime(Some(0), request)?,
            Kind::Permission(ip) => _ = request.address(attribute::XOR_PEER_ADDRESS, SocketAddr::new(ip, 0))?,
            Kind::Channel(peer, number) => {
                request.attribute(attribute::CHANNEL_NUMBER, &Value::Number(number.into()))?;
                request.address(attribute::XOR_PEER_ADDRESS, peer)?;
            }
        }
        if !self.config.software.is_empty() {
            request.attribute(attribute::SOFTWARE, &Value::Text(&self.config.software))?;
        }
        if let Some(session) = &self.session {
            session.sign(&self.config.username, request)?;
        }
        Ok(())
    }

    fn write_allocate(&self, request: &mut Builder<'_>) -> Result<(), BuildError> {
        request.attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(UDP))?;
        let v6 = Value::Number(Family::V6 as u32);
        match self.config.families {
            // Absent means IPv4 (RFC 8656 §7.1), which servers before RFC 6156 understand too.
            Families::V4 => {}
            Families::V6 => _ = request.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &v6)?,
            Families::Both => _ = request.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &v6)?,
        }
        self.write_lifetime(self.config.lifetime, request)
    }

    fn write_lifetime(&self, lifetime: Option<u32>, request: &mut Builder<'_>) -> Result<(), BuildError> {
        if let Some(lifetime) = lifetime {
            request.attribute(attribute::LIFETIME, &Value::Number(lifetime))?;
        }
        Ok(())
    }
}
