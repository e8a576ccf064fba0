//! A TURN client without sockets (RFC 8656): one allocation on one server.
//!
//! ```
//! use core::time::Duration;
//! use icelens::net::Protocol;
//! use icelens::stun::{Message, Method};
//! use icelens::turn::{Client, ClientConfig};
//!
//! let (local, server) = ("192.0.2.1:5000".parse()?, "198.51.100.1:3478".parse()?);
//! let mut client = Client::new(ClientConfig::new(local, server, Protocol::Udp, "user", "pass", [7; 32]));
//! client.timeout(Duration::ZERO);
//! let request = client.poll_transmit().ok_or("the first Allocate request")?;
//! assert_eq!(Message::parse(&request.bytes)?.method(), Method::ALLOCATE);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod answer;
mod auth;
mod data;
mod event;
mod request;
mod timer;

pub use data::{SendError, Sent};
pub use event::{Allocated, Event, Reason, Refusal};

use super::Family;
use super::entropy::Entropy;
use crate::net::{Datagram, Protocol};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use auth::Session;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use data::{Channel, Permission};
use request::{Kind, Pending};

/// Permissions of one client at most; further ones are refused.
pub const MAX_PERMISSIONS: usize = 256;
/// Channels of one client at most; further peers go on by indications.
pub const MAX_CHANNELS: usize = 256;
/// Datagrams that wait for their permission at most; further ones are refused.
pub const MAX_WAITING: usize = 64;
/// Events and datagrams kept until polled; the oldest data goes first.
pub const MAX_QUEUE: usize = 4096;
/// Servers that ALTERNATE-SERVER may lead through.
pub const MAX_ALTERNATES: usize = 4;
/// Local addresses tried in all when the server answers 437 (RFC 8656 §7.4).
pub const MAX_LOCAL_ADDRESSES: usize = 3;
/// How long the owner has for another local address.
pub const REBIND_TIMEOUT: Duration = Duration::from_secs(10);

/// The address families to ask for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Families {
    /// An IPv4 address.
    #[default]
    V4,
    /// An IPv6 address.
    V6,
    /// One of each (ADDITIONAL-ADDRESS-FAMILY); servers before RFC 8656 give only IPv4.
    Both,
}

impl Families {
    const fn contains(self, family: Family) -> bool {
        matches!((self, family), (Self::Both, _) | (Self::V4, Family::V4) | (Self::V6, Family::V6))
    }
}

/// How a [`Client`] is set up.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The address of the owner's socket.
    pub local: SocketAddr,
    /// The server.
    pub server: SocketAddr,
    /// The transport protocol between client and server. TCP also for TLS, whose bytes are the owner's affair.
    pub protocol: Protocol,
    /// User name; empty for none. Prepared by OpaqueString (RFC 8265 §4.2) if it is not ASCII.
    pub username: String,
    /// Password, prepared in the same way.
    pub password: String,
    /// Families to ask for.
    pub families: Families,
    /// The lifetime to ask for, in seconds; `None` leaves it to the server.
    pub lifetime: Option<u32>,
    /// Text for SOFTWARE; empty for none.
    pub software: String,
    /// 32 random bytes. Transaction ids come from them; two clients must not have the same.
    pub seed: [u8; 32],
}

impl ClientConfig {
    /// An IPv4 allocation with the server's lifetime.
    #[must_use]
    pub fn new(
        local: SocketAddr,
        server: SocketAddr,
        protocol: Protocol,
        username: &str,
        password: &str,
        seed: [u8; 32],
    ) -> Self {
        let (username, password, software) = (username.into(), password.into(), String::new());
        Self { local, server, protocol, username, password, families: Families::V4, lifetime: None, software, seed }
    }
}

/// Stage of a [`Client`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Nothing was sent yet; the first [`Client::timeout`] asks for the allocation.
    New,
    /// The request for an allocation is under way.
    Allocating,
    /// There is an allocation.
    Allocated,
    /// The allocation is being deleted.
    Closing,
    /// There is no allocation: it was deleted, refused or lost.
    Closed,
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    entropy: Entropy,
    state: State,
    session: Option<Session>,
    /// The credentials before [`Client::rotate`], until the server takes the new ones.
    previous: Option<(String, String)>,
    /// Until when another local address is awaited, and the error code that asked for it.
    awaiting: Option<(Duration, u16)>,
    local_addresses: usize,
    /// The servers asked so far.
    servers: Vec<SocketAddr>,
    relayed: Vec<SocketAddr>,
    mapped: Option<SocketAddr>,
    /// When to refresh, and when the allocation ends.
    refresh_at: Duration,
    expires: Duration,
    permissions: BTreeMap<IpAddr, Permission>,
    channels: BTreeMap<SocketAddr, Channel>,
    /// The peer of each channel number.
    numbers: BTreeMap<u16, SocketAddr>,
    pending: Vec<Pending>,
    waiting: VecDeque<(SocketAddr, Vec<u8>)>,
    transmits: VecDeque<Datagram>,
    events: VecDeque<Event>,
}

impl Client {
    /// A client that has sent nothing yet.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self {
            entropy: Entropy::new(&config.seed),
            servers: Vec::from([config.server]),
            config,
            state: State::New,
            session: None,
            previous: None,
            awaiting: None,
            local_addresses: 1,
            relayed: Vec::new(),
            mapped: None,
            refresh_at: Duration::MAX,
            expires: Duration::MAX,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            numbers: BTreeMap::new(),
            pending: Vec::new(),
            waiting: VecDeque::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Asks for an allocation, unless there is one or it is being asked for. After a failure it starts afresh.
    pub fn allocate(&mut self, now: Duration) {
        if matches!(self.state, State::New | State::Closed) {
            self.servers = Vec::from([self.config.server]);
            self.local_addresses = 1;
            self.restart(now);
        }
    }

    /// Stage of the client.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The relayed addresses: none, one, or one of each family.
    #[must_use]
    pub fn relayed(&self) -> &[SocketAddr] {
        &self.relayed
    }

    /// The client's address as the server sees it.
    #[must_use]
    pub const fn mapped(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// The server that is asked: that of the configuration, or where error 300 led.
    #[must_use]
    pub const fn server(&self) -> SocketAddr {
        self.config.server
    }

    /// The address of the owner's socket.
    #[must_use]
    pub const fn local(&self) -> SocketAddr {
        self.config.local
    }

    /// Goes on from another local address: after [`Event::LocalAddressWanted`], or because the network changed. It asks
    /// for a new allocation; one that exists is deleted, and its permissions and channels with it. Nothing happens while the
    /// client is closing.
    pub fn rebind(&mut self, now: Duration, local: SocketAddr) {
        if self.state == State::Closing {
            return;
        }
        self.abandon(now);
        self.local_addresses = if self.awaiting.is_some() { self.local_addresses.saturating_add(1) } else { 1 };
        self.previous = None;
        self.config.local = local;
        self.restart(now);
    }

    /// Uses other credentials from now on, and tells the server at once. A server that ties the allocation to the user
    /// name (RFC 8656 §5) answers 441; then [`Event::LocalAddressWanted`] asks for a new 5-tuple, and the allocation goes on
    /// carrying data until [`Client::rebind`].
    pub fn rotate(&mut self, now: Duration, username: &str, password: &str) {
        let old = (
            core::mem::replace(&mut self.config.username, username.into()),
            core::mem::replace(&mut self.config.password, password.into()),
        );
        if self.state == State::Allocated {
            self.previous.get_or_insert(old);
            self.rekey();
            self.pending.retain(|pending| pending.kind != Kind::Refresh);
            self.request(now, Kind::Refresh);
        }
    }

    /// Deletes the allocation. [`Event::Closed`] comes when the server has confirmed it, or does not answer.
    pub fn close(&mut self, now: Duration) {
        self.awaiting = None;
        self.waiting.clear();
        match self.state {
            State::New => self.closed(),
            // The request under way is answered first: if it succeeds, the allocation is deleted.
            State::Allocating => {
                self.state = State::Closing;
                if self.pending.is_empty() {
                    self.closed();
                }
            }
            State::Allocated => {
                self.state = State::Closing;
                self.pending.clear();
                self.request(now, Kind::Delete);
            }
            State::Closing | State::Closed => {}
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Datagram> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Starts from an Allocate request without credentials: a nonce may be good for one 5-tuple only.
    fn restart(&mut self, now: Duration) {
        self.forget();
        self.session = None;
        self.awaiting = None;
        self.state = State::Allocating;
        self.request(now, Kind::Allocate);
    }

    /// Forgets the allocation and all that belongs to it.
    fn forget(&mut self) {
        self.relayed.clear();
        self.permissions.clear();
        self.channels.clear();
        self.numbers.clear();
        self.pending.clear();
        self.waiting.clear();
        (self.refresh_at, self.expires) = (Duration::MAX, Duration::MAX);
    }

    /// Tells the server, once, that the allocation on the present 5-tuple is not needed any more.
    fn abandon(&mut self, now: Duration) {
        if self.state != State::Allocated {
            return;
        }
        if let Some((username, password)) = self.previous.clone() {
            let new = (
                core::mem::replace(&mut self.config.username, username),
                core::mem::replace(&mut self.config.password, password),
            );
            self.rekey();
            self.request(now, Kind::Delete);
            (self.config.username, self.config.password) = new;
        } else {
            self.request(now, Kind::Delete);
        }
    }

    /// There is no allocation any more.
    fn fail(&mut self, refusal: impl Into<Refusal>) {
        let closing = self.state == State::Closing;
        self.forget();
        self.state = State::Closed;
        self.previous = None;
        self.awaiting = None;
        let event = if closing { Event::Closed } else { Event::Failed(refusal.into()) };
        self.tell(event);
    }

    fn closed(&mut self) {
        self.forget();
        self.state = State::Closed;
        self.tell(Event::Closed);
    }

    fn transmit(&mut self, bytes: Vec<u8>) {
        if self.transmits.len() >= MAX_QUEUE {
            self.transmits.pop_front();
        }
        let ClientConfig { local, server: remote, protocol, .. } = self.config;
        self.transmits.push_back(Datagram { local, remote, protocol, bytes });
    }

    fn tell(&mut self, event: Event) {
        if self.events.len() >= MAX_QUEUE {
            let data = self.events.iter().position(|event| matches!(event, Event::Data { .. }));
            self.events.remove(data.unwrap_or(0));
        }
        self.events.push_back(event);
    }
}
