#![no_main]

#[path = "../targets/sim.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sim::scenario(data));
