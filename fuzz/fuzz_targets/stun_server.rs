#![no_main]

#[path = "../targets/stun.rs"]
#[allow(dead_code)]
mod stun;

libfuzzer_sys::fuzz_target!(|data: &[u8]| stun::server(data));
