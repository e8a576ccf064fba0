//! Timers: the things that are due, and when.
use super::super::millis;
use super::request::Kind;
use super::{Client, Event, Reason, State};
use crate::stun::transaction::Action;
use core::time::Duration;

impl Client {
    /// When to call [`Client::timeout`]; `None` when nothing is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let requests = self.pending.iter().map(|pending| Duration::from_millis(pending.transaction.next_timeout()));
        let awaiting = self.awaiting.map(|(until, _)| until);
        let own = match self.state {
            State::New => Some(Duration::ZERO),
            State::Allocated => Some(self.expires.min(self.next_refresh())),
            _ => None,
        };
        requests.chain(awaiting).chain(own).filter(|due| *due < Duration::MAX).min()
    }

    /// When the allocation, a permission or a channel is to be refreshed: not while the server has yet to say whose the
    /// allocation is.
    fn next_refresh(&self) -> Duration {
        if self.previous.is_some() {
            return Duration::MAX;
        }
        let permissions = self.permissions.values().map(|permission| permission.refresh_at);
        let channels = self.channels.values().map(|channel| channel.refresh_at);
        permissions.chain(channels).fold(self.refresh_at, Duration::min)
    }

    /// Does what is due at `now`.
    pub fn timeout(&mut self, now: Duration) {
        if self.state == State::New {
            self.allocate(now);
        }
        self.repeat_requests(now);
        if self.state == State::Allocated {
            self.refresh(now);
        }
        self.stop_waiting(now);
    }

    /// Sends requests again, and ends those without an answer.
    fn repeat_requests(&mut self, now: Duration) {
        let mut index = 0;
        while let Some(pending) = self.pending.get_mut(index) {
            match pending.transaction.handle_timeout(millis(now)) {
                Action::Wait => index += 1,
                Action::Send => {
                    let bytes = pending.bytes.clone();
                    index += 1;
                    self.transmit(bytes);
                }
                Action::Failed => {
                    let pending = self.pending.swap_remove(index);
                    let reason = if pending.forged { Reason::Integrity } else { Reason::Silent };
                    self.refused(now, pending.kind, reason.into());
                    // Others may be gone with it.
                    index = 0;
                }
            }
        }
    }

    /// Refreshes the allocation, permissions and channels whose time has come.
    fn refresh(&mut self, now: Duration) {
        if now >= self.expires {
            return self.fail(Reason::AllocationLost);
        }
        if now < self.next_refresh() {
            return;
        }
        if now >= self.refresh_at {
            self.refresh_at = Duration::MAX;
            self.request(now, Kind::Refresh);
        }
        let due = |at: &mut Duration| core::mem::replace(at, if now >= *at { Duration::MAX } else { *at }) <= now;
        let channels = self.channels.iter_mut().filter_map(|(peer, channel)| {
            let kind = Kind::Channel(*peer, channel.number);
            due(&mut channel.refresh_at).then_some(kind)
        });
        let permissions = self
            .permissions
            .iter_mut()
            .filter_map(|(ip, permission)| due(&mut permission.refresh_at).then_some(Kind::Permission(*ip)));
        let kinds: alloc::vec::Vec<Kind> = channels.chain(permissions).collect();
        kinds.into_iter().for_each(|kind| self.request(now, kind));
    }

    /// The owner gave no other local address in time.
    fn stop_waiting(&mut self, now: Duration) {
        let Some((_, code)) = self.awaiting.filter(|(until, _)| now >= *until) else { return };
        self.awaiting = None;
        match self.previous.take() {
            // The allocation still belongs to the old credentials.
            Some((username, password)) if self.state == State::Allocated => {
                (self.config.username, self.config.password) = (username, password);
                self.rekey();
            }
            _ => self.fail(super::Refusal { code, ..Reason::AddressInUse.into() }),
        }
    }
}

impl Client {
    /// Asks the owner for another socket.
    pub(super) fn want_local_address(&mut self, now: Duration, code: u16) {
        self.awaiting = Some((now.saturating_add(super::REBIND_TIMEOUT), code));
        self.tell(Event::LocalAddressWanted { code });
    }
}
