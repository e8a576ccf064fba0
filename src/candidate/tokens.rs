//! Tokens between separators: single spaces by the grammar, runs of spaces, tabs and NBSP in pasted text.

/// Separators other than one space that were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) spaces: bool,
    pub(crate) tab: bool,
    pub(crate) nbsp: bool,
}

/// A token, and what keywords are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) bytes: &'a [u8],
    /// [`word`] of the bytes.
    pub(crate) word: u64,
}

impl Token<'_> {
    /// [`fold`] of the word: equal for tokens that differ in case only.
    pub(crate) fn folded(self) -> u64 {
        fold(self.word)
    }
}

/// Up to eight bytes as one number, to compare them at once; 0 when there are more, or anything but visible ASCII, which
/// no keyword has.
pub(crate) const fn word(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 {
        return 0;
    }
    let (mut word, mut rest) = (0, bytes);
    while let [before @ .., last] = rest {
        if *last <= b' ' || *last > 0x7f {
            return 0;
        }
        word = word << 8 | *last as u64;
        rest = before;
    }
    word
}

/// The word in lower case. Letters that differ in case only, and no others, become equal to a letter.
pub(crate) const fn fold(word: u64) -> u64 {
    word | SPACES
}

const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Length of the separator at `at`, 0 for none. NBSP is C2 A0 in UTF-8.
pub(crate) fn separator(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b' ' | b'\t') => 1,
        Some(0xc2) if bytes.get(at + 1) == Some(&0xa0) => 2,
        _ => 0,
    }
}

/// The first eight bytes, the first one lowest, with spaces after the last one.
fn eight(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => bytes.iter().rev().fold(SPACES, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The high bit of each byte under `least`, up to the first of them; what is above that may be wrong.
fn under(eight: u64, least: u8) -> u64 {
    // A byte that is under borrows in the subtraction, which only spoils the bytes after it.
    eight.wrapping_sub(u64::from_ne_bytes([least; 8])) & !eight & HIGH_BITS
}

/// The high bit of the first byte that may end a token: it is not visible ASCII. What is above it may be wrong.
fn stops(eight: u64) -> u64 {
    under(eight, b'!') | eight & HIGH_BITS
}

/// Index of the byte with the lowest bit; 8 for none.
fn index(bits: u64) -> usize {
    (bits.trailing_zeros() / 8) as usize
}

/// Offset of the first CR or LF, or of the end.
pub fn line_end(bytes: &[u8]) -> usize {
    let is_end = |&byte: &u8| byte == b'\n' || byte == b'\r';
    let (words, rest) = bytes.as_chunks();
    for (word, at) in words.iter().zip((0..).step_by(8)) {
        if under(u64::from_le_bytes(*word), b' ') != 0
            && let Some(end) = word.iter().position(is_end)
        {
            return at + end;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(is_end).unwrap_or(rest.len())
}

/// End of the token that goes on at `from`, and whether it is visible ASCII up to there.
#[inline(never)]
fn token_end(bytes: &[u8], from: usize) -> (usize, bool) {
    let (mut end, mut plain) = (from, true);
    while end < bytes.len() && separator(bytes, end) == 0 {
        let more = index(stops(eight(bytes.get(end..).unwrap_or(&[]))));
        plain &= more > 0;
        end += more.max(1);
    }
    (end, plain)
}

/// Walks over the tokens of one line. A token starts and ends where a character does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens<'a> {
    line: &'a [u8],
    rest: &'a [u8],
    pub(crate) odd: Odd,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self { line: line.as_bytes(), rest: line.as_bytes(), odd: Odd::default() }
    }

    /// Bytes that are left, separators first.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Offset of the rest in the line.
    pub(crate) fn at(&self) -> usize {
        self.line.len() - self.rest.len()
    }

    /// Goes on at byte `at` of the line.
    pub(crate) fn seek(&mut self, at: usize) {
        self.rest = self.line.get(at..).unwrap_or(&[]);
    }

    /// The next token, or `None` at the end. One separator before it is taken as the grammar's.
    pub(crate) fn next(&mut self) -> Option<Token<'a>> {
        match self.rest {
            [b' ', after @ ..] if after.first().is_some_and(u8::is_ascii_graphic) => self.rest = after,
            _ => self.skip(true),
        }
        let first = eight(self.rest);
        let (mut end, mut last, mut stop) = (0, first, stops(first));
        // The bytes below the lowest bit: all eight when there is none.
        let mut word = first & ((stop & stop.wrapping_neg()) >> 7).wrapping_sub(1);
        while stop == 0 {
            end += 8;
            last = eight(self.rest.get(end..).unwrap_or(&[]));
            stop = stops(last);
            word = if stop & 0xff == 0 { 0 } else { word };
        }
        end += index(stop);
        if (last >> (8 * index(stop))) as u8 != b' ' {
            let plain;
            (end, plain) = token_end(self.rest, end);
            word = if plain { word } else { 0 };
        }
        if end == 0 {
            return None;
        }
        let (bytes, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(Token { bytes, word })
    }

    /// Skips separators. More than one, or any when `one_allowed` is false, is odd.
    #[inline(never)]
    pub(crate) fn skip(&mut self, one_allowed: bool) {
        let bytes = self.rest;
        let (mut at, mut count) = (0, 0);
        loop {
            let length = separator(bytes, at);
            if length == 0 {
                break;
            }
            self.odd.tab |= bytes.get(at) == Some(&b'\t');
            self.odd.nbsp |= length == 2;
            at += length;
            count += 1;
        }
        // Trailing separators are no matter: nothing follows them.
        self.odd.spaces |= count > usize::from(one_allowed) && at < bytes.len();
        self.rest = bytes.get(at..).unwrap_or(&[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<&str>, Odd) {
        let mut tokens = Tokens::new(text);
        let mut list = Vec::new();
        while let Some(token) = tokens.next() {
            assert_eq!(token.word, word(token.bytes), "{token:?}");
            list.push(std::str::from_utf8(token.bytes).unwrap());
        }
        (list, tokens.odd)
    }

    #[test]
    fn separators() {
        assert_eq!(all("a b é"), (vec!["a", "b", "é"], Odd::default()));
        assert_eq!(all("a "), (vec!["a"], Odd::default()));
        assert_eq!(all("a  b").1, Odd { spaces: true, ..Odd::default() });
        assert_eq!(all("a\tb").1, Odd { tab: true, ..Odd::default() });
        assert_eq!(all("a\u{a0}b\u{c2}c"), (vec!["a", "b\u{c2}c"], Odd { nbsp: true, ..Odd::default() }));
        assert_eq!(all("").0.len(), 0);
    }

    #[test]
    fn tokens_of_any_length() {
        for before in 0..70 {
            for after in 0..20 {
                let (left, right) = ("x".repeat(before), "y".repeat(after));
                for middle in [" ", "\0", "\u{7f}", "é", "\u{a0}", "~", "!"] {
                    let text = format!("{left}{middle}{right} z");
                    let expected: Vec<&str> = text.split([' ', '\u{a0}']).filter(|token| !token.is_empty()).collect();
                    assert_eq!(all(&text).0, expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn line_ends() {
        for before in 0..20 {
            for middle in ["\r", "\n", "\t", "\0", "é"] {
                let text = format!("{}{middle}yyyyyyyyy\n", "x".repeat(before));
                assert_eq!(Some(line_end(text.as_bytes())), text.find(['\r', '\n']), "{text:?}");
                assert_eq!(line_end(&text.as_bytes()[..before]), before);
            }
        }
    }

    #[test]
    fn words() {
        assert_eq!(word(b"udp"), 0x70_6475);
        assert_eq!(fold(word(b"TyP")), fold(word(b"typ")));
        assert_ne!(fold(word(b"typ")), fold(word(b"typ2")));
        assert_eq!((word(b"network-id"), word(b"raddr\0"), word("é".as_bytes()), word(b"")), (0, 0, 0, 0));
    }
}
