//! The least time of many short batches: what a call costs when nothing else runs, whatever else the machine does.
//! `cargo run --release --example least --manifest-path benches/peers/Cargo.toml`

use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
use is::stun::StunMessage;
use is::{DefaultSha1HmacProvider, Sha1HmacProvider};
use std::hint::black_box;
use std::time::Instant;
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{
    IntegrityAlgorithm, Message as TypesMessage, MessageIntegrityCredentials, ShortTermCredentials,
};

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const BATCHES: usize = 3000;
const CALLS: u32 = 200;

fn least(name: &str, mut work: impl FnMut()) {
    let batch = |_| {
        let started = Instant::now();
        (0..CALLS).for_each(|_| work());
        started.elapsed()
    };
    let best = (0..BATCHES).map(batch).min().unwrap_or_default();
    println!("{name:44} {:7.1} ns", best.as_nanos() as f64 / f64::from(CALLS));
}

fn build(buffer: &mut [u8], class: Class, key: &Key, fill: impl FnOnce(&mut Builder<'_>)) -> usize {
    let mut builder = Builder::new(buffer, class, Method::BINDING, TransactionId::new(*b"abcdefghijkl")).unwrap();
    fill(&mut builder);
    builder.sign(key).unwrap().fingerprint().unwrap();
    builder.as_bytes().len()
}

fn response(builder: &mut Builder<'_>) {
    builder.attribute(attribute::SOFTWARE, &Value::Text("test vector")).unwrap();
    builder.address(attribute::XOR_MAPPED_ADDRESS, "192.0.2.1:32853".parse().unwrap()).unwrap();
}

fn check(builder: &mut Builder<'_>) {
    builder.attribute(attribute::USERNAME, &Value::Text("evtj:h6vY")).unwrap();
    builder.attribute(attribute::ICE_CONTROLLING, &Value::Long(0x932f_f9b1_5126_3b36)).unwrap();
    builder.attribute(attribute::USE_CANDIDATE, &Value::Flag).unwrap();
    builder.attribute(attribute::PRIORITY, &Value::Number(0x6e00_01ff)).unwrap();
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    DefaultSha1HmacProvider.sha1_hmac(key, parts)
}

fn main() {
    let key = Key::short_term(PASSWORD);
    let credentials = MessageIntegrityCredentials::ShortTerm(ShortTermCredentials::new(PASSWORD.to_owned()));
    let types_key = credentials.make_key(IntegrityAlgorithm::Sha1);
    let (mut first, mut second, mut third) = ([0; 256], [0; 256], [0; 256]);
    let len = build(&mut first, Class::Success, &key, response);
    let success = &first[..len];
    let len = build(&mut second, Class::Request, &key, check);
    let request = &second[..len];

    println!("decode Binding success ({} bytes), read the address", success.len());
    least("  icelens", || {
        black_box(Message::parse(black_box(success)).unwrap().mapped_address().unwrap());
    });
    least("  is", || {
        black_box(StunMessage::parse(black_box(success)).unwrap().mapped_address().unwrap());
    });
    least("  stun-types", || {
        let message = TypesMessage::from_bytes(black_box(success)).unwrap();
        black_box(message.attribute::<XorMappedAddress>().unwrap().addr(message.transaction_id()));
    });
    println!("decode an ICE check ({} bytes) and verify it", request.len());
    least("  icelens, integrity and fingerprint", || {
        let message = Message::parse(black_box(request)).unwrap();
        assert!(message.verify(&key).is_valid() && message.fingerprint().is_valid());
    });
    least("  is, integrity", || {
        assert!(StunMessage::parse(black_box(request)).unwrap().verify(PASSWORD.as_bytes(), hmac));
    });
    least("  stun-types, integrity and fingerprint", || {
        TypesMessage::from_bytes(black_box(request)).unwrap().validate_integrity_with_key(&types_key).unwrap();
    });
    println!("encode and sign an ICE check; the peers are in `cargo bench`");
    least("  icelens", || {
        black_box(build(black_box(&mut third), Class::Request, &key, check));
    });
}
