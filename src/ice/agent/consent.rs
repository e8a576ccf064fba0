//! Consent to send (RFC 7675) and keepalives (RFC 8445 §11), also on the path from before a restart.
use super::event::Code;
use super::pair::PairId;
use super::request::{Check, Purpose, Request, milliseconds};
use super::{Agent, ComponentId};
use crate::net::{Datagram, Protocol};
use crate::stun::transaction::{Timing, Transaction};
use crate::stun::{BuildError, Builder, Class, Key, Method};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

/// Consent to send on the valid pair that a component uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    pub(super) pair: PairId,
    /// The last valid response.
    pub(super) granted: Duration,
    /// The next consent check.
    pub(super) next: Duration,
    /// When something was sent last.
    pub(super) sent: Duration,
    /// Set for good: the same credentials never give consent again (RFC 7675 §5.1).
    pub(super) expired: bool,
    /// Nothing came for longer than the policy allows.
    pub(super) late: bool,
}

/// The path of a component from before a restart.
#[derive(Clone, Debug)]
pub(super) struct PreviousPath {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) protocol: Protocol,
    priority: u32,
    username: String,
    key: Key,
    granted: Duration,
    next: Duration,
}

impl Agent {
    /// The valid pair that a component sends on: the selected one, else the best (RFC 8445 §12.1).
    pub(super) fn current_pair(&self, id: ComponentId) -> Option<PairId> {
        let selected = self.component(id)?.selected;
        selected.or_else(|| self.stream(id.stream)?.best_valid(id.component).map(|pair| pair.id))
    }

    /// Makes each component's consent that of the pair it uses now.
    pub(super) fn update_consent(&mut self) {
        for id in self.component_ids() {
            let current = self.current_pair(id);
            let known = self.component(id).and_then(|component| component.consent);
            if known.map(|consent| consent.pair) == current {
                continue;
            }
            let consent = current.map(|pair| {
                let stats = self.pair(id.stream, pair).map(|pair| pair.stats).unwrap_or_default();
                let granted = stats.last_response.or(stats.last_received).unwrap_or(self.now);
                let next = self.now.saturating_add(self.consent_interval());
                Consent { pair, granted, next, sent: self.now, expired: false, late: false }
            });
            if let Some(component) = self.component_mut(id) {
                component.consent = consent;
            }
        }
    }

    /// 0.8 to 1.2 times the interval (RFC 7675 §5.1).
    fn consent_interval(&mut self) -> Duration {
        let basic = u64::try_from(self.policy.consent.as_micros()).unwrap_or(u64::MAX);
        let drawn = basic / 5 * 4 + self.entropy.below((basic / 5 * 2).max(1));
        Duration::from_micros(drawn)
    }

    /// When the next consent check, keepalive, or change of a consent's state is due.
    pub(super) fn next_consent(&self) -> Option<Duration> {
        let components = || self.streams.iter().flat_map(|stream| &stream.components);
        let current = components().filter_map(|component| {
            let consent = component.consent.filter(|consent| !consent.expired)?;
            let heard = self.last_heard(component.id, &consent);
            let act = if self.lite { consent.sent.saturating_add(self.policy.keepalive) } else { consent.next };
            let late = heard.saturating_add(self.policy.disconnected);
            let expiry = self.expires(component.id, &consent);
            let late = if consent.late { expiry } else { late };
            Some(act.min(expiry).min(late))
        });
        let previous = components().filter_map(|component| {
            let path = component.previous.as_ref()?;
            let expiry = path.granted.saturating_add(self.policy.expiry);
            Some(if self.lite { expiry } else { path.next.min(expiry) })
        });
        current.chain(previous).min()
    }

    /// When something authenticated, or data, came last on a pair.
    fn last_heard(&self, id: ComponentId, consent: &Consent) -> Duration {
        let pair = self.pair(id.stream, consent.pair);
        let own = pair.and_then(|pair| pair.stats.last_received).unwrap_or_default();
        let maker = pair.and_then(|pair| pair.made_by).and_then(|maker| self.pair(id.stream, maker));
        own.max(maker.and_then(|pair| pair.stats.last_received).unwrap_or_default()).max(consent.granted)
    }

    /// A full agent's consent ends some time after the last response; a lite agent, which asks nothing, goes by what it hears.
    fn expires(&self, id: ComponentId, consent: &Consent) -> Duration {
        let since = if self.lite { self.last_heard(id, consent) } else { consent.granted };
        since.saturating_add(self.policy.expiry)
    }

    /// Sends what is due and notes what has expired.
    pub(super) fn consent_due(&mut self) {
        for id in self.component_ids() {
            self.previous_consent_due(id);
            let Some(consent) = self.component(id).and_then(|component| component.consent) else { continue };
            if consent.expired {
                continue;
            }
            let (_, remote) = self.addresses(id.stream, consent.pair);
            if self.now >= self.expires(id, &consent) {
                let silent = milliseconds(self.now.saturating_sub(consent.granted));
                self.log(Code::ConsentExpired, |line| {
                    (line.component, line.pair, line.remote) = (Some(id), Some(consent.pair), remote);
                    line.number = silent;
                });
                self.expire(id);
                continue;
            }
            self.watch(id, consent, remote);
            if self.lite {
                self.keepalive_due(id, consent);
            } else if self.now >= consent.next {
                self.send_consent(id, consent);
            }
        }
    }

    fn watch(&mut self, id: ComponentId, consent: Consent, remote: Option<SocketAddr>) {
        let heard = self.last_heard(id, &consent);
        let late = self.now >= heard.saturating_add(self.policy.disconnected);
        let silent = milliseconds(self.now.saturating_sub(heard));
        if late && !consent.late {
            self.log(Code::ConsentLate, |line| {
                (line.component, line.pair, line.remote) = (Some(id), Some(consent.pair), remote);
                line.number = silent;
            });
        }
        if let Some(consent) = self.component_mut(id).and_then(|component| component.consent.as_mut()) {
            consent.late = late;
        }
    }

    fn send_consent(&mut self, id: ComponentId, consent: Consent) {
        let next = self.now.saturating_add(self.consent_interval());
        let now = self.now;
        if let Some(consent) = self.component_mut(id).and_then(|component| component.consent.as_mut()) {
            (consent.next, consent.sent) = (next, now);
        }
        self.send_check(id.stream, consent.pair, Purpose::Consent);
    }

    /// Consent is over: its outstanding checks are discarded, and nothing is sent on the pair any more.
    fn expire(&mut self, id: ComponentId) {
        let of = |check: &Check| {
            check.purpose == Purpose::Consent && (check.stream, check.component) == (id.stream, id.component)
        };
        self.checks.retain(|check| !of(check));
        if let Some(consent) = self.component_mut(id).and_then(|component| component.consent.as_mut()) {
            consent.expired = true;
        }
        self.counts.consents_lost += 1;
    }

    pub(super) fn consent_granted(&mut self, check: &Check) {
        let id = ComponentId { stream: check.stream, component: check.component };
        let now = self.now;
        let remote = Some(check.datagram.remote);
        if check.purpose == Purpose::PreviousConsent {
            if let Some(path) = self.component_mut(id).and_then(|component| component.previous.as_mut()) {
                path.granted = now;
            }
            return;
        }
        let round_trip = now.saturating_sub(check.sent);
        if let Some(pair) = check.pair.and_then(|pair| self.pair_mut(check.stream, pair)) {
            pair.stats.responses_received += 1;
            (pair.stats.last_response, pair.stats.last_received) = (Some(now), Some(now));
            pair.stats.round_trip = Some(round_trip);
        }
        let Some(consent) = self.component_mut(id).and_then(|component| component.consent.as_mut()) else { return };
        if Some(consent.pair) != check.pair || consent.expired {
            return;
        }
        (consent.granted, consent.late) = (now, false);
        self.log(Code::ConsentFresh, |line| {
            (line.component, line.pair, line.remote) = (Some(id), check.pair, remote);
        });
    }

    /// Any check of the pair that is answered gives consent (RFC 7675 §5.1).
    pub(super) fn renew_consent(&mut self, id: ComponentId, valid: PairId) {
        let now = self.now;
        let consent = self.component_mut(id).and_then(|component| component.consent.as_mut());
        if let Some(consent) = consent.filter(|consent| consent.pair == valid && !consent.expired) {
            (consent.granted, consent.late) = (now, false);
        }
    }

    pub(super) fn consent_revoked(&mut self, check: &Check) {
        let id = ComponentId { stream: check.stream, component: check.component };
        let remote = Some(check.datagram.remote);
        self.log(Code::ConsentRevoked, |line| {
            (line.component, line.pair, line.remote) = (Some(id), check.pair, remote);
        });
        if check.purpose == Purpose::PreviousConsent {
            self.forget_previous(|path| Some(path.remote) == remote);
        } else {
            self.expire(id);
        }
    }

    /// A Binding indication with FINGERPRINT and no integrity, when nothing was sent for Tr (RFC 8445 §11).
    fn keepalive_due(&mut self, id: ComponentId, consent: Consent) {
        let idle = self.now.saturating_sub(consent.sent);
        if idle < self.policy.keepalive {
            return;
        }
        let Some((local, remote, protocol)) = self.base_of(id.stream, consent.pair) else { return };
        let transaction_id = self.entropy.transaction_id();
        let write = || -> Result<Vec<u8>, BuildError> {
            let mut buffer = [0; 32];
            let mut builder = Builder::new(&mut buffer, Class::Indication, Method::BINDING, transaction_id)?;
            builder.fingerprint()?;
            Ok(builder.finish().to_vec())
        };
        if let Ok(bytes) = write() {
            self.transmit(Datagram { local, remote, protocol, bytes });
        }
        self.log(Code::KeepaliveSent, |line| {
            (line.component, line.local, line.remote) = (Some(id), Some(local), Some(remote));
            line.number = milliseconds(idle);
        });
        self.note_sent_on(id);
    }

    /// Something was sent on a component's pair now.
    pub(super) fn note_sent_on(&mut self, id: ComponentId) {
        let now = self.now;
        if let Some(consent) = self.component_mut(id).and_then(|component| component.consent.as_mut()) {
            consent.sent = now;
        }
    }

    /// Keeps the path a component uses for as long as the restart has found no other.
    pub(super) fn keep_path(&mut self, id: ComponentId) {
        let Some(consent) = self.component(id).and_then(|it| it.consent).filter(|consent| !consent.expired) else {
            return;
        };
        let Some((local, remote, protocol)) = self.base_of(id.stream, consent.pair) else { return };
        let Some(side) = &self.generation.remote else { return };
        let pair = self.pair(id.stream, consent.pair).and_then(|pair| self.locals.get(usize::from(pair.local)));
        let path = PreviousPath {
            local,
            remote,
            protocol,
            priority: pair.map_or(1, |local| local.priority),
            username: side.username.clone(),
            key: side.key.clone(),
            granted: consent.granted,
            next: consent.next,
        };
        if let Some(component) = self.component_mut(id) {
            component.previous = Some(path);
        }
    }

    fn previous_consent_due(&mut self, id: ComponentId) {
        let Some(path) = self.component(id).and_then(|component| component.previous.clone()) else { return };
        if self.now >= path.granted.saturating_add(self.policy.expiry) {
            let (remote, silent) = (Some(path.remote), milliseconds(self.now.saturating_sub(path.granted)));
            self.log(Code::ConsentExpired, |line| {
                (line.component, line.remote, line.number) = (Some(id), remote, silent);
            });
            if let Some(component) = self.component_mut(id) {
                component.previous = None;
            }
            return;
        }
        if self.now < path.next || self.lite {
            return;
        }
        let next = self.now.saturating_add(self.consent_interval());
        if let Some(path) = self.component_mut(id).and_then(|component| component.previous.as_mut()) {
            path.next = next;
        }
        self.send_previous_consent(id, &path);
    }

    fn send_previous_consent(&mut self, id: ComponentId, path: &PreviousPath) {
        let transaction_id = self.entropy.transaction_id();
        let request = Request {
            id: transaction_id,
            username: &path.username,
            key: &path.key,
            role: self.role,
            tie_breaker: self.tie_breaker,
            priority: path.priority,
            use_candidate: false,
            nomination: None,
        };
        let Ok(bytes) = request.write() else { return };
        let wait = u32::try_from(milliseconds(self.policy.expiry)).unwrap_or(u32::MAX);
        let timing = Timing { rto: wait, rc: 1, rm: 1 };
        let datagram = Datagram { local: path.local, remote: path.remote, protocol: path.protocol, bytes };
        let (local, remote) = (Some(path.local), Some(path.remote));
        self.log(Code::ConsentSent, |line| {
            (line.component, line.local, line.remote) = (Some(id), local, remote);
        });
        self.begin(Check {
            stream: id.stream,
            component: id.component,
            pair: None,
            purpose: Purpose::PreviousConsent,
            transaction: Transaction::new(transaction_id, timing, milliseconds(self.now)),
            datagram,
            role: self.role,
            priority: path.priority,
            use_candidate: false,
            cancelled: false,
            sent: self.now,
            key: path.key.clone(),
        });
    }

    pub(super) fn drop_previous(&mut self, id: ComponentId) {
        let Some(component) = self.component_mut(id) else { return };
        if component.previous.take().is_some() {
            self.log(Code::PreviousDropped, |line| line.component = Some(id));
        }
    }

    pub(super) fn forget_previous(&mut self, gone: impl Fn(&PreviousPath) -> bool) {
        for component in self.streams.iter_mut().flat_map(|stream| &mut stream.components) {
            if component.previous.as_ref().is_some_and(&gone) {
                component.previous = None;
            }
        }
    }
}
