//! How the lines of one description are laid out in the text around it.

use super::cursor::{after_line_end, at, has, line_end, part, skip_blanks};
use super::extract::Builder;
use alloc::vec::Vec;

/// Longest prefix before a line of a description (time stamps, logger names, quotes).
pub(super) const MAX_PREFIX: usize = 256;

/// The layout of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Framing {
    /// One line each, after nothing but indentation and quoting marks.
    Lines {
        /// Text that every line ends in before its line end: the dot that ngrep prints for CR, `^M`, `\r\n` as letters. Often empty.
        tail: &'static [u8],
    },
    /// One line each, after the prefix of a logger.
    Prefixed(Pattern),
    /// Inside a string literal: `\r\n` with this many backslashes each (1 in JSON, 2 in JSON inside JSON, 4 …).
    Escaped {
        /// Backslashes that begin one escape.
        depth: usize,
        /// The quote that ends the string.
        quote: u8,
    },
    /// On one line, line ends written out: `#015#012` as syslog does, `\\015\\012`, `<CR><LF>`.
    Marked(&'static [u8]),
    /// Strings of a list with this quote, a line each: `["v=0", "o=- …"]`.
    Listed(u8),
    /// On one line, line ends lost: `v=0 o=- … s=- t=0 0`.
    Spaces,
}

/// Line ends written out, the longer first.
const MARKS: [&[u8]; 22] = [
    b"#015#012",
    b"#012",
    b"\\015\\012",
    b"\\012",
    b"\\x0d\\x0a",
    b"\\x0D\\x0A",
    b"\\u000d\\u000a",
    b"\\u000D\\u000A",
    b"<CR><LF>",
    b"<LF>",
    b"[CR][LF]",
    b"<br />",
    b"<br/>",
    b"<br>",
    b"&#13;&#10;",
    b"&#xD;&#xA;",
    b"&#xd;&#xa;",
    b"&#10;",
    b" | ",
    b"|",
    b"; ",
    b"\xE2\x90\x8D\xE2\x90\x8A",
];

/// Texts that lines end in besides their line end, the longer first.
const TAILS: [&[u8]; 9] = [b"\\r\\n", b"\\n", b"\\r", b"^M$", b"^M", b"<br />", b"<br/>", b"<br>", b"\xE2\x86\xB5"];

/// The tail at `index` that a line end follows.
pub(super) fn tail_at(src: &[u8], index: usize) -> Option<&'static [u8]> {
    let ends = |tail: &&[u8]| matches!(at(src, index + tail.len()), b'\r' | b'\n');
    TAILS.into_iter().find(|tail| has(src, index, tail) && ends(tail))
}

/// The written line end at `index`.
pub(super) fn mark_at(src: &[u8], index: usize) -> Option<&'static [u8]> {
    MARKS.into_iter().find(|mark| has(src, index, mark))
}

/// One line: its content and where the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// First byte of the content.
    pub(super) start: usize,
    /// One past the content, line end excluded.
    pub(super) end: usize,
    /// Offset at which the next line begins, its prefix included.
    pub(super) next: usize,
    /// No line end followed: the string or input ended.
    pub(super) last: bool,
}

/// A logger's prefix with runs of digits and of blanks made alike, so that `9.999:` and `10.000:` match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<u8>);

const DIGITS: u8 = 1;
const BLANKS: u8 = 2;

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGITS,
        b' ' | b'\t' => BLANKS,
        other => other,
    }
}

impl Pattern {
    pub(super) fn of(prefix: &[u8]) -> Self {
        let mut pattern = Vec::new();
        for &byte in prefix {
            let class = class(byte);
            let repeats = pattern.last() == Some(&class) && (class == DIGITS || class == BLANKS);
            if !repeats {
                pattern.push(class);
            }
        }
        Self(pattern)
    }

    /// End of the prefix, when the line at `start` begins with it.
    fn matches(&self, src: &[u8], start: usize) -> Option<usize> {
        let mut position = start;
        for &want in &self.0 {
            if position >= src.len() || class(at(src, position)) != want {
                return None;
            }
            position += 1;
            while (want == DIGITS || want == BLANKS)
                && position < src.len()
                && position < start + MAX_PREFIX
                && class(at(src, position)) == want
            {
                position += 1;
            }
        }
        Some(position)
    }
}

/// Whether a description's line begins here: a lower-case letter and `=`.
pub(super) fn is_type_line(src: &[u8], index: usize) -> bool {
    at(src, index).is_ascii_lowercase() && at(src, index + 1) == b'='
}

/// Offset at which the content of a line begins, behind indentation (a no-break space too) and marks of quoting.
pub(super) fn after_quoting(src: &[u8], start: usize) -> usize {
    let mut position = start;
    while position < start + MAX_PREFIX {
        match at(src, position) {
            b' ' | b'\t' | b'>' | b'|' | b'#' | b'*' | b'/' | b'+' | b';' => position += 1,
            0xC2 if at(src, position + 1) == 0xA0 => position += 2,
            _ => break,
        }
    }
    position
}

/// Finds the prefix of the line at `start` whose content is an `o=` line.
pub(super) fn prefix_before_origin(src: &[u8], start: usize) -> Option<Pattern> {
    let line = part(src, start, (start + MAX_PREFIX).min(line_end_within(src, start)));
    let offset = line.windows(2).enumerate().position(|(index, pair)| {
        pair == b"o="
            && index > 0
            && matches!(line.get(index - 1), Some(b' ' | b'\t' | b':' | b'|' | b'>' | b']' | b'"' | b'\''))
    })?;
    Some(Pattern::of(line.get(..offset)?))
}

fn line_end_within(src: &[u8], start: usize) -> usize {
    line_end(part(src, 0, start.saturating_add(MAX_PREFIX)), start)
}

/// The escape at `index`: a run of backslashes and the byte behind it.
struct Run {
    /// Backslashes left after whole pairs were taken off.
    rest: usize,
    /// Offset of `rest`.
    start: usize,
    /// The byte behind the run, and its place.
    byte: u8,
    at: usize,
}

fn run_at(src: &[u8], index: usize, depth: usize) -> Run {
    let mut end = index;
    while at(src, end) == b'\\' {
        end += 1;
    }
    let rest = (end - index) % (2 * depth);
    Run { rest, start: end - rest, byte: at(src, end), at: end }
}

/// End of an escaped line end that begins at `index`; `None` where there is none.
pub(super) fn after_escaped_line_end(src: &[u8], index: usize, depth: usize) -> Option<usize> {
    let one = |index: usize| {
        let run = run_at(src, index, depth);
        (run.rest == depth && run.start == index && matches!(run.byte, b'r' | b'n')).then_some((run.byte, run.at + 1))
    };
    let (first, end) = one(index)?;
    if first == b'r'
        && let Some((b'n', end)) = one(end)
    {
        return Some(end);
    }
    Some(end)
}

impl Framing {
    /// Offset at which the content of the line at `start` begins, when it is a line of the description.
    pub(super) fn content(&self, src: &[u8], start: usize) -> Option<usize> {
        let content = match self {
            Self::Lines { .. } => after_quoting(src, start),
            Self::Prefixed(pattern) => pattern.matches(src, start)?,
            Self::Escaped { .. } | Self::Marked(_) | Self::Listed(_) | Self::Spaces => start,
        };
        is_type_line(src, content).then_some(content)
    }

    /// Reads the line whose content begins at `content`.
    pub(super) fn line(&self, src: &[u8], content: usize) -> Line {
        match self {
            Self::Lines { tail } => plain_line(src, content, tail),
            Self::Prefixed(_) => plain_line(src, content, b""),
            Self::Escaped { depth, quote } => escaped_line(src, content, *depth, *quote),
            Self::Marked(mark) => marked_line(src, content, mark),
            Self::Listed(quote) => listed_line(src, content, *quote),
            Self::Spaces => spaced_line(src, content),
        }
    }

    /// Appends the content `start..end` of a line to `out`, escapes undone.
    pub(super) fn append(&self, src: &[u8], start: usize, end: usize, out: &mut Builder<'_>) {
        match self {
            Self::Escaped { depth, .. } => unescape(src, start, end, *depth, out),
            _ => out.slice(start, end),
        }
    }

    /// Appends the line end `end..next` to `out`.
    pub(super) fn append_line_end(&self, src: &[u8], line: Line, out: &mut Builder<'_>) {
        match self {
            // Text that went through a program which wrote CR CR LF.
            Self::Lines { .. } if at(src, line.end + 1) == b'\r' && part(src, line.end, line.next + 2) == b"\r\r\n" => {
                out.replaced(b"\r\n", line.end, line.next);
            }
            Self::Lines { tail: b"" } | Self::Prefixed(_) => out.slice(line.end, line.next),
            Self::Lines { .. } => out.replaced(b"\r\n", line.end, line.next),
            Self::Escaped { .. } => {
                let cr = part(src, line.end, line.next).contains(&b'r');
                let lf = part(src, line.end, line.next).contains(&b'n');
                let text: &[u8] = match (cr, lf) {
                    (true, true) => b"\r\n",
                    (true, false) => b"\r",
                    _ => b"\n",
                };
                out.replaced(text, line.end, line.next);
            }
            Self::Marked(_) | Self::Listed(_) | Self::Spaces => out.replaced(b"\r\n", line.end, line.next),
        }
    }
}

fn plain_line(src: &[u8], content: usize, tail: &[u8]) -> Line {
    let stop = line_end(src, content);
    let next = after_line_end(src, stop);
    let end = match tail {
        b"" => stop,
        _ => content + part(src, content, stop).strip_suffix(tail).map_or(stop - content, <[u8]>::len),
    };
    Line { start: content, end, next, last: next == stop }
}

fn escaped_line(src: &[u8], content: usize, depth: usize, quote: u8) -> Line {
    let mut position = content;
    while position < src.len() {
        let byte = at(src, position);
        if byte == b'\\' {
            let run = run_at(src, position, depth);
            if let Some(next) = after_escaped_line_end(src, run.start, depth) {
                return Line { start: content, end: run.start, next: after_joint(src, next, quote), last: false };
            }
            if run.byte == quote && run.rest < depth {
                return Line { start: content, end: run.start, next: run.start, last: true };
            }
            position = run.at + 1;
            continue;
        }
        if byte == quote || byte == b'\n' || byte == b'\r' {
            break;
        }
        position += 1;
    }
    Line { start: content, end: position.min(src.len()), next: position.min(src.len()), last: true }
}

/// Offset at which the string goes on when source code splits it: `…\r\n" +` and on the next line `"a=…`.
pub(super) fn after_joint(src: &[u8], next: usize, quote: u8) -> usize {
    if at(src, next) != quote {
        return next;
    }
    let mut position = next + 1;
    let stop = position + MAX_PREFIX;
    let (mut line_ends, mut joints) = (0, 0);
    while position < stop && matches!(at(src, position), b' ' | b'\t' | b'+' | b'.' | b',' | b'\\' | b'\r' | b'\n') {
        line_ends += usize::from(at(src, position) == b'\n');
        joints += usize::from(matches!(at(src, position), b'+' | b'.' | b','));
        position += 1;
    }
    // On one line it takes a sign: `'…\r\n' + 'a=…'`.
    if (line_ends == 1 || (line_ends == 0 && joints == 1))
        && at(src, position) == quote
        && is_type_line(src, position + 1)
    {
        position + 1
    } else {
        next
    }
}

/// A line that is a string of a list.
fn listed_line(src: &[u8], content: usize, quote: u8) -> Line {
    let length = part(src, content, src.len()).iter().position(|&byte| byte == quote || matches!(byte, b'\r' | b'\n'));
    let end = length.map_or(src.len(), |length| content + length);
    let next = next_item(src, end, quote);
    Line { start: content, end, next: next.unwrap_or(end), last: next.is_none() }
}

/// Start of the next string of a list, behind the quote at `end` that closes one: `",` and `"`.
pub(super) fn next_item(src: &[u8], end: usize, quote: u8) -> Option<usize> {
    if at(src, end) != quote {
        return None;
    }
    let rest = part(src, end + 1, end + MAX_PREFIX);
    let skipped = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',')).count();
    let commas = part(rest, 0, skipped).iter().filter(|&&byte| byte == b',').count();
    let next = end + 1 + skipped + 1;
    (commas == 1 && at(src, next - 1) == quote && is_type_line(src, next)).then_some(next)
}

fn spaced_line(src: &[u8], content: usize) -> Line {
    let mut position = content;
    while position < src.len() {
        match at(src, position) {
            b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' => break,
            b' ' => {
                let next = skip_blanks(src, position);
                if is_type_line(src, next) {
                    return Line { start: content, end: position, next, last: false };
                }
                // `s= ` is the one line whose value may be a space.
                position = next;
            }
            _ => position += 1,
        }
    }
    Line { start: content, end: position, next: position, last: true }
}

/// A line up to the next written line end; the last one ends at a quote or where the text's own line does.
fn marked_line(src: &[u8], content: usize, mark: &[u8]) -> Line {
    let mut position = content;
    while position < src.len() && !matches!(at(src, position), b'\n' | b'\r' | b'"' | b'\'' | b'`') {
        if has(src, position, mark) && ends_line(src, position + mark.len()) {
            return Line { start: content, end: position, next: position + mark.len(), last: false };
        }
        position += 1;
    }
    Line { start: content, end: position, next: position, last: true }
}

/// Whether a written line end that stops at `index` is one: a line, another one or the end of the text follows.
fn ends_line(src: &[u8], index: usize) -> bool {
    is_type_line(src, index)
        || mark_at(src, index).is_some()
        || matches!(at(src, index), 0 | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b')' | b']' | b'}')
}

fn hex_value(src: &[u8], start: usize, digits: usize) -> Option<u32> {
    let text = core::str::from_utf8(src.get(start..start + digits)?).ok()?;
    u32::from_str_radix(text, 16).ok()
}

/// The character that the escape with this letter stands for, and where the escape ends.
fn unescaped(src: &[u8], run: &Run) -> Option<(char, usize)> {
    let next = run.at + 1;
    match run.byte {
        b'n' => Some(('\n', next)),
        b'r' => Some(('\r', next)),
        b't' => Some(('\t', next)),
        b'/' | b'"' | b'\'' | b'`' => Some((char::from(run.byte), next)),
        b'u' => Some((char::from_u32(hex_value(src, next, 4)?)?, next + 4)),
        b'x' => Some((char::from_u32(hex_value(src, next, 2)?)?, next + 2)),
        _ => None,
    }
}

/// Appends `src[start..end]`, its escapes undone.
pub(super) fn unescape(src: &[u8], start: usize, end: usize, depth: usize, out: &mut Builder<'_>) {
    let mut position = start;
    while position < end {
        let rest = part(src, position, end);
        let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
        out.slice(position, position + plain);
        position += plain;
        if position >= end {
            return;
        }
        let run = run_at(src, position, depth);
        let mut pair = position;
        while pair + 2 * depth <= run.start {
            out.replaced(b"\\", pair, pair + 2 * depth);
            pair += 2 * depth;
        }
        // A quote of the inner string is itself escaped for the outer ones.
        let escapes = run.rest == depth || (run.byte == b'"' && run.rest == 2 * depth - 1);
        match escapes.then(|| unescaped(src, &run)).flatten() {
            Some((character, stop)) if stop <= end => {
                let mut buffer = [0; 4];
                out.replaced(character.encode_utf8(&mut buffer).as_bytes(), run.start, stop);
                position = stop;
            }
            _ => {
                out.slice(run.start, run.at.min(end));
                position = run.at.max(position + 1);
            }
        }
    }
}
