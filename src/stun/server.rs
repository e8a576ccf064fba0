//! A server's answer to a Binding request, without sockets: bytes and source address in, bytes out.
//!
//! [`Server::answer`] is the whole of it. A server that does more (RFC 5780, TURN) calls [`Server::check`] and then
//! [`Server::accept`] with attributes of its own, or [`Server::refuse`]. Each check made is noted in [`Steps`], in order, so that
//! a person can be told why this answer came.
//!
//! ```
//! use icelens::stun::{Builder, Class, Message, Method, TransactionId};
//! use icelens::stun::server::{Server, Verdict};
//!
//! let mut request = [0; 20];
//! Builder::new(&mut request, Class::Request, Method::BINDING, TransactionId::new([1; 12]))?;
//! let mut out = [0; 512];
//! let source = "198.51.100.7:4242".parse()?;
//! let answer = Server::default().answer(&request, source, 0, &mut out);
//! assert_eq!(answer.verdict, Verdict::Success);
//! assert_eq!(Message::parse(&out[..answer.len])?.mapped_address(), Some(source));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
use super::auth::{Auth, Protection};
use super::error::BuildError;
use super::{Algorithms, Builder, Check, Class, Dialect, Message, Method, attribute, default_reason};
use core::net::SocketAddr;

/// The most types that UNKNOWN-ATTRIBUTES lists; further ones are left out, so that a request cannot make a response
/// much longer than usual.
pub const MAX_UNKNOWN: usize = 32;
/// A response buffer of this many bytes is enough unless a caller adds attributes or `software` is long.
pub const RESPONSE_LEN: usize = 1280;

/// In place of an error code: no response.
const IGNORE: u16 = 0;
/// In place of an error code: a success response.
const SUCCESS: u16 = 200;

/// How a server answers. `Default` answers plain Binding requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Server<'a> {
    /// Text for SOFTWARE, UTF-8; empty for none. At most 763 bytes.
    pub software: &'a [u8],
    /// Required attribute types that the caller deals with, besides those of RFC 8489 (and, with `role`, of ICE).
    pub understood: &'a [u16],
    /// Methods that the caller deals with, besides Binding.
    pub methods: &'a [Method],
    /// Clients that may ask.
    pub auth: Auth<'a>,
    /// Sends everybody to this server, with error 300 (RFC 8489 §10).
    pub alternate: Option<SocketAddr>,
    /// The role of an ICE agent, for error 487 (RFC 8445 §7.3.1.1).
    pub role: Option<Role>,
    /// Answers malformed requests with 400 where a transaction id can be read. RFC 8489 §6.3 would have them discarded,
    /// which is right over UDP; over a WebSocket the sender should learn what is wrong.
    pub refuse_malformed: bool,
    /// Adds FINGERPRINT to every response, and not only when the request has one. Never in the classic dialect.
    pub fingerprint: bool,
}

/// An ICE agent's role and tie-breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// True for the controlling agent.
    pub controlling: bool,
    /// The agent's tie-breaker.
    pub tie_breaker: u64,
}

/// Rules in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Rule {
    /// A header of 20 bytes whose first two bits are zero (RFC 8489 §5).
    Header = 1,
    /// The length field is right, and every attribute ends within the message (§5, §14).
    Structure = 2,
    /// The magic cookie: passed for RFC 8489, skipped for the classic dialect (§5, §11).
    Cookie = 3,
    /// FINGERPRINT is right; skipped when absent (§7, §14.7).
    Fingerprint = 4,
    /// It is a request (§6.3.1).
    Class = 5,
    /// The method is known (§6.3).
    Method = 6,
    /// An integrity attribute is there; skipped when no credentials are asked for (§9.1.3, §9.2.4).
    IntegrityPresent = 7,
    /// The attributes that name the user are all there (§9.1.3, §9.2.4).
    CredentialsPresent = 8,
    /// PASSWORD-ALGORITHMS is the list we sent, and PASSWORD-ALGORITHM one of it: bid-down protection (§9.2.4).
    Algorithms = 9,
    /// The user is known (§9.1.3, §9.2.4).
    User = 10,
    /// The integrity attribute is right (§9.1.3, §9.2.4).
    Integrity = 11,
    /// NONCE is ours and still good (§9.2.4).
    Nonce = 12,
    /// No required attribute is unknown (§6.3.1).
    UnknownAttributes = 13,
    /// There is no other server to ask (§10).
    Alternate = 14,
    /// No role conflict, or one that the peer wins (RFC 8445 §7.3.1.1).
    Role = 15,
    /// The response fits the buffer.
    Response = 16,
}

impl Rule {
    /// Every rule, in the order in which they are checked.
    pub const ALL: &'static [Self] = &[
        Self::Header,
        Self::Structure,
        Self::Cookie,
        Self::Fingerprint,
        Self::Class,
        Self::Method,
        Self::IntegrityPresent,
        Self::CredentialsPresent,
        Self::Algorithms,
        Self::User,
        Self::Integrity,
        Self::Nonce,
        Self::UnknownAttributes,
        Self::Alternate,
        Self::Role,
        Self::Response,
    ];

    /// A stable name, such as `unknown-attributes`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Structure => "structure",
            Self::Cookie => "cookie",
            Self::Fingerprint => "fingerprint",
            Self::Class => "class",
            Self::Method => "method",
            Self::IntegrityPresent => "integrity-present",
            Self::CredentialsPresent => "credentials-present",
            Self::Algorithms => "algorithms",
            Self::User => "user",
            Self::Integrity => "integrity",
            Self::Nonce => "nonce",
            Self::UnknownAttributes => "unknown-attributes",
            Self::Alternate => "alternate",
            Self::Role => "role",
            Self::Response => "response",
        }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// There was nothing to check.
    Skipped = 0,
    /// In order.
    Passed = 1,
    /// Not in order; the last step.
    Failed = 2,
}

/// The checks made, in order.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    steps: [(Rule, Outcome); 16],
    len: usize,
}

/// No check made yet.
impl Default for Steps {
    fn default() -> Self {
        Self::new()
    }
}

impl Steps {
    const fn new() -> Self {
        Self { steps: [(Rule::Header, Outcome::Skipped); 16], len: 0 }
    }

    fn note(&mut self, rule: Rule, outcome: Outcome) {
        if let Some(step) = self.steps.get_mut(self.len) {
            *step = (rule, outcome);
            self.len += 1;
        }
    }

    /// Notes `rule` as passed, or as failed, which gives the error code.
    pub(super) fn demand(&mut self, rule: Rule, passed: bool, code: u16) -> Result<(), u16> {
        self.note(rule, if passed { Outcome::Passed } else { Outcome::Failed });
        if passed { Ok(()) } else { Err(code) }
    }

    pub(super) fn skip(&mut self, rule: Rule) {
        self.note(rule, Outcome::Skipped);
    }

    /// The checks made, in order.
    pub fn as_slice(&self) -> &[(Rule, Outcome)] {
        self.steps.get(..self.len).unwrap_or_default()
    }
}

/// Fate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A success response.
    Success,
    /// An error response with this code.
    Refused(u16),
    /// No response: not a request, or nothing that can be answered.
    Ignored,
}

/// The result of [`Server::answer`].
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Fate of the request.
    pub verdict: Verdict,
    /// Bytes of the response in the buffer; 0 when ignored.
    pub len: usize,
    /// The checks made, in order.
    pub steps: Steps,
    /// The peer won a role conflict: the agent must switch its role (RFC 8445 §7.3.1.1).
    pub switch_role: bool,
}

/// A request, and what is known of it after the checks.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The request.
    pub message: Message<'a>,
    /// Signature that the response must have.
    pub protection: Protection<'a>,
    /// The agent must switch its role (RFC 8445 §7.3.1.1).
    pub switch_role: bool,
}

/// Why a request is not accepted.
#[derive(Clone, Copy, Debug)]
pub enum Refusal<'a> {
    /// No response.
    Ignore,
    /// An error response.
    Error(ErrorResponse<'a>),
}

/// Parts from which an error response is written.
#[derive(Clone, Copy, Debug)]
pub struct ErrorResponse<'a> {
    /// The code, 300 to 699.
    pub code: u16,
    reason: &'static str,
    request: Request<'a>,
}

impl<'a> ErrorResponse<'a> {
    /// An error response to `request`.
    pub const fn new(code: u16, request: &Request<'a>) -> Self {
        Self { code, reason: default_reason(code), request: *request }
    }

    /// The same without a reason phrase, where the answer must not be much longer than the request.
    #[must_use]
    pub const fn terse(mut self) -> Self {
        self.reason = "";
        self
    }
}

impl<'s> Server<'s> {
    /// Answers one datagram or message from `source` into `out`. `now` is seconds on the caller's clock; only nonces
    /// depend on it.
    pub fn answer(&self, request: &[u8], source: SocketAddr, now: u32, out: &mut [u8]) -> Answer {
        let mut steps = Steps::new();
        let (request, code) = self.examine(request, source, now, &mut steps);
        let response = match request {
            Some(request) if code != IGNORE => self.respond(&request, code, reason(code), source, now, out, |_| Ok(())),
            _ => return Answer { verdict: Verdict::Ignored, len: 0, steps, switch_role: false },
        };
        let (verdict, len) = match response {
            Ok(len) if code == SUCCESS => (Verdict::Success, len),
            Ok(len) => (Verdict::Refused(code), len),
            Err(_) => (Verdict::Ignored, 0),
        };
        steps.note(Rule::Response, if len > 0 { Outcome::Passed } else { Outcome::Failed });
        let switch_role = len > 0 && request.is_some_and(|request| request.switch_role);
        Answer { verdict, len, steps, switch_role }
    }

    /// Makes every check on a request and notes each in `steps`.
    ///
    /// # Errors
    ///
    /// [`Refusal`] at the first check that fails.
    pub fn check<'m>(
        &self,
        request: &'m [u8],
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<Request<'m>, Refusal<'m>>
    where
        's: 'm,
    {
        match self.examine(request, source, now, steps) {
            (Some(request), SUCCESS) => Ok(request),
            (Some(request), code) if code != IGNORE => {
                Err(Refusal::Error(ErrorResponse { code, reason: reason(code), request }))
            }
            _ => Err(Refusal::Ignore),
        }
    }

    /// The request if its header is one, and [`SUCCESS`], [`IGNORE`] or the error code.
    fn examine<'m>(
        &self,
        request: &'m [u8],
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> (Option<Request<'m>>, u16)
    where
        's: 'm,
    {
        let parsed = Message::parse(request);
        // When the structure is wrong, the header alone tells whom to answer.
        let message = parsed.ok().or_else(|| Message::of_header(request));
        let header = steps.demand(Rule::Header, message.is_some(), IGNORE);
        let (Some(message), Ok(())) = (message, header) else { return (None, IGNORE) };
        let mut request = Request { message, protection: Protection::None, switch_role: false };
        let code = match self.inspect(&mut request, parsed.is_ok(), source, now, steps) {
            Ok(()) => SUCCESS,
            Err(code) => code,
        };
        (Some(request), code)
    }

    /// The checks after that of the header; the error is the error code.
    fn inspect<'m>(
        &self,
        request: &mut Request<'m>,
        is_whole: bool,
        source: SocketAddr,
        now: u32,
        steps: &mut Steps,
    ) -> Result<(), u16>
    where
        's: 'm,
    {
        let message = &request.message;
        let is_request = message.class() == Class::Request;
        let modern = message.dialect() == Dialect::Rfc8489;
        let malformed = if self.refuse_malformed && is_request { 400 } else { IGNORE };
        steps.demand(Rule::Structure, is_whole, if modern { malformed } else { IGNORE })?;
        steps.note(Rule::Cookie, if modern { Outcome::Passed } else { Outcome::Skipped });
        match message.fingerprint() {
            Check::Absent => steps.skip(Rule::Fingerprint),
            check => steps.demand(Rule::Fingerprint, check.is_valid(), malformed)?,
        }
        steps.demand(Rule::Class, is_request, IGNORE)?;
        let known = message.method() == Method::BINDING || self.methods.contains(&message.method());
        steps.demand(Rule::Method, known, malformed)?;
        request.protection = self.auth.check(message, source, now, steps)?;
        steps.demand(Rule::UnknownAttributes, self.unknown(message).1 == 0, 420)?;
        match self.alternate {
            None => steps.skip(Rule::Alternate),
            Some(_) => steps.demand(Rule::Alternate, false, 300)?,
        }
        let Some(ours_wins) = self.role.and_then(|role| conflict(role, message)) else {
            steps.skip(Rule::Role);
            return Ok(());
        };
        steps.demand(Rule::Role, !ours_wins, 487)?;
        request.switch_role = true;
        Ok(())
    }

    /// Writes the success response to `request`, for Binding and Allocate with the mapped address in the request's dialect, then what `extra`
    /// adds, then SOFTWARE, integrity and FINGERPRINT. Returns its length.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when it does not fit `out`.
    pub fn accept(
        &self,
        request: &Request<'_>,
        source: SocketAddr,
        out: &mut [u8],
        extra: impl FnOnce(&mut Builder<'_>) -> Result<(), BuildError>,
    ) -> Result<usize, BuildError> {
        self.respond(request, SUCCESS, "", source, 0, out, extra)
    }

    /// Writes an error response. Returns its length.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when it does not fit `out`.
    pub fn refuse(
        &self,
        error: &ErrorResponse<'_>,
        source: SocketAddr,
        now: u32,
        out: &mut [u8],
    ) -> Result<usize, BuildError> {
        self.respond(&error.request, error.code, error.reason, source, now, out, |_| Ok(()))
    }

    /// Writes a success response, or the error response with this code.
    #[allow(clippy::too_many_arguments)]
    fn respond(
        &self,
        request: &Request<'_>,
        code: u16,
        reason: &str,
        source: SocketAddr,
        now: u32,
        out: &mut [u8],
        extra: impl FnOnce(&mut Builder<'_>) -> Result<(), BuildError>,
    ) -> Result<usize, BuildError> {
        let message = &request.message;
        let modern = message.dialect() == Dialect::Rfc8489;
        let class = if code == SUCCESS { Class::Success } else { Class::Error };
        let mut response = Builder::new(out, class, message.method(), message.transaction_id())?;
        if code == SUCCESS {
            if matches!(message.method(), Method::BINDING | Method::ALLOCATE) {
                let mapped = if modern { attribute::XOR_MAPPED_ADDRESS } else { attribute::MAPPED_ADDRESS };
                response.address_as(mapped, source, modern)?;
            }
            extra(&mut response)?;
        } else {
            self.explain(&mut response, message, code, reason, source, now)?;
        }
        if modern && !self.software.is_empty() {
            response.raw(attribute::SOFTWARE, self.software)?;
        }
        match request.protection {
            Protection::None => {}
            Protection::Sha1(key) => _ = response.sign(key)?,
            Protection::Sha256(key) => _ = response.sign_sha256(key, 32)?,
            Protection::Both(key) => _ = response.sign(key)?.sign_sha256(key, 32)?,
        }
        if modern && (self.fingerprint || message.get(attribute::FINGERPRINT).is_some()) {
            response.fingerprint()?;
        }
        Ok(response.as_bytes().len())
    }

    /// ERROR-CODE and what goes with it.
    fn explain(
        &self,
        response: &mut Builder<'_>,
        message: &Message<'_>,
        code: u16,
        reason: &str,
        source: SocketAddr,
        now: u32,
    ) -> Result<(), BuildError> {
        let classic = message.dialect() == Dialect::Rfc3489;
        // RFC 3489 §11.2.9 wants a multiple of four without padding.
        let len = if classic { reason.len() & !3 } else { reason.len() };
        response.error(code, reason.get(..len).unwrap_or_default())?;
        match (code, self.alternate, &self.auth) {
            (300, Some(alternate), _) => response.address_as(attribute::ALTERNATE_SERVER, alternate, false)?,
            // RFC 8489 §9.2.4.
            (401 | 438, _, Auth::LongTerm(terms)) => {
                response.raw(attribute::REALM, terms.realm)?;
                response.raw(attribute::NONCE, &terms.nonce(source, now))?;
                response.raw(attribute::PASSWORD_ALGORITHMS, Algorithms::BOTH.as_bytes())?;
            }
            (420, ..) => {
                let (list, len) = self.unknown(message);
                response.raw(attribute::UNKNOWN_ATTRIBUTES, list.as_flattened().get(..2 * len).unwrap_or_default())?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The required attributes that nobody here understands, for UNKNOWN-ATTRIBUTES, and how many there are.
    fn unknown(&self, message: &Message<'_>) -> ([[u8; 2]; MAX_UNKNOWN], usize) {
        let mut list = [[0; 2]; MAX_UNKNOWN];
        let mut len = 0;
        for found in message.effective() {
            if found.code() < 0x8000
                && !self.understands(found.code())
                && let Some(place) = list.get_mut(len)
            {
                *place = found.code().to_be_bytes();
                len += 1;
            }
        }
        // RFC 3489 §11.2.10: an even count, by naming one twice.
        if message.dialect() == Dialect::Rfc3489
            && len % 2 == 1
            && let Some([last, twice]) = list.get_mut(len - 1..=len)
        {
            *twice = *last;
            len += 1;
        }
        (list, len)
    }

    fn understands(&self, code: u16) -> bool {
        use attribute::{
            ERROR_CODE, MAPPED_ADDRESS, NONCE, PASSWORD_ALGORITHM, PRIORITY, REALM, UNKNOWN_ATTRIBUTES, USE_CANDIDATE,
            USERHASH, USERNAME, XOR_MAPPED_ADDRESS,
        };
        match code {
            USERNAME | REALM | NONCE | USERHASH | PASSWORD_ALGORITHM => true,
            MAPPED_ADDRESS | XOR_MAPPED_ADDRESS | ERROR_CODE | UNKNOWN_ATTRIBUTES => true,
            PRIORITY | USE_CANDIDATE if self.role.is_some() => true,
            _ => self.understood.contains(&code),
        }
    }
}

/// The reason phrase of an error that [`Server::check`] finds: only these, so that the small wasm build leaves the rest out.
const fn reason(code: u16) -> &'static str {
    match code {
        300 => const { default_reason(300) },
        400 => const { default_reason(400) },
        401 => const { default_reason(401) },
        420 => const { default_reason(420) },
        438 => const { default_reason(438) },
        487 => const { default_reason(487) },
        _ => "",
    }
}

/// RFC 8445 §7.3.1.1. `None`: no conflict. `Some(true)`: the peer must switch, error 487. `Some(false)`: we must.
fn conflict(role: Role, message: &Message<'_>) -> Option<bool> {
    let theirs = |code| message.bytes(code)?.try_into().ok().map(u64::from_be_bytes);
    if role.controlling {
        theirs(attribute::ICE_CONTROLLING).map(|theirs| role.tie_breaker >= theirs)
    } else {
        theirs(attribute::ICE_CONTROLLED).map(|theirs| role.tie_breaker < theirs)
    }
}
