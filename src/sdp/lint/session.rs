//! The session part: v, o, s, c, t and their order (RFC 8866 §5).

use super::Lint;
use crate::candidate::number;
use crate::explain::Code;
use crate::sdp::line::Line;
use crate::sdp::values::{ConnectionProblem, connection_problem};

/// Place of each type in the session part.
const ORDER: &[u8] = b"vosiuepcbtrzka";

pub(super) fn check(lint: &mut Lint<'_, '_>) {
    for line in lint.sdp.lines().iter().filter(|line| line.kind == b'c') {
        connection(lint, line);
    }
    if lint.is_fragment {
        return;
    }
    let lines = lint.sdp.session().lines();
    let find = |kind: u8| lines.iter().find(|line| line.kind == kind);
    match find(b'v') {
        None => missing(lint, Code::SdpVersionMissing),
        Some(line) if lint.text(line) != "0" => lint.value_fix(Code::SdpVersion, line, "0"),
        Some(_) => {}
    }
    match find(b'o') {
        None => missing(lint, Code::SdpOriginMissing),
        Some(line) => origin(lint, line),
    }
    if find(b's').is_none() {
        missing(lint, Code::SdpNameMissing);
    }
    match find(b't') {
        None => missing(lint, Code::SdpTimingMissing),
        Some(line) => timing(lint, line),
    }
    order(lint, lines);
    if find(b'c').is_none() {
        for media in lint.sdp.media() {
            let lines = media.section().lines();
            let Some(first) = lines.first().filter(|_| !lines.iter().any(|line| line.kind == b'c')) else { continue };
            lint.line(Code::SdpConnectionMissing, first);
        }
    }
}

/// Reports a missing session line at the first line.
fn missing(lint: &mut Lint<'_, '_>, code: Code) {
    if let Some(first) = lint.sdp.lines().first() {
        lint.line(code, first);
    }
}

/// Reports the first line that stands after one that must follow it.
fn order(lint: &mut Lint<'_, '_>, lines: &[Line]) {
    let mut furthest = 0;
    for line in lines {
        let Some(place) = ORDER.iter().position(|&kind| kind == line.kind) else { continue };
        // t= and r= may repeat together.
        let repeats = matches!(line.kind, b't' | b'r') && ORDER.get(furthest).is_some_and(|kind| b"tr".contains(kind));
        if place < furthest && !repeats {
            lint.line(Code::SdpOrder, line);
            return;
        }
        furthest = furthest.max(place);
    }
}

/// `o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>`
fn origin(lint: &mut Lint<'_, '_>, line: &Line) {
    let mut fields = lint.text(line).split(' ');
    let six: [&str; 6] = core::array::from_fn(|_| fields.next().unwrap_or(""));
    let [_, session_id, version, net, family, _] = six;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = fields.next().is_none() && six.iter().all(|field| !field.is_empty());
    if !shape || !digits(version) || net != "IN" || !["IP4", "IP6"].contains(&family) {
        lint.value(Code::SdpOrigin, line);
        return;
    }
    if !digits(session_id) || session_id.parse::<u64>().map_or(true, |id| id > i64::MAX as u64) {
        lint.part(Code::SdpOriginSessionId, line, session_id);
    }
}

fn timing(lint: &mut Lint<'_, '_>, line: &Line) {
    let mut fields = lint.text(line).trim_end_matches(' ').split(' ');
    let mut digits =
        || fields.next().is_some_and(|field| !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit()));
    if !(digits() && digits()) {
        lint.value_fix(Code::SdpTiming, line, "0 0");
    }
}

fn connection(lint: &mut Lint<'_, '_>, line: &Line) {
    let code = match connection_problem(lint.text(line)) {
        None => return,
        Some(ConnectionProblem::Malformed) => Code::SdpConnection,
        Some(ConnectionProblem::Multicast) => Code::SdpConnectionMulticast,
        Some(ConnectionProblem::Name) => Code::SdpConnectionName,
    };
    lint.value(code, line);
}

/// `b=AS:30` limits RTP; SCTP has its own congestion control.
pub(super) fn bandwidth_on_data(lint: &mut Lint<'_, '_>, line: &Line) {
    let (name, value) = lint.text(line).split_once(':').unwrap_or(("", ""));
    if matches!(name, "AS" | "TIAS") && number(value).is_some() {
        lint.line(Code::SdpBandwidthOnData, line);
    }
}
