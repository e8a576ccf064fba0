//! The order of checks, one every Ta (RFC 8445 §6.1.4.2).
use super::Agent;
use super::event::Code;
use super::pair::{Pair, PairId};
use super::request::Purpose;
use super::stream::{ListState, Stream};
use crate::ice::PairState;

impl Agent {
    /// Both sides' credentials are known: the first states are set, the PAC timer runs, and the kept requests are taken up.
    pub(super) fn start_if_ready(&mut self) {
        if !self.starting {
            return;
        }
        self.starting = false;
        self.started = Some(self.now);
        self.pac_elapsed = false;
        self.next_check = self.next_check.max(self.now);
        self.set_first_states();
        let pairs = self.streams.iter().map(|stream| stream.pairs.len() as u64).sum();
        self.log(Code::Started, |line| line.number = pairs);
        self.take_up_early_checks();
        self.conclude_both_lite();
        self.settle();
    }

    /// True when a check waits for its turn.
    pub(super) fn has_check_to_send(&self) -> bool {
        self.can_check() && self.streams.iter().any(|stream| self.has_work(stream))
    }

    fn can_check(&self) -> bool {
        self.started.is_some() && !self.lite && !self.peer_is_both_lite()
    }

    fn has_work(&self, stream: &Stream) -> bool {
        let waits = |pair: &Pair| pair.listed && pair.state == PairState::Waiting;
        if !stream.triggered.is_empty() {
            return true;
        }
        self.goes_on(stream) && (stream.pairs.iter().any(waits) || self.first_to_unfreeze(stream).is_some())
    }

    /// Ordinary checks end with the list, unless a better pair may be nominated again.
    fn goes_on(&self, stream: &Stream) -> bool {
        stream.state == ListState::Running || stream.state == ListState::Completed && self.renominates()
    }

    /// Sends one check when Ta has passed since the last.
    pub(super) fn next_check_due(&mut self) {
        if self.now < self.next_check {
            return;
        }
        // One new transaction each Ta, for gathering and checks together (RFC 8445 §14.2).
        if self.start_gathering() {
            self.next_check = self.now.saturating_add(self.ta());
            return;
        }
        if !self.can_check() {
            return;
        }
        let lists = self.streams.len();
        for step in 0..lists {
            let turn = (self.turn + step) % lists.max(1);
            if self.check_from(turn as u16) {
                self.turn = (turn + 1) % lists.max(1);
                self.next_check = self.now.saturating_add(self.ta());
                return;
            }
        }
    }

    /// Ta: the longer of what both sides propose (RFC 8445 §14.2).
    pub(super) fn ta(&self) -> core::time::Duration {
        let theirs = self.remote_parameters().and_then(|remote| remote.pacing);
        self.pacing.max(theirs.unwrap_or_default())
    }

    /// Steps 1 to 3 of RFC 8445 §6.1.4.2 for one list; true when a check was sent.
    fn check_from(&mut self, stream: u16) -> bool {
        while let Some(id) = self.stream_mut(stream).and_then(|it| it.triggered.pop_front()) {
            let nominating = self.pair(stream, id).is_some_and(|pair| pair.nominating);
            let purpose = if nominating { Purpose::Nominating } else { Purpose::Triggered };
            if self.send_check(stream, id, purpose) {
                return true;
            }
        }
        if !self.stream(stream).is_some_and(|it| self.goes_on(it)) {
            return false;
        }
        while let Some(id) = self.next_ordinary(stream) {
            if self.send_check(stream, id, Purpose::Ordinary) {
                return true;
            }
            self.fail_unsendable(stream, id);
        }
        false
    }

    /// A pair whose check can't be built fails at once, so that it does not stall the list.
    fn fail_unsendable(&mut self, stream: u16, id: PairId) {
        if let Some(pair) = self.pair_mut(stream, id) {
            pair.state = PairState::Failed;
        }
    }

    fn next_ordinary(&mut self, stream: u16) -> Option<PairId> {
        if let Some(id) = first_waiting(self.stream(stream)?) {
            return Some(id);
        }
        while let Some(id) = self.stream(stream).and_then(|it| self.first_to_unfreeze(it)) {
            self.set_waiting(stream, id, Code::PairUnfrozenLater, None);
        }
        first_waiting(self.stream(stream)?)
    }

    /// The best Frozen pair whose foundation has no Waiting or In-Progress pair in any list. What waits in a list that has
    /// ended is never checked, and nobody waits for it.
    fn first_to_unfreeze(&self, stream: &Stream) -> Option<PairId> {
        let busy = |foundation| {
            let of = |list: &Stream, pair: &Pair| {
                let open = match pair.state {
                    PairState::InProgress => true,
                    PairState::Waiting => self.goes_on(list),
                    PairState::Frozen | PairState::Succeeded | PairState::Failed => false,
                };
                pair.listed && pair.foundation == foundation && open
            };
            self.streams.iter().any(|list| list.pairs.iter().any(|pair| of(list, pair)))
        };
        let frozen = stream.pairs.iter().filter(|pair| pair.listed && pair.state == PairState::Frozen);
        frozen.clone().find(|pair| !busy(pair.foundation)).map(|pair| pair.id)
    }
}

/// Best first is the order of the pairs.
fn first_waiting(stream: &Stream) -> Option<PairId> {
    let waits = |pair: &&Pair| pair.listed && pair.state == PairState::Waiting;
    stream.pairs.iter().find(waits).map(|pair| pair.id)
}
