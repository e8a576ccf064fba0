//! Inputs as people had them when they asked for help, addresses replaced: each with what is in it.

use icelens::scan::{DescriptionType, Finding, Found, Side, scan};

/// A finding in a few words: kind, side, line, and what tells it from others.
fn summary(finding: &Finding, input: &[u8]) -> String {
    let side = match finding.side {
        Some(Side::Local) => "local ",
        Some(Side::Remote) => "remote ",
        None => "",
    };
    let what = match &finding.found {
        Found::Sdp(sdp) => {
            let text = sdp.extract.text(input);
            let sections = text.lines().filter(|line| line.starts_with("m=")).count();
            let candidates = text.matches("a=candidate:").count();
            let kind = sdp.kind.map_or("description", DescriptionType::name);
            format!("{kind} of {} lines, {sections} sections, {candidates} candidates", text.lines().count())
        }
        Found::Candidate(candidate) => {
            let attribution = &candidate.attribution;
            let mid = attribution.mid.as_deref().unwrap_or("-");
            let index = attribution.line_index.map_or("-".into(), |index| index.to_string());
            format!("{} [{mid} {index}]", candidate.extract.text(input))
        }
        Found::EndOfCandidates(_) => "end".into(),
        Found::Stun(stun) => {
            let bytes = stun.bytes.as_deref().unwrap_or(input);
            let head: String = bytes.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
            format!("stun {head} of {} bytes", bytes.len())
        }
        Found::Message(message) => message.start_line.clone(),
    };
    format!("{} {side}{what}", finding.line)
}

macro_rules! field {
    ($($test:ident $file:literal: [$($expected:literal),* $(,)?])*) => {
        $(
            #[test]
            fn $test() {
                let input = include_bytes!(concat!("fixtures/field/", $file));
                let found: Vec<String> =
                    scan(input).findings.iter().map(|finding| summary(finding, input)).collect();
                let expected: Vec<&str> = vec![$($expected),*];
                assert_eq!(found, expected, "{found:#?}");
            }
        )*
    };
}

field! {
    damaged_lines "S04.sdp": [
        "1 offer of 19 lines, 1 sections, 0 candidates",
    ]
    pieces_on_one_line "S14.txt": [
        "2 remote answer of 24 lines, 1 sections, 2 candidates",
    ]
    line_ends_of_syslog "S15.txt": [
        "2 remote offer of 19 lines, 2 sections, 0 candidates",
    ]
    wrapped "S20.sdp": [
        "1 description of 19 lines, 1 sections, 3 candidates",
    ]
    whip "S28.txt": [
        "1 POST /whip/room1 HTTP/1.1",
        "5 offer of 25 lines, 2 sections, 0 candidates",
        "31 PATCH /whip/room1/s1 HTTP/1.1",
        "36 description of 7 lines, 1 sections, 2 candidates",
    ]
    description_in_a_hex_dump "S29.txt": [
        "2 description of 11 lines, 1 sections, 0 candidates",
    ]
    mid_in_snake_case "C03.txt": [
        "1 remote candidate:0 1 UDP 2122252543 f2de9f8c-ebcf-4a03-8396-6d93eadb5e43.local 58521 typ host [0 0]",
        "2 remote candidate:2 1 TCP 2105524479 f2de9f8c-ebcf-4a03-8396-6d93eadb5e43.local 9 typ host tcptype active [0 0]",
        "3 remote candidate:1 1 UDP 1686052863 198.51.100.163 58521 typ srflx raddr 0.0.0.0 rport 0 [0 0]",
    ]
    mid_of_apprtc "C04.txt": [
        "4 candidate:1859252428 1 udp 24977663 198.51.100.222 54633 typ relay raddr 203.0.113.207 rport 37279 generation 0 ufrag CFFG/Fe13BM95qu8 [audio 0]",
        "11 candidate:1859252428 2 udp 24977662 198.51.100.222 64515 typ relay raddr 203.0.113.207 rport 36008 generation 0 ufrag CFFG/Fe13BM95qu8 [audio 0]",
        "18 candidate:1859252428 1 udp 24977663 198.51.100.222 51323 typ relay raddr 203.0.113.207 rport 48296 generation 0 ufrag CFFG/Fe13BM95qu8 [video 1]",
    ]
    base64_of_json "C06b.txt": [
        "1 offer of 19 lines, 1 sections, 1 candidates",
    ]
    closing_bracket "C11.txt": [
        "1 candidate:8a40640bad8897189d098d1ad6ba3a3a 1 udp 2130706431 192.168.1.100 47336 typ host [- -]",
        "3 candidate:8a40640bad8897189d098d1ad6ba3a3a 1 udp 2130706431 192.168.1.100 47336 typ host [- -]",
        "5 candidate:c4608412da77ebe10b25e64f8 1 udp 2130706431 2001:db8::cafe [- -]",
    ]
    janus "C13.txt": [
        "1 remote candidate:0 1 UDP 2122252543 10.30.2.74 57112 typ host [sdparta_0 -]",
    ]
    decimal_list "H01.txt": [
        "3 stun 0001000801ccda1156d95962 of 28 bytes",
    ]
    dump_below_a_time "H02.txt": [
        "4 stun 000100182112a4420b47a30d of 44 bytes",
        "8 stun 010100542112a4420b47a30d of 104 bytes",
    ]
    bare_hex "H03.txt": [
        "2 stun 0111001c2112a442f4ed1164 of 48 bytes",
        "4 stun 0111001c2112a4429b548876 of 48 bytes",
        "6 stun 0111001c2112a4422b844af3 of 48 bytes",
    ]
    data_indication "H04.txt": [
        "2 stun 001700882112a442500483be of 156 bytes",
    ]
    pieces_of_c "H06.txt": [
        "2 stun 010100302112a4425adc2fac of 68 bytes",
    ]
    arrays_with_comments "H08.txt": [
        "2 stun 0101000c0000000039504d4b of 32 bytes",
        "7 stun 0101000c2112a44239504d4b of 32 bytes",
        "12 stun 011100002112a44239504d4b of 20 bytes",
    ]
    array_that_ends_early "H09.txt": []
    python_literals "H13.txt": [
        "2 stun 010100582112a4427a2f2b50 of 108 bytes",
        "9 stun 010100302112a442f19b27a4 of 68 bytes",
        "10 stun 010100302112a4420e66c5ed of 68 bytes",
    ]
    python_bytes "H14.txt": [
        "2 stun 010300282112a4423ae8eebb of 60 bytes",
    ]
    classic_hex "H17.txt": [
        "1 stun 00010000a3f1c27b9e0d4856 of 20 bytes",
    ]
    four_notations "H19.txt": [
        "1 stun 010100302112a4425adc2fac of 68 bytes",
        "2 stun 010100302112a4425adc2fac of 68 bytes",
        "3 stun 010100302112a4425adc2fac of 68 bytes",
        "4 stun 010100302112a4425adc2fac of 68 bytes",
    ]
    tcpdump "T13.txt": [
        "2 stun 000100002112a4425343644b of 20 bytes",
        "6 stun 000100002112a442746b454b of 20 bytes",
        "10 stun 000100002112a442304d4133 of 20 bytes",
    ]
}

/// Transaction ids of the messages found, two digits each.
fn messages(text: &str) -> Vec<String> {
    let report = scan(text.as_bytes());
    let bytes = report.findings.iter().filter_map(|finding| match &finding.found {
        Found::Stun(stun) => stun.bytes.as_deref(),
        _ => None,
    });
    bytes.map(|bytes| bytes.iter().skip(18).map(|byte| format!("{byte:02x}")).collect()).collect()
}

/// A Binding request; its last bytes are 0x27 `'`, 0x5C `\`, and FINGERPRINT is missing.
const REQUEST: [u8; 28] =
    [0, 1, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x27, 0x5C, 0, 3, 0, 4, 0, 0, 0, 6];

fn each(write: impl Fn(u8) -> String, joint: &str) -> String {
    REQUEST.iter().map(|&byte| write(byte)).collect::<Vec<_>>().join(joint)
}

fn escaped(write: impl Fn(u8) -> String) -> String {
    let letter = |byte: u8| match byte {
        b'\\' => "\\\\".into(),
        b'\'' => "\\'".into(),
        0x20..=0x7E => char::from(byte).to_string(),
        other => write(other),
    };
    each(letter, "")
}

#[test]
fn every_notation_of_languages_and_tools() {
    let hex = each(|byte| format!("{byte:02x}"), "");
    let (first, second) = hex.split_at(24);
    let decimal = each(|byte| byte.to_string(), ", ");
    let base64 = "AAEACCESpEIBAgMEBQYHCAkKJ1wAAwAEAAAABg==";
    let rows = [
        ("hex", hex.clone()),
        ("hex in capitals with blanks", each(|byte| format!("{byte:02X}"), " ")),
        ("hex with colons below a number", format!("packet 17\n{}", each(|byte| format!("{byte:02x}"), ":"))),
        ("hex below a time", format!("12:30:05 received 28\n{hex}\n")),
        ("JavaScript array", format!("Uint8Array(28) [\n  {decimal}\n]")),
        ("array over lines", format!("[{}]", decimal.replace("4, ", "4,\n  "))),
        ("Rust debug", format!("data: [{decimal}]")),
        ("Go", format!("[{}]", each(|byte| byte.to_string(), " "))),
        ("Go source", format!("[]byte{{{}}}", each(|byte| format!("0x{byte:x}"), ", "))),
        ("C array", format!("uint8_t m[] = {{ {} }};", each(|byte| format!("0x{byte:02X}"), ", "))),
        (
            "C array with comments",
            format!("{{ {} }}", each(|byte| format!("0x{byte:02x}"), ", ").replace("0x42,", "0x42, /* cookie */\n")),
        ),
        ("Erlang", format!("<<{decimal}>>")),
        ("Java", format!("{{{}}}", each(|byte| cast(byte, "(byte)"), ", "))),
        ("Java with a blank", format!("{{{}}}", each(|byte| cast(byte, "(byte) "), ", "))),
        ("Java printed", format!("[{}]", each(|byte| byte.cast_signed().to_string(), ", "))),
        ("Kotlin", format!("byteArrayOf({})", each(|byte| format!("0x{byte:X}.toByte()"), ", "))),
        ("Rust source", format!("[{}]", each(|byte| format!("{byte}u8"), ", "))),
        ("Uint8Array as JSON", format!("{{{}}}", keyed(|index, byte| format!("\"{index}\":{byte}")))),
        ("Uint8Array in the console", format!("{{{}}}", keyed(|index, byte| format!("{index}: {byte}")))),
        ("od", words(|word, row| (format!("{row:07o}"), format!("{:02x}{:02x}", word[1], word[0])))),
        ("od of bytes", words(|word, row| (format!("{row:07o}"), format!("{:02x} {:02x}", word[0], word[1])))),
        ("hexdump", words(|word, row| (format!("{row:07x}"), format!("{:02x}{:02x}", word[1], word[0])))),
        ("one number a line", each(|byte| byte.to_string(), ",\n")),
        ("Python bytes", format!("b'{}'", escaped(|byte| format!("\\x{byte:02x}")))),
        ("Python with quotes", format!("b\"{}\"", escaped(|byte| format!("\\x{byte:02x}")).replace("\\'", "'"))),
        ("JavaScript literal", format!("'{}'", escaped(|byte| format!("\\u{byte:04x}")))),
        ("Rust literal", format!("\"{}\"", escaped(|byte| format!("\\u{{{byte:x}}}")))),
        ("C octal", format!("\"{}\"", escaped(|byte| format!("\\{byte:03o}")))),
        ("C pieces", format!("\"{}\"", each(|byte| format!("\\x{byte:02x}"), "").replace("\\x42", "\\x42\"\n  \""))),
        ("hex in pieces", format!("fromhex(\n  \"{first}\"\n  \"{second}\")")),
        ("hex in joined pieces", format!("'{first}' + '{second}'")),
        ("base64 below a number", format!("length 28\n{base64}\n")),
        ("base64 in JSON", format!("{{\"n\":1,\"data\":\"{base64}\"}}")),
        (
            "tcpdump below a number",
            format!(
                "IP 192.0.2.1.5 > 192.0.2.2.3478: UDP, length 28\n\t0x0000:  {}\n\t0x0010:  {}\n",
                dumped(0),
                dumped(1)
            ),
        ),
    ];
    for (name, text) in rows {
        assert_eq!(messages(&text), ["275c000300040000000600000000".get(..20).unwrap_or("")], "{name}: {text}");
    }
}

fn cast(byte: u8, cast: &str) -> String {
    format!("{}0x{byte:02x}", if byte < 0x80 { "" } else { cast })
}

fn keyed(write: impl Fn(usize, u8) -> String) -> String {
    REQUEST.iter().enumerate().map(|(index, &byte)| write(index, byte)).collect::<Vec<_>>().join(", ")
}

/// A dump of two bytes and two bytes, with what `write` makes of the offset and of each pair.
fn words(write: impl Fn(&[u8], usize) -> (String, String)) -> String {
    let rows = REQUEST.chunks(16).enumerate().map(|(row, bytes)| {
        let pairs: Vec<String> = bytes.chunks(2).map(|word| write(word, row * 16).1).collect();
        format!("{} {}\n", write(&bytes[..2], row * 16).0, pairs.join(" "))
    });
    rows.collect()
}

fn dumped(row: usize) -> String {
    let pairs: Vec<String> = REQUEST.iter().skip(row * 16).take(16).map(|byte| format!("{byte:02x}")).collect();
    pairs.chunks(2).map(|two| two.concat()).collect::<Vec<_>>().join(" ")
}

#[test]
fn layers_of_one_packet_are_one_message() {
    let hex = each(|byte| format!("{byte:02x}"), "");
    let raw = |name: &str, before: &str| format!("\"{name}_raw\": [\n \"{before}{hex}\", 0, 28, 0, 1],\n");
    let ip = "4500003800004000401100000a0000010a000002";
    let payload = format!("\"udp.payload\": \"{}\",\n", each(|byte| format!("{byte:02x}"), ":"));
    let packet = format!(
        "{}{}{payload}{}",
        raw("frame", &format!("{ip}0d960d9600240000")),
        raw("udp", "0d960d9600240000"),
        raw("stun", "")
    );
    assert_eq!(messages(&packet).len(), 1);
    assert_eq!(messages(&format!("{packet}{packet}")).len(), 2);
    let colons = each(|byte| format!("{byte:02x}"), ":");
    let pdml = format!("<field name=\"udp.payload\" size=\"28\" show=\"{colons}\" value=\"{hex}\"/>\n");
    assert_eq!(messages(&format!("{pdml}{pdml}")).len(), 2);
}
