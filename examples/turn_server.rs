//! A TURN server over UDP: `cargo run --release --example turn_server -- 127.0.0.1:3478 user:pass [network to allow…]`.
//!
//! One thread for the server's socket and one for each relayed address share the [`Server`]; it is locked for a few hundred
//! nanoseconds for each datagram. With `TURN_SECRET` in the environment, time-limited user names are served too.
use icelens::net::{Datagram, Protocol};
use icelens::turn::server::Event;
use icelens::turn::{Server, ServerConfig};
use std::collections::HashMap;
use std::io::Read;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

/// A relayed address: its socket, and whether it is still needed.
struct Relay {
    socket: UdpSocket,
    open: AtomicBool,
}

struct Shared {
    server: Mutex<Server>,
    listen: UdpSocket,
    relays: RwLock<HashMap<SocketAddr, Arc<Relay>>>,
    start: Instant,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let listen: SocketAddr = args.next().ok_or("an address with its port, such as 127.0.0.1:3478")?.parse()?;
    let user = args.next().ok_or("a user, such as user:pass")?;
    let (name, password) = user.split_once(':').ok_or("a user is name:password")?;
    let mut seed = [0; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut seed)?;
    let mut config = ServerConfig::new("icelens", listen.ip(), seed);
    config.users.push((name.into(), password.into()));
    config.rest_secret = std::env::var("TURN_SECRET").ok();
    config.unix_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    config.allow_peers = args.map(|network| network.parse()).collect::<Result<_, _>>()?;
    (config.ask, config.max_per_user) = (true, 1000);

    let socket = UdpSocket::bind(listen)?;
    println!("TURN over UDP on {}", socket.local_addr()?);
    let (server, relays) = (Mutex::new(Server::new(config)), RwLock::default());
    let shared = Arc::new(Shared { server, listen: socket, relays, start: Instant::now() });
    let timer = Arc::clone(&shared);
    std::thread::spawn(move || timer.keep_time());
    let local = shared.listen.local_addr()?;
    let mut buffer = vec![0; 65_536];
    loop {
        // An error, such as an ICMP message about an earlier datagram, concerns nobody here.
        if let Ok((len, remote)) = shared.listen.recv_from(&mut buffer) {
            shared.take(local, remote, buffer.get(..len).unwrap_or_default());
        }
    }
}

impl Shared {
    fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, local: SocketAddr, remote: SocketAddr, bytes: &[u8]) {
        let datagram = Datagram { local, remote, protocol: Protocol::Udp, bytes: bytes.to_vec() };
        let now = self.start.elapsed();
        let mut server = self.server();
        server.receive(now, &datagram);
        self.settle(&mut server);
    }

    /// Opens and closes sockets, and sends.
    fn settle(self: &Arc<Self>, server: &mut Server) {
        loop {
            while let Some(event) = server.poll_event() {
                match event {
                    Event::Open(address) => server.opened(address, self.open(address)),
                    Event::Close(address) => self.close(address),
                    _ => {}
                }
            }
            let Some(Datagram { local, remote, bytes, .. }) = server.poll_transmit() else { return };
            let relays = self.relays.read().unwrap_or_else(PoisonError::into_inner);
            let socket = relays.get(&local).map_or(&self.listen, |relay| &relay.socket);
            // A datagram that can't be sent is lost, as it may be anywhere on the way.
            _ = socket.send_to(&bytes, remote);
        }
    }

    fn open(self: &Arc<Self>, address: SocketAddr) -> bool {
        let Ok(socket) = UdpSocket::bind(address) else { return false };
        if socket.set_read_timeout(Some(Duration::from_secs(1))).is_err() {
            return false;
        }
        let relay = Arc::new(Relay { socket, open: AtomicBool::new(true) });
        self.relays.write().unwrap_or_else(PoisonError::into_inner).insert(address, Arc::clone(&relay));
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            loop {
                let received = relay.socket.recv_from(&mut buffer);
                if !relay.open.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok((len, peer)) = received {
                    shared.take(address, peer, buffer.get(..len).unwrap_or_default());
                }
            }
        });
        true
    }

    fn close(&self, address: SocketAddr) {
        if let Some(relay) = self.relays.write().unwrap_or_else(PoisonError::into_inner).remove(&address) {
            relay.open.store(false, Ordering::Relaxed);
            // Its thread wakes by this, or within a second.
            _ = relay.socket.send_to(&[], address);
        }
    }

    /// Ends what was not refreshed: looked at once a second.
    fn keep_time(self: &Arc<Self>) {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = self.start.elapsed();
            let mut server = self.server();
            server.timeout(now);
            self.settle(&mut server);
        }
    }
}
