//! Hints in the text around a finding: whose it is, offer or answer, `sdpMid` and so on.

use super::cursor::{
    at, digits, find_ignore_case, has, has_ignore_case, line_start, part, position_of, rfind_ignore_case,
};
use super::{Attribution, DescriptionType, Side};
use alloc::string::String;

/// How far before a finding its label is looked for.
const BEHIND: usize = 300;
/// How far after a finding the other members of its object are looked for.
const AHEAD: usize = 300;

/// Calls and events that settle the side; the last one before the finding wins.
const CALLS: [(&[u8], Side); 9] = [
    // Janus prints so what its peer sends.
    (b"trickle candidate (", Side::Remote),
    (b"setlocaldescription", Side::Local),
    (b"setremotedescription", Side::Remote),
    (b"addicecandidate", Side::Remote),
    (b"onicecandidate", Side::Local),
    (b"createoffer", Side::Local),
    (b"createanswer", Side::Local),
    (b"localdescription", Side::Local),
    (b"remotedescription", Side::Remote),
];

/// Words that tell the side where no call does.
const WORDS: [(&[u8], Side); 16] = [
    (b"local", Side::Local),
    (b"remote", Side::Remote),
    (b"sending", Side::Local),
    (b"sent", Side::Local),
    (b"send", Side::Local),
    (b"outgoing", Side::Local),
    (b"transmitting", Side::Local),
    (b"received", Side::Remote),
    (b"receiving", Side::Remote),
    (b"receive", Side::Remote),
    (b"incoming", Side::Remote),
    (b"icecandidate", Side::Local),
    ("本地".as_bytes(), Side::Local),
    ("本端".as_bytes(), Side::Local),
    ("远端".as_bytes(), Side::Remote),
    ("对端".as_bytes(), Side::Remote),
];

/// The text that may name a finding: the rest of its own line before it, and the line before that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    same: &'a [u8],
    above: &'a [u8],
}

impl<'a> Label<'a> {
    /// The label of what begins at `start`; nothing before `floor`, where the finding before ended, counts.
    pub(super) fn before(src: &'a [u8], start: usize, floor: usize) -> Self {
        let floor = floor.max(start.saturating_sub(BEHIND)).min(start);
        let line = line_start(src, start, BEHIND).max(floor);
        let mut end = line;
        while end > floor && at(src, end - 1).is_ascii_whitespace() {
            end -= 1;
        }
        let above = line_start(src, end, BEHIND).max(floor).min(end);
        Self { same: part(src, line, start), above: shown_tab(part(src, above, end)) }
    }

    fn first<T>(self, find: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        find(self.same).or_else(|| find(self.above))
    }

    /// Side that the finding belongs to.
    pub(super) fn side(self) -> Option<Side> {
        self.first(|text| last_of(text, &CALLS).or_else(|| last_of(text, &WORDS)))
    }

    /// Offer or answer.
    pub(super) fn kind(self) -> Option<DescriptionType> {
        self.first(kind_in)
    }
}

/// Of the tabs above a description in Firefox's about:webrtc, `Local SDP (Answer)Remote SDP (Offer)SDP History`, the one
/// that is shown: the first.
fn shown_tab(line: &[u8]) -> &[u8] {
    let tabs = line.trim_ascii_end().ends_with(b"SDP History");
    line.iter().position(|&byte| byte == b')').filter(|_| tabs).map_or(line, |end| part(line, 0, end))
}

fn last_of(text: &[u8], table: &[(&[u8], Side)]) -> Option<Side> {
    table
        .iter()
        .filter_map(|&(word, side)| {
            let place = rfind_ignore_case(text, word)?;
            (!is_outcome(text, place + word.len())).then_some((place, word.len(), side))
        })
        .max_by_key(|&(place, length, _)| (place, length))
        .map(|(_, _, side)| side)
}

/// "addIceCandidate success": what became of an earlier one, no label for the next.
fn is_outcome(text: &[u8], end: usize) -> bool {
    let rest = part(text, end, (end + 12).min(text.len()));
    let rest = rest.trim_ascii_start();
    [&b"success"[..], b"succeed", b"fail", b"error"].iter().any(|word| has_ignore_case(rest, 0, word))
}

fn kind_in(text: &[u8]) -> Option<DescriptionType> {
    let offer = rfind_ignore_case(text, b"offer").map(|place| (place, DescriptionType::Offer));
    let answer = rfind_ignore_case(text, b"answer").map(|place| (place, DescriptionType::Answer));
    let (place, kind) = offer.into_iter().chain(answer).max_by_key(|&(place, _)| place)?;
    let provisional = kind == DescriptionType::Answer && place >= 2 && has_ignore_case(text, place - 2, b"pr");
    Some(if provisional { DescriptionType::Pranswer } else { kind })
}

/// Offer or answer from a `type` member behind the description in the same object.
pub(super) fn kind_behind(src: &[u8], end: usize) -> Option<DescriptionType> {
    let text = object_rest(src, end, 60);
    let place = find_ignore_case(text, b"type")?;
    kind_in(part(text, place, place + 24))
}

/// Offer or answer from `a=setup` (RFC 5763 §5).
pub(super) fn kind_by_setup(text: &[u8]) -> Option<DescriptionType> {
    const NAME: &[u8] = b"\na=setup:";
    let mut place = position_of(text, 0, *b"\n\n");
    while place < text.len() && !has(text, place, NAME) {
        place = position_of(text, place + 1, *b"\n\n");
    }
    let value = part(text, place + NAME.len(), place + NAME.len() + 7);
    if value.starts_with(b"actpass") {
        return Some(DescriptionType::Offer);
    }
    (value.starts_with(b"active") || value.starts_with(b"passive")).then_some(DescriptionType::Answer)
}

/// Text after `end` in the same object and line.
fn object_rest(src: &[u8], end: usize, limit: usize) -> &[u8] {
    let text = part(src, end, end.saturating_add(limit));
    let stop = text.iter().position(|&byte| byte == b'}' || byte == b'\n').unwrap_or(text.len());
    // Objects printed over several lines: go on while no brace ends them.
    let stop = if text.get(stop) == Some(&b'\n') {
        text.iter()
            .position(|&byte| byte == b'}')
            .filter(|&brace| !part(text, stop, brace).contains(&b'{'))
            .unwrap_or(stop)
    } else {
        stop
    };
    part(text, 0, stop)
}

/// Names of the members, in any style: `sdpMid`, `sdp_mid`, AppRTC's `id` and `label`, XML attributes.
const MID: [&[u8]; 4] = [b"sdpmid", b"sdp_mid", b"sdp-mid", b"mid"];
const LINE_INDEX: [&[u8]; 6] =
    [b"sdpmlineindex", b"sdp_mline_index", b"sdp_m_line_index", b"mlineindex", b"sdp_index", b"sdpmline"];
const UFRAG: [&[u8]; 3] = [b"usernamefragment", b"username_fragment", b"ufrag"];

/// The members of the object that holds the candidate `start..end`.
pub(super) fn attribution(src: &[u8], start: usize, end: usize, floor: usize) -> Attribution {
    let behind = object_rest(src, end, AHEAD);
    let ahead = object_start(src, start, floor.max(start.saturating_sub(BEHIND)).min(start));
    let value = |name: &[u8]| value_of(behind, name).or_else(|| value_of(ahead, name)).filter(|text| text != "null");
    let member = |names: &[&[u8]]| names.iter().find_map(|name| value(name));
    // AppRTC sends `{ label: 0, id: "audio", candidate: … }`.
    let label = value(b"label").and_then(|text| text.parse().ok());
    let id = || label.and_then(|_| value(b"id"));
    let is_server =
        |url: &String| ["stun", "turn"].iter().any(|scheme| has_ignore_case(url.as_bytes(), 0, scheme.as_bytes()));
    Attribution {
        mid: member(&MID).or_else(id).or_else(|| in_brackets(ahead)),
        line_index: member(&LINE_INDEX).and_then(|text| text.parse().ok()).or(label),
        ufrag: member(&UFRAG),
        url: value(b"url").filter(is_server),
    }
}

/// Janus: `Trickle candidate (0): candidate:…`.
fn in_brackets(ahead: &[u8]) -> Option<String> {
    const WORDS: &[u8] = b"trickle candidate (";
    let start = rfind_ignore_case(ahead, WORDS)? + WORDS.len();
    let length = part(ahead, start, start + 64).iter().position(|&byte| byte == b')')?;
    Some(String::from_utf8_lossy(part(ahead, start, start + length)).into_owned())
}

/// Text before `start` in the same object, or on the same line where there is none.
fn object_start(src: &[u8], start: usize, floor: usize) -> &[u8] {
    let ahead = part(src, floor, start);
    let brace = ahead.iter().rposition(|byte| matches!(byte, b'{' | b'}' | b'<' | b'>'));
    match brace {
        Some(place) if matches!(at(ahead, place), b'{' | b'<') => part(ahead, place, ahead.len()),
        _ => {
            let line = line_start(src, start, BEHIND).max(floor);
            part(src, line, start)
        }
    }
}

/// The value behind `name`, whether JSON, escaped JSON or `name: value`.
fn value_of(text: &[u8], name: &[u8]) -> Option<String> {
    let place = find_ignore_case(text, name)?;
    if place > 0 && at(text, place - 1).is_ascii_alphanumeric() {
        return None;
    }
    let mut position = place + name.len();
    let mut separated = false;
    while matches!(at(text, position), b'"' | b'\'' | b'\\' | b' ' | b':' | b'=') {
        separated |= matches!(at(text, position), b':' | b'=');
        position += 1;
    }
    if !separated {
        return None;
    }
    if let Some((_, end)) = digits(text, position)
        && !at(text, end).is_ascii_alphanumeric()
    {
        return Some(String::from_utf8_lossy(part(text, position, end)).into_owned());
    }
    let rest = part(text, position, text.len());
    let stops = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b',' | b'}' | b' ' | b'\r' | b'\n' | b')' | b'<');
    let value = part(rest, 0, rest.iter().position(stops).unwrap_or(rest.len()));
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}
