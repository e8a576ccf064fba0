use crate::{Config, Engine, Error, Packet, Parameters, Told};
use rice_proto::agent::{Agent, AgentPoll, AgentSocket};
use rice_proto::candidate::{Candidate, TransportType};
use rice_proto::component::ComponentConnectionState;
use rice_proto::stream::Credentials;
use rice_proto::turn::TurnConfig;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use stun_proto::Instant;
use stun_proto::agent::Transmit;
use turn_client_proto::types::TurnCredentials;

pub struct Rice {
    agent: Agent,
    config: Config,
    stream: usize,
    component: usize,
    local: Credentials,
    told: VecDeque<Told>,
    data: VecDeque<Packet>,
    selected: Option<String>,
    due: Option<Duration>,
}

fn at(now: Duration) -> Instant {
    Instant::from_nanos(now.as_nanos() as i64)
}

impl Rice {
    pub fn new(config: &Config) -> Result<Self, Error> {
        if config.lite || config.aggressive {
            return Err("rice-proto is neither lite nor aggressive".into());
        }
        let mut agent = Agent::builder().controlling(config.controlling).trickle_ice(config.trickle).build();
        let stream = agent.add_stream();
        let mut its = agent.mut_stream(stream).ok_or("no stream")?;
        let component = its.add_component()?;
        let local = Credentials {
            ufrag: format!("rice{:08x}", config.seed as u32),
            passwd: format!("passwordofriceproto{:016x}", config.seed),
        };
        its.set_local_credentials(local.clone());
        Ok(Self {
            agent,
            config: config.clone(),
            stream,
            component,
            local,
            told: VecDeque::new(),
            data: VecDeque::new(),
            selected: None,
            due: None,
        })
    }

    fn stream(&mut self) -> Result<rice_proto::stream::StreamMut<'_>, Error> {
        Ok(self.agent.mut_stream(self.stream).ok_or("the stream is gone")?)
    }

    /// Polls until it waits.
    fn settle(&mut self, now: Duration) {
        loop {
            match self.agent.poll(at(now)) {
                AgentPoll::Closed => return self.due = None,
                AgentPoll::WaitUntil(due) => {
                    return self.due = Some(Duration::from_nanos(due.as_nanos().max(0) as u64).max(now));
                }
                AgentPoll::AllocateSocket(socket) => self.allocate(now, socket),
                AgentPoll::RemoveSocket(_) => {}
                AgentPoll::SelectedPair(pair) => {
                    let pair = pair.selected.candidate_pair();
                    let kinds = (pair.local.candidate_type, pair.remote.candidate_type);
                    self.selected = Some(format!("{} → {}", kinds.0, kinds.1));
                    let pair = pair.clone();
                    if let Some(mut component) =
                        self.agent.mut_stream(self.stream).as_mut().and_then(|its| its.mut_component(self.component))
                    {
                        _ = component.set_selected_pair(pair);
                    }
                }
                AgentPoll::ComponentStateChange(change) => self.told.push_back(Told::State(match change.state {
                    ComponentConnectionState::New => "new",
                    ComponentConnectionState::Connecting => "checking",
                    ComponentConnectionState::Connected => "completed",
                    ComponentConnectionState::Failed => "failed",
                })),
                AgentPoll::GatheredCandidate(found) => {
                    let line = found.gathered.candidate.to_sdp_string();
                    let kind = found.gathered.candidate.candidate_type.to_string();
                    if self.config.relay_only && kind != "relay" {
                        continue;
                    }
                    if let Ok(mut stream) = self.stream() {
                        stream.add_local_gathered_candidate(found.gathered);
                    }
                    self.told.push_back(Told::Candidate(line.trim_start_matches("a=").into()));
                }
                AgentPoll::GatheringComplete(_) => {
                    if let Ok(mut stream) = self.stream() {
                        stream.end_of_local_candidates();
                    }
                    self.told.push_back(Told::End);
                }
            }
        }
    }

    /// UDP needs no connection: the socket is there.
    fn allocate(&mut self, now: Duration, AgentSocket { component_id, transport, from, to, .. }: AgentSocket) {
        if let Ok(mut stream) = self.stream() {
            stream.allocated_socket(component_id, transport, from, to, Ok(from), at(now));
        }
    }
}

impl Engine for Rice {
    fn parameters(&self) -> Parameters {
        Parameters { ufrag: self.local.ufrag.clone(), pwd: self.local.passwd.clone(), lite: false, ice2: true }
    }

    fn controlling(&self) -> bool {
        self.agent.controlling()
    }

    fn add_sockets(&mut self, now: Duration, sockets: &[SocketAddr], spare: Option<SocketAddr>) -> Result<(), Error> {
        let turn = self.config.turn.as_ref().map(|turn| {
            TurnConfig::new(TransportType::Udp, turn.address, TurnCredentials::new(&turn.username, &turn.password))
        });
        let own: Vec<(TransportType, SocketAddr)> = sockets.iter().map(|it| (TransportType::Udp, *it)).collect();
        let servers: Vec<(SocketAddr, &TurnConfig)> = spare.into_iter().zip(turn.as_ref()).collect();
        let component = self.component;
        let mut stream = self.stream()?;
        let mut component = stream.mut_component(component).ok_or("no component")?;
        component.gather_candidates(&own, &[], &servers)?;
        self.settle(now);
        Ok(())
    }

    fn set_remote(&mut self, now: Duration, remote: &Parameters) -> Result<(), Error> {
        let credentials = Credentials { ufrag: remote.ufrag.clone(), passwd: remote.pwd.clone() };
        self.stream()?.set_remote_credentials(credentials);
        self.settle(now);
        Ok(())
    }

    fn add_remote(&mut self, line: &str) -> Result<(), Error> {
        let candidate: Candidate = format!("a={line}").parse().map_err(|error| format!("{error:?}"))?;
        self.stream()?.add_remote_candidate(candidate);
        self.due = Some(Duration::ZERO);
        Ok(())
    }

    fn end_of_remote(&mut self) {
        if let Ok(mut stream) = self.stream() {
            stream.end_of_remote_candidates();
        }
    }

    fn restart(&mut self, _: Duration) -> Result<(), Error> {
        Err("rice-proto has no restart".into())
    }

    fn receive(&mut self, now: Duration, Packet { local, remote, bytes }: Packet) {
        let component = self.component;
        let Ok(mut stream) = self.stream() else { return };
        let reply =
            stream.handle_incoming_data(component, Transmit::new(bytes, TransportType::Udp, remote, local), at(now));
        let mut arrived: Vec<Vec<u8>> = reply.data.iter().map(|data| data.as_ref().to_vec()).collect();
        if reply.have_more_data {
            arrived.extend(std::iter::from_fn(|| stream.poll_recv()).map(|more| more.data));
        }
        self.told.extend(arrived.into_iter().map(Told::Data));
        self.settle(now);
    }

    fn timeout(&mut self, now: Duration) {
        self.settle(now);
    }

    fn poll_timeout(&mut self, _: Duration) -> Option<Duration> {
        self.due
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Packet> {
        if let Some(packet) = self.data.pop_front() {
            return Some(packet);
        }
        let sent = self.agent.poll_transmit(at(now))?.transmit;
        Some(Packet { local: sent.from, remote: sent.to, bytes: sent.data.into_vec() })
    }

    fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    fn send(&mut self, now: Duration, data: &[u8]) -> Result<(), Error> {
        let component = self.component;
        let mut stream = self.stream()?;
        let mut its = stream.mut_component(component).ok_or("no component")?;
        let sent = its.send(data.to_vec(), at(now))?;
        self.data.push_back(Packet { local: sent.from, remote: sent.to, bytes: sent.data.into_vec() });
        Ok(())
    }

    fn selected(&self) -> Option<String> {
        self.selected.clone()
    }
}
