//! Candidates and end marks outside of descriptions.

use super::cursor::{after_line_end, at, has, has_ignore_case, part, skip_blanks};
use super::extract::{Builder, Extract};

/// Bytes within which the first five fields of a candidate have to be.
const HEAD: usize = 512;

/// The candidate whose `candidate:` begins at `start`: where it ends. `None` when no candidate is there.
pub(super) fn candidate_end(src: &[u8], start: usize) -> Option<usize> {
    let body = start + b"candidate:".len();
    if !is_candidate_head(part(src, body, body.saturating_add(HEAD))) {
        return None;
    }
    let mut end = body;
    while end < src.len() && !ends_candidate(src, end) {
        end += if is_escaped_slash(src, end) { 2 } else { 1 };
    }
    // `…typ host, url: stun:…`, `…typ host.` in a sentence, and the marks that close what it stands in.
    while end > body && matches!(at(src, end - 1), b' ' | b',' | b';' | b')' | b']' | b'|' | b'>') {
        end -= 1;
    }
    Some(end)
}

/// `\/`, which some writers of JSON write for a slash.
fn is_escaped_slash(src: &[u8], index: usize) -> bool {
    has(src, index, b"\\/")
}

/// The text of the candidate `start..end`, its slashes no longer escaped.
pub(super) fn extract(src: &[u8], start: usize, end: usize) -> Extract {
    let mut out = Builder::new(src);
    let mut position = start;
    while position < end {
        let rest = part(src, position, end);
        let plain = rest.windows(2).position(|pair| pair == b"\\/").unwrap_or(rest.len());
        out.slice(position, position + plain);
        position += plain;
        if position < end {
            out.replaced(b"/", position, position + 2);
            position += 2;
        }
    }
    out.finish()
}

fn ends_candidate(src: &[u8], index: usize) -> bool {
    match at(src, index) {
        b'\\' => !is_escaped_slash(src, index),
        b'\r' | b'\n' | b'\t' | 0 | b'"' | b'\'' | b'`' | b'<' | b'}' | b')' | 0x80.. => true,
        b',' => matches!(at(src, index + 1), b' ' | b'\r' | b'\n' | 0),
        b' ' => matches!(at(src, index + 1), b'(' | b'[' | b'{' | b'|') || has(src, index + 1, b"- "),
        _ => false,
    }
}

/// Foundation, component, transport, priority, address, port, `typ`: by shape, so that broken ones are found too.
fn is_candidate_head(text: &[u8]) -> bool {
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n' | b'"' | b'\\')).next().unwrap_or(&[]);
    let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).take(8);
    let mut next = || words.next().unwrap_or(&[]);
    let number = |word: &[u8]| {
        let digits = word.strip_prefix(b"-").unwrap_or(word);
        !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    };
    let foundation = next();
    let component = next();
    let transport = next();
    let priority = next();
    let address = next();
    let starts_at_once = !line.starts_with(b" ");
    starts_at_once
        && !foundation.is_empty()
        && number(component)
        && transport.first().is_some_and(u8::is_ascii_alphabetic)
        && number(priority)
        && !address.is_empty()
}

/// Words for "nothing" that end a list of candidates.
const NOTHING: [&[u8]; 6] = [b"(null)", b"null", b"''", b"\"\"", b"\\\"\\\"", b"\\\\\\\"\\\\\\\""];

/// The end mark behind the word `candidate` that stops at `end`: `candidate: (null)`, `"candidate":""`, or the same on the
/// next line. Returns its span.
pub(super) fn nothing_behind(src: &[u8], end: usize) -> Option<(usize, usize)> {
    let mut position = end;
    while matches!(at(src, position), b'"' | b'\'' | b'\\') {
        position += 1;
    }
    position = skip_blanks(src, position);
    let colon = matches!(at(src, position), b':' | b'=');
    if colon {
        position = skip_blanks(src, position + 1);
    }
    let same_line = nothing_at(src, position);
    if colon && same_line.is_some() {
        return same_line;
    }
    // Browsers print objects on a line of their own.
    let next = after_line_end(src, position);
    if next == position {
        return None;
    }
    let (start, stop) = nothing_at(src, skip_blanks(src, next))?;
    matches!(at(src, skip_blanks(src, stop)), b'\r' | b'\n' | 0).then_some((start, stop))
}

fn nothing_at(src: &[u8], position: usize) -> Option<(usize, usize)> {
    let word = NOTHING.iter().find(|word| has(src, position, word))?;
    let end = position + word.len();
    (!at(src, end).is_ascii_alphanumeric()).then_some((position, end))
}

/// "end of candidates", "end-of-candidates" alone on its line or behind a logger's prefix. Returns where it ends.
pub(super) fn words_end(src: &[u8], start: usize) -> Option<usize> {
    let mut position = start;
    for (index, word) in [&b"end"[..], b"of", b"candidates"].iter().enumerate() {
        if index > 0 {
            if !matches!(at(src, position), b' ' | b'-' | b'_') {
                return None;
            }
            position += 1;
        }
        if !has_ignore_case(src, position, word) {
            return None;
        }
        position += word.len();
    }
    let behind = skip_blanks(src, position);
    let stop = if matches!(at(src, behind), b'.' | b'!' | b',' | b'"' | b'\'' | b'\\') { behind + 1 } else { behind };
    let quoted = matches!(at(src, behind), b'"' | b'\'' | b'\\');
    (quoted || matches!(at(src, skip_blanks(src, stop)), b'\r' | b'\n' | 0)).then_some(position)
}

/// Whether what stands before `start` on its line can be a logger's prefix: no words in small letters as prose has.
pub(super) fn stands_alone(src: &[u8], start: usize, line: usize) -> bool {
    let before = part(src, line, start).trim_ascii_end();
    before.is_empty() || matches!(before.last(), Some(b':' | b']' | b'>' | b'"' | b'\'' | b'=' | b'-' | b'|'))
}
