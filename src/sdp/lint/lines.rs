//! Lines as lines: line ends, type letters.

use super::Lint;
use crate::explain::Code;
use crate::sdp::line::Line;
use crate::text::Span;

/// The type letters of RFC 8866 §5.
const TYPES: &[u8] = b"vosiuepcbtrzkam";

/// Reports a text whose line ends are still escapes, as inside JSON. Every other rule would only repeat it.
pub(super) fn escaped(lint: &mut Lint<'_, '_>) -> bool {
    let text = lint.sdp.text().as_bytes();
    let begins_line = |rest: &[u8]| matches!(rest, [kind, b'=', ..] if TYPES.contains(kind));
    let is_end = |at: usize| {
        let rest = text.get(at..).unwrap_or(&[]);
        let backslashes = rest.iter().take_while(|&&byte| byte == b'\\').count();
        matches!(rest.get(backslashes..), Some([b'n', after @ ..]) if backslashes > 0 && begins_line(after))
    };
    let Some(line) = lint.sdp.lines().first() else { return false };
    let span = line.start as usize..line.end as usize;
    let Some(at) = span.clone().find(|&at| is_end(at)) else { return false };
    let head = text.get(span.start..at).unwrap_or(&[]);
    let first = head.iter().position(|byte| byte.is_ascii_alphabetic()).and_then(|at| head.get(at..));
    if !first.is_some_and(begins_line) {
        return false;
    }
    let start = head.iter().position(|&byte| byte == b'\\').map_or(at, |before| span.start + before);
    lint.push(Code::SdpEscaped, Span::new(start, span.end), 1, None);
    true
}

pub(super) fn check(lint: &mut Lint<'_, '_>) {
    let text = lint.sdp.text();
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    if marks > 0 {
        let bom = Span::new(0, marks);
        lint.push(Code::SdpBom, bom, 1, Some((bom, "".into())));
    }
    let lines = lint.sdp.lines();
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter().enumerate() {
        let number = index as u32 + 1;
        check_line(lint, line, number);
        let end = text.as_bytes().get(line.end as usize..).unwrap_or(&[]);
        if end.first() == Some(&b'\r') && end.get(1) != Some(&b'\n') {
            let span = Span { start: line.end, end: line.end + 1 };
            lint.push(Code::SdpLoneCr, span, number, Some((span, "\r\n".into())));
        }
        if index == last && end.is_empty() && line.start < line.end {
            let at = Span { start: line.end, end: line.end };
            lint.push(Code::SdpFinalNewline, line.span(), number, Some((at, newline(text).into())));
        }
    }
    nul(lint);
    non_ascii(lint);
    fragment(lint);
}

/// The line end that a text uses first; CRLF when it has none.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if at == 0 || text.as_bytes().get(at - 1) != Some(&b'\r') => "\n",
        _ => "\r\n",
    }
}

fn check_line(lint: &mut Lint<'_, '_>, line: &Line, number: u32) {
    let text = lint.sdp.text();
    let before = text.as_bytes().get(..line.start as usize).unwrap_or(&[]);
    let indent = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count() as u32;
    // A line that is none has been reported already.
    if indent > 0 && line.start < line.end && line.kind != 0 {
        let span = Span { start: line.start - indent, end: line.start };
        lint.push(Code::SdpIndent, span, number, Some((span, "".into())));
    }
    if line.start == line.end {
        empty(lint, line, line.start - indent, number);
        return;
    }
    match line.kind {
        0 => {}
        b'A'..=b'Z' => {
            let letter = Span { start: line.start, end: line.start + 1 };
            let lower = alloc::string::String::from(char::from(line.kind.to_ascii_lowercase()));
            lint.push(Code::SdpTypeCase, letter, number, Some((letter, lower.into())));
        }
        kind if !TYPES.contains(&kind) => {
            lint.push(Code::SdpTypeUnknown, Span { start: line.start, end: line.start + 1 }, number, None);
        }
        b's' if line.value == line.end => {
            let at = Span { start: line.value, end: line.value };
            lint.push(Code::SdpNameEmpty, line.span(), number, Some((at, "-".into())));
        }
        _ if line.start + 2 == line.end => lint.push(Code::SdpEmptyValue, line.span(), number, None),
        kind if kind != b's' && text.as_bytes().get(line.start as usize + 2) == Some(&b' ') => {
            let space = Span { start: line.start + 2, end: line.start + 3 };
            lint.push(Code::SdpSpaceAfterEquals, space, number, None);
        }
        _ => {}
    }
}

/// The blanks of the line, from `start` on, go with it.
fn empty(lint: &mut Lint<'_, '_>, line: &Line, start: u32, number: u32) {
    let rest = lint.sdp.text().get(line.end as usize..).unwrap_or("");
    let length = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) } as u32;
    let span = Span { start, end: line.end + length };
    lint.push(Code::SdpEmptyLine, line.span(), number, Some((span, "".into())));
}

/// NUL ends the text for parsers written in C. The first is reported; the fix removes all.
fn nul(lint: &mut Lint<'_, '_>) {
    let text = lint.sdp.text();
    // `contains` and, below, `is_ascii` look at whole words.
    if !text.as_bytes().contains(&0) {
        return;
    }
    let (Some(first), Some(last)) = (text.find('\0'), text.rfind('\0')) else { return };
    let number = lint.sdp.lines().partition_point(|line| line.start as usize <= first);
    let all = Span::new(first, last + 1);
    let without = all.slice(text).replace('\0', "");
    lint.push(Code::SdpNul, Span::new(first, first + 1), number as u32, Some((all, without.into())));
}

/// The first character that is not ASCII, the byte order mark apart.
fn non_ascii(lint: &mut Lint<'_, '_>) {
    let text = lint.sdp.text();
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = text.get(start..).unwrap_or("");
    if rest.is_ascii() {
        return;
    }
    let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()).map(|at| at + start) else { return };
    let number = lint.sdp.lines().partition_point(|line| line.start as usize <= at);
    let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    lint.push(Code::SdpNonAscii, Span::new(at, at + length), number as u32, None);
}

fn fragment(lint: &mut Lint<'_, '_>) {
    if lint.is_fragment
        && let Some(line) = lint.sdp.lines().iter().find(|line| line.kind != 0)
    {
        lint.line(Code::SdpFragment, line);
    }
}
