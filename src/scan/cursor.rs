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
    let rest = part(src, from, src.len());
    from.min(src.len()) + rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len())
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
pub(super) fn digits(src: &[u8], from: usize) -> Option<(u64, usize)> {
    let mut end = from;
    let mut value = 0_u64;
    while at(src, end).is_ascii_digit() {
        value = value.saturating_mul(10).saturating_add(u64::from(at(src, end) - b'0'));
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
