//! The one parser of candidate lines.

use alloc::borrow::Cow;
use alloc::string::String;

use super::pairs::{Field, Pair, Pairs};
use super::tokens::{Odd, Token, Tokens, fold, line_end, separator, word};
use super::{AddressKind, Candidate, CandidateType, TcpType};
use crate::explain::{Code, Diagnostics, Report};
use crate::net::{ipv4, ipv6};
use crate::text::Span;

/// Content of a line.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A candidate.
    Candidate(Candidate<'a>),
    /// An end marker: the empty string, `end-of-candidates` (RFC 8840 §8.2), or `null` as logs print it.
    EndOfCandidates,
    /// Neither; the diagnostics say why.
    Nothing,
}

/// The outcome of [`parse`].
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// Content of the text.
    pub content: Content<'a>,
    /// Everything wrong or notable, with byte spans into the text.
    pub diagnostics: Diagnostics,
}

impl<'a> Parsed<'a> {
    /// The candidate, if there is one.
    pub fn candidate(&self) -> Option<&Candidate<'a>> {
        match &self.content {
            Content::Candidate(candidate) => Some(candidate),
            Content::EndOfCandidates | Content::Nothing => None,
        }
    }
}

/// Parses one candidate, with `a=candidate:`, `candidate:` or nothing before it.
///
/// Total: any text gives a value. With a diagnostic of severity error there is no candidate. The diagnostics say what
/// can't be read; [`lint`] has those of the rules as well.
pub fn parse(text: &str) -> Parsed<'_> {
    parsed::<false>(text)
}

/// [`parse`], with the diagnostics of every rule of the RFCs and of the browsers.
#[cfg(feature = "lint")]
pub fn lint(text: &str) -> Parsed<'_> {
    parsed::<true>(text)
}

fn parsed<const RULES: bool>(text: &str) -> Parsed<'_> {
    let mut diagnostics = Diagnostics::new();
    let content = parse_with::<RULES>(text, &mut Report::new(&mut diagnostics, 0, 1), &mut |_, _| {});
    Parsed { content, diagnostics }
}

/// Is called with the name and value of an extension.
pub(crate) type Extension<'f, 'a> = &'f mut dyn FnMut(&'a [u8], &'a [u8]);

/// [`parse`] (or, with `RULES`, `lint`) for a text that is part of a larger one: `report` knows where. Calls `extension`
/// with what [`Candidate::extensions`] would give, even when an error comes after it.
pub fn parse_with<'a, const RULES: bool>(
    text: &'a str,
    report: &mut Report<'_>,
    extension: Extension<'_, 'a>,
) -> Content<'a> {
    let end = line_end(text.as_bytes());
    let line = part(text, 0, end);
    let mut parser = Parser::<RULES> { line, report };
    let blank = |byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t');
    if !part(text, end, text.len()).bytes().all(blank) {
        parser.report.at(Code::CandOneLine, Span::new(end, text.len()));
        return Content::Nothing;
    }
    if is_end_marker(line) {
        return Content::EndOfCandidates;
    }
    match parser.line(extension) {
        Some(candidate) => Content::Candidate(candidate),
        None => Content::Nothing,
    }
}

fn is_end_marker(line: &str) -> bool {
    let mut line = line.as_bytes();
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = line {
        line = rest;
    }
    matches!(line, b"" | b"a=end-of-candidates" | b"end-of-candidates" | b"(null)" | b"null")
}

/// With `RULES` it reports every rule, else only what it can't read; a build that never asks for the rules has none.
struct Parser<'a, 'r, 'd, const RULES: bool> {
    /// The line without its end. Spans count from its start.
    line: &'a str,
    report: &'r mut Report<'d>,
}

/// Fields after the type, sorted out.
#[derive(Default)]
struct Tail<'a> {
    related_address: Option<&'a [u8]>,
    related_port: Option<u16>,
    has_rport: bool,
    /// Whether a `tcptype` is there, readable or not.
    has_tcptype: bool,
    tcp_type: Option<TcpType>,
    /// The separators of the whole line.
    odd: Odd,
}

impl<'a, const RULES: bool> Parser<'a, '_, '_, RULES> {
    const fn is_reported(code: Code) -> bool {
        RULES || !code.is_rule()
    }

    /// Start and end of `part` within the line.
    fn bounds(&self, part: &[u8]) -> (usize, usize) {
        let start = (part.as_ptr() as usize).wrapping_sub(self.line.as_ptr() as usize);
        (start, start.wrapping_add(part.len()))
    }

    /// Reports a part of the line.
    #[inline(always)]
    fn at(&mut self, code: Code, part: &[u8]) {
        if Self::is_reported(code) {
            self.report(code, part);
        }
    }

    // Most lines have nothing to report: out of line, the parser is smaller and faster.
    #[cold]
    #[inline(never)]
    fn report(&mut self, code: Code, part: &[u8]) {
        let (start, end) = self.bounds(part);
        self.report.at(code, Span::new(start, end));
    }

    #[inline(always)]
    fn replace(&mut self, code: Code, bounds: (usize, usize), replacement: Cow<'static, str>) {
        if Self::is_reported(code) {
            self.report_with_fix(code, bounds, replacement);
        }
    }

    #[cold]
    #[inline(never)]
    fn report_with_fix(&mut self, code: Code, (start, end): (usize, usize), replacement: Cow<'static, str>) {
        let span = Span::new(start, end);
        self.report.with_fix(code, span, span, replacement);
    }

    fn text(&self, part: &[u8]) -> &'a str {
        let (start, end) = self.bounds(part);
        self::part(self.line, start, end)
    }

    /// Parses the line; `None` after an error, which is reported.
    fn line(&mut self, extension: Extension<'_, 'a>) -> Option<Candidate<'a>> {
        let mut tokens = Tokens::new(self.line);
        tokens.skip(false);
        tokens.seek(self.prefix(tokens.at()));

        let foundation = self.foundation(&mut tokens);
        let (component, component_id) = self.number(Code::CandComponent, &mut tokens)?;
        let (transport, protocol, legacy) = self.transport(&mut tokens)?;
        let (priority, priority_value) = self.number(Code::CandPriority, &mut tokens)?;
        let (address, address_kind) = self.address(&mut tokens)?;
        let port = self.port(&mut tokens)?;
        let (kind, known) = self.kind(&mut tokens)?;
        let tail_start = tokens.at();
        let mut tail = self.tail(tokens, extension);
        tail.tcp_type = tail.tcp_type.or(legacy);
        if tail.odd != Odd::default() {
            self.separators(tail.odd, foundation.is_empty());
        }
        if !(1..=256).contains(&component_id) {
            self.at(Code::CandComponentRange, component);
        }
        if !(1..=0x7fff_ffff).contains(&priority_value) {
            self.at(Code::CandPriorityRange, priority);
        }
        self.relations((transport, protocol), (kind, known), &tail);
        Some(Candidate {
            text: self.line,
            foundation: self.text(foundation),
            component: component_id,
            transport: self.text(transport),
            priority: priority_value,
            address: self.text(address),
            address_kind,
            port,
            kind: self.text(kind),
            tcp_type: tail.tcp_type,
            related_address: tail.related_address.map(|address| self.text(address)),
            related_port: tail.related_port,
            tail: part(self.line, tail_start, self.line.len()),
        })
    }

    /// Offset behind `a=` and `candidate:`.
    fn prefix(&mut self, mut at: usize) -> usize {
        let line = self.line.as_bytes();
        let head = |at: usize, length: usize| line.get(at..at + length).unwrap_or(&[]);
        if head(at, 2).eq_ignore_ascii_case(b"a=") {
            if line.get(at) == Some(&b'A') {
                self.replace(Code::CandLineTypeCase, (at, at + 1), Cow::Borrowed("a"));
            }
            at += 2;
            let mut word = at;
            while separator(line, word) > 0 {
                word += separator(line, word);
            }
            if word > at && head(word, PREFIX.len()).eq_ignore_ascii_case(PREFIX) {
                self.replace(Code::CandSpaces, (at, word), Cow::Borrowed(""));
                at = word;
            }
        }
        if head(at, PREFIX.len()) != PREFIX {
            if !head(at, PREFIX.len()).eq_ignore_ascii_case(PREFIX) {
                if !Self::is_reported(Code::CandPrefixMissing) {
                    return at;
                }
                let first =
                    line.iter().skip(at).position(|&byte| byte == b' ').map_or(line.len(), |length| at + length);
                let insert = Span::new(at, at);
                self.report.with_fix(Code::CandPrefixMissing, Span::new(at, first), insert, "candidate:");
                return at;
            }
            self.replace(Code::CandPrefixCase, (at, at + PREFIX.len() - 1), Cow::Borrowed("candidate"));
        }
        at += PREFIX.len();
        if head(at, PREFIX.len()) == PREFIX {
            self.replace(Code::CandPrefixDouble, (at, at + PREFIX.len()), Cow::Borrowed(""));
            at += PREFIX.len();
        }
        at
    }

    fn foundation(&mut self, tokens: &mut Tokens<'a>) -> &'a [u8] {
        let empty = tokens.rest().get(..0).unwrap_or(&[]);
        if separator(tokens.rest(), 0) > 0 {
            // `candidate: 1 udp …` has no foundation; `candidate: 9 1 udp …` has a space too many before it.
            let mut ahead = *tokens;
            let first = ahead.next();
            if first.is_some() && ahead.next().is_none_or(|second| digits(second.bytes).is_none()) {
                self.at(Code::CandFoundationEmpty, empty);
                return empty;
            }
            tokens.odd.spaces |= first.is_some();
        }
        let foundation = tokens.next().map_or(empty, |token| self.without_prefix(token.bytes));
        if foundation.len() > 32 {
            self.at(Code::CandFoundationTooLong, foundation);
        }
        if !foundation.iter().all(|&byte| is_ice_char(byte)) {
            self.at(Code::CandFoundationChar, foundation);
        }
        foundation
    }

    /// A foundation that began with "candidate:" would lose that when it is written and read again.
    fn without_prefix(&mut self, token: &'a [u8]) -> &'a [u8] {
        let mut rest = token;
        while let Some(after) = rest.strip_prefix(PREFIX) {
            rest = after;
        }
        if rest.len() < token.len() {
            let (start, end) = self.bounds(token);
            self.replace(Code::CandPrefixDouble, (start, end - rest.len()), Cow::Borrowed(""));
        }
        rest
    }

    fn token(&mut self, tokens: &mut Tokens<'a>) -> Option<Token<'a>> {
        let before = tokens.rest();
        let token = tokens.next();
        if token.is_none() {
            self.at(Code::CandTooShort, if before.is_empty() { self.line.as_bytes() } else { before });
        }
        token
    }

    fn number(&mut self, code: Code, tokens: &mut Tokens<'a>) -> Option<(&'a [u8], u32)> {
        let token = self.token(tokens)?.bytes;
        let value = digits(token);
        if value.is_none() {
            self.at(code, token);
        }
        Some((token, value?))
    }

    fn transport(&mut self, tokens: &mut Tokens<'a>) -> Option<(&'a [u8], u64, Option<TcpType>)> {
        let token = self.token(tokens)?;
        // draft-ietf-mmusic-ice-tcp-07 had the direction in the transport.
        let protocol = token.folded();
        let legacy = match protocol {
            UDP | TCP => return Some((token.bytes, protocol, None)),
            TCP_ACT => Some(TcpType::Active),
            TCP_PASS => Some(TcpType::Passive),
            TCP_SO => Some(TcpType::SimultaneousOpen),
            _ => None,
        };
        if token.word != SSLTCP {
            self.at(if legacy.is_some() { Code::CandLegacyTransport } else { Code::CandTransportUnknown }, token.bytes);
        }
        Some((token.bytes, protocol, legacy))
    }

    fn address(&mut self, tokens: &mut Tokens<'a>) -> Option<(&'a [u8], AddressKind)> {
        let token = self.token(tokens)?.bytes;
        if token.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.') {
            if Self::is_reported(Code::CandAddress) && ipv4(token).is_none() {
                self.at(Code::CandAddress, token);
            }
            if token == b"0.0.0.0" {
                self.at(Code::CandUnspecified, token);
            }
            return Some((token, AddressKind::Ipv4));
        }
        if token.contains(&b':') {
            return Some((self.ipv6(token), AddressKind::Ipv6));
        }
        let name = token.split_last_chunk::<6>();
        if name.is_some_and(|(name, end)| !name.is_empty() && end.eq_ignore_ascii_case(b".local")) {
            return Some((token, AddressKind::Mdns));
        }
        self.at(Code::CandFqdn, token);
        Some((token, AddressKind::Fqdn))
    }

    /// A colon means IPv6 (RFC 8839 §5.1), with brackets as in a URL or a zone id in pasted text.
    fn ipv6(&mut self, token: &'a [u8]) -> &'a [u8] {
        let mut bare = token;
        if let [b'[', inner @ .., b']'] = token {
            bare = inner;
            if Self::is_reported(Code::CandIpv6Brackets) {
                self.replace(Code::CandIpv6Brackets, self.bounds(token), Cow::Owned(String::from(self.text(bare))));
            }
        }
        let mut numeric = bare;
        if let Some(zone) = bare.iter().position(|&byte| byte == b'%').and_then(|at| bare.get(at..)) {
            self.replace(Code::CandIpv6Zone, self.bounds(zone), Cow::Borrowed(""));
            numeric = bare.strip_suffix(zone).unwrap_or(bare);
        }
        if Self::is_reported(Code::CandAddress) && ipv6(numeric).is_none() {
            self.at(Code::CandAddress, token);
        }
        if numeric == b"::" {
            self.at(Code::CandUnspecified, token);
        }
        bare
    }

    fn port(&mut self, tokens: &mut Tokens<'a>) -> Option<u16> {
        let (token, value) = self.number(Code::CandPort, tokens)?;
        let port = u16::try_from(value).ok();
        match port {
            None => self.at(Code::CandPort, token),
            Some(0) => self.at(Code::CandPortZero, token),
            Some(_) => {}
        }
        port
    }

    fn kind(&mut self, tokens: &mut Tokens<'a>) -> Option<(&'a [u8], Option<CandidateType>)> {
        let typ = self.token(tokens)?;
        if typ.folded() != fold(TYP) {
            self.at(Code::CandTyp, typ.bytes);
            return None;
        }
        let before = *tokens;
        let token = self.token(tokens)?;
        let kind = CandidateType::from_folded(token.folded());
        match kind {
            Some(_) if !Self::is_reported(Code::CandCase) => {}
            Some(known) if typ.word != TYP || token.bytes != known.token().as_bytes() => {
                let mut replacement = String::from("typ ");
                replacement.push_str(known.token());
                let bounds = (self.bounds(typ.bytes).0, self.bounds(token.bytes).1);
                self.replace(Code::CandCase, bounds, Cow::Owned(replacement));
            }
            Some(_) => {}
            None if matches!(token.word, LOCAL | STUN) => self.at(Code::CandTypeLegacy, token.bytes),
            None if is_extension_name(token.bytes) => {
                // `typ  raddr 10.0.0.1 …`: the name stays in the tail, one separator before it.
                *tokens = before;
                tokens.seek(self.bounds(token.bytes).0 - 1);
                self.at(Code::CandTypeMissing, typ.bytes);
                return Some((typ.bytes.get(..0)?, None));
            }
            None => self.at(Code::CandTypeUnknown, token.bytes),
        }
        Some((token.bytes, kind))
    }

    fn tail(&mut self, tokens: Tokens<'a>, report: Extension<'_, 'a>) -> Tail<'a> {
        let mut found = Tail::default();
        let mut disordered = false;
        let mut after = 0; // how far in the order raddr, rport, tcptype, anything else
        let mut pairs = Pairs { tokens };
        for Pair { name, value, field } in pairs.by_ref() {
            let rank = match field {
                Field::Address if found.related_address.is_none() => {
                    found.related_address = Some(value);
                    1
                }
                Field::Port(Some(port)) if found.related_port.is_none() => {
                    found.related_port = Some(port);
                    2
                }
                Field::Tcp(Some(tcp_type)) if found.tcp_type.is_none() => {
                    found.tcp_type = Some(tcp_type);
                    3
                }
                _ => {
                    report(name, value);
                    self.extension(name, value, field);
                    4
                }
            };
            found.has_rport |= matches!(field, Field::Port(_));
            found.has_tcptype |= matches!(field, Field::Tcp(_));
            if rank < after && !disordered {
                disordered = true;
                self.at(Code::CandOrder, name);
            }
            after = after.max(rank);
            if value.is_empty() {
                self.at(Code::CandEmptyExtensionValue, name);
            }
        }
        found.odd = pairs.tokens.odd;
        found
    }

    /// Extensions that Chromium reads as numbers, and what would be a field if its value were one.
    fn extension(&mut self, name: &'a [u8], value: &'a [u8], field: Field) {
        match field {
            Field::Port(None) => self.at(Code::CandRelatedPort, value),
            Field::Tcp(None) => self.at(Code::CandTcptypeUnknown, value),
            _ => {}
        }
        let most = match name {
            b"generation" => u32::MAX,
            b"network-id" => 65535,
            b"network-cost" => 999,
            _ => return,
        };
        match digits(value) {
            Some(number) if number <= most => {}
            Some(_) if most == 999 => {
                self.replace(Code::CandNetworkCostRange, self.bounds(value), Cow::Borrowed("999"));
            }
            _ if value.is_empty() => {}
            _ => self.at(Code::CandExtensionNumber, value),
        }
    }

    #[cold]
    #[inline(never)]
    fn separators(&mut self, odd: Odd, no_foundation: bool) {
        for (met, code) in [(odd.spaces, Code::CandSpaces), (odd.tab, Code::CandTab), (odd.nbsp, Code::CandNbsp)] {
            if met && Self::is_reported(code) {
                self.replace(code, (0, self.line.len()), Cow::Owned(single_spaces(self.line, no_foundation)));
            }
        }
    }

    fn relations(
        &mut self,
        (transport, protocol): (&[u8], u64),
        (kind, known): (&[u8], Option<CandidateType>),
        tail: &Tail<'_>,
    ) {
        match tail.tcp_type {
            // One that can't be read was told already.
            None if protocol == TCP && !tail.has_tcptype => self.at(Code::CandTcptypeMissing, transport),
            Some(_) if protocol == UDP => self.at(Code::CandTcptypeOnUdp, transport),
            _ => {}
        }
        let (code, token) = match (known, tail.related_address, tail.has_rport) {
            (None, ..) | (Some(CandidateType::Host), None, _) => return,
            (Some(CandidateType::Host), Some(address), _) => (Code::CandRelatedOnHost, address),
            (_, None, false) => (Code::CandRelatedMissing, kind),
            (_, None, true) => (Code::CandRaddrMissing, kind),
            (_, Some(address), false) => (Code::CandRportMissing, address),
            (_, Some(address), true) if matches!(address, b"0.0.0.0" | b"::") => (Code::CandRelatedHidden, address),
            (_, Some(_), true) => return,
        };
        self.at(code, token);
    }
}

/// Beginning of a candidate attribute.
const PREFIX: &[u8] = b"candidate:";
const UDP: u64 = fold(word(b"udp"));
const TCP: u64 = fold(word(b"tcp"));
const SSLTCP: u64 = word(b"ssltcp");
const TCP_ACT: u64 = fold(word(b"tcp-act"));
const TCP_PASS: u64 = fold(word(b"tcp-pass"));
const TCP_SO: u64 = fold(word(b"tcp-so"));
const TYP: u64 = word(b"typ");
const LOCAL: u64 = word(b"local");
const STUN: u64 = word(b"stun");

/// Whether a word is the name of an extension that stands after the type, and so no type.
fn is_extension_name(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [b"raddr", b"rport", b"tcptype", b"generation", b"ufrag", b"network-id", b"network-cost"];
    NAMES.contains(&word)
}

/// Decimal digits only, at most 20 of them, up to 2³²−1.
pub(crate) fn number(token: &str) -> Option<u32> {
    digits(token.as_bytes())
}

pub(super) fn digits(token: &[u8]) -> Option<u32> {
    // Nineteen digits fit 64 bits; with twenty, the first must be a zero.
    let token = if token.len() == 20 { token.strip_prefix(b"0")? } else { token };
    if token.is_empty() || token.len() > 19 {
        return None;
    }
    let mut value = 0u64;
    for byte in token {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(digit.into());
    }
    u32::try_from(value).ok()
}

/// RFC 8839 §5.1 ice-char.
pub(crate) fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// `text` without `prefix`, which may be in any ASCII case.
#[cfg(any(feature = "ice", feature = "predict"))]
pub(crate) fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `text[start..end]`, or its empty start when that does not fit.
pub(crate) fn part(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).or_else(|| text.get(..0)).unwrap_or("")
}

/// The line with one space between its fields; none before the foundation, unless that is empty.
fn single_spaces(line: &str, no_foundation: bool) -> String {
    let mut tokens = Tokens::new(line);
    let mut out = String::with_capacity(line.len());
    while let Some(token) = tokens.next() {
        let start = out.len().saturating_sub(PREFIX.len());
        let after_prefix = out.as_bytes().get(start..).is_some_and(|end| end.eq_ignore_ascii_case(PREFIX));
        if !out.is_empty() && (no_foundation || !after_prefix) {
            out.push(' ');
        }
        out.push_str(core::str::from_utf8(token.bytes).unwrap_or(""));
    }
    out
}
