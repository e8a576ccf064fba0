//! The tables that the npm package needs, packed while the crate compiles: read by `npm/src/stun/names.ts`.
#![allow(clippy::indexing_slicing, reason = "all of it is evaluated while the crate compiles")]

use wasm_bindgen::prelude::wasm_bindgen;

use icelens::stun::server::Rule;
use icelens::stun::{ATTRIBUTES, Method, ParseErrorKind, REASONS};

/// Kind of thing that a row names; below that, the [number](icelens::stun::Kind::number) of an attribute.
mod named {
    pub(super) const METHOD: u8 = 32;
    pub(super) const REASON: u8 = 33;
    pub(super) const PARSE_ERROR: u8 = 34;
    pub(super) const RULE: u8 = 35;
}

const ROWS: usize =
    ATTRIBUTES.len() + Method::NAMED.len() + REASONS.len() + ParseErrorKind::ALL.len() + Rule::ALL.len();

/// Name, what it names, and its number, of every row of every table.
const fn row(index: usize) -> (&'static str, u8, u16) {
    let mut at = index;
    if at < ATTRIBUTES.len() {
        return (ATTRIBUTES[at].name, ATTRIBUTES[at].kind.number().0, ATTRIBUTES[at].code);
    }
    at -= ATTRIBUTES.len();
    if at < Method::NAMED.len() {
        return (Method::NAMED[at].1, named::METHOD, Method::NAMED[at].0.code());
    }
    at -= Method::NAMED.len();
    if at < REASONS.len() {
        return (REASONS[at].1, named::REASON, REASONS[at].0);
    }
    at -= REASONS.len();
    if at < ParseErrorKind::ALL.len() {
        return (ParseErrorKind::ALL[at].code(), named::PARSE_ERROR, ParseErrorKind::ALL[at] as u16);
    }
    at -= ParseErrorKind::ALL.len();
    (Rule::ALL[at].name(), named::RULE, Rule::ALL[at] as u16)
}

/// Bytes under construction; with `N` = 0 they are only counted.
struct Pack<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Pack<N> {
    const fn push(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    const fn push_short(&mut self, number: u16) {
        let [high, low] = number.to_be_bytes();
        self.push(high);
        self.push(low);
    }

    /// Column by column, which compresses better than row by row: the names, each ended by a line feed; what they
    /// name; high bytes of the numbers; low bytes, as the difference to the row before; the limits of the attributes
    /// that have them, as two numbers each.
    const fn table() -> Self {
        let mut pack = Self { bytes: [0; N], len: 0 };
        let mut index = 0;
        while index < ROWS {
            let name = row(index).0.as_bytes();
            let mut at = 0;
            while at < name.len() {
                pack.push(name[at]);
                at += 1;
            }
            pack.push(b'\n');
            index += 1;
        }
        pack.push(0);
        let mut column = 0;
        while column < 3 {
            let (mut index, mut before) = (0, 0u8);
            while index < ROWS {
                let (_, what, code) = row(index);
                let [high, low] = code.to_be_bytes();
                pack.push(match column {
                    0 => what,
                    1 => high,
                    _ => low.wrapping_sub(before),
                });
                before = low;
                index += 1;
            }
            column += 1;
        }
        let mut index = 0;
        while index < ATTRIBUTES.len() {
            if let (_, Some((least, most))) = ATTRIBUTES[index].kind.number() {
                pack.push_short(least);
                pack.push_short(most);
            }
            index += 1;
        }
        pack
    }
}

const LEN: usize = Pack::<0>::table().len;
static TABLE: [u8; LEN] = Pack::<LEN>::table().bytes;

/// Address of the packed table: the names end with a zero byte.
#[wasm_bindgen]
pub fn stun_names() -> usize {
    TABLE.as_ptr() as usize
}

/// Address of the classes that each attribute may appear in, one byte for each row of the attributes.
#[cfg(feature = "tables")]
#[wasm_bindgen]
pub fn stun_classes() -> usize {
    static CLASSES: [u8; ATTRIBUTES.len()] = {
        let mut classes = [0; ATTRIBUTES.len()];
        let mut index = 0;
        while index < ATTRIBUTES.len() {
            classes[index] = ATTRIBUTES[index].classes.0;
            index += 1;
        }
        classes
    };
    CLASSES.as_ptr() as usize
}
