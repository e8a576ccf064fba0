//! STUN for the npm package: structure, keys, integrity and FINGERPRINT. Called by `npm/src/stun`.
//!
//! The message lies in the input area, which stays until the next input is written. The values of attributes do not cross:
//! `npm/src/stun/values.ts` reads and writes them in the bytes, by the kinds of `stun_names`.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use crate::single::Single;
use icelens::stun::{Algorithm, BuildError, Builder, Check, Class, Dialect, Key, Message, Method, sha256};

/// Most keys kept; the façade chooses which one gives way.
pub const MAX_KEYS: usize = 64;

static KEYS: Single<[Option<Key>; MAX_KEYS]> = Single::new([const { None }; MAX_KEYS]);
static ERROR: Single<[usize; 4]> = Single::new([0; 4]);
static HASH: Single<[u8; 32]> = Single::new([0; 32]);

/// Checks the structure of the input. Returns class + method × 4, and 16384 more when classic; or minus the address of
/// four words: kind of the error, offset, expected, found.
#[wasm_bindgen]
pub fn stun_decode(len: usize) -> i32 {
    let parsed = area::with(|area| {
        let message = Message::parse(area.input.get(..len).unwrap_or_default())?;
        let classic = u16::from(message.dialect() == Dialect::Rfc3489);
        Ok(i32::from(message.class() as u16 | message.method().code() << 2 | classic << 14))
    });
    parsed.unwrap_or_else(|error: icelens::stun::ParseError| {
        ERROR.with(|words| {
            *words = [error.kind as usize, error.offset, error.expected, error.found];
            -(words.as_ptr() as i32)
        })
    })
}

/// Result of `check` on the message in the input: 0 absent, 1 valid, 2 invalid.
fn judge(len: usize, check: impl FnOnce(Message<'_>) -> Check) -> u32 {
    area::with(|area| Message::parse(area.input.get(..len).unwrap_or_default()).map_or(2, |it| check(it) as u32))
}

/// Checks FINGERPRINT: 0 absent, 1 valid, 2 invalid.
#[wasm_bindgen]
pub fn stun_fingerprint(len: usize) -> u32 {
    judge(len, |message| message.fingerprint())
}

/// Checks every integrity attribute with the key in `slot`: 0 absent, 1 valid, 2 invalid.
#[wasm_bindgen]
pub fn stun_verify(len: usize, slot: usize) -> u32 {
    KEYS.with(|keys| match keys.get(slot) {
        Some(Some(key)) => judge(len, |message| message.verify(key)),
        _ => 2,
    })
}

/// Puts a key in `slot`: the input itself, or its hash by the algorithm with that number of IANA's; the input is
/// `username:realm:password` then.
#[wasm_bindgen]
pub fn stun_key(slot: usize, len: usize, algorithm: u16) {
    let key = area::with(|area| {
        let bytes = area.input.get(..len).unwrap_or_default();
        match Algorithm::from_code(algorithm) {
            None => Key::from_bytes(bytes),
            Some(algorithm) => Key::derived(&[bytes], algorithm),
        }
    });
    KEYS.with(|keys| keys.get_mut(slot).map(|place| *place = Some(key)));
}

/// SHA-256 of the input: the address of 32 bytes.
#[wasm_bindgen]
pub fn stun_hash(len: usize) -> usize {
    HASH.with(|hash| {
        *hash = area::with(|area| sha256(&[area.input.get(..len).unwrap_or_default()]));
        hash.as_ptr() as usize
    })
}

/// Makes a message of the input, of which bytes 4 to 20 and the attributes are written: adds type and length, and behind
/// the attributes, by `flags`, MESSAGE-INTEGRITY (1), MESSAGE-INTEGRITY-SHA256 (2), GOOG-MESSAGE-INTEGRITY-32 (4), with
/// the key in `slot`, and FINGERPRINT (8). Returns the length; 0 when the message would be too long.
#[wasm_bindgen]
pub fn stun_encode(len: usize, class: u8, method: u16, flags: u32, slot: usize) -> usize {
    area::with(|area| {
        let input = area.input.get_mut(..).unwrap_or_default();
        encode(input, len, class, method, flags, slot).unwrap_or(0)
    })
}

fn encode(input: &mut [u8], len: usize, class: u8, method: u16, flags: u32, slot: usize) -> Result<usize, BuildError> {
    let mut message = Builder::resume(input, len, Class::from_bits(class), Method::new(method))?;
    KEYS.with(|keys| {
        let Some(Some(key)) = keys.get(slot) else { return Ok(()) };
        if flags & 1 != 0 {
            message.sign(key)?;
        }
        if flags & 2 != 0 {
            message.sign_sha256(key, 32)?;
        }
        if flags & 4 != 0 {
            message.sign_32(key)?;
        }
        Ok(())
    })?;
    if flags & 8 != 0 {
        message.fingerprint()?;
    }
    Ok(message.as_bytes().len())
}
