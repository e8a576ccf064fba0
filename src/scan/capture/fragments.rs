//! IP packets put together from their fragments (RFC 791 §3.2, RFC 8200 §4.5).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::layers::{Fragment, Packet};

/// Most packets that wait for the rest of their fragments; the oldest gives way.
const MAX_WAITING: usize = 256;
/// Most fragments of one packet: one of 64 KiB over links of 1280 bytes has 54.
const MAX_PIECES: usize = 64;
/// Most bytes of one packet.
const MAX_LENGTH: usize = 65_535;
/// How long a packet waits for its fragments, in nanoseconds (RFC 8200 §4.5).
const PATIENCE: u64 = 60_000_000_000;

/// Fields that the fragments of one packet have in common.
type Key = (IpAddr, IpAddr, u8, u32);

#[derive(Debug)]
struct Waiting {
    /// Time of its first fragment in the capture, and its place among all.
    since: u64,
    order: u64,
    /// By where they belong.
    pieces: BTreeMap<usize, Vec<u8>>,
    /// How long the packet is, when the last fragment has come.
    length: Option<usize>,
}

/// Puts packets together. Holds at most [`MAX_WAITING`] packets of [`MAX_LENGTH`] bytes.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: BTreeMap<Key, Waiting>,
    begun: u64,
    /// Fragments whose packet did not come together so far.
    pub(super) loose: u32,
}

impl Fragments {
    /// Takes a fragment; returns what the packet carries when it was the last that was missing.
    pub(super) fn take(&mut self, packet: &Packet, fragment: Fragment, data: &[u8], time: u64) -> Option<Vec<u8>> {
        let key = (packet.from, packet.to, packet.protocol, fragment.id);
        self.loose = self.loose.saturating_add(1);
        let end = fragment.offset + data.len();
        // All but the last carry a multiple of eight bytes.
        if data.is_empty() || end > MAX_LENGTH || (fragment.more && !data.len().is_multiple_of(8)) {
            return None;
        }
        let waiting = self.place(key, time);
        let kept = waiting.insert(fragment, data);
        let (full, overlapping) = (waiting.is_whole(), !kept);
        if overlapping {
            self.waiting.remove(&key);
            return None;
        }
        if !full {
            return None;
        }
        let pieces = self.waiting.remove(&key)?.pieces;
        self.loose = self.loose.saturating_sub(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        Some(pieces.into_values().flatten().collect())
    }

    /// The packet a fragment belongs to; begun anew when an earlier one of that id has waited too long.
    fn place(&mut self, key: Key, time: u64) -> &mut Waiting {
        if self.waiting.get(&key).is_some_and(|waiting| time.saturating_sub(waiting.since) > PATIENCE) {
            self.waiting.remove(&key);
        }
        if !self.waiting.contains_key(&key) && self.waiting.len() >= MAX_WAITING {
            let oldest = self.waiting.iter().min_by_key(|(_, waiting)| waiting.order).map(|(key, _)| *key);
            oldest.and_then(|key| self.waiting.remove(&key));
        }
        let order = self.begun;
        self.begun += 1;
        self.waiting.entry(key).or_insert_with(|| Waiting { since: time, order, pieces: BTreeMap::new(), length: None })
    }
}

impl Waiting {
    /// Keeps a piece; false when it contradicts the others: overlapping fragments are an attack (RFC 5722), never an accident.
    fn insert(&mut self, fragment: Fragment, data: &[u8]) -> bool {
        let end = fragment.offset + data.len();
        if let Some(there) = self.pieces.get(&fragment.offset) {
            // The same packet captured twice.
            return there == data;
        }
        let before = self.pieces.range(..fragment.offset).next_back();
        let behind = self.pieces.range(fragment.offset..).next();
        let fits = before.is_none_or(|(offset, piece)| offset + piece.len() <= fragment.offset)
            && behind.is_none_or(|(&offset, _)| end <= offset)
            && self.length.is_none_or(|length| fragment.more && end <= length);
        if !fits || self.pieces.len() >= MAX_PIECES {
            return false;
        }
        if !fragment.more {
            if behind.is_some() {
                return false;
            }
            self.length = Some(end);
        }
        self.pieces.insert(fragment.offset, data.to_vec());
        true
    }

    fn is_whole(&self) -> bool {
        let Some(length) = self.length else { return false };
        // They do not overlap, so that as many bytes as the packet has leave no gap.
        self.pieces.values().map(Vec::len).sum::<usize>() == length
    }
}
