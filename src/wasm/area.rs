//! The input, output and record areas shared with JavaScript.
//!
//! wasm32 is single-threaded and every export runs to its end before the next begins, so one area serves all calls;
//! an export must not call back into JavaScript while it holds a borrow.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::cell::UnsafeCell;
use wasm_bindgen::prelude::wasm_bindgen;

/// Most bytes one call takes: 64 MiB.
pub const MAX_INPUT: usize = 64 << 20;

/// The three areas.
#[derive(Debug)]
pub struct Area {
    /// What the caller wrote: message bytes or UTF-8 text.
    pub input: Vec<u8>,
    /// Bytes for the caller.
    pub output: Vec<u8>,
    /// Words for the caller: numbers, and spans of the input.
    pub records: Vec<u32>,
}

/// What one thread keeps between calls.
#[derive(Debug)]
pub struct Single<T>(UnsafeCell<T>);

// SAFETY: this module is only built for wasm32-unknown-unknown without the atomics feature, which has one thread.
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// Holds `value`.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Runs `f` on what is held.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: one thread, and no export calls another, JavaScript, or this same method from inside `f`
        // (module docs).
        f(unsafe { &mut *self.0.get() })
    }
}

static AREA: Single<Area> = Single::new(Area { input: Vec::new(), output: Vec::new(), records: Vec::new() });

/// Runs `f` on the areas.
pub fn with<R>(f: impl FnOnce(&mut Area) -> R) -> R {
    AREA.with(f)
}

/// Makes room for `len` bytes of input and returns where they go; 0 when `len` is over [`MAX_INPUT`].
#[wasm_bindgen]
pub fn reserve_input(len: usize) -> usize {
    if len > MAX_INPUT {
        return 0;
    }
    with(|area| {
        if area.input.len() < len {
            area.input.resize(len.next_power_of_two().max(4096), 0);
        }
        area.input.as_ptr() as usize
    })
}

/// Where the output bytes start. Valid until the next call.
#[wasm_bindgen]
pub fn output_ptr() -> usize {
    with(|area| area.output.as_ptr() as usize)
}

/// Where the records start, in bytes. Valid until the next call.
#[wasm_bindgen]
pub fn records_ptr() -> usize {
    with(|area| area.records.as_ptr() as usize)
}
