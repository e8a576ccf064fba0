//! The NAT procedures and the STUN server, for `npm/src/discovery.ts`, which gives them their names and types.

use core::net::SocketAddr;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::objects::{address, ip, time, to_js};
use crate::observations::observation_to_js;
use crate::reader::from_js;
use icelens::nat::discovery::{Discovery, Event, Options, Procedure, Tests};
use icelens::nat::{MAX_ANSWER, ServerOptions, StunServer, Warning};
use icelens::net::Datagram;
use icelens::net::{Rate, SourceRates};

/// Bytes before the answer in what `WasmStunServer::answer` leaves: `ANSWER_HEAD` of `npm/src/discovery.ts`.
const HEAD: usize = 6;

fn packet(local: &str, remote: &str, bytes: Vec<u8>) -> Result<Datagram, JsError> {
    let parse = |field: &str, text: &str| {
        address(field, Some(text)).and_then(|parsed| parsed.ok_or_else(|| format!("{field} is missing")))
    };
    let local = parse("local", local).map_err(|why| JsError::new(&why))?;
    let remote = parse("remote", remote).map_err(|why| JsError::new(&why))?;
    Ok(Datagram::udp(local, remote, bytes))
}

/// A datagram to send.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmDatagram(Datagram);

#[wasm_bindgen]
impl WasmDatagram {
    /// The socket to send from.
    #[wasm_bindgen(getter)]
    pub fn local(&self) -> String {
        self.0.local.to_string()
    }

    /// Its destination.
    #[wasm_bindgen(getter)]
    pub fn remote(&self) -> String {
        self.0.remote.to_string()
    }

    /// Its content.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes.clone()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DiscoveryOptions {
    classic: bool,
    server: String,
    others: Vec<String>,
    sockets: Vec<String>,
    mapping: bool,
    filtering: bool,
    hairpin: bool,
    lifetime: bool,
    fragments: bool,
    longest_lifetime: f64,
    seed: Vec<u8>,
}

impl DiscoveryOptions {
    fn options(&self) -> Result<Options, String> {
        let server = address("server", Some(&self.server))?.ok_or("server is missing")?;
        let list = |field: &str, texts: &[String]| -> Result<Vec<SocketAddr>, String> {
            texts.iter().map(|text| address(field, Some(text))?.ok_or_else(|| format!("{field} is empty"))).collect()
        };
        let mut seed = [0; 32];
        for (place, byte) in seed.iter_mut().zip(&self.seed) {
            *place = *byte;
        }
        Ok(Options {
            procedure: if self.classic { Procedure::Rfc3489 } else { Procedure::Rfc5780 },
            others: list("servers", &self.others)?,
            sockets: list("sockets", &self.sockets)?,
            tests: Tests {
                mapping: self.mapping,
                filtering: self.filtering,
                hairpin: self.hairpin,
                lifetime: self.lifetime,
                fragments: self.fragments,
            },
            longest_lifetime: time(self.longest_lifetime * 1000.0),
            ..Options::new(server, seed)
        })
    }
}

#[derive(Serialize)]
struct FlatEvent {
    #[serde(rename = "type")]
    kind: &'static str,
    time: f64,
    rule: &'static str,
    why: String,
}

#[derive(Serialize)]
struct FlatWarning<'a> {
    code: &'static str,
    text: &'a str,
}

/// A [`Discovery`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmDiscovery {
    machine: Discovery,
}

#[wasm_bindgen]
impl WasmDiscovery {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: DiscoveryOptions = from_js(&options)?;
        let options = options.options().map_err(|why| JsError::new(&why))?;
        Ok(Self { machine: Discovery::new(options) })
    }

    /// A datagram arrived.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, bytes: Vec<u8>) -> Result<(), JsError> {
        self.machine.receive(time(now), &packet(local, remote, bytes)?);
        Ok(())
    }

    /// The time of `poll_timeout` has come.
    pub fn timeout(&mut self, now: f64) {
        self.machine.timeout(time(now));
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<WasmDatagram> {
        self.machine.poll_transmit().map(WasmDatagram)
    }

    /// When to call `timeout`, in milliseconds.
    pub fn poll_timeout(&self) -> Option<f64> {
        self.machine.poll_timeout().map(|time| time.as_secs_f64() * 1000.0)
    }

    /// The next event, or undefined.
    pub fn poll_event(&mut self) -> Result<JsValue, JsError> {
        let Some(Event { time, kind, rule, why }) = self.machine.poll_event() else { return Ok(JsValue::UNDEFINED) };
        to_js(&FlatEvent { kind, time: time.as_secs_f64() * 1000.0, rule, why })
    }

    /// All tests are over.
    #[wasm_bindgen(getter)]
    pub fn finished(&self) -> bool {
        self.machine.is_finished()
    }

    /// Observations so far, in the shape of `npm/src/nat.ts`.
    pub fn observations(&self) -> Result<JsValue, JsError> {
        observation_to_js(self.machine.observations())
    }

    /// Warnings of the machine itself, beside those of the observations.
    pub fn warnings(&self) -> Result<JsValue, JsError> {
        let warnings = self.machine.warnings().iter();
        to_js(&warnings.map(|Warning { code, text }| FlatWarning { code, text }).collect::<Vec<_>>())
    }
}

/// A [`StunServer`] for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmStunServer {
    machine: StunServer,
    addresses: Vec<SocketAddr>,
    buffer: Vec<u8>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatServerOptions {
    primary: String,
    other: Option<String>,
    software: String,
    /// Requests per second of an address, or `None`.
    rate: Option<u32>,
    seed: Vec<u8>,
}

impl FlatServerOptions {
    fn options(self) -> Result<ServerOptions, String> {
        let primary = address("primary", Some(&self.primary))?.ok_or("primary is missing")?;
        let other = address("other", self.other.as_deref())?;
        let of = |times: u32| {
            let per_second = self.rate?.saturating_mul(times);
            Some(Rate { per_second, burst: per_second.saturating_mul(5) / 2 })
        };
        let rates = of(1).zip(of(10)).map(|(address, prefix)| SourceRates { address, prefix });
        let mut seed = [0; 8];
        for (place, byte) in seed.iter_mut().zip(&self.seed) {
            *place = *byte;
        }
        let seed = u64::from_be_bytes(seed);
        Ok(ServerOptions { software: self.software, rates, seed, ..ServerOptions::new(primary, other) })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatServed {
    client: String,
    asked: String,
    answered_from: Option<String>,
    code: u16,
}

#[wasm_bindgen]
impl WasmStunServer {
    /// From flattened options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: FlatServerOptions = from_js(&options)?;
        let with_other = options.other.is_some();
        let machine = StunServer::new(options.options().map_err(|why| JsError::new(&why))?);
        let addresses = machine.addresses();
        if with_other && addresses.len() == 1 {
            return Err(JsError::new(
                "other must differ from primary in address and in port, and be of the same family",
            ));
        }
        Ok(Self { machine, addresses, buffer: vec![0; HEAD + MAX_ANSWER] })
    }

    /// The addresses to bind.
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.iter().map(ToString::to_string).collect()
    }

    /// Answers a datagram that came to one of the addresses, by its index, from an address of four words (IPv4 mapped into
    /// IPv6). At `answer_start()` then stand the index of the address to answer from, a zero, the port to answer to and the
    /// error code, in two bytes each, and the answer. Returns how many bytes that are; 0 for no answer.
    #[allow(clippy::too_many_arguments)]
    pub fn answer(&mut self, now: f64, local: usize, a: u32, b: u32, c: u32, d: u32, port: u16, bytes: &[u8]) -> usize {
        let Some(local) = self.addresses.get(local).copied() else { return 0 };
        let remote = SocketAddr::new(ip([a, b, c, d]), port);
        let Some((head, out)) = self.buffer.split_first_chunk_mut::<HEAD>() else { return 0 };
        let Some(answer) = self.machine.answer(time(now), local, remote, bytes, out) else { return 0 };
        let from = self.addresses.iter().position(|address| *address == answer.from).unwrap_or_default();
        let [port, code] = [answer.to.port(), answer.code].map(u16::to_be_bytes);
        *head = [u8::try_from(from).unwrap_or_default(), 0, port[0], port[1], code[0], code[1]];
        HEAD + answer.len
    }

    /// Address of what the last `answer` left, until the next call.
    pub fn answer_start(&self) -> *const u8 {
        self.buffer.as_ptr()
    }

    /// The memory that `answer_start` is an address in.
    pub fn memory(&self) -> JsValue {
        wasm_bindgen::memory()
    }

    /// A datagram arrived.
    pub fn receive(&mut self, now: f64, local: &str, remote: &str, bytes: Vec<u8>) -> Result<(), JsError> {
        self.machine.receive(time(now), &packet(local, remote, bytes)?);
        Ok(())
    }

    /// The answer to a message that came over a stream; empty for none.
    pub fn answer_stream(&self, remote: &str, bytes: &[u8]) -> Result<Vec<u8>, JsError> {
        let remote = address("remote", Some(remote)).map_err(|why| JsError::new(&why))?;
        Ok(remote.and_then(|remote| self.machine.answer_stream(bytes, remote)).unwrap_or_default())
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<WasmDatagram> {
        self.machine.poll_transmit().map(WasmDatagram)
    }

    /// The next line of the log, or undefined.
    pub fn poll_served(&mut self) -> Result<JsValue, JsError> {
        let Some(served) = self.machine.poll_served() else { return Ok(JsValue::UNDEFINED) };
        to_js(&FlatServed {
            client: served.client.to_string(),
            asked: served.asked.to_string(),
            answered_from: served.answered_from.map(|from| from.to_string()),
            code: served.code,
        })
    }
}
