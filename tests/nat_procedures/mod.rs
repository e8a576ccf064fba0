//! The procedures in simulated networks: servers that misbehave, loss of chosen packets, timers, hairpin and the rest.
//! Tests named `not_like_…` hold a defect of another tool that icelens must not share.
#![cfg(feature = "sim")]

mod axes;
mod lifetime;
mod loss;
mod order;
mod servers;

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressAndPortDependent, AddressDependent};
use icelens::nat::discovery::{Options, Procedure};
use icelens::nat::{Axis, NatReport, Path, Verdict};
use icelens::sim::{Link, NatSpec, Place, Quirk, SimServer, World, client_options};

pub(crate) const SERVER: &str = "198.51.100.1:3478";
pub(crate) const OTHER: &str = "198.51.100.2:3479";

pub(crate) fn server() -> SocketAddr {
    SERVER.parse().unwrap()
}

pub(crate) fn options(sockets: usize) -> Options {
    client_options("10.0.0.2".parse().unwrap(), server(), sockets, 1)
}

/// One NAT, one server, one client; loss on the NAT's link.
pub(crate) fn run(
    spec: NatSpec,
    sim: SimServer,
    options: Options,
    loss: f64,
    limit: Duration,
) -> (NatReport, Duration) {
    let mut world = World::new(3);
    world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
    let nat = world.add_nat(Place::Internet, spec, Link::lossy(loss));
    let client = world.add_discovery(Place::Behind(nat), options, Link::default());
    while !world.discovery(client).unwrap().is_finished() {
        assert!(world.step(limit), "not finished within {limit:?}");
    }
    (world.discovery(client).unwrap().report(), world.now())
}

pub(crate) fn discover(spec: NatSpec, sim: SimServer, options: Options) -> Path {
    let (report, _) = run(spec, sim, options, 0.0, Duration::from_secs(120));
    report.paths.into_iter().next().unwrap()
}

pub(crate) fn good() -> SimServer {
    SimServer::new(server(), OTHER.parse().ok())
}

pub(crate) fn quirky(quirk: Quirk) -> SimServer {
    SimServer::with_quirk(server(), OTHER.parse().ok(), quirk)
}

pub(crate) fn unknown(axis: &Axis<Behaviour>, code: &str, says: &str) {
    assert_eq!(axis.value, Verdict::Unknown, "{}", axis.why);
    assert_eq!(axis.code, code, "{}", axis.why);
    assert!(axis.why.contains(says), "{}", axis.why);
    assert!(axis.confidence < f64::EPSILON);
}

/// Every kind of NAT behind a server with a quirk: the code and the words of its filtering.
pub(crate) fn filtering_unknown_for_all(quirk: impl Fn() -> SimServer, code: &str, says: &str) {
    for procedure in [Procedure::Rfc5780, Procedure::Rfc3489] {
        for mapping in Behaviour::ALL {
            for filtering in [AddressDependent, AddressAndPortDependent] {
                let options = Options { procedure, ..options(3) };
                let path = discover(NatSpec::new(mapping, filtering), quirk(), options);
                unknown(&path.filtering, code, says);
            }
        }
    }
}
