//! Chromium: strict syntax line by line, then the rules of JSEP and of its own.

use alloc::vec::Vec;

use super::Refusal;
use crate::candidate::number;
use crate::explain::{Code, Diagnostics};
use crate::predict::candidate::{Outcome, chromium as candidate_outcome};
use crate::sdp::attribute::Attribute;
use crate::sdp::document::{Media, Sdp, read};
use crate::sdp::line::{Ends, Line};
use crate::sdp::values::{
    Bundled, ConnectionProblem, FingerprintProblem, Mids, bundles, connection_problem, extmap, extmap_collision,
    fingerprint_problem, is_bandwidth, is_rejected, is_rtp, odd_ssrc_group, second_track,
};

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
    // A lone CR ends no line for a browser.
    let seen = read::<false>(sdp.text(), Ends::Lf, &mut Diagnostics::new());
    session(&mut reader).and_then(|()| media(&mut reader)).and_then(|()| meaning(&seen)).err()
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

/// The session lines, in the order of the RFC and no other.
fn session(reader: &mut Reader<'_>) -> Verdict {
    reader.required(b'v', Code::SdpVersionMissing, Code::SdpVersion)?;
    let origin = reader.required(b'o', Code::SdpOriginMissing, Code::SdpOrigin)?;
    if origin.split(' ').count() != 6 {
        return refuse(Code::SdpOrigin, reader.line);
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
    let mut fingerprint = false;
    while let Some(value) = reader.take_type(b'a') {
        shared_attribute(value, reader.line)?;
        if value.starts_with("fingerprint:") && core::mem::replace(&mut fingerprint, true) {
            return refuse(Code::SdpFingerprintTwice, reader.line);
        }
    }
    if reader.rest().is_empty() || reader.rest().starts_with('m') {
        return Ok(());
    }
    let known = reader.rest().bytes().next().is_some_and(|kind| b"vosiuepcbtrzkam".contains(&kind));
    let stray = if known { Code::SdpOrder } else { Code::SdpTypeUnknown };
    refuse(reader.problem().unwrap_or(stray), reader.line + 1)
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
            None | Some(FingerprintProblem::LowerCase | FingerprintProblem::Length) => Ok(()),
            Some(FingerprintProblem::Malformed) => refuse(Code::SdpFingerprint, line),
            Some(FingerprintProblem::Hash) => refuse(Code::SdpFingerprintHash, line),
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
struct Section<'a> {
    line: u32,
    rtp: bool,
    audio: bool,
    payload_types: Vec<u8>,
    /// What the rtpmap of each payload type says, and the first line with its parameters.
    mapped: [Option<&'a str>; 128],
    used: [u32; 128],
}

impl<'a> Section<'a> {
    fn new(value: &str, line: u32) -> Result<Self, Refusal> {
        let refusal = |code| Refusal { code, line };
        let mut fields = value.split(' ');
        let (Some(kind), Some(port), Some(protocol)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(refusal(Code::SdpMediaLine));
        };
        number(port).filter(|&port| port <= 65535).ok_or(refusal(Code::SdpMediaLine))?;
        if matches!(kind, "audio" | "video") && !is_rtp(protocol) {
            return Err(refusal(Code::SdpMediaProtocol));
        }
        let mut section = Self {
            line,
            rtp: is_rtp(protocol),
            audio: kind == "audio",
            payload_types: Vec::new(),
            mapped: [None; 128],
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

    fn line(&mut self, line: &'a str, at: u32) -> Verdict {
        let value = line.get(2..).unwrap_or("");
        match line.as_bytes().first() {
            Some(b'c') => connection(value, at),
            Some(b'b') if !is_bandwidth(value) => refuse(Code::SdpBandwidth, at),
            Some(b'a') => self.attribute(value, at),
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, text: &'a str, at: u32) -> Verdict {
        shared_attribute(text, at)?;
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let code = match Attribute::from_name(name.as_bytes()) {
            Attribute::Candidate if matches!(candidate_outcome(text), Outcome::Rejected(_)) => {
                Code::IceCandidateUnreadable
            }
            Attribute::Mid if value.contains(' ') => Code::SdpMid,
            Attribute::SctpPort | Attribute::MaxMessageSize if !self.rtp && number(value).is_none() => {
                Code::SdpSctpPort
            }
            attribute if self.rtp => return self.rtp_attribute(attribute, value, at),
            _ => return Ok(()),
        };
        refuse(code, at)
    }

    fn rtp_attribute(&mut self, attribute: Attribute, value: &'a str, at: u32) -> Verdict {
        let one_field = !value.contains(' ');
        let code = match attribute {
            Attribute::Rtpmap => return self.rtpmap(value, at),
            Attribute::Fmtp if one_field => Code::SdpFmtp,
            Attribute::Fmtp => {
                self.use_payload_type(value, at);
                return Ok(());
            }
            Attribute::RtcpFb if one_field => Code::SdpRtcpFb,
            Attribute::Msid if value.is_empty() => Code::SdpMsid,
            Attribute::Extmap if one_field || number(extmap(value).0).is_none_or(|id| id == 0) => Code::SdpExtmap,
            Attribute::SsrcGroup if one_field => Code::SdpSsrc,
            Attribute::Ssrc if one_field || value.split(' ').next().and_then(number).is_none() => Code::SdpSsrc,
            _ => return Ok(()),
        };
        refuse(code, at)
    }

    fn rtpmap(&mut self, value: &'a str, at: u32) -> Verdict {
        let Some((payload, encoding)) = value.split_once(' ') else { return refuse(Code::SdpRtpmap, at) };
        let Some(payload) = payload_type(payload) else { return refuse(Code::SdpPayloadType, at) };
        if !self.payload_types.contains(&payload) {
            return Ok(());
        }
        let encoding = encoding.split(' ').next().unwrap_or("");
        let mut parts = encoding.split('/');
        let clock = parts.nth(1).and_then(number);
        if clock.is_none() || parts.count() > 1 {
            return refuse(Code::SdpRtpmap, at);
        }
        let Some(mapped) = self.mapped.get_mut(usize::from(payload)) else { return Ok(()) };
        if *mapped.get_or_insert(encoding) != encoding {
            return refuse(Code::SdpRtpmap, at);
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
            let named = self.mapped.get(payload).is_some_and(Option::is_some);
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
        let mut all = media.section().with(Attribute::Mid);
        // Of several it takes the last.
        if let Some((first, last)) = all.next().zip(all.last())
            && first.value(sdp.text()) != last.value(sdp.text())
        {
            return refuse(Code::SdpDuplicate, line_number(sdp, last));
        }
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
        let lacks = |value: Option<&str>| value.is_none_or(str::is_empty);
        if lacks(ice.ufrag) || lacks(ice.pwd) {
            let code = if lacks(ice.ufrag) { Code::IceUfragMissing } else { Code::IcePwdMissing };
            return refuse(code, media_line(&media));
        }
    }
    group_members(sdp, &mids)?;
    if let Some(line) = extmap_collision(sdp, &bundled) {
        return refuse(Code::SdpExtmapCollision, line);
    }
    for media in sdp.media().filter(|media| !is_rejected(media)) {
        if let Some(line) = odd_ssrc_group(sdp, &media) {
            return refuse(Code::SdpSsrcGroup, line_number(sdp, line));
        }
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
    if let Some(mid) = mids.in_two_groups(sdp) {
        return refuse(Code::SdpBundleDuplicateMid, section_line(sdp, mid));
    }
    for group in sdp.groups().filter(|group| group.semantics == "BUNDLE") {
        for mid in group.mids {
            // Without a=mid, Chromium makes one up: the index of the section.
            let index = number(mid).map_or(usize::MAX, |index| index as usize);
            let made_up = index < sdp.media_lines().len() && sdp.media_at(index).mid().is_none_or(str::is_empty);
            if mids.section(mid).is_none() && !made_up {
                return refuse(Code::SdpBundleUnknownMid, 0);
            }
        }
    }
    Ok(())
}

/// The streams that `a=ssrc` lines describe: one track, and for video a line for every SSRC of a group that has any.
fn streams(sdp: &Sdp<'_>, media: &Media<'_, '_>) -> Verdict {
    if let Some(line) = second_track(sdp, media) {
        return refuse(Code::SdpSsrcTracks, line_number(sdp, line));
    }
    let described = media.section().values(Attribute::Ssrc).filter_map(|value| value.split(' ').next());
    let mut ssrcs: Vec<&str> = described.collect();
    ssrcs.sort_unstable();
    let video = media.kind() == "video";
    let has_msid = video && media.section().values(Attribute::Ssrc).any(|value| value.contains(" msid:"));
    for line in media.section().with(Attribute::SsrcGroup).filter(|_| has_msid) {
        let known = |ssrc: &str| ssrcs.binary_search(&ssrc).is_ok();
        let members = || line.value(sdp.text()).split(' ').skip(1);
        if members().any(known) && !members().all(known) {
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
