//! The requests of the procedures, and what their answers say.

use core::net::SocketAddr;

use sha2::{Digest, Sha256};

use super::lifetime;
use super::transaction::Kind;
use crate::stun::{Builder, Class, Dialect, Message, Method, TransactionId, Value, attribute};

/// PADDING of a request: more than the MTU of Ethernet, a multiple of four (RFC 5780 §7.6).
const PADDING: usize = 1600;
/// SOFTWARE of a request. Its length makes the request as long as a third of the longest plain answer over IPv6, since
/// servers that are careful with forged sources answer with no more than a few times what was asked.
const SOFTWARE: &str = "icelens discovery";

/// Transaction ids, derived from the caller's random bytes.
#[derive(Debug)]
pub(super) struct Ids {
    seed: [u8; 32],
    count: u64,
}

impl Ids {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, count: 0 }
    }

    /// The next one; without a magic cookie when `classic`.
    pub(super) fn next(&mut self, classic: bool) -> TransactionId {
        self.count += 1;
        let hash: [u8; 32] =
            Sha256::new().chain_update(self.seed).chain_update(self.count.to_be_bytes()).finalize().into();
        let (mut id, mut long) = ([0; 12], [0; 16]);
        if classic {
            long.copy_from_slice(&hash[..16]);
            return TransactionId::classic(long);
        }
        id.copy_from_slice(&hash[..12]);
        TransactionId::new(id)
    }
}

/// The bytes of a request; `None` only if they did not fit, which they do.
pub(super) fn request(id: TransactionId, kind: Kind) -> Option<Vec<u8>> {
    let classic = id.dialect() == Dialect::Rfc3489;
    let padding = if kind == Kind::Fragments { PADDING } else { 0 };
    let mut buffer = vec![0; 96 + padding];
    let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).ok()?;
    match kind {
        Kind::Change { ip } => {
            builder.attribute(attribute::CHANGE_REQUEST, &Value::ChangeRequest { ip, port: true }).ok()?
        }
        Kind::Fragments => builder.attribute(attribute::PADDING, &Value::Bytes(&[0; PADDING])).ok()?,
        Kind::Lifetime(lifetime::Request::Probe { port }) => {
            builder.attribute(attribute::RESPONSE_PORT, &Value::Number(u32::from(port))).ok()?
        }
        _ => &mut builder,
    };
    // RFC 3489 has no such attribute, and its addresses are short.
    if !classic {
        builder.attribute(attribute::SOFTWARE, &Value::Text(SOFTWARE)).ok()?;
    }
    Some(builder.finish().to_vec())
}

/// Content of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// `plain` is MAPPED-ADDRESS beside XOR-MAPPED-ADDRESS; `plain_only` when there was no other.
    Success {
        mapped: Option<SocketAddr>,
        plain: Option<SocketAddr>,
        plain_only: bool,
    },
    Error(u16),
}

pub(super) fn read(message: &Message<'_>) -> Answer {
    if message.class() == Class::Error {
        return Answer::Error(message.error_code().map_or(0, |error| error.code));
    }
    let xor = address(message, attribute::XOR_MAPPED_ADDRESS);
    let plain = address(message, attribute::MAPPED_ADDRESS);
    Answer::Success {
        mapped: xor.or(plain),
        plain: plain.filter(|_| xor.is_some()),
        plain_only: xor.is_none() && plain.is_some(),
    }
}

pub(super) fn address(message: &Message<'_>, code: u16) -> Option<SocketAddr> {
    match message.value(code)? {
        Value::Address(address) => Some(address),
        _ => None,
    }
}
