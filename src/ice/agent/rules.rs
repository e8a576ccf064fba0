//! Wishes of the caller for its candidates: left out, preferred, or announced with another address; and RFC 8421's order.
use super::LocalCandidate;
use crate::candidate::CandidateType;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

/// Candidates that a [`CandidateRule`] is about: those that fit everything that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// The type.
    pub kind: Option<CandidateType>,
    /// The address of the base is within this prefix of so many bits. An interface is told by its addresses.
    pub prefix: Option<(IpAddr, u8)>,
}

/// Treatment of the candidates that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// They are left out.
    LeaveOut,
    /// Their local preference is this much lower: the cost of a metered or slow interface.
    Cost(u16),
    /// They are announced with this address and their own port, as a one-to-one NAT in front of the host or relay needs
    /// it; their checks are still sent from the base.
    Announce(IpAddr),
}

/// A rule for local candidates. The rules of an agent are applied in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CandidateRule {
    /// Which candidates.
    pub matches: Matches,
    /// Treatment of those that match.
    pub treatment: Treatment,
}

impl Matches {
    fn includes(&self, candidate: &LocalCandidate) -> bool {
        let kind = self.kind.is_none_or(|kind| kind == candidate.kind);
        kind && self.prefix.is_none_or(|(prefix, bits)| within(candidate.base.ip(), prefix, bits))
    }
}

/// True when both addresses have the same first bits; never for addresses of two families.
fn within(ip: IpAddr, prefix: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        let shift = width.saturating_sub(u32::from(bits));
        a.checked_shr(shift).unwrap_or_default() == b.checked_shr(shift).unwrap_or_default()
    };
    match (ip, prefix) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

/// Applies the rules; `None` when the candidate is left out.
pub(super) fn apply(rules: &[CandidateRule], mut candidate: LocalCandidate) -> Option<(LocalCandidate, u16)> {
    let mut cost = 0u16;
    for rule in rules.iter().filter(|rule| rule.matches.includes(&candidate)).copied().collect::<Vec<_>>() {
        match rule.treatment {
            Treatment::LeaveOut => return None,
            Treatment::Cost(more) => cost = cost.saturating_add(more),
            Treatment::Announce(ip) => candidate.address = SocketAddr::new(ip, candidate.address.port()),
        }
    }
    Some((candidate, cost))
}

/// Local preferences for the addresses of a host, in the order given: some IPv6 addresses first, then both families by turns
/// (RFC 8421 §4).
///
/// ```
/// use icelens::ice::agent::local_preferences;
/// let ips = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"].map(|ip| ip.parse().unwrap());
/// // (2 + 3) / 2 = 2 of IPv6, then one of IPv4, and so on.
/// assert_eq!(local_preferences(&ips), [65533, 65531, 65535, 65534, 65532]);
/// ```
pub fn local_preferences(addresses: &[IpAddr]) -> Vec<u16> {
    let of =
        |v4: bool| (0..).zip(addresses).filter(move |(_, ip)| ip.is_ipv4() == v4).map(|(place, _): (usize, _)| place);
    let (v4, v6): (Vec<usize>, Vec<usize>) = (of(true).collect(), of(false).collect());
    let head = (addresses.len()).checked_div(v4.len()).unwrap_or(v6.len()).min(v6.len());
    let (first, rest) = v6.split_at(head);
    let mut order = Vec::from(first);
    let mut rest = rest.iter();
    for place in &v4 {
        order.push(*place);
        order.extend(rest.next());
    }
    order.extend(rest);
    let mut preferences = alloc::vec![0; addresses.len()];
    for (preference, place) in (0..=u16::MAX).rev().zip(order) {
        if let Some(slot) = preferences.get_mut(place) {
            *slot = preference;
        }
    }
    preferences
}
