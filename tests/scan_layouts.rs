//! One description in every layout that logs, languages, pages and tools print it in: the lines come back as they were.

use icelens::scan::{Found, scan};

const LINES: [&str; 25] = [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:4ZcD",
    "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlZs",
    "a=ice-options:trickle",
    FINGERPRINT,
    "a=setup:actpass",
    "a=mid:0",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:4ZcD",
    "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlZs",
    FINGERPRINT,
    "a=setup:actpass",
    "a=mid:1",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
];

const FINGERPRINT: &str = "a=fingerprint:sha-256 68:AD:86:04:34:62:BA:E5:53:D0:63:E5:D5:A1:22:C1:55:A8:2C:96:65:80:23:1A:60:C3:22:47:36:5A:13:DD";

fn joined(end: &str) -> String {
    LINES.join(end)
}

/// Every line between `before` and `after`.
fn each(before: &str, after: &str) -> String {
    LINES.map(|line| format!("{before}{line}{after}")).concat()
}

/// Every line as `write` makes it of its number.
fn numbered(write: impl Fn(usize, &str) -> String) -> String {
    LINES.iter().enumerate().map(|(index, line)| write(index, line)).collect()
}

/// The only thing found in `text` is the description, whole, each line as it was.
#[track_caller]
fn assert_whole(name: &str, text: &str) {
    let found = scan(text.as_bytes()).findings;
    let [only] = found.as_slice() else { panic!("{name}: {} findings in\n{text}\n{found:?}", found.len()) };
    let Found::Sdp(sdp) = &only.found else { panic!("{name}: {only:?}") };
    let read = sdp.extract.text(text.as_bytes());
    let lines = read.split(['\r', '\n']).filter(|line| !line.is_empty());
    assert_eq!(lines.collect::<Vec<_>>(), LINES, "{name}");
}

#[test]
fn behind_prefixes_of_loggers_and_marks_of_quoting() {
    for prefix in [
        "> ",
        "2026-01-02T03:04:05.678Z [INFO] ",
        "01-02 03:04:05.678  1234  5678 D PeerConn: ",
        "D/PeerConn(12345): ",
        "\t",
        "* ",
        "\u{a0}\u{a0}",
        "// ",
        " * ",
        "# ",
        "+",
        "   ",
        "    | ",
        "[03:04:05.678][t7] ",
        "flutter: ",
        "I/flutter ( 4321): ",
        "Jan  2 03:04:05 host app[123]: ",
    ] {
        assert_whole(prefix, &each(prefix, "\n"));
        assert_whole(prefix, &each(prefix, "\r\n"));
    }
    assert_whole("numbers", &numbered(|index, line| format!("{:>3}  {line}\n", index + 1)));
    assert_whole("numbers and colons", &numbered(|index, line| format!("{}: {line}\n", index + 1)));
    assert_whole("grep -n", &numbered(|index, line| format!("{}:{line}\n", index + 95)));
    assert_whole("threads", &numbered(|index, line| format!("[{index}.123] <{}> app: {line}\n", index % 3)));
}

#[test]
fn with_line_ends_written_out() {
    for end in [
        "#012",
        "#015#012",
        "\\015\\012",
        "\\x0d\\x0a",
        "\\x0D\\x0A",
        "\\u000d\\u000a",
        "\\u000D\\u000A",
        "<br>",
        "<br/>",
        "<br />",
        "&#13;&#10;",
        "&#xD;&#xA;",
        "&#10;",
        "\\n",
        "\\r\\n",
        "\u{240d}\u{240a}",
        "<CR><LF>",
        "[CR][LF]",
        "|",
        " | ",
        "; ",
        " ",
    ] {
        assert_whole(end, &joined(end));
        assert_whole(end, &format!("Jan  2 03:04:05 host app[12]: SDP {}{end}\n", joined(end)));
        assert_whole(end, &format!("sdp=\"{}{end}\" type=offer\n", joined(end)));
    }
}

#[test]
fn with_something_before_each_line_end() {
    for tail in ["^M", "^M$", "\\r\\n", "\\n", "\\r", "<br>", "<br/>", "<br />", ".", "\u{21b5}"] {
        assert_whole(tail, &each("", &format!("{tail}\n")));
    }
}

#[test]
fn with_odd_line_ends() {
    for end in ["\r\n", "\n", "\r", "\n\n", "\r\n\r\n", "\r\r\n"] {
        assert_whole(&format!("{end:?}"), &each("", end));
    }
}

#[test]
fn in_literals_of_languages() {
    let escaped = joined("\\r\\n") + "\\r\\n";
    let plain = joined("\r\n") + "\r\n";
    let line_feeds = joined("\n") + "\n";
    for text in [
        format!("{{\"type\":\"offer\",\"sdp\":\"{escaped}\"}}"),
        format!("{{\"type\":\"offer\",\"sdp\":\"{}\"}}", escaped.replace('/', "\\/")),
        format!("{{\"type\":\"offer\",\"sdp\":\"{}\"}}", escaped.replace("\\r\\n", "\\u000d\\u000a")),
        format!("\"{{\\\"sdp\\\":\\\"{}\\\"}}\"", escaped.replace('\\', "\\\\")),
        format!("{{'type': 'offer', 'sdp': '{escaped}'}}"),
        format!("RTCSessionDescription(sdp='{escaped}', type='offer')"),
        format!("b'{escaped}'"),
        format!("{{Type:offer SDP:{plain} parsed:<nil>}}"),
        format!("&{{Type:\"offer\", SDP:\"{escaped}\"}}"),
        format!("RTCSessionDescription {{ sdp_type: Offer, sdp: \"{escaped}\", parsed: None }}"),
        format!("%ExWebRTC.SessionDescription{{type: :offer, sdp: \"{escaped}\"}}"),
        format!("{{\"type\"=>\"offer\", \"sdp\"=>\"{escaped}\"}}"),
        format!("Optional(\"{escaped}\")"),
        format!("@\"{escaped}\""),
        format!("SessionDescription(type=OFFER, description={plain})"),
        format!("{{type: offer, sdp: {plain}}}"),
        format!("array(2) {{\n  [\"type\"]=>\n  string(5) \"offer\"\n  [\"sdp\"]=>\n  string(900) \"{plain}\"\n}}"),
        format!("Array\n(\n    [type] => offer\n    [sdp] => {plain}\n)"),
        format!("var sdp = @\"{line_feeds}\";"),
        format!("{:?}", LINES),
        format!("['{}']", LINES.join("', '")),
        format!("['{}\\r\\n']", LINES.join("\\r\\n', '")),
        format!("const sdp = `{}`;", joined("\n    ")),
        format!("({})", plain.trim_end()),
        format!("[{}]", plain.trim_end()),
        format!("<sdp>{plain}</sdp>"),
        format!("<sdp><![CDATA[{plain}]]></sdp>"),
        format!("&quot;sdp&quot;:&quot;{escaped}&quot;"),
        format!("sdp: |\n{}", each("  ", "\n")),
        format!("'{}' +\n", each("", "\\r\\n' +\n    '").trim_end_matches("' +\n    '")),
    ] {
        assert_whole("literal", &text);
    }
    assert_whole("joined by the compiler", &each("    \"", "\\r\\n\"\n"));
    assert_whole("joined by +", &numbered(|i, line| format!("  {}\"{line}\\r\\n\"\n", if i > 0 { "+ " } else { "" })));
    assert_whole("one line of +", &format!("'{}'", LINES.join("\\r\\n' + '")));
    assert_whole("array", &format!("[\n{}].join('\\r\\n')", each("  '", "',\n")));
}

#[test]
fn between_lines_of_other_things() {
    let (before, after) = LINES.split_at(10);
    let (before, after) = (before.join("\n"), after.join("\n"));
    for between in ["", "[some log line 123]", "2026-01-02 03:04:05 keep-alive sent", "Media[7]: no packet yet"] {
        assert_whole(between, &format!("{before}\n{between}\n{after}\n"));
    }
    assert_whole(
        "console",
        &format!("main.js:12 Offer from pc1\n{}\nmain.js:45 pc2 setRemoteDescription\n", joined("\n")),
    );
    assert_whole("syslog", &format!("2026-01-02 03:04:05.678 App[123:456] sdp: {}", joined("\n")));
    assert_whole("sofia", &format!("send 1234 bytes to udp/[192.0.2.1]:5060:\n{}", each("   ", "\n")));
    assert_whole("sip", &format!("<--- SIP read from UDP:192.0.2.1:5060 --->\n{}\n<------------->", joined("\r\n")));
}

#[test]
fn wrapped_by_mail() {
    for (width, prefix) in [(60, ""), (72, ""), (70, "> "), (78, "> > ")] {
        let text: String = LINES.iter().map(|line| wrap(line, width, prefix)).collect();
        assert_whole(&format!("{width}{prefix}"), &text);
    }
}

/// `line` broken at a space before each `width` columns.
fn wrap(line: &str, width: usize, prefix: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while rest.len() > width {
        let Some(place) = rest[..width].rfind(' ') else { break };
        out += &format!("{prefix}{}\n", &rest[..place]);
        rest = &rest[place + 1..];
    }
    out + &format!("{prefix}{rest}\n")
}

#[test]
fn as_digits() {
    let text = joined("\r\n") + "\r\n";
    let hex: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_whole("hex", &hex.concat());
    assert_whole(
        "decimal",
        &format!("Uint8Array({}) [{}]", text.len(), text.bytes().map(|b| format!("{b}, ")).collect::<String>()),
    );
    let lines: Vec<(usize, &[String], String)> = (0..hex.len())
        .step_by(16)
        .map(|offset| {
            let chunk = &text.as_bytes()[offset..text.len().min(offset + 16)];
            let letters =
                chunk.iter().map(|&b| if b.is_ascii_graphic() || b == b' ' { char::from(b) } else { '.' }).collect();
            (offset, &hex[offset..offset + chunk.len()], letters)
        })
        .collect();
    let pairs = |chunk: &[String]| chunk.chunks(2).map(|pair| pair.concat()).collect::<Vec<_>>().join(" ");
    let dump = |write: &dyn Fn(usize, &[String], &str) -> String| -> String {
        lines.iter().map(|(offset, chunk, letters)| write(*offset, chunk, letters) + "\n").collect()
    };
    assert_whole(
        "hexdump -C",
        &dump(&|offset, chunk, letters| {
            let halves: Vec<String> = chunk.chunks(8).map(|half| half.join(" ")).collect();
            format!("{offset:08x}  {}  |{letters}|", halves.join("  "))
        }),
    );
    assert_whole("xxd", &dump(&|offset, chunk, letters| format!("{offset:08x}: {}  {letters}", pairs(chunk))));
    assert_whole(
        "Wireshark",
        &dump(&|offset, chunk, letters| format!("{offset:04x}   {}   {letters}", chunk.join(" "))),
    );
    assert_whole(
        "tcpdump -X",
        &dump(&|offset, chunk, letters| format!("\t0x{offset:04x}:  {}  {letters}", pairs(chunk))),
    );
}

#[test]
fn as_base64() {
    let json = format!("{{\"type\":\"offer\",\"sdp\":\"{}\\r\\n\"}}", joined("\\r\\n"));
    let text = joined("\r\n") + "\r\n";
    for text in [json, text] {
        let coded = base64(text.as_bytes());
        assert_whole("base64", &coded);
        assert_whole("payload", &format!("{{\"messagePayload\":\"{coded}\"}}"));
        let lines: Vec<&str> = (0..coded.len()).step_by(76).map(|at| &coded[at..coded.len().min(at + 76)]).collect();
        assert_whole("lines", &lines.join("\n"));
        assert_whole("url", &coded.replace('+', "-").replace('/', "_").replace('=', ""));
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * index) & 63) as usize];
            out.push(if index > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}
