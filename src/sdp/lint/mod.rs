//! The rules behind the diagnostics: what RFCs ask for and what browsers trip over.

mod ice;
mod lines;
mod media;
mod session;

use alloc::borrow::Cow;

use super::document::Sdp;
use super::line::Line;
use super::values::{Mids, bundles};
use crate::explain::{Code, Diagnostic, Diagnostics, Fix};
use crate::text::Span;

/// Applies every rule.
pub(super) fn apply(sdp: &Sdp<'_>, out: &mut Diagnostics) {
    let mids = Mids::new(sdp);
    let bundled = bundles(sdp, &mids);
    let mut lint = Lint { sdp, out };
    lines::check(&mut lint);
    session::check(&mut lint);
    media::check(&mut lint, &mids, &bundled);
    ice::check(&mut lint, &bundled);
}

/// A description and where to report.
struct Lint<'l, 'a> {
    sdp: &'l Sdp<'a>,
    out: &'l mut Diagnostics,
}

impl<'l, 'a> Lint<'l, 'a> {
    /// 1-based number of a line.
    fn number(&self, line: &Line) -> u32 {
        self.sdp.lines().partition_point(|one| one.start < line.start) as u32 + 1
    }

    fn push(&mut self, code: Code, span: Span, line: u32, fix: Option<(Span, Cow<'static, str>)>) {
        let fix = fix.map(|(span, replacement)| Fix { span, replacement });
        self.out.push(Diagnostic { code, span, line, fix });
    }

    /// Reports a whole line.
    fn line(&mut self, code: Code, line: &Line) {
        self.push(code, line.span(), self.number(line), None);
    }

    /// Reports the line with this 1-based number.
    fn numbered(&mut self, code: Code, number: u32) {
        let index = (number as usize).wrapping_sub(1);
        if let Some(line) = self.sdp.lines().get(index) {
            self.push(code, line.span(), number, None);
        }
    }

    /// Reports the value of a line; the line itself when the value is empty.
    fn value(&mut self, code: Code, line: &Line) {
        self.push(code, value_span(line), self.number(line), None);
    }

    /// Reports the value of a line with what to write for it.
    fn value_fix(&mut self, code: Code, line: &Line, replacement: impl Into<Cow<'static, str>>) {
        let value = Span { start: line.value, end: line.end };
        self.push(code, value_span(line), self.number(line), Some((value, replacement.into())));
    }

    /// Reports part of a line.
    fn part(&mut self, code: Code, line: &Line, part: &str) {
        self.push(code, Span::of(self.sdp.text(), part), self.number(line), None);
    }

    /// The text of a line's value.
    fn text(&self, line: &Line) -> &'a str {
        line.value(self.sdp.text())
    }
}

fn value_span(line: &Line) -> Span {
    if line.value < line.end { Span { start: line.value, end: line.end } } else { line.span() }
}
