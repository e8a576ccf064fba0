//! Predictions of browsers, for the npm package. Read by `npm/src/predict.ts`.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::area;
use icelens::predict::candidate::{self as browser, Outcome};

/// Reactions to the candidate in the first `len` bytes of the input: Chromium in the low 16 bits, Firefox in
/// the high ones; of each, 0 used, 1 end of candidates, 2 ignored, 3 rejected, and from bit 2 on the number of the reason.
#[wasm_bindgen]
pub fn candidate_predict(len: usize) -> u32 {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let word = |outcome: Outcome| match outcome {
            Outcome::Used => 0,
            Outcome::EndOfCandidates => 1,
            Outcome::Ignored(reason) => 2 | (reason as u32) << 2,
            Outcome::Rejected(reason) => 3 | (reason as u32) << 2,
        };
        word(browser::chromium(text)) | word(browser::firefox(text)) << 16
    })
}

/// Answers to the offer in the first `len` bytes of the input. Leaves four words in the records: number of
/// the diagnostic plus one, or 0 when it is taken, and line; of Chromium, then of Firefox.
#[wasm_bindgen]
pub fn sdp_predict(len: usize) {
    area::with(|area| {
        let text = area.input.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("");
        let parsed = icelens::sdp::parse(text);
        area.records.clear();
        for refusal in [icelens::predict::offer::chromium(&parsed), icelens::predict::offer::firefox(&parsed)] {
            let words = refusal.map_or([0, 0], |refusal| [refusal.code as u32 + 1, refusal.line]);
            area.records.extend_from_slice(&words);
        }
    });
}
