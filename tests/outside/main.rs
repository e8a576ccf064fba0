//! A program of somebody else's that depends on icelens with one feature: prints what the feature is for.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "stun")]
    {
        use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId};
        let mut buffer = [0; 64];
        let mut request = Builder::new(&mut buffer, Class::Request, Method::BINDING, TransactionId::new([7; 12]))?;
        request.sign(&Key::short_term("VOkJxbRl1RmTxUk/WvJxBt"))?.fingerprint()?;
        let message = Message::parse(request.finish())?;
        println!("stun {:?} {:?}", message.class(), message.fingerprint());
    }
    #[cfg(feature = "sdp")]
    {
        let parsed = icelens::candidate::parse("candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host");
        println!("sdp {:?}", parsed.candidate().map(|candidate| candidate.port));
    }
    #[cfg(feature = "lint")]
    {
        let linted = icelens::candidate::lint("candidate:1 1 UDP 2130706431 192.0.2.1 0 typ host");
        println!("lint {:?}", linted.diagnostics.as_slice().first().map(|one| one.code.name()));
    }
    #[cfg(feature = "predict")]
    println!("predict {:?}", icelens::predict::candidate::firefox("candidate:1 1 udp 1 192.0.2.1 0 typ host"));
    #[cfg(feature = "ice")]
    println!("ice {}", icelens::ice::pair_priority(2130706431, 1694498815));
    #[cfg(feature = "agent")]
    {
        use icelens::ice::Role;
        use icelens::ice::agent::{Agent, AgentConfig};
        let agent = Agent::new(AgentConfig::new(Role::Controlling, [7; 32]));
        println!("agent {}", agent.state().name());
    }
    #[cfg(feature = "nat")]
    println!("nat {:?}", icelens::nat::infer(&[]).paths.len());
    #[cfg(feature = "scan")]
    println!("scan {:?}", icelens::scan::scan(b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host").findings.len());
    #[cfg(feature = "sim")]
    println!("sim {:?}", icelens::sim::World::new(1).run(core::time::Duration::from_secs(1)));
    Ok(())
}
