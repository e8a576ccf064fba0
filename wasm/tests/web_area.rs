//! The areas shared with JavaScript, in a real browser.
#![cfg(target_arch = "wasm32")]

use icelens_wasm::area::growing::{output_ptr, records_ptr};
use icelens_wasm::area::{self, MAX_INPUT, reserve_input};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn input_area_grows_to_what_was_asked_and_keeps_its_place() {
    let small = reserve_input(10);
    assert_ne!(small, 0);
    assert_eq!(reserve_input(4096), small, "4 KiB fit in the first allocation");
    assert_ne!(reserve_input(1 << 20), 0);
    assert!(area::with(|a| a.input.len()) >= 1 << 20);
}

#[wasm_bindgen_test]
fn input_over_the_limit_is_refused() {
    assert_eq!(reserve_input(MAX_INPUT + 1), 0);
    assert_eq!(reserve_input(usize::MAX), 0);
}

#[wasm_bindgen_test]
fn records_are_aligned_words_that_javascript_finds() {
    area::with(|a| {
        a.records.clear();
        a.records.extend([7, u32::MAX]);
        a.output.clear();
        a.output.extend(*b"bytes");
    });
    assert_eq!(records_ptr() % 4, 0, "memoryWords() indexes by words");
    let start = records_ptr() as *const u32;
    assert_eq!(area::with(|a| a.records.as_ptr()), start);
    assert_eq!(output_ptr(), area::with(|a| a.output.as_ptr() as usize));
}
