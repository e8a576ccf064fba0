//! Random bytes from a seed: SHA-256 of the seed and a counter.
use crate::stun::TransactionId;
use crate::stun::sha256;
use alloc::string::String;

/// The ice-chars of RFC 8839 §5.4: 64 of them, six bits each.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes that nobody can foretell who does not know the seed; with the same seed, the same bytes.
#[derive(Clone)]
pub(super) struct Entropy {
    seed: [u8; 32],
    count: u64,
    block: [u8; 32],
    used: usize,
}

impl Entropy {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, count: 0, block: [0; 32], used: 32 }
    }

    fn byte(&mut self) -> u8 {
        if self.used >= self.block.len() {
            self.count += 1;
            self.block = sha256(&[&self.seed, &self.count.to_be_bytes()]);
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.byte())
    }

    /// A transaction id (RFC 8489 §5: 96 random bits).
    pub(super) fn transaction_id(&mut self) -> TransactionId {
        TransactionId::new(self.bytes())
    }

    pub(super) fn number(&mut self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    /// A number from 0 up to but without `below`, which is not 0.
    pub(super) fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.number()) * u128::from(below)) >> 64) as u64
    }

    /// So many ice-chars.
    pub(super) fn ice_chars(&mut self, len: usize) -> String {
        (0..len).filter_map(|_| ICE_CHARS.get(usize::from(self.byte() & 63))).map(|&byte| char::from(byte)).collect()
    }
}

impl core::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Entropy")
    }
}
