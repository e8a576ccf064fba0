//! Text lifted out of its surroundings, with the way back.

use super::cursor::part;
use alloc::string::String;
use alloc::vec::Vec;

/// Text of a finding. Either a plain slice of the input, or rebuilt from pieces of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    start: usize,
    end: usize,
    rebuilt: Option<Rebuilt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rebuilt {
    text: String,
    /// (byte offset in `text`, byte offset in the input): from there on both run in step until the next entry.
    map: Vec<(usize, usize)>,
}

impl Extract {
    /// A slice of the input.
    pub(super) fn verbatim(start: usize, end: usize) -> Self {
        Self { start, end, rebuilt: None }
    }

    /// The text. Bytes that are not UTF-8 become U+FFFD.
    pub fn text<'a>(&'a self, input: &'a [u8]) -> alloc::borrow::Cow<'a, str> {
        match &self.rebuilt {
            Some(rebuilt) => alloc::borrow::Cow::Borrowed(&rebuilt.text),
            None => String::from_utf8_lossy(part(input, self.start, self.end)),
        }
    }

    /// The text's bytes, which may be other than UTF-8 where they are the input's own.
    pub(super) fn bytes<'a>(&'a self, input: &'a [u8]) -> &'a [u8] {
        match &self.rebuilt {
            Some(rebuilt) => rebuilt.text.as_bytes(),
            None => part(input, self.start, self.end),
        }
    }

    /// The rebuilt text and its map of (offset in the text, offset in the input), both in bytes;
    /// `None` when the text is the input's own from start to end.
    pub fn rebuilt(&self) -> Option<(&str, &[(usize, usize)])> {
        self.rebuilt.as_ref().map(|rebuilt| (rebuilt.text.as_str(), rebuilt.map.as_slice()))
    }

    /// Moves the spans: what was the input is a part of a greater one, which begins `by` bytes before.
    pub(super) fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
        if let Some(rebuilt) = &mut self.rebuilt {
            rebuilt.map.iter_mut().for_each(|(_, source)| *source += by);
        }
    }

    /// The same text out of `source`, which is not a part of the input but was put together from `start` to `end` and what
    /// lies before: every place in it is `start`.
    pub(super) fn detached(&self, source: &[u8], (start, end): (usize, usize)) -> Self {
        let rebuilt = Rebuilt { text: self.text(source).into_owned(), map: alloc::vec![(0, start)] };
        Self { start, end, rebuilt: Some(rebuilt) }
    }

    /// First byte and one past the last byte in the input.
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// Builds an [`Extract`] piece by piece. Nothing is copied while the pieces are one part of the input.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    src: &'a [u8],
    start: Option<usize>,
    end: usize,
    copied: Option<Copied>,
}

/// The pieces, once they are more than a part of the input.
#[derive(Debug, Default)]
struct Copied {
    bytes: Vec<u8>,
    map: Vec<(usize, usize)>,
}

impl Copied {
    fn mark(&mut self, source: usize) {
        let here = self.bytes.len();
        if let Some(&(text, from)) = self.map.last() {
            if source.wrapping_sub(from) == here - text {
                return;
            }
            if text == here {
                self.map.pop();
            }
        }
        self.map.push((here, source));
    }
}

impl<'a> Builder<'a> {
    /// An extract of `src` with nothing in it yet.
    pub(super) const fn new(src: &'a [u8]) -> Self {
        Self { src, start: None, end: 0, copied: None }
    }

    /// Appends the input from `start` to `end`.
    pub(super) fn slice(&mut self, start: usize, end: usize) {
        let piece = part(self.src, start, end);
        if piece.is_empty() {
            return;
        }
        let follows = self.start.is_none() || self.end == start;
        self.start.get_or_insert(start);
        if self.copied.is_some() || !follows {
            let copied = self.copied();
            copied.mark(start);
            copied.bytes.extend_from_slice(piece);
        }
        self.end = end;
    }

    /// Appends bytes that stand for the input from `start` to `end`.
    pub(super) fn replaced(&mut self, bytes: &[u8], start: usize, end: usize) {
        let copied = self.copied();
        copied.mark(start);
        copied.bytes.extend_from_slice(bytes);
        copied.mark(end);
        self.start.get_or_insert(start);
        self.end = end.max(self.end);
    }

    /// The bytes so far.
    pub(super) fn bytes(&self) -> &[u8] {
        match (&self.copied, self.start) {
            (Some(copied), _) => &copied.bytes,
            (None, Some(start)) => part(self.src, start, self.end),
            (None, None) => &[],
        }
    }

    /// The pieces as a copy.
    fn copied(&mut self) -> &mut Copied {
        let (src, end, start) = (self.src, self.end, self.start);
        self.copied.get_or_insert_with(|| {
            start.map_or_else(Copied::default, |start| Copied {
                bytes: part(src, start, end).to_vec(),
                map: alloc::vec![(0, start)],
            })
        })
    }

    /// The extract: verbatim when nothing was left out or replaced.
    pub(super) fn finish(self) -> Extract {
        let start = self.start.unwrap_or(self.end);
        let Some(Copied { bytes, mut map }) = self.copied else { return Extract::verbatim(start, self.end) };
        if map.last().is_some_and(|&(text, _)| text == bytes.len()) {
            map.pop();
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Extract { start, end: self.end, rebuilt: Some(Rebuilt { text, map }) }
    }
}
