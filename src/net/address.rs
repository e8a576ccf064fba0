//! IP addresses as text: what `core::net` reads, in less code and time. A property test compares the two.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 or IPv6 address that `text` is, without brackets or zone id.
pub fn ip(text: &str) -> Option<IpAddr> {
    ipv4(text.as_bytes()).map(IpAddr::V4).or_else(|| ipv6(text.as_bytes()).map(IpAddr::V6))
}

/// The address of a candidate's connection-address: [`ip`], with the brackets and zone id that IPv6 may have.
pub fn host_ip(text: &str) -> Option<IpAddr> {
    let Some(colon) = text.find(':') else { return ip(text) };
    let text =
        if colon > 0 { text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text) } else { text };
    ip(text.split_once('%').map_or(text, |(address, _)| address))
}

/// Four decimal numbers up to 255 without leading zeros (RFC 6943 §3.1.1, the strict form).
pub(crate) fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut bits, mut octet, mut digits, mut dots) = (0, 0, 0, 0);
    for &byte in text {
        if byte == b'.' {
            if digits == 0 || dots == 3 {
                return None;
            }
            (bits, octet, digits, dots) = (bits << 8 | octet, 0, 0, dots + 1);
            continue;
        }
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit > 9 || digits > 0 && octet == 0 {
            return None;
        }
        octet = octet * 10 + digit;
        digits += 1;
        if octet > 255 {
            return None;
        }
    }
    (dots == 3 && digits > 0).then(|| Ipv4Addr::from_bits(bits << 8 | octet))
}

/// Eight groups of up to four hexadecimal digits, the last two possibly as IPv4; `::` stands for one group or more
/// (RFC 4291 §2.2).
pub(crate) fn ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    let mut all = [0; 8];
    let gap = text.windows(2).position(|two| two == b"::");
    let (head, tail) = match gap {
        Some(gap) => (text.get(..gap)?, text.get(gap + 2..)?),
        None => (&[][..], text),
    };
    let before = groups(head, &mut all, false)?;
    let mut last = [0; 8];
    let after = groups(tail, &mut last, true)?;
    let fits = if gap.is_some() { before + after < 8 } else { after == 8 };
    for (to, from) in all.iter_mut().rev().zip(last.iter().take(after).rev()) {
        *to = *from;
    }
    fits.then(|| Ipv6Addr::from(all))
}

/// Reads the groups of `text` to the start of `to` and returns how many they are.
fn groups(text: &[u8], to: &mut [u16; 8], ipv4_allowed: bool) -> Option<usize> {
    let (mut count, mut rest) = (0, text);
    while !rest.is_empty() {
        let (mut value, mut digits) = (0, 0);
        while let Some(digit) = rest.get(digits).and_then(|&byte| char::from(byte).to_digit(16)) {
            value = value << 4 | digit;
            digits += 1;
            if digits > 4 {
                return None;
            }
        }
        let separator = rest.get(digits);
        if separator == Some(&b'.') && ipv4_allowed {
            let bits = ipv4(rest)?.to_bits();
            let [high, low] = to.get_mut(count..)?.first_chunk_mut()?;
            (*high, *low) = ((bits >> 16) as u16, bits as u16);
            return Some(count + 2);
        }
        *to.get_mut(count)? = value as u16;
        count += 1;
        rest = match rest.get(digits + 1..) {
            _ if digits == 0 => return None,
            None => break,
            Some(more) if separator == Some(&b':') && !more.is_empty() => more,
            Some(_) => return None,
        };
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that are nearly addresses, from a seeded generator.
    fn texts() -> impl Iterator<Item = String> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = move |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        const PARTS: [&str; 20] = [
            "0", "1", "25", "255", "256", "00", "01", ":", ":", "::", ".", ".", "ffff", "fE80", "12345", "1.2.3.4",
            "g", "%", "-1", "+1",
        ];
        (0..400_000).map(move |_| {
            let mut text = String::new();
            let (form, count) = (random(3), random(12));
            for i in 0..count {
                match form {
                    0 => text.push_str(PARTS[random(20) as usize]),
                    // Groups with separators, as they should be or one too many.
                    1 => {
                        text.push_str(
                            ["", ":", "::"][usize::from(i > 0 || random(4) == 0) + usize::from(random(8) == 0)],
                        );
                        let of = if random(6) == 0 { 4 } else { 2 };
                        text.push_str(["0", "db8", "1.2.3.4", "ffff"][random(of) as usize]);
                    }
                    _ if i > 4 => break,
                    _ => {
                        text.push_str(if i == 0 { "" } else { "." });
                        let of = if random(8) == 0 { 7 } else { 5 };
                        text.push_str(["0", "9", "10", "192", "255", "256", "010"][random(of) as usize]);
                    }
                }
            }
            text
        })
    }

    #[test]
    fn agrees_with_the_standard_library() {
        let (mut v4, mut v6) = (0, 0);
        for text in texts() {
            let expected = text.parse::<IpAddr>().ok();
            assert_eq!(ip(&text), expected, "{text:?}");
            v4 += u32::from(expected.is_some_and(|ip| ip.is_ipv4()));
            v6 += u32::from(expected.is_some_and(|ip| ip.is_ipv6()));
        }
        assert!(v4 > 1000 && v6 > 1000, "{v4} IPv4 and {v6} IPv6 addresses among the texts");
    }

    #[test]
    fn bounds_of_ipv6() {
        for text in [
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8::",
            "::",
            ":::",
            "1:",
            ":1",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::1.2.3.4",
            "1.2.3.4::",
            "::1::",
            "",
        ] {
            assert_eq!(ip(text), text.parse().ok(), "{text:?}");
        }
    }
}
