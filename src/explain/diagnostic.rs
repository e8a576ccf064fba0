//! Diagnostics: what is wrong or notable, and exactly where.
//!
//! A code is stable. `docs/diagnostics.md` explains each one (cause, example, fix); a test keeps the page, this table
//! and the npm package's messages in step. Sentences are not kept here, so that the small builds do not carry them.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::codes::Code;
use crate::sorting::sort_by;
use crate::text::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// It can't be read, or no browser takes it.
    Error = 0,
    /// Somebody refuses it, or something is lost.
    Warning = 1,
    /// Worth knowing.
    Info = 2,
}

/// A replacement that would settle the diagnostic without changing what the text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Bytes to replace; empty to insert.
    pub span: Span,
    /// Text to write there.
    pub replacement: Cow<'static, str>,
}

/// Something wrong or notable, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Code.
    pub code: Code,
    /// Place in the text, in bytes.
    pub span: Span,
    /// 1-based line of the start of the span.
    pub line: u32,
    /// Text to write instead, where that is certain.
    pub fix: Option<Fix>,
}

/// Most diagnostics kept for one text.
pub const MAX_DIAGNOSTICS: usize = 1000;

/// A bounded list of diagnostics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    dropped: u32,
}

impl Diagnostics {
    /// No diagnostics.
    pub const fn new() -> Self {
        Self { list: Vec::new(), dropped: 0 }
    }

    /// Those kept, at most [`MAX_DIAGNOSTICS`].
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// How many more there were.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Whether one of them has this code.
    pub fn has(&self, code: Code) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.code == code)
    }

    /// Adds one, or counts it when the list is full.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() == MAX_DIAGNOSTICS {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.list.push(diagnostic);
    }

    /// Sorts by position; equal positions keep their order.
    pub fn sort(&mut self) {
        sort_by(&mut self.list, |a, b| a.span.start.cmp(&b.span.start));
    }
}

/// List that a parser reports to: it knows the place of its text in the whole, so that spans come out right.
#[derive(Debug)]
pub struct Report<'d> {
    list: &'d mut Diagnostics,
    offset: u32,
    line: u32,
}

impl<'d> Report<'d> {
    /// Reports for a text that starts at byte `offset`, on 1-based line `line`, of the whole.
    pub fn new(list: &'d mut Diagnostics, offset: u32, line: u32) -> Self {
        Self { list, offset, line }
    }

    /// Reports `code` at `span` of the part.
    pub fn at(&mut self, code: Code, span: Span) {
        self.push(code, span, None);
    }

    /// Reports `code` at `span`, with what to write in place of `fix`.
    pub fn with_fix(&mut self, code: Code, span: Span, fix: Span, replacement: impl Into<Cow<'static, str>>) {
        self.push(code, span, Some(Fix { span: fix.shifted(self.offset), replacement: replacement.into() }));
    }

    fn push(&mut self, code: Code, span: Span, fix: Option<Fix>) {
        self.list.push(Diagnostic { code, span: span.shifted(self.offset), line: self.line, fix });
    }
}
