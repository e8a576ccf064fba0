//! MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4), and HMAC of them (RFC 2104).
//!
//! One filling of blocks serves all three. The crates `digest` and `hmac` have theirs for each hash: in wasm that is 4 KB, and
//! it takes as long as the hashing itself.
use super::md5;
use core::slice::from_ref;
use sha1::digest::generic_array::GenericArray;

/// Bytes of a block.
const BLOCK: usize = 64;

/// Words between blocks; MD5 has four, SHA-1 five.
type State = [u32; 8];

/// A hash whose blocks have 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha256,
}

impl Hash {
    /// Bytes of the result.
    const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    const fn start(self) -> State {
        match self {
            Self::Sha256 => {
                [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19]
            }
            _ => [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0],
        }
    }

    /// The hash of `parts` one after the other. Bytes after its size mean nothing.
    pub(crate) fn of(self, parts: &[&[u8]]) -> [u8; 32] {
        Blocks::new(self, self.start(), 0).digest(parts)
    }
}

/// A hash under way.
struct Blocks {
    hash: Hash,
    state: State,
    /// Bytes in whole blocks so far.
    done: usize,
    /// Begun and not yet full; zeros behind `filled`.
    block: [u8; BLOCK],
    filled: usize,
}

impl Blocks {
    const fn new(hash: Hash, state: State, done: usize) -> Self {
        Self { hash, state, done, block: [0; BLOCK], filled: 0 }
    }

    /// The same with a block begun. A length that is known when this is compiled needs no call to copy, which would take as
    /// long in wasm as a tenth of a block.
    fn begun<const N: usize>(hash: Hash, state: State, done: usize, start: &[u8; N]) -> Self {
        let mut blocks = Self::new(hash, state, done);
        if let Some(place) = blocks.block.first_chunk_mut() {
            *place = *start;
            blocks.filled = N;
        }
        blocks
    }

    #[inline(never)]
    fn digest(mut self, parts: &[&[u8]]) -> [u8; 32] {
        parts.iter().filter(|part| !part.is_empty()).for_each(|part| self.put(part));
        self.finish()
    }

    fn put(&mut self, mut bytes: &[u8]) {
        loop {
            let free = self.block.get_mut(self.filled..).unwrap_or_default();
            let Some((now, later)) = bytes.split_at_checked(free.len()) else { break };
            free.copy_from_slice(now);
            self.compress();
            bytes = later;
        }
        let end = self.filled + bytes.len();
        if let Some(place) = self.block.get_mut(self.filled..end) {
            place.copy_from_slice(bytes);
            self.filled = end;
        }
    }

    /// Takes the block in and begins the next one.
    #[inline(never)]
    fn compress(&mut self) {
        let blocks = from_ref(GenericArray::from_slice(&self.block));
        match self.hash {
            Hash::Md5 => _ = self.state.first_chunk_mut().map(|state| md5::compress(state, &self.block)),
            Hash::Sha1 => _ = self.state.first_chunk_mut().map(|state| sha1::compress(state, blocks)),
            Hash::Sha256 => sha2::compress256(&mut self.state, blocks),
        }
        (self.done, self.block, self.filled) = (self.done + BLOCK, [0; BLOCK], 0);
    }

    /// A one, zeros up to the end of a block, and in its last eight bytes how many bits there were before.
    fn finish(mut self) -> [u8; 32] {
        let bits = 8 * (self.done + self.filled) as u64;
        if let Some(place) = self.block.get_mut(self.filled) {
            *place = 0x80;
        }
        if self.filled >= BLOCK - 8 {
            self.compress();
        }
        let little = self.hash == Hash::Md5;
        if let Some(place) = self.block.last_chunk_mut() {
            *place = if little { bits.to_le_bytes() } else { bits.to_be_bytes() };
        }
        self.compress();
        let mut out = [0; 32];
        for (place, word) in out.as_chunks_mut().0.iter_mut().zip(self.state) {
            *place = if little { word.to_le_bytes() } else { word.to_be_bytes() };
        }
        out
    }
}

/// A key made ready for HMAC: the states behind its two blocks, so that a message costs no hashing of the key.
#[derive(Clone, Copy)]
pub(crate) struct Mac {
    hash: Hash,
    inner: State,
    outer: State,
}

impl Mac {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Self {
        // A key longer than a block is hashed.
        let long;
        let key = if key.len() > BLOCK {
            long = hash.of(&[key]);
            long.get(..hash.size()).unwrap_or_default()
        } else {
            key
        };
        let mut block = [0; BLOCK];
        block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
        let behind = |mask: u8| {
            let mut blocks = Blocks::new(hash, hash.start(), 0);
            blocks.put(&block.map(|byte| byte ^ mask));
            blocks.state
        };
        Self { hash, inner: behind(0x36), outer: behind(0x5c) }
    }

    /// The HMAC of `parts` one after the other. Bytes after the size of the hash mean nothing.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.outer(Blocks::new(self.hash, self.inner, BLOCK).digest(parts))
    }

    /// The same of `head` and `parts`.
    pub(crate) fn of_headed<const N: usize>(&self, head: &[u8; N], parts: &[&[u8]]) -> [u8; 32] {
        self.outer(Blocks::begun(self.hash, self.inner, BLOCK, head).digest(parts))
    }

    fn outer(&self, inner: [u8; 32]) -> [u8; 32] {
        // Bytes after the size of SHA-1 are zeros.
        let mut blocks = Blocks::begun(self.hash, self.outer, BLOCK, &inner);
        blocks.filled = self.hash.size();
        blocks.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::md5::Md5;
    use alloc::vec::Vec;
    use hmac::digest::{Digest, KeyInit};
    use hmac::{Hmac, Mac as _};
    use sha1::Sha1;
    use sha2::Sha256;

    /// Bytes of each length up to three blocks.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        (0..=3 * BLOCK).map(|length| (0..length).map(|n| (n * 7 % 251) as u8).collect())
    }

    #[test]
    fn hashes_are_those_of_the_crates() {
        for text in texts() {
            let (head, rest) = text.split_at(text.len() / 3);
            let of = |hash: Hash| hash.of(&[head, &[], rest]);
            assert_eq!(of(Hash::Md5)[..16], *Md5::digest(&text), "{}", text.len());
            assert_eq!(of(Hash::Sha1)[..20], *Sha1::digest(&text), "{}", text.len());
            assert_eq!(of(Hash::Sha256)[..], *Sha256::digest(&text), "{}", text.len());
        }
    }

    #[test]
    fn macs_are_those_of_the_crate() {
        for text in texts() {
            let (key, rest) = text.split_at(text.len() * 2 / 3);
            let sha1 = <Hmac<Sha1> as KeyInit>::new_from_slice(key).unwrap().chain_update(rest).finalize();
            assert_eq!(Mac::new(Hash::Sha1, key).of(&[rest])[..20], *sha1.into_bytes(), "{}", text.len());
            let sha256 = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap().chain_update(rest).finalize();
            assert_eq!(Mac::new(Hash::Sha256, key).of(&[rest])[..], *sha256.into_bytes(), "{}", text.len());
        }
    }
}
