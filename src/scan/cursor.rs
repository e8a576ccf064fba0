//! Bounds-checked reading of bytes.

/// The byte at `index`; 0 outside the input.
pub(super) fn at(src: &[u8], index: usize) -> u8 {
    src.get(index).copied().unwrap_or(0)
}

/// Whether `src` has `needle` at `index`.
pub(super) fn has(src: &[u8], index: usize, needle: &[u8]) -> bool {
    src.get(index..).is_some_and(|rest| rest.starts_with(needle))
}

/// Like [`has`], ASCII letters compared without case.
pub(super) fn has_ignore_case(src: &[u8], index: usize, needle: &[u8]) -> bool {
    src.get(index..index.saturating_add(needle.len())).is_some_and(|part| part.eq_ignore_ascii_case(needle))
}

/// A part of the input; empty when out of range.
pub(super) fn part(src: &[u8], start: usize, end: usize) -> &[u8] {
    src.get(start..end.min(src.len())).unwrap_or(&[])
}

/// Position of the next line end at or after `from`: of `\r` or `\n`, else of the end of the input.
pub(super) fn line_end(src: &[u8], from: usize) -> usize {
    position_of(src, from, *b"\n\r")
}

/// Position of the next of two bytes at or after `from`, else the end of the input: eight bytes at a time.
pub(super) fn position_of(src: &[u8], from: usize, either: [u8; 2]) -> usize {
    let rest = part(src, from, src.len());
    let [first, second] = either.map(|byte| u64::from_ne_bytes([byte; 8]));
    let (chunks, _) = rest.as_chunks::<8>();
    let holds = |chunk: &&[u8; 8]| {
        let word = u64::from_ne_bytes(**chunk);
        has_zero(word ^ first) || has_zero(word ^ second)
    };
    let skipped = chunks.iter().take_while(|chunk| !holds(chunk)).count() * 8;
    let near = part(rest, skipped, rest.len());
    let [one, other] = either;
    let offset = near.iter().position(|&byte| byte == one || byte == other).unwrap_or(near.len());
    from.min(src.len()) + skipped + offset
}

/// Whether one of the eight bytes is zero.
fn has_zero(word: u64) -> bool {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080 != 0
}

/// Position after the line end at `index` (CRLF, LF or CR); `index` itself where there is none.
pub(super) fn after_line_end(src: &[u8], index: usize) -> usize {
    match (at(src, index), at(src, index + 1)) {
        (b'\r', b'\n') => index + 2,
        (b'\r' | b'\n', _) => index + 1,
        _ => index,
    }
}

/// Start of the line that `index` is in, looking back at most `limit` bytes.
pub(super) fn line_start(src: &[u8], index: usize, limit: usize) -> usize {
    let floor = index.saturating_sub(limit);
    let before = part(src, floor, index);
    before.iter().rposition(|&byte| byte == b'\n' || byte == b'\r').map_or(floor, |offset| floor + offset + 1)
}

/// Whether only blanks stand between the line's begin and `index`.
pub(super) fn begins_line(src: &[u8], index: usize) -> bool {
    let blanks =
        part(src, index.saturating_sub(64), index).iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    index == blanks || matches!(at(src, index - blanks - 1), b'\n' | b'\r')
}

/// Position of the first byte at or after `from` that is not a space or tab.
pub(super) fn skip_blanks(src: &[u8], mut from: usize) -> usize {
    while matches!(at(src, from), b' ' | b'\t') {
        from += 1;
    }
    from
}

/// Reads digits at `from`: the value, saturating, and where they end. `None` where there is none.
pub(super) fn digits(src: &[u8], from: usize) -> Option<(u32, usize)> {
    let mut end = from;
    let mut value = 0_u32;
    while at(src, end).is_ascii_digit() {
        value = value.saturating_mul(10).saturating_add(u32::from(at(src, end) - b'0'));
        end += 1;
    }
    (end > from).then_some((value, end))
}

/// First position of `needle` in `haystack`, ASCII case ignored. `needle` is lower case and short.
pub(super) fn find_ignore_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len().max(1)).position(|window| window.eq_ignore_ascii_case(needle))
}

/// Last position of `needle` in `haystack`, ASCII case ignored.
pub(super) fn rfind_ignore_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len().max(1)).rposition(|window| window.eq_ignore_ascii_case(needle))
}

/// Class of bytes that stand in base64 and base64url, and so in words and numbers.
pub(super) const BASE64: u8 = 1;
/// Class of bytes behind which no base64 and no digits begin, since they would have begun before: a hyphen separates bytes.
pub(super) const INSIDE: u8 = 2;
/// Class of bytes that show that something begins here or a little before, inside a word too: the `=` of a line, the `d` of `candidate`.
pub(super) const SHOWS: u8 = 4;
/// Class of the hexadecimal digits.
pub(super) const HEX: u8 = 8;
/// Class of the decimal digits.
pub(super) const DIGIT: u8 = 16;

/// The classes of a byte.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    static CLASSES: [u8; 256] = classes();
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut rest = table.as_mut_slice();
    let mut byte = 0_u8;
    while let [first, behind @ ..] = rest {
        let word = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_');
        let shows = matches!(byte, b'd' | b'D' | b'S' | b'R' | b'H' | b'=' | b'\\');
        *first = ((word || byte == b'-') as u8 * BASE64)
            | (word as u8 * INSIDE)
            | (shows as u8 * SHOWS)
            | (byte.is_ascii_hexdigit() as u8 * HEX)
            | (byte.is_ascii_digit() as u8 * DIGIT);
        byte = byte.wrapping_add(1);
        rest = behind;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_of_finds_what_a_walk_over_every_byte_finds() {
        let text = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\xFF\x80\x0A\x0D\x00 a=candidate:1 1 udp 1\n";
        for start in 0..text.len() + 2 {
            for either in [*b"\n\r", *b"==", [0xFF, 0x80], [0, 0], [1, b'v']] {
                let rest = text.get(start..).unwrap_or(&[]);
                let walked = rest.iter().position(|byte| either.contains(byte)).unwrap_or(rest.len());
                assert_eq!(position_of(text, start, either), start.min(text.len()) + walked, "{start} {either:?}");
            }
        }
    }

    #[test]
    fn a_line_end_inside_eight_bytes_is_found() {
        for length in 0..40 {
            let mut text = alloc::vec![b'x'; length];
            text.push(b'\r');
            assert_eq!(line_end(&text, 0), length);
        }
    }
}
