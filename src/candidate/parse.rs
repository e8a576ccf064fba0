//! The one parser of candidate lines.

use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::tokens::Tokens;
use super::{AddressKind, Candidate, CandidateType, TcpType};
use crate::sdp::{Code, Diagnostics, Report, Span};

/// What a line holds.
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
    /// What the text holds.
    pub content: Content<'a>,
    /// What is wrong or notable, with byte spans into the text.
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
/// Total: any text gives a value. With a diagnostic of severity error there is no candidate.
pub fn parse(text: &str) -> Parsed<'_> {
    let mut diagnostics = Diagnostics::new();
    let content = parse_into(text, &mut Report::new(&mut diagnostics, 0, 1));
    Parsed { content, diagnostics }
}

/// [`parse`] for a text that is part of a larger one: `report` knows where.
pub fn parse_into<'a>(text: &'a str, report: &mut Report<'_>) -> Content<'a> {
    let end = text.bytes().position(|byte| byte == b'\n' || byte == b'\r').unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if !rest.trim_matches(['\r', '\n', ' ', '\t']).is_empty() {
        report.at(Code::CandOneLine, Span::new(end, text.len()));
        return Content::Nothing;
    }
    if is_end_marker(line) {
        return Content::EndOfCandidates;
    }
    let mut parser = Parser { text, report };
    match parser.line(line) {
        Some(candidate) => Content::Candidate(candidate),
        None => Content::Nothing,
    }
}

fn is_end_marker(line: &str) -> bool {
    let line = line.trim_matches([' ', '\t']);
    matches!(line, "" | "a=end-of-candidates" | "end-of-candidates" | "(null)" | "null")
}

struct Parser<'a, 'r, 'd> {
    /// What spans count from.
    text: &'a str,
    report: &'r mut Report<'d>,
}

/// What follows the type, sorted out.
struct Tail<'a> {
    related_address: Option<&'a str>,
    related_port: Option<u16>,
    has_rport: bool,
    tcp_type: Option<TcpType>,
}

impl<'a> Parser<'a, '_, '_> {
    fn at(&mut self, code: Code, part: &str) {
        self.report.at(code, Span::of(self.text, part));
    }

    fn replace(&mut self, code: Code, part: &str, replacement: impl Into<alloc::borrow::Cow<'static, str>>) {
        let span = Span::of(self.text, part);
        self.report.with_fix(code, span, span, replacement);
    }

    /// Parses a line without its end; `None` after an error, which is reported.
    fn line(&mut self, line: &'a str) -> Option<Candidate<'a>> {
        let mut tokens = Tokens::new(line);
        tokens.skip(false);
        let start = tokens.rest();
        let body = self.prefix(start);
        let odd = tokens.odd;
        tokens = Tokens::new(body);
        tokens.odd = odd;

        let foundation = self.foundation(&mut tokens);
        let component = self.number(Code::CandComponent, &mut tokens)?;
        let (transport, legacy) = self.transport(&mut tokens)?;
        let priority = self.number(Code::CandPriority, &mut tokens)?;
        let (address, address_kind, ip) = self.address(&mut tokens)?;
        let port = self.port(&mut tokens)?;
        let kind = self.kind(&mut tokens)?;
        let tail = tokens.rest();
        let mut found = self.tail(&mut tokens);
        found.tcp_type = found.tcp_type.or(legacy);
        self.separators(line, &tokens);

        let candidate = Candidate {
            text: line,
            foundation,
            component: component.1,
            transport,
            priority: priority.1,
            address,
            address_kind,
            ip,
            port,
            kind,
            tcp_type: found.tcp_type,
            related_address: found.related_address,
            related_port: found.related_port,
            tail,
        };
        self.ranges(&candidate, component.0, priority.0);
        self.relations(&candidate, found.has_rport);
        Some(candidate)
    }

    /// Takes off `a=` and `candidate:`.
    fn prefix(&mut self, line: &'a str) -> &'a str {
        let mut rest = line;
        if let Some(after) = strip_ignoring_case(rest, "a=") {
            if !rest.starts_with('a') {
                self.replace(Code::CandLineTypeCase, part(rest, 0, 1), "a");
            }
            rest = after;
        }
        let Some(after) = strip_ignoring_case(rest, "candidate:") else {
            let insert = Span::of(self.text, part(rest, 0, 0));
            let span = Span::of(self.text, part(rest, 0, rest.find(' ').unwrap_or(rest.len())));
            self.report.with_fix(Code::CandPrefixMissing, span, insert, "candidate:");
            return rest;
        };
        if !rest.starts_with("candidate:") {
            self.replace(Code::CandPrefixCase, part(rest, 0, "candidate".len()), "candidate");
        }
        match after.strip_prefix("candidate:") {
            Some(inner) => {
                self.replace(Code::CandPrefixDouble, part(after, 0, "candidate:".len()), "");
                inner
            }
            None => after,
        }
    }

    fn foundation(&mut self, tokens: &mut Tokens<'a>) -> &'a str {
        let before = *tokens;
        let Some(foundation) = tokens.next() else { return "" };
        let spaced = part(before.rest(), 0, 0).as_ptr() != foundation.as_ptr();
        if spaced {
            // `candidate: 1 udp …` has no foundation; `candidate: 9 1 udp …` has a space too many before it.
            let second_is_number = tokens.clone().next().is_some_and(|second| number(second).is_some());
            if !second_is_number {
                let empty = part(before.rest(), 0, 0);
                self.at(Code::CandFoundationEmpty, empty);
                *tokens = before;
                return empty;
            }
            tokens.odd.spaces = true;
        }
        if foundation.len() > 32 {
            self.at(Code::CandFoundationTooLong, foundation);
        }
        if !foundation.bytes().all(is_ice_char) {
            self.at(Code::CandFoundationChar, foundation);
        }
        foundation
    }

    fn token(&mut self, tokens: &mut Tokens<'a>) -> Option<&'a str> {
        let before = tokens.rest();
        let token = tokens.next();
        if token.is_none() {
            let end = self.text.trim_end_matches(['\r', '\n']);
            let span = if before.is_empty() { end } else { before };
            self.at(Code::CandTooShort, span);
        }
        token
    }

    fn number(&mut self, code: Code, tokens: &mut Tokens<'a>) -> Option<(&'a str, u32)> {
        let token = self.token(tokens)?;
        let value = number(token);
        if value.is_none() {
            self.at(code, token);
        }
        Some((token, value?))
    }

    fn transport(&mut self, tokens: &mut Tokens<'a>) -> Option<(&'a str, Option<TcpType>)> {
        let token = self.token(tokens)?;
        if token.eq_ignore_ascii_case("udp") || token.eq_ignore_ascii_case("tcp") || token == "ssltcp" {
            return Some((token, None));
        }
        // draft-ietf-mmusic-ice-tcp-07 had the direction in the transport.
        let legacy =
            [("tcp-act", TcpType::Active), ("tcp-pass", TcpType::Passive), ("tcp-so", TcpType::SimultaneousOpen)];
        let found = legacy.into_iter().find(|(name, _)| token.eq_ignore_ascii_case(name));
        self.at(if found.is_some() { Code::CandLegacyTransport } else { Code::CandTransportUnknown }, token);
        Some((token, found.map(|(_, tcp_type)| tcp_type)))
    }

    fn address(&mut self, tokens: &mut Tokens<'a>) -> Option<(&'a str, AddressKind, Option<IpAddr>)> {
        let token = self.token(tokens)?;
        if let Ok(ip) = token.parse::<Ipv4Addr>() {
            return Some((token, AddressKind::Ipv4, Some(IpAddr::V4(ip))));
        }
        if token.contains(':') {
            return Some(self.ipv6(token));
        }
        if token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            self.at(Code::CandAddress, token);
            return Some((token, AddressKind::Ipv4, None));
        }
        if token.len() > 6 && strip_ignoring_case(part(token, token.len() - 6, token.len()), ".local").is_some() {
            return Some((token, AddressKind::Mdns, None));
        }
        self.at(Code::CandFqdn, token);
        Some((token, AddressKind::Fqdn, None))
    }

    /// A colon means IPv6 (RFC 8839 §5.1), with brackets as in a URL or a zone id in pasted text.
    fn ipv6(&mut self, token: &'a str) -> (&'a str, AddressKind, Option<IpAddr>) {
        let bare = match token.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => {
                self.replace(Code::CandIpv6Brackets, token, String::from(inner));
                inner
            }
            None => token,
        };
        let mut numeric = bare;
        if let Some(percent) = bare.find('%') {
            self.replace(Code::CandIpv6Zone, part(bare, percent, bare.len()), "");
            numeric = part(bare, 0, percent);
        }
        let ip = numeric.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
        if ip.is_none() {
            self.at(Code::CandAddress, token);
        }
        (bare, AddressKind::Ipv6, ip)
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

    fn kind(&mut self, tokens: &mut Tokens<'a>) -> Option<&'a str> {
        let typ = self.token(tokens)?;
        if !typ.eq_ignore_ascii_case("typ") {
            self.at(Code::CandTyp, typ);
            return None;
        }
        let kind = self.token(tokens)?;
        match CandidateType::from_token(kind) {
            Some(known) if typ == "typ" && kind == known.token() => {}
            Some(known) => {
                let both =
                    part(self.text, Span::of(self.text, typ).start as usize, Span::of(self.text, kind).end as usize);
                let mut replacement = String::from("typ ");
                replacement.push_str(known.token());
                self.replace(Code::CandCase, both, replacement);
            }
            None if matches!(kind, "local" | "stun") => self.at(Code::CandTypeLegacy, kind),
            None => self.at(Code::CandTypeUnknown, kind),
        }
        Some(kind)
    }

    fn tail(&mut self, tokens: &mut Tokens<'a>) -> Tail<'a> {
        let mut found = Tail { related_address: None, related_port: None, has_rport: false, tcp_type: None };
        let mut disordered = false;
        let mut after = 0; // how far in the order raddr, rport, tcptype, anything else
        let mut pairs = Pairs { tokens: *tokens };
        for (name, value) in pairs.by_ref() {
            let rank = match related(name, value) {
                Some(Related::Address) if found.related_address.is_none() => {
                    found.related_address = Some(value);
                    1
                }
                Some(Related::Port(port)) if found.related_port.is_none() => {
                    found.related_port = Some(port);
                    2
                }
                Some(Related::Tcp(tcp_type)) if found.tcp_type.is_none() => {
                    found.tcp_type = Some(tcp_type);
                    3
                }
                _ => {
                    self.extension(name, value);
                    4
                }
            };
            found.has_rport |= name.eq_ignore_ascii_case("rport");
            if rank < after && !disordered {
                disordered = true;
                self.at(Code::CandOrder, name);
            }
            after = after.max(rank);
            if value.is_empty() {
                self.at(Code::CandEmptyExtensionValue, name);
            }
        }
        *tokens = pairs.tokens;
        found
    }

    /// Extensions that Chromium reads as numbers, and what would be a field if its value were one.
    fn extension(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("rport") && !matches!(related(name, value), Some(Related::Port(_))) {
            self.at(Code::CandRelatedPort, value);
        }
        if name.eq_ignore_ascii_case("tcptype") && !matches!(related(name, value), Some(Related::Tcp(_))) {
            self.at(Code::CandTcptypeUnknown, value);
        }
        if value.is_empty() || !matches!(name, "generation" | "network-id" | "network-cost") {
            return;
        }
        match number(value) {
            None => self.at(Code::CandExtensionNumber, value),
            Some(cost) if name == "network-cost" && cost > 999 => {
                self.replace(Code::CandNetworkCostRange, value, "999");
            }
            Some(id) if name == "network-id" && id > 65535 => self.at(Code::CandExtensionNumber, value),
            Some(_) => {}
        }
    }

    fn separators(&mut self, line: &str, tokens: &Tokens<'_>) {
        let odd = tokens.odd;
        for (met, code) in [(odd.spaces, Code::CandSpaces), (odd.tab, Code::CandTab), (odd.nbsp, Code::CandNbsp)] {
            if met {
                self.replace(code, line, single_spaces(line));
            }
        }
    }

    fn ranges(&mut self, candidate: &Candidate<'a>, component: &str, priority: &str) {
        if !(1..=256).contains(&candidate.component) {
            self.at(Code::CandComponentRange, component);
        }
        if !(1..=0x7fff_ffff).contains(&candidate.priority) {
            self.at(Code::CandPriorityRange, priority);
        }
    }

    fn relations(&mut self, candidate: &Candidate<'a>, has_rport: bool) {
        let tcp = candidate.transport.len() == 3 && !candidate.transport.eq_ignore_ascii_case("udp");
        match candidate.tcp_type {
            None if tcp => self.at(Code::CandTcptypeMissing, candidate.transport),
            Some(_) if candidate.transport.eq_ignore_ascii_case("udp") => {
                self.at(Code::CandTcptypeOnUdp, candidate.transport);
            }
            _ => {}
        }
        let Some(kind) = candidate.candidate_type() else { return };
        if kind == CandidateType::Host {
            if let Some(address) = candidate.related_address {
                self.at(Code::CandRelatedOnHost, address);
            }
            return;
        }
        match (candidate.related_address, has_rport) {
            (None, false) => self.at(Code::CandRelatedMissing, candidate.kind),
            (None, true) => self.at(Code::CandRaddrMissing, candidate.kind),
            (Some(address), false) => self.at(Code::CandRportMissing, address),
            (Some(address @ ("0.0.0.0" | "::")), true) => self.at(Code::CandRelatedHidden, address),
            (Some(_), true) => {}
        }
    }
}

/// What follows the type in this order and is a field, not an extension.
enum Related {
    Address,
    Port(u16),
    Tcp(TcpType),
}

/// Which field a pair is. With a value that is none of its kind it stays an extension, so that nothing is lost.
fn related(name: &str, value: &str) -> Option<Related> {
    if name.eq_ignore_ascii_case("raddr") {
        return (!value.is_empty()).then_some(Related::Address);
    }
    if name.eq_ignore_ascii_case("rport") {
        return number(value).and_then(|port| u16::try_from(port).ok()).map(Related::Port);
    }
    if name.eq_ignore_ascii_case("tcptype") {
        return TcpType::from_token(value).map(Related::Tcp);
    }
    None
}

/// Name and value pairs; a last name may lack its value.
#[derive(Clone, Copy, Debug)]
struct Pairs<'a> {
    tokens: Tokens<'a>,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.tokens.next()?;
        let after_name = self.tokens;
        let value = self.tokens.next().unwrap_or(self.tokens.rest());
        // Chromium writes an empty raddr as `raddr  rport 77`.
        if name.eq_ignore_ascii_case("raddr") && value.eq_ignore_ascii_case("rport") {
            self.tokens = after_name;
            return Some((name, part(name, name.len(), name.len())));
        }
        Some((name, value))
    }
}

/// The pairs of a tail without the first of each field.
pub(super) fn extensions(tail: &str) -> impl Iterator<Item = (&str, &str)> {
    let (mut address, mut port, mut tcp) = (false, false, false);
    Pairs { tokens: Tokens::new(tail) }.filter(move |(name, value)| {
        let seen = match related(name, value) {
            None => return true,
            Some(Related::Address) => &mut address,
            Some(Related::Port(_)) => &mut port,
            Some(Related::Tcp(_)) => &mut tcp,
        };
        core::mem::replace(seen, true)
    })
}

/// Decimal digits only, up to 2³²−1.
pub(crate) fn number(token: &str) -> Option<u32> {
    if token.is_empty() || token.len() > 20 || !token.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    token.parse().ok()
}

/// RFC 8839 §5.1 ice-char.
pub(crate) fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// `text` without `prefix`, which may be in any ASCII case.
pub(crate) fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `text[start..end]`, or its empty start when that does not fit.
pub(crate) fn part(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).or_else(|| text.get(..0)).unwrap_or("")
}

fn single_spaces(line: &str) -> String {
    let mut tokens = Tokens::new(line);
    let mut out = String::with_capacity(line.len());
    while let Some(token) = tokens.next() {
        if !out.is_empty() && !out.ends_with("candidate:") {
            out.push(' ');
        }
        out.push_str(token);
    }
    out
}
