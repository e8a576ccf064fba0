//! Limits of the evidence: what it can't show.

use super::reading::End;
use super::{Evidence, Source};

/// Something that the evidence can't show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit {
    /// Code of the limit: `one-sided`, `cut-dump`, `cut-capture`, `cut-text`, `cut-packets`, `no-outcome`.
    pub code: &'static str,
    /// Of `one-sided`, the side that nothing shows.
    pub end: Option<End>,
    /// Of what is cut, where: see [`Cut::at`](super::Cut::at).
    pub number: Option<u64>,
}

impl Limit {
    /// The same as a sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let number = self.number.unwrap_or_default();
        match self.code {
            "one-sided" => {
                let host = self.end.map_or("", End::host);
                format!("The evidence shows nothing of {host}: how the call ends can't be told. Add its description.")
            }
            "cut-dump" => format!("The dump is cut off at character {number}: what came later is not known."),
            "cut-capture" => format!("The capture is cut off at byte {number}: what came later is not known."),
            "cut-text" => format!("The text was read to character {number}: what came later is not known."),
            "cut-packets" => format!("{number} packets were not captured whole: messages in them could not be read."),
            _ => "The evidence does not show how the call ended.".into(),
        }
    }
}

impl Evidence {
    /// Limits: the questions that this evidence can't answer.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit> {
        let mut limits = Vec::new();
        if let Some(end) = self.unseen() {
            limits.push(Limit { code: "one-sided", end: Some(end), number: None });
        }
        if let Some(cut) = self.cut {
            let code = match cut.source {
                Source::Text => "cut-text",
                Source::Dump => "cut-dump",
                Source::Capture => "cut-capture",
                Source::Packets => "cut-packets",
            };
            limits.push(Limit { code, end: None, number: Some(cut.at) });
        }
        if self.outcome.is_none() {
            limits.push(Limit { code: "no-outcome", end: None, number: None });
        }
        limits
    }

    /// The side of which the evidence shows nothing: no candidate of it, and nothing of a call between the two.
    pub(super) fn unseen(&self) -> Option<End> {
        let began = |state: &str| !matches!(state, "new" | "closed");
        let called = self.outcome.is_some()
            || self.described.is_some()
            || self.pairs.iter().any(|pair| pair.sent > 0 || pair.received.unwrap_or(0) > 0)
            || self.states.iter().any(|it| began(&it.state));
        let sides = [(End::Remote, &self.remote), (End::Local, &self.local)];
        let empty = sides.into_iter().find(|(_, side)| side.candidates.is_empty());
        empty.filter(|_| !called).map(|(end, _)| end)
    }
}
