//! STUN messages written as hexadecimal digits, hex dumps or base64.

use super::cursor::{BASE64, after_line_end, at, begins_line, class, line_end, part, skip_blanks};
use super::{Notation, StunBytes};
use alloc::vec::Vec;

/// The magic cookie (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// Length of a STUN header.
const HEADER: usize = 20;
/// Most bytes decoded for one message: a UDP datagram.
pub(super) const MAX_BYTES: usize = 65_535 + HEADER;
/// Shortest run of base64 that can hold a header.
const MIN_BASE64: usize = 27;

/// Messages written as text, and where the text that held them ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) found: Vec<StunBytes>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Meaning of a run of digits at `start`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Run {
    /// It holds messages.
    Messages(Written),
    /// It is a text that may hold descriptions: the text, and where it stands.
    Text(Vec<u8>, usize, usize),
    /// It holds none; go on behind it.
    Nothing(usize),
}

/// Length of the message at the beginning of `bytes`, if one is there whole: with the magic cookie, or in the classic
/// dialect when it fills `bytes` to the end and is of a known type.
pub(super) fn message_length(bytes: &[u8]) -> Option<usize> {
    let (&[t0, t1, l0, l1], rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let total = HEADER + length;
    if t0 >= 0x40 || length % 4 != 0 || bytes.len() < total {
        return None;
    }
    let classic = matches!((t0, t1), (0x00 | 0x01, 0x01 | 0x02 | 0x11 | 0x12))
        && bytes.len() == total
        && is_list(part(bytes, HEADER, total));
    (rest.starts_with(&COOKIE) || classic).then_some(total)
}

/// Whether attributes fill `bytes` exactly.
fn is_list(mut bytes: &[u8]) -> bool {
    while let Some((&[_, _, l0, l1], rest)) = bytes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([l0, l1])).next_multiple_of(4);
        match rest.get(length..) {
            Some(rest) => bytes = rest,
            None => return false,
        }
    }
    bytes.is_empty()
}

/// Whether bytes are a text with a description or a candidate.
fn holds_text(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok()
        && bytes.windows(3).any(|window| window == b"v=0" || window == b"a=c" || window == b"can" || window == b"sdp")
}

/// The first message in a packet dump: at the start, or behind link, IP and UDP headers.
fn message_in(bytes: &[u8]) -> Option<&[u8]> {
    if let Some(length) = message_length(bytes) {
        return bytes.get(..length);
    }
    // Ethernet with tags, IPv6, UDP and a tunnel fit in 160 bytes.
    (4..160.min(bytes.len())).filter(|&at| bytes.get(at..at + 4) == Some(&COOKIE)).find_map(|at| {
        let rest = bytes.get(at - 4..)?;
        rest.get(..message_length(rest)?)
    })
}

/// The value of a hexadecimal digit.
pub(super) fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Two hexadecimal digits as a byte.
pub(super) fn pair(src: &[u8], index: usize) -> Option<u8> {
    Some(hex(at(src, index))? << 4 | hex(at(src, index + 1))?)
}

/// The messages in bytes read from `start..end`: one behind the other from the begin, or from where a line began.
pub(super) fn messages(bytes: &[u8], lines: &[usize], start: usize, end: usize) -> Run {
    let mut found = Vec::new();
    let mut settled = 0;
    for &line in [0].iter().chain(lines) {
        if line < settled {
            continue;
        }
        let mut rest = bytes.get(line..).unwrap_or(&[]);
        settled = line;
        while let Some(length) = message_length(rest) {
            let (message, behind) = rest.split_at(length);
            found.push(StunBytes { bytes: Some(message.to_vec()), notation: Notation::Hex });
            rest = behind;
            settled += length;
        }
    }
    if found.is_empty()
        && let Some(message) = message_in(bytes)
    {
        found.push(StunBytes { bytes: Some(message.to_vec()), notation: Notation::Hex });
    }
    if !found.is_empty() {
        return Run::Messages(Written { found, start, end });
    }
    if holds_text(bytes) { Run::Text(bytes.to_vec(), start, end) } else { Run::Nothing(end) }
}

/// Whether the first line of a hex dump begins at `index`.
pub(super) fn is_dump(src: &[u8], index: usize) -> bool {
    dump_line(src, index).is_some_and(|line| line.offset == 0 && line.bytes.len() >= 4)
}

/// One line of a hex dump.
struct DumpLine {
    offset: u64,
    /// Offset read as an octal number, as od prints it; `None` where it is none.
    octal: Option<u64>,
    bytes: Vec<u8>,
    /// End of the line, and beginning of the next.
    end: usize,
    next: usize,
}

/// Longest line of a hex dump.
const MAX_DUMP_LINE: usize = 256;

/// Reads a line of offset, bytes and text: xxd, hexdump -C, tcpdump -x, Wireshark.
fn dump_line(src: &[u8], line: usize) -> Option<DumpLine> {
    let limit = part(src, 0, line.saturating_add(MAX_DUMP_LINE));
    let mut position = skip_blanks(limit, line);
    if at(limit, position) == b'0' && at(limit, position + 1) == b'x' {
        position += 2;
    }
    let digits_start = position;
    let mut offset = 0_u64;
    while let Some(digit) = hex(at(limit, position)) {
        offset = offset << 4 | u64::from(digit);
        position += 1;
    }
    let digits_end = position;
    if !(3..=8).contains(&(digits_end - digits_start)) {
        return None;
    }
    let colon = at(src, position) == b':';
    position += usize::from(colon);
    if !matches!(at(src, position), b' ' | b'\t') {
        return None;
    }
    let stop = line_end(limit, line);
    if stop == limit.len() && limit.len() != src.len() {
        return None;
    }
    let octal = core::str::from_utf8(part(src, digits_start, digits_end)).ok();
    let octal = octal.and_then(|digits| u64::from_str_radix(digits, 8).ok());
    position = skip_blanks(src, position);
    let mut bytes = Vec::new();
    while bytes.len() < 32 {
        let Some(byte) = pair(src, position) else { break };
        bytes.push(byte);
        position += 2;
        let behind = skip_blanks(src, position);
        let gap = behind - position;
        // Two blanks stand before the text column, and in the middle of the line in some dumps.
        let column = gap == 2 && (bytes.len() % 4 != 0 || bytes.len() >= 16);
        if gap > 2 || column || (gap == 0 && pair(src, behind).is_none()) {
            break;
        }
        position = behind;
    }
    (!bytes.is_empty()).then(|| DumpLine { offset, octal, bytes, end: stop, next: after_line_end(src, stop) })
}

/// Reads the hex dump whose first line holds `start`.
pub(super) fn dump(src: &[u8], start: usize) -> Option<Run> {
    if !begins_line(src, start) {
        return None;
    }
    let first = dump_line(src, start).filter(|first| first.offset == 0)?;
    let mut bytes = first.bytes;
    let (mut end, mut next) = (first.end, first.next);
    while bytes.len() < MAX_BYTES && next > end {
        let Some(following) = dump_line(src, next) else { break };
        let is_octal = following.octal.is_some_and(|octal| usize::try_from(octal) == Ok(bytes.len()));
        let Ok(offset) = usize::try_from(following.offset) else { break };
        let offset = if is_octal { bytes.len() } else { offset };
        // A text column read as bytes is cut off by the next line's offset.
        if offset == 0 || offset > bytes.len() {
            break;
        }
        bytes.truncate(offset);
        bytes.extend_from_slice(&following.bytes);
        (end, next) = (following.end, following.next);
    }
    match message_in(&bytes).map(<[u8]>::to_vec).or_else(|| message_in(&swapped(&bytes)).map(<[u8]>::to_vec)) {
        Some(message) => {
            let found = alloc::vec![StunBytes { bytes: Some(message), notation: Notation::HexDump }];
            Some(Run::Messages(Written { found, start, end }))
        }
        None if holds_text(&bytes) => Some(Run::Text(bytes, start, end)),
        None => (bytes.len() > 16).then_some(Run::Nothing(end)),
    }
}

/// Bytes of a dump in little-endian words, as od and hexdump print them without options.
fn swapped(bytes: &[u8]) -> Vec<u8> {
    bytes.chunks(2).flat_map(|word| word.iter().rev().copied()).collect()
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Whether a byte can stand in base64.
fn is_base64(byte: u8) -> bool {
    class(byte) & BASE64 != 0
}

/// Whether base64 long enough for a message begins at `index`. Letters far from each other are asked first: most words end before.
pub(super) fn may_begin_base64(src: &[u8], index: usize) -> bool {
    [MIN_BASE64 - 1, 6, MIN_BASE64 / 2].iter().all(|&behind| is_base64(at(src, index + behind)))
        && part(src, index, index + MIN_BASE64).iter().all(|&byte| is_base64(byte))
}

fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for value in text.iter().copied().filter_map(sextet) {
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xFF) as u8);
        }
    }
    out
}

/// End of a base64 run of lines of `width` bytes, the first of which ends at `end`.
fn wrapped_end(src: &[u8], mut end: usize, width: usize) -> usize {
    loop {
        let next = after_line_end(src, end);
        let stop = next + part(src, next, next + width).iter().take_while(|&&byte| is_base64(byte)).count();
        if next == end || stop == next {
            return end;
        }
        end = stop;
    }
}

/// Reads the base64 run at `start`. `None` when it is too short to be one.
pub(super) fn base64_run(src: &[u8], start: usize) -> Option<Run> {
    if !may_begin_base64(src, start) {
        return None;
    }
    let mut end = start + MIN_BASE64;
    while is_base64(at(src, end)) {
        end += 1;
    }
    // Text in base64 is often wrapped; then every line but the last is as long as the first.
    let width = end - start;
    let begins = base64(part(src, start, start + 12));
    let is_text = [&b"{"[..], b"v=0", b"[{", b"\"", b"a="].iter().any(|begin| begins.starts_with(begin));
    if is_text && width >= 60 {
        end = wrapped_end(src, end, width);
    }
    if is_text {
        let text = base64(part(src, start, end));
        return Some(if holds_text(&text) { Run::Text(text, start, end) } else { Run::Nothing(end) });
    }
    // The cookie is in the first twelve letters; most runs end here.
    if begins.get(4..8) != Some(&COOKIE) {
        return Some(Run::Nothing(end));
    }
    let bytes = base64(part(src, start, end.min(start + MAX_BYTES * 2)));
    let Some(message) = message_length(&bytes).and_then(|length| bytes.get(..length)) else {
        return Some(Run::Nothing(end));
    };
    let found = alloc::vec![StunBytes { bytes: Some(message.to_vec()), notation: Notation::Base64 }];
    while at(src, end) == b'=' {
        end += 1;
    }
    Some(Run::Messages(Written { found, start, end }))
}
