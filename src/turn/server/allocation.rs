//! Allocations and how they are found.
use super::super::{CHANNEL_LIFETIME, Family, PERMISSION_LIFETIME};
use super::FiveTuple;
use crate::stun::TransactionId;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Permissions of one allocation at most.
pub const MAX_PERMISSIONS: usize = 256;
/// Channels of one allocation at most.
pub const MAX_CHANNELS: usize = 256;

/// A relayed address: where the owner's socket is bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Relayed {
    pub(super) address: SocketAddr,
    pub(super) expires: Duration,
}

/// Allocation of one client (RFC 8656 §6).
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) client: FiveTuple,
    pub(super) username: String,
    /// The request that made it: the same again is a repetition.
    pub(super) transaction: TransactionId,
    /// One for each family.
    pub(super) relayed: [Option<Relayed>; 2],
    /// RESERVATION-TOKEN of the next port.
    pub(super) token: Option<[u8; 8]>,
    /// The family that was not allocated, and the error code.
    pub(super) missing: Option<(Family, u16)>,
    /// When each ends.
    permissions: BTreeMap<IpAddr, Duration>,
    channels: BTreeMap<u16, Channel>,
    /// The channel of each peer.
    numbers: BTreeMap<SocketAddr, u16>,
    /// Bytes relayed to peers and to the client.
    pub(super) relayed_bytes: [u64; 2],
}

#[derive(Clone, Copy, Debug)]
struct Channel {
    peer: SocketAddr,
    expires: Duration,
}

/// Why a channel is not bound or a permission not installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Conflict {
    /// The number belongs to another peer, or the peer to another number.
    Bound,
    /// A cap is reached.
    Full,
}

impl Allocation {
    pub(super) fn new(client: FiveTuple, username: String, transaction: TransactionId) -> Self {
        Self {
            client,
            username,
            transaction,
            relayed: [None; 2],
            token: None,
            missing: None,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            numbers: BTreeMap::new(),
            relayed_bytes: [0; 2],
        }
    }

    pub(super) fn relayed(&self, family: Family) -> Option<Relayed> {
        let [v4, v6] = self.relayed;
        if family == Family::V4 { v4 } else { v6 }
    }

    pub(super) const fn slot(&mut self, family: Family) -> &mut Option<Relayed> {
        let [v4, v6] = &mut self.relayed;
        match family {
            Family::V4 => v4,
            Family::V6 => v6,
        }
    }

    /// When the first of the relayed addresses ends.
    fn expires(&self) -> Option<Duration> {
        self.relayed.iter().flatten().map(|relayed| relayed.expires).min()
    }

    /// Counts data relayed: 0 to peers, 1 to the client.
    #[inline]
    pub(super) fn count(&mut self, direction: usize, bytes: usize) {
        if let Some(count) = self.relayed_bytes.get_mut(direction) {
            *count = count.saturating_add(bytes as u64);
        }
    }

    #[inline]
    pub(super) fn permits(&self, peer: IpAddr, now: Duration) -> bool {
        self.permissions.get(&peer).is_some_and(|expires| *expires > now)
    }

    /// The peer of a channel.
    #[inline]
    pub(super) fn peer(&self, number: u16, now: Duration) -> Option<SocketAddr> {
        let channel = self.channels.get(&number).filter(|channel| channel.expires > now)?;
        Some(channel.peer)
    }

    /// The channel of a peer.
    #[inline]
    pub(super) fn channel(&self, peer: SocketAddr, now: Duration) -> Option<u16> {
        let number = *self.numbers.get(&peer)?;
        self.peer(number, now).map(|_| number)
    }

    /// Installs or refreshes permissions, all or none.
    pub(super) fn permit(&mut self, peers: &[IpAddr], now: Duration) -> Result<(), Conflict> {
        if self.permissions.len() + peers.len() > MAX_PERMISSIONS {
            self.permissions.retain(|_, expires| *expires > now);
        }
        let added = peers.iter().filter(|peer| !self.permissions.contains_key(peer)).count();
        if self.permissions.len() + added > MAX_PERMISSIONS {
            return Err(Conflict::Full);
        }
        let expires = now.saturating_add(PERMISSION_LIFETIME);
        self.permissions.extend(peers.iter().map(|peer| (*peer, expires)));
        Ok(())
    }

    /// Binds a channel or refreshes it, and the permission of its peer.
    pub(super) fn bind(&mut self, number: u16, peer: SocketAddr, now: Duration) -> Result<(), Conflict> {
        let other_peer = self.peer(number, now).is_some_and(|bound| bound != peer);
        let other_number = self.channel(peer, now).is_some_and(|bound| bound != number);
        if other_peer || other_number {
            return Err(Conflict::Bound);
        }
        if self.channels.len() >= MAX_CHANNELS {
            self.channels.retain(|_, channel| channel.expires > now);
        }
        if self.channels.len() >= MAX_CHANNELS && !self.channels.contains_key(&number) {
            return Err(Conflict::Full);
        }
        self.permit(&[peer.ip()], now)?;
        self.channels.insert(number, Channel { peer, expires: now.saturating_add(CHANNEL_LIFETIME) });
        self.numbers.insert(peer, number);
        // Of bindings that ended only.
        let channels = &self.channels;
        self.numbers.retain(|peer, number| channels.get(number).is_some_and(|channel| channel.peer == *peer));
        Ok(())
    }

    /// Ends all that belongs to one family, with its relayed address (RFC 8656 §8.1).
    fn forget(&mut self, family: Family) {
        self.permissions.retain(|peer, _| Family::of(*peer) != family);
        self.channels.retain(|_, channel| Family::of(channel.peer.ip()) != family);
        self.numbers.retain(|peer, _| Family::of(peer.ip()) != family);
    }
}

/// All allocations.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Option<Allocation>>,
    free: Vec<usize>,
    clients: BTreeMap<FiveTuple, usize>,
    relays: BTreeMap<SocketAddr, usize>,
    /// How many allocations each user has.
    users: BTreeMap<String, usize>,
    deadlines: BTreeSet<(Duration, usize)>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    #[inline]
    pub(super) fn of_client(&self, client: &FiveTuple) -> Option<usize> {
        self.clients.get(client).copied()
    }

    #[inline]
    pub(super) fn of_relay(&self, relayed: &SocketAddr) -> Option<usize> {
        self.relays.get(relayed).copied()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Allocation> {
        self.slots.get_mut(index)?.as_mut()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Allocation> {
        self.slots.get(index)?.as_ref()
    }

    pub(super) fn count(&self, user: &str) -> usize {
        self.users.get(user).copied().unwrap_or_default()
    }

    pub(super) fn insert(&mut self, allocation: Allocation) {
        let index = self.free.pop().unwrap_or(self.slots.len());
        self.clients.insert(allocation.client, index);
        self.relays.extend(allocation.relayed.iter().flatten().map(|relayed| (relayed.address, index)));
        *self.users.entry(super::users::quota_name(&allocation.username).into()).or_default() += 1;
        self.deadlines.extend(allocation.expires().map(|at| (at, index)));
        match self.slots.get_mut(index) {
            Some(slot) => *slot = Some(allocation),
            None => self.slots.push(Some(allocation)),
        }
    }

    /// Gives a relayed address of an allocation more time.
    pub(super) fn extend(&mut self, index: usize, family: Option<Family>, expires: Duration) {
        let Some(allocation) = self.slots.get_mut(index).and_then(Option::as_mut) else { return };
        let before = allocation.expires();
        for of in [Family::V4, Family::V6] {
            if family.is_none_or(|family| family == of)
                && let Some(relayed) = allocation.slot(of)
            {
                relayed.expires = expires;
            }
        }
        let after = allocation.expires();
        before.map(|at| self.deadlines.remove(&(at, index)));
        after.map(|at| self.deadlines.insert((at, index)));
    }

    /// Takes relayed addresses from an allocation: of one family or of both. Returns them, and the allocation if none is left.
    pub(super) fn remove(&mut self, index: usize, family: Option<Family>) -> (Vec<SocketAddr>, Option<Allocation>) {
        let Some(allocation) = self.slots.get_mut(index).and_then(Option::as_mut) else { return (Vec::new(), None) };
        if let Some(at) = allocation.expires() {
            self.deadlines.remove(&(at, index));
        }
        let mut gone = Vec::new();
        for of in [Family::V4, Family::V6] {
            if family.is_none_or(|family| family == of)
                && let Some(relayed) = allocation.slot(of).take()
            {
                gone.push(relayed.address);
                allocation.forget(of);
            }
        }
        gone.iter().for_each(|address| _ = self.relays.remove(address));
        if let Some(at) = allocation.expires() {
            self.deadlines.insert((at, index));
            return (gone, None);
        }
        let ended = self.slots.get_mut(index).and_then(Option::take);
        if let Some(ended) = &ended {
            self.clients.remove(&ended.client);
            self.free.push(index);
            let name = super::users::quota_name(&ended.username);
            if let Some(count) = self.users.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    self.users.remove(name);
                }
            }
        }
        (gone, ended)
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// An allocation and the family whose time is over.
    pub(super) fn expired(&self, now: Duration) -> Option<(usize, Family)> {
        let (_, index) = *self.deadlines.first().filter(|(at, _)| *at <= now)?;
        let allocation = self.get(index)?;
        let is_over = |family: &Family| allocation.relayed(*family).is_some_and(|relayed| relayed.expires <= now);
        [Family::V4, Family::V6].into_iter().find(is_over).map(|family| (index, family))
    }
}
