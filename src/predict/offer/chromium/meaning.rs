//! The rules beyond syntax, in Chromium's order.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Verdict, refuse};
use crate::explain::Code;
use crate::predict::offer::Refusal;
use crate::sdp::attribute::Attribute;
use crate::sdp::document::{Media, Sdp};
use crate::sdp::line::Line;
use crate::sdp::rtp::{odd_ssrc_group, odd_stream, rtx_without_codec, second_track, simulcast_without_extension};
use crate::sdp::values::{Bundled, Mids, bundles, extmap_collision, is_rejected, is_rtp};

/// Applies them to what was read.
pub(super) fn check(sdp: &Sdp<'_>) -> Verdict {
    let named = names(sdp)?;
    let mids = Mids::of(named.iter().map(String::as_str));
    let bundled = bundles(sdp, &mids);
    let all = || sdp.media().zip(bundled.iter().copied()).filter(|(media, _)| !is_rejected(media));
    let session = session_credentials(sdp);
    let own = || all().filter(|(_, bundled)| !bundled.grouped || bundled.first);
    for (media, _) in own() {
        if media.fingerprints().next().is_none() {
            return refuse(Code::SdpFingerprintMissing, media_line(&media));
        }
    }
    for (media, _) in own() {
        let (ufrag, pwd) = credentials(&media, session);
        if ufrag.is_empty() || pwd.is_empty() {
            let code = if ufrag.is_empty() { Code::IceUfragMissing } else { Code::IcePwdMissing };
            return refuse(code, media_line(&media));
        }
    }
    group_members(sdp, &mids)?;
    if let Some(line) = extmap_collision(sdp, &bundled) {
        return refuse(Code::SdpExtmapCollision, line);
    }
    for (media, bundled) in all() {
        if bundled.grouped && is_rtp(media.line().protocol) && media.section().value(Attribute::RtcpMux).is_none() {
            return refuse(Code::SdpBundleWithoutRtcpMux, media_line(&media));
        }
    }
    for media in sdp.media().filter(|media| is_rtp(media.line().protocol)) {
        at(sdp, Code::SdpSsrcGroup, odd_ssrc_group(sdp, &media))?;
        at(sdp, Code::SdpSsrcTracks, second_track(sdp, &media))?;
        at(sdp, Code::SdpSimulcastExtension, simulcast_without_extension(sdp, &media))?;
    }
    applied(sdp, session, all)
}

/// The mid of each section, the last of several; a section without gets a number, counted from 0 over those without.
fn names(sdp: &Sdp<'_>) -> Result<Vec<String>, Refusal> {
    let mut made_up = 0;
    let mut names = Vec::new();
    for media in sdp.media() {
        let mid = media.section().values(Attribute::Mid).last().unwrap_or("");
        if mid.len() > 16 {
            refuse(Code::SdpMidTooLong, attribute_line(sdp, &media, Attribute::Mid))?;
        }
        names.push(if mid.is_empty() {
            made_up += 1;
            (made_up - 1).to_string()
        } else {
            mid.to_string()
        });
    }
    let mids = Mids::of(names.iter().map(String::as_str));
    if let Some(index) = mids.duplicates().min() {
        // The one at fault is the one without, before or behind the other.
        let missing =
            sdp.media().position(|media| media.section().values(Attribute::Mid).last().unwrap_or("").is_empty());
        let code = if missing.is_some() { Code::SdpMidMissing } else { Code::SdpMidDuplicate };
        refuse(code, section_line(sdp, missing.unwrap_or(index)))?;
    }
    Ok(names)
}

/// ICE user name fragment and password.
type Credentials<'a> = (&'a str, &'a str);

/// The credentials of the session part, of several the last, empty without.
fn session_credentials<'a>(sdp: &Sdp<'a>) -> Credentials<'a> {
    let of = |attribute| sdp.session().values(attribute).last().unwrap_or("");
    (of(Attribute::IceUfrag), of(Attribute::IcePwd))
}

/// The credentials of a section, or what it lacks of the session's.
fn credentials<'a>(media: &Media<'_, 'a>, (ufrag, pwd): Credentials<'a>) -> Credentials<'a> {
    let of = |attribute| media.section().values(attribute).last();
    (of(Attribute::IceUfrag).unwrap_or(ufrag), of(Attribute::IcePwd).unwrap_or(pwd))
}

/// Verdict when the sections are set up one by one.
fn applied<'s, 'a: 's, I>(sdp: &'s Sdp<'a>, session: Credentials<'a>, all: impl Fn() -> I) -> Verdict
where
    I: Iterator<Item = (Media<'s, 'a>, Bundled)>,
{
    for (media, _) in all() {
        if is_rtp(media.line().protocol) && media.section().value(Attribute::RtcpMux).is_none() {
            return refuse(Code::SdpRtcpMuxMissing, media_line(&media));
        }
        well_formed(sdp, &media, session)?;
    }
    for (media, _) in all() {
        if let Some((code, line)) = odd_stream(sdp, &media) {
            return refuse(code, line_number(sdp, line));
        }
        if media.kind() == "video" {
            at(sdp, Code::SdpRtxApt, rtx_without_codec(sdp, &media))?;
        }
    }
    Ok(())
}

/// Refuses for a line, if there is one.
fn at(sdp: &Sdp<'_>, code: Code, line: Option<&Line>) -> Verdict {
    line.map_or(Ok(()), |line| refuse(code, line_number(sdp, line)))
}

/// Lengths and characters, also of sections that another one's transport carries; those without either are let be.
fn well_formed(sdp: &Sdp<'_>, media: &Media<'_, '_>, session: Credentials<'_>) -> Verdict {
    let (ufrag, pwd) = credentials(media, session);
    if ufrag.is_empty() && pwd.is_empty() {
        return Ok(());
    }
    let strange = |text: &str| text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"+/-=#_".contains(&byte));
    let checks = [
        (ufrag, 4, Attribute::IceUfrag, Code::IceUfragMissing, Code::IceUfragLength, Code::IceUfragChar),
        (pwd, 22, Attribute::IcePwd, Code::IcePwdMissing, Code::IcePwdLength, Code::IcePwdChar),
    ];
    for (value, shortest, attribute, missing, length, character) in checks {
        if value.is_empty() {
            return refuse(missing, media_line(media));
        }
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
    for value in sdp.session().values(Attribute::Group) {
        let mut members = value.split(' ');
        if members.next() != Some("BUNDLE") {
            continue;
        }
        let Some(mid) = members.find(|mid| mids.section(mid).is_none()) else { continue };
        // A section may have it, and another one behind it, which counts.
        let twice = sdp.media().find(|media| media.section().values(Attribute::Mid).any(|one| one == mid));
        return match twice {
            Some(media) => refuse(Code::SdpDuplicate, attribute_line(sdp, &media, Attribute::Mid)),
            None => refuse(Code::SdpBundleUnknownMid, 0),
        };
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
