#![no_main]

#[path = "../targets/sdp.rs"]
#[allow(dead_code)]
mod sdp;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdp::check_list(data));
