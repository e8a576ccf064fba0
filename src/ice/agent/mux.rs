//! Many agents on one socket, told apart by the local username fragment.
use crate::net::{Datagram, Protocol};
use crate::stun::{Class, Message, is_message};
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use core::net::SocketAddr;

/// Most agents of one [`Mux`].
pub const MAX_AGENTS: usize = 65_536;
/// Most paths remembered; the oldest is forgotten first, and learned again from the next check.
pub const MAX_PATHS: usize = 65_536;

type Path = (SocketAddr, SocketAddr, Protocol);

/// Says which agent a datagram is for. A request names its agent in USERNAME; anything else follows the path of a request
/// that named it, or of what the agent itself sent.
///
/// A forged request can claim a path that nobody uses yet; a path that is in use stays with its agent until that is removed.
#[derive(Debug)]
pub struct Mux<K> {
    fragments: BTreeMap<String, K>,
    paths: BTreeMap<Path, K>,
    order: VecDeque<Path>,
}

impl<K> Default for Mux<K> {
    fn default() -> Self {
        Self { fragments: BTreeMap::new(), paths: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<K: Copy + PartialEq> Mux<K> {
    /// Adds a local fragment of an agent: that of a restart is added beside the one before. False when there is no room, or
    /// another agent has it.
    pub fn insert(&mut self, ufrag: &str, agent: K) -> bool {
        if let Some(known) = self.fragments.get(ufrag) {
            return *known == agent;
        }
        let room = self.fragments.len() < MAX_AGENTS;
        if room {
            self.fragments.insert(ufrag.to_owned(), agent);
        }
        room
    }

    /// Forgets an agent.
    pub fn remove(&mut self, agent: K) {
        self.fragments.retain(|_, known| *known != agent);
        self.paths.retain(|_, known| *known != agent);
        self.order.retain(|path| self.paths.contains_key(path));
    }

    /// Notes that an agent sends this datagram, so that answers find it.
    pub fn sent(&mut self, agent: K, datagram: &Datagram) {
        self.learn(agent, (datagram.local, datagram.remote, datagram.protocol));
    }

    /// The agent that this datagram is for.
    pub fn route(&mut self, datagram: &Datagram) -> Option<K> {
        let path = (datagram.local, datagram.remote, datagram.protocol);
        if let Some(agent) = self.named(&datagram.bytes) {
            self.learn(agent, path);
            return Some(agent);
        }
        self.paths.get(&path).copied()
    }

    fn named(&self, bytes: &[u8]) -> Option<K> {
        if !is_message(bytes) {
            return None;
        }
        let message = Message::parse(bytes).ok().filter(|message| message.class() == Class::Request)?;
        let (ours, _) = message.username()?.split_once(':')?;
        self.fragments.get(ours).copied()
    }

    fn learn(&mut self, agent: K, path: Path) {
        if self.paths.contains_key(&path) {
            return;
        }
        if self.paths.len() >= MAX_PATHS
            && let Some(oldest) = self.order.pop_front()
        {
            self.paths.remove(&oldest);
        }
        self.paths.insert(path, agent);
        self.order.push_back(path);
    }
}
