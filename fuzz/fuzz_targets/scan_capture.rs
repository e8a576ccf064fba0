#![no_main]

#[path = "../targets/scan.rs"]
#[allow(dead_code)]
mod scan;

libfuzzer_sys::fuzz_target!(|data: &[u8]| scan::capture(data));
