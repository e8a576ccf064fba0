//! Session descriptions and fragments of them, cut out of any layout.

use super::cursor::{after_line_end, at, find_ignore_case, line_end, part, position_of, skip_blanks};
use super::extract::{Builder, Extract};
use super::framing::{
    Framing, Line, MAX_PREFIX, after_escaped_line_end, after_joint, after_quoting, is_type_line, mark_at, next_item,
    prefix_before_origin, tail_at,
};

/// How far ahead a line is searched for an escaped line end before its layout is decided.
const LOOK_AHEAD: usize = 512;

/// A description cut out of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) extract: Extract,
    /// One past its last byte.
    pub(super) end: usize,
    /// It is written inside a string literal.
    pub(super) escaped: bool,
}

/// The description whose `v=` is at `start`, if there is one.
pub(super) fn description_at(src: &[u8], start: usize) -> Option<Block> {
    let mut version_end = start + 2;
    while at(src, version_end).is_ascii_digit() {
        version_end += 1;
    }
    if version_end == start + 2 {
        return None;
    }
    let (framing, second) = layout(src, start, version_end)?;
    let first = Line { start, end: version_end, next: second, last: false };
    read(src, &framing, first, is_description)
}

/// Decides the layout by what stands between `v=0` and the next line; returns it with where that line begins.
fn layout(src: &[u8], start: usize, version_end: usize) -> Option<(Framing, usize)> {
    let position = skip_blanks(src, version_end);
    match at(src, position) {
        _ if tail_at(src, position).is_some() => {
            let tail = tail_at(src, position)?;
            let second = after_line_end(src, position + tail.len());
            line_layout(src, second, tail).map(|framing| (framing, second))
        }
        _ if mark_at(src, version_end).is_some() => marked_layout(src, version_end),
        _ if mark_at(src, position).is_some() => marked_layout(src, position),
        quote @ (b'"' | b'\'' | b'`') if at(src, start.wrapping_sub(1)) == quote => {
            Some((Framing::Listed(quote), next_item(src, position, quote)?))
        }
        b'\\' => {
            let depth = backslashes(src, position)?;
            let quote = match at(src, start.wrapping_sub(1)) {
                quote @ (b'\'' | b'`') => quote,
                _ => b'"',
            };
            let second = after_escaped_line_end(src, position, depth)?;
            Some((Framing::Escaped { depth, quote }, after_joint(src, second, quote)))
        }
        b'\r' | b'\n' => {
            let second = after_line_end(src, position);
            line_layout(src, after_blank_line(src, second), b"").map(|framing| (framing, second))
        }
        b'.' if matches!(at(src, position + 1), b'\r' | b'\n') => {
            let second = after_line_end(src, position + 1);
            line_layout(src, second, b".").map(|framing| (framing, second))
        }
        _ if position > version_end && is_type_line(src, position) => Some((Framing::Spaces, position)),
        _ => None,
    }
}

/// The layout with the written line end at `position`.
fn marked_layout(src: &[u8], position: usize) -> Option<(Framing, usize)> {
    let mark = mark_at(src, position)?;
    let second = position + mark.len();
    is_type_line(src, second).then_some((Framing::Marked(mark), second))
}

/// Backslashes of one escape, from the run before the first line end: a power of two up to 64.
fn backslashes(src: &[u8], position: usize) -> Option<usize> {
    let mut count = 0;
    while count <= 64 && at(src, position + count) == b'\\' {
        count += 1;
    }
    (count.is_power_of_two() && count <= 64).then_some(count)
}

fn line_layout(src: &[u8], second: usize, tail: &'static [u8]) -> Option<Framing> {
    let plain = Framing::Lines { tail };
    if plain.content(src, second).is_some() {
        return Some(plain);
    }
    prefix_before_origin(src, second).map(Framing::Prefixed)
}

/// Skips one empty line: text that went through a program which doubles line ends.
fn after_blank_line(src: &[u8], start: usize) -> usize {
    let blanks = skip_blanks(src, start);
    let next = after_line_end(src, blanks);
    if next > blanks { next } else { start }
}

/// Reads lines from `first` on for as long as they belong to the description.
fn read(src: &[u8], framing: &Framing, first: Line, accept: fn(&[u8]) -> bool) -> Option<Block> {
    let escaped = matches!(framing, Framing::Escaped { .. });
    let doubled = matches!(framing, Framing::Lines { .. }) && after_blank_line(src, first.next) != first.next;
    let mut out = Builder::new(src);
    let mut line = first;
    loop {
        if let Some((end, rest)) = cut_record(src, framing, line) {
            append_content(src, framing, Line { end, ..line }, &mut out);
            out.replaced(b"", end, rest.start);
            line = rest;
            continue;
        }
        if line.last {
            last_line(src, framing, first, line, &mut out);
            break;
        }
        append_content(src, framing, line, &mut out);
        let mut next = line.next;
        if doubled {
            next = after_blank_line(src, next);
        }
        let content = framing.content(src, next).filter(|&content| !starts_description(src, content));
        let following = match content {
            Some(content) => framing.line(src, content),
            None => match wrapped(src, framing, line, next) {
                Some((part, glue)) => {
                    out.replaced(glue, line.end, part.start);
                    line = part;
                    continue;
                }
                None => match behind_odd_lines(src, framing, next) {
                    Some(content) => {
                        framing.append_line_end(src, line, &mut out);
                        let between = part(src, line.next, content);
                        if is_log_line(between) {
                            out.replaced(b"", line.next, content);
                        } else {
                            out.slice(line.next, content);
                        }
                        line = framing.line(src, content);
                        continue;
                    }
                    None => {
                        framing.append_line_end(src, line, &mut out);
                        line.end = line.next;
                        break;
                    }
                },
            },
        };
        framing.append_line_end(src, line, &mut out);
        line = following;
    }
    if !accept(out.bytes()) {
        return None;
    }
    Some(Block { end: line.end.max(line.start), extract: out.finish(), escaped })
}

/// Appends the last line: without the mark that closes what opened before the description, and with a line end where the
/// layout has none of its own to lose.
fn last_line(src: &[u8], framing: &Framing, first: Line, line: Line, out: &mut Builder<'_>) {
    let end = match framing {
        Framing::Lines { .. } => before_closing(src, first.start, line),
        Framing::Spaces => line.start + part(src, line.start, line.end).trim_ascii_end().len(),
        _ => line.end,
    };
    append_content(src, framing, Line { end, ..line }, out);
    let is_cut_out = match framing {
        // The text may be the description itself, whose last line end was lost.
        Framing::Lines { .. } => first.start > 0,
        Framing::Escaped { .. } => false,
        Framing::Prefixed(_) | Framing::Marked(_) | Framing::Listed(_) | Framing::Spaces => true,
    };
    if is_cut_out {
        out.replaced(b"\r\n", end, end);
    }
}

/// End of the last line before the mark that closes the text it is in: a bracket, a quote, a back-tick.
fn before_closing(src: &[u8], start: usize, line: Line) -> usize {
    let closing = match at(src, start.wrapping_sub(1)) {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        quote @ (b'"' | b'\'' | b'`') => quote,
        _ => return line.end,
    };
    let content = part(src, line.start, line.end);
    let place = content.iter().rposition(|&byte| byte == closing);
    place.filter(|&place| content.len() - place <= 3).map_or(line.end, |place| line.start + place)
}

/// A record that syslog cut in two, `… a= ...` and on the next line `… ... rtpmap:99`: where the first part ends, and the rest.
fn cut_record(src: &[u8], framing: &Framing, line: Line) -> Option<(usize, Line)> {
    const DOTS: &[u8] = b" ...";
    if !matches!(framing, Framing::Marked(_)) || !line.last {
        return None;
    }
    let content = part(src, line.start, line.end).strip_suffix(DOTS)?;
    let next = after_line_end(src, line.end);
    let head = part(src, next, line_end(part(src, 0, next.saturating_add(MAX_PREFIX)), next));
    let dots = head.windows(DOTS.len() + 1).position(|window| window == b" ... ")?;
    Some((line.start + content.len(), framing.line(src, next + dots + DOTS.len() + 1)))
}

/// Appends the content of a line, in two lines where a lost line end glued them: `…label:Xa=sendrecv`.
fn append_content(src: &[u8], framing: &Framing, line: Line, out: &mut Builder<'_>) {
    let mut start = line.start;
    if matches!(framing, Framing::Lines { .. } | Framing::Prefixed(_)) {
        let head = part(src, line.start, line.start + 2);
        let begin = match head {
            b"a=" => b'a',
            b"s=" => b't',
            _ => 0,
        };
        let content = if begin == 0 { &[] } else { part(src, 0, line.end) };
        let mut equals = position_of(content, line.start + 4, *b"==");
        while equals < content.len() {
            let place = equals - 1;
            if at(src, place) == begin && is_glued(head, part(src, place, line.end)) {
                out.slice(start, place);
                out.replaced(b"\r\n", place, place);
                start = place;
            }
            equals = position_of(content, equals + 1, *b"==");
        }
    }
    framing.append(src, start, line.end, out);
}

/// Whether `rest`, inside a line of type `head`, is a line of its own.
fn is_glued(head: &[u8], rest: &[u8]) -> bool {
    const FLAGS: [&[u8]; 8] = [
        b"a=sendrecv",
        b"a=sendonly",
        b"a=recvonly",
        b"a=inactive",
        b"a=rtcp-mux",
        b"a=rtcp-rsize",
        b"a=ice-lite",
        b"a=end-of-candidates",
    ];
    const NAMES: [&[u8]; 8] = [
        b"a=candidate:",
        b"a=ice-ufrag:",
        b"a=ice-pwd:",
        b"a=fingerprint:",
        b"a=setup:",
        b"a=mid:",
        b"a=rtpmap:",
        b"a=ice-options:",
    ];
    match (head, rest.first()) {
        (b"a=", Some(b'a')) => FLAGS.contains(&rest) || NAMES.iter().any(|name| rest.starts_with(name)),
        (b"s=", Some(b't')) => {
            let mut numbers = rest.strip_prefix(b"t=").unwrap_or(&[]).split(|&byte| byte == b' ');
            let mut number =
                || numbers.next().is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_digit));
            number() && number() && numbers.next().is_none()
        }
        _ => false,
    }
}

/// Most odd lines, one behind the other, that do not end a description.
const MAX_ODD_LINES: usize = 3;

/// The next line of a description that goes on behind an empty line or a few that are none: `=rtpmap:…`, `fmtp:…`.
fn behind_odd_lines(src: &[u8], framing: &Framing, next: usize) -> Option<usize> {
    if !matches!(framing, Framing::Lines { tail: b"" }) {
        return None;
    }
    let mut start = next;
    for _ in 0..MAX_ODD_LINES {
        let near = part(src, start, start.saturating_add(64));
        let begin = near.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0C'));
        // No odd line begins so: where it ends need not be known.
        if begin.is_some_and(|byte| !b"\r\n=:cefirs".contains(byte)) {
            return behind_foreign_line(src, framing, next);
        }
        let stop = line_end(part(src, 0, start.saturating_add(LOOK_AHEAD)), start);
        let odd = part(src, start, stop);
        let behind = after_line_end(src, stop);
        if behind == stop || !is_odd(odd) {
            return behind_foreign_line(src, framing, next);
        }
        if let Some(content) = framing.content(src, behind) {
            return goes_on(src, content).then_some(content);
        }
        start = behind;
    }
    None
}

/// Longest line of a log that does not end the description it stands in.
const MAX_FOREIGN: usize = 200;

/// The next line of a description that another thread's one line of the log stands in: two lines that can not begin a fragment.
fn behind_foreign_line(src: &[u8], framing: &Framing, next: usize) -> Option<usize> {
    let stop = line_end(part(src, 0, next.saturating_add(MAX_FOREIGN)), next);
    let behind = after_line_end(src, stop);
    if behind == stop || part(src, next, stop).trim_ascii().is_empty() {
        return None;
    }
    let content = framing.content(src, behind).filter(|&content| goes_on(src, content))?;
    let begins: [&[u8]; 5] = [b"a=ice-ufrag", b"a=ice-pwd", b"a=mid", b"a=group", b"m="];
    let line = part(src, content, content.saturating_add(12));
    if begins.iter().any(|begin| line.starts_with(begin)) {
        return None;
    }
    let following = framing.content(src, framing.line(src, content).next)?;
    goes_on(src, following).then_some(content)
}

/// Whether what stands between two lines of a description is a log's own: it begins with a time, a bracket or a capital.
fn is_log_line(between: &[u8]) -> bool {
    matches!(between.trim_ascii_start().first(), Some(b'0'..=b'9' | b'A'..=b'Z' | b'[' | b'(' | b'<'))
}

/// A line that can stand in a description by mistake: an empty one, or an attribute whose begin is damaged.
fn is_odd(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"=") {
        return true;
    }
    const NAMES: [&[u8]; 8] =
        [b"rtpmap:", b"fmtp:", b"extmap:", b"rtcp-fb:", b"ssrc:", b"crypto:", b"fingerprint:", b"ice-options:"];
    let name = line.strip_prefix(b":").unwrap_or(line);
    NAMES.iter().any(|known| name.starts_with(known))
}

/// Whether the line at `content` goes on with a description: not what a log prints by itself, a candidate above all.
fn goes_on(src: &[u8], content: usize) -> bool {
    let line = part(src, content, content.saturating_add(20));
    let alone: [&[u8]; 4] = [b"a=candidate", b"a=end-of-", b"v=", b"o="];
    let known = matches!(line.first(), Some(b'a' | b'b' | b'c' | b'k' | b'm' | b't' | b's'));
    known && !alone.iter().any(|begin| line.starts_with(begin))
}

fn starts_description(src: &[u8], content: usize) -> bool {
    at(src, content) == b'v' && at(src, content + 2).is_ascii_digit()
}

/// A line that was wrapped: the rest of `line` stands on the next one. Returns the rest and what joins both.
fn wrapped(src: &[u8], framing: &Framing, line: Line, next: usize) -> Option<(Line, &'static [u8])> {
    if !matches!(framing, Framing::Lines { .. }) || next >= src.len() {
        return None;
    }
    let content = part(src, line.start, line.end);
    let heads: [&[u8]; 3] = [b"a=candidate:", b"a=fingerprint:", b"a=crypto:"];
    // Most lines can not have been wrapped, and what follows need not be read.
    if content.len() < 60 && !heads.iter().any(|head| content.starts_with(head)) {
        return None;
    }
    let rest = framing.line(src, after_quoting(src, next));
    let tail = part(src, rest.start, rest.end);
    let first_word = tail.split(|&byte| byte == b' ').next().unwrap_or(&[]);
    if content.starts_with(b"a=candidate:") {
        let known: [&[u8]; 11] = [
            b"typ",
            b"host",
            b"srflx",
            b"relay",
            b"raddr",
            b"rport",
            b"tcptype",
            b"generation",
            b"ufrag",
            b"network-id",
            b"network-cost",
        ];
        let cut = content.ends_with(b" ") && framing.content(src, rest.next).is_some() && !tail.contains(&b'=');
        let glue: &[u8] = if content.ends_with(b" ") { b"" } else { b" " };
        return (known.contains(&first_word) || cut).then_some((rest, glue));
    }
    let hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
    if content.starts_with(b"a=fingerprint:") && tail.len() >= 2 && tail.iter().all(hex) && tail.contains(&b':') {
        // Behind the name of the hash there was a space.
        return Some((rest, if content.contains(&b' ') { b"" } else { b" " }));
    }
    if content.starts_with(b"a=crypto:") && tail.starts_with(b"inline:") {
        return Some((rest, if content.ends_with(b" ") { b"" } else { b" " }));
    }
    // Mail wraps at about 72 columns; the description must go on behind the rest.
    let goes_on = framing.content(src, rest.next).is_some_and(|content| !starts_description(src, content));
    let plain = !tail.is_empty() && tail.is_ascii() && !tail.ends_with(b":") && !tail.contains(&b'=');
    (content.len() >= 60 && goes_on && plain && find_ignore_case(tail, b"candidate").is_none()).then_some((rest, b" "))
}

/// Whether the lines after `v=` make a description: its origin, or enough others.
fn is_description(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| matches!(byte, b'\n' | b'\r')).skip(1).filter(|line| line.len() > 2);
    let Some(second) = lines.next() else { return false };
    second.starts_with(b"o=") || lines.take(2).count() >= 1
}

/// A fragment whose first line begins at `start`: what a trickle message carries, or a description whose head is
/// missing. The error is where the block that is not a fragment ends.
pub(super) fn fragment_at(src: &[u8], start: usize) -> Result<Block, usize> {
    let before = at(src, start.wrapping_sub(1));
    let framing = match before {
        b'"' | b'\'' | b'`' => string_layout(src, start, before).unwrap_or(Framing::Lines { tail: b"" }),
        _ => Framing::Lines { tail: b"" },
    };
    let first = framing.line(src, start);
    let end = first.end;
    read(src, &framing, first, is_fragment).ok_or_else(|| block_end(src, &framing, first).max(end))
}

/// End of the run of lines that begins with `first`.
fn block_end(src: &[u8], framing: &Framing, first: Line) -> usize {
    let mut line = first;
    while !line.last {
        match framing.content(src, line.next) {
            Some(content) => line = framing.line(src, content),
            None => break,
        }
    }
    line.end
}

fn string_layout(src: &[u8], start: usize, quote: u8) -> Option<Framing> {
    let line = part(src, start, line_end(part(src, 0, start.saturating_add(LOOK_AHEAD)), start));
    let offset = line.iter().position(|&byte| byte == b'\\')?;
    let depth = backslashes(src, start + offset)?;
    after_escaped_line_end(src, start + offset, depth)?;
    Some(Framing::Escaped { depth, quote })
}

/// Whether lines without a `v=` line are worth a finding of their own: more than one, and one that says which
/// transport or section they belong to.
fn is_fragment(text: &[u8]) -> bool {
    let lines = || text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    if lines().filter(|line| line.len() > 2).count() < 2 {
        return false;
    }
    lines().any(|line| {
        line.starts_with(b"a=ice-ufrag:")
            || line.starts_with(b"a=ice-pwd:")
            || line.starts_with(b"a=fingerprint:")
            || line.starts_with(b"a=mid:")
            || is_media_line(line)
    })
}

/// `m=audio 9 UDP/TLS/RTP/SAVPF …`.
fn is_media_line(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ');
    let kind = words.next().is_some_and(|word| word.starts_with(b"m=") && word.len() > 2);
    let port = words.next().and_then(|word| word.first()).is_some_and(u8::is_ascii_digit);
    kind && port && words.next().is_some()
}
