//! A TURN server without sockets (RFC 8656): UDP relays for clients over UDP, TCP and TLS.
//!
//! Before a request is authenticated nothing is kept: nonces are [stateless](crate::stun::nonce). Whatever is kept after that is
//! capped. Peers that are not public unicast addresses are refused unless the configuration allows them.
//!
//! ```
//! use core::time::Duration;
//! use icelens::net::Datagram;
//! use icelens::stun::{Builder, Class, Message, Method, TransactionId, Value, attribute};
//! use icelens::turn::{Server, ServerConfig};
//!
//! let mut config = ServerConfig::new("example.org", "198.51.100.1".parse()?, [7; 32]);
//! config.users.push(("user".into(), "pass".into()));
//! let mut server = Server::new(config);
//!
//! let mut request = [0; 28];
//! Builder::new(&mut request, Class::Request, Method::ALLOCATE, TransactionId::new([1; 12]))?
//!     .attribute(attribute::REQUESTED_TRANSPORT, &Value::Number(17))?;
//! let (local, remote) = ("198.51.100.1:3478".parse()?, "192.0.2.1:5000".parse()?);
//! server.receive(Duration::ZERO, &Datagram::udp(local, remote, request.to_vec()));
//! let answer = server.poll_transmit().ok_or("an answer")?;
//! assert_eq!(Message::parse(&answer.bytes)?.error_code().map(|error| error.code), Some(401));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod allocate;
mod allocation;
mod event;
mod policy;
mod relay;
mod request;
mod users;

pub use allocation::{MAX_CHANNELS, MAX_PERMISSIONS};
pub use event::{Ended, Event};
pub use policy::{Network, NetworkError, is_public};
pub use relay::Icmp;
pub use users::rest_password;

use super::entropy::Entropy;
use crate::net::{Datagram, Protocol, SourceLimiter, SourceRates};
use crate::stun::nonce::NonceSecret;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use allocate::{Opening, Reservation};
use allocation::Table;
use core::net::{IpAddr, SocketAddr};
use core::ops::RangeInclusive;
use core::time::Duration;
use users::Directory;

/// Datagrams kept until polled; further ones are dropped. Events likewise, but for those that open and close sockets.
pub const MAX_QUEUE: usize = 4096;
/// Allocations at most whose sockets are being opened.
pub const MAX_OPENING: usize = 256;

/// Both addresses of a conversation and their protocol (RFC 8656 §2).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FiveTuple {
    /// The client.
    pub remote: SocketAddr,
    /// The server's address.
    pub local: SocketAddr,
    /// The transport protocol.
    pub protocol: Protocol,
}

/// An address to relay from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RelayAddress {
    /// Address that sockets are bound to.
    pub bind: IpAddr,
    /// Address that peers send to, when that is another one: behind a one-to-one NAT.
    pub external: IpAddr,
}

/// How a [`Server`] is set up.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The realm, usually the provider's domain name; at most 763 bytes.
    pub realm: String,
    /// Text for SOFTWARE; empty for none. At most 763 bytes.
    pub software: String,
    /// Users and their passwords.
    pub users: Vec<(String, String)>,
    /// The secret of time-limited user names (draft-uberti-behave-turn-rest; coturn's `use-auth-secret`).
    pub rest_secret: Option<String>,
    /// Unix time, in seconds, when the owner's clock was zero: time-limited names are read by it.
    pub unix_epoch: u64,
    /// The addresses that clients ask. None of them is relayed from, although it be one of [`Self::ports`].
    pub listen: Vec<SocketAddr>,
    /// The addresses to relay from: the first of each family is used.
    pub relays: Vec<RelayAddress>,
    /// The ports to relay from.
    pub ports: RangeInclusive<u16>,
    /// True when the owner opens a socket for each relayed address and tells how that went ([`Event::Open`],
    /// [`Server::opened`]). False when every port can be used at once, as in a simulation.
    pub ask: bool,
    /// Allocations at most; then error 508.
    pub max_allocations: usize,
    /// Allocations of one user at most; then error 486.
    pub max_per_user: usize,
    /// The longest lifetime, in seconds.
    pub max_lifetime: u32,
    /// How long a nonce is good, in seconds.
    pub nonce_lifetime: u32,
    /// Peers that may be reached although they are not [public](is_public).
    pub allow_peers: Vec<Network>,
    /// Peers that may not be reached, whatever else allows them.
    pub deny_peers: Vec<Network>,
    /// Sends everybody who wants an allocation to this server (error 300).
    pub alternate: Option<SocketAddr>,
    /// How many requests a source without an allocation may make over UDP, where it may be forged; loopback may make any
    /// number. `None` for no limit. Takes 160 KiB, however many sources there are.
    pub rates: Option<SourceRates>,
    /// 32 random bytes that nobody else knows.
    pub seed: [u8; 32],
}

impl ServerConfig {
    /// Relays from `relay`, for nobody until there are users. Every other field has its default: 1000 allocations, 10 for each
    /// user, ports 49152 to 65535, lifetimes up to an hour.
    #[must_use]
    pub fn new(realm: &str, relay: IpAddr, seed: [u8; 32]) -> Self {
        Self {
            realm: realm.into(),
            software: String::new(),
            users: Vec::new(),
            rest_secret: None,
            unix_epoch: 0,
            listen: Vec::new(),
            relays: Vec::from([RelayAddress { bind: relay, external: relay }]),
            ports: 49_152..=65_535,
            ask: false,
            max_allocations: 1000,
            max_per_user: 10,
            max_lifetime: 3600,
            nonce_lifetime: 3600,
            allow_peers: Vec::new(),
            deny_peers: Vec::new(),
            alternate: None,
            rates: None,
            seed,
        }
    }

    fn allows(&self, peer: IpAddr) -> bool {
        let within = |networks: &[Network]| networks.iter().any(|network| network.contains(peer));
        !within(&self.deny_peers) && (is_public(peer) || within(&self.allow_peers))
    }

    /// Address that peers send to.
    fn external(&self, bound: SocketAddr) -> SocketAddr {
        let relay = self.relays.iter().find(|relay| relay.bind == bound.ip());
        SocketAddr::new(relay.map_or(bound.ip(), |relay| relay.external), bound.port())
    }
}

/// A server.
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    directory: Directory,
    nonces: NonceSecret,
    limiter: Option<SourceLimiter>,
    state: State,
}

/// Things that change while a server runs.
#[derive(Debug)]
struct State {
    /// As in the configuration.
    ask: bool,
    entropy: Entropy,
    table: Table,
    opening: BTreeMap<FiveTuple, Opening>,
    reservations: BTreeMap<[u8; 8], Reservation>,
    /// Every address that is allocated, being opened, held, or asked by clients.
    taken: BTreeSet<SocketAddr>,
    transmits: VecDeque<Datagram>,
    events: VecDeque<Event>,
}

impl Server {
    /// A server without allocations.
    #[must_use]
    pub fn new(mut config: ServerConfig) -> Self {
        if config.software.len() > 763 {
            config.software.clear();
        }
        let mut entropy = Entropy::new(&config.seed);
        let secret = config.rest_secret.as_deref().filter(|secret| !secret.is_empty());
        let taken = config.listen.iter().copied().collect();
        let state = |entropy, ask| State {
            ask,
            entropy,
            table: Table::default(),
            opening: BTreeMap::new(),
            reservations: BTreeMap::new(),
            taken,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        Self {
            directory: Directory::new(&config.realm, &config.users, secret, config.unix_epoch),
            nonces: NonceSecret::new(&entropy.bytes()),
            limiter: config.rates.map(|rates| SourceLimiter::new(rates, u64::from_be_bytes(entropy.token()))),
            state: state(entropy, config.ask),
            config,
        }
    }

    /// Takes a datagram: from a client to one of the server's addresses, or from a peer to a relayed address. An allocation
    /// whose time is over by `now` is ended first, whether [`Server::timeout`] was called or not.
    pub fn receive(&mut self, now: Duration, datagram: &Datagram) {
        let Datagram { local, remote, protocol, .. } = *datagram;
        self.receive_bytes(now, &FiveTuple { remote, local, protocol }, &datagram.bytes);
    }

    /// [`Server::receive`] for bytes that stay the caller's: `client` is both addresses, also where a peer sent them.
    pub fn receive_bytes(&mut self, now: Duration, client: &FiveTuple, bytes: &[u8]) {
        self.end_expired(now);
        if client.protocol == Protocol::Udp
            && let Some(index) = self.state.table.of_relay(&client.local)
        {
            return self.state.relay_to_client(now, index, client.remote, bytes);
        }
        match bytes.first() {
            Some(0x40..=0x4f) => self.state.channel_data(now, client, bytes),
            Some(0..=3) => self.message(now, client, bytes),
            _ => {}
        }
    }

    /// A client's connection ended: so does its allocation.
    pub fn disconnected(&mut self, client: &FiveTuple) {
        let state = &mut self.state;
        if let Some(opening) = state.opening.remove(client) {
            state.give_back(&opening);
        }
        if let Some(index) = state.table.of_client(client) {
            state.end(index, None, Ended::Disconnected);
        }
    }

    /// An ICMP error about what was sent from `relayed` to `peer` (RFC 8656 §11.5); the owner's sockets tell, where they can.
    pub fn icmp(&mut self, now: Duration, relayed: SocketAddr, peer: SocketAddr, error: Icmp) {
        self.state.icmp(now, relayed, peer, error);
    }

    /// When to call [`Server::timeout`]; `None` when nothing is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let openings = self.state.opening.values().map(|opening| opening.until);
        let reservations = self.state.reservations.values().map(|reservation| reservation.until);
        openings.chain(reservations).chain(self.state.table.next_deadline()).min()
    }

    /// Ends what has had its time by `now`.
    pub fn timeout(&mut self, now: Duration) {
        self.end_expired(now);
        self.drop_overdue(now);
    }

    fn end_expired(&mut self, now: Duration) {
        while let Some((index, family)) = self.state.table.expired(now) {
            self.state.end(index, Some(family), Ended::Expired);
        }
    }

    /// The next datagram to send: from a relayed address to a peer, or from a server address to a client.
    pub fn poll_transmit(&mut self) -> Option<Datagram> {
        self.state.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.state.events.pop_front()
    }

    /// How many allocations there are.
    #[must_use]
    pub fn allocations(&self) -> usize {
        self.state.table.len()
    }
}

impl State {
    fn transmit(&mut self, local: SocketAddr, remote: SocketAddr, protocol: Protocol, bytes: Vec<u8>) {
        if self.transmits.len() < MAX_QUEUE {
            self.transmits.push_back(Datagram { local, remote, protocol, bytes });
        }
    }

    fn send_to_client(&mut self, client: &FiveTuple, bytes: Vec<u8>) {
        self.transmit(client.local, client.remote, client.protocol, bytes);
    }

    fn tell(&mut self, event: Event) {
        let must = matches!(event, Event::Open(_) | Event::Close(_));
        if must || self.events.len() < MAX_QUEUE {
            self.events.push_back(event);
        }
    }
}
