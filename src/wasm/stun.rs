//! STUN for the npm package. Layouts are read by `npm/src/stun.ts`.
//!
//! Every call works on the message in the input area, which stays there until the next input is written: the façade
//! decodes once, and asks for single values of the same message later.

use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::str::from_utf8;
use wasm_bindgen::prelude::wasm_bindgen;

use super::area::{self, Area, Single};
use crate::stun::server::Rule;
use crate::stun::{
    ATTRIBUTES, Algorithm, AlgorithmParameters, Algorithms, BuildError, Builder, Class, Codes, Dialect, ErrorCode, Key,
    Kind, Message, Method, ParseErrorKind, TransactionId, Value, ValueErrorKind, is_message, lookup, user_hash,
};

/// Words of a decoded message before its attributes.
pub const MESSAGE_WORDS: usize = 11;
/// Words of an attribute: type, offset and length of the value.
pub const ATTRIBUTE_WORDS: usize = 3;
/// Most keys kept; the façade chooses which one gives way.
pub const MAX_KEYS: usize = 64;
/// Room for one encoded message.
const MAX_MESSAGE: usize = 20 + 65_532;

static KEYS: Single<Vec<Key>> = Single::new(Vec::new());

/// The message in the input, and the records; the records hold the error when it is none.
fn message(area: &mut Area, len: usize) -> Option<(Message<'_>, &mut Vec<u32>)> {
    match Message::parse(area.input.get(..len)?) {
        Ok(message) => Some((message, &mut area.records)),
        Err(error) => {
            area.records.clear();
            let words = [error.kind as usize, error.offset, error.expected, error.found];
            area.records.extend(words.map(|word| word as u32));
            None
        }
    }
}

/// True when the input is one message by RFC 7983 and RFC 8489 §6.3.
#[wasm_bindgen]
pub fn stun_is_message(len: usize) -> bool {
    area::with(|area| area.input.get(..len).is_some_and(is_message))
}

/// Decodes the input. Returns where the records are, in words, or 0 and the error in the records: kind, offset,
/// expected, found. Records: class, method, 1 when classic, number of attributes, how many of them count, the mapped
/// address (family 0, 4, 6; port; four words), then the attributes.
#[wasm_bindgen]
pub fn stun_decode(len: usize) -> usize {
    area::with(|area| {
        let Some((message, records)) = message(area, len) else { return 0 };
        let [family, port, w0, w1, w2, w3] = message.mapped_address().map_or([0; 6], address_words);
        let classic = message.dialect() == Dialect::Rfc3489;
        let (class, method) = (message.class() as u32, u32::from(message.method().code()));
        records.clear();
        records.extend_from_slice(&[class, method, u32::from(classic), 0, 0, family, port, w0, w1, w2, w3]);
        let mut count = 0;
        for found in message.attributes() {
            let [offset, length] = [found.offset(), found.bytes().len()].map(|number| number as u32);
            records.extend_from_slice(&[u32::from(found.code()), offset, length]);
            count += 1;
        }
        if let Some([all, effective]) = records.get_mut(3..5) {
            (*all, *effective) = (count, message.effective().count() as u32);
        }
        records.as_ptr() as usize >> 2
    })
}

/// Family, port and the address as four words (one for IPv4).
fn address_words(address: SocketAddr) -> [u32; 6] {
    let port = u32::from(address.port());
    match address.ip() {
        IpAddr::V4(ip) => [4, port, ip.to_bits(), 0, 0, 0],
        IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            [6, port, (bits >> 96) as u32, (bits >> 64) as u32, (bits >> 32) as u32, bits as u32]
        }
    }
}

/// Checks FINGERPRINT: 0 absent, 1 valid, 2 invalid.
#[wasm_bindgen]
pub fn stun_fingerprint(len: usize) -> u32 {
    area::with(|area| message(area, len).map_or(2, |(message, _)| message.fingerprint() as u32))
}

/// Checks every integrity attribute with the key in `slot`: 0 absent, 1 valid, 2 invalid.
#[wasm_bindgen]
pub fn stun_verify(len: usize, slot: usize) -> u32 {
    KEYS.with(|keys| match keys.get(slot) {
        Some(key) => area::with(|area| message(area, len).map_or(2, |(message, _)| message.verify(key) as u32)),
        None => 2,
    })
}

/// Puts a short-term key, the whole input, in `slot`.
#[wasm_bindgen]
pub fn stun_key_short(slot: usize, len: usize) -> bool {
    let key = area::with(|area| area.input.get(..len).map(Key::from_bytes));
    keep(slot, key)
}

/// Puts a long-term key in `slot`. The input is user name, realm and password of these lengths.
#[wasm_bindgen]
pub fn stun_key_long(slot: usize, username: usize, realm: usize, password: usize, sha256: bool) -> bool {
    let key = area::with(|area| {
        let (username, rest) = area.input.split_at_checked(username)?;
        let (realm, rest) = rest.split_at_checked(realm)?;
        let password = rest.get(..password)?;
        let algorithm = if sha256 { Algorithm::Sha256 } else { Algorithm::Md5 };
        Some(Key::long_term(from_utf8(username).ok()?, from_utf8(realm).ok()?, from_utf8(password).ok()?, algorithm))
    });
    keep(slot, key)
}

fn keep(slot: usize, key: Option<Key>) -> bool {
    let Some(key) = key else { return false };
    KEYS.with(|keys| {
        if slot == keys.len() && slot < MAX_KEYS {
            keys.push(key);
            return true;
        }
        keys.get_mut(slot).map(|place| *place = key).is_some()
    })
}

/// USERHASH of the user name and realm in the input: 32 bytes of output.
#[wasm_bindgen]
pub fn stun_user_hash(username: usize, realm: usize) -> bool {
    area::with(|area| {
        let Some((username, rest)) = area.input.split_at_checked(username) else { return false };
        let (Ok(username), Some(Ok(realm))) = (from_utf8(username), rest.get(..realm).map(from_utf8)) else {
            return false;
        };
        area.output.clear();
        area.output.extend_from_slice(&user_hash(username, realm));
        true
    })
}

/// The shapes in which values cross the boundary.
mod shape {
    pub(super) const BYTES: u32 = 0;
    pub(super) const FLAG: u32 = 1;
    pub(super) const NUMBER: u32 = 2;
    pub(super) const LONG: u32 = 3;
    pub(super) const BIT: u32 = 4;
    pub(super) const ADDRESS: u32 = 5;
    pub(super) const TEXT: u32 = 6;
    pub(super) const ERROR: u32 = 7;
    pub(super) const ADDRESS_ERROR: u32 = 8;
    pub(super) const CODES: u32 = 9;
    pub(super) const ALGORITHM: u32 = 10;
    pub(super) const ALGORITHMS: u32 = 11;
    pub(super) const CHANGE: u32 = 12;
    pub(super) const ICMP: u32 = 13;
    pub(super) const COUNTER: u32 = 14;
    pub(super) const ECN: u32 = 15;
    pub(super) const NETWORK: u32 = 16;
    pub(super) const MALFORMED: u32 = 255;
}

const fn shape_of(kind: Kind) -> u32 {
    match kind {
        Kind::Bytes(..) => shape::BYTES,
        Kind::Flag => shape::FLAG,
        Kind::Byte | Kind::Short | Kind::Word => shape::NUMBER,
        Kind::Long => shape::LONG,
        Kind::TopBit => shape::BIT,
        Kind::Address | Kind::XorAddress => shape::ADDRESS,
        Kind::Text(_) => shape::TEXT,
        Kind::ErrorCode => shape::ERROR,
        Kind::AddressErrorCode => shape::ADDRESS_ERROR,
        Kind::Codes => shape::CODES,
        Kind::Algorithm => shape::ALGORITHM,
        Kind::Algorithms => shape::ALGORITHMS,
        Kind::ChangeRequest => shape::CHANGE,
        Kind::Icmp => shape::ICMP,
        Kind::TransmitCounter => shape::COUNTER,
        Kind::EcnCheck => shape::ECN,
        Kind::NetworkInfo => shape::NETWORK,
    }
}

/// The value of the attribute whose value starts at `offset`, appended to the records of the decoded message at
/// `at`: shape, then what the shape has. Texts and bytes are offset and length in the message. Returns where the
/// records of the message are now, in words; 0 when there is no such attribute.
#[wasm_bindgen]
pub fn stun_value(len: usize, at: usize, offset: usize) -> usize {
    area::with(|area| {
        let Some((message, records)) = message(area, len) else { return 0 };
        let Some(found) = message.attributes().find(|found| found.offset() == offset) else { return 0 };
        records.truncate(at);
        // Every slice of a value lies within its message.
        let start = message.as_bytes().as_ptr() as usize;
        let span = |part: &[u8]| [(part.as_ptr() as usize).wrapping_sub(start) as u32, part.len() as u32];
        match found.value() {
            Ok(value) => push_value(records, value, span),
            Err(error) => records.extend_from_slice(&[shape::MALFORMED, error.kind as u32]),
        }
        records.as_ptr() as usize >> 2
    })
}

fn push_value(records: &mut Vec<u32>, value: Value<'_>, span: impl Fn(&[u8]) -> [u32; 2]) {
    let mut push = |shape: u32, words: &[u32]| {
        records.push(shape);
        records.extend_from_slice(words);
    };
    match value {
        Value::Bytes(bytes) => push(shape::BYTES, &span(bytes)),
        Value::Flag => push(shape::FLAG, &[]),
        Value::Number(number) => push(shape::NUMBER, &[number]),
        Value::Long(number) => push(shape::LONG, &[(number >> 32) as u32, number as u32]),
        Value::Bit(bit) => push(shape::BIT, &[u32::from(bit)]),
        Value::Address(address) => push(shape::ADDRESS, &address_words(address)),
        Value::Text(text) => push(shape::TEXT, &span(text.as_bytes())),
        Value::ErrorCode(error) => {
            let [start, len] = span(error.reason.as_bytes());
            push(shape::ERROR, &[u32::from(error.code), start, len]);
        }
        Value::AddressErrorCode { family, error } => {
            let [start, len] = span(error.reason.as_bytes());
            push(shape::ADDRESS_ERROR, &[u32::from(error.code), start, len, u32::from(family)]);
        }
        Value::Codes(codes) => {
            push(shape::CODES, &[codes.iter().len() as u32]);
            records.extend(codes.iter().map(u32::from));
        }
        Value::Algorithm(one) => {
            let [start, len] = span(one.parameters);
            push(shape::ALGORITHM, &[u32::from(one.algorithm), start, len]);
        }
        Value::Algorithms(list) => {
            push(shape::ALGORITHMS, &[list.iter().count() as u32]);
            for one in list.iter() {
                let [start, len] = span(one.parameters);
                records.extend_from_slice(&[u32::from(one.algorithm), start, len]);
            }
        }
        Value::ChangeRequest { ip, port } => push(shape::CHANGE, &[u32::from(ip), u32::from(port)]),
        Value::Icmp { kind, code, data } => push(shape::ICMP, &[u32::from(kind), u32::from(code), data]),
        Value::TransmitCounter { request, response } => {
            push(shape::COUNTER, &[u32::from(request), u32::from(response)]);
        }
        Value::EcnCheck { ecn, valid } => push(shape::ECN, &[u32::from(ecn), u32::from(valid)]),
        Value::NetworkInfo { id, cost } => push(shape::NETWORK, &[u32::from(id), u32::from(cost)]),
    }
}

/// The names the façade needs, as output bytes. For each: code (2), what it names (1), classes (1), length of the name
/// (1), name. What it names is the shape of an attribute, or one of [`named`]. Returns the length.
#[wasm_bindgen]
pub fn stun_names() -> usize {
    area::with(|area| {
        let out = &mut area.output;
        out.clear();
        let mut push = |code: u16, what: u8, classes: u8, name: &str| {
            let [c0, c1] = code.to_be_bytes();
            out.extend_from_slice(&[c0, c1, what, classes, name.len() as u8]);
            out.extend_from_slice(name.as_bytes());
        };
        ATTRIBUTES.iter().for_each(|row| push(row.code, shape_of(row.kind) as u8, row.classes.0, row.name));
        Method::NAMED.iter().for_each(|(method, name, _)| push(method.code(), named::METHOD, 0, name));
        ParseErrorKind::ALL.iter().for_each(|kind| push(*kind as u16, named::PARSE_ERROR, 0, kind.code()));
        ValueErrorKind::ALL.iter().for_each(|kind| push(*kind as u16, named::VALUE_ERROR, 0, kind.code()));
        BuildError::ALL.iter().for_each(|kind| push(*kind as u16, named::BUILD_ERROR, 0, kind.code()));
        Rule::ALL.iter().for_each(|rule| push(*rule as u16, named::RULE, 0, rule.name()));
        out.len()
    })
}

/// What a row of [`stun_names`] names, when not an attribute.
mod named {
    pub(super) const METHOD: u8 = 128;
    pub(super) const PARSE_ERROR: u8 = 129;
    pub(super) const VALUE_ERROR: u8 = 130;
    pub(super) const BUILD_ERROR: u8 = 131;
    pub(super) const RULE: u8 = 132;
}

/// Encodes what the input describes, big-endian: class (1), method (2), flags (1), padding byte (1), key slot (1),
/// bytes 4 to 20 of the message, then for each attribute type (2), shape (1; 254 for bytes whatever the type says),
/// length (2) and the value. Flags: 1 MESSAGE-INTEGRITY, 2 MESSAGE-INTEGRITY-SHA256, 4 FINGERPRINT.
/// Returns the length of the output, or minus the [`BuildError`], with the attribute's index in the records.
#[wasm_bindgen]
pub fn stun_encode(len: usize) -> i32 {
    area::with(|area| {
        if area.output.len() < MAX_MESSAGE {
            area.output.resize(MAX_MESSAGE, 0);
        }
        let Some(input) = area.input.get(..len) else { return -(BuildError::NoRoom as i32) };
        let mut index = 0;
        match encode(input, &mut area.output, &mut index) {
            Ok(len) => len as i32,
            Err(error) => {
                area.records.clear();
                area.records.push(index);
                -(error as i32)
            }
        }
    })
}

fn encode(input: &[u8], output: &mut [u8], index: &mut u32) -> Result<usize, BuildError> {
    let (&[class, m0, m1, flags, padding, slot], rest) = input.split_first_chunk().ok_or(BuildError::WrongSize)?;
    let (id, mut rest) = rest.split_first_chunk::<16>().ok_or(BuildError::WrongSize)?;
    let method = Method::new(u16::from_be_bytes([m0, m1]));
    let mut builder = Builder::new(output, Class::from_bits(class), method, TransactionId::classic(*id))?;
    builder.pad_with(padding);
    while let Some((&[c0, c1, shape, l0, l1], after)) = rest.split_first_chunk() {
        let (value, after) =
            after.split_at_checked(u16::from_be_bytes([l0, l1]).into()).ok_or(BuildError::WrongSize)?;
        add(&mut builder, u16::from_be_bytes([c0, c1]), u32::from(shape), value)?;
        *index += 1;
        rest = after;
    }
    if flags & 3 != 0 {
        KEYS.with(|keys| {
            let key = keys.get(usize::from(slot)).ok_or(BuildError::WrongKind)?;
            if flags & 1 != 0 {
                builder.sign(key)?;
            }
            if flags & 2 != 0 {
                builder.sign_sha256(key, 32)?;
            }
            Ok(())
        })?;
    }
    if flags & 4 != 0 {
        builder.fingerprint()?;
    }
    Ok(builder.as_bytes().len())
}

fn add(builder: &mut Builder<'_>, code: u16, shape: u32, value: &[u8]) -> Result<(), BuildError> {
    let Some(row) = lookup(code).filter(|_| shape != 254) else {
        builder.raw(code, value)?;
        return Ok(());
    };
    if shape != shape_of(row.kind) {
        return Err(BuildError::WrongKind);
    }
    let value = read_value(shape, value).ok_or(BuildError::WrongSize)?;
    builder.attribute(code, &value)?;
    Ok(())
}

fn read_value(shape: u32, bytes: &[u8]) -> Option<Value<'_>> {
    let short = |pair: [u8; 2]| u16::from_be_bytes(pair);
    Some(match shape {
        shape::BYTES => Value::Bytes(bytes),
        shape::FLAG => Value::Flag,
        shape::NUMBER => Value::Number(u32::from_be_bytes(bytes.try_into().ok()?)),
        shape::LONG => Value::Long(u64::from_be_bytes(bytes.try_into().ok()?)),
        shape::BIT => Value::Bit(*bytes.first()? != 0),
        shape::ADDRESS => {
            let (port, ip) = bytes.split_first_chunk()?;
            Value::Address(SocketAddr::new(read_ip(ip)?, short(*port)))
        }
        shape::TEXT => Value::Text(from_utf8(bytes).ok()?),
        shape::ERROR => {
            let (&[c0, c1, given], reason) = bytes.split_first_chunk()?;
            Value::ErrorCode(error_code(short([c0, c1]), given, reason)?)
        }
        shape::ADDRESS_ERROR => {
            let (&[c0, c1, given, family], reason) = bytes.split_first_chunk()?;
            Value::AddressErrorCode { family, error: error_code(short([c0, c1]), given, reason)? }
        }
        shape::CODES => Value::Codes(Codes::new(bytes.as_chunks().0)),
        shape::ALGORITHM => {
            let (algorithm, parameters) = bytes.split_first_chunk()?;
            Value::Algorithm(AlgorithmParameters { algorithm: short(*algorithm), parameters })
        }
        shape::ALGORITHMS => Value::Algorithms(Algorithms::new(bytes)?),
        shape::CHANGE => {
            let [ip, port] = *bytes.first_chunk()?;
            Value::ChangeRequest { ip: ip != 0, port: port != 0 }
        }
        shape::ICMP => {
            let [kind, c0, c1, d0, d1, d2, d3] = *bytes.first_chunk()?;
            Value::Icmp { kind, code: short([c0, c1]), data: u32::from_be_bytes([d0, d1, d2, d3]) }
        }
        shape::COUNTER => {
            let [request, response] = *bytes.first_chunk()?;
            Value::TransmitCounter { request, response }
        }
        shape::ECN => {
            let [ecn, valid] = *bytes.first_chunk()?;
            Value::EcnCheck { ecn, valid: valid != 0 }
        }
        shape::NETWORK => {
            let [i0, i1, c0, c1] = *bytes.first_chunk()?;
            Value::NetworkInfo { id: short([i0, i1]), cost: short([c0, c1]) }
        }
        _ => return None,
    })
}

/// Four or sixteen bytes.
pub(super) fn read_ip(bytes: &[u8]) -> Option<IpAddr> {
    match <[u8; 4]>::try_from(bytes) {
        Ok(v4) => Some(v4.into()),
        Err(_) => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

/// The reason phrase is that of the specification unless one is given.
fn error_code(code: u16, given: u8, reason: &[u8]) -> Option<ErrorCode<'_>> {
    if given == 0 {
        return Some(ErrorCode::new(code));
    }
    Some(ErrorCode { code, reason: from_utf8(reason).ok()? })
}
