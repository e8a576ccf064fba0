//! Faults of other libraries, which icelens must not have. Project and issue are named beside each test.

use icelens::candidate::{self, AddressKind, TcpType};
use icelens::explain::Code;
use icelens::predict;
use icelens::sdp::{self, Attribute, Media};

const SESSION: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// Reads a section made of these lines.
fn with_media<R>(lines: &str, f: impl FnOnce(Media<'_, '_>) -> R) -> R {
    let text = format!("{SESSION}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n{}\r\n", lines.replace('\n', "\r\n"));
    let sdp = sdp::lint(&text);
    assert_eq!(sdp.text(), text);
    f(sdp.media().next().expect("a section"))
}

fn candidate(line: &str) -> candidate::Candidate<'_> {
    *candidate::parse(line).candidate().unwrap_or_else(|| panic!("{line}"))
}

// sdp-transform: options after the first are dropped.
#[test]
fn every_ice_option() {
    for (value, tags) in
        [("ice2 trickle", vec!["ice2", "trickle"]), ("trickle renomination", vec!["trickle", "renomination"])]
    {
        with_media(&format!("a=ice-options:{value}"), |media| {
            assert_eq!(media.ice_options().collect::<Vec<_>>(), tags);
        });
    }
}

// RFC 8839 §5.2: what the controlling side has selected, several in one line.
#[test]
fn remote_candidates_are_read_whole() {
    with_media("a=remote-candidates:1 192.0.2.1 5000 2 2001:db8::1 5001 3 x", |media| {
        let all: Vec<_> = media.remote_candidates().map(|it| (it.component, it.address, it.port)).collect();
        assert_eq!(all, [(1, "192.0.2.1", 5000), (2, "2001:db8::1", 5001)]);
    });
}

// sdp-transform: of two fingerprints at one level the last wins.
#[test]
fn every_fingerprint() {
    let lines = "a=fingerprint:sha-1 AB:CD\na=fingerprint:sha-256 EF:01";
    with_media(lines, |media| {
        let all: Vec<_> = media.fingerprints().map(|one| (one.hash, one.value)).collect();
        assert_eq!(all, [("sha-1", "AB:CD"), ("sha-256", "EF:01")]);
    });
}

// sdp-transform: msid-semantic keeps one token; `a=msid:- {uuid}` loses the second (#106, #56, #66, #104).
#[test]
fn msid_is_kept_whole() {
    with_media("a=msid-semantic: WMS one two\na=msid:- {5c7e}", |media| {
        assert_eq!(media.section().named("msid-semantic").next(), Some(" WMS one two"));
        assert_eq!(media.section().value(Attribute::Msid), Some("- {5c7e}"));
    });
}

// sdp-transform: `m=audio 49170/2` is written back as `m=undefined NaN undefined`.
#[test]
fn port_with_count() {
    let text = format!("{SESSION}m=audio 49170/2 RTP/AVP 0\r\n");
    let sdp = sdp::lint(&text);
    let media = sdp.media().next().expect("a section");
    assert_eq!((media.line().port, media.port(), media.line().formats), ("49170/2", Some(49170), "0"));
    assert_eq!(sdp.text(), text);
}

// sdp-transform: raddr without rport is lost.
#[test]
fn raddr_alone() {
    let line = "candidate:1 1 udp 1 192.0.2.1 5000 typ srflx raddr 10.0.0.1";
    assert_eq!(candidate(line).related_address, Some("10.0.0.1"));
    assert!(candidate::lint(line).diagnostics.has(Code::CandRportMissing));
}

// sdp-transform: second c=, t=, e= and any k=, f= are lost; webrtc-sdp fails on i= u= e= p= r= z= k=.
#[test]
fn every_line_type_is_kept() {
    let kinds = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\ni=a\nu=b\ne=c\ne=d\np=f\nc=IN IP4 0.0.0.0\nc=IN IP4 0.0.0.1\nb=AS:1\nt=0 0\nt=1 1\nr=1 1 0\nz=0 0\nk=prompt\nf=x\nb=X-Y:1\n";
    let sdp = sdp::lint(kinds);
    let letters: String = sdp.lines().iter().map(|line| char::from(line.kind)).collect();
    assert_eq!(letters, "vosiueepccbttrzkfb");
}

// sdp-transform and semantic-sdp coerce: mid "0", ufrag "0048" → 48 (real outages: semantic-sdp-js #13, webtrit_phone
// #1454, libsdptransform #9), foundation, "NaN", "Infinity"; session ids lose digits (sdp-transform #8).
#[test]
fn strings_stay_strings() {
    for value in ["0", "0048", "1234", "NaN", "Infinity", "1e5", "-0"] {
        with_media(&format!("a=mid:{value}\na=ice-ufrag:{value}\na=ice-pwd:{value}"), |media| {
            assert_eq!((media.mid(), media.ice().ufrag, media.ice().pwd), (Some(value), Some(value), Some(value)));
        });
        let line = format!("candidate:{value} 1 udp 1 192.0.2.1 5000 typ host ufrag {value}");
        assert_eq!((candidate(&line).foundation, candidate(&line).username_fragment()), (value, Some(value)));
    }
    let text = "v=0\r\no=- 18446744069414584320 2 IN IP4 127.0.0.1\r\n";
    assert_eq!(sdp::lint(text).lines()[1].value(text), "- 18446744069414584320 2 IN IP4 127.0.0.1");
}

// sdp-transform: payloads are a string if many and a number if one (#80, #94).
#[test]
fn formats_are_strings() {
    let text = format!("{SESSION}m=audio 9 RTP/AVP 0\r\nm=audio 9 RTP/AVP 0 8\r\nm=application 9 UDP/BFCP *\r\n");
    let sdp = sdp::lint(&text);
    let formats: Vec<_> = sdp.media().map(|media| media.line().formats).collect();
    assert_eq!(formats, ["0", "0 8", "*"]);
}

// sdp-transform: unanchored names: `rtcp-mux-only` becomes `rtcp-mux`, `ice-lite-foo` becomes `ice-lite` (libwebrtc 9712).
#[test]
fn attribute_names_are_exact() {
    with_media("a=rtcp-mux-only\na=ice-lite-foo\na=mid-x:1\na=candidatex:1", |media| {
        assert_eq!(media.section().value(Attribute::RtcpMux), None);
        assert!(media.section().value(Attribute::RtcpMuxOnly).is_some());
        assert!(!media.ice().lite);
        assert_eq!((media.mid(), media.candidates().count()), (None, 0));
        assert!(media.section().named("ice-lite-foo").next().is_some());
    });
}

// sdp-transform loses three of Chrome's four extensions (#49, webrtc-sdp #103, str0m #403, pion/ice #753, #760); with
// network-cost before network-id it writes NaN; libjuice and aiortc drop them all.
#[test]
fn extensions_keep_their_order() {
    let chrome = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.17.1 rport 46154 generation 0 ufrag EEtu network-id 3 network-cost 10";
    let names: Vec<_> = candidate(chrome).extensions().collect();
    assert_eq!(names, [("generation", "0"), ("ufrag", "EEtu"), ("network-id", "3"), ("network-cost", "10")]);
    assert_eq!(candidate(chrome).to_string(), chrome);
    let draft = "candidate:1 1 udp 1 1.2.3.4 5 typ host network-cost 100 network-id 1 svn 16 x y x z";
    assert_eq!(candidate(draft).to_string(), draft);
}

// sdp-transform: tcptype before raddr loses raddr; libwebrtc skips it.
#[test]
fn tcptype_before_raddr() {
    let line = "candidate:1 1 tcp 1 1.2.3.4 5 typ srflx tcptype passive raddr 1.1.1.1 rport 6";
    let one = candidate(line);
    assert_eq!(
        (one.tcp_type, one.related_address, one.related_port),
        (Some(TcpType::Passive), Some("1.1.1.1"), Some(6))
    );
}

// otalk and pion/ice drop `raddr 0.0.0.0 rport 0`, and Firefox then ignores the candidate; libnice drops raddr with rport 0.
#[test]
fn hidden_related_address_survives() {
    let line = "candidate:842163049 1 udp 1677729535 206.15.76.98 1421 typ srflx raddr 0.0.0.0 rport 0 generation 0";
    assert_eq!(candidate(line).to_string(), line);
    assert_eq!(predict::candidate::firefox(line), predict::candidate::Outcome::Used);
}

// otalk: an extension named like a field overwrites it (#72, #76, #14), one named like a member of Object vanishes.
#[test]
fn extensions_are_pairs() {
    let line =
        "candidate:1 1 udp 1 1.2.3.4 5 typ host address 6.6.6.6 port 1 __proto__ polluted constructor x toString y";
    let one = candidate(line);
    assert_eq!((one.address, one.port), ("1.2.3.4", 5));
    let names: Vec<_> = one.extensions().map(|(name, _)| name).collect();
    assert_eq!(names, ["address", "port", "__proto__", "constructor", "toString"]);
}

// otalk: component 1 and 2 become words, others stay strings (#26); pion casts 99999 to 34463, and 2³² to 0.
#[test]
fn numbers_are_not_cast() {
    assert_eq!(candidate("candidate:1 256 udp 1 1.2.3.4 5 typ host").component, 256);
    assert_eq!(candidate("candidate:1 99999 udp 1 1.2.3.4 5 typ host").component, 99999);
    assert!(candidate::parse("candidate:1 1 udp 4294967296 1.2.3.4 5 typ host").candidate().is_none());
    assert!(candidate::parse("candidate:1 1 udp 1 1.2.3.4 65536 typ host").candidate().is_none());
}

// otalk: two spaces shift every field without an error; librice rejects the legal `/` of a foundation.
#[test]
fn double_spaces_and_slashes() {
    let one = candidate("candidate:a0+B/1 1  udp 1 1.2.3.4 5000 typ host");
    assert_eq!((one.foundation, one.transport, one.port), ("a0+B/1", "udp", 5000));
}

// Empty candidates crash (otalk/RTCPeerConnection #104, sdp-jingle-json #29, adapter #863, #997, #527, #776).
#[test]
fn ends_of_candidates() {
    for text in ["", "end-of-candidates", "a=end-of-candidates", "(null)", "null", " ", "a=end-of-candidates\r\n"] {
        let parsed = candidate::lint(text);
        assert!(matches!(parsed.content, candidate::Content::EndOfCandidates), "{text:?}");
    }
    with_media("a=end-of-candidates", |media| assert!(media.end_of_candidates()));
}

// mDNS, FQDN, zone: pion/webrtc #699, #1315, #2278, #2993, pion/ice #703, #704, #707, libpeer #86; str0m and librice reject names.
#[test]
fn addresses_that_are_no_addresses() {
    let kind = |address: &str| {
        let line = format!("candidate:1 1 udp 1 {address} 5000 typ host");
        let one = candidate(&line);
        assert_eq!(one.address, address.trim_matches(['[', ']']));
        one.address_kind
    };
    assert_eq!(kind("2cf85dc7-5ba6-424c-bde4-bd6084bcdcb3.local"), AddressKind::Mdns);
    assert_eq!(kind("turn.example.net"), AddressKind::Fqdn);
    assert_eq!(kind("fe80::1%eth0%eth1"), AddressKind::Ipv6);
    assert_eq!(kind("[2001:db8::1]"), AddressKind::Ipv6);
    assert_eq!(kind("x.x.x.x"), AddressKind::Fqdn);
}

// Final newline and CRLF: rtpengine #77, OpenSIPS #980, kvs-webrtc-c #587, #1280, Kurento #400, freeswitch #927, sipml5 #45.
#[test]
fn final_newline_is_told() {
    let text = format!("{SESSION}a=ice-lite");
    let sdp = sdp::lint(&text);
    let one = sdp.diagnostics().as_slice().iter().find(|one| one.code == Code::SdpFinalNewline).expect("told");
    assert_eq!((one.line, one.fix.as_ref().map(|fix| fix.replacement.as_ref())), (5, Some("\r\n")));
    assert!(sdp.session().value(Attribute::IceLite).is_some(), "and the line is read all the same");
}

// Leniency wanted: webrtc-sdp #204, #241, sdp-types #2, #10, str0m #39, #164, mediamtx #68, #85, #120, #121, #127, #231,
// go2rtc #679, #2316, gortsplib #170, #468, #618; panics: sdp-types on `v\n`, webrtc-sdp on Unicode slices, pion/sdp #13.
#[test]
fn odd_descriptions_are_read() {
    let odd = [
        "v\n",
        "v=\n",
        "=\n",
        "\n\n",
        "m=\n",
        "m=audio\n",
        "a=\n",
        "a=:\n",
        "o=\n",
        "c=\n",
        "t=99999999999999999999 1\n",
        "a=candidate\n",
        "a=candidate:\n",
        "a=rtpmap:\u{1f600}\n",
        "m=\u{1f600} \u{1f600} \u{1f600} \u{1f600}\n",
        "a=\u{1f600}:\u{1f600}\n",
        "s=\nt=\n",
        "\0",
        "\u{feff}",
        "a=fingerprint:\u{e9} \u{e9}\n",
        "a=ice-ufrag:\u{e9}\n",
        "a=group:\n",
        "a=group:BUNDLE \u{e9} \u{e9}\n",
        "m=audio 9 RTP/AVP \u{e9}\na=fmtp:\u{e9} x\n",
        "a=ice-pacing:99999999999\n",
    ];
    for text in odd {
        let sdp = sdp::lint(text);
        assert_eq!(sdp.text(), text);
        assert!(!sdp.lines().is_empty() || text == "\u{feff}", "{text:?}");
        predict::offer::chromium(&sdp);
        predict::offer::firefox(&sdp);
    }
}

// "addIceCandidate failed: which line, and is it my SDP or the other browser?" (w3c/webrtc-pc #1229, #551, #2039)
#[test]
fn errors_have_a_place_and_a_verdict() {
    let text = format!("{SESSION}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=candidate:1 1 udp 1 1.2.3.4 99999 typ host\r\n");
    let sdp = sdp::lint(&text);
    let one = sdp.diagnostics().as_slice().iter().find(|one| one.code == Code::CandPort).expect("the port");
    assert_eq!((one.line, one.span.slice(&text)), (6, "99999"));
    let refusal = predict::offer::chromium(&sdp).expect("refused");
    assert_eq!((refusal.code, refusal.line), (Code::IceCandidateUnreadable, 6));
}

// Diagnostics are bounded.
#[test]
fn diagnostics_are_capped() {
    let text = format!("{SESSION}{}", "nonsense\r\n".repeat(5000));
    let sdp = sdp::lint(&text);
    assert_eq!(sdp.diagnostics().as_slice().len(), icelens::explain::MAX_DIAGNOSTICS);
    assert_eq!(sdp.diagnostics().dropped(), 4000);
}
