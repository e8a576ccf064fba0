//! STUN in icelens beside `is` (str0m's) and `stun-types`: the jobs of `npm run bench`, native.
//! `cargo bench --manifest-path benches/peers/Cargo.toml`

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
use is::stun::{StunMessage, TransId};
use is::{DefaultSha1HmacProvider, Sha1HmacProvider};
use std::hint::black_box;
use std::net::SocketAddr;
use stun_types::attribute::{AttributeType, RawAttribute, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, Message as TypesMessage, MessageIntegrityCredentials, MessageWriteMutSlice,
    ShortTermCredentials,
};
use stun_types::prelude::*;

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const USERNAME: &str = "evtj:h6vY";
const PRIORITY: u32 = 0x6e00_01ff;
const TIE_BREAKER: u64 = 0x932f_f9b1_5126_3b36;

/// An ICE check: USERNAME, ICE-CONTROLLING, USE-CANDIDATE, PRIORITY, MESSAGE-INTEGRITY, FINGERPRINT.
fn check<'a>(buffer: &'a mut [u8], key: &Key) -> &'a [u8] {
    let id = TransactionId::new(*b"abcdefghijkl");
    let mut builder = Builder::new(buffer, Class::Request, Method::BINDING, id).unwrap();
    builder.attribute(attribute::USERNAME, &Value::Text(USERNAME)).unwrap();
    builder.attribute(attribute::ICE_CONTROLLING, &Value::Long(TIE_BREAKER)).unwrap();
    builder.attribute(attribute::USE_CANDIDATE, &Value::Flag).unwrap();
    builder.attribute(attribute::PRIORITY, &Value::Number(PRIORITY)).unwrap();
    builder.sign(key).unwrap().fingerprint().unwrap();
    builder.finish()
}

/// A Binding success response with MESSAGE-INTEGRITY, which `is` insists on.
fn success<'a>(buffer: &'a mut [u8], key: &Key) -> &'a [u8] {
    let id = TransactionId::new(*b"abcdefghijkl");
    let mut builder = Builder::new(buffer, Class::Success, Method::BINDING, id).unwrap();
    builder.attribute(attribute::SOFTWARE, &Value::Text("test vector")).unwrap();
    builder.address(attribute::XOR_MAPPED_ADDRESS, address()).unwrap();
    builder.sign(key).unwrap().fingerprint().unwrap();
    builder.finish()
}

fn address() -> SocketAddr {
    "192.0.2.1:32853".parse().unwrap()
}

fn types_key() -> stun_types::message::IntegrityKey {
    let credentials = MessageIntegrityCredentials::ShortTerm(ShortTermCredentials::new(PASSWORD.to_owned()));
    credentials.make_key(IntegrityAlgorithm::Sha1)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    DefaultSha1HmacProvider.sha1_hmac(key, parts)
}

fn decode(criterion: &mut Criterion) {
    let mut buffer = [0; 128];
    let bytes = success(&mut buffer, &Key::short_term(PASSWORD));
    assert_eq!(bytes.len(), 80);
    let mut group = criterion.benchmark_group("decode Binding success, read the address");
    group.bench_function("icelens", |bench| {
        bench.iter(|| Message::parse(black_box(bytes)).unwrap().mapped_address().unwrap());
    });
    group.bench_function("is", |bench| {
        bench.iter(|| StunMessage::parse(black_box(bytes)).unwrap().mapped_address().unwrap());
    });
    group.bench_function("stun-types", |bench| {
        bench.iter(|| {
            let message = TypesMessage::from_bytes(black_box(bytes)).unwrap();
            let mapped = message.attribute::<XorMappedAddress>().unwrap();
            mapped.addr(message.transaction_id())
        });
    });
    group.finish();
}

fn verify(criterion: &mut Criterion) {
    let mut buffer = [0; 128];
    let key = Key::short_term(PASSWORD);
    let bytes = check(&mut buffer, &key);
    let mut group = criterion.benchmark_group("decode an ICE check and verify it");
    group.bench_function("icelens", |bench| {
        bench.iter(|| {
            let message = Message::parse(black_box(bytes)).unwrap();
            assert!(message.verify(&key).is_valid() && message.fingerprint().is_valid());
        });
    });
    group.bench_function("is (no FINGERPRINT)", |bench| {
        bench.iter(|| assert!(StunMessage::parse(black_box(bytes)).unwrap().verify(PASSWORD.as_bytes(), hmac)));
    });
    let key = types_key();
    group.bench_function("stun-types", |bench| {
        bench.iter(|| TypesMessage::from_bytes(black_box(bytes)).unwrap().validate_integrity_with_key(&key).unwrap());
    });
    group.finish();
}

fn sign(criterion: &mut Criterion) {
    let key = Key::short_term(PASSWORD);
    let mut group = criterion.benchmark_group("encode and sign an ICE check");
    let mut buffer = [0; 256];
    group.bench_function("icelens", |bench| bench.iter(|| check(black_box(&mut buffer), &key).len()));
    group.bench_function("is", |bench| {
        bench.iter_batched(
            || (StunMessage::binding_request(USERNAME, TransId::new(), true, TIE_BREAKER, PRIORITY, true), [0; 256]),
            |(message, mut buffer)| message.to_bytes(Some(PASSWORD.as_bytes()), &mut buffer, hmac).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let key = types_key();
    group.bench_function("stun-types", |bench| {
        bench.iter(|| {
            let mut message = TypesMessage::builder_request(BINDING, MessageWriteMutSlice::new(black_box(&mut buffer)));
            message.add_attribute(&Username::new(USERNAME).unwrap()).unwrap();
            let (tie_breaker, priority) = (TIE_BREAKER.to_be_bytes(), PRIORITY.to_be_bytes());
            message.add_attribute(&RawAttribute::new(AttributeType::new(0x802a), &tie_breaker)).unwrap();
            message.add_attribute(&RawAttribute::new(AttributeType::new(0x0025), &[])).unwrap();
            message.add_attribute(&RawAttribute::new(AttributeType::new(0x0024), &priority)).unwrap();
            message.add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1).unwrap();
            message.add_fingerprint().unwrap();
            message.finish()
        });
    });
    group.finish();
}

criterion_group!(benches, decode, verify, sign);
criterion_main!(benches);
