//! `peer ENGINE CONFIG`: an engine on UDP sockets, told what to do by lines of JSON and telling what happens the same way.
use icelens_interop::{Config, Engine, Error, Packet, Parameters, Told, engine};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::BufRead;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

enum Input {
    Line(String),
    Packet(Packet),
    /// Standard input has ended.
    Over,
}

struct Peer {
    engine: Box<dyn Engine>,
    sockets: HashMap<SocketAddr, UdpSocket>,
    epoch: Instant,
    loss: Loss,
    controlling: bool,
}

/// Drops a share of the packets of each direction, the same ones in each run with the same seed.
struct Loss {
    per_cent: u64,
    state: u64,
}

impl Loss {
    fn drops(&mut self) -> bool {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % 100 < self.per_cent
    }
}

fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let name = args.next().ok_or("an engine's name is missing")?;
    let json: Value = serde_json::from_str(&args.next().ok_or("the configuration is missing")?)?;
    let mut config = Config::from_json(&json)?;
    if config.seed == 0 {
        config.seed = u64::from(std::process::id());
    }
    let loss = Loss { per_cent: json["loss"].as_u64().unwrap_or(0), state: config.seed };
    let (sender, inputs) = channel();
    let addresses = json["addresses"].as_array().ok_or("addresses are missing")?;
    let addresses = addresses.iter().filter_map(Value::as_str).map(str::parse).collect::<Result<Vec<IpAddr>, _>>()?;
    let mut sockets = HashMap::new();
    let mut bound = Vec::new();
    for ip in &addresses {
        bound.push(bind(*ip, &mut sockets, &sender)?);
    }
    let spare = match &config.turn {
        Some(turn) if name == "rice-proto" => Some(bind(turn.address.ip(), &mut sockets, &sender)?),
        _ => None,
    };
    let lines = sender;
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(Input::Line(line)).is_err() {
                return;
            }
        }
        _ = lines.send(Input::Over);
    });
    let engine = engine(&name, &config)?;
    let controlling = config.controlling;
    let mut peer = Peer { engine, sockets, epoch: Instant::now(), loss, controlling };
    peer.tell_parameters();
    peer.engine.add_sockets(peer.epoch.elapsed(), &bound, spare)?;
    loop {
        peer.settle();
        let now = peer.epoch.elapsed();
        let wait = peer.engine.poll_timeout(now).map_or(Duration::from_secs(1), |due| due.saturating_sub(now));
        match inputs.recv_timeout(wait.clamp(Duration::from_micros(200), Duration::from_secs(1))) {
            Ok(Input::Line(line)) => {
                if let Err(error) = peer.take_line(&line) {
                    tell(&json!({ "error": error.to_string() }));
                }
            }
            Ok(Input::Packet(packet)) => {
                if !peer.loss.drops() {
                    peer.engine.receive(peer.epoch.elapsed(), packet);
                }
            }
            Ok(Input::Over) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = peer.epoch.elapsed();
        if peer.engine.poll_timeout(now).is_some_and(|due| due <= now) {
            peer.engine.timeout(now);
        }
    }
}

/// Binds a socket, which a thread reads.
fn bind(ip: IpAddr, sockets: &mut HashMap<SocketAddr, UdpSocket>, inputs: &Sender<Input>) -> Result<SocketAddr, Error> {
    let socket = UdpSocket::bind((ip, 0))?;
    let local = socket.local_addr()?;
    let (reader, inputs) = (socket.try_clone()?, inputs.clone());
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        loop {
            // An error is an ICMP message about an earlier datagram.
            let Ok((len, remote)) = reader.recv_from(&mut buffer) else { continue };
            let packet = Packet { local, remote, bytes: buffer[..len].to_vec() };
            if inputs.send(Input::Packet(packet)).is_err() {
                return;
            }
        }
    });
    sockets.insert(local, socket);
    Ok(local)
}

fn tell(value: &Value) {
    println!("{value}");
}

impl Peer {
    fn tell_parameters(&self) {
        let Parameters { ufrag, pwd, lite, ice2 } = self.engine.parameters();
        let options: &[&str] = if ice2 { &["ice2"] } else { &[] };
        tell(&json!({ "parameters": { "ufrag": ufrag, "pwd": pwd, "lite": lite, "options": options } }));
    }

    fn take_line(&mut self, line: &str) -> Result<(), Error> {
        let now = self.epoch.elapsed();
        let line: Value = serde_json::from_str(line)?;
        let text = |value: &Value| value.as_str().map(String::from).ok_or("a string is missing");
        if let Some(remote) = line.get("remote") {
            let ice2 = remote["options"].as_array().is_some_and(|options| options.contains(&json!("ice2")));
            let lite = remote["lite"].as_bool().unwrap_or(false);
            let (ufrag, pwd) = (text(&remote["ufrag"])?, text(&remote["pwd"])?);
            return self.engine.set_remote(now, &Parameters { ufrag, pwd, lite, ice2 });
        }
        if let Some(candidate) = line.get("candidate") {
            return self.engine.add_remote(&text(candidate)?);
        }
        if line.get("end").is_some() {
            self.engine.end_of_remote();
        }
        if let Some(data) = line.get("send") {
            return self.engine.send(now, text(data)?.as_bytes());
        }
        if line.get("restart").is_some() {
            self.engine.restart(now)?;
            self.tell_parameters();
        }
        if line.get("selected").is_some() {
            tell(&json!({ "selected": self.engine.selected(), "controlling": self.engine.controlling() }));
        }
        Ok(())
    }

    /// Sends and tells what there is.
    fn settle(&mut self) {
        while let Some(packet) = self.engine.poll_transmit(self.epoch.elapsed()) {
            if self.loss.drops() {
                continue;
            }
            if let Some(socket) = self.sockets.get(&packet.local) {
                // A packet that can't be sent is lost, as it may be anywhere on the way.
                _ = socket.send_to(&packet.bytes, packet.remote);
            }
        }
        while let Some(told) = self.engine.poll_told() {
            match told {
                Told::Candidate(line) => tell(&json!({ "candidate": line })),
                Told::End => tell(&json!({ "end": true })),
                Told::State(state) => tell(&json!({ "state": state })),
                Told::Data(bytes) => tell(&json!({ "data": String::from_utf8_lossy(&bytes) })),
            }
        }
        if self.engine.controlling() != self.controlling {
            self.controlling = !self.controlling;
            tell(&json!({ "controlling": self.controlling }));
        }
    }
}
