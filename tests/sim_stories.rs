//! Calls that people tell of, hop by hop, as golden texts in `tests/fixtures/sim`: punching a hole in eight steps, symmetric
//! to port restricted, a SIP call, and a NAT that forgets before the keepalive.
//! `ICELENS_BLESS=1 cargo test --test all sim_stories` writes them anew.

use icelens::sim::{Entry, Scenario, Simulation};

struct Story {
    simulation: Simulation,
    lines: Vec<(f64, String)>,
}

/// One entry of the trace in words; `None` for what only repeats another.
fn line(simulation: &Simulation, entry: &Entry) -> Option<(f64, String)> {
    let object = simulation.entry(entry);
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_string();
    let ends = format!("{} -> {} {}", text("source"), text("destination"), text("message"));
    let words = match text("kind").as_str() {
        "sent" => format!("{} sends {ends}", text("host")),
        "received" => format!("{} gets {ends}", text("host")),
        "nat" if object["passes"] == true => {
            let (source, destination) = (text("newSource"), text("newDestination"));
            format!("{} {}: {source} -> {destination}", text("network"), text("rule"))
        }
        "nat" => format!("{} drops {ends}: {}", text("network"), text("rule")),
        "no-route" => format!("nobody is at {}", text("destination")),
        "signal" => {
            let kind = object["message"]["type"].as_str().unwrap_or_default();
            let lines = object["message"]["candidates"].as_array().map_or(0, Vec::len);
            let sip = object["sip"].as_str().map(|sip| format!(" in {sip}")).unwrap_or_default();
            format!("{} signals {}: {kind}{sip}, {lines} candidates", text("from"), text("to"))
        }
        "decision"
            if matches!(text("code").as_str(), "remote-prflx" | "nominated" | "selected" | "consent-expired") =>
        {
            format!("{}: {}", text("host"), text("why"))
        }
        _ => return None,
    };
    Some((object["time"].as_f64().unwrap(), words))
}

fn story(scenario: &Scenario) -> Story {
    let mut simulation = Simulation::new(scenario).unwrap();
    simulation.run();
    let lines = simulation.trace().iter().filter_map(|entry| line(&simulation, entry)).collect();
    Story { simulation, lines }
}

impl Story {
    /// The acts as the scenario tells them, then the lines until that time.
    fn text(&self, until: f64) -> String {
        let acts = self.simulation.scenario().text["en"].join("\n");
        let shown = self.lines.iter().filter(|(time, _)| *time <= until);
        let lines: String = shown.map(|(time, words)| format!("{time:>8.1} {words}\n")).collect();
        format!("{}\n\n{acts}\n\n{lines}", self.simulation.scenario().title)
    }

    /// The first line from `after` on that has all these words.
    fn find(&self, after: usize, words: &[&str]) -> usize {
        let has = |(_, line): &(f64, String)| words.iter().all(|word| line.contains(word));
        let found = self.lines.iter().skip(after).position(has);
        found.map_or_else(|| panic!("no {words:?} after {}", self.lines[after].1), |at| at + after)
    }
}

fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/fixtures/sim/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("ICELENS_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}");
}

fn named(name: &str) -> Story {
    story(&Scenario::named(name).unwrap())
}

/// UDP hole punching in eight steps, as it is told everywhere.
#[test]
fn eight_steps_of_punching() {
    let told = named("hole-punching");
    golden("hole-punching", &told.text(700.0));
    // 1, and 2: A learns the address that the server saw.
    let asked = told.find(0, &["B gets", "binding success 203.0.113.101:6220"]);
    let learnt = told.find(asked, &["B signals A: parameters, 2 candidates"]);
    told.find(learnt, &["A gets", "binding success 203.0.113.100:49865"]);
    // 3: A sends. 5: its own NAT lets that packet out, and knows B from then on. 4: the NAT of B drops it.
    let sent = told.find(learnt, &["A sends", "-> 203.0.113.101:6220 binding request"]);
    let opened = told.find(sent, &["NAT A known-mapping", "-> 203.0.113.101:6220"]);
    let dropped = told.find(opened, &["NAT B drops 203.0.113.100:49865", "filtered"]);
    // 6 and 7: B sends, and it comes in at A.
    told.find(learnt, &["A signals B: parameters, 2 candidates"]);
    let back = told.find(dropped, &["B sends", "-> 203.0.113.100:49865 binding request"]);
    let came_in = told.find(back, &["NAT A known-port: 203.0.113.101:6220"]);
    // 8: both send and receive.
    told.find(came_in, &["A gets 203.0.113.101:6220", "160 bytes of data"]);
    told.find(came_in, &["B gets 203.0.113.100:49865", "160 bytes of data"]);
}

/// The offerer is symmetric, the answerer port restricted: checks pass through relays, and each side learns what the other's
/// NAT made of a check.
#[test]
fn symmetric_to_port_restricted_through_the_relay() {
    let told = named("symmetric-to-port-restricted");
    golden("symmetric-to-port-restricted", &told.text(400.0));
    // No check gets through directly: another port each time, and a filter of ports on both sides.
    told.find(0, &["port restricted drops 203.0.113.100:55795", "filtered"]);
    told.find(0, &["symmetric drops 203.0.113.101:6220", "filtered"]);
    // A host to B's relayed address, through the server on port 3478 to B.
    let sent = told.find(0, &["A sends", "-> 198.51.100.2:56334 binding request"]);
    let relayed = told.find(sent, &["turn sends 198.51.100.2:3478", "data indication: binding request"]);
    let got = told.find(relayed, &["B gets 198.51.100.2:3478", "data indication: binding request"]);
    // The source of the check is not a candidate that was signalled: a peer-reflexive one, which tells B of A's NAT.
    told.find(got, &["B: 203.0.113.100:16578 is a new peer-reflexive candidate"]);
    // The answer carries it, and tells A.
    let answer = told.find(got, &["B sends", "send indication: binding success 203.0.113.100:16578"]);
    told.find(answer, &["A gets 198.51.100.2:56334", "binding success 203.0.113.100:16578"]);
    // The same to A's relayed address is dropped at B: the relay's port is one that B never sent to.
    told.find(0, &["port restricted drops 198.51.100.2:55014", "filtered"]);
}

/// A call of two SIP telephones: INVITE and 200 OK carry the candidates, and ACK closes the exchange before media.
#[test]
fn a_sip_call() {
    let told = named("sip-call");
    golden("sip-call", &told.text(700.0));
    let invite = told.find(0, &["alice signals bob: parameters in INVITE, 2 candidates"]);
    let ok = told.find(invite, &["bob signals alice: parameters in 200 OK, 2 candidates"]);
    told.find(ok, &["alice signals bob: acknowledgement in ACK"]);
    // Aggressive nomination: until there is a pair, every check of alice has USE-CANDIDATE, none of bob.
    let is_check = |(time, line): &&(f64, String), who: &str| {
        *time < 700.0
            && line.starts_with(&format!("{who} sends"))
            && line.contains("binding request")
            && !line.contains(":3478 ")
    };
    let checks = |who: &'static str| told.lines.iter().filter(move |line| is_check(line, who));
    assert!(checks("alice").count() > 1 && checks("bob").count() > 1);
    assert!(checks("alice").all(|(_, line)| line.ends_with("USE-CANDIDATE")));
    assert!(checks("bob").all(|(_, line)| !line.contains("USE-CANDIDATE")));
}

/// A keepalive must come more often than the NAT forgets: consent checks every 4 to 6 s against 4 s and against 3 minutes.
#[test]
fn keepalive_against_lifetime() {
    let scenario = Scenario::named("keepalive-and-lifetime").unwrap();
    let told = story(&scenario);
    golden("keepalive-and-lifetime", &told.text(90_000.0));
    let connected = told.find(0, &["A: component 1 uses pair"]);
    let other_port = told.find(connected, &["short new-mapping"]);
    told.find(other_port, &["home B drops", "filtered"]);
    told.find(other_port, &["short drops", "no-mapping"]);
    told.find(other_port, &["A: consent to send", "has expired after 30000 ms"]);

    let mut patient = scenario;
    patient.networks[0].nat.udp_timeout = Some(180.0);
    let told = story(&patient);
    let connected = told.find(0, &["A: component 1 uses pair"]);
    let after = &told.lines[connected..];
    assert!(after.iter().any(|(time, line)| *time > 80_000.0 && line.contains("B gets")), "checks arrive to the end");
    assert!(!after.iter().any(|(_, line)| line.contains("new-mapping") || line.contains("expired")));
}
