//! The TURN server, for `npm/src/turn-server.ts` and `npm/src/node/turn.ts`.

use core::net::{IpAddr, SocketAddr};

use crate::objects::{ip, milliseconds, time};
use crate::reader::from_js;
use crate::turn::{FlatEvent, datagram, error, packed, parse, seed, texts, to_js};
use crate::turn_ends::{End, Ends};
use icelens::net::{Datagram, Rate, SourceRates};
use icelens::turn::server::{Event as ServerEvent, FiveTuple, Icmp, Network, RelayAddress};
use icelens::turn::{Server, ServerConfig};
use serde::Deserialize;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TurnServerOptions {
    realm: String,
    software: String,
    users: Vec<(String, String)>,
    secret: Option<String>,
    unix_epoch: f64,
    listen: Vec<String>,
    /// Pairs of where to bind and what peers send to.
    relays: Vec<(String, String)>,
    first_port: u16,
    last_port: u16,
    ask: bool,
    max_allocations: u32,
    max_per_user: u32,
    max_lifetime: u32,
    nonce_lifetime: u32,
    allow_peers: Vec<String>,
    deny_peers: Vec<String>,
    alternate: Option<String>,
    /// Requests per second of one source; 0 for no limit.
    rate: u32,
    seed: Vec<u8>,
}

/// Bytes of a realm, or of the text of SOFTWARE, at most (RFC 8489 §14.9, §14.14).
const MAX_TEXT: usize = 763;

impl TurnServerOptions {
    /// Refuses what would make a server that nobody gets an allocation from.
    fn check(&self) -> Result<(), String> {
        for (name, text) in [("realm", &self.realm), ("software", &self.software)] {
            if text.len() > MAX_TEXT {
                return Err(format!("{name} is longer than {MAX_TEXT} bytes"));
            }
        }
        if self.first_port == 0 || self.first_port > self.last_port {
            return Err(format!("ports from {} to {} are none", self.first_port, self.last_port));
        }
        if self.nonce_lifetime == 0 {
            return Err("lifetimes.nonce is 0: no nonce would be good".into());
        }
        Ok(())
    }

    fn config(self) -> Result<ServerConfig, String> {
        let relay = |(bind, external): &(String, String)| -> Result<RelayAddress, String> {
            Ok(RelayAddress { bind: parse("relay", bind)?, external: parse("relay", external)? })
        };
        let relays = self.relays.iter().map(relay).collect::<Result<Vec<_>, _>>()?;
        let first = relays.first().ok_or("relay is empty: a server needs an address to relay from")?;
        let networks = |field: &str, texts: &[String]| -> Result<Vec<Network>, String> {
            texts.iter().map(|text| parse(field, text)).collect()
        };
        self.check()?;
        let mut config = ServerConfig::new(&self.realm, first.bind, seed(&self.seed));
        config.relays = relays;
        config.listen = self.listen.iter().map(|text| parse("listen", text)).collect::<Result<_, _>>()?;
        config.software = self.software;
        config.users = self.users;
        config.rest_secret = self.secret;
        config.unix_epoch = time(self.unix_epoch).as_secs();
        config.ports = self.first_port..=self.last_port;
        config.ask = self.ask;
        config.max_allocations = self.max_allocations as usize;
        config.max_per_user = self.max_per_user as usize;
        config.max_lifetime = self.max_lifetime;
        config.nonce_lifetime = self.nonce_lifetime;
        config.allow_peers = networks("allowPeers", &self.allow_peers)?;
        config.deny_peers = networks("denyPeers", &self.deny_peers)?;
        config.alternate = self.alternate.as_deref().map(|text| parse("alternate", text)).transpose()?;
        config.rates = (self.rate > 0).then(|| {
            let address = Rate { per_second: self.rate, burst: self.rate.saturating_mul(5) / 2 };
            let tenfold = |number: u32| number.saturating_mul(10);
            let prefix = Rate { per_second: tenfold(address.per_second), burst: tenfold(address.burst) };
            SourceRates { address, prefix }
        });
        Ok(config)
    }
}

/// Bytes that one `take` reads at most: the longest frame of a stream.
const INPUT: usize = 65_540;
/// Bit of what `take` and `poll` return: the record tells of a datagram to send.
const SENT: u32 = 1;
/// Bit of what they return: `poll_event` has an event.
const EVENT: u32 = 2;

/// A [`Server`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmTurnServer {
    machine: Server,
    /// Addresses that clients ask, and those that are relayed from.
    listen: Vec<SocketAddr>,
    relays: Vec<IpAddr>,
    ends: Ends,
    /// Room for what arrives; empty until JavaScript asks for it.
    input: Vec<u8>,
    /// Payload of the datagram taken last.
    payload: Vec<u8>,
    /// Number of the end that it leaves from, four words and port of its destination, address and length of the payload.
    record: [u32; 8],
    event: Option<ServerEvent>,
}

#[wasm_bindgen]
impl WasmTurnServer {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: TurnServerOptions = from_js(&options)?;
        let config = options.config().map_err(error)?;
        let (listen, relays) = (config.listen.clone(), config.relays.iter().map(|relay| relay.bind).collect());
        let (machine, ends, record) = (Server::new(config), Ends::default(), [0; 8]);
        Ok(Self { machine, listen, relays, ends, input: Vec::new(), payload: Vec::new(), record, event: None })
    }

    /// The number of a UDP socket bound to `address`: for [`Self::take`] and in the record.
    pub fn socket(&mut self, address: &str) -> Result<u32, JsError> {
        Ok(self.ends.number(End::Socket(parse("address", address).map_err(error)?)))
    }

    /// The number of a client's TCP connection.
    pub fn connection(&mut self, local: &str, remote: &str) -> Result<u32, JsError> {
        let Datagram { local, remote, protocol, .. } = datagram(local, remote, true, &[])?;
        Ok(self.ends.number(End::Connection(FiveTuple { remote, local, protocol })))
    }

    /// An end was closed: its number is free, and a client's allocation ends with its connection.
    pub fn closed(&mut self, end: u32) {
        if let Some(End::Connection(client)) = self.ends.forget(end) {
            self.machine.disconnected(&client);
        }
    }

    /// Address of 65 540 bytes of memory, for what arrives. It stays.
    pub fn input(&mut self) -> *const u8 {
        self.input.resize(INPUT, 0);
        self.input.as_ptr()
    }

    /// Address of the record: eight words. It stays.
    pub fn record(&self) -> *const u32 {
        self.record.as_ptr()
    }

    /// The memory that these are addresses in.
    pub fn memory(&self) -> JsValue {
        wasm_bindgen::memory()
    }

    /// Takes the first `length` bytes of the input, that arrived at an end from an address of four words (IPv4 mapped into
    /// IPv6); for a connection the address does not count. Then as `poll`.
    #[allow(clippy::too_many_arguments)]
    pub fn take(&mut self, now: f64, end: u32, a: u32, b: u32, c: u32, d: u32, port: u16, length: usize) -> u32 {
        let remote = SocketAddr::new(ip([a, b, c, d]), port);
        let Some(client) = self.ends.five_tuple(end, remote) else { return 0 };
        self.machine.receive_bytes(time(now), &client, self.input.get(..length).unwrap_or_default());
        self.poll()
    }

    /// Writes the next datagram to the record, where it counts until the next call. Returns the sum of [`SENT`] and [`EVENT`]:
    /// 0 when all is done.
    pub fn poll(&mut self) -> u32 {
        self.event = self.event.take().or_else(|| self.machine.poll_event());
        let event = if self.event.is_some() { EVENT } else { 0 };
        while let Some(datagram) = self.machine.poll_transmit() {
            if let Some(end) = self.ends.sender(&datagram) {
                self.note(end, datagram);
                return SENT | event;
            }
        }
        event
    }

    fn note(&mut self, end: u32, datagram: Datagram) {
        let bits = match datagram.remote.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        let [a, b, c, d] = [96, 64, 32, 0].map(|shift| (bits >> shift) as u32);
        self.payload = datagram.bytes;
        // Addresses of this memory have 32 bits.
        let (start, length) = (self.payload.as_ptr() as u32, self.payload.len() as u32);
        self.record = [end, a, b, c, d, datagram.remote.port().into(), start, length];
    }

    /// A datagram arrived: of a client or a peer. What came to another address is ignored.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, tcp: bool, bytes: &[u8]) -> Result<(), JsError> {
        let datagram = datagram(local, remote, tcp, bytes)?;
        if self.listen.contains(&datagram.local) || self.relays.contains(&datagram.local.ip()) {
            self.machine.receive(time(now), &datagram);
        }
        Ok(())
    }

    /// How it went with a socket.
    pub fn opened(&mut self, address: &str, success: bool) -> Result<(), JsError> {
        self.machine.opened(parse("address", address).map_err(error)?, success);
        Ok(())
    }

    /// A client's connection ended.
    pub fn disconnected(&mut self, local: &str, remote: &str) -> Result<(), JsError> {
        let Datagram { local, remote, protocol, .. } = datagram(local, remote, true, &[])?;
        self.machine.disconnected(&FiveTuple { remote, local, protocol });
        Ok(())
    }

    /// An ICMP error about what was sent to a peer.
    pub fn icmp(&mut self, now: f64, relayed: &str, peer: &str, kind: u8, code: u8, data: u32) -> Result<(), JsError> {
        let Datagram { local, remote, .. } = datagram(relayed, peer, false, &[])?;
        self.machine.icmp(time(now), local, remote, Icmp { kind, code, data });
        Ok(())
    }

    /// The time of `poll_timeout` has come.
    pub fn timeout(&mut self, now: f64) {
        self.machine.timeout(time(now));
    }

    /// When to call `timeout`, in milliseconds.
    pub fn poll_timeout(&self) -> Option<f64> {
        self.machine.poll_timeout().map(milliseconds)
    }

    /// The next datagram, packed; empty for none.
    pub fn poll_transmit(&mut self) -> Vec<u8> {
        packed(self.machine.poll_transmit())
    }

    /// The next event, or undefined.
    pub fn poll_event(&mut self) -> Result<JsValue, JsError> {
        let Some(event) = self.event.take().or_else(|| self.machine.poll_event()) else {
            return Ok(JsValue::UNDEFINED);
        };
        let flat = match event {
            ServerEvent::Open(address) => FlatEvent { address: Some(address.to_string()), ..FlatEvent::new("open") },
            ServerEvent::Close(address) => FlatEvent { address: Some(address.to_string()), ..FlatEvent::new("close") },
            ServerEvent::Allocated { client, username, relayed } => {
                let relayed = texts(&relayed);
                FlatEvent { username: Some(username), relayed, ..FlatEvent::about("allocated", client) }
            }
            ServerEvent::Ended { client, why, to_peers, to_client } => FlatEvent {
                reason: Some(why.name()),
                to_peers: Some(to_peers as f64),
                to_client: Some(to_client as f64),
                ..FlatEvent::about("ended", client)
            },
            ServerEvent::Refused { client, method, code } => {
                FlatEvent { method: method.name(), code: Some(code), ..FlatEvent::about("refused", client) }
            }
            _ => return Ok(JsValue::UNDEFINED),
        };
        to_js(&flat)
    }

    /// How many allocations there are.
    #[wasm_bindgen(getter)]
    pub fn allocations(&self) -> u32 {
        u32::try_from(self.machine.allocations()).unwrap_or(u32::MAX)
    }
}

/// The password of a time-limited user name.
#[wasm_bindgen]
pub fn turn_rest_password(secret: &str, username: &str) -> String {
    icelens::turn::server::rest_password(secret, username)
}
