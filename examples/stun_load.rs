//! How many Binding requests per second a server answers over UDP: the measure of `benches/js/serve.mjs`.
//!
//! ```sh
//! cargo run --release --example stun_load -- 127.0.0.1:3478 2          # two seconds in a closed loop
//! cargo run --release --example stun_load -- 127.0.0.1:3478 2 100000   # requests per second, whatever comes back
//! ```
//!
//! Prints `answered` and `asked` per second. What comes back may be anything, so that an echo can be measured too.
use std::error::Error;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use icelens::stun::{Builder, Class, Method, TransactionId};

/// Requests under way in the closed loop.
const WINDOW: u64 = 64;
/// After so long without an answer, those under way are taken for lost.
const PATIENCE: Duration = Duration::from_millis(20);

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let server = args.next().ok_or("give the address of a server")?;
    let seconds = args.next().map_or(Ok(2.0), |text| text.parse())?;
    let rate: Option<f64> = args.next().map(|text| text.parse()).transpose()?;
    let socket = UdpSocket::bind(if server.starts_with('[') { "[::1]:0" } else { "127.0.0.1:0" })?;
    socket.connect(&server)?;
    let mut buffer = [0; 20];
    let id = TransactionId::new(*b"stun_load...");
    let request = Builder::new(&mut buffer, Class::Request, Method::BINDING, id)?.finish();
    let time = Duration::try_from_secs_f64(seconds)?;
    let (asked, answered) = match rate {
        None => closed(&socket, request, time)?,
        Some(rate) => open(&socket, request, time, rate)?,
    };
    println!("answered {:.0} asked {:.0}", answered as f64 / seconds, asked as f64 / seconds);
    Ok(())
}

/// Each answer brings forth the next request.
fn closed(socket: &UdpSocket, request: &[u8], time: Duration) -> Result<(u64, u64), Box<dyn Error>> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let began = Instant::now();
    let mut answer = [0; 2048];
    let (mut asked, mut answered, mut under_way) = (0, 0, 0);
    while began.elapsed() < time {
        while under_way < WINDOW {
            socket.send(request)?;
            asked += 1;
            under_way += 1;
        }
        match socket.recv(&mut answer) {
            Ok(_) => {
                answered += 1;
                under_way -= 1;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => under_way = 0,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((asked, answered))
}

/// So many requests per second.
fn open(socket: &UdpSocket, request: &[u8], time: Duration, rate: f64) -> Result<(u64, u64), Box<dyn Error>> {
    socket.set_nonblocking(true)?;
    let began = Instant::now();
    let mut answer = [0; 2048];
    let (mut asked, mut answered) = (0, 0);
    while began.elapsed() < time {
        if (asked as f64) < began.elapsed().as_secs_f64() * rate && socket.send(request).is_ok() {
            asked += 1;
        }
        if socket.recv(&mut answer).is_ok() {
            answered += 1;
        }
    }
    Ok((asked, answered))
}
