//! Permissions, channels and data.
use super::super::{CHANNELS, ChannelData, Family, INDICATION_OVERHEAD, address, has_unknown, indication};
use super::request::Kind;
use super::{Client, Event, MAX_CHANNELS, MAX_PERMISSIONS, MAX_WAITING, State};
use crate::net::Protocol;
use crate::stun::{Class, Message, Method, Value, attribute};
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// The most data that fits a datagram in an indication.
const MAX_DATA: usize = 65_507 - INDICATION_OVERHEAD;

/// A peer address that may get through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permission {
    /// The server confirmed it.
    pub(super) active: bool,
    /// When to ask again; `MAX` while it is being asked for.
    pub(super) refresh_at: Duration,
}

/// A channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) number: u16,
    /// The server confirmed it.
    pub(super) active: bool,
    /// The server refused it; the number is not used again.
    pub(super) refused: bool,
    /// When to ask again; `MAX` while it is being asked for.
    pub(super) refresh_at: Duration,
}

/// How data went out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// As ChannelData.
    Channel,
    /// As a Send indication.
    Indication,
    /// It waits for the permission.
    Waiting,
}

/// Why data did not go out, or a permission or channel was not asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SendError {
    /// There is no allocation (yet).
    NotAllocated,
    /// No relayed address of the peer's family.
    WrongFamily,
    /// More than a datagram can hold.
    TooLong,
    /// [`MAX_WAITING`], [`MAX_PERMISSIONS`] or [`MAX_CHANNELS`] is reached.
    Full,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAllocated => "there is no allocation",
            Self::WrongFamily => "the relayed address and the peer are of different address families",
            Self::TooLong => "the data does not fit a datagram",
            Self::Full => "too many permissions, channels or waiting datagrams",
        })
    }
}

impl core::error::Error for SendError {}

impl Client {
    /// Sends data to a peer: by its channel, else in a Send indication. Without a permission for its address, it is asked
    /// for first, and the data waits.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub fn send_to(&mut self, now: Duration, peer: SocketAddr, data: &[u8]) -> Result<Sent, SendError> {
        self.can_reach(peer.ip())?;
        if data.len() > MAX_DATA {
            return Err(SendError::TooLong);
        }
        if let Some(channel) = self.channels.get(&peer).filter(|channel| channel.active) {
            let channel = ChannelData { channel: channel.number, data };
            return self.send_channel_data(channel).map(|()| Sent::Channel);
        }
        if self.permissions.get(&peer.ip()).is_some_and(|permission| permission.active) {
            return self.send_indication(peer, data).map(|()| Sent::Indication);
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(SendError::Full);
        }
        self.create_permission(now, peer.ip())?;
        self.waiting.push_back((peer, data.to_vec()));
        Ok(Sent::Waiting)
    }

    /// Asks the server to let datagrams of an address through, and keeps that up until [`Client::forget_peer`].
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub fn create_permission(&mut self, now: Duration, peer: IpAddr) -> Result<(), SendError> {
        self.can_reach(peer)?;
        if self.permissions.contains_key(&peer) {
            return Ok(());
        }
        if self.permissions.len() >= MAX_PERMISSIONS {
            return Err(SendError::Full);
        }
        self.permissions.insert(peer, Permission { active: false, refresh_at: Duration::MAX });
        self.request(now, Kind::Permission(peer));
        Ok(())
    }

    /// Binds a channel to a peer, which makes each datagram 32 bytes shorter, and keeps it bound. Data goes on as
    /// indications until the server has confirmed it.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub fn bind_channel(&mut self, now: Duration, peer: SocketAddr) -> Result<(), SendError> {
        self.can_reach(peer.ip())?;
        if self.channels.contains_key(&peer) {
            return Ok(());
        }
        // Numbers are given in order and never a second time: a number must rest five minutes (RFC 8656 §12).
        let next = self.numbers.last_key_value().map_or(*CHANNELS.start(), |(last, _)| last + 1);
        if self.channels.len() >= MAX_CHANNELS || !CHANNELS.contains(&next) {
            return Err(SendError::Full);
        }
        let channel = Channel { number: next, active: false, refused: false, refresh_at: Duration::MAX };
        self.channels.insert(peer, channel);
        self.numbers.insert(next, peer);
        self.request(now, Kind::Channel(peer, next));
        Ok(())
    }

    /// Does not keep the permission and channels of an address up any more; they end by themselves on the server.
    pub fn forget_peer(&mut self, peer: IpAddr) {
        self.permissions.remove(&peer);
        let of_peer = |address: &SocketAddr| address.ip() == peer;
        self.channels.iter_mut().filter(|(address, _)| of_peer(address)).for_each(|(_, channel)| {
            channel.active = false;
            channel.refused = true;
            channel.refresh_at = Duration::MAX;
        });
        self.waiting.retain(|(address, _)| !of_peer(address));
    }

    fn can_reach(&self, peer: IpAddr) -> Result<(), SendError> {
        if self.state != State::Allocated {
            return Err(SendError::NotAllocated);
        }
        let family = Family::of(peer);
        let reachable = self.relayed.iter().any(|relayed| Family::of(relayed.ip()) == family);
        if reachable { Ok(()) } else { Err(SendError::WrongFamily) }
    }

    /// Sends what waited for this permission.
    pub(super) fn send_waiting(&mut self, peer: IpAddr) {
        let waiting = core::mem::take(&mut self.waiting);
        for (address, data) in waiting {
            if address.ip() == peer {
                // It was short enough to wait, so that it can be sent.
                _ = self.send_indication(address, &data);
            } else {
                self.waiting.push_back((address, data));
            }
        }
    }

    fn send_channel_data(&mut self, message: ChannelData<'_>) -> Result<(), SendError> {
        let padded = self.config.protocol == Protocol::Tcp;
        let bytes = message.to_vec(padded).map_err(|_| SendError::TooLong)?;
        self.transmit(bytes);
        Ok(())
    }

    fn send_indication(&mut self, peer: SocketAddr, data: &[u8]) -> Result<(), SendError> {
        let id = self.entropy.indication_id();
        let bytes = indication(Method::SEND, id, peer, attribute::DATA, data).ok_or(SendError::TooLong)?;
        self.transmit(bytes);
        Ok(())
    }

    /// True when it is ChannelData of one of our channels.
    pub(super) fn receive_channel_data(&mut self, bytes: &[u8]) -> bool {
        let Ok(message) = ChannelData::parse(bytes) else { return false };
        let Some(peer) = self.numbers.get(&message.channel).copied() else { return false };
        // Before the answer to ChannelBind too: it may be overtaken. Not after the peer was forgotten (§12.6).
        let known = self.channels.get(&peer).is_some_and(|channel| !channel.refused);
        if known && self.state == State::Allocated {
            self.tell(Event::Data { peer, bytes: message.data.to_vec() });
        }
        true
    }

    /// A Data indication (RFC 8656 §11.4 and §11.6): discarded without a permission for its peer.
    pub(super) fn receive_data(&mut self, message: &Message<'_>) -> bool {
        if message.method() != Method::DATA || message.class() != Class::Indication {
            return false;
        }
        let peer = message.get(attribute::XOR_PEER_ADDRESS).and_then(address);
        let permitted = peer.filter(|peer| self.permissions.contains_key(&peer.ip()));
        let (Some(peer), State::Allocated, false) = (permitted, self.state, has_unknown(message)) else { return true };
        if let Some(data) = message.get(attribute::DATA) {
            self.tell(Event::Data { peer, bytes: data.bytes().to_vec() });
        } else if let Some(Value::Icmp { kind, code, data }) = message.value(attribute::ICMP) {
            self.tell(Event::Icmp { peer, kind, code, data });
        }
        true
    }
}
