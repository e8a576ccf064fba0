//! The URL of an ICE server (RFC 7064, RFC 7065).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::nat::Endpoint;

const STUN_PORT: u16 = 3478;
const STUNS_PORT: u16 = 5349;

/// The scheme of an ICE server's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `stun:`
    Stun,
    /// `stuns:`, STUN over TLS.
    Stuns,
    /// `turn:`
    Turn,
    /// `turns:`, TURN over TLS.
    Turns,
}

/// One server as its URL names it, borrowed from the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server<'a> {
    /// The scheme.
    pub scheme: Scheme,
    /// An address or a name, without the brackets of an IPv6 address.
    pub host: &'a str,
    /// The port; 3478, or 5349 with TLS, where the URL has none.
    pub port: u16,
    /// Whether the server is spoken to over UDP: no TLS, and no `?transport=tcp`.
    pub udp: bool,
}

impl<'a> Server<'a> {
    /// Reads a URL; `None` where it is not one of the four schemes with a host and a port in range.
    ///
    /// ```
    /// use icelens::browser::server::Server;
    /// let server = Server::parse("turn:[2001:db8::1]?transport=tcp").unwrap();
    /// assert_eq!((server.host, server.port, server.udp), ("2001:db8::1", 3478, false));
    /// ```
    #[must_use]
    pub fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once(':')?;
        let scheme = match scheme {
            s if s.eq_ignore_ascii_case("stun") => Scheme::Stun,
            s if s.eq_ignore_ascii_case("stuns") => Scheme::Stuns,
            s if s.eq_ignore_ascii_case("turn") => Scheme::Turn,
            s if s.eq_ignore_ascii_case("turns") => Scheme::Turns,
            _ => return None,
        };
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, port) = split_port(authority)?;
        let secure = matches!(scheme, Scheme::Stuns | Scheme::Turns);
        let port = match port {
            Some(port) => port,
            None if secure => STUNS_PORT,
            None => STUN_PORT,
        };
        let udp = !secure && !query.eq_ignore_ascii_case("transport=tcp");
        Some(Self { scheme, host, port, udp })
    }

    /// The host as an address; `None` for a name.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Destination of its requests.
    #[must_use]
    pub fn destination(&self) -> Endpoint {
        match self.ip() {
            Some(ip) => Endpoint::Address(SocketAddr::new(ip, self.port)),
            None => Endpoint::Name(self.host.to_ascii_lowercase(), self.port),
        }
    }

    /// The URL that reaches this TURN server over TCP.
    #[must_use]
    pub fn tcp_url(&self) -> String {
        let scheme = if self.scheme == Scheme::Turns { "turns" } else { "turn" };
        format!("{scheme}:{}?transport=tcp", self.destination())
    }

    /// Whether this is a TURN server.
    #[must_use]
    pub fn relays(&self) -> bool {
        matches!(self.scheme, Scheme::Turn | Scheme::Turns)
    }
}

/// Most STUN servers asked at once.
pub const MAX_ASKED: usize = 8;

/// The STUN URLs that show the mapping: those given over UDP, each destination once; where they have fewer than two
/// hosts, the TURN servers too, since these answer Binding requests as well.
#[must_use]
pub fn mapping_urls(urls: &[&str]) -> Vec<String> {
    let servers: Vec<Server<'_>> = urls.iter().filter_map(|url| Server::parse(url)).filter(|s| s.udp).collect();
    let mut asked: Vec<Server<'_>> = Vec::new();
    for server in servers.iter().filter(|server| server.scheme == Scheme::Stun) {
        ask(&mut asked, *server);
    }
    for server in servers.iter().filter(|server| server.scheme == Scheme::Turn) {
        if asked.iter().all(|other| Some(other.host) == asked.first().map(|first| first.host)) {
            ask(&mut asked, *server);
        }
    }
    asked.iter().map(|server| format!("stun:{}", server.destination())).collect()
}

fn ask<'a>(asked: &mut Vec<Server<'a>>, server: Server<'a>) {
    if asked.len() < MAX_ASKED && !asked.iter().any(|other| other.destination() == server.destination()) {
        asked.push(server);
    }
}

/// The first STUN URL at another address than `relay`, of its family; else the first by name, whose address is unknown.
#[must_use]
pub fn stun_elsewhere<'a>(urls: &[&'a str], relay: IpAddr) -> Option<&'a str> {
    let find = |fits: &dyn Fn(Option<IpAddr>) -> bool| {
        urls.iter().copied().find(|url| Server::parse(url).is_some_and(|server| fits(server.ip())))
    };
    let elsewhere = |ip: Option<IpAddr>| ip.is_some_and(|ip| ip != relay && ip.is_ipv4() == relay.is_ipv4());
    find(&elsewhere).or_else(|| find(&|ip| ip.is_none()))
}

/// A STUN URL at the address that a TURN server relays from: one of those given, else the TURN server's own port.
#[must_use]
pub fn stun_at_relay(urls: &[&str], turn: &Server<'_>, relay: IpAddr) -> String {
    let given = urls.iter().filter_map(|url| Server::parse(url)).find(|server| server.ip() == Some(relay));
    let port = match given {
        Some(server) => server.port,
        None if turn.udp => turn.port,
        None => STUN_PORT,
    };
    format!("stun:{}", SocketAddr::new(relay, port))
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(read_port(port)?))),
            None if rest.is_empty() => Some((host, None)),
            None => None,
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(read_port(port)?)),
        None => (authority, None),
    };
    if host.is_empty() || host.contains(['/', '@', '[', ']']) {
        return None;
    }
    Some((host, port))
}

fn read_port(digits: &str) -> Option<u16> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_take() {
        for (url, scheme, destination, udp) in [
            ("stun:203.0.113.10", Scheme::Stun, "203.0.113.10:3478", true),
            ("STUN:stun.example.org:19302", Scheme::Stun, "stun.example.org:19302", true),
            ("stuns:stun.example.org", Scheme::Stuns, "stun.example.org:5349", false),
            ("turn:203.0.113.10:3479?transport=udp", Scheme::Turn, "203.0.113.10:3479", true),
            ("turn:203.0.113.10?transport=tcp", Scheme::Turn, "203.0.113.10:3478", false),
            ("turns:[2001:DB8::1]:443", Scheme::Turns, "[2001:db8::1]:443", false),
        ] {
            let server = Server::parse(url).unwrap();
            assert_eq!(
                (server.scheme, server.destination().to_string(), server.udp),
                (scheme, destination.into(), udp),
                "{url}"
            );
        }
    }

    #[test]
    fn asks_turn_servers_only_for_want_of_a_second_host() {
        let turn = "turn:203.0.113.12:3478";
        assert_eq!(
            mapping_urls(&["stun:203.0.113.10", "STUN:203.0.113.10:3478", "stun:203.0.113.11", turn]),
            ["stun:203.0.113.10:3478", "stun:203.0.113.11:3478"]
        );
        assert_eq!(mapping_urls(&[turn, "stun:203.0.113.10"]), ["stun:203.0.113.10:3478", "stun:203.0.113.12:3478"]);
        assert_eq!(mapping_urls(&[turn, "turns:203.0.113.13", "stuns:203.0.113.14"]), ["stun:203.0.113.12:3478"]);
        assert!(mapping_urls(&["nonsense"]).is_empty());
        let many: Vec<String> = (1..50).map(|port| format!("stun:203.0.113.10:{port}")).collect();
        assert_eq!(mapping_urls(&many.iter().map(String::as_str).collect::<Vec<_>>()).len(), MAX_ASKED);
    }

    #[test]
    fn picks_servers_for_the_filtering_probe() {
        let relay = "203.0.113.10".parse().unwrap();
        let urls = ["stun:203.0.113.10", "stun:[2001:db8::1]", "stun:name.example", "stun:203.0.113.11:3479"];
        assert_eq!(stun_elsewhere(&urls, relay), Some("stun:203.0.113.11:3479"));
        assert_eq!(stun_elsewhere(&urls[..3], relay), Some("stun:name.example"));
        assert_eq!(stun_elsewhere(&urls[..2], relay), None);
        let turn = Server::parse("turn:203.0.113.10:3480").unwrap();
        assert_eq!(stun_at_relay(&urls, &turn, relay), "stun:203.0.113.10:3478");
        assert_eq!(stun_at_relay(&urls[1..], &turn, relay), "stun:203.0.113.10:3480");
        let tls = Server::parse("turns:turn.example").unwrap();
        assert_eq!(stun_at_relay(&[], &tls, "2001:db8::2".parse().unwrap()), "stun:[2001:db8::2]:3478");
    }

    #[test]
    fn refuses_the_rest() {
        for url in [
            "",
            "stun",
            "stun:",
            "http://a",
            "stun:a:b",
            "stun:a:0",
            "stun:a:65536",
            "stun:[::1",
            "stun:[a]",
            "stun://a",
            "stun:a:+5",
        ] {
            assert_eq!(Server::parse(url), None, "{url}");
        }
    }
}
