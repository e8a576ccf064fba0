//! What the small builds have instead of the standard library: an allocator, and a panic handler without the
//! formatting machinery, which would be half of their size.
#![allow(unsafe_code)]

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
