//! Filtering: which sources got in, which did not, and what that leaves possible.
//!
//! One rule covers every test. Take a packet sent to the mapping from `F`, when the socket had sent to the set `D`:
//!
//! | `F` | it arrived | it did not, though `F` was shown to work |
//! |---|---|---|
//! | in `D` | nothing follows | – |
//! | its address in `D` with another port | not APDF | APDF |
//! | its address not in `D` | EIF | not EIF |

use core::net::{IpAddr, SocketAddr};
use std::collections::HashSet;

use super::set::Set;
use super::{Group, MAX_DESTINATIONS, Seen, Socket, chance_all_lost, silence_kind};
use crate::nat::axis::{Axis, Behaviour, Verdict};
use crate::nat::observation::{Observation, Outcome, Test};

/// A silence counts when the chance that the path lost every packet is below this.
const MAX_CHANCE: f64 = 1e-4;
/// Confidence in a silence whose number of sends was not recorded.
const UNCOUNTED: f64 = 0.85;

/// Destinations that a socket had sent to, up to a moment.
#[derive(Debug, Default)]
struct Sent {
    endpoints: HashSet<SocketAddr>,
    addresses: HashSet<IpAddr>,
    /// Some destination is known by name only.
    unknown: bool,
}

impl Sent {
    fn add(&mut self, what: &Observation) {
        match what.destination.address() {
            Some(address) if self.endpoints.len() < MAX_DESTINATIONS * 16 => {
                self.endpoints.insert(address);
                self.addresses.insert(address.ip());
            }
            _ => self.unknown = true,
        }
    }
}

/// Behaviours that a test leaves possible.
#[derive(Debug)]
struct Clue {
    left: Set,
    confidence: f64,
    index: usize,
    code: &'static str,
    why: String,
}

/// Why a test said nothing; later ones in this order explain more.
#[derive(Debug, Clone, PartialEq)]
struct Void {
    index: usize,
    code: &'static str,
    why: String,
}

enum Reading {
    Clue(Clue),
    Void(Void),
    Nothing,
}

pub(super) fn axis(group: &Group<'_>) -> Axis<Behaviour> {
    let mut clues = Vec::new();
    let mut voids = Vec::new();
    for socket in &group.sockets {
        read_socket(group, socket, &mut clues, &mut voids);
    }
    let left = clues.iter().fold(Set::ALL, |left, clue: &Clue| left.and(clue.left));
    if left == Set::ALL {
        return unknown(group, &voids);
    }
    let evidence: Vec<usize> = clues.iter().map(|clue| clue.index).take(MAX_DESTINATIONS).collect();
    if left == Set::NONE {
        let why = "A packet that a strict filter drops came in, and one that an open filter passes did not: the filter changed during the test, or something else drops packets.";
        return Axis::new(Verdict::Inconsistent, 0.0, evidence, "filter-contradiction", why.into());
    }
    let confidence = if left.len() == 1 { clues.iter().map(|clue| clue.confidence).product() } else { 0.0 };
    let mut used = Vec::new();
    let mut why = Vec::new();
    let mut sofar = Set::ALL;
    for clue in &clues {
        if sofar.and(clue.left) != sofar {
            sofar = sofar.and(clue.left);
            used.push(clue.code);
            why.push(clue.why.as_str());
        }
    }
    let mut why = why.join(" ");
    if let (Some(void), true) = (voids.last(), left.len() > 1) {
        why = format!("{why} {}", void.why);
    }
    Axis::new(left.verdict(), confidence, evidence, used.last().copied().unwrap_or("untested"), why)
}

fn unknown(group: &Group<'_>, voids: &[Void]) -> Axis<Behaviour> {
    if let Some(void) = voids.last() {
        return Axis::unknown(
            voids.iter().map(|void| void.index).take(MAX_DESTINATIONS).collect(),
            void.code,
            void.why.clone(),
        );
    }
    let answered = group.seen.iter().any(|seen| seen.what.test == Test::Binding && seen.what.answered());
    if answered {
        Axis::unknown(
            Vec::new(),
            "untested",
            "Nothing was sent to the mapping from another address: filtering was not tested.",
        )
    } else {
        Axis::unknown(Vec::new(), "no-answer", "No server answered over UDP, so filtering can't be tested.")
    }
}

fn read_socket(group: &Group<'_>, socket: &Socket<'_>, clues: &mut Vec<Clue>, voids: &mut Vec<Void>) {
    let mut sent = Sent::default();
    let mut alive = false;
    for seen in &socket.seen {
        let what = seen.what;
        let reading = match what.test {
            Test::Binding | Test::ChangeIpPort | Test::ChangePort => {
                sent.add(what);
                read(group, seen, &sent, alive)
            }
            Test::Unsolicited => {
                // The destination is what opened the mapping.
                sent.add(what);
                read(group, seen, &sent, true)
            }
            _ => Reading::Nothing,
        };
        alive |= what.answered();
        match reading {
            Reading::Clue(clue) if clues.len() < MAX_DESTINATIONS * 4 => clues.push(clue),
            Reading::Void(void) if voids.len() < MAX_DESTINATIONS * 4 => voids.push(void),
            _ => {}
        }
    }
}

fn read(group: &Group<'_>, seen: &Seen<'_>, sent: &Sent, alive: bool) -> Reading {
    match seen.what.outcome {
        Outcome::Answer { .. } => arrived(seen, sent),
        Outcome::Silence if seen.what.test == Test::Binding => Reading::Nothing,
        Outcome::Silence => silent(group, seen, sent, alive),
        Outcome::Error(code) if seen.what.test != Test::Binding => refused(seen, code),
        Outcome::Error(_) => Reading::Nothing,
        Outcome::Untestable(reason) => untestable(seen, reason),
    }
}

fn untestable(seen: &Seen<'_>, reason: &'static str) -> Reading {
    let server = &seen.what.destination;
    let why = match reason {
        "no-other-address" => {
            format!("{server} names no other address (OTHER-ADDRESS): with one address it can't test filtering.")
        }
        "other-address-unusable" => {
            format!("The other address that {server} names can't be used, so it can't test filtering.")
        }
        "server-pool" => format!(
            "{server} is a load-balanced pool: each answer names another other address, so a missing answer shows nothing."
        ),
        _ => format!("{server} can't test filtering."),
    };
    Reading::Void(Void { index: seen.index, code: reason, why })
}

fn refused(seen: &Seen<'_>, code: u16) -> Reading {
    let destination = &seen.what.destination;
    let (name, why) = match code {
        420 => (
            "change-request-refused",
            format!("{destination} does not implement CHANGE-REQUEST (error 420), so it can't test filtering."),
        ),
        _ => ("test-refused", format!("{destination} refused the test with error {code}.")),
    };
    Reading::Void(Void { index: seen.index, code: name, why })
}

fn arrived(seen: &Seen<'_>, sent: &Sent) -> Reading {
    let what = seen.what;
    let change = matches!(what.test, Test::ChangeIpPort | Test::ChangePort);
    let from = match what.outcome {
        Outcome::Answer { from: None, .. } if change => None,
        _ => what.answered_from(),
    };
    let Some(from) = from else {
        if what.test == Test::Binding {
            return Reading::Nothing;
        }
        return Reading::Void(Void {
            index: seen.index,
            code: "source-not-recorded",
            why: "An answer came, but from where was not recorded, so it shows nothing.".into(),
        });
    };
    if sent.endpoints.contains(&from) {
        return if change && what.destination.address() == Some(from) {
            Reading::Void(Void {
                index: seen.index,
                code: "change-request-ignored",
                why: format!(
                    "{from} ignores CHANGE-REQUEST: it answered from the address that was asked, so it can't test filtering."
                ),
            })
        } else if what.test == Test::Binding {
            Reading::Nothing
        } else {
            Reading::Void(Void {
                index: seen.index,
                code: "already-contacted",
                why: format!("The packet came from {from}, to which this socket had sent before, so it shows nothing."),
            })
        };
    }
    let known = sent.addresses.contains(&from.ip());
    let (left, code, why) = if known || sent.unknown {
        let left = Set::ALL.without(Behaviour::AddressAndPortDependent);
        let why = if known {
            format!("A packet from {from} came in: another port of an address that had been contacted.")
        } else {
            format!(
                "A packet from {from} came in; whether its address had been contacted is not known, as a server is known by name only."
            )
        };
        (left, "other-port-passed", why)
    } else {
        (
            Set::of(Behaviour::EndpointIndependent),
            "stranger-passed",
            format!("A packet from {from} came in, an address that had never been contacted."),
        )
    };
    Reading::Clue(Clue { left, confidence: 0.99, index: seen.index, code, why })
}

fn silent(group: &Group<'_>, seen: &Seen<'_>, sent: &Sent, alive: bool) -> Reading {
    let void = |code, why| Reading::Void(Void { index: seen.index, code, why });
    let what = seen.what;
    if !alive {
        return void(
            "no-answer",
            "No plain request of this socket was answered before the test, so its silence shows nothing.".into(),
        );
    }
    let Some(control) = control(group, what) else {
        return void("alternate-unreachable", match what.expected {
            Some(expected) => format!("Nothing came from {expected}, which did not answer a plain request either: whether the NAT or the way to it is at fault can't be told."),
            None => "Nothing came from the server's other address, which was not shown to be reachable: whether the NAT or the server is at fault can't be told.".into(),
        });
    };
    let from = what.expected.unwrap_or(control);
    if sent.endpoints.contains(&from) {
        return void(
            "already-contacted",
            format!("{from} had been contacted before, yet nothing came from it: the test shows nothing."),
        );
    }
    if group.life.last.is_none_or(|last| last < seen.order) {
        return void(
            "not-alive-after",
            "Nothing was answered after the silent test, so the path may have died meanwhile.".into(),
        );
    }
    let confidence = match group.life.silences.get(&silence_kind(what)).copied().flatten() {
        None => UNCOUNTED,
        Some(sends) => {
            let (lost, answered) = group.life.losses;
            let chance = chance_all_lost(sends, lost, answered);
            if chance > MAX_CHANCE {
                return void(
                    "too-lossy",
                    format!(
                        "Nothing came from {from} after {sends} requests, but {lost} of {} plain round trips were lost too: packet loss may explain the silence.",
                        lost.saturating_add(answered)
                    ),
                );
            }
            1.0 - chance
        }
    };
    if sent.addresses.contains(&from.ip()) {
        return Reading::Clue(Clue {
            left: Set::of(Behaviour::AddressAndPortDependent),
            confidence,
            index: seen.index,
            code: "other-port-dropped",
            why: format!("Packets from {from}, another port of a contacted address, did not come in."),
        });
    }
    if sent.unknown {
        return void(
            "server-unnamed",
            format!(
                "Nothing came from {from}, but whether its address had been contacted is not known, as a server is known by name only."
            ),
        );
    }
    Reading::Clue(Clue {
        left: Set::ALL.without(Behaviour::EndpointIndependent),
        confidence,
        index: seen.index,
        code: "stranger-dropped",
        why: format!("Packets from {from}, an address that had never been contacted, did not come in."),
    })
}

/// The address under test, if it answered a plain request from any socket of the path. Where the test does not name it,
/// one that fits.
fn control(group: &Group<'_>, what: &Observation) -> Option<SocketAddr> {
    let asked = what.destination.address();
    let fits = |address: &&SocketAddr| match (what.expected, asked, what.test) {
        (Some(expected), ..) => **address == expected,
        (None, Some(asked), Test::ChangeIpPort) => address.ip() != asked.ip() && address.port() != asked.port(),
        (None, Some(asked), Test::ChangePort) => address.ip() == asked.ip() && address.port() != asked.port(),
        _ => false,
    };
    group.life.answering.iter().find(fits).copied()
}
