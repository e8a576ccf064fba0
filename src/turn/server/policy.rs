//! Peers that may be reached.
use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

use crate::net::{Scope, scope};

/// A network: an address and how many of its bits count.
///
/// ```
/// # use icelens::turn::server::Network;
/// let lan: Network = "10.0.0.0/8".parse()?;
/// assert!(lan.contains("10.9.8.7".parse()?) && !lan.contains("11.0.0.1".parse()?));
/// let host: Network = "2001:db8::1".parse()?;
/// assert!(host.contains("2001:db8::1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    ip: IpAddr,
    bits: u8,
}

impl Network {
    /// True when `ip` belongs to the network. An IPv4-mapped IPv6 address counts as the IPv4 address.
    #[must_use]
    pub const fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let different = network.to_bits() ^ ip.to_bits();
                self.bits == 0 || different >> (32 - self.bits) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let different = network.to_bits() ^ ip.to_bits();
                self.bits == 0 || different >> (128 - self.bits) == 0
            }
            _ => false,
        }
    }
}

/// The text is not an address, or has more bits than the address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NetworkError;

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a network is an IP address, or one with a slash and a number of bits, such as 10.0.0.0/8")
    }
}

impl core::error::Error for NetworkError {}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (ip, bits) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let ip: IpAddr = ip.parse().map_err(|_| NetworkError)?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| NetworkError)?;
        if bits > most { Err(NetworkError) } else { Ok(Self { ip, bits }) }
    }
}

/// True when the server may relay to an address by default: a public unicast address.
#[must_use]
pub const fn is_public(ip: IpAddr) -> bool {
    matches!(scope(ip), Scope::Global)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_relayed_to() {
        let public =
            ["8.8.8.8", "203.0.113.7", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2001:db8::1", "64:ff9b::808:808"];
        let not = [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:a00:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "64:ff9b:1::1",
        ];
        public.iter().for_each(|ip| assert!(is_public(ip.parse().unwrap()), "{ip}"));
        not.iter().for_each(|ip| assert!(!is_public(ip.parse().unwrap()), "{ip}"));
    }

    #[test]
    fn networks() {
        let parse = |text: &str| text.parse::<Network>();
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert_eq!(parse(bad), Err(NetworkError), "{bad}");
        }
        let holds = |network: &str, ip: &str| parse(network).unwrap().contains(ip.parse().unwrap());
        assert!(holds("0.0.0.0/0", "8.8.8.8") && holds("::/0", "2001:db8::1") && holds("fd00::/8", "fd12::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"), "mapped");
        assert!(!holds("0.0.0.0/0", "2001:db8::1") && !holds("192.168.1.0/24", "192.168.2.1"));
    }
}
