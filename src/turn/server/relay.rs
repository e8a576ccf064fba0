//! Data between clients and peers (RFC 8656 §11 and §12).
use super::super::{ChannelData, Family, has_unknown, indication, relayed_data};
use super::{FiveTuple, State};
use crate::net::Protocol;
use crate::stun::{Message, Method, attribute};
use core::net::SocketAddr;
use core::time::Duration;

/// Content of an ICMP error (RFC 8656 §18.13).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Icmp {
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// The field that goes with the type, such as the MTU.
    pub data: u32,
}

impl State {
    /// ChannelData from a client (§12.6). The channel proves that its peer may be reached.
    pub(super) fn channel_data(&mut self, now: Duration, client: &FiveTuple, bytes: &[u8]) {
        let Ok(message) = ChannelData::parse(bytes) else { return };
        let Some(allocation) = self.table.of_client(client).and_then(|index| self.table.get_mut(index)) else { return };
        let Some(peer) = allocation.peer(message.channel, now) else { return };
        let Some(relayed) = allocation.relayed(Family::of(peer.ip())) else { return };
        allocation.count(0, message.data.len());
        self.transmit(relayed.address, peer, Protocol::Udp, message.data.to_vec());
    }

    /// A Send indication (§11.2). Unless all is in order it is discarded.
    pub(super) fn send(&mut self, now: Duration, client: &FiveTuple, message: &Message<'_>) {
        let Some(allocation) = self.table.of_client(client).and_then(|index| self.table.get_mut(index)) else { return };
        // The DF bit can't be set here, so that DONT-FRAGMENT is as good as unknown.
        if has_unknown(message) || message.get(attribute::DONT_FRAGMENT).is_some() {
            return;
        }
        let Some((peer, data)) = relayed_data(message) else { return };
        let Some(relayed) = allocation.relayed(Family::of(peer.ip())) else { return };
        if peer.port() == 0 || !allocation.permits(peer.ip(), now) {
            return;
        }
        allocation.count(0, data.len());
        self.transmit(relayed.address, peer, Protocol::Udp, data.to_vec());
    }

    /// A datagram at a relayed address (§11.3): to the client by the peer's channel, else in a Data indication.
    pub(super) fn relay_to_client(&mut self, now: Duration, index: usize, peer: SocketAddr, data: &[u8]) {
        let Some(allocation) = self.table.get_mut(index) else { return };
        if !allocation.permits(peer.ip(), now) {
            return;
        }
        allocation.count(1, data.len());
        let client = allocation.client;
        let bytes = match allocation.channel(peer, now) {
            Some(channel) => ChannelData { channel, data }.to_vec(client.protocol == Protocol::Tcp).ok(),
            None => indication(Method::DATA, self.entropy.indication_id(), peer, attribute::DATA, data),
        };
        if let Some(bytes) = bytes {
            self.send_to_client(&client, bytes);
        }
    }

    pub(super) fn icmp(&mut self, now: Duration, relayed: SocketAddr, peer: SocketAddr, error: Icmp) {
        let Some(allocation) = self.table.of_relay(&relayed).and_then(|index| self.table.get_mut(index)) else {
            return;
        };
        let relevant = match Family::of(relayed.ip()) {
            Family::V4 => matches!(error.kind, 3 | 11),
            Family::V6 => matches!(error.kind, 1..=3),
        };
        if !relevant || !allocation.permits(peer.ip(), now) {
            return;
        }
        let client = allocation.client;
        let [d0, d1, d2, d3] = error.data.to_be_bytes();
        // Two reserved bytes, 7 bits of type, 9 of code.
        let value = [0, 0, error.kind << 1, error.code, d0, d1, d2, d3];
        let id = self.entropy.indication_id();
        if let Some(bytes) = indication(Method::DATA, id, peer, attribute::ICMP, &value) {
            self.send_to_client(&client, bytes);
        }
    }
}
