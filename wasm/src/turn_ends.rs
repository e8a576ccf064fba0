//! The sockets and connections of a TURN server by number, so that no address crosses to JavaScript as text with a packet.

use std::collections::BTreeMap;

use core::net::SocketAddr;
use icelens::net::{Datagram, Protocol};
use icelens::turn::server::FiveTuple;

/// One of the server's ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum End {
    /// A UDP socket, by its address.
    Socket(SocketAddr),
    /// A client's TCP connection.
    Connection(FiveTuple),
}

/// Those that are open. A number is given again once its end is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    by_number: Vec<Option<End>>,
    numbers: BTreeMap<End, u32>,
    free: Vec<u32>,
}

impl Ends {
    /// The number of an end, a new one where it has none.
    pub(crate) fn number(&mut self, end: End) -> u32 {
        if let Some(number) = self.numbers.get(&end) {
            return *number;
        }
        let next = u32::try_from(self.by_number.len()).unwrap_or(u32::MAX);
        let number = self.free.pop().unwrap_or(next);
        match self.by_number.get_mut(number as usize) {
            Some(place) => *place = Some(end),
            None => self.by_number.push(Some(end)),
        }
        self.numbers.insert(end, number);
        number
    }

    /// Frees a number; returns its end.
    pub(crate) fn forget(&mut self, number: u32) -> Option<End> {
        let end = self.by_number.get_mut(number as usize)?.take()?;
        self.numbers.remove(&end);
        self.free.push(number);
        Some(end)
    }

    /// Both addresses of what arrived at an end; `remote` counts at a socket alone.
    pub(crate) fn five_tuple(&self, number: u32, remote: SocketAddr) -> Option<FiveTuple> {
        match (*self.by_number.get(number as usize)?)? {
            End::Socket(local) => Some(FiveTuple { remote, local, protocol: Protocol::Udp }),
            End::Connection(client) => Some(client),
        }
    }

    /// The end that a datagram leaves from.
    pub(crate) fn sender(&self, datagram: &Datagram) -> Option<u32> {
        let Datagram { local, remote, protocol, .. } = *datagram;
        let end = match protocol {
            Protocol::Udp => End::Socket(local),
            _ => End::Connection(FiveTuple { remote, local, protocol }),
        };
        self.numbers.get(&end).copied()
    }
}
