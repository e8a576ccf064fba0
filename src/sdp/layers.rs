//! `a=rid` (RFC 8851), `a=simulcast` (RFC 8853) and `a=imageattr` (RFC 6236), as Firefox reads them, which refuses a
//! description for what it can't read there.

use alloc::string::String;
use alloc::vec::Vec;

use super::attribute::{Attribute, Attributes};
use super::document::{Media, Sdp};
use super::line::Line;
use crate::explain::Code;
use crate::sorting::sort;

/// Faults of these attributes of a section: those that can't be read, and a simulcast whose layers have no
/// `a=rid` of their direction. An attribute without a value is none.
pub(crate) fn problems<'s>(sdp: &Sdp<'_>, media: &Media<'s, '_>) -> Vec<(Code, &'s Line)> {
    let (mut found, mut rids, mut simulcast) = (Vec::new(), Vec::new(), None);
    const READ: Attributes = Attributes::of(&[Attribute::Rid, Attribute::Imageattr, Attribute::Simulcast]);
    for line in media.section().lines().iter().filter(|line| READ.has(line.attribute)) {
        let value = line.value(sdp.text());
        if value.trim_start_matches([' ', '\t']).is_empty() {
            continue;
        }
        match line.attribute {
            Attribute::Rid => match rid(value) {
                Some(rid) => rids.push(rid),
                None => found.push((Code::SdpRid, line)),
            },
            Attribute::Imageattr if Cursor(value).image().is_none() => found.push((Code::SdpImageattr, line)),
            Attribute::Simulcast if simulcast.is_none() => simulcast = Some((Cursor(value).simulcast(), line)),
            _ => {}
        }
    }
    sort(&mut rids);
    if let Some((layers, line)) = simulcast {
        let known = |layers: Vec<Layer>| layers.iter().all(|layer| rids.binary_search(layer).is_ok());
        if !layers.is_some_and(known) {
            found.push((Code::SdpSimulcast, line));
        }
    }
    found
}

/// Direction and identification of a stream.
type Layer = (Direction, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    Send,
    Receive,
}

impl Direction {
    fn new(word: &str) -> Option<Self> {
        match word {
            "send" => Some(Self::Send),
            "recv" => Some(Self::Receive),
            _ => None,
        }
    }
}

/// `<id> <direction>[ <key>=<value>[;<key>=<value>]…]`
fn rid(value: &str) -> Option<Layer> {
    let mut cursor = Cursor(value);
    let id = cursor.id(" ")?;
    cursor.spaces();
    let direction = Direction::new(&cursor.word(" "))?;
    if cursor.0.is_empty() {
        return Some((direction, id));
    }
    loop {
        cursor.spaces();
        let key = cursor.word("=");
        cursor.skip('=')?;
        match key.as_str() {
            "pt" => cursor.list(|cursor| cursor.number(0, 127))?,
            "max-width" | "max-height" | "max-fps" | "max-fs" | "max-br" | "max-pps" => cursor.number(0, u32::MAX)?,
            "depend" => cursor.list(|cursor| cursor.id(",; ").map(|_| ()))?,
            _ => {
                cursor.word(";");
            }
        }
        if cursor.skip(';').is_none() {
            return Some((direction, id));
        }
    }
}

/// Rest of a value.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn skip(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// Text before one of `ends`, in lower case.
    fn word(&mut self, ends: &str) -> String {
        let end = self.0.find(|c| ends.contains(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word.to_ascii_lowercase()
    }

    /// A RID: letters and digits (RFC 8852 §3).
    fn id(&mut self, ends: &str) -> Option<String> {
        let id = self.word(ends);
        let good = !id.is_empty() && id.len() <= 255 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        good.then_some(id)
    }

    fn number(&mut self, least: u32, most: u32) -> Option<()> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.parse::<u32>().ok().filter(|value| (least..=most).contains(value)).map(|_| ())
    }

    /// One or more items with commas between.
    fn list(&mut self, item: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            item(self)?;
            if self.skip(',').is_none() {
                return Some(());
            }
        }
    }

    /// `send <layers>` and `recv <layers>`, each at most once.
    fn simulcast(mut self) -> Option<Vec<Layer>> {
        let mut layers = Vec::new();
        let mut seen = Vec::new();
        loop {
            self.spaces();
            let word = self.word(" \t");
            if word.is_empty() {
                return (!seen.is_empty()).then_some(layers);
            }
            let direction = Direction::new(&word).filter(|direction| !seen.contains(direction))?;
            seen.push(direction);
            self.spaces();
            loop {
                let _paused = self.skip('~');
                layers.push((direction, self.id(",; ")?));
                if self.skip(',').or_else(|| self.skip(';')).is_none() {
                    break;
                }
            }
        }
    }

    /// `<payload type or *> <direction> <sets> [<direction> <sets>]` (RFC 6236 §3.1).
    fn image(mut self) -> Option<()> {
        if self.skip('*').is_none() {
            self.number(0, u16::MAX.into())?;
        }
        self.spaces();
        let first = self.image_sets()?;
        self.spaces();
        if self.0.is_empty() {
            return Some(());
        }
        let second = self.image_sets()?;
        self.spaces();
        (first != second && self.0.is_empty()).then_some(())
    }

    fn image_sets(&mut self) -> Option<Direction> {
        let direction = Direction::new(&self.word(" \t"))?;
        self.spaces();
        if self.skip('*').is_some() {
            return Some(direction);
        }
        loop {
            self.image_set()?;
            self.spaces();
            if !self.0.starts_with('[') {
                return Some(direction);
            }
        }
    }

    /// `[x=<range>,y=<range>{,<key>=<value>}]`
    fn image_set(&mut self) -> Option<()> {
        self.skip('[')?;
        for (axis, next) in [("x", Some(',')), ("y", None)] {
            if self.word("=") != axis {
                return None;
            }
            self.skip('=')?;
            self.image_range()?;
            if let Some(next) = next {
                self.skip(next)?;
            }
        }
        while self.skip(',').is_some() {
            self.word("=");
            self.skip('=')?;
            if self.0.starts_with('[') {
                self.word("]");
                self.skip(']')?;
            } else {
                self.word(",]");
            }
        }
        self.skip(']')
    }

    /// A number, `[<least>:<most>]`, `[<least>:<step>:<most>]` or `[<number>,<number>…]`.
    fn image_range(&mut self) -> Option<()> {
        const MOST: u32 = 999_999;
        if self.skip('[').is_none() {
            return self.number(1, MOST);
        }
        self.number(1, MOST)?;
        if self.skip(':').is_some() {
            self.number(1, MOST)?;
            if self.skip(':').is_some() {
                self.number(1, MOST)?;
            }
        } else {
            self.skip(',')?;
            self.list(|cursor| cursor.number(1, MOST))?;
        }
        self.skip(']')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_attributes() {
        let good = ["* send *", "97 send [x=640,y=480] recv *", "97 recv [x=[1:1920],y=[1:1080],q=0.5] [x=1,y=2]"];
        assert!(good.iter().all(|value| Cursor(value).image().is_some()));
        let bad =
            ["97", "x send *", "97 send [0-1920]", "97 send [x=640]", "97 send [x=0,y=1]", "97 send * send *", ""];
        assert_eq!(bad.iter().find(|value| Cursor(value).image().is_some()), None);
    }

    #[test]
    fn streams() {
        assert_eq!(rid("A  send pt=96,97;max-width=9"), Some((Direction::Send, "a".into())));
        for bad in ["1", "a_b send", "1 both", "1 send pt=999", "1 send max-width=x", "1 send x"] {
            assert_eq!(rid(bad), None, "{bad}");
        }
        assert_eq!(Cursor("send 1,~2;3 recv 4").simulcast().map(|layers| layers.len()), Some(4));
        for bad in ["send", "both 1", "send 1 send 2", "send rid=1", ""] {
            assert_eq!(Cursor(bad).simulcast(), None, "{bad}");
        }
    }
}
