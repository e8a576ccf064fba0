//! Sessions of our client.

use super::*;

#[test]
fn data_goes_both_ways_by_indication_and_channel() {
    let mut world = World::allocated();
    let relayed = world.relayed();
    assert_eq!(relayed.ip(), at(SERVER).ip());
    assert!((49_152..=65_535).contains(&relayed.port()));
    assert_eq!(world.client.mapped(), Some(at(CLIENT)));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"one"), Ok(Sent::Waiting));
    world.run(seconds(2));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"two"), Ok(Sent::Indication));
    world.client.bind_channel(world.now, at(PEER)).unwrap();
    world.run(seconds(3));
    assert_eq!(world.client.send_to(world.now, at(PEER), b"three"), Ok(Sent::Channel));
    world.peer_data(PEER, relayed, b"four");
    // Another port of the same host has the permission and not the channel.
    world.peer_data("203.0.113.1:7001", relayed, b"five");
    world.peer_data("203.0.113.2:7000", relayed, b"never");
    world.run(seconds(4));
    let sent: Vec<_> = world.peers.iter().map(|(from, to, data)| (*from, *to, &data[..])).collect();
    assert_eq!(sent, [b"one".as_slice(), b"two", b"three"].map(|data| (relayed, at(PEER), data)));
    let mut data: Vec<_> = world
        .told
        .iter()
        .filter_map(|event| match event {
            Told::Data { peer, bytes } => Some((*peer, bytes.as_slice())),
            _ => None,
        })
        .collect();
    data.sort_unstable();
    assert_eq!(data, [(at(PEER), b"four".as_slice()), (at("203.0.113.1:7001"), b"five")]);
}

#[test]
fn an_hour_with_loss_keeps_everything_alive() {
    for loss in [10, 25] {
        let mut world = World::new(server_config(), client_config());
        world.loss = loss;
        world.random += loss;
        world.run(seconds(60));
        world.client.bind_channel(world.now, at(PEER)).unwrap();
        world.client.create_permission(world.now, at("203.0.113.2:1").ip()).unwrap();
        world.run(seconds(3600));
        assert_eq!((world.client.state(), world.failure()), (State::Allocated, None), "{loss} %");
        assert_eq!(world.server.allocations(), 1);
        world.loss = 0;
        assert_eq!(world.client.send_to(world.now, at(PEER), b"x"), Ok(Sent::Channel));
        assert_eq!(world.client.send_to(world.now, at("203.0.113.2:2"), b"y"), Ok(Sent::Indication));
        let before = world.peers.len();
        world.run(seconds(3601));
        assert_eq!(world.peers.len(), before + 2);
        world.client.close(world.now);
        world.run(seconds(3700));
        assert_eq!(world.told.last(), Some(&Told::Closed));
        assert_eq!((world.server.allocations(), world.server.poll_timeout()), (0, None));
    }
}

#[test]
fn rfc8489_9_2_nonces_expire_and_are_replaced() {
    let config = ServerConfig { nonce_lifetime: 30, ..server_config() };
    let mut world = World::new(config, client_config());
    world.run(seconds(1));
    world.client.create_permission(world.now, at(PEER).ip()).unwrap();
    world.run(seconds(2000));
    assert_eq!((world.client.state(), world.failure()), (State::Allocated, None));
    let mut hand = Hand::new(ServerConfig { nonce_lifetime: 30, ..server_config() });
    hand.now = seconds(30);
    assert_eq!(hand.allocate(|_| {}), 438);
}

#[test]
fn a_silent_client_expires() {
    let mut world = World::allocated();
    world.loss = 100;
    world.run(seconds(599));
    assert_eq!(world.server.allocations(), 1);
    world.run(seconds(700));
    assert_eq!(world.server.allocations(), 0);
    let ended = world.log.iter().find_map(|event| match event {
        Event::Ended { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(ended, Some(Ended::Expired));
    assert_eq!(world.failure(), Some((Reason::Silent, 0)));
}

#[test]
fn wrong_passwords_and_unknown_users_are_refused() {
    for (user, password) in [("user", "wrong"), ("nobody", "pass")] {
        let client = ClientConfig { username: user.into(), password: password.into(), ..client_config() };
        let mut world = World::new(server_config(), client);
        world.run(seconds(1));
        assert_eq!(world.failure(), Some((Reason::WrongCredentials, 401)), "{user}");
        assert_eq!(world.server.allocations(), 0);
    }
}

#[test]
fn time_limited_names_are_served_without_an_account() {
    let config = ServerConfig { rest_secret: Some("north".into()), unix_epoch: 1_700_000_000, ..server_config() };
    let as_user = |name: &str, password: &str| {
        let client = ClientConfig { username: name.into(), password: password.into(), ..client_config() };
        let mut world = World::new(config.clone(), client);
        world.run(seconds(1));
        world
    };
    let good = "1700000100:alice";
    let mut world = as_user(good, &rest_password("north", good));
    assert_eq!(world.client.state(), State::Allocated);
    // The allocation outlives the name.
    world.run(seconds(2000));
    assert_eq!((world.client.state(), world.failure()), (State::Allocated, None));
    let past = "1700000000:alice";
    for (name, password) in [(past, rest_password("north", past)), (good, rest_password("south", good))] {
        assert_eq!(as_user(name, &password).failure(), Some((Reason::WrongCredentials, 401)), "{name}");
    }
    let plain = as_user("user", "pass");
    assert_eq!(plain.client.state(), State::Allocated, "accounts go on beside the secret");
}
