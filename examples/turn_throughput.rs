//! How much the TURN server does in a second without sockets, on one thread: `cargo run --release --example turn_throughput`.
use icelens::net::{Datagram, Protocol};
use icelens::turn::server::FiveTuple;
use icelens::turn::{Client, ClientConfig, Server, ServerConfig};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

const RELAY: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
const CLIENTS: u16 = 1000;
const ROUNDS: usize = 5;

fn main() {
    let listen = SocketAddr::new(RELAY, 3478);
    let peer: SocketAddr = SocketAddr::new(Ipv4Addr::new(203, 0, 113, 1).into(), 7000);
    let mut config = ServerConfig::new("example.org", RELAY, [3; 32]);
    config.users.push(("user".into(), "pass".into()));
    config.max_per_user = usize::from(CLIENTS);
    let mut server = Server::new(config);
    let mut clients: Vec<Client> = (0..CLIENTS).map(|index| client(index, listen)).collect();
    for client in &mut clients {
        client.timeout(Duration::ZERO);
        settle(client, &mut server);
        client.bind_channel(Duration::ZERO, peer).expect("an allocation");
        settle(client, &mut server);
    }
    assert_eq!(server.allocations(), usize::from(CLIENTS));
    println!("{CLIENTS} allocations, 160 bytes of data, one thread; best of {ROUNDS}");

    let data = [7; 160];
    let channel_data = outgoing(&mut clients, |client| _ = client.send_to(Duration::ZERO, peer, &data));
    measure("ChannelData, client to peer", &channel_data, &mut server);
    let other = SocketAddr::new(peer.ip(), 7001);
    let send = outgoing(&mut clients, |client| _ = client.send_to(Duration::ZERO, other, &data));
    measure("Send indication, client to peer", &send, &mut server);
    let relayed: Vec<SocketAddr> = clients.iter().filter_map(|client| client.relayed().first().copied()).collect();
    let from = |peer: SocketAddr| -> Vec<Datagram> {
        relayed.iter().map(|relayed| Datagram::udp(*relayed, peer, data.to_vec())).collect()
    };
    measure("ChannelData, peer to client", &from(peer), &mut server);
    measure("Data indication, peer to client", &from(other), &mut server);

    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < Duration::from_secs(1) {
        let mut client = client(9000, listen);
        client.timeout(Duration::ZERO);
        settle(&mut client, &mut server);
        let (remote, local, protocol) = (client.local(), listen, Protocol::Udp);
        server.disconnected(&FiveTuple { remote, local, protocol });
        while server.poll_event().is_some() {}
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    println!("{:<34} {rate:>12.0} /s (challenge and allocation, client and server)", "Allocations");
}

fn client(index: u16, listen: SocketAddr) -> Client {
    let local = SocketAddr::new(Ipv4Addr::new(192, 0, 2, 1).into(), 10_000 + index);
    let [a, b] = index.to_be_bytes();
    let mut seed = [9; 32];
    (seed[0], seed[1]) = (a, b);
    Client::new(ClientConfig::new(local, listen, Protocol::Udp, "user", "pass", seed))
}

/// Carries what client and server have for each other until nothing is left.
fn settle(client: &mut Client, server: &mut Server) {
    loop {
        let mut moved = false;
        while let Some(datagram) = client.poll_transmit() {
            server.receive(Duration::ZERO, &turned(&datagram));
            moved = true;
        }
        while let Some(datagram) = server.poll_transmit() {
            client.receive(Duration::ZERO, &turned(&datagram));
            moved = true;
        }
        if !moved {
            return;
        }
    }
}

fn turned(datagram: &Datagram) -> Datagram {
    let Datagram { local, remote, protocol, bytes } = datagram.clone();
    Datagram { local: remote, remote: local, protocol, bytes }
}

/// Datagrams that each client sends, as the server receives them.
fn outgoing(clients: &mut [Client], send: impl Fn(&mut Client)) -> Vec<Datagram> {
    clients
        .iter_mut()
        .filter_map(|client| {
            send(client);
            client.poll_transmit().map(|datagram| turned(&datagram))
        })
        .collect()
}

fn measure(what: &str, datagrams: &[Datagram], server: &mut Server) {
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < Duration::from_millis(300) {
            for datagram in datagrams {
                server.receive(Duration::ZERO, datagram);
                let sent = black_box(server.poll_transmit());
                count += u32::from(sent.is_some());
            }
        }
        best = best.max(f64::from(count) / start.elapsed().as_secs_f64());
    }
    assert!(best > 0.0, "{what}: nothing was relayed");
    println!("{what:<34} {best:>12.0} /s");
}
