//! Hairpin, lifetime, levels, ALG and fragments.

use super::{Group, MAX_DESTINATIONS, Seen, chance_all_lost, mapped_of};
use crate::nat::axis::{Axis, Behaviour, Verdict, tenths};
use crate::nat::observation::{Outcome, Test};
use crate::nat::report::Levels;
use crate::net::{Scope, scope};

fn of_test<'a, 'b>(group: &'b Group<'a>, test: Test) -> Vec<&'b Seen<'a>> {
    group.seen.iter().filter(|seen| seen.what.test == test).take(MAX_DESTINATIONS).collect()
}

fn indexes(seen: &[&Seen<'_>]) -> Vec<usize> {
    seen.iter().map(|seen| seen.index).collect()
}

pub(super) fn hairpin(group: &Group<'_>) -> Axis<bool> {
    let tests = of_test(group, Test::Hairpin);
    if tests.is_empty() {
        return Axis::unknown(
            Vec::new(),
            "untested",
            "Not tested: some firewalls log a hairpin probe as an attack, so it is done on request only.",
        );
    }
    let evidence = indexes(&tests);
    if let Some(seen) = tests.iter().find(|seen| seen.what.answered()) {
        let why = match seen.what.answered_from() {
            Some(from) if from.ip() != seen.what.destination.ip().unwrap_or(from.ip()) => format!(
                "A packet to the own mapped address {} came back, from the internal address {from}.",
                seen.what.destination
            ),
            Some(from) => format!(
                "A packet to the own mapped address {} came back, from the external address {from}.",
                seen.what.destination
            ),
            None => format!("A packet to the own mapped address {} came back.", seen.what.destination),
        };
        return Axis::new(Verdict::Is(true), 0.99, evidence, "hairpin", why);
    }
    let sends = tests.iter().map(|seen| seen.what.sends.unwrap_or(1)).fold(0, u32::saturating_add);
    let (lost, answered) = group.life.losses;
    let chance = chance_all_lost(sends, lost, answered);
    if chance > 1e-4 {
        return Axis::unknown(
            evidence,
            "too-lossy",
            format!("None of {sends} packets to the own mapped address came back, which packet loss may explain."),
        );
    }
    Axis::new(
        Verdict::Is(false),
        0.7,
        evidence,
        "no-hairpin",
        format!(
            "None of {sends} packets to the own mapped address came back. A limit on such packets would look the same."
        ),
    )
}

/// The axis, the longest silence survived and the shortest not survived, in seconds.
pub(super) fn lifetime(group: &Group<'_>) -> (Axis<f64>, Option<f64>, Option<f64>) {
    let tests = of_test(group, Test::Lifetime);
    let evidence = indexes(&tests);
    let (mut alive, mut dead) = (None::<f64>, None::<f64>);
    for seen in &tests {
        let Some(idle) = seen.what.idle.filter(|idle| idle.is_finite() && *idle >= 0.0) else { continue };
        match seen.what.outcome {
            Outcome::Answer { .. } => alive = Some(alive.map_or(idle, |known| known.max(idle))),
            Outcome::Silence => dead = Some(dead.map_or(idle, |known| known.min(idle))),
            Outcome::Error(_) | Outcome::Untestable(_) => {}
        }
    }
    let axis = match (alive, dead) {
        (None, None) if tests.is_empty() => {
            Axis::unknown(evidence, "untested", "Not tested: it takes as long as the lifetime itself.")
        }
        (None, None) => Axis::unknown(
            evidence,
            "test-refused",
            "The server can't send to another port of ours (RESPONSE-PORT, RFC 5780 §7.5), so the lifetime can't be tested.",
        ),
        (Some(alive), None) => Axis::unknown(
            evidence,
            "alive-at-the-end",
            format!("The mapping was alive after {} s of silence, the longest that was tried.", tenths(alive)),
        ),
        (None, Some(dead)) => Axis::unknown(
            evidence,
            "dead-at-once",
            format!("The mapping was gone after {} s of silence, the shortest that was tried.", tenths(dead)),
        ),
        (Some(alive), Some(dead)) if alive < dead => {
            let value = (alive + dead) / 2.0;
            Axis::new(
                Verdict::Is(value),
                0.9,
                evidence,
                "bracketed",
                format!(
                    "The mapping was alive after {} s of silence and gone after {} s.",
                    tenths(alive),
                    tenths(dead)
                ),
            )
        }
        (Some(alive), Some(dead)) => Axis::new(
            Verdict::Inconsistent,
            0.0,
            evidence,
            "lifetime-contradiction",
            format!(
                "The mapping was alive after {} s of silence once, and gone after {} s another time.",
                tenths(alive),
                tenths(dead)
            ),
        ),
    };
    (axis, alive, dead)
}

pub(super) fn levels(group: &Group<'_>, mapping: &Axis<Behaviour>) -> Axis<Levels> {
    if mapping.value == Verdict::NotApplicable {
        return Axis::new(
            Verdict::Is(Levels::None),
            mapping.confidence,
            mapping.evidence.clone(),
            "untranslated",
            "Nothing is translated.".into(),
        );
    }
    let mapped = group.seen.iter().find_map(|seen| mapped_of(seen).map(|mapped| (seen.index, mapped.ip())));
    let gateway = group.seen.iter().find_map(|seen| {
        (seen.what.test == Test::Gateway).then_some(seen.what.mapped()?).map(|at| (seen.index, at.ip()))
    });
    match (gateway, mapped) {
        (Some((told, inner)), Some((seen, outer))) if inner == outer => Axis::new(
            Verdict::Is(Levels::One),
            0.9,
            vec![told, seen],
            "gateway-agrees",
            format!("The gateway says its external address is {inner}, which is what servers see: one NAT."),
        ),
        (Some((told, inner)), Some((seen, outer))) => Axis::new(
            Verdict::Is(Levels::Several),
            0.9,
            vec![told, seen],
            "gateway-differs",
            format!("The gateway says its external address is {inner}, servers see {outer}: another NAT follows."),
        ),
        (Some((told, inner)), None) if scope(inner) != Scope::Global => Axis::new(
            Verdict::Is(Levels::Several),
            0.9,
            vec![told],
            "gateway-private",
            format!("The gateway's own external address {inner} is not a public one: another NAT follows."),
        ),
        _ => Axis::unknown(
            Vec::new(),
            "no-gateway",
            "How many NATs there are does not show from outside; it takes the gateway's own word (NAT-PMP, PCP, UPnP).",
        ),
    }
}

pub(super) fn alg(group: &Group<'_>) -> Axis<bool> {
    let mut evidence = Vec::new();
    for seen in group.seen.iter().filter(|seen| seen.what.test == Test::Binding) {
        let Outcome::Answer { mapped: Some(mapped), plain: Some(plain), .. } = seen.what.outcome else { continue };
        if mapped != plain {
            return Axis::new(
                Verdict::Is(true),
                0.95,
                vec![seen.index],
                "rewritten",
                format!(
                    "The server wrote {mapped}, and {plain} arrived in the attribute that is not obfuscated: something rewrites addresses inside packets."
                ),
            );
        }
        if evidence.len() < MAX_DESTINATIONS {
            evidence.push(seen.index);
        }
    }
    if evidence.is_empty() {
        return Axis::unknown(
            evidence,
            "no-plain-address",
            "No answer had MAPPED-ADDRESS next to XOR-MAPPED-ADDRESS to compare.",
        );
    }
    Axis::new(Verdict::Is(false), 0.9, evidence, "not-rewritten", "MAPPED-ADDRESS arrived as it was written.".into())
}

pub(super) fn fragments(group: &Group<'_>) -> Axis<bool> {
    let tests = of_test(group, Test::Fragments);
    let evidence = indexes(&tests);
    if tests.is_empty() {
        return Axis::unknown(evidence, "untested", "Not tested.");
    }
    if tests.iter().any(|seen| seen.what.answered()) {
        return Axis::new(
            Verdict::Is(true),
            0.95,
            evidence,
            "fragments-pass",
            "A request longer than the MTU was answered.".into(),
        );
    }
    if tests.iter().any(|seen| matches!(seen.what.outcome, Outcome::Error(_))) {
        return Axis::unknown(evidence, "test-refused", "The server refuses PADDING.");
    }
    let sends = tests.iter().map(|seen| seen.what.sends.unwrap_or(1)).fold(0, u32::saturating_add);
    let (lost, answered) = group.life.losses;
    if chance_all_lost(sends, lost, answered) > 1e-4 {
        return Axis::unknown(
            evidence,
            "too-lossy",
            "No request longer than the MTU was answered, which packet loss may explain.",
        );
    }
    Axis::new(
        Verdict::Is(false),
        0.8,
        evidence,
        "fragments-dropped",
        "Requests longer than the MTU were not answered, shorter ones were.".into(),
    )
}
