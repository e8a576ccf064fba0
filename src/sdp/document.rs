//! The description: sections, and typed access to what ICE, DTLS, BUNDLE and SCTP need.

use alloc::vec::Vec;

use super::attribute::Attribute;
use super::line::{Ends, Line, Lines, report_unreadable};
use crate::candidate::{self, Candidate, Content, number};
use crate::explain::{Diagnostics, Report};
use crate::text::Span;

/// A parsed text. Its lines are spans of the text, so that nothing is lost.
#[derive(Clone, Debug)]
pub struct Sdp<'a> {
    text: &'a str,
    lines: Vec<Line>,
    /// Index of each `m=` line.
    sections: Vec<u32>,
    candidates: Vec<(u32, Candidate<'a>)>,
    /// For the session part and then each section, a bit for each attribute that is there.
    present: Vec<u64>,
    /// Index of the first session line with each attribute, so that every section finds it at once.
    session_firsts: [u32; Attribute::COUNT],
    diagnostics: Diagnostics,
}

const ABSENT: u32 = u32::MAX;
const _: () = assert!(Attribute::COUNT <= 64, "an attribute is a bit of `present`");

/// Parses a text as a session description, or a fragment of one (RFC 8840 §9). Total: see the module.
///
/// The diagnostics say what can't be read; [`lint`] has those of the rules as well.
pub fn parse(text: &str) -> Sdp<'_> {
    let mut diagnostics = Diagnostics::new();
    let mut sdp = read::<false>(text, Ends::Any, &mut diagnostics);
    sdp.diagnostics = diagnostics;
    sdp
}

/// [`parse`], with the diagnostics of every rule of the RFCs and of the browsers, in the order of their places.
#[cfg(feature = "lint")]
pub fn lint(text: &str) -> Sdp<'_> {
    let mut diagnostics = Diagnostics::new();
    let mut sdp = read::<true>(text, Ends::Any, &mut diagnostics);
    super::lint::apply(&sdp, &mut diagnostics);
    diagnostics.sort();
    sdp.diagnostics = diagnostics;
    sdp
}

/// Finds lines, sections and candidates, and reports what it can't read; with `RULES`, what the rules of candidates say.
pub(crate) fn read<'a, const RULES: bool>(text: &'a str, ends: Ends, diagnostics: &mut Diagnostics) -> Sdp<'a> {
    let (mut lines, mut sections, mut candidates) = (Vec::new(), Vec::new(), Vec::new());
    let mut present = alloc::vec![0];
    let mut session_firsts = [ABSENT; Attribute::COUNT];
    for (index, (mut line, name)) in (0u32..).zip(Lines::new(text, ends)) {
        report_unreadable(diagnostics, &line, index + 1);
        if line.kind == b'a' {
            line.attribute = Attribute::from_name(name);
        }
        if line.kind == b'm' {
            sections.push(index);
            present.push(0);
        }
        if let Some(present) = present.last_mut() {
            *present |= line.attribute.bit();
        }
        if sections.is_empty()
            && let Some(first) = session_firsts.get_mut(line.attribute as usize).filter(|first| **first == ABSENT)
        {
            *first = index;
        }
        if line.attribute == Attribute::Candidate {
            let mut report = Report::new(diagnostics, line.start, index + 1);
            let content = candidate::parse_with::<RULES>(line.span().slice(text), &mut report, &mut |_, _| {});
            if let Content::Candidate(candidate) = content {
                candidates.push((index, candidate));
            }
        }
        lines.push(line);
    }
    Sdp { text, lines, sections, candidates, present, session_firsts, diagnostics: Diagnostics::new() }
}

impl<'a> Sdp<'a> {
    /// The text, unchanged.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Every line.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Everything wrong or notable, in the order of the text.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The diagnostics alone.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.diagnostics
    }

    /// Index into [`Sdp::lines`] of each `m=` line.
    pub fn media_lines(&self) -> &[u32] {
        &self.sections
    }

    /// Every candidate with the index of its line, in all sections.
    pub fn candidates(&self) -> &[(u32, Candidate<'a>)] {
        &self.candidates
    }

    /// Lines before the first `m=` line.
    pub fn session(&self) -> Section<'_, 'a> {
        let end = self.sections.first().map_or(self.lines.len(), |&index| index as usize);
        let present = self.present.first().copied().unwrap_or(0);
        Section { sdp: self, first: 0, lines: self.lines.get(..end).unwrap_or(&[]), present }
    }

    /// The media sections.
    pub fn media(&self) -> impl DoubleEndedIterator<Item = Media<'_, 'a>> + ExactSizeIterator {
        (0..self.sections.len()).map(|index| self.media_at(index))
    }

    /// The media section with this index; an empty one when there is none.
    pub(crate) fn media_at(&self, index: usize) -> Media<'_, 'a> {
        let start = self.sections.get(index).map_or(self.lines.len(), |&line| line as usize);
        let end = self.sections.get(index + 1).map_or(self.lines.len(), |&line| line as usize);
        let lines = self.lines.get(start..end).unwrap_or(&[]);
        let present = self.present.get(index + 1).copied().unwrap_or(0);
        Media { section: Section { sdp: self, first: start, lines, present }, session: self.session() }
    }

    /// The `a=group` lines.
    pub fn groups(&self) -> impl Iterator<Item = Group<'a>> {
        self.session().values(Attribute::Group).map(|value| {
            let mut mids = value.split_ascii_whitespace();
            Group { semantics: mids.next().unwrap_or(""), mids }
        })
    }
}

/// A group of media sections (RFC 5888 §5, RFC 9143).
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// `BUNDLE`, `LS` …
    pub semantics: &'a str,
    /// The identification tags.
    pub mids: core::str::SplitAsciiWhitespace<'a>,
}

/// The lines of the session part or of one media section.
#[derive(Clone, Copy, Debug)]
pub struct Section<'s, 'a> {
    sdp: &'s Sdp<'a>,
    first: usize,
    lines: &'s [Line],
    /// A bit for each attribute that is there.
    present: u64,
}

impl<'s, 'a> Section<'s, 'a> {
    /// Its lines.
    pub fn lines(&self) -> &'s [Line] {
        self.lines
    }

    /// Index of its first line in [`Sdp::lines`].
    pub fn first_line(&self) -> usize {
        self.first
    }

    /// Its lines that hold this attribute.
    pub fn with(&self, attribute: Attribute) -> impl Iterator<Item = &'s Line> + use<'s> {
        // Only media sections start with a line m=.
        let is_session = self.lines.first().is_some_and(|line| line.kind != b'm');
        let first = if is_session { self.sdp.session_firsts.get(attribute as usize).copied() } else { None };
        let is_present = self.present & attribute.bit() != 0;
        let from = if is_present { first.unwrap_or(0) as usize } else { self.lines.len() };
        self.lines.get(from..).unwrap_or(&[]).iter().filter(move |line| line.attribute == attribute)
    }

    /// The values of the lines that hold this attribute.
    pub fn values(&self, attribute: Attribute) -> impl Iterator<Item = &'a str> + use<'s, 'a> {
        let text = self.sdp.text;
        self.with(attribute).map(move |line| line.value(text))
    }

    /// The value of the first line that holds this attribute; empty for a property attribute.
    pub fn value(&self, attribute: Attribute) -> Option<&'a str> {
        self.values(attribute).next()
    }

    /// The values of every attribute with exactly this name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let text = self.sdp.text;
        self.lines.iter().filter(move |line| line.kind == b'a' && line.name(text) == name).map(|line| line.value(text))
    }

    fn ice(&self) -> Ice<'a> {
        Ice {
            ufrag: self.value(Attribute::IceUfrag),
            pwd: self.value(Attribute::IcePwd),
            options: self.value(Attribute::IceOptions),
            lite: self.value(Attribute::IceLite).is_some(),
            pacing: self.value(Attribute::IcePacing).and_then(number),
        }
    }

    fn direction(&self) -> Option<&'static str> {
        let directions = [
            (Attribute::SendRecv, "sendrecv"),
            (Attribute::SendOnly, "sendonly"),
            (Attribute::RecvOnly, "recvonly"),
            (Attribute::Inactive, "inactive"),
        ];
        let found =
            directions.into_iter().filter_map(|(attribute, name)| Some((self.with(attribute).next()?.start, name)));
        found.min().map(|(_, name)| name)
    }
}

/// The ICE attributes of a section (RFC 8839 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ice<'a> {
    /// `a=ice-ufrag`.
    pub ufrag: Option<&'a str>,
    /// `a=ice-pwd`.
    pub pwd: Option<&'a str>,
    /// `a=ice-options`: tags separated by spaces.
    pub options: Option<&'a str>,
    /// `a=ice-lite`.
    pub lite: bool,
    /// `a=ice-pacing` in milliseconds.
    pub pacing: Option<u32>,
}

/// The DTLS attributes of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dtls<'a> {
    /// `a=setup`: `actpass`, `active`, `passive` or `holdconn`.
    pub setup: Option<&'a str>,
    /// `a=tls-id`.
    pub tls_id: Option<&'a str>,
}

/// A certificate fingerprint (RFC 8122 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint<'a> {
    /// The hash function, as written.
    pub hash: &'a str,
    /// Hexadecimal bytes with colons, as written.
    pub value: &'a str,
}

/// One of `a=remote-candidates` (RFC 8839 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteCandidate<'a> {
    /// Component id.
    pub component: u32,
    /// Address, as written.
    pub address: &'a str,
    /// Port.
    pub port: u16,
}

/// The fields of an `m=` line (RFC 8866 §5.14), as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLine<'a> {
    /// `audio`, `video`, `application` …
    pub kind: &'a str,
    /// Port, with `/count` where the line has it.
    pub port: &'a str,
    /// `UDP/TLS/RTP/SAVPF` …
    pub protocol: &'a str,
    /// The formats, separated by spaces.
    pub formats: &'a str,
}

impl<'a> MediaLine<'a> {
    /// Splits the value of an `m=` line. Missing fields are empty.
    pub fn new(value: &'a str) -> Self {
        let mut fields = value.splitn(4, ' ');
        let mut next = || fields.next().unwrap_or("");
        Self { kind: next(), port: next(), protocol: next(), formats: next() }
    }
}

/// A media section with what it inherits from the session.
#[derive(Clone, Copy, Debug)]
pub struct Media<'s, 'a> {
    section: Section<'s, 'a>,
    session: Section<'s, 'a>,
}

impl<'s, 'a> Media<'s, 'a> {
    /// Its own lines, `m=` first.
    pub fn section(&self) -> &Section<'s, 'a> {
        &self.section
    }

    /// The `m=` line.
    pub fn line(&self) -> MediaLine<'a> {
        MediaLine::new(self.section.lines.first().map_or("", |line| line.value(self.section.sdp.text)))
    }

    /// Kind of media: `audio`, `video`, `application` …
    pub fn kind(&self) -> &'a str {
        self.line().kind
    }

    /// The port; `None` when it is not one.
    pub fn port(&self) -> Option<u16> {
        let port = self.line().port;
        port.split('/').next().and_then(number).and_then(|port| u16::try_from(port).ok())
    }

    /// `a=mid`.
    pub fn mid(&self) -> Option<&'a str> {
        self.section.value(Attribute::Mid)
    }

    /// `sendrecv` when neither the section nor the session says another (RFC 8866 §6.7).
    pub fn direction(&self) -> &'static str {
        self.section.direction().or_else(|| self.session.direction()).unwrap_or("sendrecv")
    }

    /// The ICE attributes; what the section lacks comes from the session (RFC 8839 §5.4). Options of both levels hold,
    /// see [`Media::ice_options`].
    pub fn ice(&self) -> Ice<'a> {
        let (own, session) = (self.section.ice(), self.session.ice());
        Ice {
            ufrag: own.ufrag.or(session.ufrag),
            pwd: own.pwd.or(session.pwd),
            options: own.options.or(session.options),
            lite: own.lite || session.lite,
            pacing: session.pacing.or(own.pacing),
        }
    }

    /// The tags of every `a=ice-options` of the section, else of the session.
    pub fn ice_options(&self) -> impl Iterator<Item = &'a str> {
        let own = self.section.value(Attribute::IceOptions).is_some();
        let section = if own { self.section } else { self.session };
        section.values(Attribute::IceOptions).flat_map(str::split_ascii_whitespace)
    }

    /// The DTLS attributes, inherited.
    pub fn dtls(&self) -> Dtls<'a> {
        let value = |attribute| self.section.value(attribute).or_else(|| self.session.value(attribute));
        Dtls { setup: value(Attribute::Setup), tls_id: value(Attribute::TlsId) }
    }

    /// The fingerprints of the section, or of the session when it has none.
    pub fn fingerprints(&self) -> impl Iterator<Item = Fingerprint<'a>> {
        let own = self.section.value(Attribute::Fingerprint).is_some();
        let section = if own { self.section } else { self.session };
        section.values(Attribute::Fingerprint).map(|value| {
            let (hash, value) = value.split_once(' ').unwrap_or((value, ""));
            Fingerprint { hash, value }
        })
    }

    /// The candidates of the section.
    pub fn candidates(&self) -> impl Iterator<Item = &'s Candidate<'a>> + use<'s, 'a> {
        let (first, end) = (self.section.first, self.section.first + self.section.lines.len());
        let all = &self.section.sdp.candidates;
        let from = all.partition_point(|(line, _)| (*line as usize) < first);
        let to = all.partition_point(|(line, _)| (*line as usize) < end);
        all.get(from..to).unwrap_or(&[]).iter().map(|(_, candidate)| candidate)
    }

    /// The `a=remote-candidates` (RFC 8839 §5.2); a triple that is not one ends the list.
    pub fn remote_candidates(&self) -> impl Iterator<Item = RemoteCandidate<'a>> {
        self.section.values(Attribute::RemoteCandidates).flat_map(|value| {
            let mut fields = value.split_ascii_whitespace();
            core::iter::from_fn(move || {
                let component = number(fields.next()?)?;
                let address = fields.next()?;
                let port = u16::try_from(number(fields.next()?)?).ok()?;
                Some(RemoteCandidate { component, address, port })
            })
        })
    }

    /// Whether `a=end-of-candidates` is in the section or the session (RFC 8840 §8.2).
    pub fn end_of_candidates(&self) -> bool {
        self.section.value(Attribute::EndOfCandidates).or(self.session.value(Attribute::EndOfCandidates)).is_some()
    }

    /// The span of the `m=` line.
    pub fn span(&self) -> Span {
        self.section.lines.first().map_or_else(Span::default, Line::span)
    }
}
