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
    /// First id of an indication, and how many there were.
    indications: ([u8; 12], u64),
}

impl Entropy {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let mut entropy = Self { keyed: keyed(seed), counter: 0, indications: ([0; 12], 0) };
        entropy.indications.0 = entropy.bytes().first_chunk().copied().unwrap_or_default();
        entropy
    }

    /// The next 32 bytes.
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        self.counter = self.counter.wrapping_add(1);
        mac(&self.keyed, &[&self.counter.to_be_bytes()]).into()
    }

    /// The next 8 bytes.
    pub(super) fn token(&mut self) -> [u8; 8] {
        self.bytes().first_chunk().copied().unwrap_or_default()
    }

    /// A number below `bound`; 0 when that is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        // The bias is under 2^-32.
        ((u128::from(u64::from_be_bytes(self.token())) * u128::from(bound)) >> 64) as u32
    }

    pub(super) fn transaction_id(&mut self) -> TransactionId {
        TransactionId::new(self.bytes().first_chunk().copied().unwrap_or_default())
    }

    /// The id of an indication, which nobody answers: never the same twice, but not secret, so that data costs no hashing.
    pub(super) fn indication_id(&mut self) -> TransactionId {
        let (mut id, count) = self.indications;
        self.indications.1 = count.wrapping_add(1);
        id.iter_mut().zip(count.to_be_bytes()).for_each(|(byte, mask)| *byte ^= mask);
        TransactionId::new(id)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
