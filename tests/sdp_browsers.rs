//! The refusals of Chromium and Firefox, predicted with their cause.

use crate::common::{corpora, descriptions, rows, unescape_all};
use icelens::explain::Code;
use icelens::predict::offer::{Refusal, chromium, firefox};
use icelens::sdp::lint;

/// Codes that explain a browser's message.
const CAUSES: &[(&str, &[Code])] = &[
    ("without DTLS fingerprint", &[Code::SdpFingerprintMissing]),
    ("no fingerprint attribute", &[Code::SdpFingerprintMissing]),
    ("exceeds the maximum supported length of 16", &[Code::SdpMidTooLong]),
    ("rtcp-mux must be enabled when BUNDLE", &[Code::SdpBundleWithoutRtcpMux]),
    ("missing a=rtcp-mux", &[Code::SdpRtcpMuxMissing]),
    ("Multicast is not currently supported", &[Code::SdpConnectionMulticast]),
    ("Invalid TTL", &[Code::SdpConnectionMulticast]),
    ("for mcast", &[Code::SdpConnectionName]),
    ("Expects 6 fields", &[Code::SdpOrigin]),
    ("Expect line: v=", &[Code::SdpVersionMissing, Code::SdpBom]),
    ("First line not v=", &[Code::SdpVersionMissing]),
    ("not recognized as SDP text", &[Code::SdpVersionMissing]),
    ("Expect line: o=", &[Code::SdpOriginMissing, Code::SdpOrigin]),
    ("Expect line: s=", &[Code::SdpNameMissing, Code::SdpNameEmpty]),
    ("Expect line: t=", &[Code::SdpTimingMissing, Code::SdpOrder]),
    ("t= timespec line not specified", &[Code::SdpTimingMissing]),
    ("Invalid timespec", &[Code::SdpTiming]),
    ("o= owner line not specified", &[Code::SdpOriginMissing]),
    ("Invalid owner session id", &[Code::SdpOriginSessionId]),
    ("owner", &[Code::SdpOrigin]),
    ("Owner", &[Code::SdpOrigin]),
    ("c= connection line not specified", &[Code::SdpConnectionMissing]),
    ("no ice-ufrag attribute", &[Code::IceUfragMissing]),
    ("no setup attribute", &[Code::SdpSetupMissing]),
    ("ice-pwd is too short", &[Code::IcePwdLength]),
    ("ICE pwd must be between", &[Code::IcePwdLength]),
    ("ICE ufrag must contain only", &[Code::IceUfragChar]),
    ("ice-ufrag", &[Code::IceUfragChar]),
    ("codec collision for header extension", &[Code::SdpExtmapCollision]),
    ("unexpected number of SSRCs", &[Code::SdpSsrcGroup]),
    ("Failed to add remote stream ssrc", &[Code::SdpSsrcGroup]),
    ("more than one track", &[Code::SdpSsrcTracks]),
    ("matching no m= section", &[Code::SdpBundleUnknownMid]),
    ("does not exist in the SDP", &[Code::SdpBundleUnknownMid]),
    ("a=fmtp:96 Expects at least 2 fields", &[Code::SdpFmtp]),
    ("Failed to parse codecs correctly", &[Code::SdpRtpmapMissing]),
    ("RTP/AVP 8 Invalid value", &[Code::SdpPayloadType]),
    ("a=fingerprint:", &[Code::SdpFingerprint]),
    ("Malformed fingerprint", &[Code::SdpFingerprint]),
    ("Invalid port format", &[Code::SdpMediaProtocol]),
    ("Invalid SDP line", &[Code::SdpFinalNewline, Code::SdpEmptyLine]),
];

fn explains(refusal: Option<Refusal>, message: &str) -> bool {
    let Some(refusal) = refusal else { return false };
    // Firefox has no words for a type letter that it does not know.
    if message.trim_end() == "OperationError:" {
        return refusal.code == Code::SdpTypeUnknown;
    }
    CAUSES.iter().find(|(part, _)| message.contains(part)).is_some_and(|(_, codes)| codes.contains(&refusal.code))
}

/// The message of a column for the text as it is or with CRLF: `raw: … | crlf: …` when they differ.
fn message<'a>(column: &'a str, variant: &str) -> &'a str {
    let marked = column.split(" | ").find_map(|part| part.strip_prefix(variant));
    marked.unwrap_or(column)
}

/// The text with every line end CRLF, and one at the end.
fn with_crlf(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut end = lines.len();
    while end > 0 && lines[end - 1].is_empty() {
        end -= 1;
    }
    lines[..end].iter().flat_map(|line| [*line, "\r\n"]).collect()
}

#[test]
fn refusals_with_their_cause() {
    for corpus in corpora() {
        let verdicts = rows(&corpus.join("sdp/browser_verdicts.tsv"));
        let texts = descriptions(&corpus);
        assert_eq!(verdicts.len(), texts.len());
        let mut wrong = Vec::new();
        for row in &verdicts {
            let [name, c_raw, c_crlf, f_raw, f_crlf, errors @ ..] = &row[..] else { panic!("{row:?}") };
            let (c_error, f_error) =
                (errors.first().map_or("", String::as_str), errors.get(1).map_or("", String::as_str));
            let text = &texts.iter().find(|(file, _)| file == name).expect("the file").1;
            let mut misses = Vec::new();
            for (variant, text, in_chromium, in_firefox) in
                [("raw: ", text.clone(), c_raw, f_raw), ("crlf: ", with_crlf(text), c_crlf, f_crlf)]
            {
                let sdp = lint(&text);
                for (browser, refusal, verdict, error) in [
                    ("Chromium", chromium(&sdp), in_chromium, c_error),
                    ("Firefox", firefox(&sdp), in_firefox, f_error),
                ] {
                    let error = message(error, variant);
                    let right = if verdict == "ok" { refusal.is_none() } else { explains(refusal, error) };
                    if !right {
                        misses.push(format!("  {variant}{browser} {verdict} {error}; predicted {refusal:?}"));
                    }
                }
            }
            if !misses.is_empty() {
                wrong.push(format!("{name}\n{}", misses.join("\n")));
            }
        }
        let right = verdicts.len() - wrong.len();
        println!("{}: {right} of {} files predicted", corpus.display(), verdicts.len());
        println!("{}", wrong.join("\n"));
        assert!(right * 100 >= verdicts.len() * 95, "{right} of {}\n{}", verdicts.len(), wrong.join("\n"));
    }
}

/// The code that the name of an offer starts with.
fn named(name: &str) -> Option<Code> {
    let name = name.split('(').next().unwrap_or(name);
    Code::ALL.iter().copied().find(|code| code.name() == name)
}

/// Offers with one thing wrong, put to both browsers: accepted or refused as predicted, without exception; and where
/// the name of the offer is a diagnostic, that is the cause given.
#[test]
fn offers_with_one_thing_wrong() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/offers.tsv");
    let mut wrong = Vec::new();
    let rows = rows(&path);
    for row in &rows {
        let [name, offer, in_chromium, in_firefox] = &row[..] else { panic!("{row:?}") };
        let text = unescape_all(offer);
        let sdp = lint(&text);
        for (browser, refusal, measured) in
            [("Chromium", chromium(&sdp), in_chromium), ("Firefox", firefox(&sdp), in_firefox)]
        {
            let accepted = measured == "ok";
            let cause = refusal.map(|refusal| refusal.code);
            let right = match cause {
                None => accepted,
                Some(code) => !accepted && named(name).is_none_or(|named| named == code || explains(refusal, measured)),
            };
            if !right {
                wrong.push(format!("{name}: {browser} says {measured}; predicted {cause:?}"));
            }
        }
        if let Some(code) =
            named(name).filter(|_| !name.contains('(')).filter(|&code| code != Code::IceCandidateUnreadable)
        {
            assert!(sdp.diagnostics().has(code), "{name} is not among the diagnostics");
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), 2 * rows.len(), wrong.join("\n"));
}
