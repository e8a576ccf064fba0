//! Values of attributes as `tests/fixtures/stun_values.tsv` has them. The npm package reads and writes values in
//! TypeScript; its tests hold it to the same file.
//!
//! `ICELENS_WRITE_FIXTURES=1 cargo test --test all stun_values` writes the file anew.
#![cfg(feature = "stun")]

use icelens::stun::{
    ATTRIBUTES, AlgorithmParameters, Builder, Class, ErrorCode, Kind, Message, Method, TransactionId, Value,
};
use std::fmt::Write;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stun_values.tsv");
const ID: TransactionId = TransactionId::new(*b"\x10\x32\x54\x76\x98\xba\xdc\xfe\x01\x23\x45\x67");
const LENGTHS: [usize; 14] = [0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 20, 24, 32];

/// xorshift32: the same bytes in every run.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 11) as u8
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next()).collect()
    }

    fn letters(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = b' ' + self.next() % 95);
    }
}

/// Bytes of each length: any, and such as have the shape of an address, an error code, text, a list of algorithms.
fn samples(kind: Kind, random: &mut Random) -> Vec<Vec<u8>> {
    let mut list = Vec::new();
    for len in LENGTHS {
        list.push(random.bytes(len));
        let mut shaped = random.bytes(len);
        match kind {
            Kind::Address | Kind::XorAddress if len > 1 => shaped[1] = if len < 20 { 1 } else { 2 },
            Kind::Text(_) => random.letters(&mut shaped),
            Kind::ErrorCode | Kind::AddressErrorCode if len >= 4 => {
                shaped[..4].copy_from_slice(&[1 + random.next() % 2, 0, 3 + random.next() % 4, random.next() % 100]);
                random.letters(&mut shaped[4..]);
            }
            Kind::Algorithm | Kind::Algorithms => {
                let mut at = 0;
                while at + 4 <= len {
                    let parameters = (len - at - 4).min(usize::from(random.next() % 6));
                    shaped[at..at + 4].copy_from_slice(&[0, random.next() % 4, 0, parameters as u8]);
                    at += 4 + parameters.next_multiple_of(4);
                }
            }
            _ => {}
        }
        list.push(shaped);
    }
    match kind {
        Kind::Text(most) => {
            list.extend([usize::from(most), usize::from(most) + 1].map(|len| vec![b'a'; len]));
            list.push("\u{feff}Grüße 你好 \u{1f600}\0\u{7f}\u{80}".into());
        }
        Kind::Bytes(least, most) if most < 300 => {
            list.extend([least.saturating_sub(1), least, most, most + 1].map(|len| random.bytes(len.into())));
        }
        _ => {}
    }
    list
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for symbol in text.chars() {
        match symbol {
            '"' | '\\' => out.extend(['\\', symbol]),
            _ if symbol.is_control() => write!(out, "\\u{:04x}", symbol as u32).unwrap(),
            _ => out.push(symbol),
        }
    }
    out + "\""
}

fn error(error: ErrorCode<'_>) -> String {
    format!(r#""code":{},"reason":{}"#, error.code, text(error.reason))
}

fn algorithm(one: AlgorithmParameters<'_>) -> String {
    let name = match one.algorithm {
        1 => "\"md5\"".into(),
        2 => "\"sha-256\"".into(),
        number => number.to_string(),
    };
    format!(r#"{{"algorithm":{name},"parameters":"{}"}}"#, hex(one.parameters))
}

/// The value as JSON, in the form in which the npm package gives it.
fn json(value: &Value<'_>) -> String {
    match *value {
        Value::Flag => "true".into(),
        Value::Number(number) => number.to_string(),
        Value::Long(number) => format!("\"{number}\""),
        Value::Bit(bit) => bit.to_string(),
        Value::Address(it) => {
            let family = if it.is_ipv4() { "ipv4" } else { "ipv6" };
            format!(r#"{{"address":"{}","port":{},"family":"{family}"}}"#, it.ip(), it.port())
        }
        Value::Text(it) => text(it),
        Value::Bytes(bytes) => format!("\"{}\"", hex(bytes)),
        Value::ErrorCode(it) => format!("{{{}}}", error(it)),
        Value::AddressErrorCode { family, error: it } => {
            format!(r#"{{"family":"{}",{}}}"#, if family == 2 { "ipv6" } else { "ipv4" }, error(it))
        }
        Value::Codes(codes) => format!("{:?}", codes.iter().collect::<Vec<_>>()).replace(' ', ""),
        Value::Algorithm(one) => algorithm(one),
        Value::Algorithms(list) => format!("[{}]", list.iter().map(algorithm).collect::<Vec<_>>().join(",")),
        Value::ChangeRequest { ip, port } => format!(r#"{{"ip":{ip},"port":{port}}}"#),
        Value::Icmp { kind, code, data } => format!(r#"{{"type":{kind},"code":{code},"data":{data}}}"#),
        Value::TransmitCounter { request, response } => format!(r#"{{"request":{request},"response":{response}}}"#),
        Value::EcnCheck { ecn, valid } => format!(r#"{{"ecn":{ecn},"valid":{valid}}}"#),
        Value::NetworkInfo { id, cost } => format!(r#"{{"id":{id},"cost":{cost}}}"#),
        _ => unreachable!("a value of a kind unknown to this test"),
    }
}

/// The value written again.
fn again(code: u16, value: &Value<'_>) -> Vec<u8> {
    match value {
        // Kept as they came by the crate, padding too.
        Value::Algorithms(list) => {
            let mut bytes = Vec::new();
            for one in list.iter() {
                bytes.extend(one.algorithm.to_be_bytes());
                bytes.extend((one.parameters.len() as u16).to_be_bytes());
                bytes.extend(one.parameters);
                bytes.resize(bytes.len().next_multiple_of(4), 0);
            }
            bytes
        }
        // The package knows two families.
        Value::AddressErrorCode { family, error } if !(1..=2).contains(family) => {
            again(code, &Value::AddressErrorCode { family: 1, error: *error })
        }
        _ => written(code, |builder| _ = builder.attribute(code, value).unwrap()),
    }
}

/// The bytes of the one attribute that `fill` writes.
fn written(code: u16, fill: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, ID).unwrap();
    fill(&mut builder);
    let message = Message::parse(builder.finish()).unwrap();
    message.attributes().find(|found| found.code() == code).unwrap().bytes().to_vec()
}

/// A line for each value: type, bytes, the value as JSON or `!` and the error, and the bytes it is written as when these
/// are others.
fn lines() -> String {
    let mut random = Random(0x1ce1e45);
    let mut out = String::new();
    for row in ATTRIBUTES {
        for bytes in samples(row.kind, &mut random) {
            let mut buffer = [0; 2048];
            let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, ID).unwrap();
            builder.raw(row.code, &bytes).unwrap();
            let message = Message::parse(builder.finish()).unwrap();
            let found = message.attributes().next().unwrap();
            write!(out, "{:04x}\t{}\t", row.code, hex(&bytes)).unwrap();
            match found.value() {
                Err(error) => writeln!(out, "!{}", error.kind.code()).unwrap(),
                Ok(value) => {
                    let again = again(row.code, &value);
                    let other = if again == bytes { String::new() } else { format!("\t{}", hex(&again)) };
                    writeln!(out, "{}{other}", json(&value)).unwrap();
                }
            }
        }
    }
    out
}

#[test]
fn the_fixture_has_what_the_crate_reads_and_writes() {
    let lines = lines();
    if std::env::var_os("ICELENS_WRITE_FIXTURES").is_some() {
        std::fs::write(FILE, &lines).unwrap();
    }
    let fixture = std::fs::read_to_string(FILE).unwrap();
    for (index, (expected, found)) in fixture.lines().zip(lines.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", index + 1);
    }
    assert_eq!(lines.lines().count(), fixture.lines().count());
    assert!(lines.lines().count() > 2000);
}
