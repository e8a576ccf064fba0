//! The pairs of a name and a value after the type of a candidate (RFC 8839 §5.1).

use super::TcpType;
use super::parse::{digits, part};
use super::tokens::{Token, Tokens, fold, word};

const RADDR: u64 = fold(word(b"raddr"));
const RPORT: u64 = fold(word(b"rport"));
const TCPTYPE: u64 = fold(word(b"tcptype"));

/// The field that a pair after the type is, by its name. With a value that is none of its kind it stays an extension, so that
/// nothing is lost.
#[derive(Clone, Copy)]
pub(super) enum Field {
    None,
    Address,
    Port(Option<u16>),
    Tcp(Option<TcpType>),
}

/// A name and its value, empty when the line ends before it.
pub(super) struct Pair<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) field: Field,
}

/// The pairs after the type.
pub(super) struct Pairs<'a> {
    pub(super) tokens: Tokens<'a>,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let Token { bytes: name, word } = self.tokens.next()?;
        let mut value = self.tokens.next().unwrap_or(Token { bytes: self.tokens.rest(), word: 0 });
        let field = match fold(word) {
            // Chromium writes an empty raddr as `raddr  rport 77`.
            RADDR if value.folded() == RPORT => {
                self.tokens.seek(self.tokens.at() - value.bytes.len());
                value.bytes = name.get(name.len()..).unwrap_or(name);
                Field::None
            }
            RADDR if !value.bytes.is_empty() => Field::Address,
            RPORT => Field::Port(digits(value.bytes).and_then(|port| u16::try_from(port).ok())),
            TCPTYPE => Field::Tcp(TcpType::from_folded(value.folded())),
            _ => Field::None,
        };
        Some(Pair { name, value: value.bytes, field })
    }
}

/// The pairs of a tail without the first of each field.
pub(super) fn extensions(tail: &str) -> impl Iterator<Item = (&str, &str)> {
    let (mut address, mut port, mut tcp) = (false, false, false);
    let text = move |bytes: &[u8]| {
        let start = (bytes.as_ptr() as usize).wrapping_sub(tail.as_ptr() as usize);
        part(tail, start, start.wrapping_add(bytes.len()))
    };
    Pairs { tokens: Tokens::new(tail) }.filter_map(move |Pair { name, value, field }| {
        let is_extension = match field {
            Field::Address => core::mem::replace(&mut address, true),
            Field::Port(Some(_)) => core::mem::replace(&mut port, true),
            Field::Tcp(Some(_)) => core::mem::replace(&mut tcp, true),
            _ => true,
        };
        is_extension.then(|| (text(name), text(value)))
    })
}
