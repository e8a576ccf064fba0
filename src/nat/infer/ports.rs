//! Port allocation and address pooling, from the first mapping of each socket.

use core::net::{IpAddr, SocketAddr};

use super::{Group, MAX_SOCKETS, mapped_of};
use crate::nat::axis::{Axis, Verdict};
use crate::nat::report::{Pooling, PortAllocation, PortFigures};
use crate::sorting::sort;

/// Steps up to this size count as a pattern.
const MAX_STEP: i32 = 64;
/// A block of ports for a subscriber is at most this wide.
const MAX_BLOCK: u16 = 4096;

/// A socket's port and its first mapping.
struct First {
    index: usize,
    internal: u16,
    mapped: SocketAddr,
}

fn firsts(group: &Group<'_>) -> Vec<First> {
    let first = |socket: &super::Socket<'_>| {
        socket.seen.iter().find_map(|seen| {
            let mapped = mapped_of(seen)?;
            Some(First { index: seen.index, internal: socket.base.port(), mapped })
        })
    };
    group.sockets.iter().filter_map(first).take(MAX_SOCKETS).collect()
}

pub(super) fn allocation(group: &Group<'_>) -> (Axis<PortAllocation>, PortFigures) {
    let firsts: Vec<First> = firsts(group).into_iter().filter(|first| first.internal != 0).collect();
    let evidence: Vec<usize> = firsts.iter().map(|first| first.index).collect();
    let count = firsts.len();
    if count == 0 {
        return (
            Axis::unknown(evidence, "no-mapping", "No mapping with a known local port was seen."),
            PortFigures::default(),
        );
    }
    let figures = figures(&firsts);
    let kept = firsts.iter().filter(|first| first.internal == first.mapped.port()).count();
    if kept == count {
        let confidence = 1.0 - 0.3 / count as f64;
        return (
            Axis::new(
                Verdict::Is(PortAllocation::Preserved),
                confidence,
                evidence,
                "preserved",
                format!("The external port equals the local port in {count} of {count} mappings."),
            ),
            figures,
        );
    }
    if kept * 2 > count {
        return (
            Axis::new(
                Verdict::Is(PortAllocation::Preserved),
                kept as f64 / count as f64,
                evidence,
                "mostly-preserved",
                format!(
                    "The external port equals the local port in {kept} of {count} mappings; the others were taken."
                ),
            ),
            figures,
        );
    }
    if count < 4 {
        return (
            Axis::unknown(
                evidence,
                "few-mappings",
                format!(
                    "The external port differs from the local port; how it is chosen takes four sockets, {count} were seen."
                ),
            ),
            figures,
        );
    }
    if let Some(delta) = figures.delta {
        return (
            Axis::new(
                Verdict::Is(PortAllocation::Sequential),
                0.9,
                evidence,
                "sequential",
                format!("Each new mapping gets the port {delta:+} from the one before."),
            ),
            figures,
        );
    }
    let (low, high) = firsts
        .iter()
        .map(|first| first.mapped.port())
        .fold((u16::MAX, 0), |(low, high), port| (low.min(port), high.max(port)));
    if high - low <= MAX_BLOCK {
        // Chance that `count` ports of the whole range fall into one window of that width.
        let chance = count as f64 * (f64::from(MAX_BLOCK) / 64_512.0).powi(count as i32 - 1);
        return (
            Axis::new(
                Verdict::Is(PortAllocation::Block),
                (0.95 - chance).max(0.5),
                evidence,
                "block",
                format!("The external ports lie between {low} and {high} without a constant step."),
            ),
            figures,
        );
    }
    (
        Axis::new(
            Verdict::Is(PortAllocation::Random),
            0.9,
            evidence,
            "random",
            format!("{count} mappings got ports between {low} and {high} without a pattern."),
        ),
        figures,
    )
}

fn figures(firsts: &[First]) -> PortFigures {
    let count = firsts.len() as f64;
    let share = |test: fn(&First) -> bool| firsts.iter().filter(|first| test(first)).count() as f64 / count;
    let steps: Vec<(i32, i32)> = firsts
        .iter()
        .zip(firsts.iter().skip(1))
        .map(|(a, b)| {
            let step = |a: u16, b: u16| i32::from(b) - i32::from(a);
            (step(a.internal, b.internal), step(a.mapped.port(), b.mapped.port()))
        })
        .collect();
    let neighbours = steps.iter().filter(|(internal, _)| *internal == 1).count();
    let kept = steps.iter().filter(|(internal, external)| *internal == 1 && *external == 1).count();
    PortFigures {
        mappings: firsts.len(),
        preserved: share(|first| first.internal == first.mapped.port()),
        parity: share(|first| first.internal % 2 == first.mapped.port() % 2),
        contiguity: (neighbours > 0).then(|| kept as f64 / neighbours as f64),
        delta: delta(steps.iter().map(|(_, external)| *external).collect()),
    }
}

/// The step of more than half of the new mappings.
fn delta(mut steps: Vec<i32>) -> Option<i32> {
    if steps.len() < 3 {
        return None;
    }
    sort(&mut steps);
    let middle = *steps.get(steps.len() / 2)?;
    let same = steps.iter().filter(|step| **step == middle).count();
    (middle != 0 && middle.abs() <= MAX_STEP && same * 2 > steps.len()).then_some(middle)
}

pub(super) fn pooling(group: &Group<'_>, exits: &[IpAddr]) -> Axis<Pooling> {
    let firsts = firsts(group);
    let evidence: Vec<usize> = firsts.iter().map(|first| first.index).collect();
    let count = firsts.len();
    if exits.len() > 1 {
        let index = |exit: &IpAddr| {
            group
                .seen
                .iter()
                .find(|seen| mapped_of(seen).is_some_and(|mapped| mapped.ip() == *exit))
                .map(|seen| seen.index)
        };
        let evidence = exits.iter().filter_map(index).collect();
        return Axis::new(
            Verdict::Is(Pooling::Arbitrary),
            0.9,
            evidence,
            "several-exits",
            format!(
                "One local address left under {} external addresses: a pool without pairing, or several ways out.",
                exits.len()
            ),
        );
    }
    if count < 3 {
        return Axis::unknown(
            evidence,
            "few-mappings",
            format!("Seeing whether sockets share an external address takes three sockets; {count} were seen."),
        );
    }
    Axis::new(
        Verdict::Is(Pooling::Single),
        1.0 - 0.5_f64.powi(count.min(30) as i32),
        evidence,
        "one-exit",
        format!("All {count} sockets left under one external address."),
    )
}
