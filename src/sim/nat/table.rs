//! The mappings of a NAT, by internal side, by external side and by last use.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::{BTreeSet, HashMap};

/// The other end, as far as a mapping or a filter remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Remote {
    Any,
    Address(IpAddr),
    Port(SocketAddr),
}

/// The mapping that a packet from inside uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tcp: bool,
    pub(super) internal: SocketAddr,
    pub(super) remote: Remote,
    /// The way out, where it depends on the destination.
    pub(super) exit: Option<IpAddr>,
}

#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) key: Key,
    pub(super) external: SocketAddr,
    /// The destination it was made for.
    pub(super) first_remote: SocketAddr,
    /// Last time it was renewed.
    pub(super) renewed: Duration,
    pub(super) replied: bool,
    pub(super) ending: bool,
    /// Renewal of each remote the filter knows.
    pub(super) contacted: HashMap<Remote, Duration>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    mappings: HashMap<u64, Mapping>,
    by_key: HashMap<Key, u64>,
    by_external: HashMap<(bool, SocketAddr), Vec<u64>>,
    by_use: BTreeSet<(Duration, u64)>,
    per_host: HashMap<IpAddr, usize>,
    next: u64,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.mappings.len()
    }

    pub(super) fn of_host(&self, host: IpAddr) -> usize {
        self.per_host.get(&host).copied().unwrap_or(0)
    }

    pub(super) fn find(&self, key: &Key) -> Option<u64> {
        self.by_key.get(key).copied()
    }

    pub(super) fn get(&self, id: u64) -> Option<&Mapping> {
        self.mappings.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Mapping> {
        self.mappings.get_mut(&id)
    }

    /// Mappings with that external address: one, but where ports are overloaded.
    pub(super) fn at(&self, tcp: bool, external: SocketAddr) -> Vec<u64> {
        self.by_external.get(&(tcp, external)).cloned().unwrap_or_default()
    }

    pub(super) fn insert(&mut self, mapping: Mapping) -> u64 {
        let id = self.next;
        self.next += 1;
        self.by_key.insert(mapping.key, id);
        self.by_external.entry((mapping.key.tcp, mapping.external)).or_default().push(id);
        self.by_use.insert((mapping.renewed, id));
        *self.per_host.entry(mapping.key.internal.ip()).or_default() += 1;
        self.mappings.insert(id, mapping);
        id
    }

    pub(super) fn renew(&mut self, id: u64, now: Duration) {
        if let Some(mapping) = self.mappings.get_mut(&id) {
            self.by_use.remove(&(mapping.renewed, id));
            mapping.renewed = now;
            self.by_use.insert((now, id));
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        let Some(mapping) = self.mappings.remove(&id) else { return };
        self.by_key.remove(&mapping.key);
        self.by_use.remove(&(mapping.renewed, id));
        let external = (mapping.key.tcp, mapping.external);
        if let Some(ids) = self.by_external.get_mut(&external) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_external.remove(&external);
            }
        }
        let host = mapping.key.internal.ip();
        if let Some(count) = self.per_host.get_mut(&host) {
            *count -= 1;
            if *count == 0 {
                self.per_host.remove(&host);
            }
        }
    }

    /// The mapping that was not renewed for longest.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.by_use.first().map(|(_, id)| *id)
    }

    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }
}
