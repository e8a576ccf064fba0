//! Credentials of the other side, and restarts (RFC 8445 §9).
use super::event::Code;
use super::stream::ListState;
use super::{Agent, Component, ComponentId, Credentials, Generation, RemoteParameters, RemoteSide};
use crate::candidate::CandidateType;
use crate::ice::Role;
use crate::stun::Key;

impl Agent {
    /// Sets the role to begin with, where it was not known when the agent was made. False when the other side's parameters
    /// are known already: from then on only RFC 8445 §7.3.1.1 and §6.1.1 change it.
    pub fn set_role(&mut self, role: Role) -> bool {
        let begun = self.generation.remote.is_some() || self.previous.is_some();
        if begun || self.closed {
            return self.role == role;
        }
        self.role = role;
        true
    }

    /// Sets what the other side said of itself; checks begin with the next [`Agent::timeout`], which is due at once.
    /// Other credentials than before mean that the other side has restarted: this side restarts too, if it has not yet.
    pub fn set_remote_parameters(&mut self, parameters: RemoteParameters) {
        if self.closed {
            return;
        }
        if let Some(known) = self.remote_parameters() {
            if known.credentials == parameters.credentials {
                return;
            }
            self.restart_with(None, "the other side has new credentials");
        }
        if parameters.lite && !self.lite && self.role == Role::Controlled {
            self.log(Code::LitePeer, |_| {});
            self.switch_role();
        }
        if self.lite && !parameters.lite && self.role == Role::Controlling {
            self.switch_role();
        }
        let ours = &self.generation.local.ufrag;
        let username = [&parameters.credentials.ufrag, ":", ours].concat();
        let key = Key::short_term(&parameters.credentials.pwd);
        self.generation.remote = Some(RemoteSide { parameters, key, username });
        self.starting = true;
    }

    /// Restarts: new credentials, no pairs, no remote candidates. Local candidates and roles stay. Data goes on over the
    /// path there is until the restart has found another. Returns our new credentials.
    pub fn restart(&mut self, credentials: Option<Credentials>) -> &Credentials {
        if !self.closed {
            self.restart_with(credentials, "asked for");
        }
        &self.generation.local
    }

    fn restart_with(&mut self, credentials: Option<Credentials>, why: &'static str) {
        for id in self.component_ids() {
            self.keep_path(id);
        }
        let local = credentials.unwrap_or_else(|| Self::new_credentials(&mut self.entropy));
        let local_key = Key::short_term(&local.pwd);
        let before = core::mem::replace(&mut self.generation, Generation { local, local_key, remote: None });
        if before.remote.is_some() {
            self.previous = Some(before);
        }
        self.checks.retain(|check| check.purpose == super::request::Purpose::PreviousConsent);
        for (number, stream) in (0..).zip(&mut self.streams) {
            let used = stream.components.len() as u16;
            let unused = (used + 1..=self.components).map(|component| ComponentId { stream: number, component });
            stream.components.extend(unused.map(Component::new));
            stream.pairs.clear();
            stream.triggered.clear();
            stream.state = ListState::Running;
            for component in &mut stream.components {
                (component.selected, component.first_valid, component.consent) = (None, None, None);
                component.nomination = 0;
            }
        }
        self.locals.retain(|local| !local.removed && local.candidate.kind != CandidateType::PeerReflexive);
        self.remotes.clear();
        (self.host_end, self.local_end, self.remote_end) = (false, false, false);
        (self.started, self.starting) = (None, false);
        (self.completed_at, self.freed, self.pac_elapsed) = (None, false, false);
        self.failure = None;
        self.counts = super::Counts::default();
        self.log(Code::Restarted, |line| line.what = why);
        self.settle();
    }
}
