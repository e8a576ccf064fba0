//! STUN, SIP and RTSP over TCP: the bytes of one direction put in order and cut into messages.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use super::flow::is_text;

/// Bytes of one direction that wait for the rest of a message or for a lost segment.
const MAX_HELD: usize = 160 << 10;
/// Segments of one direction that wait for a lost one.
const MAX_EARLY: usize = 64;
/// Longest head of a SIP or RTSP message.
const MAX_HEAD: usize = 16 << 10;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];

/// How messages follow one another on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Not yet known.
    Unknown,
    /// STUN and ChannelData behind one another (RFC 8656 §12.5).
    Turn,
    /// Each packet behind its length (RFC 4571), as ICE over TCP has it (RFC 6544).
    Length,
    /// SIP or RTSP: a head, an empty line, and a body of Content-Length (RFC 3261 §18.3, RFC 7826 §18.17).
    Text,
    /// Something else: not looked at.
    Other,
}

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Stream {
    framing: Framing,
    /// Sequence number of the next byte in order.
    expected: Option<u32>,
    held: Vec<u8>,
    early: BTreeMap<u32, Vec<u8>>,
    early_bytes: usize,
    /// How much of `held` was searched in vain for the end of a head.
    searched: usize,
    /// The segment at hand: where it begins in `held`, and how much of it was skipped.
    fresh: Option<(usize, usize)>,
}

/// A message of a stream, and where it stands in the segment that completed it, if it is whole there.
pub(super) type Cut = (Vec<u8>, Option<usize>);

impl Stream {
    pub(super) fn new() -> Self {
        Self {
            framing: Framing::Unknown,
            expected: None,
            held: Vec::new(),
            early: BTreeMap::new(),
            early_bytes: 0,
            searched: 0,
            fresh: None,
        }
    }

    /// Takes a segment; returns the messages it completed.
    pub(super) fn take(&mut self, sequence: u32, syn: bool, payload: &[u8]) -> Vec<Cut> {
        if syn {
            *self = Self::new();
            self.expected = Some(sequence.wrapping_add(1));
            return Vec::new();
        }
        if payload.is_empty() || self.framing == Framing::Other {
            return Vec::new();
        }
        let expected = *self.expected.get_or_insert(sequence);
        self.fresh = None;
        self.place(sequence, expected, payload);
        let mut messages = Vec::new();
        self.cut(&mut messages);
        while let Some(segment) = self.next_early() {
            self.append(&segment);
            self.fresh = None;
            self.cut(&mut messages);
        }
        messages
    }

    fn place(&mut self, sequence: u32, expected: u32, payload: &[u8]) {
        let ahead = sequence.wrapping_sub(expected);
        if ahead == 0 {
            return self.append(payload);
        }
        if ahead > u32::MAX / 2 {
            // A retransmission; it may bring new bytes at its end.
            let seen = usize::try_from(expected.wrapping_sub(sequence)).unwrap_or(usize::MAX);
            self.append(payload.get(seen..).unwrap_or(&[]));
            self.fresh = self.fresh.map(|(held, _)| (held, seen));
            return;
        }
        if self.early.len() >= MAX_EARLY || self.early_bytes + payload.len() > MAX_HELD {
            // The lost segment will not come: go on from here, at a message.
            *self = Self { framing: self.framing, expected: Some(sequence), ..Self::new() };
            if self.begins(payload) {
                return self.append(payload);
            }
            self.expected = None;
            return;
        }
        self.early_bytes += payload.len();
        if let Some(replaced) = self.early.insert(sequence, payload.to_vec()) {
            self.early_bytes -= replaced.len();
        }
    }

    fn append(&mut self, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap_or(0);
        self.expected = self.expected.map(|expected| expected.wrapping_add(length));
        if self.held.len() + payload.len() > MAX_HELD {
            self.held.clear();
            self.searched = 0;
        }
        self.fresh = Some((self.held.len(), 0));
        self.held.extend_from_slice(payload);
    }

    /// The waiting segment that is next in order, without what came before it.
    fn next_early(&mut self) -> Option<Vec<u8>> {
        let expected = self.expected?;
        let reached = |&&sequence: &&u32| expected.wrapping_sub(sequence) <= u32::MAX / 2;
        let sequence = *self.early.keys().find(reached)?;
        let segment = self.early.remove(&sequence)?;
        self.early_bytes -= segment.len();
        let seen = usize::try_from(expected.wrapping_sub(sequence)).unwrap_or(usize::MAX);
        Some(segment.get(seen..).unwrap_or(&[]).to_vec())
    }

    fn begins(&self, payload: &[u8]) -> bool {
        match self.framing {
            Framing::Turn => payload.get(4..8) == Some(&COOKIE),
            Framing::Length => payload.get(6..10) == Some(&COOKIE),
            Framing::Text => is_text(payload),
            Framing::Unknown | Framing::Other => false,
        }
    }

    /// Takes whole messages off the front.
    fn cut(&mut self, messages: &mut Vec<Cut>) {
        if self.framing == Framing::Unknown {
            if self.held.len() < 10 {
                return;
            }
            self.framing = if self.held.get(4..8) == Some(&COOKIE) && self.held.first().is_some_and(|&byte| byte < 4) {
                Framing::Turn
            } else if self.held.get(6..10) == Some(&COOKIE) && self.held.get(2).is_some_and(|&byte| byte < 4) {
                Framing::Length
            } else if is_text(&self.held) {
                Framing::Text
            } else {
                Framing::Other
            };
        }
        let mut taken = self.idle(0);
        while let Some((message, next)) = self.message(taken) {
            let place = self.fresh.filter(|&(held, _)| message.start >= held);
            let place = place.map(|(held, skipped)| message.start - held + skipped);
            if let Some(bytes) = self.held.get(message) {
                messages.push((bytes.to_vec(), place));
            }
            taken = self.idle(next);
        }
        if self.framing == Framing::Other {
            self.held = Vec::new();
            self.early = BTreeMap::new();
            return;
        }
        self.held.drain(..taken.min(self.held.len()));
        self.searched = self.searched.saturating_sub(taken);
    }

    /// Behind the empty lines at `at`, which keep a connection of SIP alive between two messages (RFC 5626 §3.5.1).
    fn idle(&self, at: usize) -> usize {
        if self.framing != Framing::Text {
            return at;
        }
        let rest = self.held.get(at..).unwrap_or(&[]);
        at + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
    }

    /// The whole message at `at`, and where the next begins.
    fn message(&mut self, at: usize) -> Option<(Range<usize>, usize)> {
        let head = self.held.get(at..)?;
        let &[b0, b1, b2, b3] = head.first_chunk()?;
        let (start, length, next) = match self.framing {
            Framing::Length => {
                let length = usize::from(u16::from_be_bytes([b0, b1]));
                (at + 2, length, at + 2 + length)
            }
            Framing::Turn => {
                let value = usize::from(u16::from_be_bytes([b2, b3]));
                match b0 {
                    0..=3 => (at, 20 + value, at + 20 + value),
                    // ChannelData is padded on a stream (RFC 8656 §12.5).
                    0x40..=0x4F => (at, 4 + value, at + 4 + value.next_multiple_of(4)),
                    _ => {
                        self.framing = Framing::Other;
                        return None;
                    }
                }
            }
            Framing::Text => return self.text(at),
            Framing::Unknown | Framing::Other => return None,
        };
        (next <= self.held.len()).then_some((start..start + length, next))
    }

    /// The message of SIP or RTSP at `start`, or the packet between two of RTSP (RFC 7826 §14), and where the next begins.
    fn text(&mut self, start: usize) -> Option<(Range<usize>, usize)> {
        let rest = self.held.get(start..)?;
        if let &[b'$', _, l0, l1, ..] = rest {
            let end = start + 4 + usize::from(u16::from_be_bytes([l0, l1]));
            return (end <= self.held.len()).then_some((start + 4..end, end));
        }
        // The longest of the words that a message begins with has ten letters.
        if rest.len() >= 10 && !is_text(rest) {
            self.framing = Framing::Other;
            return None;
        }
        let from = self.searched.clamp(start, self.held.len());
        let Some(head) = self.held.get(from..)?.windows(4).position(|window| window == b"\r\n\r\n") else {
            self.searched = self.held.len().saturating_sub(3);
            if self.held.len() - start > MAX_HEAD {
                self.framing = Framing::Other;
            }
            return None;
        };
        let body = from + head + 4;
        self.searched = from + head;
        let end = body.saturating_add(content_length(self.held.get(start..body)?));
        (end <= self.held.len()).then_some((start..end, end))
    }
}

/// Content-Length of a head, in its long or compact form; 0 when there is none.
fn content_length(head: &[u8]) -> usize {
    let lines = head.split(|&byte| byte == b'\n');
    let value = lines.filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        let named = name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l");
        named.then(|| value.get(1..).unwrap_or(&[]).trim_ascii())
    });
    let digits = value.into_iter().next().and_then(|digits| core::str::from_utf8(digits).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
