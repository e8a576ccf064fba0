//! Rules that hold for any bytes. Called by the fuzz targets, and by `tests/stun_fuzz.rs` on stable.

use icelens::net::{Deframer, Framing, Payload};
use icelens::stun::auth::{Account, Auth, LongTerm};
use icelens::stun::nonce::NonceSecret;
use icelens::stun::server::{MAX_UNKNOWN, Server, Verdict};
use icelens::stun::{Builder, Class, Key, Message, attribute};
use icelens::turn::ChannelData;

/// Every view of a message: no panic, and what is told lies within the bytes.
pub fn decode(data: &[u8]) {
    let message = match Message::parse(data) {
        Err(error) => {
            assert!(error.offset <= data.len());
            return;
        }
        Ok(message) => message,
    };
    assert_eq!(Payload::of(data) == Payload::Stun, data[0] < 4);
    let mut end = 20;
    for found in message.attributes() {
        assert_eq!(found.offset(), end + 4);
        let spare = found.padding().len();
        assert!(spare < 4);
        end = found.offset() + found.bytes().len() + spare;
        match found.value() {
            Ok(value) => drop(format!("{value:?}")),
            Err(error) => assert_eq!(error.offset, found.offset()),
        }
        let first = message.get(found.code()).map(|first| first.offset());
        assert!(first.is_none_or(|first| first <= found.offset()));
    }
    assert_eq!(end, data.len());
    assert!(message.effective().count() <= message.attributes().count());
    let key = Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");
    let _ = (message.verify(&key), message.fingerprint(), message.mapped_address(), message.error_code());
    let _ = (message.username(), message.software(), message.realm(), message.nonce(), message.priority());
}

/// A decoded message can be written again, and decodes to the same.
pub fn reencode(data: &[u8]) {
    let Ok(message) = Message::parse(data) else { return };
    let mut buffer = vec![0; data.len() + 64];
    let mut builder = Builder::new(&mut buffer, message.class(), message.method(), message.transaction_id()).unwrap();
    let mut kept = Vec::new();
    for found in message.effective() {
        let Ok(value) = found.value() else { continue };
        if builder.attribute(found.code(), &value).is_ok() {
            kept.push((found.code(), value));
        } else {
            // Decoding is more lenient only where a part is opaque; writing must not lose what fits.
            panic!("{found:?} was read and cannot be written");
        }
    }
    let key = Key::short_term("key");
    builder.sign(&key).unwrap().fingerprint().unwrap();
    let bytes = builder.finish();
    let again = Message::parse(bytes).unwrap();
    assert_eq!((again.class(), again.method()), (message.class(), message.method()));
    assert_eq!(again.transaction_id(), message.transaction_id());
    assert!(again.verify(&key).is_valid() && again.fingerprint().is_valid());
    let values: Vec<_> = again.effective().map(|found| (found.code(), found.value().unwrap())).collect();
    assert_eq!(values, kept);
}

/// Frames are the same however the stream is cut; the first byte says where.
pub fn framing(data: &[u8]) {
    let Some((&cut, stream)) = data.split_first() else { return };
    for framing in [Framing::Rfc4571, Framing::Stun] {
        let whole = frames(framing, stream, stream.len().max(1));
        let pieces = frames(framing, stream, usize::from(cut).max(1));
        assert_eq!(whole, pieces);
    }
    if let Ok(channel) = ChannelData::parse(stream) {
        let mut out = vec![0; channel.data.len() + 8];
        let len = channel.write(false, &mut out).unwrap();
        assert_eq!(ChannelData::parse(&out[..len]), Ok(channel));
    }
}

fn frames(framing: Framing, stream: &[u8], size: usize) -> (Vec<Vec<u8>>, bool) {
    let mut deframer = Deframer::new(framing);
    let mut frames = Vec::new();
    for mut piece in stream.chunks(size) {
        while !piece.is_empty() {
            let taken = deframer.push(piece);
            loop {
                match deframer.next_frame() {
                    Ok(Some(frame)) => frames.push(frame.to_vec()),
                    Ok(None) => break,
                    Err(_) => return (frames, true),
                }
            }
            // A whole frame always fits, so that the deframer never stops taking.
            assert!(taken > 0);
            piece = &piece[taken..];
        }
    }
    (frames, false)
}

/// A server answers requests only, with a response that decodes, to the same transaction.
pub fn server(data: &[u8]) {
    let source = "198.51.100.7:4242".parse().unwrap();
    let key = Key::short_term("pass");
    let secret = NonceSecret::new(&[1; 32]);
    let users = vec![Account::new("user", "realm", "pass")];
    let terms = LongTerm { realm: b"realm", secret: &secret, nonce_lifetime: 60, users: &users };
    for auth in [Auth::None, Auth::ShortTerm { username: b"user", key: &key }, Auth::LongTerm(terms)] {
        for refuse_malformed in [false, true] {
            let server = Server { auth, refuse_malformed, software: b"fuzz", fingerprint: true, ..Server::default() };
            let mut out = [0; 1280];
            let answer = server.answer(data, source, 7, &mut out);
            if answer.verdict == Verdict::Ignored {
                assert_eq!(answer.len, 0);
                continue;
            }
            let response = Message::parse(&out[..answer.len]).unwrap();
            assert!(response.class().is_response() && data.len() >= 20);
            assert_eq!(response.transaction_id().header_bytes()[..], data[4..20]);
            assert_eq!(response.class() == Class::Success, answer.verdict == Verdict::Success);
            let listed = response.get(attribute::UNKNOWN_ATTRIBUTES).map_or(0, |found| found.bytes().len() / 2);
            assert!(listed <= MAX_UNKNOWN);
            let response = out[..answer.len].to_vec();
            let again = server.answer(&response, source, 7, &mut out);
            assert_eq!(again.verdict, Verdict::Ignored, "an answer to an answer");
        }
    }
}
