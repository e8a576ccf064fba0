//! What an IP address says by itself.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address is meant to be reachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The host itself: 127.0.0.0/8, ::1.
    Loopback,
    /// The link: 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// A private network: RFC 1918, fc00::/7.
    Private,
    /// 100.64.0.0/10, shared by carriers (RFC 6598) and by overlays such as Tailscale.
    CarrierShared,
    /// 192.0.0.0/29: the client side of DS-Lite or 464XLAT (RFC 6333, RFC 7335).
    IpV6Transition,
    /// Everything else, documentation ranges included.
    Global,
}

/// The scope of an address.
#[must_use]
pub const fn scope(ip: IpAddr) -> Scope {
    match ip {
        IpAddr::V4(ip) => scope_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => scope_v4(ip),
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
        _ => Scope::Global,
    }
}

const fn scope_v6(ip: Ipv6Addr) -> Scope {
    if ip.is_loopback() {
        return Scope::Loopback;
    }
    match ip.segments()[0] {
        0xfe80..=0xfebf => Scope::LinkLocal,
        0xfc00..=0xfdff => Scope::Private,
        _ => Scope::Global,
    }
}
