//! Rules that hold for any bytes and any schedule between a TURN client, a server, and whoever else sends to them.

use icelens::net::{Datagram, Protocol};
use icelens::turn::client::{Families, MAX_CHANNELS, MAX_PERMISSIONS, State};
use icelens::turn::server::{Event, RelayAddress};
use icelens::turn::{Client, ClientConfig, Server, ServerConfig};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const MAX_STEPS: usize = 256;

fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::from([203, 0, 113, host]), port)
}

/// Reads the input as a schedule: one byte what happens, one byte its argument.
pub fn schedule(data: &[u8]) {
    let relay = IpAddr::from([198, 51, 100, 1]);
    let v6: IpAddr = "2001:db8::1".parse().unwrap();
    let mut config = ServerConfig::new("r", relay, [3; 32]);
    config.users.push(("u".into(), "p".into()));
    config.relays.push(RelayAddress { bind: v6, external: v6 });
    (config.ports, config.nonce_lifetime) = (50_000..=50_007, 100);
    let first = data.first().copied().unwrap_or_default();
    config.ask = first & 1 != 0;
    let (listen, local) = (SocketAddr::new(relay, 3478), SocketAddr::new([192, 0, 2, 1].into(), 5000));
    let protocol = if first & 2 != 0 { Protocol::Tcp } else { Protocol::Udp };
    let families = if first & 4 != 0 { Families::Both } else { Families::V4 };
    let mut server = Server::new(config);
    let client = ClientConfig::new(local, listen, protocol, "u", "p", [7; 32]);
    let mut client = Client::new(ClientConfig { families, ..client });
    let mut now = Duration::ZERO;
    let mut wire: Vec<(bool, Datagram)> = Vec::new();
    for step in data.get(1..).unwrap_or_default().chunks_exact(2).take(MAX_STEPS) {
        let &[what, how] = step else { return };
        let peer = address(how & 7, 1000 + u16::from(how >> 3));
        match what % 16 {
            0 => client.timeout(now),
            1 => server.timeout(now),
            2 => now += Duration::from_millis(u64::from(how) * 4),
            3 => now += Duration::from_secs(u64::from(how)),
            4 => _ = client.send_to(now, peer, &vec![how; usize::from(how)]),
            5 => _ = client.bind_channel(now, peer),
            6 => client.forget_peer(peer.ip()),
            7 => client.rebind(now, SocketAddr::new(local.ip(), 5000 + u16::from(how))),
            8 => client.close(now),
            9 => client.allocate(now),
            10 => client.rotate(now, if how & 1 == 0 { "u" } else { "x" }, "p"),
            11 => server
                .receive(now, &Datagram::udp(SocketAddr::new(relay, 50_000 + u16::from(how & 7)), peer, vec![how; 9])),
            // The network: in order, lost, or changed on the way.
            12 => deliver(&mut wire, &mut client, &mut server, now, |_| {}),
            13 => drop((!wire.is_empty()).then(|| wire.remove(0))),
            14 => deliver(&mut wire, &mut client, &mut server, now, |bytes| {
                let at = usize::from(how) % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= how | 1;
                }
            }),
            _ => deliver(&mut wire, &mut client, &mut server, now, |bytes| bytes.truncate(usize::from(how))),
        }
        collect(&mut wire, &mut client, &mut server, how);
        check(&client, &server);
    }
}

fn deliver(
    wire: &mut Vec<(bool, Datagram)>,
    client: &mut Client,
    server: &mut Server,
    now: Duration,
    change: impl FnOnce(&mut Vec<u8>),
) {
    if wire.is_empty() {
        return;
    }
    let (to_server, mut datagram) = wire.remove(0);
    change(&mut datagram.bytes);
    if to_server {
        server.receive(now, &datagram);
    } else {
        client.receive(now, &datagram);
    }
}

fn collect(wire: &mut Vec<(bool, Datagram)>, client: &mut Client, server: &mut Server, how: u8) {
    while client.poll_event().is_some() {}
    while let Some(event) = server.poll_event() {
        if let Event::Open(address) = event {
            server.opened(address, how & 3 != 0);
        }
    }
    let turned =
        |Datagram { local, remote, protocol, bytes }| Datagram { local: remote, remote: local, protocol, bytes };
    while let Some(datagram) = client.poll_transmit() {
        wire.push((true, turned(datagram)));
    }
    while let Some(datagram) = server.poll_transmit() {
        wire.push((false, turned(datagram)));
    }
    wire.truncate(512);
}

fn check(client: &Client, server: &Server) {
    assert!(server.allocations() <= 8);
    let has_address = !client.relayed().is_empty();
    assert!(has_address || client.state() != State::Allocated);
    assert!(!has_address || matches!(client.state(), State::Allocated | State::Closing));
    // A machine that has work to do says when.
    let idle = matches!(client.state(), State::Closed);
    assert!(idle || client.poll_timeout().is_some(), "{:?} waits for nothing", client.state());
    assert!(server.allocations() == 0 || server.poll_timeout().is_some());
    const { assert!(MAX_CHANNELS <= 4096 && MAX_PERMISSIONS <= 4096) };
}

/// Bytes from anybody, to a server and to a client that has an allocation.
pub fn bytes(data: &[u8]) {
    let relay = IpAddr::from([198, 51, 100, 1]);
    let (listen, local) = (SocketAddr::new(relay, 3478), SocketAddr::new([192, 0, 2, 1].into(), 5000));
    for protocol in [Protocol::Udp, Protocol::Tcp] {
        let mut config = ServerConfig::new("r", relay, [3; 32]);
        config.users.push(("u".into(), "p".into()));
        config.rest_secret = Some("s".into());
        let mut server = Server::new(config);
        let bytes = data.to_vec();
        server.receive(Duration::ZERO, &Datagram { local: listen, remote: local, protocol, bytes });
        assert!(server.poll_event().is_none(), "something was done for a stranger");
        assert_eq!((server.allocations(), server.poll_timeout()), (0, None));
        let mut client = Client::new(ClientConfig::new(local, listen, protocol, "u", "p", [7; 32]));
        client.timeout(Duration::ZERO);
        let bytes = data.to_vec();
        client.receive(Duration::ZERO, &Datagram { local, remote: listen, protocol, bytes });
        assert!(client.poll_event().is_none() && client.relayed().is_empty());
    }
}
