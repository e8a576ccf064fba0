//! Small facts about values that the diagnostics and the browser models share.

use alloc::vec::Vec;
use core::net::IpAddr;

use super::attribute::Attribute;
use super::document::{Media, Sdp};
use crate::candidate::number;
use crate::sorting::sort_by;

/// Whether a protocol carries RTP, such as `UDP/TLS/RTP/SAVPF`.
pub(crate) fn is_rtp(protocol: &str) -> bool {
    protocol.split('/').any(|part| part == "RTP")
}

/// Whether a protocol carries SCTP over DTLS.
pub(crate) fn is_sctp(protocol: &str) -> bool {
    matches!(protocol, "UDP/DTLS/SCTP" | "TCP/DTLS/SCTP" | "DTLS/SCTP")
}

/// Whether a section is rejected: port 0 and not `bundle-only` (RFC 9143 §6).
pub(crate) fn is_rejected(media: &Media<'_, '_>) -> bool {
    media.line().port == "0" && media.section().value(Attribute::BundleOnly).is_none()
}

/// Fault of an `a=fingerprint` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FingerprintProblem {
    /// Not a hash function, a space and hexadecimal bytes.
    Malformed,
    /// A hash function that RFC 8122 §5 does not name.
    Hash,
    /// One that it forbids: MD2 or MD5.
    Weak,
    /// Not as many bytes as the hash has.
    Length,
    /// Hexadecimal digits in lower case (RFC 8122 §5 has upper case).
    LowerCase,
}

/// Checks the value of `a=fingerprint`; of several problems the first in the order above.
pub(crate) fn fingerprint_problem(value: &str) -> Option<FingerprintProblem> {
    let (hash, digest) = value.split_once(' ').unwrap_or((value, ""));
    let digest = digest.trim_end_matches(' ');
    let mut bytes = 0;
    for byte in digest.split(':') {
        if byte.len() != 2 || !byte.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Some(FingerprintProblem::Malformed);
        }
        bytes += 1;
    }
    if hash.eq_ignore_ascii_case("md5") || hash.eq_ignore_ascii_case("md2") {
        return Some(FingerprintProblem::Weak);
    }
    let lengths = [("sha-1", 20), ("sha-224", 28), ("sha-256", 32), ("sha-384", 48), ("sha-512", 64)];
    match lengths.into_iter().find(|(name, _)| hash.eq_ignore_ascii_case(name)) {
        None => Some(FingerprintProblem::Hash),
        Some((_, length)) if bytes != length => Some(FingerprintProblem::Length),
        Some(_) => digest.bytes().any(|digit| digit.is_ascii_lowercase()).then_some(FingerprintProblem::LowerCase),
    }
}

/// Fault of a `c=` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionProblem {
    /// Not `IN IP4` or `IN IP6` and an address of that family.
    Malformed,
    /// With a TTL or a number of addresses: multicast.
    Multicast,
    /// A host name.
    Name,
}

/// Checks the value of `c=` (RFC 8866 §5.7).
pub(crate) fn connection_problem(value: &str) -> Option<ConnectionProblem> {
    let mut fields = value.trim_end_matches(' ').split(' ');
    let (net, family, address, more) = (fields.next(), fields.next(), fields.next(), fields.next());
    let (Some("IN"), Some(family @ ("IP4" | "IP6")), Some(address), None) = (net, family, address, more) else {
        return Some(ConnectionProblem::Malformed);
    };
    if address.contains('/') {
        return Some(ConnectionProblem::Multicast);
    }
    match address.parse::<IpAddr>() {
        Ok(ip) if ip.is_ipv4() == (family == "IP4") => None,
        Ok(_) => Some(ConnectionProblem::Malformed),
        Err(_) if address.is_empty() => Some(ConnectionProblem::Malformed),
        Err(_) => Some(ConnectionProblem::Name),
    }
}

/// Whether a `b=` value is `<type>:<number>`, or of a type that only its writer knows (RFC 8866 §5.8).
pub(crate) fn is_bandwidth(value: &str) -> bool {
    let (kind, amount) = value.split_once(':').unwrap_or((value, ""));
    kind.starts_with("X-") || number(amount).is_some()
}

/// Line of a header extension id that means another URI than before it in the same BUNDLE group; 1-based.
pub(crate) fn extmap_collision(sdp: &Sdp<'_>, bundled: &[Bundled]) -> Option<u32> {
    let mut seen: Vec<(&str, &str, u32)> = Vec::new();
    for (media, bundled) in sdp.media().zip(bundled) {
        if !bundled.grouped || is_rejected(&media) {
            continue;
        }
        let first = media.section().first_line() as u32 + 1;
        for (line, number) in media.section().lines().iter().zip(first..) {
            if line.attribute == Attribute::Extmap {
                let (id, uri) = extmap(line.value(sdp.text()));
                seen.push((id, uri, number));
            }
        }
    }
    sort_by(&mut seen, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    seen.windows(2).find_map(|pair| match pair {
        [(id, uri, _), (next, other, line)] if id == next && uri != other => Some(*line),
        _ => None,
    })
}

/// Id and URI of an `a=extmap` value (RFC 8285 §5).
pub(crate) fn extmap(value: &str) -> (&str, &str) {
    let mut fields = value.split(' ');
    let id = fields.next().and_then(|id| id.split('/').next()).unwrap_or("");
    (id, fields.next().unwrap_or(""))
}

/// Media sections by their `a=mid`, sorted for look-ups.
pub(crate) struct Mids<'a> {
    sorted: Vec<(&'a str, usize)>,
}

impl<'a> Mids<'a> {
    pub(crate) fn new(sdp: &Sdp<'a>) -> Self {
        let named =
            |(index, media): (usize, Media<'_, 'a>)| media.mid().filter(|mid| !mid.is_empty()).map(|mid| (mid, index));
        Self::sorted(sdp.media().enumerate().filter_map(named).collect())
    }

    fn sorted(mut sorted: Vec<(&'a str, usize)>) -> Self {
        sort_by(&mut sorted, |a, b| a.0.cmp(b.0));
        Self { sorted }
    }

    /// Index of the first section with this mid.
    pub(crate) fn section(&self, mid: &str) -> Option<usize> {
        let at = self.sorted.partition_point(|(one, _)| *one < mid);
        self.sorted.get(at).filter(|(one, _)| *one == mid).map(|(_, index)| *index)
    }

    /// Sections whose mid another one before them has.
    pub(crate) fn duplicates(&self) -> impl Iterator<Item = usize> {
        self.sorted.windows(2).filter_map(|pair| match pair {
            [(first, _), (second, index)] if first == second => Some(*index),
            _ => None,
        })
    }
}

#[cfg(feature = "predict")]
impl<'a> Mids<'a> {
    /// The sections by the names they have for a browser.
    pub(crate) fn of(names: impl Iterator<Item = &'a str>) -> Self {
        Self::sorted(names.enumerate().map(|(index, name)| (name, index)).collect())
    }

    /// A section that two BUNDLE groups name.
    pub(crate) fn in_two_groups(&self, sdp: &Sdp<'_>) -> Option<usize> {
        let mut owner = alloc::vec![usize::MAX; sdp.media_lines().len()];
        for (number, group) in sdp.groups().filter(|group| group.semantics == "BUNDLE").enumerate() {
            for index in group.mids.filter_map(|mid| self.section(mid)) {
                let owner = owner.get_mut(index)?;
                if *owner != usize::MAX && *owner != number {
                    return Some(index);
                }
                *owner = number;
            }
        }
        None
    }
}

/// For each section, whether it is in a BUNDLE group, and whether it is the first one there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bundled {
    pub(crate) grouped: bool,
    pub(crate) first: bool,
}

/// Finds the BUNDLE group of each section. Unknown mids are skipped.
pub(crate) fn bundles(sdp: &Sdp<'_>, mids: &Mids<'_>) -> Vec<Bundled> {
    let mut found = alloc::vec![Bundled::default(); sdp.media_lines().len()];
    for group in sdp.groups().filter(|group| group.semantics == "BUNDLE") {
        let mut first = true;
        for index in group.mids.filter_map(|mid| mids.section(mid)) {
            if let Some(bundled) = found.get_mut(index) {
                *bundled = Bundled { grouped: true, first };
            }
            first = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints() {
        let sha1 = "AB:".repeat(19) + "AB";
        let with = |hash: &str, digest: &str| fingerprint_problem(&[hash, digest].join(" "));
        assert_eq!(with("SHA-1", &sha1), None);
        assert_eq!(with("sha-1", &sha1.to_lowercase()), Some(FingerprintProblem::LowerCase));
        assert_eq!(with("sha-256", &sha1), Some(FingerprintProblem::Length));
        assert_eq!(with("sha-9", &sha1), Some(FingerprintProblem::Hash));
        assert_eq!(with("md5", &"AB:".repeat(16)[..47]), Some(FingerprintProblem::Weak));
        assert_eq!(with("sha-1", "AB:C"), Some(FingerprintProblem::Malformed));
        assert_eq!(fingerprint_problem(""), Some(FingerprintProblem::Malformed));
    }

    #[test]
    fn connections() {
        assert_eq!(connection_problem("IN IP4 0.0.0.0"), None);
        assert_eq!(connection_problem("IN IP6 ::1"), None);
        assert_eq!(connection_problem("IN IP6 0.0.0.0"), Some(ConnectionProblem::Malformed));
        assert_eq!(connection_problem("IN IP4 224.2.1.1/127"), Some(ConnectionProblem::Multicast));
        assert_eq!(connection_problem("IN IP4 host.example"), Some(ConnectionProblem::Name));
        assert_eq!(connection_problem("IN IP4"), Some(ConnectionProblem::Malformed));
    }

    #[test]
    fn protocols() {
        assert!(is_rtp("UDP/TLS/RTP/SAVPF") && is_rtp("RTP/AVP") && !is_rtp("UDP/DTLS/SCTP"));
        assert!(is_sctp("DTLS/SCTP") && !is_sctp("SCTP"));
    }
}
