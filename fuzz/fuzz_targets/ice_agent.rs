#![no_main]

#[path = "../targets/ice_agent.rs"]
mod ice_agent;

libfuzzer_sys::fuzz_target!(|data: &[u8]| ice_agent::schedule(data));
