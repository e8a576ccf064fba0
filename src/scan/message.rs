//! Heads of SIP, RTSP and HTTP messages.

use super::cursor::{after_line_end, at, has, line_end, line_start, part, skip_blanks};
use super::framing::after_quoting;
use super::{Protocol, TextMessage};
use alloc::string::String;
use alloc::vec::Vec;

/// Header fields kept of one message.
const MAX_HEADERS: usize = 128;
/// Longest first line.
const MAX_START_LINE: usize = 512;
/// Longest header line read.
const MAX_LINE: usize = 8192;

const VERSIONS: [(&[u8], Protocol); 4] = [
    (b"SIP/2.0", Protocol::Sip),
    (b"RTSP/1.0", Protocol::Rtsp),
    (b"RTSP/2.0", Protocol::Rtsp),
    (b"HTTP/1.1", Protocol::Http),
];

/// The head of a message and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) message: TextMessage,
    pub(super) start: usize,
    /// One past the empty line.
    pub(super) end: usize,
}

/// The message in whose first line the version at `start` stands.
pub(super) fn head_at(src: &[u8], start: usize) -> Option<Head> {
    let &(version, protocol) = VERSIONS.iter().find(|(version, _)| has(src, start, version))?;
    let behind = start + version.len();
    let (first, method, status, stop) = match response(src, start, behind) {
        Some((status, stop)) => (start, None, Some(status), stop),
        None => {
            let stop = skip_blanks(src, behind);
            let (first, method) = request(src, start).filter(|_| after_line_end(src, stop) > stop)?;
            (first, Some(method), None, stop)
        }
    };
    let (headers, end) = headers(src, after_line_end(src, stop))?;
    let start_line = String::from_utf8_lossy(part(src, first, stop)).trim_end().into();
    Some(Head { message: TextMessage { protocol, method, status, start_line, headers }, start: first, end })
}

/// ` 200 OK` behind the version that begins at `start`: the status code and the line's end.
fn response(src: &[u8], start: usize, behind: usize) -> Option<(u16, usize)> {
    if !matches!(at(src, start.wrapping_sub(1)), 0 | b'\n' | b'\r' | b' ' | b'\t' | b'"' | b'>' | b']' | b'|') {
        return None;
    }
    let digits = part(src, behind, behind + 4).strip_prefix(b" ")?;
    let status = core::str::from_utf8(digits).ok()?.parse().ok().filter(|status| (100..700).contains(status))?;
    let limit = part(src, 0, behind.saturating_add(MAX_START_LINE));
    Some((status, line_end(limit, behind)))
}

/// `INVITE sip:a@example.org ` before the version at `start`: where it begins and the method.
fn request(src: &[u8], start: usize) -> Option<(usize, String)> {
    let line = line_start(src, start, MAX_START_LINE);
    request_before(part(src, line, start)).map(|(offset, method)| (line + offset, method))
}

fn request_before(before: &[u8]) -> Option<(usize, String)> {
    let text = before.strip_suffix(b" ")?;
    let uri = text.iter().rposition(|&byte| byte == b' ')? + 1;
    if uri >= text.len() {
        return None;
    }
    let upto = uri - 1;
    let method =
        part(text, 0, upto).iter().rposition(|byte| !byte.is_ascii_uppercase() && *byte != b'_').map_or(0, |p| p + 1);
    let name = part(text, method, upto);
    (name.len() >= 2).then(|| (method, String::from_utf8_lossy(name).into_owned()))
}

/// The header fields from `start` up to the empty line or the first line that is not a field; `None` when there is none.
fn headers(src: &[u8], start: usize) -> Option<(Vec<(String, String)>, usize)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut position = start;
    while headers.len() < MAX_HEADERS && position < src.len() {
        let limit = part(src, 0, position.saturating_add(MAX_LINE));
        let stop = line_end(limit, position);
        let content = after_quoting(limit, position).min(stop);
        let line = part(src, content, stop).trim_ascii_end();
        let next = after_line_end(src, stop);
        if line.is_empty() || line == b"." {
            position = next;
            break;
        }
        match (field(line), headers.last_mut()) {
            (Some(field), _) => headers.push(field),
            // A folded line continues the field above (RFC 3261 §7.3.1).
            (None, Some((_, above))) if content > position && above.len() < MAX_LINE => {
                above.push(' ');
                above.push_str(&String::from_utf8_lossy(line));
            }
            _ => break,
        }
        position = next;
        if next == stop {
            break;
        }
    }
    (!headers.is_empty()).then_some((headers, position))
}

fn field(line: &[u8]) -> Option<(String, String)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = part(line, 0, colon).trim_ascii_end();
    let token =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'%' | b'*' | b'+');
    if name.is_empty() || !name.iter().all(token) {
        return None;
    }
    let value = part(line, colon + 1, line.len()).trim_ascii();
    Some((String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(value).into_owned()))
}
