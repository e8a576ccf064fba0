//! Media sections: the `m=` line, mid and BUNDLE, DTLS, SCTP, RTP.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Lint;
use super::lines::newline;
use super::session::bandwidth_on_data;
use crate::candidate::number;
use crate::explain::Code;
use crate::sdp::attribute::{Attribute, Attributes};
use crate::sdp::document::{Media, Section};
use crate::sdp::layers;
use crate::sdp::line::Line;
use crate::sdp::rtp::{odd_ssrc_group, odd_stream, rtx_without_codec, second_track, simulcast_without_extension};
use crate::sdp::values::{
    Bundled, FingerprintProblem, Mids, extmap, extmap_collision, fingerprint_problem, is_bandwidth, is_rejected,
    is_rtp, is_sctp,
};
use crate::sorting::sort;
use crate::text::Span;

/// Attributes that hold for a section and are there once; the first wins.
const SINGLE: Attributes = Attributes::of(&[
    Attribute::IceUfrag,
    Attribute::IcePwd,
    Attribute::IceLite,
    Attribute::IcePacing,
    Attribute::Mid,
    Attribute::Setup,
    Attribute::TlsId,
    Attribute::SctpPort,
    Attribute::MaxMessageSize,
]);

/// Attributes that Chromium refuses without a colon and a value.
const VALUES: Attributes = Attributes::of(&[
    Attribute::Mid,
    Attribute::Group,
    Attribute::IceUfrag,
    Attribute::IcePwd,
    Attribute::IceOptions,
    Attribute::MsidSemantic,
]);

/// Attributes without a value.
const PROPERTIES: Attributes = Attributes::of(&[
    Attribute::IceLite,
    Attribute::IceMismatch,
    Attribute::EndOfCandidates,
    Attribute::RtcpMux,
    Attribute::RtcpMuxOnly,
    Attribute::BundleOnly,
    Attribute::SendRecv,
    Attribute::SendOnly,
    Attribute::RecvOnly,
    Attribute::Inactive,
]);

pub(super) fn check(lint: &mut Lint<'_, '_>, mids: &Mids<'_>, bundled: &[Bundled]) {
    let session = lint.sdp.session();
    shared(lint, &session);
    if let Some(line) = session.with(Attribute::Fingerprint).nth(1) {
        lint.line(Code::SdpFingerprintTwice, line);
    }
    groups(lint, mids);
    if lint.is_plain
        && let Some(line) = session.lines().first()
    {
        lint.line(Code::SdpNotWebrtc, line);
    }
    if let Some(number) = extmap_collision(lint.sdp, bundled) {
        lint.numbered(Code::SdpExtmapCollision, number);
    }
    for index in mids.duplicates() {
        if let Some(line) = lint.sdp.media_at(index).section().with(Attribute::Mid).next() {
            lint.value(Code::SdpMidDuplicate, line);
        }
    }
    let named = lint.sdp.media().any(|media| media.mid().is_some());
    for (media, bundled) in lint.sdp.media().zip(bundled.iter().copied()) {
        shared(lint, media.section());
        section(lint, &media, bundled);
        if let Some(first) = media.section().lines().first().filter(|_| named && media.mid().is_none()) {
            lint.line(Code::SdpMidMissing, first);
        }
    }
}

/// Rules that hold in the session part as well as in a section.
fn shared(lint: &mut Lint<'_, '_>, section: &Section<'_, '_>) {
    let mut seen = 0;
    for line in section.lines().iter().filter(|line| line.kind == b'a') {
        if SINGLE.has(line.attribute) {
            if seen & line.attribute.bit() != 0 {
                lint.line(Code::SdpDuplicate, line);
            }
            seen |= line.attribute.bit();
        }
        if PROPERTIES.has(line.attribute) && line.has_value(lint.sdp.text()) {
            lint.value(Code::SdpPropertyValue, line);
        }
        if VALUES.has(line.attribute) && !line.has_value(lint.sdp.text()) {
            lint.line(Code::SdpValueMissing, line);
        }
        match line.attribute {
            Attribute::Fingerprint => fingerprint(lint, line),
            Attribute::Setup if !["actpass", "active", "passive", "holdconn"].contains(&lint.text(line)) => {
                lint.value(Code::SdpSetup, line);
            }
            Attribute::Crypto => lint.line(Code::SdpCrypto, line),
            _ => {}
        }
    }
}

fn fingerprint(lint: &mut Lint<'_, '_>, line: &Line) {
    let value = lint.text(line);
    match fingerprint_problem(value) {
        None => {}
        Some(FingerprintProblem::Malformed) => lint.value(Code::SdpFingerprint, line),
        Some(FingerprintProblem::Hash) => lint.value(Code::SdpFingerprintHash, line),
        Some(FingerprintProblem::Length) => lint.value(Code::SdpFingerprintLength, line),
        Some(FingerprintProblem::Weak) => lint.value(Code::SdpFingerprintWeak, line),
        Some(FingerprintProblem::LowerCase) => {
            let (hash, digest) = value.split_once(' ').unwrap_or((value, ""));
            let mut upper = String::from(hash);
            upper.push(' ');
            upper.push_str(&digest.to_ascii_uppercase());
            lint.value_fix(Code::SdpFingerprintCase, line, upper);
        }
    }
}

fn groups(lint: &mut Lint<'_, '_>, mids: &Mids<'_>) {
    let session = lint.sdp.session();
    if lint.is_fragment {
        return;
    }
    for line in session.with(Attribute::Group) {
        let mut members: Vec<&str> = lint.text(line).split_ascii_whitespace().skip(1).collect();
        for mid in &members {
            if mids.section(mid).is_none() {
                lint.part(Code::SdpBundleUnknownMid, line, mid);
            }
        }
        let tag = members.first().and_then(|mid| mids.section(mid)).map(|index| lint.sdp.media_at(index));
        if let Some(tag) = tag.filter(is_rejected) {
            lint.push(Code::SdpBundleTagRejected, tag.span(), tag.section().first_line() as u32 + 1, None);
        }
        sort(&mut members);
        if let Some([_, again]) = members.windows(2).find(|pair| matches!(pair, [first, second] if first == second)) {
            lint.part(Code::SdpBundleDuplicateMid, line, again);
        }
    }
}

fn section(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>, bundled: Bundled) {
    let Some(first) = media.section().lines().first() else { return };
    let fields = media.line();
    media_line(lint, first, media);
    if let Some(line) = media.section().with(Attribute::Mid).next() {
        let mid = lint.text(line);
        if mid.len() > 16 {
            lint.value(Code::SdpMidTooLong, line);
        }
        if line.has_value(lint.sdp.text()) && (mid.is_empty() || mid.contains(' ')) {
            lint.value(Code::SdpMid, line);
        }
    }
    for line in media.section().lines().iter().filter(|line| line.kind == b'b') {
        if !is_bandwidth(lint.text(line)) {
            lint.value(Code::SdpBandwidth, line);
        }
    }
    for (code, line) in layers::problems(lint.sdp, media) {
        lint.value(code, line);
    }
    order(lint, media.section().lines());
    let bundle_only = media.section().with(Attribute::BundleOnly).next();
    if let Some(line) = bundle_only.filter(|_| fields.port != "0") {
        lint.line(Code::SdpBundleOnlyPort, line);
    }
    if is_sctp(fields.protocol) {
        sctp(lint, media, first);
    }
    if is_rejected(media) {
        return;
    }
    let rtp = is_rtp(fields.protocol);
    if rtp {
        rtp_attributes(lint, media);
    }
    if lint.is_fragment || lint.is_plain {
        return;
    }
    if rtp && media.section().value(Attribute::RtcpMux).is_none() {
        let code = if bundled.grouped { Code::SdpBundleWithoutRtcpMux } else { Code::SdpRtcpMuxMissing };
        lint.line(code, first);
    }
    if lint.is_carried(media, bundled) {
        return;
    }
    if media.fingerprints().next().is_none() {
        lint.line(Code::SdpFingerprintMissing, first);
    } else if media.dtls().setup.is_none() {
        lint.line(Code::SdpSetupMissing, first);
    }
}

/// Reports the first line of a section that stands after one that must follow it (RFC 8866 §5).
fn order(lint: &mut Lint<'_, '_>, lines: &[Line]) {
    let mut furthest = 0;
    for line in lines {
        let place = match line.kind {
            b'm' => 0,
            b'i' => 1,
            b'c' => 2,
            b'b' => 3,
            b'k' => 4,
            b'a' => 5,
            _ => continue,
        };
        if place < furthest {
            lint.line(Code::SdpOrder, line);
            return;
        }
        furthest = place;
    }
}

/// `m=<media> <port>[/<count>] <proto> <fmt> …`
fn media_line(lint: &mut Lint<'_, '_>, line: &Line, media: &Media<'_, '_>) {
    let fields = media.line();
    let (port, count) = fields.port.split_once('/').map_or((fields.port, None), |(port, count)| (port, Some(count)));
    let port_is_good = number(port).is_some_and(|port| port <= 65535) && count.is_none_or(|n| number(n).is_some());
    if fields.kind.is_empty() || fields.formats.is_empty() || !port_is_good {
        lint.value(Code::SdpMediaLine, line);
        return;
    }
    if is_rtp(fields.protocol) {
        let is_payload_type = |format: &str| number(format).is_some_and(|value| value < 128);
        if let Some(format) = fields.formats.split(' ').find(|format| !is_payload_type(format)) {
            let whole = if format.is_empty() { fields.formats } else { format };
            lint.part(Code::SdpPayloadType, line, whole);
        }
    } else if !is_sctp(fields.protocol) {
        lint.part(Code::SdpMediaProtocol, line, fields.protocol);
    }
}

/// RFC 8841 against the draft before it, which wrote the port as the format and described it in `a=sctpmap`.
fn sctp(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>, first: &Line) {
    for line in media.section().lines().iter().filter(|line| line.kind == b'b') {
        bandwidth_on_data(lint, line);
    }
    for attribute in [Attribute::SctpPort, Attribute::MaxMessageSize] {
        if let Some(line) = media.section().with(attribute).find(|line| number(lint.text(line)).is_none()) {
            lint.value(Code::SdpSctpPort, line);
        }
    }
    let fields = media.line();
    let map = media.section().with(Attribute::SctpMap).next();
    let legacy = fields.formats.split(' ').next().and_then(number);
    let fix = legacy.and_then(|port| sctp_fix(lint, media, port));
    if legacy.is_some() {
        let text = lint.sdp.text();
        let span = Span { start: Span::of(text, fields.port).start, end: first.end };
        lint.push(Code::SdpSctpLegacyLine, span, lint.number(first), fix.clone());
    } else if media.section().value(Attribute::SctpPort).is_none() {
        lint.line(Code::SdpSctpPortMissing, first);
    }
    if let Some(map) = map {
        lint.push(Code::SdpSctpmap, map.span(), lint.number(map), fix);
    }
}

/// One replacement from the `m=` line on: the first `a=sctpmap` becomes `a=sctp-port`, where there is none yet, and the
/// others go, so that all change together.
fn sctp_fix(lint: &Lint<'_, '_>, media: &Media<'_, '_>, port: u32) -> Option<(Span, Cow<'static, str>)> {
    let text = lint.sdp.text();
    let fields = media.line();
    let first = media.section().lines().first()?;
    let has_port = media.section().with(Attribute::SctpPort).next().is_some();
    let transport = if fields.protocol.starts_with("TCP") { "TCP" } else { "UDP" };
    let mut out = String::from(transport);
    out.push_str("/DTLS/SCTP webrtc-datachannel");
    let (mut to, mut written) = (first.end, has_port);
    for map in media.section().with(Attribute::SctpMap) {
        let before = Span { start: to, end: map.start }.slice(text);
        if written {
            // The line with its indentation and the line end before it.
            let before = before.trim_end_matches([' ', '\t']);
            out.push_str(before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r'])).unwrap_or(before));
        } else {
            out.push_str(before);
            push_port(&mut out, port);
            written = true;
        }
        to = map.end;
    }
    if !written {
        let last = media.section().lines().iter().rev().find(|line| line.start < line.end)?;
        out.push_str(Span { start: to, end: last.end }.slice(text));
        out.push_str(newline(text));
        push_port(&mut out, port);
        to = last.end;
    }
    Some((Span { start: Span::of(text, fields.protocol).start, end: to }, out.into()))
}

fn push_port(out: &mut String, port: u32) {
    out.push_str("a=sctp-port:");
    push_number(out, port);
}

/// Decimal digits without `core::fmt`, which would triple the size of the small builds.
fn push_number(out: &mut String, number: u32) {
    let mut digits = [0u8; 10];
    let mut left = number;
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        count += 1;
        if left == 0 {
            break;
        }
    }
    for digit in digits.iter().skip(10 - count) {
        out.push(char::from(*digit));
    }
}

/// RTP attributes that browsers refuse a description for.
fn rtp_attributes(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>) {
    let text = lint.sdp.text();
    let mut mapped = [false; 128];
    let slot = |value: &str| number(first_field(value)).map(|payload| payload as usize);
    for line in media.section().with(Attribute::Rtpmap) {
        let value = line.value(text);
        let encoding = value.split_once(' ').map_or("", |(_, encoding)| encoding.trim_end_matches(' '));
        let clock = encoding.split('/').nth(1).and_then(number);
        if clock.is_none() {
            lint.value(Code::SdpRtpmap, line);
        } else if let Some(mapped) = slot(value).and_then(|payload| mapped.get_mut(payload)) {
            *mapped = true;
        }
    }
    let audio = media.kind() == "audio";
    for line in media.section().with(Attribute::Fmtp).filter(|line| !line.value(text).contains(' ')) {
        lint.value(Code::SdpFmtp, line);
    }
    // Told once for each payload type.
    for line in media.section().with(Attribute::Fmtp).chain(media.section().with(Attribute::RtcpFb)) {
        let Some(payload) = slot(line.value(text)) else { continue };
        let built_in = audio && matches!(payload, 0 | 8 | 9 | 13);
        let Some(mapped) = mapped.get_mut(payload).filter(|mapped| !**mapped && !built_in) else { continue };
        *mapped = true;
        lint.value(Code::SdpRtpmapMissing, line);
    }
    const READ: Attributes =
        Attributes::of(&[Attribute::RtcpFb, Attribute::Msid, Attribute::Extmap, Attribute::Ssrc, Attribute::SsrcGroup]);
    for line in media.section().lines().iter().filter(|line| READ.has(line.attribute)) {
        let value = line.value(text);
        let one_field = !value.contains(' ');
        let code = match line.attribute {
            Attribute::RtcpFb if one_field => Code::SdpRtcpFb,
            Attribute::Msid if value.is_empty() => Code::SdpMsid,
            Attribute::Extmap if one_field || number(extmap(value).0).is_none_or(|id| id == 0) => Code::SdpExtmap,
            Attribute::Ssrc | Attribute::SsrcGroup if one_field => Code::SdpSsrc,
            Attribute::Ssrc if number(first_field(value)).is_none() => Code::SdpSsrc,
            _ => continue,
        };
        lint.value(code, line);
    }
    streams(lint, media);
}

/// The value up to its first space.
fn first_field(value: &str) -> &str {
    let end = value.bytes().position(|byte| byte == b' ').unwrap_or(value.len());
    value.get(..end).unwrap_or(value)
}

/// Contradictions between lines.
fn streams(lint: &mut Lint<'_, '_>, media: &Media<'_, '_>) {
    let group = odd_ssrc_group(lint.sdp, media).map(|line| (Code::SdpSsrcGroup, line));
    let track = second_track(lint.sdp, media).map(|line| (Code::SdpSsrcTracks, line));
    let is_video = media.kind() == "video";
    let codec = rtx_without_codec(lint.sdp, media).filter(|_| is_video).map(|line| (Code::SdpRtxApt, line));
    let layers = simulcast_without_extension(lint.sdp, media).map(|line| (Code::SdpSimulcastExtension, line));
    // A group of the wrong size, or a second track, is the cause of what no receiver is made for.
    let stream = odd_stream(lint.sdp, media).filter(|_| group.is_none() && track.is_none());
    for (code, line) in [group, track, stream, codec, layers].into_iter().flatten() {
        lint.value(code, line);
    }
}
