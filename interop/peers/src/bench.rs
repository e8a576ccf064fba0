//! `bench`: icelens beside the other crates in one run, in virtual time and without sockets; the least of several rounds.
use icelens::stun::{Builder, Class, Key, Method, TransactionId, attribute};
use icelens_interop::{Config, Engine, Error, Packet, Parameters, Told, engine};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const ENGINES: [&str; 4] = ["icelens", "is", "rice-proto", "rtc-ice"];
const ROUNDS: u64 = 15;
/// Checks answered in a round: rice-proto takes milliseconds for each, the more it has seen.
const CHECKS: u32 = 500;

fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, host], port))
}

fn new(name: &str, controlling: bool, seed: u64) -> Result<Box<dyn Engine>, Error> {
    engine(name, &Config { controlling, seed, ..Config::default() })
}

/// Tells one side all that the other has told, except data and states.
fn describe(from: &mut dyn Engine, to: &mut dyn Engine) -> Result<(), Error> {
    to.set_remote(Duration::ZERO, &from.parameters())?;
    while let Some(told) = from.poll_told() {
        match told {
            Told::Candidate(line) => to.add_remote(&line)?,
            Told::End => to.end_of_remote(),
            _ => {}
        }
    }
    Ok(())
}

fn is_connected(engine: &mut dyn Engine) -> bool {
    std::iter::from_fn(|| engine.poll_told()).any(|told| matches!(told, Told::State("completed" | "connected")))
}

/// Two agents of one crate, from nothing to both connected; gives the virtual time that took.
fn connect(name: &str, seed: u64) -> Result<Duration, Error> {
    let mut agents = [new(name, true, seed)?, new(name, false, seed + 1)?];
    for (agent, host) in agents.iter_mut().zip(1..) {
        agent.add_sockets(Duration::ZERO, &[address(host, 1000)], None)?;
    }
    let [a, b] = &mut agents;
    describe(a.as_mut(), b.as_mut())?;
    describe(b.as_mut(), a.as_mut())?;
    let (mut now, mut connected) = (Duration::ZERO, [false; 2]);
    for _ in 0..10_000 {
        for at in 0..2 {
            while let Some(Packet { local, remote, bytes }) = agents[at].poll_transmit(now) {
                agents[1 - at].receive(now, Packet { local: remote, remote: local, bytes });
            }
            connected[at] |= is_connected(agents[at].as_mut());
        }
        if connected == [true; 2] {
            return Ok(now);
        }
        let due = agents.iter_mut().filter_map(|agent| agent.poll_timeout(now)).min();
        now = due.ok_or("both wait for ever")?.max(now + Duration::from_micros(1));
        for agent in &mut agents {
            if agent.poll_timeout(now).is_none_or(|due| due <= now) {
                agent.timeout(now);
            }
        }
    }
    Err("they do not connect".into())
}

const PWD: &str = "passwordofthebenchmark00";

/// An agent with `count` local and as many remote candidates, which form their pairs and begin.
fn form(name: &str, count: u16, lines: &[String]) -> Result<(), Error> {
    let mut agent = new(name, true, 1)?;
    let sockets: Vec<SocketAddr> = (0..count).map(|at| address(1, 1000 + at)).collect();
    agent.add_sockets(Duration::ZERO, &sockets, None)?;
    for line in lines {
        agent.add_remote(line)?;
    }
    agent.set_remote(Duration::ZERO, &Parameters { ufrag: "them".into(), pwd: PWD.into(), lite: false, ice2: true })?;
    agent.timeout(Duration::ZERO);
    agent.poll_transmit(Duration::ZERO).ok_or("no check")?;
    Ok(())
}

fn remote_lines(count: u16) -> Vec<String> {
    let line =
        |at| format!("candidate:{at} 1 UDP {} 203.0.113.2 {} typ host", 2_130_706_431 - u32::from(at) * 256, 2000 + at);
    (0..count).map(line).collect()
}

/// Signed requests to an agent with these credentials, each its own transaction.
fn requests(own: &Parameters, count: u32) -> Result<Vec<Vec<u8>>, Error> {
    let key = Key::short_term(&own.pwd);
    let username = format!("{}:them", own.ufrag);
    let request = |number: u32| {
        let mut id = [7; 12];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let mut buffer = [0; 256];
        let mut builder = Builder::new(&mut buffer, Class::Request, Method::BINDING, TransactionId::new(id))?;
        builder.raw(attribute::USERNAME, username.as_bytes())?;
        builder.raw(attribute::PRIORITY, &1_845_501_695_u32.to_be_bytes())?;
        builder.raw(attribute::ICE_CONTROLLING, &9_u64.to_be_bytes())?;
        builder.sign(&key)?;
        builder.fingerprint()?;
        Ok(builder.finish().to_vec())
    };
    (0..count).map(request).collect()
}

/// Answers so many checks; gives the time.
fn answer(name: &str, count: u32) -> Result<Duration, Error> {
    let mut agent = new(name, false, 1)?;
    agent.add_sockets(Duration::ZERO, &[address(1, 1000)], None)?;
    agent.set_remote(Duration::ZERO, &Parameters { ufrag: "them".into(), pwd: PWD.into(), lite: false, ice2: true })?;
    agent.add_remote(&remote_lines(1)[0])?;
    agent.timeout(Duration::ZERO);
    let requests = requests(&agent.parameters(), count)?;
    let (local, remote, mut answers) = (address(1, 1000), address(2, 2000), 0);
    let began = Instant::now();
    for bytes in requests {
        agent.receive(Duration::ZERO, Packet { local, remote, bytes });
        while let Some(packet) = agent.poll_transmit(Duration::ZERO) {
            answers += u32::from(packet.bytes.first() == Some(&1));
        }
        while agent.poll_told().is_some() {}
    }
    let took = began.elapsed();
    if answers == count { Ok(took) } else { Err(format!("{answers} of {count} were answered").into()) }
}

/// The least of several rounds for each engine. Rounds take turns, so that all see the same load of the machine.
fn least(round: impl Fn(&str, u64) -> Result<Duration, Error>) -> Vec<Result<Duration, Error>> {
    let mut best: Vec<Result<Duration, Error>> = ENGINES.iter().map(|_| Ok(Duration::MAX)).collect();
    for number in 0..ROUNDS {
        for (name, best) in ENGINES.iter().zip(&mut best) {
            let Ok(before) = best else { continue };
            *best = round(name, number).map(|took| took.min(*before));
        }
    }
    best
}

/// The mean time of `count` runs.
fn mean(count: u32, mut run: impl FnMut(u64) -> Result<(), Error>) -> Result<Duration, Error> {
    let began = Instant::now();
    for at in 0..count {
        run(u64::from(at))?;
    }
    Ok(began.elapsed() / count)
}

fn row(what: &str, times: &[Result<Duration, Error>]) {
    let ours = times.first().and_then(|time| time.as_ref().ok()).copied();
    let cells = times.iter().map(|time| match (time, ours) {
        (Ok(time), Some(ours)) => {
            let ratio = time.as_secs_f64() / ours.as_secs_f64();
            format!("{:.1} µs ({ratio:.1})", time.as_secs_f64() * 1e6)
        }
        (Ok(time), None) => format!("{:.1} µs", time.as_secs_f64() * 1e6),
        (Err(error), _) => format!("– {error}"),
    });
    println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn main() {
    println!("| µs (times icelens) | {} |\n|---|---|---|---|---|", ENGINES.join(" | "));
    let connected = least(|name, round| mean(100, |at| connect(name, 1 + round * 1000 + at * 2).map(|_| ())));
    row("two agents from nothing to connected", &connected);
    let lines = remote_lines(10);
    row("100 pairs formed and sorted, first check sent", &least(|name, _| mean(20, |_| form(name, 10, &lines))));
    row("a check answered", &least(|name, _| answer(name, CHECKS).map(|took| took / CHECKS)));
    row("virtual time to connected", &ENGINES.map(|name| connect(name, 1)));
}
