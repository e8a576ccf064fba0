//! Candidate pairs as `getStats` reports them, kept in one table over time.
//!
//! Browsers report a pair's priority as a double, which rounds away its low bits (who controls, among others); the
//! table computes it anew from the two candidates' priorities (RFC 8445 section 6.1.2.3). Pairs that the browser
//! stops listing, as it does after a failure, stay in the table with the state they had.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::ice::pair_priority;

/// Most rows kept; pairs beyond it are left out. Browsers form at most about a hundred.
pub const MAX_ROWS: usize = 1000;

/// One candidate as `getStats` shows it. What a browser hides is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct StatsCandidate {
    /// The identifier within the report.
    pub id: String,
    /// `host`, `srflx`, `prflx` or `relay`.
    pub candidate_type: Option<String>,
    /// The address or `.local` name.
    pub address: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// `udp` or `tcp`.
    pub protocol: Option<String>,
    /// RFC 6544 type of a TCP candidate.
    pub tcp_type: Option<String>,
    /// The protocol spoken to the TURN server.
    pub relay_protocol: Option<String>,
    /// The server it was gathered from.
    pub url: Option<String>,
    /// The foundation.
    pub foundation: Option<String>,
    /// The related address.
    pub related_address: Option<String>,
    /// The related port.
    pub related_port: Option<u16>,
    /// The ufrag it belongs to.
    pub username_fragment: Option<String>,
    /// The kind of network, in Chromium.
    pub network_type: Option<String>,
    /// Of the peer.
    pub is_remote: bool,
    /// As reported: browsers show priorities of 2^31 and more as negative numbers.
    #[cfg_attr(feature = "serde", serde(rename(deserialize = "priority"), skip_serializing))]
    pub reported_priority: Option<f64>,
    /// The candidate's priority (RFC 8445 section 5.1.2.1).
    #[cfg_attr(feature = "serde", serde(skip_deserializing))]
    pub priority: Option<u32>,
}

/// One candidate pair as `getStats` shows it. Counters and times that a browser does not keep are `None`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct StatsPair {
    /// The identifier within the report.
    pub id: String,
    /// The local candidate's identifier.
    pub local_candidate_id: String,
    /// The remote candidate's identifier.
    pub remote_candidate_id: String,
    /// The transport's identifier.
    pub transport_id: Option<String>,
    /// `frozen`, `waiting`, `in-progress`, `succeeded`, `failed`, or Firefox's `cancelled`.
    pub state: String,
    /// Whether it was ever nominated.
    pub nominated: Option<bool>,
    /// Firefox's mark of the selected pair.
    pub selected: Option<bool>,
    /// The pair priority, rounded to a double.
    pub priority: Option<f64>,
    /// Seconds of the last round trip.
    pub current_round_trip_time: Option<f64>,
    /// Seconds of all round trips.
    pub total_round_trip_time: Option<f64>,
    /// Checks sent.
    pub requests_sent: Option<f64>,
    /// Checks received.
    pub requests_received: Option<f64>,
    /// Answers sent.
    pub responses_sent: Option<f64>,
    /// Answers received.
    pub responses_received: Option<f64>,
    /// Consent checks sent (RFC 7675).
    pub consent_requests_sent: Option<f64>,
    /// Payload bytes sent.
    pub bytes_sent: Option<f64>,
    /// Payload bytes received.
    pub bytes_received: Option<f64>,
    /// Packets sent.
    pub packets_sent: Option<f64>,
    /// Packets received.
    pub packets_received: Option<f64>,
    /// When a packet was last sent, in milliseconds of the browser's clock.
    pub last_packet_sent_timestamp: Option<f64>,
    /// When a packet was last received, in milliseconds of the browser's clock.
    pub last_packet_received_timestamp: Option<f64>,
}

/// One transport as `getStats` shows it.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct StatsTransport {
    /// The identifier within the report.
    pub id: String,
    /// `controlling` or `controlled`.
    pub ice_role: Option<String>,
    /// The selected pair.
    pub selected_candidate_pair_id: Option<String>,
}

/// Statistics from one call of `getStats`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Local and remote candidates.
    pub candidates: Vec<StatsCandidate>,
    /// Pairs.
    pub pairs: Vec<StatsPair>,
    /// Transports.
    pub transports: Vec<StatsTransport>,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PairRow {
    /// The pair's identifier.
    pub id: String,
    /// Local candidate; `None` where the browser lists none.
    pub local: Option<StatsCandidate>,
    /// Remote candidate; `None` where the browser lists none.
    pub remote: Option<StatsCandidate>,
    /// `frozen`, `waiting`, `in-progress`, `succeeded`, `failed` or `cancelled`, as last reported.
    pub state: String,
    /// Whether it was ever nominated.
    pub nominated: bool,
    /// Whether data goes over it now.
    pub selected: bool,
    /// Whether the browser lists it now.
    pub listed: bool,
    /// The exact pair priority; `None` where the role or a candidate's priority is not known.
    pub priority: Option<u64>,
    /// The pair priority that the browser reports, rounded to a double.
    pub reported_priority: Option<f64>,
    /// Milliseconds from the start of the watch to the first sight of the pair.
    pub first_seen: f64,
    /// Milliseconds from the start of the watch to the last change of state.
    pub state_since: f64,
    /// Everything else the browser counts.
    pub stats: StatsPair,
}

/// The rows seen so far, in the order of their first sight.
#[derive(Debug, Default)]
pub struct PairTable {
    rows: Vec<PairRow>,
    index: BTreeMap<String, usize>,
}

impl PairTable {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[PairRow] {
        &self.rows
    }

    /// Takes in a report made `now` milliseconds after the start of the watch; tells whether a row changed.
    pub fn update(&mut self, now: f64, snapshot: Snapshot) -> bool {
        // One by one: collected, they would be sorted first, by another copy of the standard library's sort.
        let mut candidates = BTreeMap::new();
        for candidate in &snapshot.candidates {
            candidates.insert(candidate.id.as_str(), candidate);
        }
        let mut listed = BTreeSet::new();
        let mut changed = false;
        for stats in &snapshot.pairs {
            let previous = self.index.get(&stats.id).copied();
            let row = row(now, stats, previous.and_then(|at| self.rows.get(at)), &candidates, &snapshot.transports);
            listed.insert(stats.id.as_str());
            changed |= self.put(previous, row);
        }
        for row in self.rows.iter_mut().filter(|row| row.listed && !listed.contains(row.id.as_str())) {
            row.listed = false;
            row.selected = false;
            changed = true;
        }
        changed
    }

    /// Replaces the row at `previous` or adds a row; tells whether anything changed.
    fn put(&mut self, previous: Option<usize>, row: PairRow) -> bool {
        if let Some(kept) = previous.and_then(|at| self.rows.get_mut(at)) {
            let changed = *kept != row;
            *kept = row;
            return changed;
        }
        if self.rows.len() >= MAX_ROWS {
            return false;
        }
        self.index.insert(row.id.clone(), self.rows.len());
        self.rows.push(row);
        true
    }
}

fn row(
    now: f64,
    stats: &StatsPair,
    previous: Option<&PairRow>,
    candidates: &BTreeMap<&str, &StatsCandidate>,
    transports: &[StatsTransport],
) -> PairRow {
    let transport = transport_of(stats, transports);
    let find = |id: &str, kept: Option<&StatsCandidate>| match candidates.get(id) {
        Some(candidate) => Some(with_priority(candidate)),
        None => kept.cloned(),
    };
    let local = find(&stats.local_candidate_id, previous.and_then(|row| row.local.as_ref()));
    let remote = find(&stats.remote_candidate_id, previous.and_then(|row| row.remote.as_ref()));
    let role = transport.and_then(|transport| transport.ice_role.as_deref());
    let selected = match transport.and_then(|transport| transport.selected_candidate_pair_id.as_deref()) {
        Some(id) => id == stats.id,
        None => stats.selected.unwrap_or(false),
    };
    let state_since = match previous {
        Some(row) if row.state == stats.state => row.state_since,
        _ => now,
    };
    PairRow {
        id: stats.id.clone(),
        priority: exact_priority(role, local.as_ref(), remote.as_ref()),
        local,
        remote,
        state: stats.state.clone(),
        nominated: stats.nominated.unwrap_or(false) || previous.is_some_and(|row| row.nominated),
        selected,
        listed: true,
        reported_priority: stats.priority,
        first_seen: previous.map_or(now, |row| row.first_seen),
        state_since,
        stats: stats.clone(),
    }
}

/// The pair's transport; the only one where the pair names none.
fn transport_of<'a>(stats: &StatsPair, transports: &'a [StatsTransport]) -> Option<&'a StatsTransport> {
    match (&stats.transport_id, transports) {
        (Some(id), _) => transports.iter().find(|transport| transport.id == *id),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn with_priority(candidate: &StatsCandidate) -> StatsCandidate {
    let mut candidate = candidate.clone();
    candidate.priority = candidate.reported_priority.and_then(unwrap_priority);
    candidate
}

/// Undoes the browsers' int32: 2^31 and more come as negative numbers.
fn unwrap_priority(reported: f64) -> Option<u32> {
    let low = f64::from(i32::MIN);
    let high = f64::from(u32::MAX);
    if !(low..=high).contains(&reported) || reported % 1.0 != 0.0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(reported as i64 as u32)
}

fn exact_priority(role: Option<&str>, local: Option<&StatsCandidate>, remote: Option<&StatsCandidate>) -> Option<u64> {
    let (local, remote) = (local?.priority?, remote?.priority?);
    match role? {
        "controlling" => Some(pair_priority(local, remote)),
        "controlled" => Some(pair_priority(remote, local)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: &str, priority: f64) -> StatsCandidate {
        StatsCandidate { id: id.into(), reported_priority: Some(priority), ..StatsCandidate::default() }
    }

    fn pair(id: &str, state: &str) -> StatsPair {
        StatsPair {
            id: id.into(),
            local_candidate_id: "l".into(),
            remote_candidate_id: "r".into(),
            transport_id: Some("t".into()),
            state: state.into(),
            ..StatsPair::default()
        }
    }

    fn snapshot(pairs: Vec<StatsPair>) -> Snapshot {
        Snapshot {
            candidates: vec![candidate("l", 2_130_706_431.0), candidate("r", 1_694_498_815.0)],
            pairs,
            transports: vec![StatsTransport {
                id: "t".into(),
                ice_role: Some("controlling".into()),
                selected_candidate_pair_id: Some("p".into()),
            }],
        }
    }

    #[test]
    fn priority_is_exact_where_the_browsers_is_rounded() {
        let mut table = PairTable::default();
        let mut stats = pair("p", "succeeded");
        stats.priority = Some(7_277_816_997_797_167_102_u64 as f64);
        assert!(table.update(1.0, snapshot(vec![stats])));
        let row = &table.rows()[0];
        assert_eq!(row.priority, Some(7_277_816_997_797_167_103));
        assert_ne!(row.reported_priority.map(|reported| reported as u64), row.priority);
        assert!(row.selected);
    }

    #[test]
    fn negative_priorities_are_unwrapped() {
        assert_eq!(unwrap_priority(-1.0), Some(u32::MAX));
        assert_eq!(unwrap_priority(f64::from(i32::MIN)), Some(1 << 31));
        assert_eq!(unwrap_priority(4_294_967_295.0), Some(u32::MAX));
        for bad in [f64::NAN, f64::INFINITY, 0.5, 4_294_967_296.0, -2_147_483_649.0] {
            assert_eq!(unwrap_priority(bad), None);
        }
    }

    #[test]
    fn rows_outlive_the_browsers_list() {
        let mut table = PairTable::default();
        table.update(1.0, snapshot(vec![pair("p", "in-progress"), pair("q", "waiting")]));
        assert!(table.update(2.0, snapshot(vec![pair("p", "failed")])));
        let states: Vec<_> =
            table.rows().iter().map(|r| (r.state.as_str(), r.listed, r.selected, r.state_since)).collect();
        assert_eq!(states, [("failed", true, true, 2.0), ("waiting", false, false, 1.0)]);
        assert!(!table.update(3.0, snapshot(vec![pair("p", "failed")])), "nothing changed");
        assert!(table.update(4.0, Snapshot::default()));
        assert_eq!(table.rows()[0].local.as_ref().and_then(|l| l.priority), Some(2_130_706_431));
    }

    #[test]
    fn without_a_role_there_is_no_priority() {
        let mut table = PairTable::default();
        let mut report = snapshot(vec![pair("p", "waiting")]);
        report.transports[0].ice_role = None;
        table.update(1.0, report);
        assert_eq!(table.rows()[0].priority, None);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut table = PairTable::default();
        let pairs = (0..MAX_ROWS + 5).map(|n| pair(&alloc::format!("{n}"), "waiting")).collect();
        table.update(1.0, snapshot(pairs));
        assert_eq!(table.rows().len(), MAX_ROWS);
    }
}
