//! Captures below and beside UDP: IP fragments, ICMP, and SIP and RTSP over TCP. Packets are written byte by byte.
#![cfg(not(target_arch = "wasm32"))] // proptest does not compile there

use std::net::{IpAddr, SocketAddr};

use icelens::scan::capture::{Capture, Transport, Unreached};
use icelens::scan::{Found, Report, scan};
use icelens::stun::{Builder, Class, Message, Method, TransactionId, Value, attribute};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn address(text: &str) -> SocketAddr {
    text.parse().expect(text)
}

/// A pcap file of raw IP packets, one a millisecond.
fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let timed: Vec<_> =
        packets.iter().enumerate().map(|(index, packet)| (index as u32 * 1000, packet.clone())).collect();
    pcap_at(&timed)
}

/// A pcap file of raw IP packets at times in microseconds.
fn pcap_at(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0];
    for (micros, packet) in packets {
        let length = (packet.len() as u32).to_le_bytes();
        out.extend([(micros / 1_000_000).to_le_bytes(), (micros % 1_000_000).to_le_bytes(), length, length].concat());
        out.extend(packet);
    }
    out
}

fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 8).to_be_bytes();
    [&from.port().to_be_bytes()[..], &to.port().to_be_bytes(), &length, &[0, 0], payload].concat()
}

/// An IP packet; `place` makes it a fragment: id, offset in bytes, more.
fn ip(from: IpAddr, to: IpAddr, protocol: u8, body: &[u8], place: Option<(u16, u16, bool)>) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let total = (body.len() as u16 + 20).to_be_bytes();
            let (id, offset, more) = place.unwrap_or_default();
            let flags = ((offset / 8) | if more { 0x2000 } else { 0 }).to_be_bytes();
            let id = id.to_be_bytes();
            let head = [0x45, 0, total[0], total[1], id[0], id[1], flags[0], flags[1], 64, protocol, 0, 0];
            [&head[..], &from.octets(), &to.octets(), body].concat()
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let fragment = place.map_or(Vec::new(), |(id, offset, more)| {
                let place = (offset | u16::from(more)).to_be_bytes();
                [&[protocol, 0][..], &place, &u32::from(id).to_be_bytes()].concat()
            });
            let next = if fragment.is_empty() { protocol } else { 44 };
            let length = (fragment.len() as u16 + body.len() as u16).to_be_bytes();
            let head = [0x60, 0, 0, 0, length[0], length[1], next, 64];
            [&head[..], &from.octets(), &to.octets(), &fragment, body].concat()
        }
        _ => panic!("one family"),
    }
}

fn datagram(from: &str, to: &str, payload: &[u8]) -> Vec<u8> {
    let (from, to) = (address(from), address(to));
    ip(from.ip(), to.ip(), 17, &udp(from, to, payload), None)
}

/// A datagram in fragments of `size` bytes.
fn fragments(from: &str, to: &str, payload: &[u8], id: u16, size: usize) -> Vec<Vec<u8>> {
    let (from, to) = (address(from), address(to));
    let whole = udp(from, to, payload);
    let count = whole.len().div_ceil(size);
    let pieces = whole.chunks(size).enumerate();
    pieces
        .map(|(index, piece)| ip(from.ip(), to.ip(), 17, piece, Some((id, (index * size) as u16, index + 1 < count))))
        .collect()
}

fn request(id: u8, attributes: &[(u16, Value<'_>)]) -> Vec<u8> {
    let mut buffer = [0; 4000];
    let id = TransactionId::new([id; 12]);
    let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, id).expect("room");
    for (code, value) in attributes {
        builder.attribute(*code, value).expect("fits");
    }
    builder.finish().to_vec()
}

/// A check of more bytes than one packet of Ethernet holds.
fn long_check(id: u8) -> Vec<u8> {
    let padding = [b'x'; 2000];
    request(
        id,
        &[
            (attribute::USERNAME, Value::Text("rrrr:llll")),
            (attribute::ICE_CONTROLLING, Value::Long(7)),
            (attribute::PADDING, Value::Bytes(&padding)),
        ],
    )
}

fn capture(report: Report) -> Capture {
    *report.capture.expect("a capture")
}

const ENDS: [(&str, &str); 2] = [("192.0.2.1:5000", "198.51.100.2:6000"), ("[2001:db8::1]:5000", "[2001:db8::2]:6000")];

#[test]
fn fragments_are_put_together_in_any_order() {
    for (from, to) in ENDS {
        let check = long_check(1);
        let pieces = fragments(from, to, &check, 9, 696);
        assert_eq!(pieces.len(), 3);
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            // Each twice, as a capture on two interfaces has them.
            let packets: Vec<_> = order.iter().flat_map(|&at| [pieces[at].clone(), pieces[at].clone()]).collect();
            let file = pcap(&packets[..5]);
            let report = scan(&file);
            let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
            let Found::Stun(stun) = &finding.found else { panic!("{finding:?}") };
            assert_eq!(stun.bytes.as_deref(), Some(&check[..]), "{order:?}");
            assert_eq!(finding.packet.map(|origin| (origin.packet, origin.from)), Some((5, address(from))));
            let found = capture(report);
            assert_eq!((found.transactions.len(), found.skipped.fragments, found.skipped.short), (1, 2, 0));
            assert_eq!(found.transactions[0].check.as_ref().map(|check| check.username.as_str()), Some("rrrr:llll"));
        }
    }
}

#[test]
fn what_is_not_whole_is_counted_and_left_aside() {
    for (from, to) in ENDS {
        let pieces = fragments(from, to, &long_check(1), 9, 696);
        let found = capture(scan(&pcap(&[pieces[0].clone(), pieces[2].clone()])));
        assert_eq!((found.transactions.len(), found.skipped.fragments), (0, 2));
        // The id again, after the first has given up: its pieces do not mix with the old ones.
        let late = fragments(from, to, &long_check(2), 9, 696);
        let again = [(0, pieces[0].clone()), (61_000_000, late[1].clone()), (61_000_001, late[2].clone())];
        let found = capture(scan(&pcap_at(&again)));
        assert_eq!((found.transactions.len(), found.skipped.fragments), (0, 3));
        // Overlapping fragments are never put together.
        let mut forged = pieces.clone();
        forged.insert(1, fragments(from, to, &long_check(3), 9, 704)[1].clone());
        assert_eq!(capture(scan(&pcap(&forged))).transactions.len(), 0);
    }
}

#[test]
fn an_atomic_fragment_is_a_packet() {
    let (from, to) = (address(ENDS[1].0), address(ENDS[1].1));
    let packet = ip(from.ip(), to.ip(), 17, &udp(from, to, &request(1, &[])), Some((9, 0, false)));
    let found = capture(scan(&pcap(&[packet])));
    assert_eq!((found.transactions.len(), found.skipped.fragments), (1, 0));
}

#[test]
fn sip_in_fragments() {
    let sdp = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n{}", "a=ice-ufrag:abcd\r\n".repeat(100));
    let invite = format!(
        "INVITE sip:b@example.org SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n{sdp}"
    );
    let file = pcap(&fragments(ENDS[0].0, ENDS[0].1, invite.as_bytes(), 3, 1480));
    let report = scan(&file);
    let [message, description] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert!(matches!(message.found, Found::Message(_)) && message.end <= file.len());
    let Found::Sdp(found) = &description.found else { panic!("{description:?}") };
    assert_eq!((found.extract.text(&file).as_ref(), found.message), (sdp.as_str(), Some(0)));
}

/// ICMP or ICMPv6 that quotes a packet.
fn icmp(by: &str, kind: u8, code: u8, quoted: &[u8]) -> Vec<u8> {
    let by: IpAddr = by.parse().expect(by);
    let (protocol, to): (u8, IpAddr) = match by {
        IpAddr::V4(_) => (1, [quoted[12], quoted[13], quoted[14], quoted[15]].into()),
        IpAddr::V6(_) => (58, <[u8; 16]>::try_from(&quoted[8..24]).expect("an address").into()),
    };
    ip(by, to, protocol, &[&[kind, code, 0, 0, 0, 0, 0, 0], quoted].concat(), None)
}

#[test]
fn icmp_is_matched_to_the_request_it_quotes() {
    use Unreached::{Host, Network, Other, Port, Prohibited};
    let v4 = [(0, Network), (1, Host), (3, Port), (4, Other), (9, Prohibited), (10, Prohibited), (13, Prohibited)];
    let v6 = [(0, Network), (1, Prohibited), (3, Host), (4, Port), (6, Other)];
    for ((from, to), router, kind, codes) in
        [(ENDS[0], "203.0.113.1", 3, &v4[..]), (ENDS[1], "2001:db8::99", 1, &v6[..])]
    {
        for &(code, reason) in codes {
            let sent = [datagram(from, to, &request(1, &[])), datagram(from, to, &request(2, &[]))];
            let head = if kind == 3 { 20 } else { 40 };
            // All of it; as much as a router of RFC 792 gives: the last request is meant.
            for (quoted, transaction) in [(&sent[0][..], 0), (&sent[0][..head + 8], 1)] {
                let packets = [sent[0].clone(), sent[1].clone(), icmp(router, kind, code, quoted)];
                let found = capture(scan(&pcap(&packets)));
                let [message] = found.unreachable.as_slice() else { panic!("{code}: {:?}", found.unreachable) };
                assert_eq!((message.packet, message.by, message.reason), (3, router.parse().expect(router), reason));
                assert_eq!((message.from, message.to), (address(from), address(to)));
                assert_eq!(message.transaction, transaction);
                assert_eq!(found.skipped.other, 0);
            }
        }
    }
}

#[test]
fn other_icmp_is_left_aside() {
    let (from, to) = ENDS[0];
    let sent = datagram(from, to, &request(1, &[]));
    let stranger = datagram("192.0.2.7:1", to, &request(9, &[]));
    let packets = [
        sent.clone(),
        icmp("203.0.113.1", 11, 0, &sent),
        icmp("203.0.113.1", 3, 3, &stranger),
        icmp("203.0.113.1", 3, 3, &sent[..16]),
        ip(address(from).ip(), address(to).ip(), 1, &[], None),
    ];
    let found = capture(scan(&pcap(&packets)));
    assert_eq!((found.unreachable.len(), found.messages, found.packets), (0, 1, 5));
}

/// Segments of a connection, `size` bytes each.
fn connection(from: &str, to: &str, stream: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (from, to) = (address(from), address(to));
    let segment = |sequence: u32, flags: u8, payload: &[u8]| {
        let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
        let rest = [0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0];
        ip(from.ip(), to.ip(), 6, &[&ports[..], &sequence.to_be_bytes(), &rest, payload].concat(), None)
    };
    let mut packets = vec![segment(99, 2, &[])];
    packets.extend(
        stream.chunks(size).enumerate().map(|(index, piece)| segment(100 + (index * size) as u32, 0x10, piece)),
    );
    packets
}

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

/// Messages and descriptions: what begins each, and the message a description belongs to.
fn outline(report: &Report, file: &[u8]) -> Vec<String> {
    let outline = report.findings.iter().map(|finding| match &finding.found {
        Found::Message(message) => message.start_line.clone(),
        Found::Sdp(sdp) => {
            assert_eq!(sdp.extract.text(file), SDP);
            format!("SDP of {}", sdp.message.expect("a carrier"))
        }
        other => panic!("{other:?}"),
    });
    outline.collect()
}

#[test]
fn sip_over_tcp_in_segments_of_any_size() {
    let body =
        |head: &str| format!("{head}\r\nCall-ID: x\r\nContent-Type: application/sdp\r\nl: {}\r\n\r\n{SDP}", SDP.len());
    let stream = [
        "\r\n\r\n".to_owned(),
        body("INVITE sip:b@example.org SIP/2.0"),
        "ACK sip:b@example.org SIP/2.0\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "\r\n\r\n".to_owned(),
        body("UPDATE sip:b@example.org SIP/2.0"),
        "BYE sip:b@example.org SIP/2.0\r\nCall-ID: x\r\n\r\n".to_owned(),
    ]
    .concat();
    // The empty lines in front are those of a connection that is kept alive; a capture begins at a message.
    let stream = stream.trim_start();
    for size in [1, 7, 60, 536, 5000] {
        let file = pcap(&connection("192.0.2.1:40000", "192.0.2.2:5060", stream.as_bytes(), size));
        let report = scan(&file);
        assert_eq!(
            outline(&report, &file),
            [
                "INVITE sip:b@example.org SIP/2.0",
                "SDP of 0",
                "ACK sip:b@example.org SIP/2.0",
                "UPDATE sip:b@example.org SIP/2.0",
                "SDP of 3",
                "BYE sip:b@example.org SIP/2.0",
            ],
            "segments of {size}"
        );
        assert!(report.findings.iter().all(|finding| finding.packet.is_some_and(|at| at.transport == Transport::Tcp)));
    }
}

#[test]
fn rtsp_over_tcp_with_media_in_between() {
    let stream = [
        b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: ".to_vec(),
        format!("{}\r\n\r\n{SDP}", SDP.len()).into_bytes(),
        // Interleaved RTP on channel 0, then an answer.
        [&[b'$', 0, 0, 14, 0x80, 0][..], &[7; 12]].concat(),
        b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n".to_vec(),
    ]
    .concat();
    for size in [1, 10, 100, 5000] {
        let file = pcap(&connection("192.0.2.2:554", "192.0.2.1:40000", &stream, size));
        let report = scan(&file);
        assert_eq!(outline(&report, &file), ["RTSP/1.0 200 OK", "SDP of 0", "RTSP/1.0 200 OK"], "segments of {size}");
        assert_eq!(report.capture.expect("a capture").flows[0].from_b.media, 1);
    }
}

#[test]
fn tables_are_bounded() {
    let (from, to) = ENDS[0];
    // More packets in fragments than are waited for, then the rest of each: only the last 256 come together.
    let each: Vec<_> = (0..400_u16).map(|id| fragments(from, to, &request(1, &[]), id, 16)).collect();
    let firsts = each.iter().map(|pieces| pieces[0].clone());
    let rests = each.iter().map(|pieces| pieces[1].clone());
    let found = capture(scan(&pcap(&firsts.chain(rests).collect::<Vec<_>>())));
    // A rest that comes too late waits itself, and pushes out the next: none of the 400 is whole.
    assert_eq!((found.messages, found.skipped.fragments), (0, 800));
    let found = capture(scan(&pcap(&each[..256].concat())));
    assert_eq!((found.messages, found.skipped.fragments), (256, 0));
    // More ICMP than is kept.
    let sent = datagram(from, to, &request(1, &[]));
    let mut packets = vec![sent.clone()];
    packets.extend(std::iter::repeat_n(icmp("203.0.113.1", 3, 3, &sent), 5000));
    let found = capture(scan(&pcap(&packets)));
    assert_eq!((found.unreachable.len(), found.over.unreachable), (4096, 904));
    // A head without an end, and a body that never comes.
    for text in [format!("INVITE x SIP/2.0\r\n{}", "A: b\r\n".repeat(100_000)), {
        let head = "INVITE x SIP/2.0\r\nContent-Length: 999999999999999999999\r\n\r\n";
        format!("{head}{}", "x".repeat(500_000))
    }] {
        let report = scan(&pcap(&connection("192.0.2.1:1", "192.0.2.2:5060", text.as_bytes(), 1400)));
        assert!(report.findings.len() <= 1);
    }
}

/// A message of STUN cut anywhere, fragments of it at any place, and ICMP about it.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let (from, to) = ENDS[0];
    let (from6, to6) = ENDS[1];
    let piece = (any::<bool>(), 0..4_u16, 0..4_u16, any::<bool>(), 0..40_usize, any::<u8>()).prop_map(
        move |(six, id, place, more, length, fill)| {
            let (from, to) = if six { (from6, to6) } else { (from, to) };
            let body = [&udp(address(from), address(to), &request(1, &[]))[..], &[fill; 40]].concat();
            let body = &body[..length.max(1)];
            ip(address(from).ip(), address(to).ip(), 17, body, Some((id, place * 8, more)))
        },
    );
    let message =
        (any::<u8>(), any::<u8>(), 0..80_usize, any::<[u8; 3]>()).prop_map(move |(kind, code, cut, noise)| {
            let mut quoted = datagram(from, to, &request(1, &[]));
            quoted[usize::from(noise[0]) % 28] = noise[1];
            quoted.truncate(cut);
            let body = [&[kind % 5, code % 16, 0, 0, 0, 0, 0, 0], &quoted[..]].concat();
            ip(address(to).ip(), address(from).ip(), if noise[2] % 4 == 0 { 58 } else { 1 }, &body, None)
        });
    let segment = prop::sample::select(vec![
        &b"INVITE x SIP/2.0\r\n"[..],
        b"l: 5\r\n\r\n",
        b"v=0\r\no=",
        b"\r\n\r\n",
        b"$\0\0\x05",
        b"RTSP/1.0 200 OK\r\n\r\n",
        b"Content-Length: 4294967295\r\n\r\n",
        b"\0\x01\0\0\x21\x12\xa4\x42",
    ]);
    let stream = prop::collection::vec(segment, 0..6).prop_map(|parts| parts.concat());
    let stream =
        (stream, 1..40_usize).prop_map(|(stream, size)| connection("192.0.2.1:9", "192.0.2.2:5060", &stream, size));
    let valid = Just(vec![datagram(from, to, &request(1, &[]))]);
    let one =
        prop_oneof![piece.prop_map(|packet| vec![packet]), message.prop_map(|packet| vec![packet]), stream, valid];
    prop::collection::vec(one, 0..30).prop_map(|packets| pcap(&packets.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: RngSeed::Fixed(20261121), ..ProptestConfig::default() })]

    #[test]
    fn hostile_packets_do_no_harm(file in hostile()) {
        let report = scan(&file);
        for finding in &report.findings {
            prop_assert!(finding.start <= finding.end && finding.end <= file.len());
            if let Found::Stun(stun) = &finding.found {
                let bytes = stun.bytes.as_deref().unwrap_or(&file[finding.start..finding.end]);
                prop_assert!(Message::parse(bytes).is_ok());
            }
        }
        let found = report.capture.expect("a capture");
        let whole = found.packets - found.skipped.other - found.skipped.short;
        prop_assert!(found.skipped.fragments <= whole);
        prop_assert!(found.unreachable.iter().all(|message| message.transaction < found.transactions.len()));
    }

    #[test]
    fn fragments_of_any_size_in_any_order_make_the_datagram(
        payload in prop::collection::vec(any::<u8>(), 1..3000),
        eights in 6..200_usize,
        six in any::<bool>(),
        order in any::<prop::sample::Index>(),
    ) {
        let (from, to) = ENDS[usize::from(six)];
        let text = [b"INVITE x SIP/2.0\r\nX: ", &payload[..]].concat();
        let mut pieces = fragments(from, to, &text, 77, eights * 8);
        // At most 64 fragments are taken.
        prop_assume!(pieces.len() <= 64);
        let turn = order.index(pieces.len());
        pieces.rotate_left(turn);
        let found = capture(scan(&pcap(&pieces)));
        prop_assert_eq!(found.skipped.fragments, 0);
        let bytes = found.flows[0].from_a.bytes + found.flows[0].from_b.bytes;
        prop_assert_eq!(bytes, text.len() as u64);
    }
}
