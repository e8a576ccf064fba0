//! Firefox: a lenient line parser, a few lines it insists on, then the rules of JSEP.

use alloc::vec::Vec;

use super::Refusal;
use crate::candidate::number;
use crate::explain::{Code, Diagnostics};
use crate::sdp::attribute::Attribute;
use crate::sdp::document::{Media, Sdp, read};
use crate::sdp::line::Ends;
use crate::sdp::values::{FingerprintProblem, Mids, extmap, fingerprint_problem, is_bandwidth, is_rejected, is_rtp};

type Verdict = Result<(), Refusal>;

fn refuse(code: Code, line: u32) -> Verdict {
    Err(Refusal { code, line })
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
    // What it misses may well be there: behind the line where it stopped reading.
    let whole = whole(&read::<false>(text, Ends::Lf, &mut Diagnostics::new()));
    Some(if whole == Err(refusal) { refusal } else { Refusal { code: stop.code, line: stop.line } })
}

/// Where it stops reading without a word.
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
        // What follows the last line end is no line.
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
    meaning(sdp)
}

/// Line by line.
fn lines(sdp: &Sdp<'_>) -> Verdict {
    let text = sdp.text();
    if sdp.lines().first().is_none_or(|line| line.kind != b'v') {
        return refuse(Code::SdpVersionMissing, 1);
    }
    let mut session_connection = false;
    let media_starts = sdp.media_lines().first().copied().unwrap_or(u32::MAX);
    for (number, line) in (1u32..).zip(sdp.lines()) {
        let value = line.value(text);
        match line.kind {
            b'v' if value != "0" => refuse(Code::SdpVersion, number)?,
            b'o' => origin(value, number)?,
            b'c' => {
                connection(value, number)?;
                if number <= media_starts && core::mem::replace(&mut session_connection, true) {
                    return refuse(Code::SdpDuplicate, number);
                }
            }
            b't' => timing(value, number)?,
            b'm' => media_line(value, number)?,
            b'b' if value.contains(':') && !is_bandwidth(value) => refuse(Code::SdpBandwidth, number)?,
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
    if digits(next()?).is_none() || next()? != "IN" || !["IP4", "IP6"].contains(&next()?) {
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

fn connection(value: &str, line: u32) -> Verdict {
    let mut fields = value.split_ascii_whitespace();
    let (net, family, address) = (fields.next(), fields.next(), fields.next());
    let (Some("IN"), Some(family @ ("IP4" | "IP6")), Some(address)) = (net, family, address) else {
        return refuse(Code::SdpConnection, line);
    };
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

fn timing(value: &str, line: u32) -> Verdict {
    let mut fields = value.split_ascii_whitespace();
    let start = fields.next().and_then(digits);
    let stop = fields.next().and_then(digits);
    if start.is_none() || stop.is_none() { refuse(Code::SdpTiming, line) } else { Ok(()) }
}

fn media_line(value: &str, line: u32) -> Verdict {
    let mut fields = value.split_ascii_whitespace().skip(1);
    let (port, protocol) = (fields.next().unwrap_or(""), fields.next().unwrap_or(""));
    if !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
        return refuse(Code::SdpMediaProtocol, line);
    }
    // Any number will do, with or without a count; formats may be missing.
    if port.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        refuse(Code::SdpMediaLine, line)
    }
}

/// The lines that a description must have.
fn required(sdp: &Sdp<'_>) -> Verdict {
    let last = sdp.lines().len() as u32;
    let session = sdp.session();
    let has = |kind: u8| session.lines().iter().any(|line| line.kind == kind);
    if !has(b'c') {
        for media in sdp.media() {
            if !media.section().lines().iter().any(|line| line.kind == b'c') {
                return refuse(Code::SdpConnectionMissing, last);
            }
        }
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
        if line.attribute != Attribute::Fingerprint {
            continue;
        }
        let problem = fingerprint_problem(line.value(sdp.text()));
        if matches!(problem, Some(FingerprintProblem::Malformed | FingerprintProblem::LowerCase)) {
            return refuse(Code::SdpFingerprint, number);
        }
    }
    Ok(())
}

fn meaning(sdp: &Sdp<'_>) -> Verdict {
    let mids = Mids::new(sdp);
    let mut seen = alloc::vec![false; sdp.media_lines().len()];
    for media in sdp.media().filter(|media| !is_rejected(media)) {
        section(sdp, &media)?;
    }
    for group in sdp.groups().filter(|group| group.semantics == "BUNDLE") {
        for (place, mid) in group.mids.enumerate() {
            let index = mids.section(mid);
            // Only the first tag, which carries the transport, has to be there.
            match index {
                None if place == 0 => return refuse(Code::SdpBundleUnknownMid, 0),
                Some(index) if place == 0 && is_rejected(&sdp.media_at(index)) => {
                    return refuse(Code::SdpBundleTagRejected, sdp.media_lines().get(index).map_or(0, |line| line + 1));
                }
                _ => {}
            }
            let Some(seen) = index.and_then(|index| seen.get_mut(index)) else { continue };
            if core::mem::replace(seen, true) {
                return refuse(Code::SdpBundleDuplicateMid, 0);
            }
        }
    }
    Ok(())
}

fn section(sdp: &Sdp<'_>, media: &Media<'_, '_>) -> Verdict {
    let line = media.section().first_line() as u32 + 1;
    let fields = media.line();
    if media.mid().is_some_and(|mid| mid.len() > 16) {
        return refuse(Code::SdpMidTooLong, line);
    }
    if is_rtp(fields.protocol) && fields.formats.split(' ').filter_map(number).any(|format| format > 127) {
        return refuse(Code::SdpPayloadType, line);
    }
    extension_ids(sdp, media, line)?;
    // Plain RTP/AVP is let through here, and fails on what follows.
    let secure = fields.protocol.to_ascii_uppercase().contains("SAVP");
    if secure && media.section().value(Attribute::RtcpMux).is_none() {
        return refuse(Code::SdpRtcpMuxMissing, line);
    }
    let ice = media.ice();
    let present = |value: Option<&str>| value.is_some_and(|value| !value.is_empty());
    if !present(ice.ufrag) || !present(ice.pwd) {
        return refuse(if present(ice.ufrag) { Code::IcePwdMissing } else { Code::IceUfragMissing }, line);
    }
    dtls(media, line)?;
    if ice.ufrag.is_some_and(|ufrag| ufrag.len() < 4) {
        return refuse(Code::IceUfragLength, line);
    }
    if ice.pwd.is_some_and(|pwd| pwd.len() < 22) {
        return refuse(Code::IcePwdLength, line);
    }
    Ok(())
}

fn dtls(media: &Media<'_, '_>, line: u32) -> Verdict {
    let mut fingerprints = media.fingerprints().peekable();
    if fingerprints.peek().is_none() {
        return refuse(Code::SdpFingerprintMissing, line);
    }
    let known = ["sha-1", "sha-224", "sha-256", "sha-384", "sha-512", "md5", "md2"];
    if !fingerprints.any(|one| known.iter().any(|hash| hash.eq_ignore_ascii_case(one.hash))) {
        return refuse(Code::SdpFingerprintHash, line);
    }
    match media.dtls().setup {
        Some("actpass" | "active" | "passive") => Ok(()),
        Some(_) => refuse(Code::SdpSetup, line),
        None => refuse(Code::SdpSetupMissing, line),
    }
}

/// Header extension ids: 1 to 14, each once in a section.
fn extension_ids(sdp: &Sdp<'_>, media: &Media<'_, '_>, line: u32) -> Verdict {
    let mut ids: Vec<u32> = Vec::new();
    for value in media.section().with(Attribute::Extmap).map(|line| line.value(sdp.text())) {
        let Some(id) = number(extmap(value).0) else { continue };
        if !(1..=14).contains(&id) {
            return refuse(Code::SdpExtmap, line);
        }
        ids.push(id);
    }
    ids.sort_unstable();
    let twice = ids.windows(2).any(|pair| matches!(pair, [first, second] if first == second));
    if twice { refuse(Code::SdpExtmapCollision, line) } else { Ok(()) }
}
