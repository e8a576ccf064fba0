//! Runtime of the small builds instead of the standard library: a panic handler without the formatting machinery, which
//! would be half of their size.
#![allow(unsafe_code)]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The build with STUN alone has no memory to give: nothing in it allocates, and the crate must name an allocator.
#[cfg(not(feature = "text"))]
mod none {
    use core::alloc::{GlobalAlloc, Layout};

    struct None;

    #[global_allocator]
    static ALLOCATOR: None = None;

    // SAFETY: null says that there is no memory, and so there is never a block to give back.
    unsafe impl GlobalAlloc for None {
        unsafe fn alloc(&self, _: Layout) -> *mut u8 {
            core::ptr::null_mut()
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }
}
