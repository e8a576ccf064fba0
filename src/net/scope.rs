//! Scope of an IP address: the part of the network from which it is meant to be reachable.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Part of the network from which an address is meant to be reachable (RFC 6890 and its registries).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The host itself: 127.0.0.0/8, `::1`.
    Loopback,
    /// The link: 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// A private network: RFC 1918, fc00::/7, and the site-local fec0::/10 of old.
    Private,
    /// 100.64.0.0/10, shared by carriers (RFC 6598) and by overlays such as Tailscale.
    CarrierShared,
    /// 192.0.0.0/29: the client side of DS-Lite or 464XLAT (RFC 6333, RFC 7335).
    IpV6Transition,
    /// A group: 224.0.0.0/4, ff00::/8.
    Multicast,
    /// No host: 0.0.0.0/8, `::`, 192.0.0.0/24, 240.0.0.0/4, the local NAT64 prefix 64:ff9b:1::/48.
    Reserved,
    /// Everything else, documentation ranges included.
    Global,
}

/// The scope of an address. An IPv6 address that holds an IPv4 address (mapped, compatible, NAT64, 6to4) has that one's.
#[must_use]
pub const fn scope(ip: IpAddr) -> Scope {
    match ip {
        IpAddr::V4(ip) => scope_v4(ip),
        IpAddr::V6(ip) => match held_v4(ip) {
            Some(held) => scope_v4(held),
            None => scope_v6(ip),
        },
    }
}

const fn scope_v4(ip: Ipv4Addr) -> Scope {
    match ip.octets() {
        [127, ..] => Scope::Loopback,
        [169, 254, ..] => Scope::LinkLocal,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Scope::Private,
        [100, 64..=127, ..] => Scope::CarrierShared,
        [192, 0, 0, 0..=7] => Scope::IpV6Transition,
        [224..=239, ..] => Scope::Multicast,
        [0 | 240..=255, ..] | [192, 0, 0, _] => Scope::Reserved,
        _ => Scope::Global,
    }
}

const fn scope_v6(ip: Ipv6Addr) -> Scope {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Scope::Loopback,
        [0, 0, 0, 0, 0, 0, 0, 0] | [0x64, 0xff9b, 1, ..] => Scope::Reserved,
        [0xfe80..=0xfebf, ..] => Scope::LinkLocal,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Scope::Private,
        [0xff00..=0xffff, ..] => Scope::Multicast,
        _ => Scope::Global,
    }
}

/// The IPv4 address within: mapped, compatible, translated (RFC 6052), 6to4 (RFC 3056).
const fn held_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        // `::` and `::1` are addresses of IPv6.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from_bits((high as u32) << 16 | low as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        for (text, expected) in [
            ("127.0.0.1", Scope::Loopback),
            ("::1", Scope::Loopback),
            ("::ffff:127.0.0.1", Scope::Loopback),
            ("169.254.1.1", Scope::LinkLocal),
            ("fe80::1", Scope::LinkLocal),
            ("febf::1", Scope::LinkLocal),
            ("10.0.0.1", Scope::Private),
            ("172.16.0.1", Scope::Private),
            ("172.31.255.255", Scope::Private),
            ("172.32.0.1", Scope::Global),
            ("192.168.0.1", Scope::Private),
            ("fd00::1", Scope::Private),
            ("fec0::1", Scope::Private),
            ("2002:c0a8:1::1", Scope::Private),
            ("64:ff9b::10.0.0.1", Scope::Private),
            ("64:ff9b::198.51.100.1", Scope::Global),
            ("64:ff9b:1::10.0.0.1", Scope::Reserved),
            ("100.63.255.255", Scope::Global),
            ("100.64.0.0", Scope::CarrierShared),
            ("100.127.255.255", Scope::CarrierShared),
            ("100.128.0.0", Scope::Global),
            ("192.0.0.2", Scope::IpV6Transition),
            ("192.0.0.9", Scope::Reserved),
            ("224.0.0.251", Scope::Multicast),
            ("ff02::fb", Scope::Multicast),
            ("0.0.0.0", Scope::Reserved),
            ("::", Scope::Reserved),
            ("255.255.255.255", Scope::Reserved),
            ("2001:db8::1", Scope::Global),
            ("203.0.113.1", Scope::Global),
        ] {
            assert_eq!(scope(text.parse().unwrap()), expected, "{text}");
        }
    }
}
