//! Events of a capture: who asked whom, what was answered, which pair carried data.
//!
//! Reads pcap and pcapng with Ethernet, VLAN tags, Linux cooked v1 and v2, raw IP, loopback; IPv4 and IPv6; UDP, and TCP
//! with the framing of RFC 8656 or RFC 4571, or that of SIP and RTSP. IP fragments are put together. Payloads are told apart
//! by their first byte (RFC 7983). What TURN carries, in indications and on channels, is unwrapped and looked at like any
//! packet. ICMP that says that a request did not arrive is kept with the request.
//!
//! Every table has a cap; [`Capture::over`] counts what was left out.

mod dtls;
mod flow;
mod fragments;
mod ice;
mod icmp;
mod layers;
mod lenient;
mod reader;
mod scanner;
mod tcp;
mod transaction;
mod turn;

pub use dtls::{Dtls, Milestone};
pub use flow::{Counts, Flow};
pub use ice::{Checks, IceSession, Pair};
pub use icmp::{Unreachable, Unreached};
pub use lenient::Oddity;
pub use reader::Format;
pub(super) use scanner::CaptureScanner;
pub use transaction::{Check, Response, Role, Sighting, Transaction};
pub use turn::{Allocation, Channel};

use alloc::vec::Vec;
use core::net::SocketAddr;

/// Most flows told apart.
pub const MAX_FLOWS: usize = 16_384;
/// Most transactions kept.
pub const MAX_TRANSACTIONS: usize = 50_000;
/// Most allocations kept.
pub const MAX_ALLOCATIONS: usize = 4_096;
/// Most ICMP messages kept.
pub const MAX_UNREACHABLE: usize = 4_096;

/// Transport protocol between two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

impl Transport {
    /// As candidates write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

/// Two addresses and what runs between them, direction left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The smaller address.
    pub a: SocketAddr,
    /// The greater address.
    pub b: SocketAddr,
    /// Between them.
    pub transport: Transport,
}

impl Path {
    /// The path of a packet.
    pub fn new(from: SocketAddr, to: SocketAddr, transport: Transport) -> Self {
        if from <= to { Self { a: from, b: to, transport } } else { Self { a: to, b: from, transport } }
    }
}

/// Packets that were not looked at, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Neither UDP nor TCP over IP, or an unknown link type.
    pub other: u32,
    /// Fragments whose packet did not come together: some are missing, or they contradict each other.
    pub fragments: u32,
    /// Headers cut off.
    pub short: u32,
    /// Payload cut off by the capture's snap length; counted in its flow all the same.
    pub cut: u32,
}

/// Counts of what the caps left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Over {
    /// Packets of flows beyond [`MAX_FLOWS`].
    pub flows: u32,
    /// Requests beyond [`MAX_TRANSACTIONS`].
    pub transactions: u32,
    /// Allocations beyond [`MAX_ALLOCATIONS`].
    pub allocations: u32,
    /// ICMP messages beyond [`MAX_UNREACHABLE`].
    pub unreachable: u32,
    /// Messages that are not among the findings.
    pub findings: u32,
}

/// Content of a capture. Times are nanoseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The file format.
    pub format: Format,
    /// Packets read.
    pub packets: u32,
    /// STUN messages seen on the wire, retransmissions too, those inside TURN not.
    pub messages: u32,
    /// Time of the first packet.
    pub first: u64,
    /// Time of the last packet.
    pub last: u64,
    /// Offset at which the file is cut off or damaged.
    pub damaged: Option<usize>,
    /// Packets left aside.
    pub skipped: Skipped,
    /// Counts of what did not fit.
    pub over: Over,
    /// Requests with their responses, by the time of the first request.
    pub transactions: Vec<Transaction>,
    /// Responses whose request is not in the capture.
    pub unasked: u32,
    /// Flows, by the time of the first packet.
    pub flows: Vec<Flow>,
    /// Address pairs that were checked by ICE, by the time of the first check.
    pub pairs: Vec<Pair>,
    /// Pairs grouped by username fragments.
    pub sessions: Vec<IceSession>,
    /// Allocations that clients got from TURN servers, or asked for in vain.
    pub allocations: Vec<Allocation>,
    /// Requests that came back as "destination unreachable", in the order of the packets.
    pub unreachable: Vec<Unreachable>,
}
