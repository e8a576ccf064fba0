//! Captures: packets written here byte by byte, and captures of real browsers beside tshark.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use icelens::scan::capture::{Capture, Format, Role, Transport};
use icelens::scan::{Found, Report, scan};
use icelens::stun::{Builder, Class, Message, Method, TransactionId, Value, attribute};

const ETHERNET: u32 = 1;

fn address(text: &str) -> SocketAddr {
    text.parse().expect(text)
}

/// Frames with times in microseconds, written as pcap or pcapng.
#[derive(Default)]
struct Frames(Vec<(u64, Vec<u8>)>);

impl Frames {
    fn push(&mut self, micros: u64, frame: Vec<u8>) -> &mut Self {
        self.0.push((micros, frame));
        self
    }

    fn udp(&mut self, millis: u64, from: &str, to: &str, payload: &[u8]) -> &mut Self {
        self.push(millis * 1000, ethernet(&udp(address(from), address(to), payload)))
    }

    fn pcap(&self, link: u32, big_endian: bool, nanos: bool) -> Vec<u8> {
        let word = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let half = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut out = word(if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }).to_vec();
        out.extend([half(2), half(4)].concat());
        out.extend([word(0), word(0), word(65535), word(link)].concat());
        for (micros, frame) in &self.0 {
            let fraction = (micros % 1_000_000) as u32 * if nanos { 1000 } else { 1 };
            out.extend(
                [word((micros / 1_000_000) as u32), word(fraction), word(frame.len() as u32), word(frame.len() as u32)]
                    .concat(),
            );
            out.extend(frame);
        }
        out
    }

    fn pcapng(&self, link: u16) -> Vec<u8> {
        let block = |kind: u32, body: &[u8]| {
            let length = (body.len() + 12) as u32;
            [&kind.to_le_bytes(), &length.to_le_bytes(), body, &length.to_le_bytes()].concat()
        };
        let mut out = block(
            0x0a0d_0d0a,
            &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &1_u16.to_le_bytes(), &0_u16.to_le_bytes(), &[0xff; 8]].concat(),
        );
        // Interface with nanoseconds (if_tsresol 9).
        let options = [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
        out.extend(block(1, &[&link.to_le_bytes()[..], &[0, 0], &65535_u32.to_le_bytes(), &options].concat()));
        for (micros, frame) in &self.0 {
            let time = micros * 1000;
            let mut body =
                [0_u32.to_le_bytes(), ((time >> 32) as u32).to_le_bytes(), (time as u32).to_le_bytes()].concat();
            body.extend([(frame.len() as u32).to_le_bytes(), (frame.len() as u32).to_le_bytes()].concat());
            body.extend(frame);
            body.resize(body.len().next_multiple_of(4), 0);
            out.extend(block(6, &body));
        }
        out
    }

    fn scan(&self) -> Report {
        scan(&self.pcap(ETHERNET, false, false))
    }
}

fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() + 8) as u16;
    let datagram =
        [&from.port().to_be_bytes()[..], &to.port().to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload].concat();
    ip(from, to, 17, &datagram)
}

fn tcp(from: SocketAddr, to: SocketAddr, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let head = [
        &from.port().to_be_bytes()[..],
        &to.port().to_be_bytes(),
        &sequence.to_be_bytes(),
        &[0; 4],
        &[0x50, flags],
        &[0; 6],
    ];
    ip(from, to, 6, &[&head.concat(), payload].concat())
}

fn ip(from: SocketAddr, to: SocketAddr, protocol: u8, body: &[u8]) -> Vec<u8> {
    match (from, to) {
        (SocketAddr::V4(from), SocketAddr::V4(to)) => {
            let total = ((body.len() + 20) as u16).to_be_bytes();
            let mut out = vec![0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, protocol, 0, 0];
            out.extend(from.ip().octets());
            out.extend(to.ip().octets());
            out.extend(body);
            out
        }
        (SocketAddr::V6(from), SocketAddr::V6(to)) => {
            let length = (body.len() as u16).to_be_bytes();
            let mut out = vec![0x60, 0, 0, 0, length[0], length[1], protocol, 64];
            out.extend(from.ip().octets());
            out.extend(to.ip().octets());
            out.extend(body);
            out
        }
        _ => panic!("one family"),
    }
}

fn ethernet(packet: &[u8]) -> Vec<u8> {
    let kind: [u8; 2] = if packet[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    [&[0; 12][..], &kind, packet].concat()
}

fn message(class: Class, method: Method, id: u8, attributes: &[(u16, Value<'_>)]) -> Vec<u8> {
    let mut buffer = [0; 1500];
    let mut builder = Builder::new(&mut buffer, class, method, TransactionId::new([id; 12])).expect("room");
    for (code, value) in attributes {
        builder.attribute(*code, value).expect("fits");
    }
    builder.finish().to_vec()
}

fn check(id: u8, username: &str, role: u16, nominate: bool) -> Vec<u8> {
    let mut attributes = vec![
        (attribute::USERNAME, Value::Text(username)),
        (attribute::PRIORITY, Value::Number(1_853_824_767)),
        (role, Value::Long(77)),
    ];
    if nominate {
        attributes.push((attribute::USE_CANDIDATE, Value::Flag));
    }
    message(Class::Request, Method::BINDING, id, &attributes)
}

fn success(id: u8, mapped: &str) -> Vec<u8> {
    message(Class::Success, Method::BINDING, id, &[(attribute::XOR_MAPPED_ADDRESS, Value::Address(address(mapped)))])
}

fn capture(report: Report) -> Capture {
    *report.capture.expect("a capture")
}

const L: &str = "192.0.2.1:5000";
const R: &str = "198.51.100.2:6000";

/// An exchange: two requests of L, one repeated, one answered with role conflict; one of R nominated and answered.
fn exchange() -> Frames {
    let mut frames = Frames::default();
    let conflict = message(
        Class::Error,
        Method::BINDING,
        2,
        &[(attribute::ERROR_CODE, Value::ErrorCode(icelens::stun::ErrorCode::new(487)))],
    );
    frames
        .udp(0, L, R, &check(1, "rrrr:llll", attribute::ICE_CONTROLLING, false))
        .udp(500, L, R, &check(1, "rrrr:llll", attribute::ICE_CONTROLLING, false))
        .udp(530, R, L, &success(1, L))
        .udp(540, L, R, &check(2, "rrrr:llll", attribute::ICE_CONTROLLING, false))
        .udp(550, R, L, &conflict)
        .udp(600, R, L, &check(3, "llll:rrrr", attribute::ICE_CONTROLLED, false))
        .udp(700, L, R, &check(4, "rrrr:llll", attribute::ICE_CONTROLLING, true))
        .udp(720, R, L, &success(4, L))
        .udp(730, L, R, &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        .udp(740, L, R, &[0x80; 100]);
    frames
}

fn verify_exchange(capture: &Capture) {
    assert_eq!((capture.packets, capture.messages, capture.transactions.len()), (10, 8, 4));
    let first = &capture.transactions[0];
    assert_eq!((first.retransmissions(), first.round_trip()), (1, Some(30_000_000)));
    assert_eq!(capture.transactions[1].response.as_ref().and_then(|response| response.error), Some(487));
    assert!(capture.transactions[2].response.is_none());
    let [pair] = capture.pairs.as_slice() else { panic!("{:?}", capture.pairs) };
    let (from_l, from_r) = (&pair.from_a, &pair.from_b);
    assert_eq!(
        (from_l.sent, from_l.answered, from_l.errors, from_l.conflicts, from_l.retransmissions),
        (3, 2, 1, 1, 1)
    );
    assert_eq!((from_l.nominations, from_l.nominated.map(|time| time - capture.first)), (1, Some(720_000_000)));
    assert_eq!((from_r.sent, from_r.answered), (1, 0));
    assert_eq!(pair.data_bytes, 125);
    let [session] = capture.sessions.as_slice() else { panic!("{:?}", capture.sessions) };
    assert_eq!(session.fragments, ["llll".to_owned(), "rrrr".to_owned()]);
    assert_eq!((session.selected, session.aggressive), (Some(0), false));
    assert_eq!(session.addresses, [vec![pair.path.a], vec![pair.path.b]]);
    let flow = &capture.flows[pair.flow.expect("a flow")];
    assert_eq!((flow.from_a.dtls, flow.from_a.media, flow.dtls.client_hellos), (1, 1, 1));
    assert_eq!(from_l.role, Some(Role::Controlling));
}

#[test]
fn checks_are_reconstructed() {
    verify_exchange(&capture(exchange().scan()));
}

#[test]
fn every_file_format_gives_the_same() {
    let frames = exchange();
    for (big_endian, nanos) in [(true, false), (false, true), (true, true)] {
        verify_exchange(&capture(scan(&frames.pcap(ETHERNET, big_endian, nanos))));
    }
    let found = capture(scan(&frames.pcapng(1)));
    assert_eq!(found.format, Format::Pcapng);
    verify_exchange(&found);
}

#[test]
fn every_link_type_gives_the_same() {
    let plain = exchange();
    let wrapped = |head: &dyn Fn(&[u8]) -> Vec<u8>| {
        Frames(
            plain.0.iter().map(|(time, frame)| (*time, [head(&frame[14..]), frame[14..].to_vec()].concat())).collect(),
        )
    };
    let cases: [(u32, Frames); 6] = [
        (1, wrapped(&|_| [&[0; 12][..], &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 8, 0]].concat())),
        (113, wrapped(&|_| [&[0, 4, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0][..], &[8, 0]].concat())),
        (276, wrapped(&|_| [&[8, 0][..], &[0; 18]].concat())),
        (101, wrapped(&|_| Vec::new())),
        (228, wrapped(&|_| Vec::new())),
        (0, wrapped(&|_| vec![2, 0, 0, 0])),
    ];
    for (link, frames) in cases {
        verify_exchange(&capture(scan(&frames.pcap(link, false, false))));
    }
}

#[test]
fn messages_are_findings_at_their_bytes() {
    let file = exchange().pcap(ETHERNET, false, false);
    let report = scan(&file);
    assert_eq!(report.findings.len(), 8);
    for finding in &report.findings {
        assert!(matches!(&finding.found, Found::Stun(stun) if stun.bytes.is_none()));
        assert!(Message::parse(&file[finding.start..finding.end]).is_ok());
    }
    let capture = report.capture.expect("a capture");
    for transaction in &capture.transactions {
        for sighting in transaction.requests.iter().chain(transaction.response.iter().map(|response| &response.seen)) {
            let finding = &report.findings[sighting.finding.expect("kept")];
            assert_eq!(finding.packet.map(|origin| origin.packet), Some(sighting.packet));
        }
    }
}

#[test]
fn ipv6_with_extension_headers() {
    let (from, to) = (address("[2001:db8::1]:5000"), address("[2001:db8::2]:3478"));
    let request = message(Class::Request, Method::BINDING, 1, &[]);
    let mut packet = udp(from, to, &request);
    // A hop-by-hop header of 8 bytes between IPv6 and UDP.
    packet.splice(40..40, [17, 0, 1, 4, 0, 0, 0, 0]);
    packet[6] = 0;
    let length = (packet.len() as u16 - 40).to_be_bytes();
    packet[4..6].copy_from_slice(&length);
    let mut frames = Frames::default();
    frames.push(0, ethernet(&packet));
    let found = capture(frames.scan());
    assert_eq!((found.transactions.len(), found.transactions[0].client), (1, from));
}

#[test]
fn turn_is_unwrapped() {
    let (client, server, relayed, peer) =
        ("10.0.0.5:4000", "203.0.113.10:3478", "203.0.113.10:50000", "198.51.100.7:7000");
    let peer_attribute = (attribute::XOR_PEER_ADDRESS, Value::Address(address(peer)));
    let unauthorized = message(
        Class::Error,
        Method::ALLOCATE,
        1,
        &[(attribute::ERROR_CODE, Value::ErrorCode(icelens::stun::ErrorCode::new(401)))],
    );
    let granted = message(
        Class::Success,
        Method::ALLOCATE,
        2,
        &[
            (attribute::XOR_RELAYED_ADDRESS, Value::Address(address(relayed))),
            (attribute::XOR_MAPPED_ADDRESS, Value::Address(address("192.0.2.99:4000"))),
            (attribute::LIFETIME, Value::Number(600)),
        ],
    );
    let inner = check(9, "pppp:cccc", attribute::ICE_CONTROLLING, true);
    let channel = |payload: &[u8]| [&[0x40, 0x00][..], &(payload.len() as u16).to_be_bytes(), payload].concat();
    let udp_17 = (attribute::REQUESTED_TRANSPORT, Value::Number(17));
    let mut frames = Frames::default();
    frames
        .udp(0, client, server, &message(Class::Request, Method::ALLOCATE, 1, &[udp_17]))
        .udp(1, server, client, &unauthorized)
        .udp(2, client, server, &message(Class::Request, Method::ALLOCATE, 2, &[udp_17]))
        .udp(3, server, client, &granted)
        .udp(4, client, server, &message(Class::Request, Method::CREATE_PERMISSION, 3, &[peer_attribute]))
        .udp(5, server, client, &message(Class::Success, Method::CREATE_PERMISSION, 3, &[]))
        .udp(
            6,
            client,
            server,
            &message(Class::Indication, Method::SEND, 4, &[peer_attribute, (attribute::DATA, Value::Bytes(&inner))]),
        )
        .udp(
            40,
            server,
            client,
            &message(
                Class::Indication,
                Method::DATA,
                5,
                &[peer_attribute, (attribute::DATA, Value::Bytes(&success(9, relayed)))],
            ),
        )
        .udp(
            50,
            client,
            server,
            &message(
                Class::Request,
                Method::CHANNEL_BIND,
                6,
                &[peer_attribute, (attribute::CHANNEL_NUMBER, Value::Number(0x4000))],
            ),
        )
        .udp(51, server, client, &message(Class::Success, Method::CHANNEL_BIND, 6, &[]))
        .udp(60, client, server, &channel(&[0x90; 50]))
        .udp(70, server, client, &channel(&[0x90; 60]));
    let found = capture(frames.scan());
    let [allocation] = found.allocations.as_slice() else { panic!("{:?}", found.allocations) };
    assert_eq!((allocation.relayed, allocation.errors.as_slice()), (Some(address(relayed)), &[401][..]));
    assert_eq!((allocation.permissions.as_slice(), allocation.channels.len()), (&[address(peer)][..], 1));
    assert_eq!((allocation.sent, allocation.received, allocation.lifetime), ((1, 1), (1, 1), Some(600)));
    let [pair] = found.pairs.as_slice() else { panic!("{:?}", found.pairs) };
    assert!(pair.flow.is_none());
    assert_eq!(pair.data_bytes, 110);
    let transaction = found.transactions.iter().find(|transaction| transaction.check.is_some()).expect("the check");
    assert_eq!((transaction.client, transaction.server), (address(relayed), address(peer)));
    assert_eq!((transaction.seen, transaction.round_trip()), ((0, 1), Some(34_000_000)));
    assert_eq!(found.sessions[0].selected, Some(0));
}

/// The bytes of a connection, cut into segments of `size`; `order` says how they arrive.
fn connection(stream: &[u8], size: usize, order: impl Fn(usize, usize) -> usize) -> Frames {
    let (from, to) = (address("10.0.0.5:4000"), address("203.0.113.10:3478"));
    let chunks: Vec<_> = stream.chunks(size).collect();
    let mut frames = Frames::default();
    let start = 0xffff_fff0_u32;
    frames.push(0, ethernet(&tcp(from, to, start, 2, &[])));
    for index in 0..chunks.len() {
        let place = order(index, chunks.len());
        let sequence = start.wrapping_add(1 + (place * size) as u32);
        frames.push(1000 + index as u64, ethernet(&tcp(from, to, sequence, 0x10, chunks[place])));
    }
    frames
}

#[test]
fn tcp_is_put_in_order_and_cut() {
    let requests: Vec<_> = (1..=9).map(|id| check(id, "rrrr:llll", attribute::ICE_CONTROLLING, false)).collect();
    let turn = requests.concat();
    let framed: Vec<u8> =
        requests.iter().flat_map(|request| [&(request.len() as u16).to_be_bytes()[..], request].concat()).collect();
    for stream in [turn, framed] {
        for size in [1, 7, 50, 97, 5000] {
            type Order = fn(usize, usize) -> usize;
            // In order; neighbours swapped; every segment but the first behind the next three.
            let orders: [Order; 3] = [
                |index, _| index,
                |index, count| if (index ^ 1) < count { index ^ 1 } else { index },
                |index, count| {
                    let block = index / 4 * 4;
                    let last = (block + 3).min(count - 1);
                    last - (index - block)
                },
            ];
            for order in orders {
                let found = capture(connection(&stream, size, order).scan());
                assert_eq!(found.transactions.len(), 9, "segments of {size}");
                assert!(
                    found.transactions.iter().all(
                        |transaction| transaction.transport == Transport::Tcp && transaction.retransmissions() == 0
                    )
                );
            }
        }
    }
}

#[test]
fn sip_in_a_capture_is_found() {
    let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\na=ice-ufrag:abcd\r\n";
    let invite = format!(
        "INVITE sip:b@example.org SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n{sdp}"
    );
    let ok = format!("SIP/2.0 200 OK\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n{sdp}");
    let mut frames = Frames::default();
    frames.udp(0, "192.0.2.1:5060", "192.0.2.2:5060", invite.as_bytes());
    frames.udp(9, "192.0.2.2:5060", "192.0.2.1:5060", ok.as_bytes());
    let file = frames.pcap(ETHERNET, false, false);
    let report = scan(&file);
    let kinds: Vec<_> = report
        .findings
        .iter()
        .map(|finding| match &finding.found {
            Found::Message(message) => (0, message.status, finding.start),
            Found::Sdp(description) => {
                assert_eq!(&file[finding.start..finding.end], sdp.as_bytes());
                (1, None, description.message.expect("a carrier"))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds.iter().map(|kind| (kind.0, kind.1)).collect::<Vec<_>>(),
        [(0, None), (1, None), (0, Some(200)), (1, None)]
    );
    assert_eq!((kinds[1].2, kinds[3].2), (0, 2));
}

#[test]
fn damage_is_told_and_the_rest_kept() {
    let file = exchange().pcap(ETHERNET, false, false);
    let whole = capture(scan(&file));
    assert_eq!(whole.damaged, None);
    let mut clean = 0;
    for cut in 24..file.len() {
        let found = capture(scan(&file[..cut]));
        assert!(found.packets <= whole.packets && found.transactions.len() <= whole.transactions.len());
        assert!(found.damaged.is_none_or(|at| at < cut), "cut at {cut}");
        clean += usize::from(found.damaged.is_none());
    }
    // Behind the head of the file and behind each record but the last.
    assert_eq!(clean, 10);
    assert_eq!(capture(scan(&file[..file.len() - 1])).packets, 9);
}

#[test]
fn steps_give_the_same_as_one_call() {
    let file = exchange().pcapng(1);
    let whole = scan(&file);
    for budget in [1, 100, 1000] {
        let mut scanner = icelens::scan::Scanner::new(&file);
        while !scanner.step(&file, budget) {}
        assert_eq!(scanner.finish(&file), whole);
    }
}

/// Captures of real browsers: made by `pkg-tests`' lab and kept here, and those beside the repository.
fn browser_captures() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let beside = std::env::var_os("ICELENS_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let mut files = Vec::new();
    for folder in [root.join("tests/fixtures/capture"), beside.join("captures")] {
        match std::fs::read_dir(&folder) {
            Ok(entries) => files.extend(
                entries
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|ext| ext == "pcap" || ext == "pcapng")),
            ),
            Err(_) => println!("skipped: no captures in {}", folder.display()),
        }
    }
    files.sort();
    files
}

/// Lines that tshark prints for each packet that passes `filter`: the fields, separated by tabs.
fn tshark(file: &PathBuf, filter: &str, fields: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-2").arg("-r").arg(file).args(["-Y", filter, "-T", "fields"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// `frame, types, ids` → one line for each message.
fn each_message(line: &str) -> Vec<String> {
    let fields: Vec<_> = line.split('\t').collect();
    let [frame, types, ids] = fields[..] else { panic!("{line}") };
    types.split(',').zip(ids.split(',')).map(|(kind, id)| format!("{frame}\t{kind}\t{id}")).collect()
}

#[test]
fn counts_equal_those_of_tshark() {
    for file in browser_captures() {
        let Some(messages) = tshark(&file, "stun.type && !icmp", &["frame.number", "stun.type", "stun.id"]) else {
            println!("skipped: tshark can't be run");
            return;
        };
        // A segment of TCP may hold several messages.
        let messages: Vec<_> = messages.iter().flat_map(|line| each_message(line)).collect();
        let bytes = std::fs::read(&file).expect("readable");
        let report = scan(&bytes);
        let found = report.capture.as_ref().expect("a capture");
        assert_eq!(found.messages as usize, messages.len(), "{}", file.display());
        let ours: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.packet.is_some_and(|origin| !origin.relayed))
            .map(|finding| {
                let Found::Stun(stun) = &finding.found else { panic!("{finding:?}") };
                let message = stun.bytes.as_deref().unwrap_or(&bytes[finding.start..finding.end]);
                let id: String = message[8..20].iter().map(|byte| format!("{byte:02x}")).collect();
                format!(
                    "{}\t0x{:02x}{:02x}\t{id}",
                    finding.packet.map_or(0, |origin| origin.packet),
                    message[0],
                    message[1]
                )
            })
            .collect();
        assert_eq!(ours, messages, "{}", file.display());
        // Answers: packet of the response, packet of its request.
        let mut matched =
            tshark(&file, "stun.response-to && !icmp", &["frame.number", "stun.response-to"]).expect("ran before");
        // A second response to the same request is counted by us, and not kept.
        let responses = matched.len();
        let mut asked = Vec::new();
        matched.retain(|line| {
            let request = line.split('\t').next_back().map(str::to_owned);
            let first = !asked.contains(&request);
            asked.push(request);
            first
        });
        let mut pairs: Vec<(u32, u32)> = found
            .transactions
            .iter()
            .filter_map(|transaction| {
                let response = transaction.response.as_ref()?;
                let answer = [Some(response.seen), response.copy].into_iter().flatten().find(|seen| !seen.relayed)?;
                let asked = transaction.requests.iter().find(|seen| !seen.relayed)?;
                Some((answer.packet, asked.packet))
            })
            .collect();
        pairs.sort_unstable();
        let ours: Vec<_> = pairs.iter().map(|(answer, asked)| format!("{answer}\t{asked}")).collect();
        assert_eq!(ours, matched, "{}", file.display());
        let on_wire =
            |transaction: &&icelens::scan::capture::Transaction| transaction.requests.iter().any(|seen| !seen.relayed);
        let more: u32 = found.transactions.iter().filter(on_wire).map(|transaction| transaction.more_responses).sum();
        assert_eq!(pairs.len() + more as usize, responses, "{}", file.display());
        let channel = tshark(&file, "stun.channel && !icmp", &["stun.channel"]).expect("ran before");
        let channel: usize = channel.iter().map(|line| line.split(',').count()).sum();
        let counted: u32 =
            found.flows.iter().filter(|flow| !flow.relayed).map(|flow| flow.from_a.channel + flow.from_b.channel).sum();
        assert_eq!(counted as usize, channel, "{}", file.display());
        println!("{}: {} messages, {} matched, {channel} ChannelData", file.display(), messages.len(), matched.len());
    }
}
