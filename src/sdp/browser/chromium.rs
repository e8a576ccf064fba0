//! Chromium: strict syntax line by line, then the rules of JSEP and of its own.

use alloc::vec::Vec;

use super::Refusal;
use crate::candidate::browser::{Outcome, chromium as candidate_outcome};
use crate::candidate::number;
use crate::sdp::attribute::Attribute;
use crate::sdp::diagnostic::Code;
use crate::sdp::document::{Media, Sdp};
use crate::sdp::line::Line;
use crate::sdp::values::{
    Bundled, ConnectionProblem, FingerprintProblem, Mids, bundles, connection_problem, fingerprint_problem,
    is_rejected, is_rtp,
};

type Verdict = Result<(), Refusal>;

fn refuse(code: Code, line: u32) -> Verdict {
    Err(Refusal { code, line })
}

/// Why Chromium refuses this offer; `None` when it takes it.
pub fn chromium(sdp: &Sdp<'_>) -> Option<Refusal> {
    let mut reader = Reader { text: sdp.text(), at: 0, line: 0 };
    session(&mut reader).and_then(|()| media(&mut reader)).and_then(|()| meaning(sdp)).err()
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

    /// What is wrong with the next line as a line.
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
    fn expect(&mut self, kind: u8, missing: Code, malformed: Code) -> Result<&'a str, Refusal> {
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

/// The session lines, in the order of the RFC and no other.
fn session(reader: &mut Reader<'_>) -> Verdict {
    reader.expect(b'v', Code::SdpVersionMissing, Code::SdpVersion)?;
    let origin = reader.expect(b'o', Code::SdpOriginMissing, Code::SdpOrigin)?;
    if origin.split(' ').count() != 6 {
        return refuse(Code::SdpOrigin, reader.line);
    }
    reader.expect(b's', Code::SdpNameMissing, Code::SdpNameEmpty)?;
    for kind in [b'i', b'u', b'e', b'p'] {
        reader.take_type(kind);
    }
    if let Some(value) = reader.take_type(b'c') {
        connection(value, reader.line)?;
    }
    while reader.take_type(b'b').is_some() {}
    let late = reader.rest().contains("\nt=");
    reader.expect(b't', if late { Code::SdpOrder } else { Code::SdpTimingMissing }, Code::SdpTiming)?;
    while reader.take_type(b'r').is_some() {}
    reader.take_type(b'z');
    reader.take_type(b'k');
    while let Some(value) = reader.take_type(b'a') {
        shared_attribute(value, reader.line)?;
    }
    if reader.rest().is_empty() || reader.rest().starts_with('m') {
        return Ok(());
    }
    refuse(reader.problem().unwrap_or(Code::SdpOrder), reader.line + 1)
}

fn connection(value: &str, line: u32) -> Verdict {
    match connection_problem(value) {
        Some(ConnectionProblem::Multicast) => refuse(Code::SdpConnectionMulticast, line),
        Some(ConnectionProblem::Malformed) => refuse(Code::SdpConnection, line),
        Some(ConnectionProblem::Name) | None => Ok(()),
    }
}

/// Attributes that are read at both levels.
fn shared_attribute(value: &str, line: u32) -> Verdict {
    let (name, value) = value.split_once(':').unwrap_or((value, ""));
    match Attribute::from_name(name.as_bytes()) {
        Attribute::Fingerprint => match fingerprint_problem(value) {
            None | Some(FingerprintProblem::LowerCase) => Ok(()),
            Some(FingerprintProblem::Malformed) => refuse(Code::SdpFingerprint, line),
            Some(FingerprintProblem::Weak) => refuse(Code::SdpFingerprintWeak, line),
        },
        Attribute::Setup if !["actpass", "active", "passive", "holdconn"].contains(&value) => {
            refuse(Code::SdpSetup, line)
        }
        _ => Ok(()),
    }
}

/// The media sections, line by line.
fn media(reader: &mut Reader<'_>) -> Verdict {
    while !reader.rest().is_empty() {
        let Some(value) = reader.take_type(b'm') else {
            return refuse(reader.problem().unwrap_or(Code::SdpOrder), reader.line + 1);
        };
        let mut section = Section::new(value, reader.line)?;
        while !reader.rest().is_empty() && !reader.rest().starts_with('m') {
            if let Some(code) = reader.problem() {
                return refuse(code, reader.line + 1);
            }
            let line = reader.take();
            section.line(line, reader.line)?;
        }
        section.end()?;
    }
    Ok(())
}

/// What Chromium remembers of a section while it reads it.
struct Section {
    line: u32,
    rtp: bool,
    audio: bool,
    payload_types: Vec<u8>,
    /// Payload types with a rtpmap, and those with parameters.
    mapped: [bool; 128],
    used: [u32; 128],
}

impl Section {
    fn new(value: &str, line: u32) -> Result<Self, Refusal> {
        let refusal = |code| Refusal { code, line };
        let mut fields = value.split(' ');
        let (Some(kind), Some(port), Some(protocol)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(refusal(Code::SdpMediaLine));
        };
        number(port).filter(|&port| port <= 65535).ok_or(refusal(Code::SdpMediaLine))?;
        let mut section = Self {
            line,
            rtp: is_rtp(protocol),
            audio: kind == "audio",
            payload_types: Vec::new(),
            mapped: [false; 128],
            used: [0; 128],
        };
        let mut formats = fields.peekable();
        formats.peek().ok_or(refusal(Code::SdpMediaLine))?;
        if section.rtp {
            for format in formats {
                let payload_type = payload_type(format).ok_or(refusal(Code::SdpPayloadType))?;
                if section.payload_types.len() < 128 {
                    section.payload_types.push(payload_type);
                }
            }
        }
        Ok(section)
    }

    fn line(&mut self, line: &str, at: u32) -> Verdict {
        let value = line.get(2..).unwrap_or("");
        match line.as_bytes().first() {
            Some(b'c') => connection(value, at),
            Some(b'a') => self.attribute(value, at),
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, text: &str, at: u32) -> Verdict {
        shared_attribute(text, at)?;
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let fields = value.split(' ').count();
        match Attribute::from_name(name.as_bytes()) {
            Attribute::Candidate => match candidate_outcome(text) {
                Outcome::Rejected(_) => refuse(Code::IceCandidateUnreadable, at),
                _ => Ok(()),
            },
            Attribute::Rtpmap if self.rtp => self.rtpmap(value, at),
            Attribute::Fmtp if self.rtp && fields < 2 => refuse(Code::SdpFmtp, at),
            Attribute::Fmtp if self.rtp => {
                self.use_payload_type(value, at);
                Ok(())
            }
            Attribute::Ssrc | Attribute::SsrcGroup if self.rtp && fields < 2 => refuse(Code::SdpSsrc, at),
            _ => Ok(()),
        }
    }

    fn rtpmap(&mut self, value: &str, at: u32) -> Verdict {
        let Some((payload, encoding)) = value.split_once(' ') else { return refuse(Code::SdpRtpmap, at) };
        let Some(payload) = payload_type(payload) else { return refuse(Code::SdpPayloadType, at) };
        if !self.payload_types.contains(&payload) {
            return Ok(());
        }
        let mut parts = encoding.split(' ').next().unwrap_or("").split('/');
        let clock = parts.nth(1).and_then(number);
        if clock.is_none() || parts.count() > 1 {
            return refuse(Code::SdpRtpmap, at);
        }
        if let Some(mapped) = self.mapped.get_mut(usize::from(payload)) {
            *mapped = true;
        }
        Ok(())
    }

    fn use_payload_type(&mut self, value: &str, at: u32) {
        let payload = value.split(' ').next().and_then(payload_type);
        let used = payload.and_then(|payload| self.used.get_mut(usize::from(payload)));
        if let Some(used) = used.filter(|used| **used == 0) {
            *used = at;
        }
    }

    /// Parameters make a codec; without a name, which only audio has built in for the old payload types, it is refused.
    fn end(&self) -> Verdict {
        for (payload, &at) in self.used.iter().enumerate() {
            let named = self.mapped.get(payload).copied().unwrap_or(false);
            let built_in = self.audio && matches!(payload, 0 | 8 | 9 | 13);
            if at != 0 && !named && !built_in {
                return refuse(Code::SdpRtpmapMissing, at.max(self.line));
            }
        }
        Ok(())
    }
}

fn payload_type(field: &str) -> Option<u8> {
    number(field).and_then(|value| u8::try_from(value).ok()).filter(|&value| value < 128)
}

/// The rules beyond syntax, in Chromium's order.
fn meaning(sdp: &Sdp<'_>) -> Verdict {
    let mids = Mids::new(sdp);
    for media in sdp.media() {
        if media.mid().is_some_and(|mid| mid.len() > 16) {
            return refuse(Code::SdpMidTooLong, attribute_line(sdp, &media, Attribute::Mid));
        }
    }
    if let Some(index) = mids.duplicates().min() {
        return refuse(Code::SdpMidDuplicate, section_line(sdp, index));
    }
    let bundled = bundles(sdp, &mids);
    let own = |(media, bundled): &(Media<'_, '_>, &Bundled)| !is_rejected(media) && (!bundled.grouped || bundled.first);
    let own_transports = || sdp.media().zip(&bundled).filter(own);
    for (media, _) in own_transports() {
        if media.fingerprints().next().is_none() {
            return refuse(Code::SdpFingerprintMissing, media_line(&media));
        }
    }
    for (media, _) in own_transports() {
        let ice = media.ice();
        if ice.ufrag.is_none() || ice.pwd.is_none() {
            let code = if ice.ufrag.is_none() { Code::IceUfragMissing } else { Code::IcePwdMissing };
            return refuse(code, media_line(&media));
        }
    }
    group_members(sdp, &mids)?;
    extmaps(sdp, &bundled)?;
    for media in sdp.media().filter(|media| !is_rejected(media)) {
        ssrc_groups(sdp, &media)?;
    }
    for (media, bundled) in sdp.media().zip(&bundled) {
        let rtp = is_rtp(media.line().protocol) && !is_rejected(&media);
        if bundled.grouped && rtp && media.section().value(Attribute::RtcpMux).is_none() {
            return refuse(Code::SdpBundleWithoutRtcpMux, media_line(&media));
        }
    }
    applied(sdp, &bundled)
}

/// What comes out when the sections are set up one by one.
fn applied(sdp: &Sdp<'_>, bundled: &[Bundled]) -> Verdict {
    for (media, bundled) in sdp.media().zip(bundled).filter(|(media, _)| !is_rejected(media)) {
        if is_rtp(media.line().protocol) && media.section().value(Attribute::RtcpMux).is_none() {
            return refuse(Code::SdpRtcpMuxMissing, media_line(&media));
        }
        if !bundled.grouped || bundled.first {
            credentials(sdp, &media)?;
        }
    }
    for media in sdp.media().filter(|media| !is_rejected(media)) {
        streams(sdp, &media)?;
    }
    Ok(())
}

fn credentials(sdp: &Sdp<'_>, media: &Media<'_, '_>) -> Verdict {
    let ice = media.ice();
    let strange = |text: &str| text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"+/-=#_".contains(&byte));
    let checks = [
        (ice.ufrag, 4, Attribute::IceUfrag, Code::IceUfragLength, Code::IceUfragChar),
        (ice.pwd, 22, Attribute::IcePwd, Code::IcePwdLength, Code::IcePwdChar),
    ];
    for (value, shortest, attribute, length, character) in checks {
        let Some(value) = value else { continue };
        if !(shortest..=256).contains(&value.len()) {
            return refuse(length, attribute_line(sdp, media, attribute));
        }
        if strange(value) {
            return refuse(character, attribute_line(sdp, media, attribute));
        }
    }
    Ok(())
}

fn group_members(sdp: &Sdp<'_>, mids: &Mids<'_>) -> Verdict {
    for group in sdp.groups().filter(|group| group.semantics == "BUNDLE") {
        for mid in group.mids {
            // Without a=mid, Chromium makes one up: the index of the section.
            let made_up =
                number(mid).and_then(|index| sdp.media().nth(index as usize)).is_some_and(|m| m.mid().is_none());
            if mids.section(mid).is_none() && !made_up {
                return refuse(Code::SdpBundleUnknownMid, 0);
            }
        }
    }
    Ok(())
}

/// Within a BUNDLE group one header extension id means one URI.
fn extmaps(sdp: &Sdp<'_>, bundled: &[Bundled]) -> Verdict {
    let mut seen: Vec<(&str, &str, u32)> = Vec::new();
    for (media, bundled) in sdp.media().zip(bundled) {
        if !bundled.grouped || is_rejected(&media) {
            continue;
        }
        let first = media.section().first_line() as u32;
        for (line, index) in media.section().lines().iter().zip(first..) {
            if line.attribute != Attribute::Extmap {
                continue;
            }
            let mut fields = line.value(sdp.text()).split(' ');
            let id = fields.next().and_then(|id| id.split('/').next()).unwrap_or("");
            seen.push((id, fields.next().unwrap_or(""), index + 1));
        }
    }
    seen.sort_unstable();
    let clash = seen.windows(2).find_map(|pair| match pair {
        [(id, uri, _), (next, other, line)] if id == next && uri != other => Some(*line),
        _ => None,
    });
    clash.map_or(Ok(()), |line| refuse(Code::SdpExtmapCollision, line))
}

fn ssrc_groups(sdp: &Sdp<'_>, media: &Media<'_, '_>) -> Verdict {
    for line in media.section().with(Attribute::SsrcGroup) {
        let mut fields = line.value(sdp.text()).split(' ');
        let paired = matches!(fields.next(), Some("FID" | "FEC-FR"));
        if paired && fields.filter(|field| !field.is_empty()).count() != 2 {
            return refuse(Code::SdpSsrcGroup, line_number(sdp, line));
        }
    }
    Ok(())
}

/// The streams that `a=ssrc` lines describe: one track, and a line for every SSRC of a group.
fn streams(sdp: &Sdp<'_>, media: &Media<'_, '_>) -> Verdict {
    let mut tracks: Option<&str> = None;
    let mut ssrcs: Vec<&str> = Vec::new();
    for line in media.section().with(Attribute::Ssrc) {
        let Some((ssrc, attribute)) = line.value(sdp.text()).split_once(' ') else { continue };
        ssrcs.push(ssrc);
        let Some(msid) = attribute.strip_prefix("msid:") else { continue };
        let track = msid.split(' ').nth(1).unwrap_or("");
        if *tracks.get_or_insert(track) != track {
            return refuse(Code::SdpSsrcTracks, line_number(sdp, line));
        }
    }
    ssrcs.sort_unstable();
    for line in media.section().with(Attribute::SsrcGroup) {
        let known = |ssrc: &&str| ssrcs.binary_search(ssrc).is_ok();
        let members = || line.value(sdp.text()).split(' ').skip(1);
        if members().any(|ssrc| known(&ssrc)) && !members().all(|ssrc| known(&ssrc)) {
            return refuse(Code::SdpSsrcGroup, line_number(sdp, line));
        }
    }
    Ok(())
}

fn section_line(sdp: &Sdp<'_>, index: usize) -> u32 {
    sdp.media_lines().get(index).map_or(0, |line| line + 1)
}

fn media_line(media: &Media<'_, '_>) -> u32 {
    media.section().first_line() as u32 + 1
}

fn line_number(sdp: &Sdp<'_>, line: &Line) -> u32 {
    sdp.lines().partition_point(|one| one.start < line.start) as u32 + 1
}

fn attribute_line(sdp: &Sdp<'_>, media: &Media<'_, '_>, attribute: Attribute) -> u32 {
    let session = sdp.session();
    let line = media.section().with(attribute).next().or_else(|| session.with(attribute).next());
    line.map_or(0, |line| line_number(sdp, line))
}
