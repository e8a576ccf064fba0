//! The search for the binding lifetime.

use core::time::Duration;

use icelens::nat::Behaviour::{AddressAndPortDependent, EndpointIndependent};
use icelens::nat::{Path, Verdict};
use icelens::sim::{NatSpec, Quirk, SimServer};

use super::{good, options, quirky, run};

fn lifetime(spec: NatSpec, sim: SimServer, loss: f64, longest: u64) -> (Path, Duration) {
    let mut options = options(4);
    options.tests =
        icelens::nat::discovery::Tests { mapping: false, filtering: false, lifetime: true, ..Default::default() };
    options.longest_lifetime = Duration::from_secs(longest);
    let (report, time) = run(spec, sim, options, loss, Duration::from_secs(86_400));
    (report.paths.into_iter().next().unwrap(), time)
}

fn with_timer(seconds: u64, refresh_in: bool) -> NatSpec {
    let mut spec = NatSpec::new(EndpointIndependent, AddressAndPortDependent);
    spec.timers.udp_unreplied = Duration::from_secs(seconds);
    spec.timers.udp_replied = Duration::from_secs(seconds);
    spec.timers.refresh_in = refresh_in;
    spec
}

#[test]
fn lifetimes_are_found_within_five_percent() {
    for seconds in [30, 120, 300] {
        for refresh_in in [false, true] {
            for loss in [0.0, 0.05, 0.2] {
                let (path, time) = lifetime(with_timer(seconds, refresh_in), good(), loss, 86_400);
                let Verdict::Is(found) = path.lifetime.value else { panic!("{seconds} s: {}", path.lifetime.why) };
                let truth = seconds as f64;
                assert!((found - truth).abs() <= truth * 0.05, "{found} for {truth}, loss {loss}");
                assert!(path.alive_after.unwrap() <= truth + 0.1 && path.dead_after.unwrap() >= truth - 0.1);
                assert!(time < Duration::from_secs(seconds * 14 + 120), "{time:?} for {seconds} s");
            }
        }
    }
}

#[test]
fn a_day_of_searching_says_how_long_the_mapping_lived() {
    let (path, time) = lifetime(with_timer(1_000_000, true), good(), 0.0, 20_000);
    assert_eq!((path.lifetime.value, path.lifetime.code), (Verdict::Unknown, "alive-at-the-end"));
    assert!(path.alive_after.unwrap() >= 20_000.0 && time < Duration::from_secs(86_400));
}

#[test]
fn a_server_that_does_not_do_response_port_is_no_short_lifetime() {
    let (path, _) = lifetime(with_timer(120, true), quirky(Quirk::IgnoresResponsePort), 0.0, 600);
    assert_eq!(path.lifetime.value, Verdict::Unknown, "{}", path.lifetime.why);
    assert!(path.lifetime.why.contains("RESPONSE-PORT"), "{}", path.lifetime.why);
}
