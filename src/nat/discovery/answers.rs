//! Answers and silences as observations, and what the server says of itself.

use core::net::SocketAddr;
use core::time::Duration;

use super::Discovery;
use super::messages::{self, Answer};
use super::transaction::{Kind, Transaction};
use crate::nat::observation::{Observation, Outcome, Test};
use crate::net::Datagram;
use crate::net::scope;
use crate::stun::{Message, attribute};

impl Discovery {
    /// OTHER-ADDRESS must be a second address and port of the same family and scope, and always the same one.
    pub(super) fn learn_other(&mut self, now: Duration, message: &Message<'_>) {
        let server = self.options.server;
        self.server.answered = true;
        self.server.silent = false;
        let Some(other) = messages::address(message, attribute::OTHER_ADDRESS)
            .or_else(|| messages::address(message, attribute::CHANGED_ADDRESS))
        else {
            return;
        };
        if self.server.other.is_some_and(|known| known != other) {
            self.server.pool = true;
            self.warn(
                now,
                "server-pool",
                format!("{server} names a different other address in each answer: a load-balanced pool of servers."),
            );
            return;
        }
        let usable = other.ip() != server.ip()
            && other.port() != server.port()
            && other.is_ipv4() == server.is_ipv4()
            && scope(other.ip()) == scope(server.ip());
        if usable {
            self.server.other = Some(other);
        } else if !self.server.unusable {
            self.server.unusable = true;
            self.warn(now, "other-address-unusable", format!("{server} says that its other address is {other}, which is not another address and port of the same kind: the server is set up wrongly or behind a NAT."));
        }
    }

    pub(super) fn answered(&mut self, now: Duration, transaction: Transaction, packet: &Datagram, answer: Answer) {
        let Transaction { lane, kind, socket, destination, sends, .. } = transaction;
        if let Kind::Lifetime(request) = kind {
            self.lifetime_answer(now, request, packet.local, answer);
            return;
        }
        let outcome = match answer {
            Answer::Success { mapped, plain, .. } => Outcome::Answer { mapped, from: Some(packet.remote), plain },
            Answer::Error(code) => Outcome::Error(code),
        };
        let text = match answer {
            Answer::Success { mapped: Some(mapped), .. } => {
                format!("{} answered from {}: {mapped}.", kind.title(), packet.remote)
            }
            Answer::Success { mapped: None, .. } => {
                format!("{} answered from {} without an address.", kind.title(), packet.remote)
            }
            Answer::Error(code) => format!("{} refused by {} with error {code}.", kind.title(), packet.remote),
        };
        if kind != Kind::Control {
            let event = if matches!(answer, Answer::Error(_)) { "refused" } else { "answered" };
            self.event(now, event, kind.rule(self.options.procedure), text);
        }
        let mut observation = Observation::new(self.base(socket), destination.into(), kind.test(), outcome);
        observation.sends = Some(sends);
        observation.expected = self.expected(kind);
        observation.plain_only = matches!(answer, Answer::Success { plain_only: true, .. });
        observation.burst = kind.burst();
        self.observe(now, observation);
        self.burst_answered(lane, destination);
        self.step_over(lane);
    }

    pub(super) fn silent(&mut self, now: Duration, transaction: Transaction) {
        let Transaction { lane, kind, socket, destination, sends, .. } = transaction;
        if let Kind::Lifetime(request) = kind {
            self.lifetime_silence(now, request);
            return;
        }
        self.server.silent |= destination == self.options.server && !self.server.answered;
        let mut observation = Observation::new(self.base(socket), destination.into(), kind.test(), Outcome::Silence);
        observation.sends = Some(sends);
        observation.expected = self.expected(kind);
        observation.burst = kind.burst();
        if matches!(kind, Kind::Change { .. }) && self.server.pool {
            observation.outcome = Outcome::Untestable("server-pool");
        }
        self.observe(now, observation);
        if kind != Kind::Control {
            self.event(
                now,
                "silent",
                kind.rule(self.options.procedure),
                format!("{} to {destination}: no answer to {sends} requests.", kind.title()),
            );
        }
        self.step_over(lane);
    }

    /// Address that should answer a request for a change.
    pub(super) fn expected(&self, kind: Kind) -> Option<SocketAddr> {
        let (server, other) = (self.options.server, self.server.other?);
        match kind {
            Kind::Change { ip: true } => Some(other),
            Kind::Change { ip: false } => Some(SocketAddr::new(server.ip(), other.port())),
            _ => None,
        }
    }

    pub(super) fn hairpinned(&mut self, now: Duration, at: usize, packet: &Datagram) {
        let transaction = self.pending.remove(at);
        let from = Some(packet.remote);
        let outcome = Outcome::Answer { mapped: Some(transaction.destination), from, plain: None };
        let mut observation =
            Observation::new(self.base(transaction.socket), transaction.destination.into(), Test::Hairpin, outcome);
        observation.sends = Some(transaction.sends);
        self.observe(now, observation);
        self.event(
            now,
            "answered",
            Kind::Hairpin.rule(self.options.procedure),
            format!("The packet to {} came back, from {}.", transaction.destination, packet.remote),
        );
        self.step_over(transaction.lane);
        self.go_on(now);
    }
}
