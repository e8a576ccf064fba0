//! Scans for JavaScript: a job that goes on in steps, and its findings as plain objects.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::scan_capture::{Addresses, FlatCapture, FlatOrigin, capture, origin};
use icelens::scan::{Attribution, Extract, Finding, Found, Notation, Protocol, Report, Scanner, Side};
use icelens::text::{Utf16Index, utf16_len};

/// Bytes that JavaScript gets as a Uint8Array.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// `FindingRecord` in `npm/src/scan.ts`. Offsets are in the caller's units.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatFinding<'a> {
    kind: &'static str,
    start: usize,
    end: usize,
    side: Option<&'static str>,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<FlatOrigin>,
    #[serde(flatten)]
    detail: Detail<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    #[serde(rename_all = "camelCase")]
    Sdp {
        text: Option<&'a str>,
        map: Vec<usize>,
        r#type: Option<&'static str>,
        fragment: bool,
        message: Option<usize>,
    },
    Candidate {
        text: Option<&'a str>,
        map: Vec<usize>,
        #[serde(flatten)]
        attribution: FlatAttribution<'a>,
    },
    End {
        #[serde(flatten)]
        attribution: FlatAttribution<'a>,
    },
    Stun {
        bytes: Option<Bytes<'a>>,
        notation: &'static str,
    },
    #[serde(rename_all = "camelCase")]
    Message {
        protocol: &'static str,
        method: Option<&'a str>,
        status: Option<u16>,
        start_line: &'a str,
        headers: &'a [(String, String)],
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatAttribution<'a> {
    sdp_mid: Option<&'a str>,
    #[serde(rename = "sdpMLineIndex")]
    line_index: Option<u32>,
    username_fragment: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> From<&'a Attribution> for FlatAttribution<'a> {
    fn from(attribution: &'a Attribution) -> Self {
        Self {
            sdp_mid: attribution.mid.as_deref(),
            line_index: attribution.line_index,
            username_fragment: attribution.ufrag.as_deref(),
            url: attribution.url.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct FlatReport<'a> {
    findings: Vec<FlatFinding<'a>>,
    truncated: Option<usize>,
    capture: Option<FlatCapture<'a>>,
    addresses: &'a [String],
}

/// Offsets in the caller's units: UTF-16 code units of a string, bytes of a Uint8Array.
struct Units<'a> {
    input: &'a [u8],
    index: Option<Utf16Index>,
}

impl Units<'_> {
    fn at(&self, offset: usize) -> usize {
        self.index.as_ref().map_or(offset, |index| index.utf16(self.input, offset))
    }

    /// The rebuilt text of an extract, and its map as (UTF-16 offset in it, offset in the input) one after the other.
    fn rebuilt<'e>(&self, extract: &'e Extract) -> (Option<&'e str>, Vec<usize>) {
        let Some((text, entries)) = extract.rebuilt() else { return (None, Vec::new()) };
        let mut map = Vec::with_capacity(entries.len() * 2);
        let (mut counted, mut units) = (0, 0);
        for &(offset, source) in entries {
            units += utf16_len(text.as_bytes().get(counted..offset).unwrap_or(&[]));
            counted = offset.max(counted);
            map.extend([units, self.at(source)]);
        }
        (Some(text), map)
    }
}

fn flat<'a>(finding: &'a Finding, units: &Units<'_>, packet: Option<FlatOrigin>) -> FlatFinding<'a> {
    let (kind, detail) = match &finding.found {
        Found::Sdp(sdp) => {
            let (text, map) = units.rebuilt(&sdp.extract);
            let r#type = sdp.kind.map(|kind| kind.name());
            ("sdp", Detail::Sdp { text, map, r#type, fragment: sdp.fragment, message: sdp.message })
        }
        Found::Candidate(candidate) => {
            let (text, map) = units.rebuilt(&candidate.extract);
            ("candidate", Detail::Candidate { text, map, attribution: (&candidate.attribution).into() })
        }
        Found::EndOfCandidates(attribution) => ("end-of-candidates", Detail::End { attribution: attribution.into() }),
        Found::Stun(stun) => {
            ("stun", Detail::Stun { bytes: stun.bytes.as_deref().map(Bytes), notation: notation(stun.notation) })
        }
        Found::Message(message) => {
            let protocol = match message.protocol {
                Protocol::Sip => "sip",
                Protocol::Rtsp => "rtsp",
                Protocol::Http => "http",
            };
            let method = message.method.as_deref();
            let (status, start_line, headers) = (message.status, message.start_line.as_str(), &message.headers);
            (protocol, Detail::Message { protocol, method, status, start_line, headers })
        }
    };
    let side = finding.side.map(|side| match side {
        Side::Local => "local",
        Side::Remote => "remote",
    });
    let (start, end, line) = (units.at(finding.start), units.at(finding.end), finding.line);
    FlatFinding { kind, start, end, side, line, packet, detail }
}

const fn notation(notation: Notation) -> &'static str {
    match notation {
        Notation::Hex => "hex",
        Notation::HexDump => "hex dump",
        Notation::Base64 => "base64",
        Notation::Binary => "binary",
    }
}

/// A scan that goes on in steps.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ScanJob {
    input: Vec<u8>,
    utf16: bool,
    scanner: Scanner,
}

#[wasm_bindgen]
impl ScanJob {
    /// Starts on `input`. `utf16`: it is a string in UTF-8, and offsets are wanted in its UTF-16 code units.
    #[wasm_bindgen(constructor)]
    pub fn new(input: Vec<u8>, utf16: bool) -> Self {
        Self { scanner: Scanner::new(&input), input, utf16 }
    }

    /// Goes on for about `budget` bytes; true when done.
    pub fn step(&mut self, budget: usize) -> bool {
        self.scanner.step(&self.input, budget)
    }

    /// Bytes dealt with.
    pub fn position(&self) -> usize {
        self.scanner.position()
    }

    /// The findings so far. The job is gone afterwards.
    pub fn finish(self) -> Result<JsValue, JsError> {
        let report = self.scanner.finish(&self.input);
        let index = self.utf16.then(|| Utf16Index::new(&self.input));
        flat_report(&report, &Units { input: &self.input, index })
    }
}

fn flat_report(report: &Report, units: &Units<'_>) -> Result<JsValue, JsError> {
    let mut addresses = Addresses::default();
    let first = report.capture.as_ref().map_or(0, |capture| capture.first);
    let findings = report.findings.iter().map(|finding| {
        let packet = finding.packet.as_ref().map(|packet| origin(packet, first, &mut addresses));
        flat(finding, units, packet)
    });
    let findings = findings.collect();
    let capture = report.capture.as_deref().map(|found| capture(found, &mut addresses));
    let truncated = report.truncated.map(|offset| units.at(offset));
    let flat = FlatReport { findings, truncated, capture, addresses: &addresses.written };
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true)
        .serialize_large_number_types_as_bigints(false);
    flat.serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}
