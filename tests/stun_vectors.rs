//! RFC 5769 2.1 to 2.4 and RFC 8489 B.1 (with erratum 6268): decoded, verified, re-encoded to the byte.
#![cfg(feature = "stun")]

use icelens::stun::{
    Algorithm, Builder, Check, Class, Dialect, Key, Message, Method, ParseErrorKind, TransactionId, Value, attribute,
    is_message, user_hash,
};

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const USER: &str = "\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}";
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
const RESPONSE_V4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const RESPONSE_V6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
const LONG_TERM: &str = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
const USERHASH: &str = "000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473410000000014000b6578616d706c652e6f726700001d000400020000001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn keys() -> [(&'static str, Key); 5] {
    let short = Key::short_term(PASSWORD);
    [
        (REQUEST, short.clone()),
        (RESPONSE_V4, short.clone()),
        (RESPONSE_V6, short),
        (LONG_TERM, Key::long_term(USER, "example.org", "TheMatrIX", Algorithm::Md5)),
        (USERHASH, Key::long_term(USER, "example.org", "TheMatrIX", Algorithm::Sha256)),
    ]
}

#[test]
fn request_is_read() {
    let bytes = hex(REQUEST);
    assert!(is_message(&bytes));
    let message = Message::parse(&bytes).unwrap();
    assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
    assert_eq!(message.dialect(), Dialect::Rfc8489);
    assert_eq!(message.transaction_id().as_bytes(), hex("b7e7a701bc34d686fa87dfae"));
    assert_eq!(message.software(), Some("STUN test client"));
    assert_eq!(message.username(), Some("evtj:h6vY"));
    assert_eq!(message.priority(), Some(0x6e00_01ff));
    assert_eq!(message.value(attribute::ICE_CONTROLLED), Some(Value::Long(0x932f_f9b1_5126_3b36)));
    assert_eq!(message.fingerprint(), Check::Valid);
}

#[test]
fn responses_are_read() {
    for (text, address) in
        [(RESPONSE_V4, "192.0.2.1:32853"), (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    {
        let bytes = hex(text);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.class(), Class::Success);
        assert_eq!(message.software(), Some("test vector"));
        assert_eq!(message.mapped_address(), Some(address.parse().unwrap()));
        assert_eq!(message.fingerprint(), Check::Valid);
    }
}

#[test]
fn every_vector_verifies_and_only_with_its_key() {
    let wrong = Key::short_term("wrong");
    for (text, key) in keys() {
        let bytes = hex(text);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify(&key), Check::Valid);
        assert_eq!(message.verify(&wrong), Check::Invalid);
    }
}

#[test]
fn every_vector_is_written_again_to_the_byte() {
    for (text, key) in keys() {
        let bytes = hex(text);
        let message = Message::parse(&bytes).unwrap();
        let mut buffer = [0xaa; 256];
        let mut builder =
            Builder::new(&mut buffer, message.class(), message.method(), message.transaction_id()).unwrap();
        for found in message.effective() {
            builder.pad_with(found.padding().first().copied().unwrap_or(0));
            builder.attribute(found.code(), &found.value().unwrap()).unwrap();
        }
        if message.get(attribute::MESSAGE_INTEGRITY).is_some() {
            builder.sign(&key).unwrap();
        }
        if message.get(attribute::MESSAGE_INTEGRITY_SHA256).is_some() {
            builder.sign_sha256(&key, 32).unwrap();
        }
        if message.get(attribute::FINGERPRINT).is_some() {
            builder.fingerprint().unwrap();
        }
        assert_eq!(builder.finish(), bytes);
    }
}

#[test]
fn user_hash_is_that_of_the_vector() {
    let bytes = hex(USERHASH);
    let message = Message::parse(&bytes).unwrap();
    let hash = user_hash(USER, "example.org");
    assert_eq!(message.value(attribute::USERHASH), Some(Value::Bytes(&hash)));
}

#[test]
fn every_truncation_is_a_located_error() {
    for (text, _) in keys() {
        let bytes = hex(text);
        for len in 0..bytes.len() {
            let error = Message::parse(&bytes[..len]).unwrap_err();
            let kind = if len < 20 { ParseErrorKind::TooShort } else { ParseErrorKind::Truncated };
            assert_eq!((error.kind, error.offset), (kind, len));
        }
    }
}

#[test]
fn every_bit_of_a_signed_and_fingerprinted_message_is_guarded() {
    for (text, key) in keys().into_iter().take(3) {
        let bytes = hex(text);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let noticed = match Message::parse(&changed) {
                Err(_) => true,
                Ok(message) => !(message.verify(&key).is_valid() && message.fingerprint().is_valid()),
            };
            assert!(noticed, "bit {bit} flipped unnoticed");
        }
    }
}

#[test]
fn classic_messages_are_told_by_the_missing_cookie() {
    let id = TransactionId::classic(*b"0123456789abcdef");
    let mut buffer = [0; 64];
    let mut builder = Builder::new(&mut buffer, Class::Success, Method::BINDING, id).unwrap();
    builder.address(attribute::MAPPED_ADDRESS, "192.0.2.1:9".parse().unwrap()).unwrap();
    let bytes = builder.finish();
    let message = Message::parse(bytes).unwrap();
    assert_eq!(message.dialect(), Dialect::Rfc3489);
    assert_eq!(message.transaction_id(), id);
    assert_eq!(message.mapped_address(), Some("192.0.2.1:9".parse().unwrap()));
    assert!(!is_message(bytes));
}
