//! Lines as spans.

use alloc::vec::Vec;

use super::attribute::Attribute;
use super::diagnostic::Span;

/// Most lines of one text; what follows the last is its part.
pub const MAX_LINES: usize = 1 << 20;

/// One line: where it is and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// First byte, after any indentation.
    pub start: u32,
    /// First byte of the value: after `x=`, and for an attribute with a value after its colon.
    pub value: u32,
    /// One past the last byte; the line end is not part of it.
    pub end: u32,
    /// The type letter, in lower case or as written; 0 for what is not `x=…`.
    pub kind: u8,
    /// For `a=` lines: which attribute; [`Attribute::None`] for other lines.
    pub attribute: Attribute,
}

impl Line {
    /// The line without its end.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }

    /// What follows `x=` or, for an attribute, its colon; empty for a property attribute such as `a=ice-lite`.
    pub fn value<'a>(&self, text: &'a str) -> &'a str {
        Span { start: self.value, end: self.end }.slice(text)
    }

    /// The name of an attribute; empty for other lines.
    pub fn name<'a>(&self, text: &'a str) -> &'a str {
        if self.kind != b'a' {
            return "";
        }
        let line = Span { start: self.start + 2, end: self.end }.slice(text).trim_start_matches(' ');
        line.get(..line.bytes().position(|byte| byte == b':').unwrap_or(line.len())).unwrap_or(line)
    }

    /// Whether an attribute has a colon.
    pub fn has_value(&self, text: &str) -> bool {
        self.kind == b'a' && Span { start: self.start, end: self.value }.slice(text).ends_with(':')
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// CRLF, LF or a lone CR: nothing that a person sees as a line end is missed.
    Any,
    /// CRLF or LF, as browsers read.
    Lf,
}

/// Splits a text into lines. A byte order mark and indentation are no part of one.
pub(super) fn split(text: &str, ends: Ends) -> Vec<Line> {
    // Offsets are 32 bits wide; text past 4 GiB is kept but not looked at.
    let bytes = text.as_bytes().get(..u32::MAX as usize).unwrap_or(text.as_bytes());
    let mut lines = Vec::new();
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while at < bytes.len() {
        let last = lines.len() + 1 == MAX_LINES;
        let rest = bytes.get(at..).unwrap_or(&[]);
        let length = if last { rest.len() } else { line_length(rest, ends) };
        lines.push(line(bytes, at, at + length));
        at += length;
        at += match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => 1,
        };
    }
    lines
}

fn line_length(bytes: &[u8], ends: Ends) -> usize {
    if ends == Ends::Any {
        return bytes.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(bytes.len());
    }
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let content = bytes.get(..end).unwrap_or(bytes);
    if end < bytes.len() && content.ends_with(b"\r") { end - 1 } else { end }
}

fn line(bytes: &[u8], start: usize, end: usize) -> Line {
    let content = bytes.get(start..end).unwrap_or(&[]);
    let indent = content.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = start + indent;
    let content = content.get(indent..).unwrap_or(&[]);
    let span = Span::new(start, end);
    let mut line = Line { start: span.start, value: span.start, end: span.end, kind: 0, attribute: Attribute::None };
    let &[kind, b'=', ref rest @ ..] = content else { return line };
    if !kind.is_ascii_alphabetic() {
        return line;
    }
    line.kind = kind;
    line.value = span.start + 2;
    if kind == b'a' {
        let colon = rest.iter().position(|&byte| byte == b':');
        let name = rest.get(..colon.unwrap_or(rest.len())).unwrap_or(rest);
        let spaces = name.iter().take_while(|byte| **byte == b' ').count();
        line.attribute = Attribute::from_name(name.get(spaces..).unwrap_or(name));
        line.value += colon.map_or(name.len(), |at| at + 1) as u32;
    }
    line
}
