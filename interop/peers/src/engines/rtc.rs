use crate::{Config, Engine, Error, Packet, Parameters, Told, is_data};
use bytes::BytesMut;
use rtc_ice::agent::Agent;
use rtc_ice::agent::agent_config::AgentConfig;
use rtc_ice::candidate::candidate_host::CandidateHostConfig;
use rtc_ice::candidate::{CandidateConfig, CandidateType, unmarshal_candidate};
use rtc_ice::state::ConnectionState;
use rtc_ice::{Event, crypto};
use rtc_shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use sansio::Protocol;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Rtc {
    agent: Agent,
    lite: bool,
    epoch: Instant,
    started: bool,
    told: VecDeque<Told>,
    data: VecDeque<Packet>,
}

impl Rtc {
    pub fn new(config: &Config) -> Result<Self, Error> {
        let candidate_types = if config.lite { vec![CandidateType::Host] } else { Vec::new() };
        let its = AgentConfig {
            is_controlling: config.controlling,
            lite: config.lite,
            candidate_types,
            ..Default::default()
        };
        let epoch = Instant::now();
        let agent = Agent::new(epoch, Arc::new(its), crypto::default_provider()?)?;
        let (told, data) = (VecDeque::new(), VecDeque::new());
        Ok(Self { agent, lite: config.lite, epoch, started: false, told, data })
    }

    fn tell_candidates(&mut self) {
        let lines = self.agent.get_local_candidates().iter().map(|it| format!("candidate:{}", it.marshal()));
        self.told.extend(lines.map(Told::Candidate));
        self.told.push_back(Told::End);
    }
}

impl Engine for Rtc {
    fn parameters(&self) -> Parameters {
        let own = self.agent.get_local_credentials();
        Parameters { ufrag: own.ufrag.clone(), pwd: own.pwd.clone(), lite: self.lite, ice2: false }
    }

    fn controlling(&self) -> bool {
        self.agent.role()
    }

    fn add_sockets(&mut self, _: Duration, sockets: &[SocketAddr], _: Option<SocketAddr>) -> Result<(), Error> {
        for socket in sockets {
            let base_config = CandidateConfig {
                network: "udp".into(),
                address: socket.ip().to_string(),
                port: socket.port(),
                component: 1,
                ..Default::default()
            };
            let host = CandidateHostConfig { base_config, ..Default::default() }.new_candidate_host()?;
            self.agent.add_local_candidate(host)?;
        }
        self.tell_candidates();
        Ok(())
    }

    fn set_remote(&mut self, now: Duration, remote: &Parameters) -> Result<(), Error> {
        let (ufrag, pwd) = (remote.ufrag.clone(), remote.pwd.clone());
        if self.started {
            self.agent.set_remote_credentials(ufrag, pwd)?;
            return Ok(());
        }
        self.started = true;
        let controlling = self.agent.role();
        Ok(self.agent.start_connectivity_checks(self.epoch + now, controlling, ufrag, pwd)?)
    }

    fn add_remote(&mut self, line: &str) -> Result<(), Error> {
        self.agent.add_remote_candidate(unmarshal_candidate(line.trim_start_matches("candidate:"))?)?;
        Ok(())
    }

    fn end_of_remote(&mut self) {}

    fn restart(&mut self, now: Duration) -> Result<(), Error> {
        self.agent.restart(self.epoch + now, String::new(), String::new(), true)?;
        self.tell_candidates();
        Ok(())
    }

    fn receive(&mut self, now: Duration, Packet { local, remote, bytes }: Packet) {
        if is_data(&bytes) {
            return self.told.push_back(Told::Data(bytes));
        }
        let transport = TransportContext {
            local_addr: local,
            peer_addr: remote,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = TaggedBytesMut { now: self.epoch + now, transport, message: BytesMut::from(&bytes[..]) };
        if let Err(error) = self.agent.handle_read(message) {
            eprintln!("rtc-ice: {error}");
        }
    }

    fn timeout(&mut self, now: Duration) {
        if let Err(error) = self.agent.handle_timeout(self.epoch + now) {
            eprintln!("rtc-ice: {error}");
        }
    }

    fn poll_timeout(&mut self, _: Duration) -> Option<Duration> {
        Some(self.agent.poll_timeout()?.saturating_duration_since(self.epoch))
    }

    fn poll_transmit(&mut self, _: Duration) -> Option<Packet> {
        if let Some(packet) = self.data.pop_front() {
            return Some(packet);
        }
        let sent = self.agent.poll_write()?;
        let TransportContext { local_addr, peer_addr, .. } = sent.transport;
        Some(Packet { local: local_addr, remote: peer_addr, bytes: sent.message.to_vec() })
    }

    fn poll_told(&mut self) -> Option<Told> {
        while let Some(tagged) = self.agent.poll_event() {
            let Event::ConnectionStateChange(state) = tagged.event else { continue };
            let name = match state {
                ConnectionState::Checking => "checking",
                ConnectionState::Connected => "connected",
                ConnectionState::Completed => "completed",
                ConnectionState::Disconnected => "disconnected",
                ConnectionState::Failed => "failed",
                _ => continue,
            };
            self.told.push_back(Told::State(name));
        }
        self.told.pop_front()
    }

    fn send(&mut self, _: Duration, data: &[u8]) -> Result<(), Error> {
        let (local, remote) = self.agent.get_selected_candidate_pair().ok_or("no pair is selected")?;
        self.data.push_back(Packet { local: local.addr(), remote: remote.addr(), bytes: data.to_vec() });
        Ok(())
    }

    fn selected(&self) -> Option<String> {
        let (local, remote) = self.agent.get_selected_candidate_pair()?;
        Some(format!("{} → {}", local.candidate_type(), remote.candidate_type()))
    }
}
