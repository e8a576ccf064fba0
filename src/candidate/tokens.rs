//! Tokens between separators: single spaces by the grammar, runs of spaces, tabs and NBSP in pasted text.

/// What separators other than one space were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) spaces: bool,
    pub(crate) tab: bool,
    pub(crate) nbsp: bool,
}

/// Walks over the tokens of one line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    pub(crate) odd: Odd,
}

/// Length of the separator at `at`, 0 for none. NBSP is C2 A0 in UTF-8.
fn separator(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b' ' | b'\t') => 1,
        Some(0xc2) if bytes.get(at + 1) == Some(&0xa0) => 2,
        _ => 0,
    }
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text, odd: Odd::default() }
    }

    /// What is left, separators first.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next token, or `None` at the end. One separator before it is taken as the grammar's.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        self.skip(true);
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && separator(bytes, end) == 0 {
            end += 1;
        }
        if end == 0 {
            return None;
        }
        let (token, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(token)
    }

    /// Skips separators. More than one, or any when `one_allowed` is false, is odd.
    pub(crate) fn skip(&mut self, one_allowed: bool) {
        let bytes = self.rest.as_bytes();
        let (mut at, mut count) = (0, 0);
        loop {
            let length = separator(bytes, at);
            if length == 0 {
                break;
            }
            self.odd.tab |= bytes.get(at) == Some(&b'\t');
            self.odd.nbsp |= length == 2;
            at += length;
            count += 1;
        }
        // Trailing separators are no matter: nothing follows them.
        self.odd.spaces |= count > usize::from(one_allowed) && at < bytes.len();
        self.rest = self.rest.get(at..).unwrap_or("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<&str>, Odd) {
        let mut tokens = Tokens::new(text);
        let mut list = Vec::new();
        while let Some(token) = tokens.next() {
            list.push(token);
        }
        (list, tokens.odd)
    }

    #[test]
    fn separators() {
        assert_eq!(all("a b é"), (vec!["a", "b", "é"], Odd::default()));
        assert_eq!(all("a "), (vec!["a"], Odd::default()));
        assert_eq!(all("a  b").1, Odd { spaces: true, ..Odd::default() });
        assert_eq!(all("a\tb").1, Odd { tab: true, ..Odd::default() });
        assert_eq!(all("a\u{a0}b\u{c2}c"), (vec!["a", "b\u{c2}c"], Odd { nbsp: true, ..Odd::default() }));
        assert_eq!(all("").0.len(), 0);
    }
}
