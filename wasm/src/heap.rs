//! The allocator of the builds that keep little.
//!
//! It keeps a list of free blocks for each power of two, and never gives a block back to another size; what these builds
//! allocate are a few areas that grow by doubling, or the small lists of one NAT. Against talc it saves a kilobyte, against
//! the standard library's three.
#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::null_mut;

use crate::single::Single;

const PAGE: usize = 65_536;
/// Blocks are of 16 bytes at least.
const SMALLEST: u32 = 4;
/// And of 1 GiB at most.
const LARGEST: u32 = 30;

struct Heap {
    /// The first free block of each size; each holds the address of the next.
    free: [usize; (LARGEST + 1) as usize],
    /// Memory never given out yet.
    next: usize,
    end: usize,
}

static HEAP: Single<Heap> = Single::new(Heap { free: [0; (LARGEST + 1) as usize], next: 0, end: 0 });

/// The power of two that holds `layout`.
fn size_class(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    usize::BITS - (size - 1).leading_zeros()
}

impl Heap {
    fn take(&mut self, class: u32) -> *mut u8 {
        let Some(head) = self.free.get_mut(class as usize) else { return null_mut() };
        if *head != 0 {
            let block = *head as *mut usize;
            // SAFETY: a block on the list is free, aligned to its size, and holds the address of the next (`give`).
            *head = unsafe { *block };
            return block.cast();
        }
        self.carve(1 << class)
    }

    /// Cuts a block, aligned to its size, from memory never used.
    fn carve(&mut self, size: usize) -> *mut u8 {
        let start = self.next.next_multiple_of(size);
        let Some(end) = start.checked_add(size) else { return null_mut() };
        if end > self.end {
            let old = memory_size(0) * PAGE;
            // The first block goes after the data and stack; later ones go on where the last ended.
            let start = if self.end == 0 { old.next_multiple_of(size) } else { start };
            let Some(end) = start.checked_add(size) else { return null_mut() };
            if memory_grow(0, (end - old).div_ceil(PAGE)) == usize::MAX {
                return null_mut();
            }
            self.next = end;
            self.end = memory_size(0) * PAGE;
            return start as *mut u8;
        }
        self.next = end;
        start as *mut u8
    }
}

struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: blocks are disjoint, at least as large as asked, and aligned to their size, which is a power of two no less
// than the alignment asked.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HEAP.with(|heap| heap.take(size_class(layout)))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HEAP.with(|heap| {
            if let Some(head) = heap.free.get_mut(size_class(layout) as usize) {
                // SAFETY: the block came from `take` with the same layout and is not used any more.
                unsafe { *block.cast::<usize>() = *head };
                *head = block as usize;
            }
        });
    }
}
