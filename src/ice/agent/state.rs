//! The state of the agent and of its check lists (RFC 8445 §6.1.3, §7.2.5.4, §8.1.2; RFC 8863).
use super::event::Code;
use super::stream::{ListState, Stream};
use super::{Agent, Component, Failure, IceFailure};
use core::time::Duration;

/// The state of an agent, by the names of RTCIceTransportState.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AgentState {
    /// The other side's credentials are not known.
    New = 0,
    /// Checks go on, and some component has no valid pair.
    Checking = 1,
    /// Each component has a valid pair: data can be sent.
    Connected = 2,
    /// Each component has its nominated pair (RFC 8445: Completed).
    Completed = 3,
    /// All check lists have failed, or consent is lost; see [`Agent::failure`].
    Failed = 4,
    /// Nothing came for a while, or all checks are done without success and more may follow.
    Disconnected = 5,
    /// [`Agent::close`] was called.
    Closed = 6,
}

impl AgentState {
    /// `new`, `checking`, `connected`, `completed`, `failed`, `disconnected` or `closed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Checking => "checking",
            Self::Connected => "connected",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Disconnected => "disconnected",
            Self::Closed => "closed",
        }
    }
}

impl Agent {
    /// Draws the conclusions of whatever has happened: nominations, states of lists, consent, state of the agent.
    pub(super) fn settle(&mut self) {
        self.stirred = true;
        self.gathering_done();
        if self.closed || self.started.is_none() {
            return self.settle_unstarted();
        }
        self.conclude_both_lite();
        self.choose_nominations();
        self.update_consent();
        self.pac_due();
        self.update_lists();
        self.freeing_due();
        self.update_state();
        self.stirred = false;
    }

    /// Before a start, or between a restart and the other side's answer, only the old path can change the state.
    fn settle_unstarted(&mut self) {
        self.stirred = false;
        if self.closed {
            return;
        }
        let mut components = self.streams.iter().flat_map(|stream| &stream.components);
        let carried = components.any(|it| it.previous.is_some());
        match self.state {
            AgentState::New => {}
            // Data goes on over the path from before the restart.
            _ if carried => self.set_state(AgentState::Connected),
            AgentState::Connected => self.set_state(AgentState::Disconnected),
            AgentState::Disconnected => {}
            _ => self.set_state(AgentState::New),
        }
    }

    fn pac_due(&mut self) {
        let over = self.started.is_some_and(|started| self.now >= started.saturating_add(self.policy.pac));
        if over && !self.pac_elapsed {
            self.pac_elapsed = true;
            if self.streams.iter().any(|stream| stream.state == ListState::Running) {
                self.log(Code::PacElapsed, |_| {});
            }
        }
    }

    /// RFC 8445 §7.2.5.4, held back by RFC 8863: no list fails while the PAC timer runs. When it has elapsed it stands for an
    /// end-of-candidates that never came.
    fn update_lists(&mut self) {
        for stream in 0..self.streams.len() as u16 {
            let Some(list) = self.stream(stream) else { continue };
            let lost = list.components.iter().any(|it| it.consent.is_some_and(|consent| consent.expired));
            if lost {
                if let Some(list) = self.stream_mut(stream)
                    && list.state != ListState::Failed
                {
                    list.state = ListState::Running;
                    self.set_list_state(stream, ListState::Failed);
                }
                continue;
            }
            let open = list.state == ListState::Running && !self.lite && exhausted(list);
            let lite = list.state == ListState::Running && self.lite && !usable(list);
            if (open || lite) && self.pac_elapsed {
                self.set_list_state(stream, ListState::Failed);
            }
        }
    }

    fn update_state(&mut self) {
        let all = |state: ListState| self.streams.iter().all(|stream| stream.state == state);
        let components = || self.streams.iter().flat_map(|stream| &stream.components);
        let late = components().any(|it| it.consent.is_some_and(|consent| consent.late || consent.expired));
        let lost = components().any(|it| it.consent.is_some_and(|consent| consent.expired));
        if all(ListState::Failed) || lost {
            return self.fail();
        }
        let live = || self.streams.iter().filter(|stream| stream.state != ListState::Failed);
        // With no remote candidate there was nothing to check yet.
        let begun = self.remote_end || !self.remotes.is_empty();
        let waiting = begun && !self.lite && live().all(|it| it.state == ListState::Running && exhausted(it));
        let carried = components().all(|it| it.previous.is_some() || it.consent.is_some());
        let state = if late || waiting {
            AgentState::Disconnected
        } else if all(ListState::Completed) {
            AgentState::Completed
        } else if live().all(usable) || carried && self.state == AgentState::Connected {
            AgentState::Connected
        } else {
            AgentState::Checking
        };
        if waiting && self.state != AgentState::Disconnected {
            let what = if self.local_end && self.remote_end { "the PAC timer runs" } else { "candidates may follow" };
            self.log(Code::Waiting, |line| line.what = what);
        }
        self.set_state(state);
    }

    fn fail(&mut self) {
        if self.failure.is_none() {
            let failure = Failure { reason: self.reason(), counts: self.count() };
            self.failure = Some(failure);
            let reason = failure.reason;
            // Disconnected always comes before failed.
            self.set_state(AgentState::Disconnected);
            self.log(Code::Failed, |line| (line.what, line.failure) = (reason.why(), Some(reason)));
        }
        self.set_state(AgentState::Failed);
    }

    pub(super) fn set_state(&mut self, state: AgentState) {
        if self.state == state {
            return;
        }
        let was = self.state.name();
        self.state = state;
        self.log(Code::StateChanged, |line| (line.was, line.what) = (was, state.name()));
        if state == AgentState::Completed {
            self.completed_at = Some(self.now);
        }
    }

    /// RFC 8445 §8.3.1: three seconds after completion the candidates that are not in use are free.
    fn freeing_due(&mut self) {
        let over = self.completed_at.is_some_and(|at| self.now >= at.saturating_add(self.policy.freeing));
        if over && !self.freed {
            self.freed = true;
            self.log(Code::Freed, |_| {});
            self.end_checks();
        }
    }

    /// No check of a completed list goes on; the other side follows whatever was nominated until now.
    fn end_checks(&mut self) {
        if self.renominates() {
            return;
        }
        let completed: alloc::vec::Vec<bool> =
            self.streams.iter().map(|stream| stream.state == ListState::Completed).collect();
        let over = |stream: u16| completed.get(usize::from(stream)).copied().unwrap_or_default();
        self.checks.retain(|check| check.purpose.is_consent() || !over(check.stream));
        for stream in self.streams.iter_mut().filter(|stream| stream.state == ListState::Completed) {
            stream.triggered.clear();
            stream.pairs.iter_mut().filter(|pair| !pair.valid).for_each(|pair| pair.listed = false);
        }
    }

    /// When a state may change without a packet.
    pub(super) fn next_state_timer(&self) -> Option<Duration> {
        let pac = self.started.filter(|_| !self.pac_elapsed).map(|started| started.saturating_add(self.policy.pac));
        let freeing = self.completed_at.filter(|_| !self.freed).map(|at| at.saturating_add(self.policy.freeing));
        [pac, freeing, self.next_nomination()].into_iter().flatten().min()
    }

    /// True when the candidates that were not selected may be freed: their sockets are no longer needed.
    pub const fn is_freed(&self) -> bool {
        self.freed
    }

    /// The failure's reason, if the agent has failed.
    pub fn failure_reason(&self) -> Option<IceFailure> {
        self.failure.as_ref().map(|failure| failure.reason)
    }
}

/// Each component has a valid pair.
fn usable(stream: &Stream) -> bool {
    let valid = |component: &Component| stream.best_valid(component.id.component).is_some();
    stream.components.iter().all(valid)
}

/// Nothing is left to be checked, and some component has no valid pair.
fn exhausted(stream: &Stream) -> bool {
    !stream.has_open_checks() && !usable(stream)
}
