//! A STUN server on UDP sockets of the standard library, with NAT behaviour discovery when it has two addresses.
//!
//! ```sh
//! cargo run --release --example stun_server -- 192.0.2.1:3478 192.0.2.2:3479
//! ```
//!
//! A thread for each address it binds. Sources are limited as [`SourceRates`] says by default; loopback is not.
use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Instant;

use icelens::nat::{MAX_ANSWER, ServerOptions, StunServer};
use icelens::net::SourceRates;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let primary: SocketAddr = args.next().as_deref().unwrap_or("127.0.0.1:3478").parse()?;
    let other: Option<SocketAddr> = args.next().map(|text| text.parse()).transpose()?;
    // The standard library's hasher is seeded by the system.
    let seed = RandomState::new().build_hasher().finish();
    let options = ServerOptions { rates: Some(SourceRates::default()), seed, ..ServerOptions::new(primary, other) };
    let addresses = StunServer::new(options.clone()).addresses();
    if other.is_some() && addresses.len() == 1 {
        return Err("the second address must differ in address and in port, and be of the same family".into());
    }
    let sockets = addresses.iter().map(UdpSocket::bind).collect::<Result<Vec<_>, _>>()?;
    println!("STUN on {addresses:?}");
    thread::scope(|scope| {
        for at in 0..sockets.len() {
            let (addresses, sockets) = (&addresses, &sockets);
            let server = StunServer::new(options.clone());
            scope.spawn(move || serve(server, at, addresses, sockets));
        }
    });
    Ok(())
}

/// Answers what comes to one of the sockets, for ever.
fn serve(mut server: StunServer, at: usize, addresses: &[SocketAddr], sockets: &[UdpSocket]) {
    let (Some(local), Some(socket)) = (addresses.get(at), sockets.get(at)) else { return };
    let began = Instant::now();
    let mut request = [0; 2048];
    let mut answer = [0; MAX_ANSWER];
    loop {
        // An error here is an ICMP message about an earlier answer: the next datagram may be a request.
        let Ok((len, from)) = socket.recv_from(&mut request) else { continue };
        let bytes = request.get(..len).unwrap_or_default();
        let Some(answered) = server.answer(began.elapsed(), *local, from, bytes, &mut answer) else { continue };
        let sender = addresses.iter().position(|address| *address == answered.from).and_then(|at| sockets.get(at));
        let bytes = answer.get(..answered.len).unwrap_or_default();
        // A datagram that can't be sent is lost, as it may be anywhere on the way.
        let _ = sender.unwrap_or(socket).send_to(bytes, answered.to);
    }
}
