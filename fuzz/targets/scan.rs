//! Rules that hold for any input of a scan. Shared by the fuzz targets and a bounded run in `tests/scan_fuzz.rs`.

use icelens::scan::{Found, Report, Scanner, scan};
use icelens::text::Utf16Index;

/// Any bytes: no panic, spans inside the input, steps give what one call gives.
pub(crate) fn any(data: &[u8]) {
    let whole = scan(data);
    check(data, &whole);
    let budget = 1 + data.len() / 7;
    let mut scanner = Scanner::new(data);
    while !scanner.step(data, budget) {}
    assert_eq!(scanner.finish(data), whole);
}

/// Bytes behind the head of a pcap or pcapng file, so that most inputs get past it.
pub(crate) fn capture(data: &[u8]) {
    const PCAP: [u8; 24] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0];
    const PCAPNG: [u8; 48] = [
        0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 20, 0, 0, 0,
    ];
    any(&[&PCAP, data].concat());
    any(&[&PCAPNG, data].concat());
    // Each chunk of the input as the payload of a datagram or segment, so that the engines behind are reached.
    let mut file = PCAP.to_vec();
    for (index, payload) in data.chunks(64).enumerate() {
        let packet = packet(index, payload);
        let length = (packet.len() as u32).to_le_bytes();
        file.extend([(index as u32).to_le_bytes(), [0; 4], length, length].concat());
        file.extend(packet);
    }
    any(&file);
}

/// IPv4 between two addresses, UDP and TCP in turn.
fn packet(index: usize, payload: &[u8]) -> Vec<u8> {
    let (mut ends, udp) = ([[192, 0, 2, 1], [192, 0, 2, 2]], !index.is_multiple_of(3));
    if index % 2 == 1 {
        ends.reverse();
    }
    let mut body = vec![0x0d, 0x96, 0x0d, 0x96];
    if udp {
        body.extend([0, payload.len() as u8 + 8, 0, 0]);
    } else {
        body.extend(((index / 3 * 64) as u32).to_be_bytes());
        body.extend([0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]);
    }
    body.extend(payload);
    let total = (body.len() as u16 + 20).to_be_bytes();
    let head = [0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, if udp { 17 } else { 6 }, 0, 0];
    [&head[..], &ends[0], &ends[1], &body].concat()
}

fn check(data: &[u8], report: &Report) {
    let index = Utf16Index::new(data);
    let mut before = 0;
    for finding in &report.findings {
        assert!(finding.start <= finding.end && finding.end <= data.len(), "{finding:?}");
        assert!(index.utf16(data, finding.start) <= index.utf16(data, finding.end));
        if report.capture.is_none() {
            assert!(finding.start >= before, "findings in order");
            before = finding.start;
        }
        match &finding.found {
            Found::Sdp(sdp) => {
                assert!(!sdp.extract.text(data).is_empty());
                if let Some((text, map)) = sdp.extract.rebuilt() {
                    assert!(
                        map.is_sorted_by_key(|&(offset, _)| offset)
                            && map.iter().all(|&(_, source)| source <= data.len())
                    );
                    assert!(map.iter().all(|&(offset, _)| offset <= text.len() || !data.is_ascii()));
                }
                assert!(sdp.message.is_none_or(|message| message < report.findings.len()));
            }
            Found::Stun(stun) => assert!(stun.bytes.as_ref().map_or(finding.end - finding.start, Vec::len) >= 20),
            Found::Candidate(_) | Found::EndOfCandidates(_) | Found::Message(_) => {}
        }
    }
    let Some(capture) = &report.capture else { return };
    for transaction in &capture.transactions {
        assert!(!transaction.requests.is_empty());
        let _ = transaction.round_trip();
    }
    for pair in &capture.pairs {
        let checks = [&pair.from_a, &pair.from_b];
        assert!(checks.iter().all(|checks| checks.answered + checks.errors <= checks.sent));
    }
    for session in &capture.sessions {
        assert!(session.pairs.iter().all(|&pair| pair < capture.pairs.len()));
    }
}
