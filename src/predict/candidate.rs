//! What Chromium and Firefox do with a candidate given to `addIceCandidate`.
//!
//! The rules are those measured in Chromium 156 and Firefox 153; a test repeats the measurement in a real Chromium. They
//! read the text on their own, because each browser reads it in its own way.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::candidate::{CandidateType, TcpType};
use crate::candidate::{number, strip_ignoring_case};
use crate::net::{Scope, scope};

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Paired and checked. Names are resolved first, by mDNS or, in Chromium, DNS.
    Used,
    /// Taken as the end of candidates.
    EndOfCandidates,
    /// `addIceCandidate` resolves, and nothing is ever sent to it.
    Ignored(Reason),
    /// `addIceCandidate` rejects.
    Rejected(Reason),
}

/// Why a candidate is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// Does not start with `candidate:` or `a=candidate:`.
    Prefix = 1,
    /// No colon anywhere.
    NoColon,
    /// More than one line.
    OneLine,
    /// Too few fields, or one that is not what belongs there.
    Fields,
    /// Component: not a number, or not 1.
    Component,
    /// Transport other than UDP and TCP.
    Transport,
    /// Priority out of the range the browser takes.
    Priority,
    /// No IP address and no `.local` name.
    Address,
    /// In brackets or with a zone id: taken as a host name that is never asked for.
    Hostname,
    /// The unspecified address.
    Unspecified,
    /// A loopback address.
    Loopback,
    /// Port out of range.
    Port,
    /// Port 0.
    PortZero,
    /// A port below 1024 other than 80 and 443.
    PortLow,
    /// Port 80 or 443 at an address that is not public.
    PortPrivate,
    /// `typ` is not where it belongs.
    Typ,
    /// Not host, srflx, prflx or relay.
    Type,
    /// `raddr` and `rport` do not follow the type, or are not an address and a port.
    Related,
    /// `tcptype` missing, unknown, or on UDP.
    TcpType,
    /// TCP candidate that only opens connections, or opens them simultaneously (Firefox).
    TcpDirection,
    /// `generation`, `network-id` or `network-cost` is not a number in range.
    ExtensionNumber,
}

fn is_end(text: &str) -> bool {
    text.is_empty()
}

/// What Chromium does with `text`, the `candidate` member of an RTCIceCandidateInit.
pub fn chromium(text: &str) -> Outcome {
    if is_end(text) {
        return Outcome::EndOfCandidates;
    }
    chromium_parse(text).map_or_else(Outcome::Rejected, |seen| match chromium_pairs(&seen) {
        Ok(()) => Outcome::Used,
        Err(reason) => Outcome::Ignored(reason),
    })
}

/// What Chromium reads of a line it accepts.
struct Seen<'a> {
    component: i64,
    tcp_active: bool,
    address: &'a str,
    port: u16,
}

fn chromium_parse(text: &str) -> Result<Seen<'_>, Reason> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    if !rest.is_empty() {
        return Err(Reason::OneLine);
    }
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = line.strip_prefix("a=").unwrap_or(line).strip_prefix("candidate:").ok_or(Reason::Prefix)?;
    // Fields between single spaces: two spaces make an empty field.
    let mut fields = line.split(' ');
    let mut next = || fields.next().ok_or(Reason::Fields);
    let [_foundation, component, transport, priority, address, port, typ, kind] =
        [next()?, next()?, next()?, next()?, next()?, next()?, next()?, next()?];
    if typ != "typ" {
        return Err(Reason::Fields);
    }
    let component = integer(component).ok_or(Reason::Component)?;
    number(priority).ok_or(Reason::Priority)?;
    let port = number(port).and_then(|port| u16::try_from(port).ok()).ok_or(Reason::Port)?;
    let tcp = transport.eq_ignore_ascii_case("tcp");
    if !(tcp || transport.eq_ignore_ascii_case("udp") || transport.eq_ignore_ascii_case("ssltcp")) {
        return Err(Reason::Transport);
    }
    if !["host", "srflx", "prflx", "relay"].contains(&kind) {
        return Err(Reason::Type);
    }
    let tcp_active = chromium_tail(fields, tcp)?;
    Ok(Seen { component, tcp_active, address, port })
}

/// Reads what follows the type; true for an active TCP candidate.
fn chromium_tail<'a>(fields: impl Iterator<Item = &'a str>, tcp: bool) -> Result<bool, Reason> {
    let mut fields = fields.peekable();
    let mut tcp_active = false;
    if fields.next_if_eq(&"raddr").is_some() {
        fields.next();
    }
    if fields.next_if_eq(&"rport").is_some() {
        fields.next().and_then(number).filter(|&port| port <= 65535).ok_or(Reason::Related)?;
    }
    if fields.next_if_eq(&"tcptype").is_some() {
        let value = fields.next().unwrap_or("");
        if !tcp || !["active", "passive", "so"].contains(&value) {
            return Err(Reason::TcpType);
        }
        tcp_active = value == "active";
    }
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        let limit = match name {
            "generation" => u32::MAX,
            "network-id" | "network-cost" => 65535,
            _ => continue,
        };
        number(value).filter(|&number| number <= limit).ok_or(Reason::ExtensionNumber)?;
    }
    Ok(tcp_active)
}

fn chromium_pairs(seen: &Seen<'_>) -> Result<(), Reason> {
    if seen.component != 1 {
        return Err(Reason::Component);
    }
    let ip = ip(seen.address);
    if ip.is_none() && (seen.address.starts_with('[') || seen.address.contains(['%', ':'])) {
        return Err(Reason::Hostname);
    }
    if ip.is_some_and(|ip| ip.is_unspecified()) {
        return Err(Reason::Unspecified);
    }
    if seen.tcp_active {
        return Err(Reason::TcpDirection);
    }
    match seen.port {
        0 => Err(Reason::PortZero),
        80 | 443 if ip.is_some_and(is_private) => Err(Reason::PortPrivate),
        80 | 443 | 1024.. => Ok(()),
        _ => Err(Reason::PortLow),
    }
}

fn is_private(ip: IpAddr) -> bool {
    // Chromium does not look for IPv4 within IPv6.
    let holds_v4 = matches!(ip, IpAddr::V6(ip) if ip.octets()[0] < 0xfc && !ip.is_loopback());
    let local = matches!(scope(ip), Scope::Loopback | Scope::LinkLocal | Scope::Private | Scope::CarrierShared);
    local && !holds_v4
}

/// What Firefox does with `text`, the `candidate` member of an RTCIceCandidateInit.
pub fn firefox(text: &str) -> Outcome {
    if is_end(text) {
        return Outcome::EndOfCandidates;
    }
    if !text.contains(':') {
        return Outcome::Rejected(Reason::NoColon);
    }
    firefox_pairs(text).map_or_else(Outcome::Ignored, |()| Outcome::Used)
}

fn firefox_pairs(text: &str) -> Result<(), Reason> {
    // The line ends at CR, LF or NUL; fields are separated by runs of spaces, and by nothing else.
    let line = text.split(['\r', '\n', '\0']).next().unwrap_or("");
    let line = line.trim_start_matches(' ');
    let line = line.strip_prefix("a=").unwrap_or(line);
    let line = strip_ignoring_case(line, "candidate:").ok_or(Reason::Prefix)?;
    let mut fields = line.split(' ').filter(|field| !field.is_empty());
    let mut next = || fields.next().ok_or(Reason::Fields);
    let _foundation = next()?;
    if scan_unsigned(next()?).ok_or(Reason::Fields)? != 1 {
        return Err(Reason::Component);
    }
    let transport = next()?;
    let tcp = strip_ignoring_case(transport, "tcp").is_some();
    if !tcp && strip_ignoring_case(transport, "udp").is_none() {
        return Err(Reason::Fields);
    }
    if scan_unsigned(next()?).ok_or(Reason::Fields)? == 0 {
        return Err(Reason::Priority);
    }
    let address = next()?;
    let port = next()?;
    if port.starts_with('-') || !(1..=65535).contains(&scan_unsigned(port).ok_or(Reason::Fields)?) {
        return Err(if port.starts_with('-') { Reason::Fields } else { Reason::Port });
    }
    let ip = literal(address);
    if ip.is_none() && !address.ends_with(".local") {
        return Err(Reason::Address);
    }
    if !next().map_err(|_| Reason::Typ)?.eq_ignore_ascii_case("typ") {
        return Err(Reason::Typ);
    }
    let kind = CandidateType::from_token(next()?).ok_or(Reason::Type)?;
    if kind != CandidateType::Host {
        firefox_related(&mut fields)?;
    }
    if tcp && kind != CandidateType::Relayed {
        firefox_tcp_type(&mut fields)?;
    }
    if ip.is_some_and(|ip| ip.is_loopback()) { Err(Reason::Loopback) } else { Ok(()) }
}

/// Reflexive and relayed candidates go on with `raddr` and `rport`.
fn firefox_related<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Result<(), Reason> {
    let mut next = || fields.next().ok_or(Reason::Related);
    let [raddr, address, rport, port] = [next()?, next()?, next()?, next()?];
    let names = raddr.eq_ignore_ascii_case("raddr") && rport.eq_ignore_ascii_case("rport");
    let values = literal(address).is_some() && scan_unsigned(port).is_some_and(|port| port <= 65535);
    if names && values { Ok(()) } else { Err(Reason::Related) }
}

/// TCP candidates, but relayed ones, go on with `tcptype`; only passive ones get a pair.
fn firefox_tcp_type<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Result<(), Reason> {
    let name = fields.next().ok_or(Reason::Fields)?;
    let value = fields.next().ok_or(Reason::Fields)?;
    if !name.eq_ignore_ascii_case("tcptype") {
        return Err(Reason::Fields);
    }
    match TcpType::from_token(value) {
        Some(TcpType::Passive) => Ok(()),
        Some(_) => Err(Reason::TcpDirection),
        None => Err(Reason::Fields),
    }
}

fn literal(address: &str) -> Option<IpAddr> {
    let v4 = address.parse::<Ipv4Addr>().map(IpAddr::V4).ok();
    v4.or_else(|| address.parse::<Ipv6Addr>().map(IpAddr::V6).ok())
}

/// An IP address as Chromium reads it: IPv4 also with fewer parts and octal ones, as `inet_aton` does.
fn ip(address: &str) -> Option<IpAddr> {
    literal(address).or_else(|| inet_aton(address).map(IpAddr::V4))
}

fn inet_aton(address: &str) -> Option<Ipv4Addr> {
    let count = address.split('.').count();
    if count > 4 {
        return None;
    }
    let mut bits: u32 = 0;
    for (index, part) in address.split('.').enumerate() {
        let (digits, radix) = match part.strip_prefix("0x") {
            Some(hex) => (hex, 16),
            None if part.len() > 1 && part.starts_with('0') => (part, 8),
            None => (part, 10),
        };
        let value = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
        // The last part fills what is left of the 32 bits.
        let width = if index + 1 == count { 8 * (5 - count) } else { 8 };
        if width < 32 && value >> width != 0 {
            return None;
        }
        bits = if width == 32 { value } else { bits << width | value };
    }
    Some(Ipv4Addr::from_bits(bits))
}

/// An integer as libwebrtc reads it: digits after an optional minus.
fn integer(field: &str) -> Option<i64> {
    let (digits, sign) = field.strip_prefix('-').map_or((field, 1), |digits| (digits, -1));
    number(digits).map(|value| sign * i64::from(value)).filter(|&value| i32::try_from(value).is_ok())
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
    fn numbers_as_c_reads_them() {
        assert_eq!(scan_unsigned("9999999999"), Some(1410065407));
        assert_eq!(scan_unsigned("1.5"), Some(1));
        assert_eq!(scan_unsigned("-1"), Some(u32::MAX));
        assert_eq!(scan_unsigned("4294967296"), Some(0));
        assert_eq!(scan_unsigned("x"), None);
        assert_eq!(scan_unsigned("99999999999999999999999999"), Some(u32::MAX));
        assert_eq!(integer("-7"), Some(-7));
        assert_eq!(integer("4294967295"), None);
    }

    #[test]
    fn addresses_as_inet_aton_reads_them() {
        assert_eq!(ip("010.1.2.3"), Some(IpAddr::from([8, 1, 2, 3])));
        assert_eq!(ip("1.2.3"), Some(IpAddr::from([1, 2, 0, 3])));
        assert_eq!(ip("256.1.1.1"), None);
        assert_eq!(ip("16909060"), Some(IpAddr::from([1, 2, 3, 4])));
        assert_eq!(ip("1.2.3.4.5"), None);
        assert_eq!(ip("a.test"), None);
    }
}
