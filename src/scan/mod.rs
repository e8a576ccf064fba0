//! Findings in any text, dump or capture.
//!
//! [`scan`] takes a whole paste or file: console logs, JSON and escaped SDP, `RTCIceCandidateInit`, SIP, RTSP and HTTP
//! messages with an SDP body, webrtc-internals dumps, `about:webrtc` text, trickle fragments, quoted or wrapped
//! blocks, STUN as hex, hex dump or base64. It returns each description, candidate, end marker and message with the
//! span it was found at, and the text or bytes to hand to [`crate::sdp`], [`crate::candidate`] or [`crate::stun`].
//!
//! [`Scanner`] does the same in steps, for progress and cancelling. Both take time linear in the input.
//!
//! ```
//! let log = "pc1.js:7 localPeerConnection ICE candidate:\n\
//!            candidate:1 1 udp 2113937151 192.0.2.1 54318 typ host generation 0\n";
//! let report = icelens::scan::scan(log.as_bytes());
//! assert_eq!(report.findings.len(), 1);
//! assert_eq!(report.findings[0].side, Some(icelens::scan::Side::Local));
//! ```

mod byte_list;
mod bytes;
mod candidate;
pub mod capture;
mod context;
mod cursor;
mod description;
mod extract;
mod framing;
mod message;
mod text;

pub use extract::Extract;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use capture::{Capture, CaptureScanner, Format, Transport};
use text::TextScanner;

/// Most findings one scan returns; what lies behind is reported by [`Report::truncated`].
pub const MAX_FINDINGS: usize = 50_000;

/// Side that a description or candidate belongs to, as far as the text around it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the agent that wrote the log.
    Local,
    /// Of its peer.
    Remote,
}

/// Role of a description in the exchange (RFC 3264, W3C `RTCSdpType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptionType {
    /// The offer.
    Offer,
    /// The final answer.
    Answer,
    /// A provisional answer.
    Pranswer,
}

impl DescriptionType {
    /// As in `RTCSessionDescription.type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Answer => "answer",
            Self::Pranswer => "pranswer",
        }
    }
}

/// One thing found. `start..end` are byte offsets into the input; [`Utf16Index`](crate::text::Utf16Index) turns them into UTF-16 offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The thing found.
    pub found: Found,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Side that it belongs to.
    pub side: Option<Side>,
    /// Line of `start`, from 1; 0 in a capture.
    pub line: u32,
    /// The packet it came in, in a capture.
    pub packet: Option<Origin>,
}

/// The packet of a capture that something came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Its number, from 1.
    pub packet: u32,
    /// Nanoseconds since 1970.
    pub time: u64,
    /// Sender; of what TURN carried, the relayed address or the peer.
    pub from: SocketAddr,
    /// Receiver, likewise.
    pub to: SocketAddr,
    /// Between them.
    pub transport: Transport,
    /// It was inside TURN.
    pub relayed: bool,
}

impl Finding {
    /// Moves the spans by `by` bytes, and references to other findings by `index`.
    fn shift(&mut self, by: usize, index: usize) {
        self.start += by;
        self.end += by;
        self.line = 0;
        match &mut self.found {
            Found::Sdp(sdp) => {
                sdp.extract.shift(by);
                sdp.message = sdp.message.map(|message| message + index);
            }
            Found::Candidate(candidate) => candidate.extract.shift(by),
            Found::EndOfCandidates(_) | Found::Stun(_) | Found::Message(_) => {}
        }
    }

    /// Makes a finding in `source` one of an input that has `source` in several parts, the last of them at `span`.
    fn detach(&mut self, source: &[u8], span: (usize, usize), index: usize) {
        (self.start, self.end) = span;
        self.line = 0;
        match &mut self.found {
            Found::Sdp(sdp) => {
                sdp.extract = sdp.extract.detached(source, span);
                sdp.message = sdp.message.map(|message| message + index);
            }
            Found::Candidate(candidate) => candidate.extract = candidate.extract.detached(source, span),
            Found::EndOfCandidates(_) | Found::Stun(_) | Found::Message(_) => {}
        }
    }
}

/// A thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A session description, or a fragment of one.
    Sdp(Description),
    /// A candidate outside any description.
    Candidate(CandidateText),
    /// The mark that no more candidates follow (RFC 8838 §14): `(null)`, an empty candidate, or the words.
    EndOfCandidates(Attribution),
    /// A STUN message written as text, or carried in bytes.
    Stun(StunBytes),
    /// A SIP, RTSP or HTTP message.
    Message(TextMessage),
}

/// A session description as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The description as its author wrote it: prefixes, quotes and escapes removed.
    pub extract: Extract,
    /// Offer or answer, when the text around it, its carrier or `a=setup` says.
    pub kind: Option<DescriptionType>,
    /// No `v=` line: a trickle fragment (RFC 8840 §9) or a part of a description.
    pub fragment: bool,
    /// Index into [`Report::findings`] of the message whose body it is.
    pub message: Option<usize>,
}

/// Place of a candidate, as the text around it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribution {
    /// `sdpMid`.
    pub mid: Option<String>,
    /// `sdpMLineIndex`.
    pub line_index: Option<u32>,
    /// `usernameFragment` beside the candidate, not the `ufrag` extension in it.
    pub ufrag: Option<String>,
    /// URL of the server it was gathered from.
    pub url: Option<String>,
}

/// A candidate as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateText {
    /// `candidate:…`, with `a=` if it was there.
    pub extract: Extract,
    /// Place, as the text beside it says.
    pub attribution: Attribution,
}

/// The notation bytes were found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Hexadecimal digits, with or without separators.
    Hex,
    /// Lines of offset, bytes and text, as xxd, hexdump, tcpdump and Wireshark print.
    HexDump,
    /// Base64 or base64url.
    Base64,
    /// The bytes themselves.
    Binary,
}

/// A STUN message found as text or in raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StunBytes {
    /// The message, whole; `None` when it is `input[start..end]` of the finding.
    pub bytes: Option<Vec<u8>>,
    /// How it was written.
    pub notation: Notation,
}

/// A text protocol that carries descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 3261.
    Sip,
    /// RFC 2326, RFC 7826.
    Rtsp,
    /// HTTP/1.x, as WHIP and WHEP use it.
    Http,
}

/// The head of a SIP, RTSP or HTTP message. Spans are byte offsets into the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// The protocol.
    pub protocol: Protocol,
    /// Method of a request; `None` in a response.
    pub method: Option<String>,
    /// Status code of a response.
    pub status: Option<u16>,
    /// First line.
    pub start_line: String,
    /// Header fields in order, at most 128.
    pub headers: Vec<(String, String)>,
}

impl TextMessage {
    /// The first header of that name or of its compact form (RFC 3261 §7.3.3).
    pub fn header(&self, name: &str) -> Option<&str> {
        let compact = match name {
            "Call-ID" => "i",
            "Content-Type" => "c",
            "Content-Length" => "l",
            "From" => "f",
            "To" => "t",
            "Via" => "v",
            _ => name,
        };
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name) || key.eq_ignore_ascii_case(compact))
            .map(|(_, value)| value.as_str())
    }
}

/// Result of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order of the input.
    pub findings: Vec<Finding>,
    /// Offset at which scanning a text stopped because [`MAX_FINDINGS`] was reached.
    pub truncated: Option<usize>,
    /// Content of the capture, when the input is one.
    pub capture: Option<Box<Capture>>,
}

/// A scan in steps.
///
/// ```
/// let input = b"a=candidate:1 1 udp 2113937151 192.0.2.1 54318 typ host";
/// let mut scanner = icelens::scan::Scanner::new(input);
/// while !scanner.step(input, 1 << 20) {
///     println!("{} of {} bytes", scanner.position(), input.len());
/// }
/// assert_eq!(scanner.finish(input).findings.len(), 1);
/// ```
#[derive(Debug)]
pub struct Scanner(Kind);

#[derive(Debug)]
enum Kind {
    Text(TextScanner),
    Capture(Box<CaptureScanner>),
}

impl Scanner {
    /// A scan that has not begun. Every later call takes the same input.
    pub fn new(input: &[u8]) -> Self {
        Self(match Format::of(input) {
            Some(format) => Kind::Capture(Box::new(CaptureScanner::new(input, format))),
            None => Kind::Text(TextScanner::new(input)),
        })
    }

    /// Bytes dealt with so far.
    pub fn position(&self) -> usize {
        match &self.0 {
            Kind::Text(scanner) => scanner.position(),
            Kind::Capture(scanner) => scanner.position(),
        }
    }

    /// Goes on for about `budget` bytes, at least one; true when the end is reached.
    pub fn step(&mut self, input: &[u8], budget: usize) -> bool {
        match &mut self.0 {
            Kind::Text(scanner) => scanner.step(input, budget.max(1)),
            Kind::Capture(scanner) => scanner.step(input, budget.max(1)),
        }
    }

    /// Ends the scan and gives its findings.
    pub fn finish(self, input: &[u8]) -> Report {
        match self.0 {
            Kind::Text(scanner) => {
                let (findings, truncated) = scanner.finish(input);
                Report { findings, truncated, capture: None }
            }
            Kind::Capture(scanner) => {
                let (findings, capture) = scanner.finish();
                Report { findings, truncated: None, capture: Some(Box::new(capture)) }
            }
        }
    }
}

/// Scans a whole input.
pub fn scan(input: &[u8]) -> Report {
    let mut scanner = Scanner::new(input);
    while !scanner.step(input, usize::MAX) {}
    scanner.finish(input)
}
