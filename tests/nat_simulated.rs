//! Inference scored against NATs whose truth is known: never a wrong value, at worst unknown.
//!
//! The default run takes a few seeds; `cargo test --release --test all nat_simulated -- --ignored --nocapture` takes 200
//! and prints the share of unknown.
#![cfg(feature = "sim")]

use core::time::Duration;

use icelens::nat::{Behaviour, NatReport, Verdict};
use icelens::sim::{Link, NatSpec, Place, Preset, SimServer, Translation, World, client_options};

const SERVER: &str = "198.51.100.1:3478";
const OTHER: &str = "198.51.100.2:3479";
const LOSSES: [f64; 3] = [0.0, 0.05, 0.2];

/// A client behind these NATs, innermost first, in a world where the access links lose packets.
fn discover(specs: &[NatSpec], loss: f64, seed: u64, sockets: usize) -> NatReport {
    let mut world = World::new(seed);
    let server = SimServer::new(SERVER.parse().unwrap(), OTHER.parse().ok());
    world.add_host(Place::Internet, server.addresses(), Link::default(), server.into());
    let mut place = Place::Internet;
    for (level, spec) in specs.iter().rev().enumerate() {
        // Loss on one link, in each direction: what `loss` says is what a packet meets.
        let link = if level == 0 { Link::lossy(loss) } else { Link::default() };
        place = Place::Behind(world.add_nat(place, spec.clone(), link));
    }
    let ip = if specs.iter().any(|spec| spec.translation == Translation::None) { "192.0.2.77" } else { "10.0.0.2" };
    let options = client_options(ip.parse().unwrap(), SERVER.parse().unwrap(), sockets, seed);
    let link = if specs.is_empty() { Link::lossy(loss) } else { Link::default() };
    let client = world.add_discovery(place, options, link);
    world.run(Duration::from_secs(600));
    let discovery = world.discovery(client).unwrap();
    assert!(discovery.is_finished(), "not finished after ten minutes");
    discovery.report()
}

#[derive(Default)]
struct Score {
    runs: u32,
    unknown_mapping: u32,
    unknown_filtering: u32,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, what: &str, report: &NatReport, mapping: Option<Behaviour>, filtering: Behaviour) {
        self.runs += 1;
        let path = &report.paths[0];
        match (&path.mapping.value, mapping) {
            (Verdict::NotApplicable, None) => {}
            (Verdict::Is(said), Some(truth)) if *said == truth => {}
            (Verdict::Unknown | Verdict::Inconsistent, _) => self.unknown_mapping += 1,
            (Verdict::Ambiguous(left), Some(truth)) if left.contains(&truth) => self.unknown_mapping += 1,
            (said, _) => self.wrong.push(format!("{what}: mapping {said:?}: {}", path.mapping.why)),
        }
        match &path.filtering.value {
            Verdict::Is(said) if *said == filtering => {}
            Verdict::Unknown | Verdict::Inconsistent => self.unknown_filtering += 1,
            Verdict::Ambiguous(left) if left.contains(&filtering) => self.unknown_filtering += 1,
            said => self.wrong.push(format!("{what}: filtering {said:?}: {}", path.filtering.why)),
        }
    }

    fn check(&self, title: &str) {
        let share = |count: u32| 100.0 * f64::from(count) / f64::from(self.runs);
        println!(
            "{title}: {} runs, {} wrong, unknown mapping {:.2} %, unknown filtering {:.2} %",
            self.runs,
            self.wrong.len(),
            share(self.unknown_mapping),
            share(self.unknown_filtering)
        );
        assert!(self.wrong.is_empty(), "{} wrong of {}:\n{}", self.wrong.len(), self.runs, self.wrong.join("\n"));
    }
}

fn all_nine(seeds: u64) {
    for loss in LOSSES {
        let mut score = Score::default();
        for mapping in Behaviour::ALL {
            for filtering in Behaviour::ALL {
                for scope in [icelens::nat::FilterScope::Mapping, icelens::nat::FilterScope::Endpoint] {
                    let spec = NatSpec { filter_scope: scope, ..NatSpec::new(mapping, filtering) };
                    for seed in 0..seeds {
                        let report = discover(core::slice::from_ref(&spec), loss, seed, 3);
                        score.add(
                            &format!("{mapping}/{filtering} {loss} seed {seed}"),
                            &report,
                            Some(mapping),
                            filtering,
                        );
                    }
                }
            }
        }
        score.check(&format!("9 behaviours, both filter scopes, loss {loss}"));
        assert!(loss > 0.0 || score.unknown_mapping + score.unknown_filtering == 0, "unknown without loss");
    }
}

fn all_presets(seeds: u64) {
    for loss in LOSSES {
        let mut score = Score::default();
        for preset in Preset::ALL.iter().copied().filter(|preset| !matches!(preset, Preset::Hotel | Preset::UdpBlocked))
        {
            let spec = NatSpec::preset(preset);
            for seed in 0..seeds {
                let report = discover(core::slice::from_ref(&spec), loss, seed, 3);
                let what = format!("{} {loss} seed {seed}", preset.name());
                score.add(&what, &report, spec.apparent_mapping(), spec.filtering);
            }
        }
        score.check(&format!("presets, loss {loss}"));
    }
}

fn double_nat(seeds: u64) {
    for loss in LOSSES {
        let mut score = Score::default();
        let kinds =
            || Behaviour::ALL.into_iter().flat_map(|mapping| Behaviour::ALL.map(|filtering| (mapping, filtering)));
        for (mapping, filtering) in kinds() {
            for (outer_mapping, outer_filtering) in kinds() {
                let specs = [NatSpec::new(mapping, filtering), NatSpec::new(outer_mapping, outer_filtering)];
                for seed in 0..seeds {
                    let report = discover(&specs, loss, seed, 3);
                    let what = format!("{mapping}/{filtering} in {outer_mapping}/{outer_filtering} {loss} seed {seed}");
                    // Two NATs in a row behave as the stricter of both.
                    score.add(&what, &report, Some(mapping.max(outer_mapping)), filtering.max(outer_filtering));
                }
            }
        }
        score.check(&format!("double NAT, loss {loss}"));
    }
}

#[test]
fn nine_behaviours_are_told_apart() {
    all_nine(2);
}

#[test]
fn presets_are_recognised() {
    all_presets(2);
}

#[test]
fn double_nats_are_the_stricter_of_both() {
    double_nat(1);
}

#[test]
#[ignore = "200 seeds; for release builds"]
fn in_full() {
    all_nine(200);
    all_presets(200);
    double_nat(20);
}

/// A verdict as the table has it.
fn said(verdict: &Verdict<Behaviour>) -> String {
    match verdict {
        Verdict::Is(behaviour) => behaviour.name().into(),
        Verdict::Unknown => "unknown".into(),
        Verdict::Ambiguous(left) => left.iter().map(|one| one.name()).collect::<Vec<_>>().join(" or "),
        Verdict::Inconsistent => "inconsistent".into(),
        Verdict::NotApplicable => "not applicable".into(),
    }
}

/// A row of the table: the preset, its truth, what inference says, and whether that is right.
fn table_row(preset: Preset) -> String {
    let spec = NatSpec::preset(preset);
    let report = discover(core::slice::from_ref(&spec), 0.0, 1, 3);
    let path = &report.paths[0];
    let blocked = matches!(preset, Preset::Hotel | Preset::UdpBlocked);
    let truth = match spec.apparent_mapping() {
        _ if blocked => ["UDP blocked".to_string(), "UDP blocked".into()],
        mapping => [mapping.map_or("not applicable", Behaviour::name).to_string(), spec.filtering.name().to_string()],
    };
    let found = [said(&path.mapping.value), said(&path.filtering.value)];
    // A verdict that is withheld is not wrong.
    let withheld = |said: &String| matches!(said.as_str(), "unknown" | "inconsistent") || said.contains(" or ");
    let fits = |(said, truth): (&String, &String)| said == truth || withheld(said);
    let verdict = match found.iter().zip(&truth).all(fits) {
        true if found == truth => "yes",
        true => "not told",
        false => "no",
    };
    let name = preset.name();
    let [mapping, filtering] = truth;
    let [found_mapping, found_filtering] = found;
    let classic = path.classic.name();
    format!("| `{name}` | {mapping} | {found_mapping} | {filtering} | {found_filtering} | {classic} | {verdict} |\n")
}

/// `ICELENS_BLESS=1 cargo test --test all nat_simulated::table` writes `docs/nat-inference.md`.
#[test]
fn the_table_of_presets_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/nat-inference.md");
    let rows: Vec<String> = Preset::ALL.iter().map(|preset| table_row(*preset)).collect();
    let ending = |verdict: &str| rows.iter().filter(|row| row.ends_with(&format!("| {verdict} |\n"))).count();
    let (right, wrong) = (ending("yes"), ending("no"));
    let text = format!(
        "# NAT inference and the truth\n\n\
         Made by `ICELENS_BLESS=1 cargo test --test all nat_simulated::table`: each preset of the simulator, asked by the procedures of \
         RFC 5780\nover links without loss, seed 1. Of {}, {right} are right and {wrong} are wrong; of the others something is not told.\n\n\
         | preset | mapping | inferred | filtering | inferred | classic name | right |\n|---|---|---|---|---|---|---|\n{}",
        rows.len(),
        rows.concat()
    );
    assert_eq!(wrong, 0);
    check(file, &text);
}

/// Compares a file with what it should be, or writes it.
fn check(file: &str, text: &str) {
    if std::env::var_os("ICELENS_BLESS").is_some() {
        std::fs::write(file, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
}

/// `ICELENS_BLESS=1 cargo test --test all nat_simulated::table` writes the names that the page shows, too.
#[test]
fn the_table_of_the_page_is_up_to_date() {
    let row = |preset: &Preset| format!("  'sim.preset.{}': '{}',\n", preset.name(), preset.title());
    let rows: String = Preset::ALL.iter().map(row).collect();
    let text = format!(
        "/** Names of devices as people know them. Made from the presets of the engine by `tests/nat_simulated.rs`. */\n\
         export const en = {{\n{rows}}} as const;\n"
    );
    check(concat!(env!("CARGO_MANIFEST_DIR"), "/www/src/views/simulate/devices.ts"), &text);
}
