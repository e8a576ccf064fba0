//! A STUN server's answers for the npm package. Called by `npm/src/stun/responder.ts`.
//!
//! A server is kept as the bytes that describe it, and read again for each request: nothing is allocated.

use core::cell::OnceCell;
use core::net::{IpAddr, SocketAddr};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use crate::single::Single;
use icelens::stun::auth::{Auth, LongTerm, User, Users};
use icelens::stun::nonce::NonceSecret;
use icelens::stun::server::{RESPONSE_LEN, Server, Verdict};
use icelens::stun::{Algorithm, Key};

/// Most servers kept; they live as long as the instance.
pub const MAX_SERVERS: usize = 64;
/// Room for the options of all servers together: thousands of users.
pub const MAX_OPTIONS: usize = 512 << 10;
/// Most attribute types that one server is told to accept.
pub const MAX_UNDERSTOOD: usize = 64;
/// Most bytes of SOFTWARE, USERNAME and REALM, so that every response fits [`RESPONSE_LEN`].
const MAX_TEXT: usize = 512;

/// The options of every server, one after the other.
struct Store {
    bytes: [u8; MAX_OPTIONS],
    /// End of the options of each server.
    ends: [usize; MAX_SERVERS],
    count: usize,
}

static STORE: Single<Store> = Single::new(Store { bytes: [0; MAX_OPTIONS], ends: [0; MAX_SERVERS], count: 0 });

/// Words that JavaScript reads after an answer.
#[repr(C)]
struct Answered {
    len: u32,
    /// 0 ignored, 1 success, else the error code.
    verdict: u32,
    steps: u32,
    /// Rule and outcome of each.
    checks: [[u8; 2]; 16],
    response: [u8; RESPONSE_LEN],
}

static ANSWERED: Single<Answered> =
    Single::new(Answered { len: 0, verdict: 0, steps: 0, checks: [[0; 2]; 16], response: [0; RESPONSE_LEN] });

/// The options, read.
#[derive(Default)]
struct Options<'a> {
    software: &'a [u8],
    understood: &'a [[u8; 2]],
    refuse_malformed: bool,
    fingerprint: bool,
    alternate: Option<SocketAddr>,
    username: &'a [u8],
    password: Option<&'a [u8]>,
    realm: &'a [u8],
    secret: Option<&'a [u8; 32]>,
    nonce_lifetime: u32,
    /// For each: length of the name (2), name, USERHASH, length of the password (2), password.
    users: &'a [u8],
}

impl<'a> Options<'a> {
    /// Reads number (1), length (4) and value of each option; `Err` is the number of one that does not fit.
    fn read(mut rest: &'a [u8]) -> Result<Self, u8> {
        let mut options = Self::default();
        while let Some((&[number, l0, l1, l2, l3], after)) = rest.split_first_chunk() {
            let value = after.split_at_checked(u32::from_be_bytes([l0, l1, l2, l3]) as usize);
            let Some((value, after)) = value else { return Err(number) };
            options.set(number, value).ok_or(number)?;
            rest = after;
        }
        Ok(options)
    }

    /// Takes one option; `None` when its value is out of its bounds.
    fn set(&mut self, number: u8, value: &'a [u8]) -> Option<()> {
        if matches!(number, 1 | 5 | 7) && value.len() > MAX_TEXT {
            return None;
        }
        match number {
            1 => self.software = value,
            2 if value.len() <= 2 * MAX_UNDERSTOOD => self.understood = value.as_chunks().0,
            3 => [self.refuse_malformed, self.fingerprint] = <[u8; 2]>::try_from(value).ok()?.map(|flag| flag != 0),
            4 => {
                let (port, ip) = value.split_first_chunk()?;
                self.alternate = Some(SocketAddr::new(read_ip(ip)?, u16::from_be_bytes(*port)));
            }
            5 => self.username = value,
            6 => self.password = Some(value),
            7 => self.realm = value,
            8 => self.secret = Some(value.try_into().ok()?),
            9 => self.nonce_lifetime = u32::from_be_bytes(value.try_into().ok()?),
            10 => self.users = value,
            _ => return None,
        }
        Some(())
    }
}

/// Users as the options have them, for one request.
struct Accounts<'a> {
    realm: &'a [u8],
    users: &'a [u8],
    /// The key of the one who asks.
    key: OnceCell<Key>,
}

impl Users for Accounts<'_> {
    fn key(&self, user: User<'_>, algorithm: Algorithm) -> Option<&Key> {
        let mut rest = self.users;
        loop {
            let (name, after) = sized(rest)?;
            let (hash, after) = after.split_first_chunk::<32>()?;
            let (password, after) = sized(after)?;
            let found = match user {
                User::Name(wanted) => wanted == name,
                User::Hash(wanted) => wanted == hash,
            };
            if found {
                let parts = [name, b":", self.realm, b":", password];
                return Some(self.key.get_or_init(|| Key::derived(&parts, algorithm)));
            }
            rest = after;
        }
    }
}

/// The bytes after their length, and the rest.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(*len).into())
}

/// Four or sixteen bytes.
fn read_ip(bytes: &[u8]) -> Option<IpAddr> {
    match <[u8; 4]>::try_from(bytes) {
        Ok(v4) => Some(v4.into()),
        Err(_) => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

/// Makes a server of the options in the input: for each its number (1), length (4, big-endian) and value. Options: 1
/// SOFTWARE, 2 understood types, 3 refuse malformed and always FINGERPRINT, 4 port and address of the alternate server, 5
/// and 6 short-term user name and password, 7 realm, 8 nonce secret (32 bytes), 9 nonce lifetime in seconds, 10 the users
/// of the realm. Returns its number, or minus the number of the option that does not fit, or -255 when there is no room.
#[wasm_bindgen]
pub fn stun_server(len: usize) -> i32 {
    area::with(|area| {
        let options = area.input.get(..len).unwrap_or_default();
        if let Err(number) = Options::read(options) {
            return -i32::from(number);
        }
        STORE.with(|store| {
            let start = store.count.checked_sub(1).and_then(|last| store.ends.get(last)).copied().unwrap_or(0);
            let (Some(end), Some(place)) =
                (store.ends.get_mut(store.count), store.bytes.get_mut(start..start + options.len()))
            else {
                return -255;
            };
            place.copy_from_slice(options);
            *end = start + options.len();
            store.count += 1;
            store.count as i32 - 1
        })
    })
}

/// Answers a message for `server`. The input is the address of the source, of `ip` bytes, and the message, `len` bytes in
/// all; `now` is seconds. Returns where the answer is: three words, length of the response, verdict (0 ignored, 1
/// success, else the error code) and number of checks; then sixteen times rule and outcome; then the response.
#[wasm_bindgen]
pub fn stun_answer(server: usize, len: usize, ip: usize, port: u16, now: u32) -> usize {
    ANSWERED.with(|answered| {
        (answered.len, answered.verdict, answered.steps) = (0, 0, 0);
        STORE.with(|store| {
            let start = server.checked_sub(1).and_then(|before| store.ends.get(before)).copied().unwrap_or(0);
            let end = store.ends.get(server).copied().unwrap_or(0);
            let Ok(options) = Options::read(store.bytes.get(start..end).unwrap_or_default()) else { return };
            area::with(|area| {
                let input = area.input.get(..len).and_then(|input| input.split_at_checked(ip));
                let Some((source, request)) = input else { return };
                let Some(source) = read_ip(source) else { return };
                answer(&options, request, SocketAddr::new(source, port), now, answered);
            });
        });
        &raw const *answered as usize
    })
}

fn answer(options: &Options<'_>, request: &[u8], source: SocketAddr, now: u32, out: &mut Answered) {
    let mut understood = [0; MAX_UNDERSTOOD];
    understood.iter_mut().zip(options.understood).for_each(|(code, pair)| *code = u16::from_be_bytes(*pair));
    let accounts = Accounts { realm: options.realm, users: options.users, key: OnceCell::new() };
    let key = options.password.map(Key::from_bytes);
    let secret = options.secret.map(NonceSecret::new);
    let auth = match (&key, &secret) {
        (Some(key), _) => Auth::ShortTerm { username: options.username, key },
        (None, Some(secret)) => Auth::LongTerm(LongTerm {
            realm: options.realm,
            secret,
            nonce_lifetime: options.nonce_lifetime,
            users: &accounts,
        }),
        (None, None) => Auth::None,
    };
    let server = Server {
        software: options.software,
        understood: understood.get(..options.understood.len()).unwrap_or_default(),
        auth,
        alternate: options.alternate,
        refuse_malformed: options.refuse_malformed,
        fingerprint: options.fingerprint,
        ..Server::default()
    };
    let answer = server.answer(request, source, now, &mut out.response);
    out.verdict = match answer.verdict {
        Verdict::Ignored => 0,
        Verdict::Success => 1,
        Verdict::Refused(code) => u32::from(code),
    };
    let steps = answer.steps.as_slice();
    (out.len, out.steps) = (answer.len as u32, steps.len() as u32);
    out.checks.iter_mut().zip(steps).for_each(|(check, (rule, outcome))| *check = [*rule as u8, *outcome as u8]);
}
