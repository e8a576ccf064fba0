//! The TURN client, for `npm/src/turn-client.ts`, which gives it its names and types, and what it shares with the server.

use core::net::{IpAddr, SocketAddr};

use crate::objects::{milliseconds, time};
use crate::reader::from_js;
use icelens::net::{Datagram, Protocol};
use icelens::turn::client::{Event as ClientEvent, Families, Refusal, SendError, Sent, State};
use icelens::turn::server::FiveTuple;
use icelens::turn::{Client, ClientConfig};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// Bytes of a datagram before its payload: [`packed`].
const HEAD: usize = 40;

pub(crate) fn parse<T: core::str::FromStr>(field: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{field} '{text}' can't be read"))
}

pub(crate) fn error(why: String) -> JsError {
    JsError::new(&why)
}

pub(crate) fn datagram(local: &str, remote: &str, tcp: bool, bytes: &[u8]) -> Result<Datagram, JsError> {
    let address = |field, text| parse::<SocketAddr>(field, text).map_err(error);
    let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
    Ok(Datagram { local: address("local", local)?, remote: address("remote", remote)?, protocol, bytes: bytes.into() })
}

/// A datagram as one array: 1 for TCP, then 4 or 6, 16 bytes and a port for `local` and for `remote`, a spare byte, the payload.
pub(crate) fn packed(datagram: Option<Datagram>) -> Vec<u8> {
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

pub(crate) fn to_js(event: &FlatEvent) -> Result<JsValue, JsError> {
    event.serialize(&Serializer::new()).map_err(|why| JsError::new(&why.to_string()))
}

pub(crate) fn seed(bytes: &[u8]) -> [u8; 32] {
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
pub(crate) struct FlatEvent {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) relayed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mapped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phrase: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) icmp: Option<[u32; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tcp: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_peers: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_client: Option<f64>,
}

impl FlatEvent {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    fn refused(kind: &'static str, refusal: Refusal) -> Self {
        let Refusal { reason, code, phrase, retry_after } = refusal;
        let (reason, retry_after) = (Some(reason.name()), retry_after.map(milliseconds));
        Self { reason, code: Some(code), phrase: Some(phrase), retry_after, ..Self::new(kind) }
    }

    pub(crate) fn about(kind: &'static str, client: FiveTuple) -> Self {
        let (local, tcp) = (Some(client.local.to_string()), Some(client.protocol == Protocol::Tcp));
        Self { client: Some(client.remote.to_string()), local, tcp, ..Self::new(kind) }
    }
}

pub(crate) fn texts(addresses: &[SocketAddr]) -> Vec<String> {
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
