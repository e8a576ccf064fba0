//! Bytes as programs print and write them: hexadecimal digits, arrays of numbers, string literals with escapes.

use super::bytes::{MAX_BYTES, Run, hex, is_dump, messages, pair};
use super::cursor::{DIGIT, HEX, after_line_end, at, class, digits, has, line_end, part, skip_blanks};
use alloc::vec::Vec;

/// Fewest bytes that hold something: `v=0`, a line end and `o=` with a letter.
const MIN_BYTES: usize = 7;

/// Bytes put together, and where lines began among them.
#[derive(Debug, Default)]
struct Reading {
    /// The bytes, once they are enough.
    bytes: Vec<u8>,
    /// The first ones, which are all that most words have: they need no memory of their own.
    first: [u8; MIN_BYTES - 1],
    count: usize,
    lines: Vec<usize>,
    end: usize,
}

impl Reading {
    fn push(&mut self, byte: u8, end: usize) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = byte,
            None => {
                if self.bytes.is_empty() {
                    self.bytes.extend_from_slice(&self.first);
                }
                self.bytes.push(byte);
            }
        }
        self.count += 1;
        self.end = end;
    }

    /// Notes that a line ended behind the last byte.
    fn line(&mut self) {
        if self.lines.last() != Some(&self.count) {
            self.lines.push(self.count);
        }
    }

    /// Takes the last byte off; none is added behind it.
    fn pop(&mut self) {
        self.bytes.pop();
        self.count = self.count.saturating_sub(1);
    }

    fn finish(self, start: usize) -> Run {
        // Neither a message nor a text is that short.
        if self.count < MIN_BYTES {
            return Run::Nothing(self.end);
        }
        messages(&self.bytes, &self.lines, start, self.end)
    }
}

/// Reads the hexadecimal run at `start`: `000100…`, `00 01 …`, `00:01:…`, `0x00, 0x1`, `\\x00\\x01`; over several lines and
/// adjacent string pieces.
pub(super) fn hex_run(src: &[u8], start: usize) -> Run {
    let mut out = Reading { end: start, ..Reading::default() };
    let (mut position, mut word) = (start, start);
    if hex_byte(src, start).is_none() {
        return Run::Nothing(start);
    }
    while out.count < MAX_BYTES {
        let Some((byte, end)) = hex_byte(src, position) else { break };
        let end = after_suffix(src, end);
        out.push(byte, end);
        let next = after_separator(src, end);
        if part(src, end, next).contains(&b'\n') {
            // A dump is read as one, whatever stands above it.
            if is_dump(src, skip_line_end(src, end)) {
                break;
            }
            out.line();
        }
        position = next;
        word = if next > end { next } else { word };
    }
    if !at(src, out.end).is_ascii_alphanumeric() {
        return out.finish(start);
    }
    // A word or an odd digit: not bytes. It may be the begin of something else, base64 for example.
    out.pop();
    match out.finish(start) {
        Run::Nothing(end) => Run::Nothing(if word > start { word.min(end) } else { end }),
        run => run,
    }
}

/// Whether bytes in digits may begin at `index`. Most numbers and words do not: too few digits, and no more behind them.
pub(super) fn may_begin(src: &[u8], index: usize) -> bool {
    let first = class(at(src, index));
    if first & HEX == 0 || first & DIGIT == 0 && class(at(src, index + 1)) & HEX == 0 {
        return false;
    }
    let near = part(src, index, index.saturating_add(2 * MIN_BYTES));
    let length = near.iter().take_while(|&&byte| class(byte) & HEX != 0).count();
    // A dump begins with offset 0, and an object of bytes with key 0.
    at(src, index) == b'0' || length == 2 * MIN_BYTES || goes_on(src, index + length)
}

/// Whether bytes may go on behind the digits that stop at `end`: see [`after_separator`].
fn goes_on(src: &[u8], end: usize) -> bool {
    let next = skip_blanks(src, after_line_end(src, skip_blanks(src, end)));
    match at(src, next) {
        b',' | b':' | b';' | b'-' | b'"' | b'\'' | b'/' | b'#' | b'(' | b'\\' => true,
        byte if next > end => class(byte) & DIGIT != 0 || class(byte) & HEX != 0 && class(at(src, next + 1)) & HEX != 0,
        byte => matches!(byte, b'x' | b'X') || after_suffix(src, end) > end,
    }
}

/// One byte: two digits, behind `0x` or `\\x` one or two.
fn hex_byte(src: &[u8], position: usize) -> Option<(u8, usize)> {
    if matches!((at(src, position), at(src, position + 1)), (b'0', b'x' | b'X') | (b'\\', b'x')) {
        let digits = position + 2;
        if let Some(byte) = pair(src, digits) {
            return Some((byte, digits + 2));
        }
        return hex(at(src, digits)).map(|byte| (byte, digits + 1));
    }
    pair(src, position).map(|byte| (byte, position + 2))
}

/// Position behind the line end that follows `end`.
fn skip_line_end(src: &[u8], end: usize) -> usize {
    after_line_end(src, line_end(src, end))
}

/// Longest comment between two bytes.
const MAX_COMMENT: usize = 256;

/// Skips what stands between two bytes: one separator, blanks, comments, a line end, and the quotes of adjacent pieces.
fn after_separator(src: &[u8], end: usize) -> usize {
    let mut position = skip_blanks(src, end);
    let hyphen = at(src, position) == b'-' && position == end;
    if hyphen || matches!(at(src, position), b',' | b':' | b';') {
        position = skip_blanks(src, position + 1);
    }
    if let Some(next) = after_joint(src, position) {
        return next;
    }
    position = after_comment(src, position);
    after_cast(src, skip_blanks(src, after_line_end(src, position)))
}

/// Casts before a byte: Java has no unsigned ones.
const CASTS: [&[u8]; 5] = [b"(byte)", b"(char)", b"(sbyte)", b"(uint8_t)", b"(unsigned char)"];
/// Type of a byte written behind it, the longer first.
const SUFFIXES: [&[u8]; 4] = [b".toByte()", b".toUByte()", b"_u8", b"u8"];

fn after_cast(src: &[u8], position: usize) -> usize {
    if at(src, position) != b'(' {
        return position;
    }
    let cast = CASTS.into_iter().find(|cast| has(src, position, cast));
    cast.map_or(position, |cast| skip_blanks(src, position + cast.len()))
}

fn after_suffix(src: &[u8], end: usize) -> usize {
    if !matches!(at(src, end), b'.' | b'_' | b'u') {
        return end;
    }
    SUFFIXES.into_iter().find(|suffix| has(src, end, suffix)).map_or(end, |suffix| end + suffix.len())
}

fn after_comment(src: &[u8], position: usize) -> usize {
    if !matches!(at(src, position), b'/' | b'#') {
        return position;
    }
    let near = part(src, position, position.saturating_add(MAX_COMMENT));
    if near.starts_with(b"//") || near.starts_with(b"# ") {
        return position + near.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(0);
    }
    if near.starts_with(b"/*") {
        let close = near.windows(2).position(|pair| pair == b"*/");
        return close.map_or(position, |close| skip_blanks(src, position + close + 2));
    }
    position
}

/// Offset at which the next piece of a string goes on: `"01…" "52…"`, with `+`, a backslash or a line end between.
fn after_joint(src: &[u8], position: usize) -> Option<usize> {
    let quote = at(src, position);
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'+' | b'\\' | b'b' | b'.');
    let near = part(src, position + 1, position.saturating_add(128));
    let gap = near.iter().take_while(|byte| between(byte)).count();
    let same = near.get(gap) == Some(&quote);
    let crosses = part(near, 0, gap).iter().any(|byte| matches!(byte, b'\n' | b'+' | b' '));
    (same && crosses).then_some(position + 1 + gap + 1)
}

/// Reads the decimal numbers at `start`: `0, 1, 0, 8, …`, `1 1 0 12 …`; over several lines. `None` when too few to be bytes.
pub(super) fn decimal_run(src: &[u8], start: usize) -> Option<Run> {
    if !matches!(at(src, start.wrapping_sub(1)), b'[' | b'{' | b'(' | b'<' | b' ' | b'\t' | b'\n' | b':' | b'=' | 0) {
        return None;
    }
    let mut out = Reading { end: start, ..Reading::default() };
    let mut position = start;
    while out.count < MAX_BYTES {
        let Some((byte, end)) = decimal_byte(src, position) else { break };
        out.push(byte, end);
        let next = after_separator(src, end);
        if next == end {
            break;
        }
        if part(src, end, next).contains(&b'\n') {
            out.line();
        }
        position = next;
    }
    (out.count >= 20).then(|| out.finish(start))
}

/// One number as a byte, and where it ends: `255`, `-1` as Java prints it, `33u8`.
fn decimal_byte(src: &[u8], position: usize) -> Option<(u8, usize)> {
    let signed = at(src, position) == b'-';
    let start = position + usize::from(signed);
    let (value, end) = digits(part(src, 0, start.saturating_add(4)), start)?;
    let end = after_suffix(src, end);
    if at(src, end).is_ascii_alphanumeric() {
        return None;
    }
    match signed {
        false => Some((u8::try_from(value).ok()?, end)),
        true => Some((u8::try_from(256_u32.checked_sub(value)?).ok().filter(|&byte| byte >= 128)?, end)),
    }
}

/// Reads the object whose first key is at `start` and whose keys count: `{"0":0,"1":1,…}`, as JavaScript writes a Uint8Array.
pub(super) fn indexed_run(src: &[u8], start: usize) -> Option<Run> {
    let mut out = Reading { end: start, ..Reading::default() };
    let mut position = start;
    while out.count < MAX_BYTES {
        let Some((key, end)) = digits(part(src, 0, position.saturating_add(6)), position) else { break };
        let colon = end + usize::from(matches!(at(src, end), b'"' | b'\''));
        if usize::try_from(key) != Ok(out.count) || at(src, colon) != b':' {
            break;
        }
        let Some((byte, end)) = decimal_byte(src, skip_blanks(src, colon + 1)) else { break };
        out.push(byte, end);
        let next = skip_blanks(src, after_line_end(src, skip_blanks(src, end + usize::from(at(src, end) == b','))));
        position = next + usize::from(matches!(at(src, next), b'"' | b'\''));
    }
    (out.count >= 20).then(|| out.finish(start))
}

/// Reads the string literal at `start` whose first character is an escape of a byte below 2: Python's, C's, Rust's,
/// JavaScript's, with raw letters between the escapes and in adjacent pieces. `start` is behind the opening quote.
pub(super) fn literal(src: &[u8], start: usize) -> Option<Run> {
    let quote = at(src, start.wrapping_sub(1));
    if !matches!(quote, b'"' | b'\'' | b'`') || !begins_message(src, start) {
        return None;
    }
    let mut out = Reading { end: start, ..Reading::default() };
    let mut position = start;
    while out.count < MAX_BYTES && position < src.len() {
        let byte = at(src, position);
        if byte == quote {
            match after_joint(src, position) {
                Some(next) => position = next,
                None => break,
            }
        } else if byte == b'\\' {
            let Some((value, next)) = escape(src, position + 1) else { break };
            if let Some(value) = value {
                out.push(value, next);
            }
            position = next;
        } else if byte == b'\n' || byte == b'\r' {
            break;
        } else {
            out.push(byte, position + 1);
            position += 1;
        }
    }
    Some(out.finish(start))
}

/// Whether the escapes of a message's type stand at `start`.
fn begins_message(src: &[u8], start: usize) -> bool {
    at(src, start) == b'\\' && matches!(escape(src, start + 1), Some((Some(0 | 1), _)))
}

/// The byte of the escape behind the backslash before `index`, and where it ends; no byte where a line is only continued.
fn escape(src: &[u8], index: usize) -> Option<(Option<u8>, usize)> {
    let simple = |byte| Some((Some(byte), index + 1));
    match at(src, index) {
        b'x' => {
            let byte = pair(src, index + 1).map(|byte| (byte, 3)).or_else(|| Some((hex(at(src, index + 1))?, 2)));
            byte.map(|(byte, length)| (Some(byte), index + length))
        }
        b'u' if has(src, index + 1, b"{") => {
            let close = part(src, index, index + 8).iter().position(|&byte| byte == b'}')?;
            let text = core::str::from_utf8(part(src, index + 2, index + close)).ok()?;
            Some((Some(u8::from_str_radix(text, 16).ok()?), index + close + 1))
        }
        b'u' if has(src, index + 1, b"00") => pair(src, index + 3).map(|byte| (Some(byte), index + 5)),
        b'0'..=b'7' => {
            let octal = part(src, index, index + 3).iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let text = core::str::from_utf8(part(src, index, index + octal)).ok()?;
            u8::from_str_radix(text, 8).ok().map(|byte| (Some(byte), index + octal))
        }
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'a' => simple(7),
        b'b' => simple(8),
        b'v' => simple(11),
        b'f' => simple(12),
        b'e' => simple(27),
        byte @ (b'\\' | b'"' | b'\'' | b'`' | b'?' | b'$') => simple(byte),
        b'\n' => Some((None, skip_blanks(src, index + 1))),
        b'\r' => Some((None, skip_blanks(src, after_line_end(src, index)))),
        _ => None,
    }
}
