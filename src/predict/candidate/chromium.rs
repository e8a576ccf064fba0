//! Chromium: strict about the fields, and about where it connects.

use core::net::{IpAddr, Ipv4Addr};

use super::{Outcome, Reason, is_end, literal};
use crate::candidate::number;
use crate::net::{Scope, scope};

/// Reaction of Chromium to `text`, the `candidate` member of an RTCIceCandidateInit.
pub fn chromium(text: &str) -> Outcome {
    if is_end(text) {
        return Outcome::EndOfCandidates;
    }
    parse(text).map_or_else(Outcome::Rejected, |seen| match pairs(&seen) {
        Ok(()) => Outcome::Used,
        Err(reason) => Outcome::Ignored(reason),
    })
}

/// Fields that Chromium reads of a line it accepts.
struct Seen<'a> {
    component: i64,
    tcp: bool,
    tcp_active: bool,
    address: &'a str,
    port: u16,
}

fn parse(text: &str) -> Result<Seen<'_>, Reason> {
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
    let tcp = ["tcp", "ssltcp"].iter().any(|name| transport.eq_ignore_ascii_case(name));
    if !tcp && !transport.eq_ignore_ascii_case("udp") {
        return Err(Reason::Transport);
    }
    if !["host", "srflx", "prflx", "relay"].contains(&kind) {
        return Err(Reason::Type);
    }
    let tcp_active = tail(fields, tcp)?;
    Ok(Seen { component, tcp, tcp_active, address, port })
}

/// Reads what follows the type; true for an active TCP candidate.
fn tail<'a>(fields: impl Iterator<Item = &'a str>, tcp: bool) -> Result<bool, Reason> {
    let mut fields = fields.peekable();
    let mut tcp_active = false;
    // A name that ends the line is let be.
    if fields.next_if_eq(&"raddr").is_some() {
        fields.next();
    }
    if fields.next_if_eq(&"rport").is_some() {
        let port = fields.next().map_or(Some(0), number);
        port.filter(|&port| port <= 65535).ok_or(Reason::Related)?;
    }
    if fields.next_if_eq(&"tcptype").is_some()
        && let Some(value) = fields.next()
    {
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

fn pairs(seen: &Seen<'_>) -> Result<(), Reason> {
    if seen.component != 1 {
        return Err(Reason::Component);
    }
    match literal(seen.address) {
        Some(ip) if ip.is_unspecified() => return Err(Reason::Unspecified),
        Some(IpAddr::V6(ip)) if ip.is_unicast_link_local() => return Err(Reason::LinkLocal),
        Some(_) => {}
        None => name(seen)?,
    }
    if seen.tcp_active {
        return Err(Reason::TcpDirection);
    }
    let private = || ip(seen.address).is_some_and(is_private);
    match seen.port {
        0 => Err(Reason::PortZero),
        80 | 443 if private() => Err(Reason::PortPrivate),
        80 | 443 => Ok(()),
        port if seen.tcp && BLOCKED.contains(&port) => Err(Reason::PortBlocked),
        1024.. => Ok(()),
        _ => Err(Reason::PortLow),
    }
}

/// Ports from 1024 on that no page may connect to over TCP (Fetch standard, "bad port").
const BLOCKED: &[u16] =
    &[1719, 1720, 1723, 2049, 3659, 4045, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080];

/// Whether a name, or an address in another notation than usual, is looked up.
fn name(seen: &Seen<'_>) -> Result<(), Reason> {
    let address = seen.address;
    let whole = address.strip_suffix('.').unwrap_or(address);
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(allowed)
    };
    if whole.len() > 253 || !whole.split('.').all(is_label) {
        return Err(Reason::Hostname);
    }
    // Connecting there fails at once.
    let nowhere = |ip: IpAddr| ip.is_unspecified() || ip == IpAddr::V4(Ipv4Addr::BROADCAST);
    if seen.tcp && ip(address).is_some_and(nowhere) { Err(Reason::Unspecified) } else { Ok(()) }
}

fn is_private(ip: IpAddr) -> bool {
    // Chromium does not look for IPv4 within IPv6.
    let holds_v4 = matches!(ip, IpAddr::V6(ip) if ip.octets()[0] < 0xfc && !ip.is_loopback());
    let local = matches!(scope(ip), Scope::Loopback | Scope::LinkLocal | Scope::Private | Scope::CarrierShared);
    local && !holds_v4
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
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
