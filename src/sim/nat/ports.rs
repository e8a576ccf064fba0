//! The choice of an external port.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::HashMap;

use super::spec::PortChoice;
use super::table::Key;
use super::{MAX_MAPPINGS, NatDevice, TAKEN};

/// Guesses before the range is gone through.
const GUESSES: u32 = 64;

/// Counters of the choice.
#[derive(Debug, Default)]
pub(super) struct Ports {
    /// Last port and when, by external address.
    last: HashMap<IpAddr, (u16, Duration)>,
    /// Block of each internal address.
    blocks: HashMap<IpAddr, u16>,
}

/// Mapping that needs a port.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    now: Duration,
    key: &'a Key,
    ip: IpAddr,
    destination: SocketAddr,
}

impl NatDevice {
    pub(super) fn choose_port(&mut self, now: Duration, key: &Key, ip: IpAddr, destination: SocketAddr) -> Option<u16> {
        let wanted = Wanted { now, key, ip, destination };
        let internal = key.internal.port();
        if self.spec.keep_contiguity
            && let Some(port) = self.next_to_neighbour(wanted)
        {
            return Some(port);
        }
        let (low, high) = self.range_for(internal);
        let preserves = matches!(
            self.spec.ports,
            PortChoice::PreserveElseRandom | PortChoice::PreserveElseNext | PortChoice::PreserveOverload
        );
        if preserves && self.is_free(wanted, internal) {
            return Some(internal);
        }
        match self.spec.ports {
            PortChoice::PreserveElseNext => self.scan(wanted, low, high, internal, 1),
            PortChoice::PreserveElseRandom | PortChoice::PreserveOverload | PortChoice::Random => {
                self.random_in(wanted, low, high)
            }
            PortChoice::Sequential(step) => {
                let port = self.after_last(wanted, low, high, step);
                let port = self.scan(wanted, low, high, port, i32::from(step))?;
                self.ports.last.insert(ip, (port, now));
                Some(port)
            }
            PortChoice::Block(size) => {
                let (low, high) = self.block_of(key.internal.ip(), low, high, size)?;
                self.scan(wanted, low, high, low, 1)
            }
            PortChoice::RandomInBlock(size) => {
                let (low, high) = self.block_of(key.internal.ip(), low, high, size)?;
                self.random_in(wanted, low, high)
            }
            PortChoice::FixedRange(size) => {
                let number = self.host_number(key.internal.ip())? as u32;
                let blocks = u32::from(high - low) / u32::from(size.max(1));
                let low = low + u16::try_from(number % blocks.max(1) * u32::from(size)).unwrap_or(0);
                self.random_in(wanted, low, low.saturating_add(size.saturating_sub(1)).min(high))
            }
        }
    }

    /// The range, or the class of it that a port is to stay in.
    fn range_for(&self, internal: u16) -> (u16, u16) {
        if !self.spec.keep_class {
            return self.spec.range;
        }
        match internal {
            0..512 => (1, 511),
            512..1024 => (512, 1023),
            _ => self.spec.range,
        }
    }

    fn is_free(&mut self, wanted: Wanted<'_>, port: u16) -> bool {
        let (low, high) = self.range_for(wanted.key.internal.port());
        if port == 0 || port < low || port > high || self.spec.forwards.iter().any(|(forward, _)| *forward == port) {
            return false;
        }
        let external = SocketAddr::new(wanted.ip, port);
        let taken = self.taken.get(&(external, wanted.destination));
        if taken.is_some_and(|since| wanted.now < since.saturating_add(TAKEN)) {
            return false;
        }
        let overload = self.spec.ports == PortChoice::PreserveOverload;
        for id in self.table.at(wanted.key.tcp, external) {
            if !self.alive(wanted.now, id) {
                continue;
            }
            let Some(mapping) = self.table.get(id) else { continue };
            // A NAT that overloads tells mappings apart by the remote end.
            if !overload || mapping.key.remote == wanted.key.remote {
                return false;
            }
        }
        true
    }

    /// Keeps parity where asked to.
    fn fits(&self, wanted: Wanted<'_>, port: u16) -> bool {
        !self.spec.keep_parity || port % 2 == wanted.key.internal.port() % 2
    }

    fn random_in(&mut self, wanted: Wanted<'_>, low: u16, high: u16) -> Option<u16> {
        let width = u64::from(high.saturating_sub(low)) + 1;
        for _ in 0..GUESSES {
            let port = low + self.random.below(width) as u16;
            if self.fits(wanted, port) && self.is_free(wanted, port) {
                return Some(port);
            }
        }
        let start = low + self.random.below(width) as u16;
        self.scan(wanted, low, high, start, 1)
    }

    /// The first free port from `start` on, in steps, around the range.
    fn scan(&mut self, wanted: Wanted<'_>, low: u16, high: u16, start: u16, step: i32) -> Option<u16> {
        let width = i32::from(high) - i32::from(low) + 1;
        if width <= 0 {
            return None;
        }
        let step = if step == 0 { 1 } else { step };
        let mut offset = (i32::from(start) - i32::from(low)).rem_euclid(width);
        for _ in 0..(width as usize).min(MAX_MAPPINGS) {
            let port = (i32::from(low) + offset) as u16;
            if self.fits(wanted, port) && self.is_free(wanted, port) {
                return Some(port);
            }
            offset = (offset + step).rem_euclid(width);
        }
        None
    }

    /// Port at which a sequential choice goes on: others have used up some ports meanwhile.
    fn after_last(&mut self, wanted: Wanted<'_>, low: u16, high: u16, step: i16) -> u16 {
        let width = i64::from(high) - i64::from(low) + 1;
        let (last, since) = match self.ports.last.get(&wanted.ip) {
            Some(last) => *last,
            None => (low + self.random.below(width.max(1) as u64) as u16, wanted.now),
        };
        let passed = wanted.now.saturating_sub(since).as_secs_f64();
        let others = i64::from(self.random.poisson(self.spec.cross_traffic * passed));
        let offset = i64::from(last) - i64::from(low) + i64::from(step) * (1 + others);
        low + offset.rem_euclid(width.max(1)) as u16
    }

    fn block_of(&mut self, host: IpAddr, low: u16, high: u16, size: u16) -> Option<(u16, u16)> {
        let size = size.max(1);
        let blocks = (u32::from(high - low) + 1) / u32::from(size);
        let known = self.ports.blocks.get(&host).copied();
        let block = match known {
            Some(block) => block,
            None => {
                let block = self.ports.blocks.len() as u32;
                if block >= blocks {
                    return None;
                }
                let block = block as u16;
                self.ports.blocks.insert(host, block);
                block
            }
        };
        let low = u32::from(low) + u32::from(block) * u32::from(size);
        Some((u16::try_from(low).ok()?, u16::try_from(low + u32::from(size) - 1).ok()?))
    }

    /// The port after that of the host's port before, when there is such a mapping.
    fn next_to_neighbour(&mut self, wanted: Wanted<'_>) -> Option<u16> {
        let before = wanted.key.internal.port().checked_sub(1)?;
        let neighbour = Key { internal: SocketAddr::new(wanted.key.internal.ip(), before), ..*wanted.key };
        let id = self.table.find(&neighbour)?;
        let port = self.table.get(id)?.external.port().checked_add(1)?;
        self.is_free(wanted, port).then_some(port)
    }
}
