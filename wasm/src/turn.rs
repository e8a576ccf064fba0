//! The TURN client and server, for `npm/src/turn.ts`, which gives them their names and types.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use crate::reader::from_js;
use icelens::net::{Datagram, Protocol, Rate, SourceRates};
use icelens::turn::client::{Event as ClientEvent, Families, Refusal, SendError, Sent, State};
use icelens::turn::server::{Event as ServerEvent, FiveTuple, Icmp, Network, RelayAddress};
use icelens::turn::{Client, ClientConfig, Server, ServerConfig};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// Bytes of a datagram before its payload: [`packed`].
const HEAD: usize = 40;

/// Milliseconds of the caller's clock; what is no time is the start.
fn time(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn parse<T: core::str::FromStr>(field: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{field} '{text}' can't be read"))
}

fn error(why: String) -> JsError {
    JsError::new(&why)
}

fn datagram(local: &str, remote: &str, tcp: bool, bytes: &[u8]) -> Result<Datagram, JsError> {
    let address = |field, text| parse::<SocketAddr>(field, text).map_err(error);
    let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
    Ok(Datagram { local: address("local", local)?, remote: address("remote", remote)?, protocol, bytes: bytes.into() })
}

/// A datagram as one array: 1 for TCP, then 4 or 6, 16 bytes and a port for `local` and for `remote`, a spare byte, the payload.
fn packed(datagram: Option<Datagram>) -> Vec<u8> {
    let Some(Datagram { local, remote, protocol, bytes }) = datagram else { return Vec::new() };
    let mut out = Vec::with_capacity(HEAD + bytes.len());
    out.push(u8::from(protocol == Protocol::Tcp));
    for address in [local, remote] {
        let (family, octets) = match address.ip() {
            IpAddr::V4(ip) => (4, (u128::from(ip.to_bits()) << 96).to_be_bytes()),
            IpAddr::V6(ip) => (6, ip.octets()),
        };
        out.push(family);
        out.extend_from_slice(&octets);
        out.extend_from_slice(&address.port().to_be_bytes());
    }
    out.resize(HEAD, 0);
    out.extend_from_slice(&bytes);
    out
}

fn to_js(event: &FlatEvent) -> Result<JsValue, JsError> {
    event.serialize(&Serializer::new()).map_err(|why| JsError::new(&why.to_string()))
}

fn seed(bytes: &[u8]) -> [u8; 32] {
    let mut seed = [0; 32];
    seed.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    seed
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientOptions {
    local: String,
    server: String,
    tcp: bool,
    username: String,
    password: String,
    family: String,
    lifetime: Option<u32>,
    software: String,
    seed: Vec<u8>,
}

/// An event of either engine, flattened.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatEvent {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relayed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<[u32; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_peers: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_client: Option<f64>,
}

impl FlatEvent {
    fn new(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    fn refused(kind: &'static str, refusal: Refusal) -> Self {
        let Refusal { reason, code, phrase, retry_after } = refusal;
        let (reason, retry_after) = (Some(reason.name()), retry_after.map(milliseconds));
        Self { reason, code: Some(code), phrase: Some(phrase), retry_after, ..Self::new(kind) }
    }

    fn about(kind: &'static str, client: FiveTuple) -> Self {
        let (local, tcp) = (Some(client.local.to_string()), Some(client.protocol == Protocol::Tcp));
        Self { client: Some(client.remote.to_string()), local, tcp, ..Self::new(kind) }
    }
}

fn texts(addresses: &[SocketAddr]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

/// A [`Client`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmTurnClient {
    machine: Client,
    /// The data of the event taken last.
    data: Vec<u8>,
}

#[wasm_bindgen]
impl WasmTurnClient {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: ClientOptions = from_js(&options)?;
        let local = parse("local", &options.local).map_err(error)?;
        let server = parse("server", &options.server).map_err(error)?;
        let protocol = if options.tcp { Protocol::Tcp } else { Protocol::Udp };
        let ClientOptions { username, password, lifetime, software, .. } = options;
        let families = match options.family.as_str() {
            "ipv6" => Families::V6,
            "both" => Families::Both,
            _ => Families::V4,
        };
        let seed = seed(&options.seed);
        let config = ClientConfig { local, server, protocol, username, password, families, lifetime, software, seed };
        Ok(Self { machine: Client::new(config), data: Vec::new() })
    }

    /// Asks for an allocation.
    pub fn allocate(&mut self, now: f64) {
        self.machine.allocate(time(now));
    }

    /// A datagram arrived; true when it was for this client.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, tcp: bool, bytes: &[u8]) -> Result<bool, JsError> {
        Ok(self.machine.receive(time(now), &datagram(local, remote, tcp, bytes)?))
    }

    /// Sends data to a peer; the name of how, or of why not.
    pub fn send(&mut self, now: f64, peer: &str, bytes: &[u8]) -> Result<String, JsError> {
        let peer = parse("peer", peer).map_err(error)?;
        let how = match self.machine.send_to(time(now), peer, bytes) {
            Ok(Sent::Channel) => "channel",
            Ok(Sent::Indication) => "indication",
            Ok(Sent::Waiting) => "waiting",
            Err(why) => refusal_name(why),
        };
        Ok(how.into())
    }

    /// Asks for a permission; empty, or the name of why not.
    pub fn create_permission(&mut self, now: f64, peer: &str) -> Result<String, JsError> {
        let peer = parse("peer", peer).map_err(error)?;
        Ok(self.machine.create_permission(time(now), peer).err().map_or("", refusal_name).into())
    }

    /// Binds a channel; empty, or the name of why not.
    pub fn bind_channel(&mut self, now: f64, peer: &str) -> Result<String, JsError> {
        let peer = parse("peer", peer).map_err(error)?;
        Ok(self.machine.bind_channel(time(now), peer).err().map_or("", refusal_name).into())
    }

    /// Does not keep a peer's permission and channels up any more.
    pub fn forget_peer(&mut self, peer: &str) -> Result<(), JsError> {
        self.machine.forget_peer(parse("peer", peer).map_err(error)?);
        Ok(())
    }

    /// Goes on from another local address.
    pub fn rebind(&mut self, now: f64, local: &str) -> Result<(), JsError> {
        self.machine.rebind(time(now), parse("local", local).map_err(error)?);
        Ok(())
    }

    /// Uses other credentials from now on.
    pub fn rotate(&mut self, now: f64, username: &str, password: &str) {
        self.machine.rotate(time(now), username, password);
    }

    /// Deletes the allocation.
    pub fn close(&mut self, now: f64) {
        self.machine.close(time(now));
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

    /// The next event, or undefined; `data` then has its bytes.
    pub fn poll_event(&mut self) -> Result<JsValue, JsError> {
        let Some(event) = self.machine.poll_event() else { return Ok(JsValue::UNDEFINED) };
        to_js(&self.flat(event))
    }

    /// The data of the event taken last.
    pub fn data(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.data)
    }

    /// `new`, `allocating`, `allocated`, `closing` or `closed`.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        let name = match self.machine.state() {
            State::New => "new",
            State::Allocating => "allocating",
            State::Allocated => "allocated",
            State::Closing => "closing",
            State::Closed => "closed",
        };
        name.into()
    }

    /// The relayed addresses.
    #[wasm_bindgen(getter)]
    pub fn relayed(&self) -> Vec<String> {
        texts(self.machine.relayed())
    }

    /// The client's address as the server sees it.
    #[wasm_bindgen(getter)]
    pub fn mapped(&self) -> Option<String> {
        self.machine.mapped().map(|address| address.to_string())
    }

    /// The server that is asked.
    #[wasm_bindgen(getter)]
    pub fn server(&self) -> String {
        self.machine.server().to_string()
    }

    fn flat(&mut self, event: ClientEvent) -> FlatEvent {
        match event {
            ClientEvent::Allocated(allocated) => FlatEvent {
                relayed: texts(&allocated.relayed),
                mapped: allocated.mapped.map(|mapped| mapped.to_string()),
                lifetime: Some(milliseconds(allocated.lifetime)),
                missing: allocated.missing.map(|(family, _)| family.name()),
                code: allocated.missing.map(|(_, code)| code),
                ..FlatEvent::new("allocated")
            },
            ClientEvent::Refreshed { lifetime } => {
                FlatEvent { lifetime: Some(milliseconds(lifetime)), ..FlatEvent::new("refreshed") }
            }
            ClientEvent::Redirected { server, domain } => {
                let address = Some(server.to_string());
                FlatEvent { address, domain: Some(domain), ..FlatEvent::new("redirected") }
            }
            ClientEvent::LocalAddressWanted { code } => {
                FlatEvent { code: Some(code), ..FlatEvent::new("local-address-wanted") }
            }
            ClientEvent::Permitted { peer } => {
                FlatEvent { peer: Some(peer.to_string()), ..FlatEvent::new("permitted") }
            }
            ClientEvent::PermissionRefused { peer, refusal } => {
                FlatEvent { peer: Some(peer.to_string()), ..FlatEvent::refused("permission-refused", refusal) }
            }
            ClientEvent::ChannelBound { peer, channel } => {
                let peer = Some(peer.to_string());
                FlatEvent { peer, channel: Some(channel), ..FlatEvent::new("channel-bound") }
            }
            ClientEvent::ChannelRefused { peer, refusal } => {
                FlatEvent { peer: Some(peer.to_string()), ..FlatEvent::refused("channel-refused", refusal) }
            }
            ClientEvent::Data { peer, bytes } => {
                self.data = bytes;
                FlatEvent { peer: Some(peer.to_string()), ..FlatEvent::new("data") }
            }
            ClientEvent::Icmp { peer, kind, code, data } => {
                let icmp = Some([kind.into(), code.into(), data]);
                FlatEvent { peer: Some(peer.to_string()), icmp, ..FlatEvent::new("icmp") }
            }
            ClientEvent::Failed(refusal) => FlatEvent::refused("failed", refusal),
            _ => FlatEvent::new("closed"),
        }
    }
}

const fn refusal_name(why: SendError) -> &'static str {
    match why {
        SendError::NotAllocated => "not-allocated",
        SendError::WrongFamily => "wrong-family",
        SendError::TooLong => "too-long",
        SendError::Full => "full",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TurnServerOptions {
    realm: String,
    software: String,
    users: Vec<(String, String)>,
    secret: Option<String>,
    unix_epoch: f64,
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

impl TurnServerOptions {
    fn config(self) -> Result<ServerConfig, String> {
        let relay = |(bind, external): &(String, String)| -> Result<RelayAddress, String> {
            Ok(RelayAddress { bind: parse("relay", bind)?, external: parse("relay", external)? })
        };
        let relays = self.relays.iter().map(relay).collect::<Result<Vec<_>, _>>()?;
        let first = relays.first().ok_or("relay is empty: a server needs an address to relay from")?;
        let networks = |field: &str, texts: &[String]| -> Result<Vec<Network>, String> {
            texts.iter().map(|text| parse(field, text)).collect()
        };
        let mut config = ServerConfig::new(&self.realm, first.bind, seed(&self.seed));
        config.relays = relays;
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

/// A [`Server`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmTurnServer {
    machine: Server,
}

#[wasm_bindgen]
impl WasmTurnServer {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: TurnServerOptions = from_js(&options)?;
        Ok(Self { machine: Server::new(options.config().map_err(error)?) })
    }

    /// A datagram arrived.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, tcp: bool, bytes: &[u8]) -> Result<(), JsError> {
        self.machine.receive(time(now), &datagram(local, remote, tcp, bytes)?);
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
        let Some(event) = self.machine.poll_event() else { return Ok(JsValue::UNDEFINED) };
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
