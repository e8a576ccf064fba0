//! The walk over a text.

use alloc::vec::Vec;

use super::byte_list;
use super::bytes::{self, Run};
use super::context::{self, Label};
use super::cursor::{BASE64, INSIDE, SHOWS, at, class, has, has_ignore_case, line_start, part, position_of};
use super::{
    Attribution, CandidateText, Description, DescriptionType, Finding, Found, MAX_FINDINGS, Protocol, Side, StunBytes,
    TextMessage, candidate, description, message,
};

/// How far behind a message's head its body may begin.
const BODY_REACH: usize = 4096;

/// A scan of text in steps.
#[derive(Debug, Default)]
pub(super) struct TextScanner {
    findings: Vec<Finding>,
    truncated: Option<usize>,
    /// Everything before is dealt with.
    position: usize,
    /// End of the last finding: labels do not reach further back.
    floor: usize,
    /// No fragment begins before this.
    no_fragment: usize,
    /// No digits or base64 begin before this.
    no_bytes: usize,
    /// It searches a text that was written in digits: no further one within.
    nested: bool,
    /// The last message: its index and where its head ends.
    head: Option<(usize, usize)>,
}

impl TextScanner {
    /// A scan that has not begun. Every later call takes the same input.
    pub(super) fn new(input: &[u8]) -> Self {
        let bom = if input.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Self { position: bom, floor: bom, ..Self::default() }
    }

    /// Bytes dealt with so far.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Goes on for about `budget` bytes; true when the end is reached.
    pub(super) fn step(&mut self, input: &[u8], budget: usize) -> bool {
        let stop = self.position.saturating_add(budget).min(input.len());
        while self.position < stop {
            if self.findings.len() >= MAX_FINDINGS {
                self.truncated.get_or_insert(self.position);
                self.position = input.len();
                break;
            }
            let next = next_begin(input, self.position, stop, self.no_bytes);
            self.position = if next < stop { self.examine(input, next).max(next + 1) } else { stop };
        }
        self.position >= input.len()
    }

    /// The findings so far, with line numbers.
    pub(super) fn finish(mut self, input: &[u8]) -> (Vec<Finding>, Option<usize>) {
        let (mut line, mut counted) = (1_u32, 0);
        for finding in &mut self.findings {
            let passed = part(input, counted, finding.start);
            line = line.saturating_add(line_ends(passed));
            counted = finding.start.max(counted);
            finding.line = line;
        }
        (self.findings, self.truncated)
    }

    /// Looks at what begins at `index`; returns where to go on.
    fn examine(&mut self, src: &[u8], index: usize) -> usize {
        let byte = at(src, index);
        let before = at(src, index.wrapping_sub(1));
        let found = match byte {
            b'c' | b'C' => self.candidate(src, index, before),
            b'v' if (!is_word(before) || is_escape(src, index)) && at(src, index + 1) == b'=' => {
                self.description(src, index)
            }
            b'o' | b'm' | b'a' if at(src, index + 1) == b'=' => self.fragment(src, index, before),
            b'e' | b'E' if !is_word(before) => self.words(src, index),
            b'S' | b'R' | b'H' => self.message(src, index),
            _ => None,
        };
        found.or_else(|| self.written(src, index, before)).unwrap_or(index + 1)
    }

    fn push(&mut self, found: Found, start: usize, end: usize, label: Label<'_>) {
        self.findings.push(Finding { found, start, end, side: label.side(), line: 0, packet: None });
        self.floor = end;
    }

    fn description(&mut self, src: &[u8], start: usize) -> Option<usize> {
        let block = description::description_at(src, start)?;
        Some(self.push_description(src, start, block, false))
    }

    fn push_description(&mut self, src: &[u8], start: usize, block: description::Block, fragment: bool) -> usize {
        let label = Label::before(src, start, self.floor);
        let carrier = self.head.filter(|&(_, end)| start >= end && start - end <= BODY_REACH).map(|(index, _)| index);
        let kind = block
            .escaped
            .then(|| context::kind_behind(src, block.end))
            .flatten()
            .or_else(|| label.kind())
            .or_else(|| self.kind_by_carrier(carrier))
            .or_else(|| context::kind_by_setup(block.extract.bytes(src)));
        let end = block.end;
        let found = Found::Sdp(Description { extract: block.extract, kind, fragment, message: carrier });
        self.push(found, start, end, label);
        end
    }

    /// Kind of description by its message: an INVITE or POST carries an offer, its final response the answer.
    fn kind_by_carrier(&self, carrier: Option<usize>) -> Option<DescriptionType> {
        let Some(Found::Message(message)) = carrier.and_then(|index| self.findings.get(index)).map(|f| &f.found) else {
            return None;
        };
        match (message.method.as_deref(), message.status) {
            (Some("INVITE" | "POST" | "UPDATE"), _) => Some(DescriptionType::Offer),
            (Some("ACK" | "PRACK"), _) | (_, Some(200..=299)) => Some(DescriptionType::Answer),
            (_, Some(100..=199)) => Some(DescriptionType::Pranswer),
            _ => None,
        }
    }

    fn fragment(&mut self, src: &[u8], start: usize, before: u8) -> Option<usize> {
        let begins = start == 0 || matches!(before, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'>');
        if !begins || start < self.no_fragment {
            return None;
        }
        match description::fragment_at(src, start) {
            Ok(block) => Some(self.push_description(src, start, block, true)),
            Err(end) => {
                self.no_fragment = end;
                None
            }
        }
    }

    fn candidate(&mut self, src: &[u8], index: usize, before: u8) -> Option<usize> {
        if !has_ignore_case(src, index, b"candidate") {
            return None;
        }
        let word = index + b"candidate".len();
        if at(src, word) == b':'
            && let Some(end) = candidate::candidate_end(src, index)
        {
            let start = if index >= 2 && before == b'=' && has(src, index - 2, b"a=") { index - 2 } else { index };
            let attribution = context::attribution(src, start, end, self.floor);
            let label = Label::before(src, start, self.floor);
            let extract = candidate::extract(src, start, end);
            let above = self.side_of_list(src, start);
            self.push(Found::Candidate(CandidateText { extract, attribution }), start, end, label);
            if let Some(last) = self.findings.last_mut() {
                last.side = last.side.or(above);
            }
            return Some(end);
        }
        let (start, end) = candidate::nothing_behind(src, word)?;
        let label = Label::before(src, start, self.floor);
        let attribution = context::attribution(src, start, end, self.floor);
        self.push(Found::EndOfCandidates(attribution), start, end, label);
        Some(end)
    }

    /// The side of the candidate before, when nothing but a line end lies between: a list has one heading.
    fn side_of_list(&self, src: &[u8], start: usize) -> Option<Side> {
        let last = self.findings.last().filter(|last| matches!(last.found, Found::Candidate(_)))?;
        part(src, last.end, start).trim_ascii().is_empty().then_some(last.side)?
    }

    fn words(&mut self, src: &[u8], index: usize) -> Option<usize> {
        let end = candidate::words_end(src, index)?;
        let start = if has(src, index.wrapping_sub(2), b"a=") { index - 2 } else { index };
        if !candidate::stands_alone(src, start, line_start(src, start, 256)) {
            return None;
        }
        let label = Label::before(src, start, self.floor);
        self.push(Found::EndOfCandidates(Attribution::default()), start, end, label);
        Some(end)
    }

    fn message(&mut self, src: &[u8], index: usize) -> Option<usize> {
        // A first line does not reach back into what was found before.
        let head = message::head_at(src, index).filter(|head| head.start >= self.floor)?;
        let end = head.end;
        self.no_bytes = end;
        if head.message.protocol == Protocol::Http && !carries_sdp(&head.message) {
            return Some(end);
        }
        let label = Label::before(src, head.start, self.floor);
        self.push(Found::Message(head.message), head.start, head.end, label);
        self.head = Some((self.findings.len() - 1, end));
        Some(end)
    }

    fn written(&mut self, src: &[u8], index: usize, before: u8) -> Option<usize> {
        if index < self.no_bytes {
            return None;
        }
        let byte = at(src, index);
        if byte == b'\\'
            && let Some(run) = byte_list::literal(src, index)
        {
            return self.take_run(src, run);
        }
        if class(before) & INSIDE != 0 {
            return None;
        }
        let escape = byte == b'\\' && at(src, index + 1) == b'x';
        if !escape && class(byte) & BASE64 == 0 {
            return None;
        }
        let mut nothing = index;
        if escape || byte_list::may_begin(src, index) {
            let read = [Self::dumped, Self::indexed, Self::decimal, Self::hexadecimal];
            for run in read.into_iter().filter_map(|read| read(src, index)) {
                match run {
                    Run::Nothing(end) => nothing = nothing.max(end),
                    run => return self.take_run(src, run),
                }
            }
        }
        match bytes::base64_run(src, index) {
            Some(Run::Nothing(end)) => self.no_bytes = end.max(nothing),
            Some(run) => return self.take_run(src, run),
            None => self.no_bytes = nothing,
        }
        None
    }

    fn dumped(src: &[u8], index: usize) -> Option<Run> {
        bytes::dump(src, index)
    }

    fn indexed(src: &[u8], index: usize) -> Option<Run> {
        (at(src, index) == b'0').then(|| byte_list::indexed_run(src, index))?
    }

    fn decimal(src: &[u8], index: usize) -> Option<Run> {
        at(src, index).is_ascii_digit().then(|| byte_list::decimal_run(src, index))?
    }

    fn hexadecimal(src: &[u8], index: usize) -> Option<Run> {
        Some(byte_list::hex_run(src, index))
    }

    fn take_run(&mut self, src: &[u8], run: Run) -> Option<usize> {
        match run {
            Run::Messages(written) => Some(self.push_written(src, written)),
            Run::Text(text, start, end) => self.text_within(src, &text, (start, end)),
            Run::Nothing(end) => {
                self.no_bytes = end;
                None
            }
        }
    }

    /// Searches a text that was written in digits or base64; what is found stands where they stand.
    fn text_within(&mut self, src: &[u8], text: &[u8], span: (usize, usize)) -> Option<usize> {
        self.no_bytes = span.1;
        if self.nested {
            return None;
        }
        let mut inner = Self { nested: true, ..Self::new(text) };
        inner.step(text, usize::MAX);
        let (findings, _) = inner.finish(text);
        if findings.is_empty() {
            return None;
        }
        let label = Label::before(src, span.0, self.floor);
        let index = self.findings.len();
        for mut finding in findings.into_iter().take(MAX_FINDINGS.saturating_sub(index)) {
            finding.detach(text, span, index);
            finding.side = finding.side.or_else(|| label.side());
            self.findings.push(finding);
        }
        self.floor = span.1;
        Some(span.1)
    }

    /// Whether the message was found in this packet before, alone or in another message: tshark writes the frame, and
    /// each of its layers and payloads once more.
    fn is_copy(&self, src: &[u8], written: &bytes::Written) -> bool {
        let before = part(src, written.start.saturating_sub(80), written.start);
        let is_layer =
            key_of(before).is_some_and(|key| key != b"frame_raw" && key.iter().any(|byte| b"._".contains(byte)));
        let [StunBytes { bytes: Some(message), .. }] = written.found.as_slice() else { return false };
        let Some(last) = self.findings.last() else { return false };
        // PDML: `show="00:01:…" value="0001…"` of one field.
        let is_value = part(src, last.end, written.start) == b"\" value=\"";
        if !is_layer && !is_value {
            return false;
        }
        let frame = self.findings.iter().rev().take_while(|finding| finding.start == last.start);
        frame.take(MAX_IN_FRAME).any(|finding| match &finding.found {
            Found::Stun(StunBytes { bytes: Some(bytes), .. }) => holds_message(bytes, message),
            _ => false,
        })
    }

    fn push_written(&mut self, src: &[u8], written: bytes::Written) -> usize {
        if self.is_copy(src, &written) {
            return written.end;
        }
        let label = Label::before(src, written.start, self.floor);
        for stun in written.found {
            self.push(Found::Stun(stun), written.start, written.end, label);
        }
        written.end
    }
}

/// Messages of one frame that a later layer is compared with.
const MAX_IN_FRAME: usize = 16;

/// Whether `message` is `bytes` or stands in them, by the first place where its header does.
fn holds_message(bytes: &[u8], message: &[u8]) -> bool {
    let header = part(message, 0, 20);
    let place = bytes.windows(header.len().max(1)).position(|window| window == header);
    place.is_some_and(|place| part(bytes, place, place + message.len()) == message)
}

/// The key whose string begins behind `before`: `"udp.payload": "`, or `"udp_raw": ["` for the first of its list.
fn key_of(before: &[u8]) -> Option<&[u8]> {
    let text = before.strip_suffix(b"\"")?.trim_ascii_end();
    let text = text.strip_suffix(b"[").unwrap_or(text).trim_ascii_end();
    let text = text.strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"")?;
    let quote = text.iter().rposition(|&byte| byte == b'"')?;
    text.get(quote + 1..)
}

/// Whether an escape such as `\n` ends just before `index`.
fn is_escape(src: &[u8], index: usize) -> bool {
    matches!(at(src, index.wrapping_sub(1)), b'n' | b'r' | b't') && at(src, index.wrapping_sub(2)) == b'\\'
}

/// Whether the body is a description (RFC 9725) or a fragment of one (RFC 8840).
fn carries_sdp(message: &TextMessage) -> bool {
    message.header("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().contains("sdp"))
}

/// How far behind the first byte of something the byte may be that shows it: the `d` of `candidate`.
const REACH: usize = 3;

/// The first position from `from` to `stop` at which [`TextScanner::examine`] may find something; `stop` where there is none.
/// No digits or base64 begin before `no_bytes`.
fn next_begin(src: &[u8], from: usize, stop: usize, no_bytes: usize) -> usize {
    let mut inside = class(at(src, from.wrapping_sub(1))) & INSIDE != 0;
    for (index, &byte) in (from..).zip(part(src, from, stop.saturating_add(REACH))) {
        let class = class(byte);
        let first = class & BASE64 != 0 && !inside;
        if first
            && index >= no_bytes
            && index < stop
            && (byte_list::may_begin(src, index) || bytes::may_begin_base64(src, index))
        {
            return index;
        }
        if class & SHOWS != 0
            && let Some(begin) = shown_begin(src, index, byte)
            && begin >= from
            && begin < stop
        {
            return begin;
        }
        inside = class & INSIDE != 0;
    }
    stop
}

/// Where what the byte at `index` shows begins: a line of a description, in the middle of a word behind an escape; an escape;
/// `candidate`, `end`, `SIP`, `RTSP`, `HTTP`. The rarest of their letters, so that few words are looked at.
fn shown_begin(src: &[u8], index: usize, byte: u8) -> Option<usize> {
    let lower = |back: usize| at(src, index.wrapping_sub(back)) | 0x20;
    match byte {
        b'=' => matches!(at(src, index.wrapping_sub(1)), b'v' | b'o' | b'm' | b'a').then(|| index - 1),
        b'd' | b'D' if lower(1) == b'n' => match lower(2) {
            b'e' => Some(index - 2),
            b'a' if lower(3) == b'c' => Some(index - 3),
            _ => None,
        },
        b'd' | b'D' => None,
        b'S' => (at(src, index + 1) == b'I').then_some(index),
        b'R' | b'H' => (at(src, index + 1) == b'T').then_some(index),
        _ => Some(index),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'?' | b'&' | b'.')
}

fn line_ends(text: &[u8]) -> u32 {
    let mut count = 0_u32;
    let mut place = position_of(text, 0, *b"\n\n");
    while place < text.len() {
        count = count.saturating_add(1);
        place = position_of(text, place + 1, *b"\n\n");
    }
    count
}
