#![no_main]

#[path = "../targets/turn.rs"]
#[allow(dead_code)]
mod turn;

libfuzzer_sys::fuzz_target!(|data: &[u8]| turn::bytes(data));
