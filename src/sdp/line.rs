//! Lines as spans.

use super::attribute::Attribute;
use crate::explain::{Code, Diagnostic, Diagnostics};
use crate::text::Span;

/// Most lines of one text; what follows the last is its part.
pub const MAX_LINES: usize = 1 << 20;

/// One line: where it is and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// First byte, after any indentation.
    pub start: u32,
    /// First byte of the value: after `x=`, and for an attribute with a value after its colon, or the space in its place.
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

    /// Text after `x=` or, for an attribute, its colon; empty for a property attribute such as `a=ice-lite`.
    pub fn value<'a>(&self, text: &'a str) -> &'a str {
        Span { start: self.value, end: self.end }.slice(text)
    }

    /// The name of an attribute; empty for other lines.
    pub fn name<'a>(&self, text: &'a str) -> &'a str {
        if self.kind != b'a' {
            return "";
        }
        let name = Span { start: self.start + 2, end: self.value }.slice(text).trim_start_matches(' ');
        name.strip_suffix([':', ' ']).unwrap_or(name)
    }

    /// Whether something follows the name of an attribute: a colon, or a space as browsers take it.
    pub fn has_value(&self, text: &str) -> bool {
        self.kind == b'a' && Span { start: self.start, end: self.value }.slice(text).ends_with([':', ' '])
    }
}

/// Reports a line that can't be read as one, if `line` is such; `number` counts from 1.
pub fn report_unreadable(diagnostics: &mut Diagnostics, line: &Line, number: u32) {
    let code = match line.kind {
        _ if number as usize == MAX_LINES => Code::SdpTooManyLines,
        0 if line.start < line.end => Code::SdpNotALine,
        _ => return,
    };
    diagnostics.push(Diagnostic { code, span: line.span(), line: number, fix: None });
}

/// Kind of line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// CRLF, LF or a lone CR: nothing that a person sees as a line end is missed.
    Any,
    /// CRLF or LF, as browsers read.
    Lf,
}

/// Takes the lines off a text. A byte order mark and indentation are not part of one.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many were taken.
    count: usize,
    ends: Ends,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn new(text: &'a str, ends: Ends) -> Self {
        // Offsets are 32 bits wide; text past 4 GiB is kept but not looked at.
        let bytes = text.as_bytes().get(..u32::MAX as usize).unwrap_or(text.as_bytes());
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { bytes, at, count: 0, ends }
    }
}

impl<'a> Iterator for Lines<'a> {
    /// A line whose attribute is not looked up yet, and its name.
    type Item = (Line, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        self.count += 1;
        let length = if self.count == MAX_LINES { rest.len() } else { line_length(rest, self.ends) };
        let content = rest.get(..length).unwrap_or(rest);
        let found = line(content, self.at);
        let line_end = if rest.get(length..).is_some_and(|end| end.starts_with(b"\r\n")) { 2 } else { 1 };
        self.at += length + line_end;
        Some(found)
    }
}

fn line_length(bytes: &[u8], ends: Ends) -> usize {
    match ends {
        Ends::Any => bytes.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(bytes.len()),
        Ends::Lf => {
            let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
            let content = bytes.get(..end).unwrap_or(bytes);
            if end < bytes.len() && content.ends_with(b"\r") { end - 1 } else { end }
        }
    }
}

/// `content` without the first bytes that `is_blank`.
fn skip(content: &[u8], is_blank: fn(u8) -> bool) -> &[u8] {
    let count = content.iter().take_while(|&&byte| is_blank(byte)).count();
    content.get(count..).unwrap_or(&[])
}

/// The line with this content, which starts at byte `start` of the text, and the name of its attribute.
fn line(content: &[u8], start: usize) -> (Line, &[u8]) {
    let end = start + content.len();
    let content = skip(content, |byte| matches!(byte, b' ' | b'\t'));
    let Span { start, end } = Span::new(end - content.len(), end);
    let mut line = Line { start, value: start, end, kind: 0, attribute: Attribute::None };
    let &[kind, b'=', ref rest @ ..] = content else { return (line, &[]) };
    if !kind.is_ascii_alphabetic() {
        return (line, &[]);
    }
    line.kind = kind;
    line.value += 2;
    if kind != b'a' {
        return (line, &[]);
    }
    let name = skip(rest, |byte| byte == b' ');
    let stop = name.iter().position(|&byte| matches!(byte, b':' | b' '));
    let indent = rest.len() - name.len();
    line.value = stop.map_or(end, |at| line.value + (indent + at) as u32 + 1);
    (line, name.get(..stop.unwrap_or(name.len())).unwrap_or(name))
}
