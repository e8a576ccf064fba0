//! Transaction ids, ports and tokens from one seed.
use crate::stun::TransactionId;
use crate::stun::integrity::{keyed, mac};
use core::fmt;
use hmac::Hmac;
use sha2::Sha256;

/// Bytes that nobody can foretell without the seed: HMAC-SHA256 of a counter.
pub(super) struct Entropy {
    keyed: Hmac<Sha256>,
    counter: u64,
}

impl Entropy {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self { keyed: keyed(seed), counter: 0 }
    }

    /// The next 32 bytes.
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        self.counter = self.counter.wrapping_add(1);
        mac(&self.keyed, &[&self.counter.to_be_bytes()]).into()
    }

    pub(super) fn transaction_id(&mut self) -> TransactionId {
        TransactionId::new(self.bytes().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
