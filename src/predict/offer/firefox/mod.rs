//! Firefox: a lenient line parser, a few lines it insists on, then the rules of JSEP.

use alloc::vec::Vec;

use super::Refusal;
use crate::candidate::{number, strip_ignoring_case};
use crate::explain::{Code, Diagnostics};
use crate::sdp::attribute::Attribute;
use crate::sdp::document::{Media, Sdp, Section, read};
use crate::sdp::layers;
use crate::sdp::line::{Ends, Line};
use crate::sdp::values::{Mids, extmap, is_rtp};

type Verdict = Result<(), Refusal>;

fn refusal(code: Code, line: u32) -> Refusal {
    Refusal { code, line }
}

fn refuse(code: Code, line: u32) -> Verdict {
    Err(refusal(code, line))
}

/// The first field of a value between spaces and TABs, which is all of it that counts for most attributes.
fn token(value: &str) -> Option<&str> {
    value.split([' ', '\t']).find(|field| !field.is_empty())
}

/// The digits a text starts with as a number of 32 bits.
fn leading_number(text: &str) -> Option<u32> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).and_then(|digits| digits.parse().ok())
}

/// Protocols of `m=` lines that it knows, in any case.
const PROTOCOLS: &[&str] = &[
    "RTP/AVP",
    "RTP/SAVP",
    "RTP/SAVPF",
    "UDP/TLS/RTP/SAVP",
    "UDP/TLS/RTP/SAVPF",
    "TCP/TLS/RTP/SAVP",
    "TCP/TLS/RTP/SAVPF",
    "TCP/DTLS/RTP/SAVP",
    "TCP/DTLS/RTP/SAVPF",
    "DTLS/SCTP",
    "UDP/DTLS/SCTP",
    "TCP/DTLS/SCTP",
    "UDP",
    "TCP",
    "UDPTL",
];

/// Why Firefox refuses this offer; `None` when it takes it.
pub fn firefox(sdp: &Sdp<'_>) -> Option<Refusal> {
    let text = sdp.text();
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii()) {
        let code = if text.starts_with('\u{feff}') { Code::SdpBom } else { Code::SdpNonAscii };
        let line = text.bytes().take(at).filter(|&byte| byte == b'\n').count() as u32 + 1;
        return Some(Refusal { code, line });
    }
    if !text.contains('\n') && text.contains('\r') {
        return Some(Refusal { code: Code::SdpLoneCr, line: 1 });
    }
    let stop = stop(text);
    let seen = text.get(..stop.map_or(text.len(), |stop| stop.at)).unwrap_or(text);
    let refusal = whole(&read::<false>(seen, Ends::Lf, &mut Diagnostics::new())).err()?;
    let Some(stop) = stop.filter(|_| refusal.line == 0 || refusal.code != Code::SdpVersionMissing) else {
        return Some(refusal);
    };
    // The part it misses may well be there: behind the line where it stopped reading.
    let whole = whole(&read::<false>(text, Ends::Lf, &mut Diagnostics::new()));
    Some(if whole == Err(refusal) { refusal } else { Refusal { code: stop.code, line: stop.line } })
}

/// Line at which it stops reading without a word.
#[derive(Clone, Copy)]
struct Stop {
    at: usize,
    line: u32,
    code: Code,
}

/// It stops at a NUL, at a line that is not `x=…`, and at a second `v=`.
fn stop(text: &str) -> Option<Stop> {
    let mut at = 0;
    for (line, content) in (1u32..).zip(text.split('\n')) {
        let bytes = content.strip_suffix('\r').unwrap_or(content).as_bytes();
        let code = match bytes {
            _ if bytes.contains(&0) => Some(Code::SdpNul),
            [] => Some(Code::SdpEmptyLine),
            [b' ' | b'\t', ..] => Some(Code::SdpIndent),
            [b'v', b'=', ..] if line > 1 => Some(Code::SdpOrder),
            [_, b'=', ..] => None,
            _ => Some(Code::SdpNotALine),
        };
        // Text after the last line end is not a line.
        if let Some(code) = code.filter(|_| at < text.len()) {
            let nul = bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
            return Some(Stop { at: at + nul, line, code });
        }
        at += content.len() + 1;
    }
    None
}

fn whole(sdp: &Sdp<'_>) -> Verdict {
    lines(sdp)?;
    required(sdp)?;
    fingerprints(sdp)?;
    for media in sdp.media() {
        // It meets what it can't read before a simulcast without its layers, which come last.
        if let Some(&(code, line)) = layers::problems(sdp, &media).first() {
            return refuse(code, sdp.lines().partition_point(|one| one.start < line.start) as u32 + 1);
        }
    }
    meaning(sdp)
}

/// Line by line.
fn lines(sdp: &Sdp<'_>) -> Verdict {
    let text = sdp.text();
    if sdp.lines().first().is_none_or(|line| line.kind != b'v') {
        return refuse(Code::SdpVersionMissing, 1);
    }
    let mut connected = false;
    for (number, line) in (1u32..).zip(sdp.lines()) {
        let value = line.value(text);
        match line.kind {
            // Sixteen bits are kept of it.
            b'v' if leading_number(value.trim_start_matches([' ', '\t'])).is_none_or(|version| version as u16 != 0) => {
                refuse(Code::SdpVersion, number)?;
            }
            b'o' => origin(value, number)?,
            b'c' if core::mem::replace(&mut connected, true) => refuse(Code::SdpDuplicate, number)?,
            b'c' => connection(value, number)?,
            b'k' if token(value).is_none() => refuse(Code::SdpEmptyValue, number)?,
            b't' => timing(value, number)?,
            b'm' => {
                connected = false;
                media_line(value, number)?;
            }
            b'b' => bandwidth(value, number)?,
            b'a' if line.start + 2 == line.end => refuse(Code::SdpEmptyValue, number)?,
            b'A'..=b'Z' => refuse(Code::SdpTypeCase, number)?,
            0 if line.start < line.end => refuse(Code::SdpNotALine, number)?,
            kind if !b"\0vosiuepcbtrzkam".contains(&kind) => refuse(Code::SdpTypeUnknown, number)?,
            _ => {}
        }
    }
    Ok(())
}

fn origin(value: &str, line: u32) -> Verdict {
    // Fields between runs of spaces.
    let mut fields = value.split_ascii_whitespace().skip(1);
    let mut next = || fields.next().ok_or(Refusal { code: Code::SdpOrigin, line });
    let session_id = next()?;
    if digits(session_id).is_none_or(|id| id > i64::MAX as u64) {
        return refuse(Code::SdpOriginSessionId, line);
    }
    if digits(next()?).is_none() || !is_internet(next()?) || family(next()?).is_none() {
        return refuse(Code::SdpOrigin, line);
    }
    next().map(|_| ())
}

fn digits(text: &str) -> Option<u64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Network types are read in any case, and so are address types.
fn is_internet(field: &str) -> bool {
    field.eq_ignore_ascii_case("IN")
}

fn family(field: &str) -> Option<&'static str> {
    ["IP4", "IP6"].into_iter().find(|family| family.eq_ignore_ascii_case(field))
}

/// Fields of a `c=` line; `None` for a network or address type that it does not know, with which it ignores the line.
fn known_connection(value: &str) -> Option<(&'static str, &str)> {
    let mut fields = value.split_ascii_whitespace();
    let known = fields.next().is_some_and(is_internet);
    let family = family(fields.next().unwrap_or(""))?;
    known.then_some((family, fields.next().unwrap_or("")))
}

fn connection(value: &str, line: u32) -> Verdict {
    if value.split_ascii_whitespace().count() < 3 {
        return refuse(Code::SdpConnection, line);
    }
    let Some((family, address)) = known_connection(value) else { return Ok(()) };
    let starts_with_digit = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let (address, ttl) = address.split_once('/').map_or((address, None), |(address, ttl)| (address, Some(ttl)));
    if ttl.is_some_and(|ttl| !starts_with_digit(ttl)) {
        return refuse(Code::SdpConnectionMulticast, line);
    }
    // The first part decides whether it is multicast: a name has no number there.
    if family == "IP4" && !starts_with_digit(address) {
        return refuse(Code::SdpConnectionName, line);
    }
    Ok(())
}

/// Two numbers, of which it looks at the beginning.
fn timing(value: &str, line: u32) -> Verdict {
    let mut fields = value.split_ascii_whitespace();
    let mut number = || {
        let field = fields.next()?;
        let field = field.strip_prefix(['-', '+']).unwrap_or(field);
        let end = field.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(field.len());
        field.get(..end)?.parse::<u64>().ok()
    };
    if number().is_none() || number().is_none() { refuse(Code::SdpTiming, line) } else { Ok(()) }
}

/// `b=<type>:<number>`; types that it does not know, and those without a colon, are let through.
fn bandwidth(value: &str, line: u32) -> Verdict {
    let value = value.trim_start_matches(':');
    if value.is_empty() {
        return refuse(Code::SdpBandwidth, line);
    }
    let Some((kind, amount)) = value.split_once(':') else { return Ok(()) };
    let known = ["AS", "CT", "TIAS"].iter().any(|known| strip_ignoring_case(kind, known).is_some());
    if known && leading_number(amount.trim_start_matches([' ', '\t'])).is_none() {
        return refuse(Code::SdpBandwidth, line);
    }
    Ok(())
}

fn media_line(value: &str, line: u32) -> Verdict {
    let mut fields = value.split_ascii_whitespace().skip(1);
    let (port, protocol) = (fields.next().unwrap_or(""), fields.next().unwrap_or(""));
    if !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
        return refuse(Code::SdpMediaProtocol, line);
    }
    // Any number will do, with or without a count; formats may be missing.
    if leading_number(port).is_some() { Ok(()) } else { refuse(Code::SdpMediaLine, line) }
}

/// The lines that a description must have.
fn required(sdp: &Sdp<'_>) -> Verdict {
    let last = sdp.lines().len() as u32;
    let session = sdp.session();
    let has = |kind: u8| session.lines().iter().any(|line| line.kind == kind);
    let is_connected = |lines: &[Line]| {
        lines.iter().any(|line| line.kind == b'c' && known_connection(line.value(sdp.text())).is_some())
    };
    if !is_connected(session.lines()) && !sdp.media().all(|media| is_connected(media.section().lines())) {
        return refuse(Code::SdpConnectionMissing, last);
    }
    for (kind, code) in [(b'o', Code::SdpOriginMissing), (b't', Code::SdpTimingMissing)] {
        if !has(kind) {
            return refuse(code, last);
        }
    }
    Ok(())
}

/// Fingerprints that can't be read make it give up. Lower-case digits can't, for it.
fn fingerprints(sdp: &Sdp<'_>) -> Verdict {
    for (number, line) in (1u32..).zip(sdp.lines()) {
        let value = line.value(sdp.text());
        // One without a value is dropped.
        if line.attribute == Attribute::Fingerprint && token(value).is_some() && fingerprint(value).is_none() {
            return refuse(Code::SdpFingerprint, number);
        }
    }
    Ok(())
}

/// The hash function of a fingerprint whose digest can be read, however long it is.
fn fingerprint(value: &str) -> Option<&str> {
    let (hash, digest) = value.trim_start_matches([' ', '\t']).split_once([' ', '\t'])?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F');
    let is_byte = |byte: &str| byte.len() == 2 && byte.bytes().all(is_digit);
    digest.trim_start_matches([' ', '\t']).split(':').all(is_byte).then_some(hash)
}

/// Whether a section is rejected: port 0 and not `bundle-only`.
fn is_rejected(media: &Media<'_, '_>, text: &str) -> bool {
    let line = media.section().lines().first().map_or("", |line| line.value(text));
    let port = line.split_ascii_whitespace().nth(1).and_then(leading_number);
    port == Some(0) && media.section().value(Attribute::BundleOnly).is_none()
}

fn meaning(sdp: &Sdp<'_>) -> Verdict {
    let text = sdp.text();
    let names: Vec<&str> = sdp.media().map(|media| first_token(&media, Attribute::Mid).unwrap_or("")).collect();
    let mids = Mids::of(names.iter().copied());
    let session = Inherited::new(&sdp.session());
    let mut place = alloc::vec![None; names.len()];
    for (index, mid) in groups(sdp).flat_map(|members| members.enumerate()) {
        if let Some(place) = mids.section(mid).and_then(|section| place.get_mut(section)) {
            *place = Some(index);
        }
    }
    for ((media, mid), place) in sdp.media().zip(&names).zip(&place).filter(|((media, _), _)| !is_rejected(media, text))
    {
        if mid.len() > 16 {
            return refuse(Code::SdpMidTooLong, media.section().first_line() as u32 + 1);
        }
        // A section that is only ever sent over the transport of another needs none of its own.
        let carried = media.section().value(Attribute::BundleOnly).is_some() && place.is_some_and(|place| place > 0);
        section(sdp, &media, session, carried)?;
    }
    let mut seen = alloc::vec![false; names.len()];
    for (place, mid) in groups(sdp).flat_map(|members| members.enumerate()) {
        let index = mids.section(mid);
        // Only the first tag, which carries the transport, has to be there.
        match index {
            None if place == 0 => return refuse(Code::SdpBundleUnknownMid, 0),
            Some(index) if place == 0 && is_rejected(&sdp.media_at(index), text) => {
                return refuse(Code::SdpBundleTagRejected, sdp.media_lines().get(index).map_or(0, |line| line + 1));
            }
            _ => {}
        }
        let Some(seen) = index.and_then(|index| seen.get_mut(index)) else { continue };
        if core::mem::replace(seen, true) {
            return refuse(Code::SdpBundleDuplicateMid, 0);
        }
    }
    Ok(())
}

/// The members of each BUNDLE group.
fn groups<'a>(sdp: &Sdp<'a>) -> impl Iterator<Item = core::str::SplitAsciiWhitespace<'a>> {
    sdp.groups().filter(|group| group.semantics.eq_ignore_ascii_case("BUNDLE")).map(|group| group.mids)
}

/// The first value of an attribute in a section that is not empty.
fn first_token<'a>(media: &Media<'_, 'a>, attribute: Attribute) -> Option<&'a str> {
    media.section().values(attribute).find_map(token)
}

fn section(sdp: &Sdp<'_>, media: &Media<'_, '_>, session: Inherited<'_>, carried: bool) -> Verdict {
    let line = media.section().first_line() as u32 + 1;
    let fields = media.line();
    if is_rtp(fields.protocol) && fields.formats.split(' ').filter_map(number).any(|format| format > 127) {
        return refuse(Code::SdpPayloadType, line);
    }
    extension_ids(sdp, media, line)?;
    // Plain RTP/AVP is let through here, and fails on what follows.
    let secure = fields.protocol.to_ascii_uppercase().contains("SAVP");
    if secure && media.section().value(Attribute::RtcpMux).is_none() {
        return refuse(Code::SdpRtcpMuxMissing, line);
    }
    if carried {
        return Ok(());
    }
    let ufrag = first_token(media, Attribute::IceUfrag).or(session.ufrag);
    let pwd = first_token(media, Attribute::IcePwd).or(session.pwd);
    let Some(ufrag) = ufrag else { return refuse(Code::IceUfragMissing, line) };
    let Some(pwd) = pwd else { return refuse(Code::IcePwdMissing, line) };
    dtls(media, session, line)?;
    if ufrag.len() < 4 {
        return refuse(Code::IceUfragLength, line);
    }
    if pwd.len() < 22 {
        return refuse(Code::IcePwdLength, line);
    }
    Ok(())
}

fn dtls(media: &Media<'_, '_>, session: Inherited<'_>, line: u32) -> Verdict {
    match has_known_hash(media.section()).or(session.has_known_hash) {
        None => return refuse(Code::SdpFingerprintMissing, line),
        Some(false) => return refuse(Code::SdpFingerprintHash, line),
        Some(true) => {}
    }
    match role(media.section()).or(session.role) {
        Some("holdconn") => refuse(Code::SdpSetup, line),
        Some(_) => Ok(()),
        None => refuse(Code::SdpSetupMissing, line),
    }
}

/// Whether one of the fingerprints is of a hash function that it knows; `None` without any.
fn has_known_hash(section: &Section<'_, '_>) -> Option<bool> {
    let known = ["sha-1", "sha-224", "sha-256", "sha-384", "sha-512", "md5", "md2"];
    let mut hashes = section.values(Attribute::Fingerprint).filter_map(fingerprint).peekable();
    hashes.peek()?;
    Some(hashes.any(|one| known.iter().any(|hash| hash.eq_ignore_ascii_case(one))))
}

/// The first `a=setup` that it knows; others are dropped.
fn role(section: &Section<'_, '_>) -> Option<&'static str> {
    let roles = ["actpass", "active", "passive", "holdconn"];
    section
        .values(Attribute::Setup)
        .filter_map(token)
        .find_map(|value| roles.into_iter().find(|role| role.eq_ignore_ascii_case(value)))
}

/// Values of the session part, for sections that say nothing themselves.
#[derive(Clone, Copy)]
struct Inherited<'a> {
    ufrag: Option<&'a str>,
    pwd: Option<&'a str>,
    has_known_hash: Option<bool>,
    role: Option<&'static str>,
}

impl<'a> Inherited<'a> {
    fn new(session: &Section<'_, 'a>) -> Self {
        let first = |attribute| session.values(attribute).find_map(token);
        Self {
            ufrag: first(Attribute::IceUfrag),
            pwd: first(Attribute::IcePwd),
            has_known_hash: has_known_hash(session),
            role: role(session),
        }
    }
}

/// Header extension ids: 1 to 14, each once in a section.
fn extension_ids(sdp: &Sdp<'_>, media: &Media<'_, '_>, line: u32) -> Verdict {
    let (mut seen, mut twice) = (0_u32, false);
    for value in media.section().with(Attribute::Extmap).map(|line| line.value(sdp.text())) {
        let Some(id) = number(extmap(value).0) else { continue };
        if !(1..=14).contains(&id) {
            return refuse(Code::SdpExtmap, line);
        }
        twice |= seen & 1 << id != 0;
        seen |= 1 << id;
    }
    if twice { refuse(Code::SdpExtmapCollision, line) } else { Ok(()) }
}
