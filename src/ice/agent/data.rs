//! Data of the application, both ways (RFC 8445 §12).
use super::event::{Code, Event, MAX_DATA};
use super::server::opposite;
use super::{Agent, ComponentId};
use crate::net::Datagram;
use core::fmt;

/// Why data was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SendError {
    /// There is no such component.
    Component,
    /// No pair is valid yet.
    NoPair,
    /// Consent has expired or was revoked (RFC 7675 §5).
    NoConsent,
    /// The agent is closed.
    Closed,
}

impl SendError {
    const fn why(self) -> &'static str {
        match self {
            Self::Component => "there is no such component",
            Self::NoPair => "no pair is valid",
            Self::NoConsent => "the other side's consent has expired",
            Self::Closed => "the agent is closed",
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())
    }
}

impl core::error::Error for SendError {}

impl Agent {
    /// Sends data of a component: on the selected pair; before there is one, on the path from before a restart, or on the
    /// best valid pair.
    ///
    /// # Errors
    ///
    /// [`SendError`] says why it can't be sent; nothing is queued then.
    pub fn send(&mut self, now: core::time::Duration, id: ComponentId, data: &[u8]) -> Result<(), SendError> {
        self.advance(now);
        let sent = self.route(id);
        match sent {
            Ok((local, remote, protocol)) => {
                self.transmit(Datagram { local, remote, protocol, bytes: data.to_vec() });
                self.note_sent_on(id);
                Ok(())
            }
            Err(error) => {
                self.log(Code::SendRefused, |line| (line.component, line.what) = (Some(id), error.why()));
                Err(error)
            }
        }
    }

    fn route(
        &self,
        id: ComponentId,
    ) -> Result<(core::net::SocketAddr, core::net::SocketAddr, crate::net::Protocol), SendError> {
        if self.closed {
            return Err(SendError::Closed);
        }
        let component = self.component(id).ok_or(SendError::Component)?;
        if let Some(path) = component.previous.as_ref().filter(|_| component.selected.is_none()) {
            return Ok((path.local, path.remote, path.protocol));
        }
        let pair = self.current_pair(id).ok_or(SendError::NoPair)?;
        // A pair that just became valid gave its consent with that.
        let consent = component.consent.filter(|consent| consent.pair == pair);
        if consent
            .is_some_and(|consent| consent.expired || self.now >= consent.granted + self.policy.expiry && !self.lite)
        {
            return Err(SendError::NoConsent);
        }
        self.base_of(id.stream, pair).ok_or(SendError::NoPair)
    }

    /// Data is taken from the candidates of the other side, on any pair (RFC 8445 §12.2).
    pub(super) fn receive_data(&mut self, datagram: &Datagram) {
        let Some(local) = self.receiving_local(datagram.local, datagram.protocol) else {
            return self.ignore_data(datagram, "no candidate of ours is there");
        };
        let Some(ours) = self.locals.get(usize::from(local)) else { return };
        let id = ours.candidate.component;
        let known = self.find_remote(id, opposite(ours.candidate.transport), datagram.remote).is_some();
        let path = self.component(id).and_then(|component| component.previous.as_ref());
        let before = path.is_some_and(|path| (path.local, path.remote) == (datagram.local, datagram.remote));
        if !known && !before {
            return self.ignore_data(datagram, "it is not a candidate of the other side");
        }
        self.note_received(datagram);
        if self.data.len() >= MAX_DATA {
            self.dropped_events += 1;
            return;
        }
        let event =
            Event::Data { time: self.now, component: id, remote: datagram.remote, bytes: datagram.bytes.clone() };
        self.data.push_back((self.sequence, event));
        self.sequence += 1;
    }

    fn ignore_data(&mut self, datagram: &Datagram, what: &'static str) {
        let remote = Some(datagram.remote);
        self.log(Code::DataIgnored, |line| (line.remote, line.what) = (remote, what));
    }
}
