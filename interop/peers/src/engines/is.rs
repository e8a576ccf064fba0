use crate::{Config, Engine, Error, Packet, Parameters, Told, is_data};
use is::stun::{StunMessage, StunPacket};
use is::{Candidate, IceAgent, IceAgentEvent, IceConnectionState, IceCreds, Protocol};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub struct Is {
    agent: IceAgent,
    epoch: Instant,
    nominated: Option<(SocketAddr, SocketAddr)>,
    told: VecDeque<Told>,
    data: VecDeque<Packet>,
    /// It pairs a candidate with what it knows: a line is kept to be told again after a restart.
    lines: Vec<String>,
}

impl Is {
    pub fn new(config: &Config) -> Self {
        let mut agent = IceAgent::new(IceCreds::new());
        agent.set_controlling(config.controlling);
        agent.set_ice_lite(config.lite);
        let (told, data) = (VecDeque::new(), VecDeque::new());
        Self { agent, epoch: Instant::now(), nominated: None, told, data, lines: Vec::new() }
    }
}

impl Engine for Is {
    fn parameters(&self) -> Parameters {
        let own = self.agent.local_credentials();
        Parameters { ufrag: own.ufrag.clone(), pwd: own.pass.clone(), lite: self.agent.ice_lite(), ice2: false }
    }

    fn controlling(&self) -> bool {
        self.agent.controlling()
    }

    fn add_sockets(&mut self, _: Duration, sockets: &[SocketAddr], _: Option<SocketAddr>) -> Result<(), Error> {
        for socket in sockets {
            let added = self.agent.add_local_candidate(Candidate::host(*socket, "udp")?);
            let line = added.ok_or("the candidate is not taken")?.to_sdp_string();
            self.told.push_back(Told::Candidate(line.clone()));
            self.lines.push(line);
        }
        self.told.push_back(Told::End);
        Ok(())
    }

    fn set_remote(&mut self, now: Duration, remote: &Parameters) -> Result<(), Error> {
        self.agent.set_remote_credentials(IceCreds { ufrag: remote.ufrag.clone(), pass: remote.pwd.clone() });
        self.timeout(now);
        Ok(())
    }

    fn add_remote(&mut self, line: &str) -> Result<(), Error> {
        self.agent.add_remote_candidate(Candidate::from_sdp_string(line)?);
        Ok(())
    }

    /// It trickles always.
    fn end_of_remote(&mut self) {}

    fn restart(&mut self, _: Duration) -> Result<(), Error> {
        self.agent.ice_restart(IceCreds::new(), true);
        self.told.extend(self.lines.iter().cloned().map(Told::Candidate));
        self.told.push_back(Told::End);
        Ok(())
    }

    fn receive(&mut self, now: Duration, Packet { local, remote, bytes }: Packet) {
        if is_data(&bytes) {
            return self.told.push_back(Told::Data(bytes));
        }
        let Ok(message) = StunMessage::parse(&bytes) else { return };
        let packet = StunPacket { proto: Protocol::Udp, source: remote, destination: local, message };
        self.agent.handle_packet(self.epoch + now, packet);
    }

    fn timeout(&mut self, now: Duration) {
        self.agent.handle_timeout(self.epoch + now);
    }

    fn poll_timeout(&mut self, now: Duration) -> Option<Duration> {
        match self.agent.poll_timeout() {
            Some(due) => Some(due.duration_since(self.epoch)),
            // A request that came before the credentials is answered first, without noting the time.
            None => self.agent.remote_credentials().map(|_| now),
        }
    }

    fn poll_transmit(&mut self, _: Duration) -> Option<Packet> {
        if let Some(packet) = self.data.pop_front() {
            return Some(packet);
        }
        let sent = self.agent.poll_transmit()?;
        Some(Packet { local: sent.source, remote: sent.destination, bytes: sent.contents.into() })
    }

    fn poll_told(&mut self) -> Option<Told> {
        while let Some(event) = self.agent.poll_event() {
            match event {
                IceAgentEvent::IceConnectionStateChange(state) => self.told.push_back(Told::State(match state {
                    IceConnectionState::New => "new",
                    IceConnectionState::Checking => "checking",
                    IceConnectionState::Connected => "connected",
                    IceConnectionState::Completed => "completed",
                    IceConnectionState::Disconnected => "disconnected",
                })),
                IceAgentEvent::NominatedSend { source, destination, .. } => {
                    self.nominated = Some((source, destination));
                }
                _ => {}
            }
        }
        self.told.pop_front()
    }

    fn send(&mut self, _: Duration, data: &[u8]) -> Result<(), Error> {
        let (local, remote) = self.nominated.ok_or("nothing is nominated")?;
        self.data.push_back(Packet { local, remote, bytes: data.to_vec() });
        Ok(())
    }

    fn selected(&self) -> Option<String> {
        None
    }
}
