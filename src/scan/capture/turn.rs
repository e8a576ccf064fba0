//! Allocations, permissions and channels, and what travels through them (RFC 8656).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::transaction::{Seen, Transaction};
use super::{MAX_ALLOCATIONS, Transport};
use crate::stun::{Class, Message, Method, Value, attribute};

/// Most permissions, and most channels, kept of one allocation.
const MAX_PEERS: usize = 256;

/// A channel of an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel {
    /// 0x4000 to 0x4FFF.
    pub number: u16,
    /// The peer it stands for.
    pub peer: SocketAddr,
}

/// Allocation that a client got from a TURN server, or asked for in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The client's address, as the server sees it.
    pub client: SocketAddr,
    /// The server.
    pub server: SocketAddr,
    /// Between client and server.
    pub transport: Transport,
    /// Time of the first Allocate request.
    pub first: u64,
    /// Time of the success response.
    pub granted: Option<u64>,
    /// XOR-RELAYED-ADDRESS.
    pub relayed: Option<SocketAddr>,
    /// XOR-MAPPED-ADDRESS.
    pub mapped: Option<SocketAddr>,
    /// LIFETIME of the last grant or refresh, in seconds.
    pub lifetime: Option<u32>,
    /// REQUESTED-TRANSPORT: 17 UDP, 6 TCP.
    pub requested: Option<u8>,
    /// Error codes of all its responses, in order, at most 16.
    pub errors: Vec<u16>,
    /// Successful refreshes.
    pub refreshes: u32,
    /// Time of the refresh with lifetime 0.
    pub deleted: Option<u64>,
    /// Peers with a granted permission.
    pub permissions: Vec<SocketAddr>,
    /// Channels granted.
    pub channels: Vec<Channel>,
    /// Packets from the client to peers: in Send indications, in ChannelData.
    pub sent: (u32, u32),
    /// Packets from peers to the client: in Data indications, in ChannelData.
    pub received: (u32, u32),
}

/// Client and server.
type Leg = (SocketAddr, SocketAddr, Transport);

/// A packet inside TURN: from whom to whom it travels beyond the relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) payload: &'a [u8],
}

/// Follows the allocations of a capture.
#[derive(Debug, Default)]
pub(super) struct Relays {
    pub(super) list: Vec<Allocation>,
    by_leg: BTreeMap<Leg, usize>,
    pub(super) over: u32,
}

fn address(message: &Message<'_>, code: u16) -> Option<SocketAddr> {
    match message.value(code) {
        Some(Value::Address(address)) => Some(address),
        _ => None,
    }
}

fn number(message: &Message<'_>, code: u16) -> Option<u32> {
    match message.value(code) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}

impl Relays {
    fn at(&mut self, leg: Leg) -> Option<&mut Allocation> {
        let index = *self.by_leg.get(&leg)?;
        self.list.get_mut(index)
    }

    /// The allocation of that leg, made up when it began before the capture.
    fn open(&mut self, leg: Leg, time: u64) -> Option<&mut Allocation> {
        if !self.by_leg.contains_key(&leg) {
            if self.list.len() >= MAX_ALLOCATIONS {
                self.over = self.over.saturating_add(1);
                return None;
            }
            self.by_leg.insert(leg, self.list.len());
            let (client, server, transport) = leg;
            self.list.push(Allocation {
                client,
                server,
                transport,
                first: time,
                granted: None,
                relayed: None,
                mapped: None,
                lifetime: None,
                requested: None,
                errors: Vec::new(),
                refreshes: 0,
                deleted: None,
                permissions: Vec::new(),
                channels: Vec::new(),
                sent: (0, 0),
                received: (0, 0),
            });
        }
        self.at(leg)
    }

    /// Takes a message outside TURN data. A response comes with its transaction's request, for what it grants.
    pub(super) fn take(&mut self, seen: &Seen<'_>, asked: Option<(&Transaction, &Asked)>) {
        let message = &seen.message;
        let time = seen.at.time;
        match (message.class(), message.method()) {
            (Class::Request, Method::ALLOCATE) => {
                let requested = number(message, attribute::REQUESTED_TRANSPORT);
                if let Some(allocation) = self.open((seen.from, seen.to, seen.transport), time) {
                    allocation.requested =
                        requested.and_then(|number| u8::try_from(number).ok()).or(allocation.requested);
                }
            }
            (Class::Success | Class::Error, method) if is_turn(method) => {
                let Some((transaction, asked)) = asked else { return };
                let leg = (transaction.client, transaction.server, transaction.transport);
                let Some(allocation) = self.open(leg, time) else { return };
                match message.class() {
                    Class::Success => allocation.grant(method, message, asked, time),
                    _ => {
                        if let Some(error) = message.error_code().filter(|_| allocation.errors.len() < 16) {
                            allocation.errors.push(error.code);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Unwraps a Send or Data indication.
    pub(super) fn indication<'a>(&mut self, seen: &Seen<'a>) -> Option<Inner<'a>> {
        let message = &seen.message;
        let peer = address(message, attribute::XOR_PEER_ADDRESS)?;
        let Some(Value::Bytes(payload)) = message.value(attribute::DATA) else { return None };
        match (message.class(), message.method()) {
            (Class::Indication, Method::SEND) => {
                let allocation = self.open((seen.from, seen.to, seen.transport), seen.at.time)?;
                allocation.sent.0 = allocation.sent.0.saturating_add(1);
                Some(Inner { from: allocation.relayed.unwrap_or(seen.from), to: peer, payload })
            }
            (Class::Indication, Method::DATA) => {
                let allocation = self.open((seen.to, seen.from, seen.transport), seen.at.time)?;
                allocation.received.0 = allocation.received.0.saturating_add(1);
                Some(Inner { from: peer, to: allocation.relayed.unwrap_or(seen.to), payload })
            }
            _ => None,
        }
    }

    /// Unwraps ChannelData (RFC 8656 §12.4) on a leg where such a channel was bound.
    pub(super) fn channel_data<'a>(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        transport: Transport,
        packet: &'a [u8],
    ) -> Option<Inner<'a>> {
        let &[n0, n1, l0, l1] = packet.first_chunk()?;
        let channel = u16::from_be_bytes([n0, n1]);
        let payload = packet.get(4..4 + usize::from(u16::from_be_bytes([l0, l1])))?;
        let peer = |allocation: &Allocation| {
            allocation.channels.iter().rev().find(|bound| bound.number == channel).map(|bound| bound.peer)
        };
        if let Some(allocation) = self.at((from, to, transport))
            && let Some(peer) = peer(allocation)
        {
            allocation.sent.1 = allocation.sent.1.saturating_add(1);
            return Some(Inner { from: allocation.relayed.unwrap_or(from), to: peer, payload });
        }
        let allocation = self.at((to, from, transport))?;
        let peer = peer(allocation)?;
        allocation.received.1 = allocation.received.1.saturating_add(1);
        Some(Inner { from: peer, to: allocation.relayed.unwrap_or(to), payload })
    }
}

fn is_turn(method: Method) -> bool {
    matches!(method, Method::ALLOCATE | Method::REFRESH | Method::CREATE_PERMISSION | Method::CHANNEL_BIND)
}

/// Wishes of a TURN request, kept until its response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    peers: Vec<SocketAddr>,
    channel: Option<u16>,
    lifetime: Option<u32>,
}

impl Asked {
    /// Reads the wishes of a TURN request; `None` for other messages.
    pub(super) fn of(message: &Message<'_>) -> Option<Self> {
        if message.class() != Class::Request || !is_turn(message.method()) {
            return None;
        }
        let peers = message.effective().filter(|found| found.code() == attribute::XOR_PEER_ADDRESS).take(16);
        Some(Self {
            peers: peers
                .filter_map(|found| match found.value() {
                    Ok(Value::Address(address)) => Some(address),
                    _ => None,
                })
                .collect(),
            channel: number(message, attribute::CHANNEL_NUMBER).and_then(|number| u16::try_from(number).ok()),
            lifetime: number(message, attribute::LIFETIME),
        })
    }
}

impl Allocation {
    fn grant(&mut self, method: Method, message: &Message<'_>, asked: &Asked, time: u64) {
        let lifetime = number(message, attribute::LIFETIME);
        match method {
            Method::ALLOCATE => {
                self.granted.get_or_insert(time);
                self.relayed = address(message, attribute::XOR_RELAYED_ADDRESS).or(self.relayed);
                self.mapped = message.mapped_address().or(self.mapped);
                self.lifetime = lifetime;
                self.deleted = None;
            }
            Method::REFRESH => {
                if lifetime == Some(0) || (lifetime.is_none() && asked.lifetime == Some(0)) {
                    self.deleted = Some(time);
                } else {
                    self.refreshes = self.refreshes.saturating_add(1);
                    self.lifetime = lifetime.or(self.lifetime);
                }
            }
            _ => {
                for &peer in &asked.peers {
                    self.permit(peer);
                    if let Some(number) = asked.channel {
                        self.bind(Channel { number, peer });
                    }
                }
            }
        }
    }

    fn permit(&mut self, peer: SocketAddr) {
        if self.permissions.len() < MAX_PEERS && !self.permissions.contains(&peer) {
            self.permissions.push(peer);
        }
    }

    fn bind(&mut self, channel: Channel) {
        if self.channels.len() < MAX_PEERS && !self.channels.contains(&channel) {
            self.channels.push(channel);
        }
    }
}
