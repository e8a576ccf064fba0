//! Firefox: a lenient line parser, a few lines it insists on, then the rules of JSEP.

use super::Refusal;
use crate::sdp::attribute::Attribute;
use crate::sdp::diagnostic::Code;
use crate::sdp::document::{Media, Sdp};
use crate::sdp::values::{FingerprintProblem, Mids, fingerprint_problem, is_rejected, is_rtp, is_sctp};

type Verdict = Result<(), Refusal>;

fn refuse(code: Code, line: u32) -> Verdict {
    Err(Refusal { code, line })
}

/// Why Firefox refuses this offer; `None` when it takes it.
pub fn firefox(sdp: &Sdp<'_>) -> Option<Refusal> {
    lines(sdp).and_then(|()| required(sdp)).and_then(|()| attributes(sdp)).and_then(|()| meaning(sdp)).err()
}

/// Line by line.
fn lines(sdp: &Sdp<'_>) -> Verdict {
    let text = sdp.text();
    if !sdp.lines().first().is_some_and(|line| line.kind == b'v') {
        let code = if text.starts_with('\u{feff}') { Code::SdpBom } else { Code::SdpVersionMissing };
        return refuse(code, 1);
    }
    for (number, line) in (1u32..).zip(sdp.lines()) {
        let value = line.value(text);
        match line.kind {
            b'o' => origin(value, number)?,
            b'c' => connection(value, number)?,
            b't' => timing(value, number)?,
            b'm' => media_line(value, number)?,
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
    if !digits(session_id).is_some_and(|id| id <= i64::MAX as u64) {
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
    let (address, ttl) = address.split_once('/').map_or((address, None), |(address, ttl)| (address, Some(ttl)));
    if ttl.is_some_and(|ttl| !ttl.bytes().next().is_some_and(|digit| digit.is_ascii_digit())) {
        return refuse(Code::SdpConnectionMulticast, line);
    }
    // The first part decides whether it is multicast: a name has no number there.
    if family == "IP4" && !address.bytes().next().is_some_and(|digit| digit.is_ascii_digit()) {
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
    let mut fields = value.split_ascii_whitespace();
    let (_, port, protocol) = (fields.next(), fields.next().unwrap_or(""), fields.next().unwrap_or(""));
    let known = is_rtp(protocol) || is_sctp(protocol) || ["UDP", "TCP", "udp", "udptl", "UDPTL"].contains(&protocol);
    if !known {
        return refuse(Code::SdpMediaProtocol, line);
    }
    let good = port.split('/').all(|part| digits(part).is_some_and(|port| port <= 65535));
    if good && fields.next().is_some() { Ok(()) } else { refuse(Code::SdpMediaLine, line) }
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
    let lines = [(b'o', Code::SdpOriginMissing), (b's', Code::SdpNameMissing), (b't', Code::SdpTimingMissing)];
    for (kind, code) in lines {
        if !has(kind) {
            return refuse(code, last);
        }
    }
    Ok(())
}

/// Attributes that make the parser give up.
fn attributes(sdp: &Sdp<'_>) -> Verdict {
    for (number, line) in (1u32..).zip(sdp.lines()) {
        if line.attribute != Attribute::Fingerprint {
            continue;
        }
        // Lower-case digits are no token for it either.
        let problem = fingerprint_problem(line.value(sdp.text()));
        if matches!(problem, Some(FingerprintProblem::Malformed | FingerprintProblem::LowerCase)) {
            return refuse(Code::SdpFingerprint, number);
        }
    }
    Ok(())
}

fn meaning(sdp: &Sdp<'_>) -> Verdict {
    for media in sdp.media().filter(|media| !is_rejected(media)) {
        section(&media)?;
    }
    let mids = Mids::new(sdp);
    for group in sdp.groups().filter(|group| group.semantics == "BUNDLE") {
        for mid in group.mids {
            if mids.section(mid).is_none() {
                return refuse(Code::SdpBundleUnknownMid, 0);
            }
        }
    }
    Ok(())
}

fn section(media: &Media<'_, '_>) -> Verdict {
    let line = media.section().first_line() as u32 + 1;
    // Plain RTP/AVP and RTP/AVPF are let through here, and fail on what follows.
    let secure = media.line().protocol.contains("SAVP");
    if secure && media.section().value(Attribute::RtcpMux).is_none() {
        return refuse(Code::SdpRtcpMuxMissing, line);
    }
    let ice = media.ice();
    let (Some(ufrag), Some(pwd)) = (ice.ufrag, ice.pwd) else {
        return refuse(if ice.ufrag.is_none() { Code::IceUfragMissing } else { Code::IcePwdMissing }, line);
    };
    if media.fingerprints().next().is_none() {
        return refuse(Code::SdpFingerprintMissing, line);
    }
    if media.dtls().setup.is_none() {
        return refuse(Code::SdpSetupMissing, line);
    }
    if ufrag.len() < 4 {
        return refuse(Code::IceUfragLength, line);
    }
    if pwd.len() < 22 {
        return refuse(Code::IcePwdLength, line);
    }
    Ok(())
}
