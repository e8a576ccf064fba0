//! Relations between the lines of an RTP section: SSRCs, tracks, codecs and layers.

use alloc::vec::Vec;

use super::attribute::Attribute;
use super::document::{Media, Sdp};
use super::line::Line;
use crate::candidate::number;
use crate::explain::Code;
use crate::sorting::{sort, sort_by};

/// The `a=ssrc` lines of a section, sorted by SSRC, each with its SSRC and what is said of it.
fn ssrcs<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Vec<(&'a str, &'a str, &'s Line)> {
    let fields = |line: &'s Line| {
        let (ssrc, attribute) = line.value(sdp.text()).split_once(' ').unwrap_or((line.value(sdp.text()), ""));
        (ssrc, attribute, line)
    };
    let mut found: Vec<_> = media.section().with(Attribute::Ssrc).map(fields).collect();
    sort_by(&mut found, |a, b| a.0.cmp(b.0));
    found
}

/// The track that what is said of an SSRC names.
fn track(attribute: &str) -> Option<&str> {
    attribute.strip_prefix("msid:").map(|msid| msid.split(' ').nth(1).unwrap_or(""))
}

/// An `a=ssrc` line of a section that makes a second track: an SSRC whose msid names another track than those of the
/// others, or that has none while others have. `a=msid` speaks for all SSRCs of its section.
pub(crate) fn second_track<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Option<&'s Line> {
    if media.section().value(Attribute::Msid).is_some() {
        return None;
    }
    let ssrcs = ssrcs(sdp, media);
    let tracks = ssrcs.chunk_by(|(one, ..), (other, ..)| one == other).filter_map(|lines| {
        let named = lines.iter().rev().find_map(|(_, attribute, line)| Some((Some(track(attribute)?), *line)));
        named.or_else(|| lines.first().map(|(_, _, line)| (None, *line)))
    });
    let tracks: Vec<(Option<&str>, &Line)> = tracks.collect();
    if tracks.iter().all(|(track, _)| track.is_none()) {
        return None;
    }
    let (first, _) = *tracks.first()?;
    let (_, line) = tracks.iter().find(|(track, _)| track.unwrap_or("") != first.unwrap_or(""))?;
    Some(line)
}

/// The first `a=ssrc-group` line of a section that has too few or too many members: two belong to FID and FEC-FR, at
/// most three to SIM. Groups whose first SSRC has no line of its own describe nothing.
pub(crate) fn odd_ssrc_group<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Option<&'s Line> {
    groups(sdp, media).into_iter().find_map(|group| {
        let count = group.members.clone().count();
        let odd = if group.semantics == "SIM" { count > 3 } else { count != 2 };
        odd.then_some(group.line)
    })
}

/// An `a=ssrc` or `a=ssrc-group` line of a section that no receiver is made for: a second SSRC in audio, and a group in
/// video of which not every SSRC has a line of its own.
pub(crate) fn odd_stream<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Option<(Code, &'s Line)> {
    let ssrcs = ssrcs(sdp, media);
    match media.kind() {
        "audio" => {
            let (first, ..) = *ssrcs.first()?;
            ssrcs.iter().find(|(ssrc, ..)| *ssrc != first).map(|(_, _, line)| (Code::SdpSsrcTracks, *line))
        }
        "video" => {
            let known = |ssrc: &str| ssrcs.binary_search_by_key(&ssrc, |&(one, ..)| one).is_ok();
            let lacking = groups(sdp, media).into_iter().find(|group| !group.members.clone().all(known));
            lacking.map(|group| (Code::SdpSsrcGroup, group.line))
        }
        _ => None,
    }
}

struct Group<'s, 'a> {
    semantics: &'a str,
    members: core::str::Split<'a, char>,
    line: &'s Line,
}

/// The groups of a section with a meaning that browsers know, whose first SSRC has a line of its own.
fn groups<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Vec<Group<'s, 'a>> {
    let ssrcs = ssrcs(sdp, media);
    let lines = media.section().with(Attribute::SsrcGroup);
    let groups = lines.filter_map(|line| {
        let mut members = line.value(sdp.text()).split(' ');
        let semantics = members.next().filter(|semantics| ["FID", "FEC-FR", "SIM"].contains(semantics))?;
        let first = members.clone().next()?;
        ssrcs.binary_search_by_key(&first, |&(one, ..)| one).ok()?;
        Some(Group { semantics, members, line })
    });
    groups.collect()
}

/// The line of a retransmission codec (RFC 4588) that repeats no codec of its section: without `apt`, or with one of a
/// payload type that has no `a=rtpmap`, or is not a codec that can be repeated.
pub(crate) fn rtx_without_codec<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Option<&'s Line> {
    let mut names = [None; 128];
    let mut repeats = [None; 128];
    for line in media.section().with(Attribute::Rtpmap) {
        let (payload, encoding) = line.value(sdp.text()).split_once(' ').unwrap_or(("", ""));
        let name = number(payload).and_then(|payload| names.get_mut(payload as usize));
        if let Some(name) = name {
            *name = Some(encoding.split('/').next().unwrap_or(""));
        }
    }
    for value in media.section().values(Attribute::Fmtp) {
        let (payload, parameters) = value.split_once(' ').unwrap_or(("", ""));
        let apt = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("apt="));
        let slot = number(payload).and_then(|payload| repeats.get_mut(payload as usize));
        if let (Some(slot), Some(apt)) = (slot, apt) {
            *slot = Some(apt);
        }
    }
    let mut offered = [false; 128];
    for payload in media.line().formats.split(' ').filter_map(number) {
        if let Some(offered) = offered.get_mut(payload as usize) {
            *offered = true;
        }
    }
    let is_offered = |payload: &str| number(payload).is_some_and(|at| offered.get(at as usize) == Some(&true));
    media.section().with(Attribute::Rtpmap).find(|line| {
        let (payload, encoding) = line.value(sdp.text()).split_once(' ').unwrap_or(("", ""));
        let is_rtx = encoding.split('/').next().is_some_and(|name| name.eq_ignore_ascii_case("rtx"));
        if !is_rtx || !is_offered(payload) {
            return false;
        }
        let repeated = number(payload).and_then(|payload| repeats.get(payload as usize).copied().flatten());
        let name = repeated.and_then(number).and_then(|payload| names.get(payload as usize).copied().flatten());
        let odd = |name: &str| ["rtx", "ulpfec", "flexfec-03"].iter().any(|odd| odd.eq_ignore_ascii_case(name));
        !repeated.is_some_and(is_offered) || name.is_none_or(odd)
    })
}

/// Checks the value of `a=simulcast` (RFC 8853 §5.1): one or two directions, each with its streams.
#[cfg(feature = "predict")]
pub(crate) fn is_simulcast(value: &str) -> bool {
    let mut fields = value.split_ascii_whitespace();
    let mut directions = [None; 2];
    for direction in &mut directions {
        let Some(word) = fields.next() else { break };
        let streams = fields.next().unwrap_or("");
        if !["send", "recv"].contains(&word)
            || !streams.split([';', ',']).all(|rid| !rid.trim_start_matches('~').is_empty())
        {
            return false;
        }
        *direction = Some(word);
    }
    let [first, second] = directions;
    first.is_some() && first != second && fields.next().is_none()
}

/// The RIDs of an `a=simulcast` value.
pub(crate) fn simulcast_rids(value: &str) -> impl Iterator<Item = &str> {
    let lists = value.split_ascii_whitespace().skip(1).step_by(2);
    lists.flat_map(|list| list.split([';', ','])).map(|rid| rid.trim_start_matches('~'))
}

/// An `a=simulcast` line of a section whose RIDs no header extension carries (RFC 8853 §5.2, RFC 8852).
pub(crate) fn simulcast_without_extension<'s, 'a>(sdp: &Sdp<'a>, media: &Media<'s, 'a>) -> Option<&'s Line> {
    let line = media.section().with(Attribute::Simulcast).next()?;
    let named = media.section().values(Attribute::Rid).map(|value| value.split(' ').next().unwrap_or(""));
    let mut named: Vec<&str> = named.collect();
    sort(&mut named);
    if !simulcast_rids(line.value(sdp.text())).any(|rid| named.binary_search(&rid).is_ok()) {
        return None;
    }
    let carries = |value: &str| value.split(' ').nth(1) == Some("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    let own = media.section().value(Attribute::Extmap).is_some();
    let session = sdp.session();
    let mut extensions = if own { *media.section() } else { session }.values(Attribute::Extmap);
    if extensions.any(carries) { None } else { Some(line) }
}
