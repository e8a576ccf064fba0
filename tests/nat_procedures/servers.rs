//! Servers that can't tell, and say so.

use core::net::SocketAddr;
use core::time::Duration;

use icelens::nat::Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
use icelens::nat::discovery::{Options, Procedure};
use icelens::nat::{Classic, Verdict};
use icelens::sim::{Link, NatSpec, Place, Quirk, SimServer, World};

use super::{discover, filtering_unknown_for_all, options, quirky, run, server, unknown};

#[test]
fn not_like_those_that_take_google_for_full_cone() {
    // proxystore#776, pystun3, stuntman: any answer to CHANGE-REQUEST counted.
    filtering_unknown_for_all(|| quirky(Quirk::IgnoresChange), "change-request-ignored", "ignores CHANGE-REQUEST");
}

#[test]
fn not_like_coturns_client_which_takes_a_420_for_an_open_filter() {
    filtering_unknown_for_all(|| quirky(Quirk::RefusesChange), "change-request-refused", "error 420");
}

#[test]
fn a_server_with_one_address_says_so() {
    filtering_unknown_for_all(|| SimServer::new(server(), None), "no-other-address", "names no other address");
    let path = discover(NatSpec::new(AddressDependent, AddressDependent), SimServer::new(server(), None), options(3));
    unknown(&path.mapping, "one-destination", "two servers");
}

#[test]
fn an_alternate_that_does_not_work_is_not_a_filter() {
    let unreachable = || quirky(Quirk::OtherUnreachable);
    let path = discover(NatSpec::new(EndpointIndependent, EndpointIndependent), unreachable(), options(3));
    // The primary's other port did come in, so only EIF and ADF are left.
    let left = vec![EndpointIndependent, AddressDependent];
    assert_eq!(path.filtering.value, Verdict::Ambiguous(left), "{}", path.filtering.why);
    assert!(path.filtering.why.contains("did not answer a plain request either"), "{}", path.filtering.why);
    assert_eq!(path.classic, Classic::Unknown, "mapping has been compared on one address only");
    // RFC 3489's tree has no branch for a silent Test I'; some call it symmetric (nat-type-identifier#10).
    let classic = Options { procedure: Procedure::Rfc3489, ..options(1) };
    let path = discover(NatSpec::new(EndpointIndependent, AddressDependent), unreachable(), classic);
    assert!(!matches!(path.classic, Classic::Symmetric | Classic::FullCone), "{:?}", path.classic);
}

#[test]
fn a_pool_of_servers_is_recognised() {
    let third = "198.51.100.3:3480".parse().unwrap();
    let (report, _) = run(
        NatSpec::new(EndpointIndependent, AddressAndPortDependent),
        quirky(Quirk::Pool(third)),
        options(3),
        0.0,
        Duration::from_secs(120),
    );
    unknown(&report.paths[0].filtering, "server-pool", "load-balanced pool");
    assert!(report.warnings.iter().any(|warning| warning.code == "server-pool"));
}

#[test]
fn not_like_those_that_believe_any_other_address() {
    // always-online-stun#16: OTHER-ADDRESS with the same IP, or a private one behind a NAT.
    for wrong in ["10.9.9.9:3479", "127.0.0.1:3479"] {
        let sim = SimServer::new(server(), wrong.parse().ok());
        let path = discover(NatSpec::new(AddressDependent, AddressDependent), sim, options(3));
        unknown(&path.filtering, "other-address-unusable", "can't be used");
        unknown(&path.mapping, "one-destination", "two servers");
    }
}

#[test]
fn further_servers_tell_mapping_where_the_first_can_not() {
    for mapping in [EndpointIndependent, AddressAndPortDependent] {
        let mut world = World::new(3);
        let others: Vec<SocketAddr> = vec!["198.51.100.7:3478".parse().unwrap(), "198.51.100.7:3479".parse().unwrap()];
        // The second host answers on whatever port is asked.
        for primary in [server(), others[0]] {
            let sim = SimServer::new(primary, None);
            world.add_host(Place::Internet, sim.addresses(), Link::default(), sim.into());
        }
        let nat = world.add_nat(Place::Internet, NatSpec::new(mapping, AddressDependent), Link::default());
        let options = Options { others, ..options(3) };
        let client = world.add_discovery(Place::Behind(nat), options, Link::default());
        world.run(Duration::from_secs(60));
        let report = world.discovery(client).unwrap().report();
        let value = &report.paths[0].mapping.value;
        assert_eq!(*value, Verdict::Is(mapping), "{}", report.paths[0].mapping.why);
    }
}
