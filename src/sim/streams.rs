//! TCP as far as a simulated call needs it: a handshake before the first data, then whole messages, each in one segment.
//!
//! There is no acknowledgement and no window. A segment that a link loses is sent again by TCP, unseen: it arrives later,
//! see [`RETRANSMISSION`]. An opening that a NAT or firewall drops stays unanswered.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::BTreeMap;

use super::{Packet, Protocol};

/// How much later a segment arrives that had to be sent again (RFC 6298 §2.4 has 1 s at first; common stacks have 200 ms).
pub(super) const RETRANSMISSION: Duration = Duration::from_millis(200);
/// Connections of one host at most.
const MAX_CONNECTIONS: usize = 1024;
/// Messages that wait for a connection to open, at most.
const MAX_WAITING: usize = 64;

/// One connection of a host.
#[derive(Debug)]
enum Stream {
    /// Messages that wait until it is open.
    Opening(Vec<Packet>),
    Open,
}

/// The connections of a host, by its own address and the other's.
#[derive(Debug, Default)]
pub(super) struct Streams(BTreeMap<(SocketAddr, SocketAddr), Stream>);

/// A segment that opens, from one address to another.
fn opening(source: SocketAddr, destination: SocketAddr, opens: bool) -> Packet {
    Packet { protocol: Protocol::Tcp { opens, ends: false }, ..Packet::udp(source, destination, Vec::new()) }
}

impl Streams {
    /// Segment for a message that the host sends: itself on an open connection, otherwise an opening segment or
    /// nothing yet.
    pub(super) fn send(&mut self, message: Packet) -> Option<Packet> {
        let ends = (message.source, message.destination);
        let room = self.0.len() < MAX_CONNECTIONS;
        match self.0.get_mut(&ends) {
            Some(Stream::Open) => Some(message),
            Some(Stream::Opening(waiting)) => {
                if waiting.len() < MAX_WAITING {
                    waiting.push(message);
                }
                None
            }
            None if room => {
                self.0.insert(ends, Stream::Opening(vec![message]));
                Some(opening(ends.0, ends.1, true))
            }
            None => None,
        }
    }

    /// Takes a segment that arrived; what goes out for it, and whether it is a message for the machine.
    pub(super) fn receive(&mut self, segment: &Packet, listens: bool) -> (Vec<Packet>, bool) {
        let ends = (segment.destination, segment.source);
        if !segment.bytes.is_empty() {
            return (Vec::new(), matches!(self.0.get(&ends), Some(Stream::Open)));
        }
        let room = self.0.len() < MAX_CONNECTIONS;
        match self.0.get_mut(&ends) {
            Some(stream @ Stream::Opening(_)) => match core::mem::replace(stream, Stream::Open) {
                Stream::Opening(waiting) => (waiting, false),
                Stream::Open => (Vec::new(), false),
            },
            None if listens && room => {
                self.0.insert(ends, Stream::Open);
                (vec![opening(ends.0, ends.1, false)], false)
            }
            _ => (Vec::new(), false),
        }
    }
}
