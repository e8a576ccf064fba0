//! A STUN server's answers for the npm package. Layouts are read by `npm/src/stun/responder.ts`.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use core::str::from_utf8;
use wasm_bindgen::prelude::wasm_bindgen;

use super::area::{self, Single};
use super::stun::read_ip;
use crate::stun::Key;
use crate::stun::auth::{Account, Auth, LongTerm};
use crate::stun::nonce::NonceSecret;
use crate::stun::server::{RESPONSE_LEN, Server, Verdict};

/// Most servers kept; they live as long as the instance.
pub const MAX_SERVERS: usize = 64;
/// Most users of one server.
pub const MAX_USERS: usize = 256;

static SERVERS: Single<Vec<Responder>> = Single::new(Vec::new());

/// What a [`Server`] borrows.
#[derive(Default)]
struct Responder {
    software: String,
    understood: Vec<u16>,
    refuse_malformed: bool,
    fingerprint: bool,
    alternate: Option<SocketAddr>,
    username: String,
    key: Option<Key>,
    realm: String,
    secret: Option<NonceSecret>,
    nonce_lifetime: u32,
    users: Vec<Account>,
}

impl Responder {
    fn server(&self) -> Server<'_> {
        let auth = match (&self.key, &self.secret) {
            (Some(key), _) => Auth::ShortTerm { username: &self.username, key },
            (None, Some(secret)) => Auth::LongTerm(LongTerm {
                realm: &self.realm,
                secret,
                nonce_lifetime: self.nonce_lifetime,
                users: &self.users,
            }),
            (None, None) => Auth::None,
        };
        Server {
            software: &self.software,
            understood: &self.understood,
            auth,
            alternate: self.alternate,
            refuse_malformed: self.refuse_malformed,
            fingerprint: self.fingerprint,
            ..Server::default()
        }
    }

    /// Takes one option; `None` when its value is out of its bounds.
    fn set(&mut self, option: u8, value: &[u8]) -> Option<()> {
        match option {
            1 => self.software = bounded(value)?,
            2 => self.understood = value.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect(),
            3 => {
                let [refuse_malformed, fingerprint] = value.try_into().ok()?;
                (self.refuse_malformed, self.fingerprint) = (refuse_malformed != 0, fingerprint != 0);
            }
            4 => {
                let (port, ip) = value.split_first_chunk()?;
                self.alternate = Some(SocketAddr::new(read_ip(ip)?, u16::from_be_bytes(*port)));
            }
            5 => self.username = bounded(value)?,
            6 => self.key = Some(Key::from_bytes(value)),
            7 => self.realm = bounded(value)?,
            8 => self.secret = Some(NonceSecret::new(value.try_into().ok()?)),
            9 => self.nonce_lifetime = u32::from_be_bytes(value.try_into().ok()?),
            10 if self.users.len() < MAX_USERS => {
                let (len, rest) = value.split_first_chunk()?;
                let (username, password) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
                let (username, password) = (from_utf8(username).ok()?, from_utf8(password).ok()?);
                self.users.push(Account::new(username, &self.realm, password));
            }
            _ => return None,
        }
        Some(())
    }
}

/// Text that fits SOFTWARE, REALM and USERNAME.
fn bounded(value: &[u8]) -> Option<String> {
    from_utf8(value).ok().filter(|text| text.len() <= 512).map(String::from)
}

/// Makes a server of the options in the input: for each its number (1), length (2, big-endian) and value. Options: 1 SOFTWARE,
/// 2 understood types, 3 refuse malformed and always FINGERPRINT, 4 port and address of the alternate server,
/// 5 and 6 short-term user name and password, 7 realm, 8 nonce secret (32 bytes), 9 nonce lifetime in seconds,
/// 10 a user of the realm before it (length of the name, name, password). Returns its number, or minus the number of
/// the option that does not fit, or -255 when there are [`MAX_SERVERS`].
#[wasm_bindgen]
pub fn stun_server(len: usize) -> i32 {
    let mut responder = Responder::default();
    let refused = area::with(|area| {
        let mut rest = area.input.get(..len).unwrap_or_default();
        while let Some((&[option, l0, l1], after)) = rest.split_first_chunk() {
            let Some((value, after)) = after.split_at_checked(u16::from_be_bytes([l0, l1]).into()) else {
                return option;
            };
            if responder.set(option, value).is_none() {
                return option;
            }
            rest = after;
        }
        0
    });
    if refused != 0 {
        return -i32::from(refused);
    }
    SERVERS.with(|servers| {
        if servers.len() >= MAX_SERVERS {
            return -255;
        }
        servers.push(responder);
        servers.len() as i32 - 1
    })
}

/// Answers the message in the input for `server`. The source is its port and its address in words (`w0` alone for
/// IPv4); `now` is seconds. Returns the length of the output, 0 for no answer. Records: verdict (0 ignored, 1 success,
/// else the error code), number of checks, then each as rule × 256 + outcome.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)]
pub fn stun_answer(
    server: usize,
    len: usize,
    now: u32,
    port: u16,
    v6: bool,
    w0: u32,
    w1: u32,
    w2: u32,
    w3: u32,
) -> usize {
    let ip = if v6 {
        let high = u128::from(w0) << 96 | u128::from(w1) << 64;
        IpAddr::V6(Ipv6Addr::from_bits(high | u128::from(w2) << 32 | u128::from(w3)))
    } else {
        IpAddr::V4(w0.into())
    };
    SERVERS.with(|servers| {
        let Some(responder) = servers.get(server) else { return 0 };
        area::with(|area| {
            if area.output.len() < RESPONSE_LEN {
                area.output.resize(RESPONSE_LEN, 0);
            }
            let request = area.input.get(..len).unwrap_or_default();
            let answer = responder.server().answer(request, SocketAddr::new(ip, port), now, &mut area.output);
            let verdict = match answer.verdict {
                Verdict::Ignored => 0,
                Verdict::Success => 1,
                Verdict::Refused(code) => u32::from(code),
            };
            let steps = answer.steps.as_slice();
            area.records.clear();
            area.records.extend_from_slice(&[verdict, steps.len() as u32]);
            area.records.extend(steps.iter().map(|(rule, outcome)| (*rule as u32) << 8 | *outcome as u32));
            answer.len
        })
    })
}
