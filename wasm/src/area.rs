//! The areas of linear memory shared with JavaScript.
//!
//! Every export runs to its end before the next begins, so one area serves all calls; an export must not call back into
//! JavaScript while it holds a borrow.
#![allow(unsafe_code)]

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(not(feature = "text"))]
pub use fixed::Area;
#[cfg(feature = "text")]
pub use growing::Area;

use crate::single::Single;

/// Most bytes one call takes: 64 MiB.
pub const MAX_INPUT: usize = 64 << 20;

static AREA: Single<Area> = Single::new(Area::new());

/// Addresses of the areas: input, records, output. The one address that stays, for JavaScript to read the others from.
static PLACES: Single<[usize; 3]> = Single::new([0; 3]);

/// Runs `f` on the areas, and notes where they are afterwards.
pub fn with<R>(f: impl FnOnce(&mut Area) -> R) -> R {
    AREA.with(|area| {
        let result = f(area);
        #[cfg(feature = "moving")]
        area.move_away();
        PLACES.with(|places| *places = area.places());
        result
    })
}

/// Address of three words: where input, records and output start. The words change with every call, their place does not.
#[wasm_bindgen]
pub fn area_places() -> usize {
    PLACES.with(|places| places.as_ptr() as usize)
}

/// Makes room for `len` bytes of input and returns where they go; 0 when `len` is over [`MAX_INPUT`].
#[wasm_bindgen]
pub fn reserve_input(len: usize) -> usize {
    if len > MAX_INPUT {
        return 0;
    }
    with(|area| area.reserve(len));
    AREA.with(|area| area.places()[0])
}

/// With an allocator.
#[cfg(feature = "text")]
pub mod growing {
    use alloc::vec::Vec;

    /// The three areas.
    #[derive(Debug)]
    pub struct Area {
        /// Bytes that the caller wrote: a message or UTF-8 text.
        pub input: Vec<u8>,
        /// Bytes for the caller.
        pub output: Vec<u8>,
        /// Words for the caller: numbers, and spans of the input.
        pub records: Vec<u32>,
    }

    impl Area {
        pub(super) const fn new() -> Self {
            Self { input: Vec::new(), output: Vec::new(), records: Vec::new() }
        }

        pub(super) fn reserve(&mut self, len: usize) {
            if self.input.len() < len {
                self.input.resize(len.next_power_of_two().max(4096), 0);
            }
        }

        pub(super) fn places(&self) -> [usize; 3] {
            [self.input.as_ptr() as usize, self.records.as_ptr() as usize, self.output.as_ptr() as usize]
        }

        /// Moves every area, as growing may, and overwrites what was left behind: whoever kept an address reads nonsense.
        /// The build that the tests run in does this with every call.
        #[cfg(feature = "moving")]
        pub(super) fn move_away(&mut self) {
            fn moved<T: Copy>(area: &mut Vec<T>, nonsense: T) {
                let mut fresh = Vec::with_capacity(area.capacity());
                fresh.extend_from_slice(area);
                core::mem::replace(area, fresh).fill(nonsense);
            }
            moved(&mut self.input, 0xaa);
            moved(&mut self.records, 0xaaaa_aaaa);
            moved(&mut self.output, 0xaa);
        }
    }
}

/// The build with STUN alone allocates nothing: its input is the memory after data and stack.
#[cfg(not(feature = "text"))]
mod fixed {
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::slice::from_raw_parts_mut;

    const PAGE: usize = 65_536;

    unsafe extern "C" {
        /// Address at which free memory begins, by the linker.
        static mut __heap_base: u8;
    }

    /// The one area.
    #[derive(Debug)]
    pub struct Area {
        /// Bytes that the caller wrote, and what goes back in their place.
        pub input: &'static mut [u8],
    }

    impl Area {
        pub(super) const fn new() -> Self {
            Self { input: &mut [] }
        }

        pub(super) fn reserve(&mut self, len: usize) {
            let start = (&raw mut __heap_base) as usize;
            let missing = (start + len).saturating_sub(memory_size(0) * PAGE).div_ceil(PAGE);
            if missing > 0 && memory_grow(0, missing) == usize::MAX {
                return;
            }
            // SAFETY: from the heap base to the end of memory nothing else lives, as nothing allocates (`runtime`); the
            // slice made before is given up here.
            self.input = unsafe { from_raw_parts_mut(&raw mut __heap_base, memory_size(0) * PAGE - start) };
        }

        pub(super) fn places(&self) -> [usize; 3] {
            [self.input.as_ptr() as usize, 0, 0]
        }

        /// Nothing: this area can't move.
        #[cfg(feature = "moving")]
        pub(super) fn move_away(&mut self) {}
    }
}
