//! Properties of messages: what is written is read, what is changed is noticed, what is cut is refused.
#![cfg(not(target_arch = "wasm32"))] // proptest does not compile there
#![cfg(feature = "stun")]

use icelens::stun::{
    ATTRIBUTES, AlgorithmParameters, Algorithms, AttributeInfo, Builder, Check, Class, Codes, ErrorCode, Key, Kind,
    Message, Method, TransactionId, Value, attribute,
};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};

/// An attribute with material for any kind of value.
#[derive(Clone, Debug)]
struct Draft {
    row: &'static AttributeInfo,
    number: u64,
    ip: IpAddr,
    text: String,
    bytes: Vec<u8>,
    pairs: Vec<[u8; 2]>,
}

impl Draft {
    fn value(&self) -> Value<'_> {
        let number = self.number;
        let [a, b, c, d, ..] = number.to_be_bytes();
        let error = ErrorCode { code: 300 + (number % 400) as u16, reason: &self.text };
        match self.row.kind {
            Kind::Address | Kind::XorAddress => Value::Address(SocketAddr::new(self.ip, number as u16)),
            Kind::Text(_) => Value::Text(&self.text),
            Kind::Bytes(least, most) if least == most => Value::Bytes(&self.bytes[..least as usize]),
            Kind::Bytes(least, _) => Value::Bytes(&self.bytes[..(least as usize).max(number as usize % 32)]),
            Kind::Flag => Value::Flag,
            Kind::Byte => Value::Number(number as u32 & 0xff),
            Kind::Short => Value::Number(number as u32 & 0xffff),
            Kind::Word => Value::Number(number as u32),
            Kind::Long => Value::Long(number),
            Kind::TopBit => Value::Bit(number & 1 == 1),
            Kind::ErrorCode => Value::ErrorCode(error),
            Kind::AddressErrorCode => Value::AddressErrorCode { family: a, error },
            Kind::Codes => Value::Codes(Codes::new(&self.pairs)),
            Kind::Algorithm => {
                Value::Algorithm(AlgorithmParameters { algorithm: number as u16, parameters: &self.bytes })
            }
            Kind::Algorithms => Value::Algorithms(Algorithms::BOTH),
            Kind::ChangeRequest => Value::ChangeRequest { ip: number & 1 == 1, port: number & 2 == 2 },
            Kind::Icmp => Value::Icmp { kind: a & 0x7f, code: u16::from_be_bytes([b, c]) & 0x1ff, data: number as u32 },
            Kind::TransmitCounter => Value::TransmitCounter { request: a, response: b },
            Kind::EcnCheck => Value::EcnCheck { ecn: a & 3, valid: b & 1 == 1 },
            Kind::NetworkInfo => {
                Value::NetworkInfo { id: u16::from_be_bytes([a, b]), cost: u16::from_be_bytes([c, d]) }
            }
            other => panic!("{other:?} is a kind without a test"),
        }
    }
}

/// Not those that end what counts.
fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    use attribute::{FINGERPRINT, GOOG_MESSAGE_INTEGRITY_32, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256};
    let special = [MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, GOOG_MESSAGE_INTEGRITY_32, FINGERPRINT];
    let rows: Vec<_> = ATTRIBUTES.iter().filter(|row| !special.contains(&row.code)).collect();
    let ip = prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)];
    let material =
        (proptest::sample::select(rows), any::<u64>(), ip, ".{0,20}", any::<[u8; 32]>(), any::<Vec<[u8; 2]>>());
    let draft = material.prop_map(|(row, number, ip, text, bytes, mut pairs)| {
        pairs.truncate(16);
        Draft { row, number, ip, text, bytes: bytes.to_vec(), pairs }
    });
    proptest::collection::vec(draft, 0..8)
}

fn build(drafts: &[Draft], class: u8, method: u16, id: TransactionId, key: &Key) -> Vec<u8> {
    let mut buffer = [0; 4096];
    let mut builder = Builder::new(&mut buffer, Class::from_bits(class), Method::new(method), id).unwrap();
    for draft in drafts {
        builder.attribute(draft.row.code, &draft.value()).unwrap();
    }
    builder.sign(key).unwrap().sign_sha256(key, 16).unwrap().fingerprint().unwrap();
    builder.finish().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(drafts in drafts(), class in 0u8..4, method in 0u16..0x1000, id: [u8; 12]) {
        let key = Key::short_term("key");
        let id = TransactionId::new(id);
        let bytes = build(&drafts, class, method, id, &key);
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!((message.class() as u8, message.method().code()), (class, method));
        prop_assert_eq!(message.transaction_id(), id);
        let read: Vec<_> = message.effective().map(|found| (found.code(), found.value().unwrap())).collect();
        let written: Vec<_> = drafts.iter().map(|draft| (draft.row.code, draft.value())).collect();
        prop_assert_eq!(read, written);
        prop_assert_eq!((message.verify(&key), message.fingerprint()), (Check::Valid, Check::Valid));
    }

    #[test]
    fn any_bit_that_flips_is_noticed(drafts in drafts(), id: [u8; 12], seed: u64) {
        let key = Key::short_term("key");
        let bytes = build(&drafts, 0, 1, TransactionId::new(id), &key);
        for step in 0..64 {
            let bit = (seed.wrapping_mul(2 * step + 1) % (8 * bytes.len() as u64)) as usize;
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let unnoticed = Message::parse(&changed)
                .is_ok_and(|message| message.verify(&key).is_valid() && message.fingerprint().is_valid());
            prop_assert!(!unnoticed, "bit {}", bit);
        }
    }

    #[test]
    fn any_cut_is_a_located_error(drafts in drafts(), id: [u8; 12]) {
        let bytes = build(&drafts, 2, 1, TransactionId::new(id), &Key::short_term("key"));
        for len in 0..bytes.len() {
            prop_assert_eq!(Message::parse(&bytes[..len]).unwrap_err().offset, len);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), fix: bool) {
        if fix && bytes.len() >= 20 {
            bytes.truncate(bytes.len() & !3);
            let length = (bytes.len() - 20) as u16;
            bytes[0] &= 0x3f;
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
        }
        if let Ok(message) = Message::parse(&bytes) {
            let total: usize = message.attributes().map(|found| 4 + found.bytes().len() + found.padding().len()).sum();
            prop_assert_eq!(total + 20, bytes.len());
            let shown = format!("{message:?}");
            prop_assert!(!shown.is_empty());
        }
    }
}

#[test]
fn a_message_of_many_empty_attributes_stays_linear() {
    let mut bytes = vec![0; 20 + 65_532];
    bytes[2..4].copy_from_slice(&65_532u16.to_be_bytes());
    bytes[4..8].copy_from_slice(&0x2112_a442u32.to_be_bytes());
    let message = Message::parse(&bytes).unwrap();
    assert_eq!(message.attributes().count(), 16_383);
    assert_eq!(message.get(attribute::USERNAME).map(|found| found.offset()), None);
}
