//! Text: logs, strings, messages, fragments.

use icelens::scan::{DescriptionType, Finding, Found, Notation, Protocol, Side, scan};

const LOG: &str = include_str!("fixtures/scan/seed-000.txt");

const SDP: &str = "v=0\r\no=- 3307504032941827780 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:GDE0\r\na=ice-pwd:jdqIVaxtKpcn82RS6GZ5idJh\r\n\
a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=candidate:1 1 udp 2113937151 192.0.2.1 54318 typ host generation 0\r\n";

/// A Binding request with SOFTWARE "icelens" and FINGERPRINT.
const STUN: [u8; 40] = [
    0x00, 0x01, 0x00, 0x14, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80, 0x22, 0x00, 0x07,
    b'i', b'c', b'e', b'l', b'e', b'n', b's', 0, 0x80, 0x28, 0x00, 0x04, 0xde, 0xad, 0xbe, 0xef,
];

fn findings(text: &str) -> Vec<Finding> {
    let report = scan(text.as_bytes());
    for finding in &report.findings {
        assert!(finding.start < finding.end && finding.end <= text.len(), "{finding:?}");
        assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end), "{finding:?}");
    }
    report.findings
}

/// The only description in `text`, as its author wrote it.
fn only_sdp(text: &str) -> String {
    let found = findings(text);
    let mut texts = found.iter().filter_map(|finding| match &finding.found {
        Found::Sdp(sdp) => Some(sdp.extract.text(text.as_bytes()).into_owned()),
        _ => None,
    });
    let first = texts.next().unwrap_or_else(|| panic!("no description in {text:?}: {found:?}"));
    assert_eq!(texts.next(), None, "a second description in {text:?}");
    first
}

fn sdp_of(finding: &Finding) -> &icelens::scan::Description {
    match &finding.found {
        Found::Sdp(sdp) => sdp,
        other => panic!("{other:?}"),
    }
}

#[test]
fn seed_log_gives_six_descriptions_and_all_candidates_and_marks() {
    let found = findings(LOG);
    let sdp: Vec<_> = found.iter().filter(|f| matches!(f.found, Found::Sdp(_))).collect();
    let candidates: Vec<_> = found.iter().filter(|f| matches!(f.found, Found::Candidate(_))).collect();
    let ends: Vec<_> = found.iter().filter(|f| matches!(f.found, Found::EndOfCandidates(_))).collect();
    assert_eq!((sdp.len(), candidates.len(), ends.len(), found.len()), (6, 6, 6, 18), "{found:#?}");
    for list in [&sdp, &candidates, &ends] {
        assert_eq!(list.iter().filter(|f| f.side == Some(Side::Local)).count(), 3, "{list:#?}");
        assert_eq!(list.iter().filter(|f| f.side == Some(Side::Remote)).count(), 3, "{list:#?}");
    }
    for (index, finding) in sdp.iter().enumerate() {
        let text = &LOG[finding.start..finding.end];
        assert!(
            text.starts_with("v=0\no=- ") && text.ends_with("a=sctpmap:5000 webrtc-datachannel 1024\n"),
            "{text:?}"
        );
        let kind = if index % 2 == 0 { DescriptionType::Offer } else { DescriptionType::Answer };
        assert_eq!(sdp_of(finding).kind, Some(kind));
        assert!(sdp_of(finding).extract.rebuilt().is_none());
    }
    for finding in candidates {
        let text = &LOG[finding.start..finding.end];
        assert!(
            text.starts_with("candidate:4003186949 1 udp 2113937151 ") && text.ends_with(" network-cost 50"),
            "{text:?}"
        );
    }
    for finding in ends {
        assert_eq!(&LOG[finding.start..finding.end], "(null)");
    }
    assert_eq!(sdp[0].line, 40);
}

#[test]
fn nothing_of_the_log_is_lost() {
    // Every line that is SDP, a candidate or an end mark lies inside a finding.
    let found = findings(LOG);
    let mut offset = 0;
    for line in LOG.split_inclusive('\n') {
        let text = line.trim_end();
        let bytes = text.as_bytes();
        let typed = bytes.len() > 2 && bytes[0].is_ascii_lowercase() && bytes[1] == b'=';
        if typed || text.starts_with("candidate:") || text == "(null)" {
            assert!(found.iter().any(|f| f.start <= offset && offset + text.len() <= f.end), "lost: {text}");
        }
        offset += line.len();
    }
}

#[test]
fn plain_description_is_verbatim() {
    assert_eq!(only_sdp(SDP), SDP);
    assert_eq!(only_sdp(&format!("\u{feff}{SDP}")), SDP);
    assert_eq!(only_sdp(&SDP.replace("\r\n", "\n")), SDP.replace("\r\n", "\n"));
    assert_eq!(only_sdp(SDP.trim_end()), SDP.trim_end());
    assert_eq!(only_sdp(&format!("type: offer, sdp: {SDP}\n\nmore text\n")), SDP);
}

#[test]
fn escaped_strings_come_back_whole() {
    let mut text = SDP.to_owned();
    for depth in 1..=4 {
        text = format!(
            "\"{}\"",
            text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n")
        );
        let object = format!("{{\"type\":\"offer\",\"sdp\":{text}}}");
        assert_eq!(only_sdp(&object), SDP, "depth {depth}: {object}");
    }
}

#[test]
fn json_in_json_knows_its_type() {
    let inner = format!("{{\"sdp\":\"{}\",\"type\":\"answer\"}}", SDP.replace("\r\n", "\\r\\n"));
    let outer = format!("{{\"data\":\"{}\"}}", inner.replace('\\', "\\\\").replace('"', "\\\""));
    for text in [inner, outer] {
        assert_eq!(only_sdp(&text), SDP);
        assert_eq!(sdp_of(&findings(&text)[0]).kind, Some(DescriptionType::Answer), "{text}");
    }
}

#[test]
fn slash_and_unicode_escapes_are_undone() {
    let text = "{\"sdp\":\"v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\ns=\\u4f1a\\u8bae\\r\\nm=audio 9 UDP\\/TLS\\/RTP\\/SAVPF 0\\r\\n\"}";
    assert_eq!(only_sdp(text), "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=会议\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n");
}

#[test]
fn prefixes_of_loggers_and_quotes_are_taken_off() {
    for prefix in ["    ", "> ", "> > ", "| ", "\t", "+", "\u{a0}\u{a0}"] {
        let text: String = SDP.lines().map(|line| format!("{prefix}{line}\n")).collect();
        assert_eq!(only_sdp(&text), SDP.replace("\r\n", "\n"), "{prefix:?}");
    }
    let text: String =
        SDP.lines().enumerate().map(|(n, line)| format!("[2026-11-21 04:5{n}] pc.js:{n} {line}\n")).collect();
    assert_eq!(only_sdp(&text), SDP.replace("\r\n", "\n"));
    let dotted: String = SDP.lines().map(|line| format!("{line}.\n")).collect();
    assert_eq!(only_sdp(&dotted), SDP);
    let doubled = SDP.replace("\r\n", "\r\n\r\n");
    assert_eq!(only_sdp(&doubled), SDP);
}

#[test]
fn extracted_text_maps_back_to_the_input() {
    let text = format!("{{\"sdp\":\"{}\"}}", SDP.replace("\r\n", "\\r\\n"));
    let found = findings(&text);
    let (rebuilt, map) = sdp_of(&found[0]).extract.rebuilt().expect("escaped text is rebuilt");
    for word in ["o=-", "ice-pwd", "sctp-port", "192.0.2.1"] {
        let at = rebuilt.find(word).expect(word);
        let &(from, source) = map.iter().rev().find(|(from, _)| *from <= at).expect("mapped");
        assert!(text[source + at - from..].starts_with(word), "{word}");
    }
}

#[test]
fn glued_and_wrapped_lines_are_mended() {
    let glued =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=VideoRoom 1346t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=mslabel:Xa=sendrecv\r\n";
    let text = only_sdp(glued);
    assert!(text.contains("s=VideoRoom 1346\r\nt=0 0\r\n") && text.contains("a=mslabel:X\r\na=sendrecv\r\n"), "{text}");
    let wrapped = SDP.replace("typ host generation", "typ host\r\ngeneration");
    assert_eq!(only_sdp(&wrapped), SDP);
    let spaced = SDP.trim_end().replace("\r\n", " ");
    assert_eq!(only_sdp(&format!("sdp: {spaced}\n")), SDP);
}

#[test]
fn source_code_strings_are_joined() {
    let lines: Vec<String> = SDP.lines().map(|line| format!("  '{line}\\r\\n'")).collect();
    assert_eq!(only_sdp(&format!("const sdp =\n{};\n", lines.join(" +\n"))), SDP);
}

#[test]
fn candidates_in_every_notation() {
    let line = "candidate:1 1 udp 2113937151 192.0.2.1 54318 typ host generation 0 ufrag ccb7 network-id 3";
    let shapes = [
        format!("{line}\n"),
        format!("a={line}\r\n"),
        format!("[1234] got a={line} (sent)\n"),
        format!("{{\"candidate\":\"{line}\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":\"ccb7\"}}"),
        format!("{{\\\"candidate\\\":\\\"{line}\\\",\\\"sdpMid\\\":\\\"0\\\",\\\"sdpMLineIndex\\\":0}}"),
        format!("sdpMid: 0, sdpMLineIndex: 0, candidate: {line}, url: stun:stun.example.org:3478\n"),
        format!("{{\n  candidate: '{line}',\n  sdpMid: '0',\n  sdpMLineIndex: 0,\n}}\n"),
    ];
    for (index, text) in shapes.iter().enumerate() {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(text[found[0].start..found[0].end].trim_start_matches("a="), line, "{text}");
        let Found::Candidate(candidate) = &found[0].found else { panic!("{found:?}") };
        if index >= 3 {
            assert_eq!(candidate.attribution.mid.as_deref(), Some("0"), "{text}");
            assert_eq!(candidate.attribution.line_index, Some(0), "{text}");
        }
        if index == 5 {
            assert_eq!(candidate.attribution.url.as_deref(), Some("stun:stun.example.org:3478"));
        }
    }
}

#[test]
fn broken_and_redacted_candidates_are_found() {
    for line in [
        "candidate:1 1 UDP 2113937151 x.x.x.x 54318 typ host",
        "candidate:1  1  udp  1  <ip>  9",
        "candidate:1 1 udp 5 ::1 9 typ",
    ] {
        assert_eq!(findings(line).len(), 1, "{line}");
    }
}

#[test]
fn end_marks_in_every_notation() {
    for text in [
        "localPeerConnection ICE candidate: \n(null)\n",
        "ICE candidate: null\n",
        "{\"candidate\":\"\",\"sdpMid\":\"0\"}",
        "{\\\"candidate\\\":\\\"\\\",\\\"sdpMid\\\":\\\"0\\\"}",
        "{ candidate: '', sdpMid: '0' }",
        "a=end-of-candidates\r\n",
        "12:00:01 pc1: End of candidates.\n",
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(matches!(found[0].found, Found::EndOfCandidates(_)), "{text}: {found:?}");
    }
}

#[test]
fn prose_is_left_alone() {
    for text in [
        "The candidate: is a transport address. An empty candidate marks the end of candidates in RFC 8838.",
        "v=0 and o=1 are variables; see http://example.org/?v=0&a=b",
        "pc.addIceCandidate(msg.candidate);",
        "本端收到远端candidates后，将Component ID和transport protocol相同的candidates组成pair",
        "S=”表示 STUN 消息的发送地址、”D=” 表示 STUN 消息的接收地址。”MA=” 表示",
        "a = 1\nb = 2\nm = 3\n",
        "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "0000 0001 0002\ndeadbeef deadbeef deadbeef deadbeef deadbeef deadbeef",
    ] {
        assert_eq!(findings(text), [], "{text}");
    }
}

#[test]
fn sip_call_gives_messages_with_offer_and_answer() {
    let body = SDP;
    let text = format!(
        "INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nCall-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n\
         Content-Type: application/sdp\r\nContent-Length: {n}\r\n\r\n{body}\r\nSIP/2.0 180 Ringing\r\ni: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n\r\n\
         SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\n ;branch=z9hG4bK1\r\ni: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\nc: application/sdp\r\n\r\n{body}",
        n = body.len()
    );
    let found = findings(&text);
    let names: Vec<_> = found
        .iter()
        .map(|finding| match &finding.found {
            Found::Message(message) => {
                assert_eq!(message.protocol, Protocol::Sip);
                assert_eq!(message.header("Call-ID"), Some("a84b4c76e66710"));
                message.method.clone().unwrap_or_else(|| message.status.map(|s| s.to_string()).unwrap_or_default())
            }
            Found::Sdp(sdp) => format!("{:?} of {:?}", sdp.kind, sdp.message),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["INVITE", "Some(Offer) of Some(0)", "180", "200", "Some(Answer) of Some(3)"]);
}

#[test]
fn trickle_fragment_is_one_finding() {
    let text = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n\
                a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\na=end-of-candidates\r\n";
    let found = findings(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(sdp_of(&found[0]).fragment);
    assert_eq!(&text[found[0].start..found[0].end], text);
    let json = format!("{{\"sdpfrag\":\"{}\"}}", text.replace("\r\n", "\\r\\n"));
    assert_eq!(only_sdp(&json), text);
}

#[test]
fn stun_as_digits() {
    let hex: String = STUN.iter().map(|byte| format!("{byte:02x}")).collect();
    let spaced = STUN.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>();
    let c = STUN.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>();
    let python = STUN.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let lines = spaced.chunks(16).map(|chunk| chunk.join(" ")).collect::<Vec<_>>();
    for text in [
        hex.clone(),
        format!("recv {hex}\n"),
        format!("0x{hex}"),
        spaced.join(" "),
        spaced.join(":"),
        spaced.join("-"),
        c.join(", "),
        format!("b\"{python}\""),
        lines.join("\n"),
        hex.as_bytes().chunks(8).map(|chunk| std::str::from_utf8(chunk).expect("ascii")).collect::<Vec<_>>().join(" "),
    ] {
        let found = findings(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let Found::Stun(stun) = &found[0].found else { panic!("{found:?}") };
        assert_eq!((stun.bytes.as_deref(), stun.notation), (Some(&STUN[..]), Notation::Hex), "{text}");
    }
}

/// Lines as xxd, hexdump -C, tcpdump -x and Wireshark write them.
fn dumps(bytes: &[u8]) -> [String; 4] {
    let text = |chunk: &[u8]| -> String {
        chunk.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect()
    };
    let words = |chunk: &[u8]| {
        chunk.chunks(2).map(|w| w.iter().map(|b| format!("{b:02x}")).collect()).collect::<Vec<String>>().join(" ")
    };
    let octets = |chunk: &[u8]| chunk.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>();
    let mut out = [String::new(), String::new(), String::new(), String::new()];
    for (index, chunk) in bytes.chunks(16).enumerate() {
        let offset = index * 16;
        out[0] += &format!("{offset:08x}: {:<39}  {}\n", words(chunk), text(chunk));
        let halves: Vec<_> = octets(chunk).chunks(8).map(|half| half.join(" ")).collect();
        out[1] += &format!("{offset:08x}  {:<49} |{}|\n", halves.join("  "), text(chunk));
        out[2] += &format!("\t0x{offset:04x}:  {}\n", words(chunk));
        out[3] += &format!("{offset:04x}   {:<47}   {}\n", octets(chunk).join(" "), text(chunk));
    }
    out
}

#[test]
fn stun_as_hex_dump() {
    let mut packet =
        vec![0x45, 0, 0, 68, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x30, 0x39, 0x0d, 0x96, 0, 48, 0, 0];
    packet.extend_from_slice(&STUN);
    for bytes in [&STUN[..], &packet] {
        for text in dumps(bytes) {
            let found = findings(&text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            let Found::Stun(stun) = &found[0].found else { panic!("{found:?}") };
            assert_eq!((stun.bytes.as_deref(), stun.notation), (Some(&STUN[..]), Notation::HexDump), "{text}");
        }
    }
}

#[test]
fn stun_as_base64() {
    let text = "rx AAEAFCESpEIBAgMEBQYHCAkKCwyAIgAHaWNlbGVucwCAKAAE3q2+7w== end";
    let found = findings(text);
    assert_eq!(found.len(), 1, "{found:?}");
    let Found::Stun(stun) = &found[0].found else { panic!("{found:?}") };
    assert_eq!((stun.bytes.as_deref(), stun.notation), (Some(&STUN[..]), Notation::Base64));
    assert_eq!(found[0].side, None);
}

#[test]
fn steps_give_the_same_as_one_call() {
    let whole = scan(LOG.as_bytes());
    for budget in [1, 7, 1000] {
        let mut scanner = icelens::scan::Scanner::new(LOG.as_bytes());
        while !scanner.step(LOG.as_bytes(), budget) {}
        assert_eq!(scanner.finish(LOG.as_bytes()), whole);
    }
}

#[test]
fn about_webrtc_of_firefox() {
    // Copied from Firefox 153: two connections of one page, the answer shown as local SDP of one and remote SDP of the other.
    let text = include_str!("fixtures/scan/about-webrtc.txt");
    let found = findings(text);
    let sdp: Vec<_> = found.iter().filter(|finding| matches!(finding.found, Found::Sdp(_))).collect();
    assert_eq!(
        sdp.iter().map(|finding| (sdp_of(finding).kind, finding.side)).collect::<Vec<_>>(),
        [(Some(DescriptionType::Answer), Some(Side::Local)), (Some(DescriptionType::Answer), Some(Side::Remote)),]
    );
    let candidates = found.iter().filter(|finding| matches!(finding.found, Found::Candidate(_)));
    assert_eq!(candidates.map(|finding| finding.side).collect::<Vec<_>>(), [Some(Side::Remote); 8]);
}
