//! The priority formula (RFC 8445 §5.1.2.1).

use super::CandidateType;

/// A priority split by `2²⁴ × type preference + 2⁸ × local preference + (256 − component)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PriorityParts {
    /// 126 for host, 110 for prflx, 100 for srflx and 0 for relay, as the RFC recommends. Browsers differ for relay.
    pub type_preference: u8,
    /// Among the candidates of one type and component; 65535 when there is only one address.
    pub local_preference: u16,
    /// 256 − component id, so 255 for component 1.
    pub component_part: u8,
}

impl PriorityParts {
    /// Splits a priority. Any 32-bit number has exactly one split.
    pub fn split(priority: u32) -> Self {
        let [type_preference, high, low, component_part] = priority.to_be_bytes();
        Self { type_preference, local_preference: u16::from_be_bytes([high, low]), component_part }
    }

    /// The priority these parts make.
    pub fn join(self) -> u32 {
        let [high, low] = self.local_preference.to_be_bytes();
        u32::from_be_bytes([self.type_preference, high, low, self.component_part])
    }
}

/// The type preference that RFC 8445 §5.1.2.2 recommends.
pub fn type_preference(kind: CandidateType) -> u8 {
    match kind {
        CandidateType::Host => 126,
        CandidateType::PeerReflexive => 110,
        CandidateType::ServerReflexive => 100,
        CandidateType::Relayed => 0,
    }
}

/// The priority of a candidate by the RFC's formula and type preferences. `component` counts from 1; out of 1 to 256 it
/// is taken as the nearer end.
///
/// ```
/// use icelens::candidate::{CandidateType, priority};
/// assert_eq!(priority(CandidateType::Host, 65535, 1), 2130706431);
/// assert_eq!(priority(CandidateType::ServerReflexive, 65535, 1), 1694498815);
/// ```
pub fn priority(kind: CandidateType, local_preference: u16, component: u16) -> u32 {
    let component_part = (256 - component.clamp(1, 256)) as u8;
    PriorityParts { type_preference: type_preference(kind), local_preference, component_part }.join()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formula_and_split() {
        assert_eq!(priority(CandidateType::Host, 65535, 1), 2130706431);
        assert_eq!(priority(CandidateType::Host, 65535, 2), 2130706430);
        assert_eq!(priority(CandidateType::PeerReflexive, 65535, 1), 1862270975);
        assert_eq!(priority(CandidateType::ServerReflexive, 65535, 1), 1694498815);
        assert_eq!(priority(CandidateType::Relayed, 65535, 1), 16777215);
        let chrome = PriorityParts::split(2113937151);
        assert_eq!(chrome, PriorityParts { type_preference: 126, local_preference: 30, component_part: 255 });
        assert_eq!(256 - u32::from(chrome.component_part), 1);
        assert_eq!(chrome.join(), 2113937151);
        assert_eq!(priority(CandidateType::Relayed, 1, 0), priority(CandidateType::Relayed, 1, 1));
        assert_eq!(priority(CandidateType::Relayed, 1, 999) & 0xff, 0);
    }
}
