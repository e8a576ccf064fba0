//! Verdicts of Chromium and Firefox on real offers, the same with one line changed or deleted, and changed candidates,
//! beside what is predicted. `pkg-tests/measure/measure.mjs` measures them.
//!
//! Each row belongs to one of two halves, by a hash of its text. Rules are made from what is in the first half only; the
//! second shows how well they hold for what they were not made from. `ICELENS_MISSES=1` prints the misses of the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::{corpora, rows, unescape_all};
use icelens::predict::{candidate, candidate::Outcome, offer};
use icelens::sdp::parse;

const BROWSERS: [&str; 2] = ["Chromium", "Firefox"];

/// FNV-1a: which half a row is in.
fn half(key: &str) -> usize {
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::from((hash >> 32) & 1 != 0)
}

/// Right and all, for each half and browser.
#[derive(Default)]
struct Shares([[(u32, u32); 2]; 2]);

impl Shares {
    fn count(&mut self, key: &str, browser: usize, right: bool, miss: impl Fn() -> String) {
        let half = half(key);
        let (good, all) = &mut self.0[half][browser];
        *all += 1;
        *good += u32::from(right);
        if !right && half == 0 && std::env::var_os("ICELENS_MISSES").is_some() {
            println!("{}: {}", BROWSERS[browser], miss());
        }
    }

    /// Prints every share; those under `least` per mille, one for each browser, come back.
    fn under(&self, what: &str, least: [u32; 2]) -> Vec<String> {
        let mut under = Vec::new();
        for (half, name) in ["made from", "kept back"].iter().enumerate() {
            for (browser, least) in least.into_iter().enumerate() {
                let (right, all) = self.0[half][browser];
                let share = f64::from(right) * 100.0 / f64::from(all);
                let told = format!("{what}, {name}, {}: {right} of {all} right, {share:.2} %", BROWSERS[browser]);
                println!("{told}");
                assert!(all > 500, "{all} rows");
                if right * 1000 < all * least {
                    under.push(told);
                }
            }
        }
        under
    }
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
}

/// The real offers by file name, as lines.
fn real_offers() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for folder in ["predict/offers", "sdp"] {
        for entry in fs::read_dir(fixtures().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "sdp") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                let lines = text.trim_end_matches(['\r', '\n']).split('\n');
                let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line).to_string()).collect();
                found.insert(path.file_name().expect("a name").to_string_lossy().into_owned(), lines);
            }
        }
    }
    found
}

/// An offer with some of its lines replaced.
struct Edit<'a> {
    offer: &'a str,
    first: usize,
    count: usize,
    lines: &'a str,
}

impl Edit<'_> {
    fn key(&self) -> String {
        format!("{}\t{}\t{}\t{}", self.offer, self.first, self.count, self.lines)
    }

    fn apply(&self, lines: &[String]) -> String {
        let inserted = self.lines.strip_prefix('+').map(unescape_all);
        let before = lines[..self.first - 1].iter().map(String::as_str);
        let after = lines[self.first - 1 + self.count..].iter().map(String::as_str);
        before.chain(inserted.iter().flat_map(|text| text.split('\n'))).chain(after).flat_map(|l| [l, "\r\n"]).collect()
    }
}

fn compare(shares: &mut Shares, edit: &Edit<'_>, lines: &[String], measured: [&str; 2]) {
    let text = edit.apply(lines);
    let sdp = parse(&text);
    let predicted = [offer::chromium(&sdp), offer::firefox(&sdp)];
    for (browser, (predicted, measured)) in predicted.into_iter().zip(measured).enumerate() {
        let right = predicted.is_none() == (measured == "ok");
        shares.count(&edit.key(), browser, right, || {
            let line = |at: u32| text.lines().nth((at as usize).wrapping_sub(1)).unwrap_or("").to_string();
            let about = predicted.map(|one| format!("{} at {}", one.code.name(), line(one.line)));
            format!("{} [{measured}] predicted {about:?}; was {:?}", edit.key(), lines.get(edit.first - 1))
        });
    }
}

#[test]
fn real_offers_without_one_line_and_changed_offers() {
    let real = real_offers();
    let whole = rows(&fixtures().join("predict/offers.tsv"));
    assert_eq!(real.len(), whole.len());
    let edits = rows(&fixtures().join("predict/edits.tsv"));
    let (mut deleted, mut changed) = (Shares::default(), Shares::default());
    let mut listed = BTreeSet::new();
    for row in &edits {
        let [offer, first, count, lines, chromium, firefox] = &row[..] else { panic!("{row:?}") };
        let edit = Edit { offer, first: first.parse().expect("a line"), count: count.parse().expect("a count"), lines };
        let is_deletion = edit.count == 1 && edit.lines == "-";
        if is_deletion && !listed.insert((offer.as_str(), edit.first)) {
            continue; // A mutated one that is a deletion as well.
        }
        let shares = if is_deletion { &mut deleted } else { &mut changed };
        compare(shares, &edit, &real[offer], [chromium, firefox]);
    }
    // Deletions that change nothing are not listed.
    for row in &whole {
        let [offer, chromium, firefox] = &row[..] else { panic!("{row:?}") };
        let lines = &real[offer];
        if chromium != "ok" && firefox != "ok" {
            continue;
        }
        for first in (1..=lines.len()).filter(|&first| !listed.contains(&(offer.as_str(), first))) {
            let edit = Edit { offer, first, count: 1, lines: "-" };
            compare(&mut deleted, &edit, lines, [chromium, firefox]);
        }
    }
    let mut under = deleted.under("offers without one line", [995, 995]);
    under.extend(changed.under("changed offers", [990, 990]));
    assert!(under.is_empty(), "{under:#?}");
}

#[test]
fn changed_candidates() {
    let mut shares = Shares::default();
    for row in rows(&fixtures().join("predict/candidates.tsv")) {
        let [escaped, measured @ ..] = &row[..] else { panic!("{row:?}") };
        let text = unescape_all(escaped);
        let predicted = [candidate::chromium(&text), candidate::firefox(&text)];
        for (browser, (predicted, measured)) in predicted.into_iter().zip(measured).enumerate() {
            let word = match predicted {
                Outcome::Used => "used",
                Outcome::EndOfCandidates | Outcome::Ignored(_) => "ignored",
                Outcome::Rejected(_) => "rejected",
            };
            let right = word == measured;
            shares.count(escaped, browser, right, || format!("{escaped} [{measured}] predicted {predicted:?}"));
        }
    }
    let under = shares.under("changed candidates", [990, 990]);
    assert!(under.is_empty(), "{under:#?}");
}

/// The larger corpus beside the repository, where it is there.
#[test]
fn corpus_of_descriptions() {
    for corpus in corpora() {
        let mut wrong = Vec::new();
        let verdicts = rows(&corpus.join("sdp/browser_verdicts.tsv"));
        for row in &verdicts {
            let [name, chromium, _, firefox, ..] = &row[..] else { panic!("{row:?}") };
            let text = fs::read_to_string(corpus.join("sdp").join(name)).expect("UTF-8");
            let sdp = parse(&text);
            let predicted = [offer::chromium(&sdp), offer::firefox(&sdp)];
            for (browser, (predicted, measured)) in predicted.into_iter().zip([chromium, firefox]).enumerate() {
                if predicted.is_none() != (measured == "ok") {
                    wrong.push(format!("{name}: {} {measured}, predicted {predicted:?}", BROWSERS[browser]));
                }
            }
        }
        assert!(wrong.len() * 100 <= verdicts.len() * 2, "{}\n{}", corpus.display(), wrong.join("\n"));
    }
}
