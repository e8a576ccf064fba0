//! Firefox: what nICEr, written in C, reads of a line.

use core::net::IpAddr;

use super::{Outcome, Reason, is_end, literal};
use crate::candidate::strip_ignoring_case;

/// Reaction of Firefox to `text`, the `candidate` member of an RTCIceCandidateInit.
pub fn firefox(text: &str) -> Outcome {
    if is_end(text) {
        return Outcome::EndOfCandidates;
    }
    if !text.contains(':') {
        return Outcome::Rejected(Reason::NoColon);
    }
    pairs(text).map_or_else(Outcome::Ignored, |()| Outcome::Used)
}

/// Rest of the line.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Passes spaces, which alone separate fields; `reason` when nothing follows.
    fn spaces(&mut self, reason: Reason) -> Result<(), Reason> {
        self.0 = self.0.trim_start_matches(' ');
        if self.0.is_empty() { Err(reason) } else { Ok(()) }
    }

    /// Takes a field.
    fn field(&mut self, reason: Reason) -> Result<&'a str, Reason> {
        self.spaces(reason)?;
        let (field, rest) = self.0.split_at(self.0.find(' ').unwrap_or(self.0.len()));
        self.0 = rest;
        Ok(field)
    }

    /// Takes a field that begins with a number, which may follow any white space.
    fn number(&mut self, reason: Reason) -> Result<u32, Reason> {
        self.0 = self.0.trim_start_matches(['\t', '\n', '\r', '\x0b', '\x0c', ' ']);
        scan_unsigned(self.field(reason)?).ok_or(reason)
    }

    /// Takes one of `words`, in any case; what is right behind it stays.
    fn word(&mut self, words: &[&str], reason: Reason) -> Result<usize, Reason> {
        self.spaces(reason)?;
        let found = words.iter().enumerate().find_map(|(at, word)| Some((at, strip_ignoring_case(self.0, word)?)));
        let (at, rest) = found.ok_or(reason)?;
        self.0 = rest;
        Ok(at)
    }
}

fn pairs(text: &str) -> Result<(), Reason> {
    const RELAY: usize = 3;
    let line = text.split('\0').next().unwrap_or("").trim_start_matches(' ');
    let line = line.strip_prefix("a=").unwrap_or(line);
    let mut cursor = Cursor(strip_ignoring_case(line, "candidate:").ok_or(Reason::Prefix)?);
    cursor.field(Reason::Fields)?;
    if cursor.number(Reason::Fields)? != 1 {
        return Err(Reason::Component);
    }
    let tcp = cursor.word(&["udp", "tcp"], Reason::Fields)? == 1;
    if cursor.number(Reason::Fields)? == 0 {
        return Err(Reason::Priority);
    }
    let address = cursor.field(Reason::Fields)?;
    let negative = cursor.0.trim_start().starts_with('-');
    if !(1..=65535).contains(&cursor.number(Reason::Fields)?) {
        return Err(if negative { Reason::Fields } else { Reason::Port });
    }
    let ip = literal(address);
    if ip.is_none() && !is_asked_for(address) {
        return Err(Reason::Address);
    }
    cursor.word(&["typ"], Reason::Typ)?;
    let kind = cursor.word(&["host", "srflx", "prflx", "relay"], Reason::Type)?;
    if kind > 0 {
        related(&mut cursor)?;
    }
    match (tcp, kind) {
        (true, RELAY) => return Err(Reason::TcpRelay),
        (true, _) => passive(&mut cursor)?,
        _ => {}
    }
    match ip {
        Some(ip) if ip.is_loopback() => Err(Reason::Loopback),
        Some(IpAddr::V4(ip)) if ip.is_link_local() => Err(Reason::LinkLocal),
        Some(IpAddr::V6(ip)) if ip.is_unicast_link_local() => Err(Reason::LinkLocal),
        _ => Ok(()),
    }
}

/// Whether a name is asked for by mDNS: a UUID, which may have more digits behind it, and `.local`.
fn is_asked_for(name: &str) -> bool {
    let Some(uuid) = name.strip_suffix(".local") else { return false };
    let is_digit = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    uuid.len() >= 36 && uuid.bytes().enumerate().all(is_digit)
}

/// Reflexive and relayed candidates go on with `raddr` and `rport`.
fn related(cursor: &mut Cursor<'_>) -> Result<(), Reason> {
    cursor.word(&["raddr"], Reason::Related)?;
    literal(cursor.field(Reason::Related)?).ok_or(Reason::Related)?;
    cursor.word(&["rport"], Reason::Related)?;
    let port = cursor.number(Reason::Related)?;
    if port <= 65535 { Ok(()) } else { Err(Reason::Related) }
}

/// TCP candidates, but relayed ones, go on with `tcptype`; only passive ones get a pair.
fn passive(cursor: &mut Cursor<'_>) -> Result<(), Reason> {
    cursor.word(&["tcptype "], Reason::Fields)?;
    let kind = cursor.word(&["active", "passive", "so"], Reason::Fields)?;
    if kind == 1 { Ok(()) } else { Err(Reason::TcpDirection) }
}

/// A number as `sscanf("%u")` reads it: leading digits after an optional sign, cut to 32 bits.
fn scan_unsigned(field: &str) -> Option<u32> {
    let unsigned = field.strip_prefix(['-', '+']).unwrap_or(field);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let value = unsigned
        .bytes()
        .take(digits)
        .fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    let value = value as u32;
    Some(if field.starts_with('-') { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_asked_for("2cf85dc7-5ba6-424c-bde4-bd6084bcdcb3.local"));
        assert!(is_asked_for("2cf85dc7-5ba6-424c-bde4-bd6084bcdcb3f.local"));
        assert!(!is_asked_for("host.local") && !is_asked_for("2cf85dc7-5ba6-424c-bde4-bd6084bcdcb3"));
    }

    #[test]
    fn numbers_as_c_reads_them() {
        assert_eq!(scan_unsigned("9999999999"), Some(1410065407));
        assert_eq!(scan_unsigned("1.5"), Some(1));
        assert_eq!(scan_unsigned("-1"), Some(u32::MAX));
        assert_eq!(scan_unsigned("4294967296"), Some(0));
        assert_eq!(scan_unsigned("x"), None);
        assert_eq!(scan_unsigned("99999999999999999999999999"), Some(u32::MAX));
    }
}
