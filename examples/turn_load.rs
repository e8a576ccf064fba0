//! How much a TURN server relays in a second over UDP: the measure of `benches/js/turn.mjs`.
//!
//! ```sh
//! cargo run --release --example turn_load -- 127.0.0.1:3478 user:pass channel 2
//! ```
//!
//! `channel` and `send` count what comes to a peer in a closed loop, as ChannelData and as Send indications; `allocate` counts
//! allocations, each with its challenge and its end; `bare` sends to a loop that reads the peer's port from the first two
//! bytes and passes on what follows the fourth. Prints `done` per second.
use icelens::net::{Datagram, Protocol};
use icelens::turn::client::{Event, State};
use icelens::turn::{Client, ClientConfig};
use std::error::Error;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

/// Datagrams under way in the closed loop.
const WINDOW: u64 = 64;
/// After so long without one, those under way are taken for lost.
const PATIENCE: Duration = Duration::from_millis(20);
const DATA: [u8; 160] = [7; 160];

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [server, user, what, seconds] = args.as_slice() else {
        return Err("SERVER USER:PASSWORD channel|send|allocate|bare SECONDS".into());
    };
    let (server, seconds): (SocketAddr, f64) = (server.parse()?, seconds.parse()?);
    let (user, time) = (user.split_once(':').ok_or("no colon")?, Duration::try_from_secs_f64(seconds)?);
    let done = match what.as_str() {
        "allocate" => allocations(server, user, time)?,
        "bare" => relayed(Relay::bare(server)?, time)?,
        "channel" | "send" => relayed(Relay::open(server, user, what == "channel")?, time)?,
        _ => return Err("nothing is called so".into()),
    };
    println!("done {:.0}", done as f64 / seconds);
    Ok(())
}

fn bind() -> Fallible<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// A client on its socket.
struct Session {
    client: Client,
    socket: UdpSocket,
    began: Instant,
}

impl Session {
    /// With an allocation.
    fn allocate(server: SocketAddr, (user, password): (&str, &str), socket: UdpSocket, seed: u64) -> Fallible<Self> {
        let mut entropy = [9; 32];
        entropy[..8].copy_from_slice(&seed.to_be_bytes());
        let config = ClientConfig::new(socket.local_addr()?, server, Protocol::Udp, user, password, entropy);
        let mut session = Self { client: Client::new(config), socket, began: Instant::now() };
        session.client.timeout(Duration::ZERO);
        session.run_until(|client| client.state() == State::Allocated)?;
        Ok(session)
    }

    /// Deletes the allocation.
    fn end(&mut self) -> Fallible<()> {
        self.client.close(self.began.elapsed());
        self.run_until(|client| client.state() == State::Closed)
    }

    /// Carries packets until it is so, for five seconds at most.
    fn run_until(&mut self, so: impl Fn(&Client) -> bool) -> Fallible<()> {
        let (mut buffer, began) = ([0; 2048], Instant::now());
        while !so(&self.client) {
            while let Some(event) = self.client.poll_event() {
                if matches!(event, Event::LocalAddressWanted { .. }) {
                    return Err("the server knows this port from before".into());
                }
            }
            if began.elapsed() > Duration::from_secs(5) {
                return Err("the server does not do it".into());
            }
            while let Some(packet) = self.client.poll_transmit() {
                self.socket.send_to(&packet.bytes, packet.remote)?;
            }
            match self.socket.recv_from(&mut buffer) {
                Ok((len, from)) => {
                    let datagram = Datagram::udp(self.socket.local_addr()?, from, buffer[..len].to_vec());
                    self.client.receive(self.began.elapsed(), &datagram);
                }
                Err(error) if is_silence(&error) => self.client.timeout(self.began.elapsed()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn is_silence(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// A datagram that is relayed to a peer, and the sockets of both.
struct Relay {
    /// Of the allocation, where there is one.
    session: Option<Session>,
    server: SocketAddr,
    socket: UdpSocket,
    peer: UdpSocket,
    bytes: Vec<u8>,
}

impl Relay {
    fn open(server: SocketAddr, user: (&str, &str), channel: bool) -> Fallible<Self> {
        let peer = bind()?;
        let to = peer.local_addr()?;
        let mut session = Session::allocate(server, user, bind()?, u64::from(to.port()))?;
        // Until a permission is there nothing passes: what is sent is waited for at the peer.
        if channel {
            session.client.bind_channel(session.began.elapsed(), to)?;
        }
        for _ in 0..200 {
            _ = session.client.send_to(session.began.elapsed(), to, &DATA);
            while let Some(packet) = session.client.poll_transmit() {
                session.socket.send_to(&packet.bytes, packet.remote)?;
            }
            let mut buffer = [0; 2048];
            if let Ok((len, from)) = session.socket.recv_from(&mut buffer) {
                let datagram = Datagram::udp(session.socket.local_addr()?, from, buffer[..len].to_vec());
                session.client.receive(session.began.elapsed(), &datagram);
            }
            while session.client.poll_event().is_some() {}
            _ = session.client.send_to(session.began.elapsed(), to, &DATA);
            let last = std::iter::from_fn(|| session.client.poll_transmit()).last();
            let is_channel = |bytes: &[u8]| bytes.first().is_some_and(|first| (0x40..0x50).contains(first));
            let Some(packet) = last.filter(|packet| packet.bytes.len() > DATA.len()) else { continue };
            session.socket.send_to(&packet.bytes, packet.remote)?;
            let arrived = peer.recv(&mut buffer).is_ok();
            if arrived && is_channel(&packet.bytes) == channel {
                let socket = session.socket.try_clone()?;
                return Ok(Self { session: Some(session), server, socket, peer, bytes: packet.bytes });
            }
        }
        Err("nothing is relayed".into())
    }

    fn bare(server: SocketAddr) -> Fallible<Self> {
        let (socket, peer) = (bind()?, bind()?);
        let [a, b] = peer.local_addr()?.port().to_be_bytes();
        let bytes = [&[a, b, 0, 0], &DATA[..]].concat();
        Ok(Self { session: None, server, socket, peer, bytes })
    }
}

/// Datagrams that came to the peer; each brings forth the next.
fn relayed(mut relay: Relay, time: Duration) -> Fallible<u64> {
    let began = Instant::now();
    let (mut done, mut under_way, mut buffer) = (0, 0, [0; 2048]);
    while began.elapsed() < time {
        while under_way < WINDOW {
            relay.socket.send_to(&relay.bytes, relay.server)?;
            under_way += 1;
        }
        match relay.peer.recv(&mut buffer) {
            Ok(_) => (done, under_way) = (done + 1, under_way - 1),
            Err(error) if is_silence(&error) => under_way = 0,
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(session) = &mut relay.session {
        session.end()?;
    }
    Ok(done)
}

/// Allocations that were made and ended again, one after the other.
fn allocations(server: SocketAddr, user: (&str, &str), time: Duration) -> Fallible<u64> {
    // coturn remembers the port of an allocation that has ended for a while: each has another, and one it knows does not count.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let mut ports = (since.as_millis() * 10..).map(|number| 10_000 + (number % 50_000) as u16);
    let (began, mut done) = (Instant::now(), 0);
    while began.elapsed() < time {
        let socket = ports.find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok()).ok_or("no port")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let Ok(mut session) = Session::allocate(server, user, socket, done) else { continue };
        session.end()?;
        done += 1;
    }
    if done == 0 { Err("no allocation was made".into()) } else { Ok(done) }
}
