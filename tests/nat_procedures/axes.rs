//! Ports, hairpin, ALG and fragments.

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{self, AddressDependent, EndpointIndependent};
use icelens::nat::{Classic, PortAllocation, Verdict};
use icelens::sim::{Fragments, Hairpin, NatDevice, NatSpec, Packet, PortChoice, Preset, Side, client_options};

use super::{discover, good, options, server};

#[test]
fn port_allocation_is_recognised() {
    let allocation = |ports, seed| {
        let spec = NatSpec { ports, ..NatSpec::new(EndpointIndependent, AddressDependent) };
        let options = client_options("10.0.0.2".parse().unwrap(), server(), 14, seed);
        discover(spec, good(), options)
    };
    for seed in 0..10 {
        let value = |ports| allocation(ports, seed).ports.value;
        assert_eq!(value(PortChoice::PreserveElseRandom), Verdict::Is(PortAllocation::Preserved));
        assert_eq!(value(PortChoice::Sequential(1)), Verdict::Is(PortAllocation::Sequential));
        assert_eq!(value(PortChoice::Random), Verdict::Is(PortAllocation::Random));
        assert_eq!(value(PortChoice::RandomInBlock(1024)), Verdict::Is(PortAllocation::Block));
    }
    for step in [-2_i16, 1, 3] {
        assert_eq!(allocation(PortChoice::Sequential(step), 0).port_figures.delta, Some(i32::from(step)));
    }
}

#[test]
fn hairpin_is_found_in_both_forms_and_its_absence_too() {
    for (hairpin, found) in [(Hairpin::ExternalSource, true), (Hairpin::InternalSource, true), (Hairpin::None, false)] {
        for filtering in Behaviour::ALL {
            let mut options = options(3);
            options.tests.hairpin = true;
            let spec = NatSpec { hairpin, ..NatSpec::new(EndpointIndependent, filtering) };
            let path = discover(spec, good(), options);
            assert_eq!(path.hairpin.value, Verdict::Is(found), "{hairpin:?} {filtering}: {}", path.hairpin.why);
            let internal = path.hairpin.why.contains("internal address");
            assert_eq!(internal, hairpin == Hairpin::InternalSource, "{}", path.hairpin.why);
        }
    }
}

#[test]
fn an_alg_is_found_by_what_it_rewrites() {
    for alg in [true, false] {
        let path = discover(NatSpec { alg, ..NatSpec::default() }, good(), options(3));
        assert_eq!(path.alg.value, Verdict::Is(alg), "{}", path.alg.why);
        // XOR-MAPPED-ADDRESS is out of its reach, so the verdicts stand.
        assert_eq!(path.classic, Classic::RestrictedCone);
    }
}

#[test]
fn fragments_that_do_not_pass_are_found() {
    for (fragments, pass) in [(Fragments::Pass, true), (Fragments::Drop, false)] {
        let mut options = options(3);
        options.tests.fragments = true;
        let path = discover(NatSpec { fragments, ..NatSpec::default() }, good(), options);
        assert_eq!(path.fragments.value, Verdict::Is(pass), "{}", path.fragments.why);
    }
}

#[test]
fn early_packets_of_a_peer_can_turn_linux_symmetric() {
    // ruby-no-kai/rubykaigi-net#192, n2n#115: an unsolicited packet takes the tuple, and the host's own gets another port.
    let peer: SocketAddr = "198.51.100.9:9000".parse().unwrap();
    for (preset, same) in [(Preset::LinuxMasquerade, true), (Preset::LinuxMasqueradeOpenInput, false)] {
        let mut spec = NatSpec::preset(preset);
        spec.pool.push("203.0.113.5".parse().unwrap());
        let mut nat = NatDevice::new(spec, 1);
        let base = "10.0.0.2:5000".parse().unwrap();
        let out = |nat: &mut NatDevice, to| {
            nat.handle(Duration::ZERO, Side::Inside, Packet::udp(base, to, vec![])).1.unwrap().1.source
        };
        let mapped = out(&mut nat, server());
        let _ = nat.handle(Duration::ZERO, Side::Outside, Packet::udp(peer, mapped, vec![]));
        assert_eq!(out(&mut nat, peer) == mapped, same, "{preset:?}");
    }
}
