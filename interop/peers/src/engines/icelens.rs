use crate::{Config, Engine, Error, Packet, Parameters, Told};
use icelens::candidate;
use icelens::ice::Role;
use icelens::ice::agent::{
    Agent, AgentConfig, Code, ComponentId, Event, IceServer, LocalCandidate, Nomination, Pair, Refused,
    RemoteCandidate, RemoteParameters,
};
use icelens::net::Datagram;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

pub struct Icelens {
    agent: Agent,
    lite: bool,
    /// Decisions are written to standard error.
    verbose: bool,
    told: VecDeque<Told>,
}

impl Icelens {
    pub fn new(config: &Config) -> Self {
        let role = if config.controlling { Role::Controlling } else { Role::Controlled };
        let mut entropy = [config.controlling as u8; 32];
        entropy[..8].copy_from_slice(&config.seed.to_be_bytes());
        let mut its = AgentConfig::new(role, entropy);
        its.lite = config.lite;
        its.relay_only = config.relay_only;
        its.nomination = if config.aggressive { Nomination::Aggressive } else { Nomination::Regular };
        let server = |turn: &crate::Turn| IceServer::turn(turn.address, &turn.username, &turn.password);
        its.servers = config.turn.iter().map(server).collect();
        let verbose = std::env::var_os("ICE_LOG").is_some();
        Self { agent: Agent::new(its), lite: config.lite, verbose, told: VecDeque::new() }
    }

    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    fn kinds(&self, pair: &Pair) -> Option<String> {
        let local = self.agent.local_candidates().get(usize::from(pair.local))?;
        let remote = self.agent.remote_candidates().get(usize::from(pair.remote))?;
        Some(format!("{} → {}", local.candidate.kind.token(), remote.candidate.kind.token()))
    }
}

impl Engine for Icelens {
    fn parameters(&self) -> Parameters {
        let own = self.agent.local_credentials();
        Parameters { ufrag: own.ufrag.clone(), pwd: own.pwd.clone(), lite: self.lite, ice2: true }
    }

    fn controlling(&self) -> bool {
        self.agent.role() == Role::Controlling
    }

    fn add_sockets(&mut self, _: Duration, sockets: &[SocketAddr], _: Option<SocketAddr>) -> Result<(), Error> {
        for socket in sockets {
            match self.agent.add_local_candidate(LocalCandidate::host(*socket)) {
                // Asked for: a socket to gather from.
                Ok(_) | Err(Refused::RelayOnly) => {}
                Err(refused) => return Err(refused.into()),
            }
        }
        self.agent.end_of_local_candidates();
        Ok(())
    }

    fn set_remote(&mut self, _: Duration, remote: &Parameters) -> Result<(), Error> {
        let (lite, ice2) = (remote.lite, remote.ice2);
        let parameters = RemoteParameters::new(&remote.ufrag, &remote.pwd);
        self.agent.set_remote_parameters(RemoteParameters { lite, ice2, ..parameters });
        Ok(())
    }

    fn add_remote(&mut self, line: &str) -> Result<(), Error> {
        let parsed = candidate::parse(line);
        let line = parsed.candidate().ok_or("not a candidate")?;
        Ok(self.agent.add_remote_candidate(RemoteCandidate::from_line(0, line)?)?)
    }

    fn end_of_remote(&mut self) {
        self.agent.end_of_remote_candidates();
    }

    fn restart(&mut self, _: Duration) -> Result<(), Error> {
        self.agent.restart(None);
        let lines: Vec<String> = self.agent.local_candidates().iter().map(ToString::to_string).collect();
        self.told.extend(lines.into_iter().map(Told::Candidate));
        self.agent.end_of_local_candidates();
        Ok(())
    }

    fn receive(&mut self, now: Duration, Packet { local, remote, bytes }: Packet) {
        self.agent.receive(now, &Datagram::udp(local, remote, bytes));
    }

    fn timeout(&mut self, now: Duration) {
        self.agent.timeout(now);
    }

    fn poll_timeout(&mut self, _: Duration) -> Option<Duration> {
        self.agent.poll_timeout()
    }

    fn poll_transmit(&mut self, _: Duration) -> Option<Packet> {
        let Datagram { local, remote, bytes, .. } = self.agent.poll_transmit()?;
        Some(Packet { local, remote, bytes })
    }

    fn poll_told(&mut self) -> Option<Told> {
        while self.told.is_empty() {
            match self.agent.poll_event()? {
                Event::Candidate { index, .. } => {
                    let local = self.agent.local_candidates().get(usize::from(index))?;
                    self.told.push_back(Told::Candidate(local.to_string()));
                }
                Event::Data { bytes, .. } => self.told.push_back(Told::Data(bytes)),
                Event::Decision(decision) => match decision.code {
                    Code::LocalEnd => self.told.push_back(Told::End),
                    Code::StateChanged => self.told.push_back(Told::State(self.agent.state().name())),
                    code if self.verbose => eprintln!("{:?} {} {}", decision.time, code.name(), decision.why()),
                    _ => {}
                },
            }
        }
        self.told.pop_front()
    }

    fn send(&mut self, now: Duration, data: &[u8]) -> Result<(), Error> {
        Ok(self.agent.send(now, ComponentId::FIRST, data)?)
    }

    fn selected(&self) -> Option<String> {
        self.kinds(self.agent.selected(ComponentId::FIRST)?)
    }
}
