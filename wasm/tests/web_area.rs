//! The areas shared with JavaScript, in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(unsafe_code)]

use icelens_wasm::area::{self, MAX_INPUT, area_places, reserve_input};
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
    // SAFETY: the address of three words of this instance, which nothing writes now.
    let [input, records, output] = unsafe { *(area_places() as *const [usize; 3]) };
    assert_eq!(records % 4, 0, "memoryWords() indexes by words");
    area::with(|a| {
        assert_eq!(a.input.as_ptr() as usize, input);
        assert_eq!(a.records.as_ptr() as usize, records);
        assert_eq!(a.output.as_ptr() as usize, output);
    });
}
