//! The rules behind the diagnostics: what RFCs ask for and what browsers trip over.

mod ice;
mod lines;
mod media;
mod session;

use alloc::borrow::Cow;

use super::attribute::{Attribute, Attributes};
use super::document::{Media, Sdp};
use super::line::Line;
use super::values::{Bundled, Mids, bundles};
use crate::explain::{Code, Diagnostic, Diagnostics, Fix};
use crate::text::Span;

/// Applies every rule.
pub(super) fn apply(sdp: &Sdp<'_>, out: &mut Diagnostics) {
    let mids = Mids::new(sdp);
    let bundled = bundles(sdp, &mids);
    let is_offer =
        sdp.lines().iter().any(|line| line.attribute == Attribute::Setup && line.value(sdp.text()) == "actpass");
    let is_fragment = !sdp.session().lines().iter().any(|line| matches!(line.kind, b'v' | b'o' | b's'));
    let is_plain = !is_fragment && is_plain(sdp);
    let mut lint = Lint { sdp, is_offer, is_fragment, is_plain, out };
    if lines::escaped(&mut lint) {
        return;
    }
    lines::check(&mut lint);
    session::check(&mut lint);
    media::check(&mut lint, &mids, &bundled);
    ice::check(&mut lint, &bundled);
}

/// A description and where to report.
struct Lint<'l, 'a> {
    sdp: &'l Sdp<'a>,
    /// One of its sections leaves the role in DTLS to the peer, as only offers do.
    is_offer: bool,
    /// Without `v=`, `o=` and `s=`: meant as a fragment (RFC 8840 §9), not as a broken description.
    is_fragment: bool,
    /// Neither ICE nor DTLS is in it: for SIP or RTSP, and not held to what browsers ask for.
    is_plain: bool,
    out: &'l mut Diagnostics,
}

/// Whether every section is plain RTP or another transport without DTLS, and nothing of ICE or DTLS is in the description.
fn is_plain(sdp: &Sdp<'_>) -> bool {
    const OWN: Attributes = Attributes::of(&[
        Attribute::IceUfrag,
        Attribute::IcePwd,
        Attribute::Candidate,
        Attribute::Fingerprint,
        Attribute::Setup,
        Attribute::IceLite,
    ]);
    let mut protocols = sdp.media().map(|media| media.line().protocol).peekable();
    protocols.peek().is_some()
        && protocols.all(|protocol| matches!(protocol, "RTP/AVP" | "RTP/AVPF" | "RTP/SAVP" | "TCP/RTP/AVP"))
        && !sdp.lines().iter().any(|line| OWN.has(line.attribute))
}

impl<'l, 'a> Lint<'l, 'a> {
    /// Whether a section uses the transport of another in its BUNDLE group: in an offer only when it is `bundle-only`,
    /// since the others must stand on their own until the answer (RFC 9143 §7.2).
    fn is_carried(&self, media: &Media<'_, '_>, bundled: Bundled) -> bool {
        let alone = self.is_offer && media.section().value(Attribute::BundleOnly).is_none();
        bundled.grouped && !bundled.first && !alone
    }

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
