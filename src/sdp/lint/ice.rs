//! The ICE attributes (RFC 8839 §5) and the candidates among themselves.

use alloc::vec::Vec;
use core::net::IpAddr;

use super::Lint;
use crate::candidate::{is_ice_char, number};
use crate::explain::Code;
use crate::sdp::attribute::Attribute;
use crate::sdp::document::{Ice, Media, Section};
use crate::sdp::line::Line;
use crate::sdp::values::{Bundled, is_rejected};
use crate::sorting::sort_by;

/// Attributes of media sections only.
const MEDIA_ONLY: &[Attribute] = &[Attribute::Candidate, Attribute::RemoteCandidates, Attribute::IceMismatch];

/// Attributes of the session part only.
const SESSION_ONLY: &[Attribute] = &[Attribute::IceLite, Attribute::IcePacing];

pub(super) fn check(lint: &mut Lint<'_, '_>, bundled: &[Bundled]) {
    let session = lint.sdp.session();
    for line in session.lines() {
        // Lines of a section, copied without it, are at no level.
        let alone = lint.is_fragment && lint.sdp.media_lines().is_empty();
        if MEDIA_ONLY.contains(&line.attribute) && !alone {
            lint.line(Code::IceLevel, line);
        }
        if line.attribute == Attribute::IcePacing {
            pacing(lint, line, session.value(Attribute::IceLite).is_some());
        }
    }
    section(lint, &session);
    let connection = session.lines().iter().find(|line| line.kind == b'c');
    let mut credentials = Vec::new();
    for (index, (media, bundled)) in lint.sdp.media().zip(bundled.iter().copied()).enumerate() {
        for line in media.section().lines().iter().filter(|line| SESSION_ONLY.contains(&line.attribute)) {
            lint.line(Code::IceLevel, line);
        }
        section(lint, media.section());
        let ice = media.ice();
        missing(lint, &media, bundled, &ice);
        candidates(lint, &media, ice.ufrag);
        default_destination(lint, &media, connection);
        if let (Some(ufrag), Some(pwd)) = (ice.ufrag, ice.pwd) {
            credentials.push((ufrag, pwd, index));
        }
    }
    conflicts(lint, credentials);
}

/// Rules that hold in the session part as well as in a section.
fn section(lint: &mut Lint<'_, '_>, section: &Section<'_, '_>) {
    let mut tags = None;
    let mut ice2 = false;
    for line in section.lines() {
        match line.attribute {
            Attribute::IceUfrag => token(lint, line, 4, Code::IceUfragLength, Code::IceUfragChar),
            Attribute::IcePwd => token(lint, line, 22, Code::IcePwdLength, Code::IcePwdChar),
            Attribute::IceMismatch => lint.line(Code::IceMismatch, line),
            Attribute::RemoteCandidates => remote_candidates(lint, line),
            Attribute::IceOptions => {
                tags = tags.or(Some(line));
                ice2 |= options(lint, line);
            }
            _ => {}
        }
    }
    let ufrag = section.with(Attribute::IceUfrag).next();
    if let Some(line) = tags.or(ufrag).filter(|_| !ice2) {
        let inherited = section.first_line() > 0 && tags.is_none();
        if !inherited || lint.sdp.session().value(Attribute::IceOptions).is_none() {
            lint.line(Code::IceOptionIce2Missing, line);
        }
    }
}

fn token(lint: &mut Lint<'_, '_>, line: &Line, shortest: usize, length: Code, character: Code) {
    let value = lint.text(line);
    if !(shortest..=256).contains(&value.len()) {
        lint.value(length, line);
    }
    if let Some(at) = value.bytes().position(|byte| !is_ice_char(byte)) {
        let strange = value.get(at..).unwrap_or("");
        let end = strange.chars().next().map_or(0, char::len_utf8);
        lint.part(character, line, strange.get(..end).unwrap_or(strange));
    }
}

/// Checks the tags; true when `ice2` is among them.
fn options(lint: &mut Lint<'_, '_>, line: &Line) -> bool {
    let value = lint.text(line);
    let mut ice2 = false;
    let mut empty = true;
    for tag in value.split_ascii_whitespace() {
        empty = false;
        ice2 |= tag == "ice2";
        if tag == "google-ice" {
            lint.part(Code::IceOptionLegacy, line, tag);
        }
    }
    if empty {
        lint.line(Code::IceOptionsEmpty, line);
    }
    ice2
}

fn pacing(lint: &mut Lint<'_, '_>, line: &Line, lite: bool) {
    let value = lint.text(line);
    if value.len() > 10 || number(value).is_none() {
        lint.value(Code::IcePacing, line);
    }
    if lite {
        lint.line(Code::IcePacingLite, line);
    }
}

fn remote_candidates(lint: &mut Lint<'_, '_>, line: &Line) {
    let mut fields = lint.text(line).split_ascii_whitespace();
    let mut triples = 0;
    while let Some(component) = fields.next() {
        let (address, port) = (fields.next(), fields.next().and_then(number));
        if number(component).is_none() || address.is_none() || port.is_none_or(|port| port > 65535) {
            triples = 0;
            break;
        }
        triples += 1;
    }
    if triples == 0 {
        lint.value(Code::IceRemoteCandidates, line);
    }
}

fn missing(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>, bundled: Bundled, ice: &Ice<'_>) {
    let Some(first) = media.section().lines().first() else { return };
    // One of the two without the other is refused anywhere.
    let carried = lint.is_carried(media, bundled) && ice.ufrag.is_none() == ice.pwd.is_none();
    if is_rejected(media) || carried || lint.is_fragment || lint.is_plain {
        return;
    }
    if ice.ufrag.is_none() {
        lint.line(Code::IceUfragMissing, first);
    } else if ice.pwd.is_none() {
        lint.line(Code::IcePwdMissing, first);
    }
}

/// One ufrag in two sections means one password (RFC 8839 §5.4).
fn conflicts(lint: &mut Lint<'_, '_>, mut credentials: Vec<(&str, &str, usize)>) {
    sort_by(&mut credentials, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    for pair in credentials.windows(2) {
        let [(ufrag, pwd, _), (other, another, section)] = pair else { continue };
        if ufrag == other && pwd != another {
            let media = lint.sdp.media_at(*section);
            let line = media.section().with(Attribute::IcePwd).chain(media.section().with(Attribute::IceUfrag)).next();
            if let Some(line) = line {
                lint.value(Code::IcePwdConflict, line);
            }
        }
    }
}

fn candidates(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>, ufrag: Option<&str>) {
    let lines = media.section().lines();
    let mut ended = false;
    for line in lines {
        match line.attribute {
            Attribute::EndOfCandidates => ended = true,
            Attribute::Candidate if ended => lint.line(Code::IceCandidateAfterEnd, line),
            _ => {}
        }
    }
    let rejected = is_rejected(media);
    let mux = media.section().value(Attribute::RtcpMux).is_some();
    let mut seen = Vec::new();
    for line in lines.iter().filter(|line| line.attribute == Attribute::Candidate) {
        if rejected {
            lint.line(Code::IceCandidateOnRejected, line);
        }
        let text = lint.sdp.text();
        seen.push((line.span().slice(text), line));
    }
    for candidate in media.candidates() {
        let own = candidate.username_fragment();
        if own.is_some() && ufrag.is_some() && own != ufrag {
            report(lint, lines, candidate.text, Code::IceCandidateUfrag);
        }
        if mux && candidate.component == 2 {
            report(lint, lines, candidate.text, Code::IceComponentWithMux);
        }
    }
    duplicates(lint, seen);
}

fn report(lint: &mut Lint<'_, '_>, lines: &[Line], part: &str, code: Code) {
    let start = crate::text::Span::of(lint.sdp.text(), part).start;
    let index = lines.partition_point(|line| line.start < start);
    if let Some(line) = lines.get(index) {
        lint.line(code, line);
    }
}

fn duplicates(lint: &mut Lint<'_, '_>, mut seen: Vec<(&str, &Line)>) {
    sort_by(&mut seen, |a, b| a.0.cmp(b.0));
    for pair in seen.windows(2) {
        if let [(one, _), (other, line)] = pair
            && one == other
        {
            lint.line(Code::IceCandidateDuplicate, line);
        }
    }
}

/// RFC 8839 §4.2.5: the address and port of the section are those of a candidate, or the peer answers `ice-mismatch`.
/// 0.0.0.0 and :: with port 9, names, and sections without candidates are never a mismatch.
fn default_destination(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>, session: Option<&Line>) {
    let Some(port) = media.port().filter(|&port| port != 0) else { return };
    let own = media.section().lines().iter().find(|line| line.kind == b'c');
    let Some(line) = own.or(session) else { return };
    let address = lint.text(line).split(' ').nth(2).unwrap_or("");
    let Ok(ip) = address.parse::<IpAddr>() else { return };
    if ip.is_unspecified() && port == 9 {
        return;
    }
    let mut any = false;
    for candidate in media.candidates() {
        any = true;
        if candidate.ip() == Some(ip) && candidate.port == port || candidate.ip().is_none() {
            return;
        }
    }
    if any {
        lint.value(Code::IceDefaultMismatch, line);
    }
}
