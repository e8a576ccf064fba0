//! The media sections, line by line, as Chromium reads them.

use alloc::vec::Vec;

use super::{Named, Reader, Session, Verdict, connection, first_field, header_extension, refuse, shared_attribute};
use crate::candidate::number;
use crate::explain::Code;
use crate::predict::candidate::{Outcome, chromium as candidate_outcome};
use crate::predict::offer::Refusal;
use crate::sdp::attribute::Attribute;
use crate::sdp::rtp::is_simulcast;
use crate::sdp::values::{is_rtp, is_sctp};

/// Reads every media section.
pub(super) fn all(reader: &mut Reader<'_>, session: Session) -> Verdict {
    let mut first = true;
    while !reader.rest().is_empty() {
        let Some(value) = reader.take_type(b'm') else {
            // A line `m=` that is none ends the description, once there is a section.
            if !first && reader.rest().starts_with("m=") {
                return Ok(());
            }
            return refuse(reader.problem().unwrap_or(Code::SdpOrder), reader.line + 1);
        };
        first = false;
        let mut section = Section::new(value, reader.line, session)?;
        while !reader.rest().is_empty() && !reader.rest().starts_with("m=") {
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

/// A payload type that a line describes.
#[derive(Clone, Copy)]
struct Codec<'a> {
    payload: u8,
    /// Name, clock rate and what follows, of its rtpmap.
    encoding: Option<&'a str>,
    /// The first line about it.
    line: u32,
}

/// A section as Chromium remembers it while it reads it.
struct Section<'a> {
    session: Session,
    rtp: bool,
    sctp: bool,
    /// The first format is not `webrtc-datachannel`: the form of the draft before RFC 8841.
    legacy_sctp: bool,
    audio: bool,
    video: bool,
    payload_types: Vec<u8>,
    /// The payload types that have a line of their own, at most 128.
    codecs: Vec<Codec<'a>>,
    track: Option<&'a str>,
    simulcast: bool,
}

impl<'a> Section<'a> {
    fn new(value: &str, line: u32, session: Session) -> Result<Self, Refusal> {
        let refusal = |code| Refusal { code, line };
        let mut fields = value.split(' ');
        let (Some(kind), Some(port), Some(protocol)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(refusal(Code::SdpMediaLine));
        };
        number(port).filter(|&port| port <= 65535).ok_or(refusal(Code::SdpMediaLine))?;
        if matches!(kind, "audio" | "video") && !is_rtp(protocol) {
            return Err(refusal(Code::SdpMediaProtocol));
        }
        let mut formats = fields.peekable();
        let first = *formats.peek().ok_or(refusal(Code::SdpMediaLine))?;
        let mut section = Self {
            session,
            rtp: is_rtp(protocol),
            sctp: is_sctp(protocol),
            legacy_sctp: first != "webrtc-datachannel",
            audio: kind == "audio",
            video: kind == "video",
            payload_types: Vec::new(),
            codecs: Vec::new(),
            track: None,
            simulcast: false,
        };
        if section.rtp {
            for format in formats {
                let payload_type = payload_type(format).ok_or(refusal(Code::SdpPayloadType))?;
                if !section.payload_types.contains(&payload_type) {
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
            Some(b'b') => bandwidth(value, at),
            Some(b'a') => self.attribute(Named::new(value), at),
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, one: Named<'a>, at: u32) -> Verdict {
        shared_attribute(one, at)?;
        let value = one.value.unwrap_or("");
        let port = || number(value).filter(|&port| port <= 65535);
        let code = match one.attribute {
            Attribute::Candidate if matches!(candidate_outcome(one.text), Outcome::Rejected(_)) => {
                Code::IceCandidateUnreadable
            }
            Attribute::Mid if one.required(at)?.contains(' ') => Code::SdpMid,
            Attribute::SctpPort if self.sctp && self.legacy_sctp => Code::SdpSctpLegacyLine,
            Attribute::SctpPort if self.sctp && port().is_none() => Code::SdpSctpPort,
            Attribute::MaxMessageSize if self.sctp && number(value).is_none() => Code::SdpSctpPort,
            _ if self.rtp => return self.rtp_attribute(one, value, at),
            _ => return Ok(()),
        };
        refuse(code, at)
    }

    fn rtp_attribute(&mut self, one: Named<'a>, value: &'a str, at: u32) -> Verdict {
        let code = match one.attribute {
            Attribute::Rtpmap => return self.rtpmap(value, at),
            Attribute::Fmtp => return self.parameters(value, at, Code::SdpFmtp),
            Attribute::RtcpFb => return self.parameters(value, at, Code::SdpRtcpFb),
            Attribute::Msid => return self.msid(one, at),
            Attribute::Extmap if self.session.extmap => Code::SdpExtmap,
            Attribute::Extmap => return header_extension(one, at),
            Attribute::SsrcGroup => {
                let mut members = value.split(' ').skip(1).peekable();
                if members.peek().is_some() && members.all(|ssrc| number(ssrc).is_some()) {
                    return Ok(());
                }
                Code::SdpSsrc
            }
            Attribute::Ssrc => {
                let named = first_field(value).filter(|(_, attribute)| attribute.contains(':'));
                let fields = named.and_then(|(_, attribute)| attribute.split_once(':'));
                let two = fields.is_some_and(|(name, value)| name != "msid" || value.split(' ').count() <= 2);
                if two && named.is_some_and(|(ssrc, _)| number(ssrc).is_some()) {
                    return Ok(());
                }
                Code::SdpSsrc
            }
            Attribute::Simulcast => {
                let twice = core::mem::replace(&mut self.simulcast, true);
                if !twice && is_simulcast(one.value.unwrap_or("")) {
                    return Ok(());
                }
                Code::SdpSimulcast
            }
            _ => return Ok(()),
        };
        refuse(code, at)
    }

    /// A stream and perhaps a track, which is the same in every line of the section.
    fn msid(&mut self, one: Named<'a>, at: u32) -> Verdict {
        let value = one.required(at)?;
        let (stream, track) = first_field(value).unwrap_or((value, ""));
        if stream.is_empty() || track.contains(' ') {
            return refuse(Code::SdpMsid, at);
        }
        if track.is_empty() || *self.track.get_or_insert(track) == track {
            return Ok(());
        }
        refuse(Code::SdpMsid, at)
    }

    fn rtpmap(&mut self, value: &'a str, at: u32) -> Verdict {
        let Some((payload, encoding)) = value.split_once(' ') else { return refuse(Code::SdpRtpmap, at) };
        let Some(payload) = payload_type(payload) else { return refuse(Code::SdpPayloadType, at) };
        if !self.payload_types.contains(&payload) {
            return Ok(());
        }
        let encoding = encoding.split(' ').next().unwrap_or("");
        let mut parts = encoding.split('/').skip(1);
        let clock = parts.next().and_then(number).filter(|&clock| clock <= i32::MAX as u32);
        let channels = parts.next();
        if clock.is_none() || parts.next().is_some() {
            return refuse(Code::SdpRtpmap, at);
        }
        if self.audio && channels.is_some_and(|channels| number(channels).is_none_or(|count| count > 24)) {
            return refuse(Code::SdpRtpmap, at);
        }
        let first = self.codec(payload, at).map(|codec| *codec.encoding.get_or_insert(encoding));
        if first.is_some_and(|first| first != encoding) { refuse(Code::SdpRtpmap, at) } else { Ok(()) }
    }

    /// Entry of a payload type; a new one when there is none.
    fn codec(&mut self, payload: u8, line: u32) -> Option<&mut Codec<'a>> {
        if !self.codecs.iter().any(|codec| codec.payload == payload) {
            self.codecs.push(Codec { payload, encoding: None, line });
        }
        self.codecs.iter_mut().find(|codec| codec.payload == payload)
    }

    /// `a=fmtp` and `a=rtcp-fb`: a payload type and what is said of it. Other media than audio and video are not looked at.
    fn parameters(&mut self, value: &'a str, at: u32, malformed: Code) -> Verdict {
        if !self.audio && !self.video {
            return Ok(());
        }
        let Some((payload, _)) = value.split_once(' ') else { return refuse(malformed, at) };
        if payload == "*" && malformed == Code::SdpRtcpFb {
            return Ok(());
        }
        let Some(payload) = payload_type(payload) else { return refuse(malformed, at) };
        self.codec(payload, at);
        Ok(())
    }

    /// A payload type that is talked about must have a name, which only audio has built in, for old ones.
    fn end(&self) -> Verdict {
        for codec in &self.codecs {
            let named = codec.encoding.is_some_and(|encoding| !encoding.starts_with('/'));
            let old = self.audio && matches!(codec.payload, 0 | 8 | 9 | 13);
            let built_in = old && self.payload_types.contains(&codec.payload);
            if !named && !built_in {
                return refuse(Code::SdpRtpmapMissing, codec.line);
            }
        }
        Ok(())
    }
}

/// `b=<type>:<number>`; of types that it does not know, only the colon counts.
fn bandwidth(value: &str, at: u32) -> Verdict {
    let read = value.split_once(':').is_some_and(|(kind, amount)| {
        let amount = amount.trim_start_matches(':');
        !matches!(kind, "AS" | "TIAS") || number(amount).is_some_and(|amount| amount <= i32::MAX as u32)
    });
    if read { Ok(()) } else { refuse(Code::SdpBandwidth, at) }
}

fn payload_type(field: &str) -> Option<u8> {
    number(field).and_then(|value| u8::try_from(value).ok()).filter(|&value| value < 128)
}
