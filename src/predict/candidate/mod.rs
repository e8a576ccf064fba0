//! Reactions of Chromium and Firefox to a candidate given to `addIceCandidate`.
//!
//! The rules are those measured in Chromium 156 and Firefox 153; `pkg-tests/measure/measure.mjs` repeats the measurement. They
//! read the text on their own, because each browser reads it in its own way.

mod chromium;
mod firefox;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use chromium::chromium;
pub use firefox::firefox;

/// Fate of a candidate.
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
    /// A link-local address: paired with link-local ones only, which browsers do not offer.
    LinkLocal,
    /// A TCP port that no page may connect to, as the Fetch standard lists them.
    PortBlocked,
    /// A relayed TCP candidate.
    TcpRelay,
}

pub(super) fn is_end(text: &str) -> bool {
    text.is_empty()
}

pub(super) fn literal(address: &str) -> Option<IpAddr> {
    let v4 = address.parse::<Ipv4Addr>().map(IpAddr::V4).ok();
    v4.or_else(|| address.parse::<Ipv6Addr>().map(IpAddr::V6).ok())
}
