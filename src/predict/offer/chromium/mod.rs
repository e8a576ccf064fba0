//! Chromium: strict syntax line by line, then the rules of JSEP and of its own.

mod meaning;
mod section;

use core::net::IpAddr;

use super::Refusal;
use crate::candidate::number;
use crate::explain::{Code, Diagnostics};
use crate::predict::candidate::literal;
use crate::sdp::Sdp;
use crate::sdp::attribute::Attribute;
use crate::sdp::document::read;
use crate::sdp::line::Ends;
use crate::sdp::values::{FingerprintProblem, extmap, fingerprint_problem};

type Verdict = Result<(), Refusal>;

fn refuse(code: Code, line: u32) -> Verdict {
    Err(Refusal { code, line })
}

/// Why Chromium refuses this offer; `None` when it takes it.
pub fn chromium(sdp: &Sdp<'_>) -> Option<Refusal> {
    if !sdp.text().contains('\n') && sdp.text().contains('\r') {
        return Some(Refusal { code: Code::SdpLoneCr, line: 1 });
    }
    let mut reader = Reader { text: sdp.text(), at: 0, line: 0 };
    let session = session(&mut reader);
    let syntax = session.and_then(|session| section::all(&mut reader, session));
    let refusal = syntax.and_then(|()| {
        // It stops without a word at a line `m=` that is none. A lone CR ends no line for a browser.
        let seen = sdp.text().get(..reader.at).unwrap_or("");
        meaning::check(&read::<false>(seen, Ends::Lf, &mut Diagnostics::new()))
    });
    refusal.err()
}

/// Takes lines off the text as libwebrtc does: it knows LF only, and wants it after every line.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Number of the last line taken.
    line: u32,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next line as it is, and whether it ends with LF; it is not taken.
    fn peek(&self) -> (&'a str, bool) {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
        (line.strip_suffix('\r').unwrap_or(line), end.is_some())
    }

    /// Code for the next line, when it is wrong as a line.
    fn problem(&self) -> Option<Code> {
        let (line, ended) = self.peek();
        match *line.as_bytes() {
            _ if !ended => Some(Code::SdpFinalNewline),
            [] => Some(Code::SdpEmptyLine),
            [b's', b'='] => Some(Code::SdpNameEmpty),
            [b'a'..=b'z', b'='] => Some(Code::SdpEmptyValue),
            [b's', b'=', ..] => None,
            [b'a'..=b'z', b'=', b' ', ..] => Some(Code::SdpSpaceAfterEquals),
            [b'a'..=b'z', b'=', ..] => None,
            [b'A'..=b'Z', b'=', ..] => Some(Code::SdpTypeCase),
            [b' ' | b'\t', ..] => Some(Code::SdpIndent),
            [0xef, 0xbb, 0xbf, ..] => Some(Code::SdpBom),
            _ => Some(Code::SdpNotALine),
        }
    }

    fn take(&mut self) -> &'a str {
        let (line, _) = self.peek();
        let rest = self.rest();
        self.at += rest.bytes().position(|byte| byte == b'\n').map_or(rest.len(), |end| end + 1);
        self.line += 1;
        line
    }

    /// Takes the next line if it is a good one of this type, and returns its value.
    fn take_type(&mut self, kind: u8) -> Option<&'a str> {
        if self.rest().as_bytes().first() != Some(&kind) || self.problem().is_some() {
            return None;
        }
        self.take().get(2..)
    }

    /// Takes a line of this type, or says what is wrong: the line itself, or that another stands here.
    fn required(&mut self, kind: u8, missing: Code, malformed: Code) -> Result<&'a str, Refusal> {
        if let Some(value) = self.take_type(kind) {
            return Ok(value);
        }
        let line = self.line + 1;
        let here = self.rest().as_bytes().first() == Some(&kind);
        let code = match self.problem() {
            Some(code @ (Code::SdpNameEmpty | Code::SdpFinalNewline | Code::SdpBom)) => code,
            Some(Code::SdpEmptyValue | Code::SdpSpaceAfterEquals) if here => malformed,
            Some(code @ Code::SdpIndent) => code,
            _ => missing,
        };
        Err(Refusal { code, line })
    }
}

/// Attributes of the session part that a media section must not have as well.
#[derive(Clone, Copy, Default)]
struct Session {
    extmap: bool,
}

/// The session lines, in the order of the RFC and no other.
fn session(reader: &mut Reader<'_>) -> Result<Session, Refusal> {
    reader.required(b'v', Code::SdpVersionMissing, Code::SdpVersion)?;
    let origin = reader.required(b'o', Code::SdpOriginMissing, Code::SdpOrigin)?;
    if origin.split(' ').count() != 6 {
        return Err(Refusal { code: Code::SdpOrigin, line: reader.line });
    }
    reader.required(b's', Code::SdpNameMissing, Code::SdpNameEmpty)?;
    for kind in [b'i', b'u', b'e', b'p'] {
        reader.take_type(kind);
    }
    if let Some(value) = reader.take_type(b'c') {
        connection(value, reader.line)?;
    }
    while reader.take_type(b'b').is_some() {}
    let late = reader.rest().contains("\nt=");
    reader.required(b't', if late { Code::SdpOrder } else { Code::SdpTimingMissing }, Code::SdpTiming)?;
    while reader.take_type(b'r').or_else(|| reader.take_type(b't')).is_some() {}
    reader.take_type(b'z');
    reader.take_type(b'k');
    let mut seen = Session::default();
    let mut fingerprint = false;
    while let Some(text) = reader.take_type(b'a') {
        let one = Named::new(text);
        let line = reader.line;
        shared_attribute(one, line)?;
        match one.attribute {
            Attribute::Fingerprint if core::mem::replace(&mut fingerprint, true) => {
                return Err(Refusal { code: Code::SdpFingerprintTwice, line });
            }
            Attribute::Group | Attribute::MsidSemantic => one.required(line).map(|_| ())?,
            Attribute::Extmap => {
                header_extension(one, line)?;
                seen.extmap = true;
            }
            _ => {}
        }
    }
    if reader.rest().is_empty() || reader.rest().starts_with("m=") {
        return Ok(seen);
    }
    let known = reader.rest().bytes().next().is_some_and(|kind| b"vosiuepcbtrzkam".contains(&kind));
    let stray = if known { Code::SdpOrder } else { Code::SdpTypeUnknown };
    Err(Refusal { code: reader.problem().unwrap_or(stray), line: reader.line + 1 })
}

/// An attribute as libwebrtc takes it apart: its name ends at a colon or a space.
#[derive(Clone, Copy)]
struct Named<'a> {
    attribute: Attribute,
    name: &'a str,
    /// Text after the first colon and those right behind it; `None` without a colon.
    value: Option<&'a str>,
    /// All that follows `a=`.
    text: &'a str,
}

impl<'a> Named<'a> {
    fn new(text: &'a str) -> Self {
        let name = text.split([':', ' ']).next().unwrap_or("");
        let value = text.split_once(':').map(|(_, value)| value.trim_start_matches(':'));
        Self { attribute: Attribute::from_name(name.as_bytes()), name, value, text }
    }

    /// The value, which must follow a colon right behind the name.
    fn required(&self, line: u32) -> Result<&'a str, Refusal> {
        let follows = self.text.get(self.name.len()..).is_some_and(|rest| rest.starts_with(':'));
        self.value.filter(|_| follows).ok_or(Refusal { code: Code::SdpValueMissing, line })
    }
}

/// Text before the first space, and the text after it and those right behind it.
fn first_field(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ').map(|(first, rest)| (first, rest.trim_start_matches(' ')))
}

/// `c=`: `IN`, an address type, and something without a slash; an address must be of that type.
fn connection(value: &str, line: u32) -> Verdict {
    let fields = first_field(value).and_then(|(net, rest)| first_field(rest).map(|(family, rest)| (net, family, rest)));
    let Some(("IN", family, address)) = fields else { return refuse(Code::SdpConnection, line) };
    if address.contains('/') {
        return refuse(Code::SdpConnectionMulticast, line);
    }
    let expected = match literal(address) {
        Some(IpAddr::V4(_)) => "IP4",
        Some(IpAddr::V6(_)) => "IP6",
        None => return Ok(()),
    };
    if family == expected { Ok(()) } else { refuse(Code::SdpConnection, line) }
}

/// Attributes that are read at both levels.
fn shared_attribute(one: Named<'_>, line: u32) -> Verdict {
    match one.attribute {
        Attribute::IceUfrag | Attribute::IcePwd | Attribute::IceOptions => one.required(line).map(|_| ()),
        Attribute::Fingerprint => match fingerprint_problem(one.value.unwrap_or("")) {
            None | Some(FingerprintProblem::LowerCase | FingerprintProblem::Length) => Ok(()),
            Some(FingerprintProblem::Malformed) => refuse(Code::SdpFingerprint, line),
            Some(FingerprintProblem::Hash) => refuse(Code::SdpFingerprintHash, line),
            Some(FingerprintProblem::Weak) => refuse(Code::SdpFingerprintWeak, line),
        },
        Attribute::Setup => {
            let role = one.text.split_once(':').map_or("", |(_, role)| role);
            let known =
                ["actpass", "active", "passive", "holdconn"].iter().any(|known| known.eq_ignore_ascii_case(role));
            if known { Ok(()) } else { refuse(Code::SdpSetup, line) }
        }
        _ => Ok(()),
    }
}

/// `a=extmap`: an id from 1 to 255 and a URI.
fn header_extension(one: Named<'_>, line: u32) -> Verdict {
    let value = one.value.unwrap_or("");
    let (id, uri) = extmap(value);
    let id = number(id).is_some_and(|id| (1..=255).contains(&id));
    let clean = uri.bytes().all(|byte| byte.is_ascii_graphic());
    if id && clean && value.contains(' ') { Ok(()) } else { refuse(Code::SdpExtmap, line) }
}
