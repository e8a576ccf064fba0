//! Values that the one thread of wasm32 keeps between calls.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;

/// A value that one thread keeps between calls.
#[derive(Debug)]
pub(crate) struct Single<T>(UnsafeCell<T>);

// SAFETY: this module is only built for wasm32-unknown-unknown without the atomics feature, which has one thread.
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// Holds `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Runs `f` on what is held.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: one thread, and no export calls another, JavaScript, or this same method from inside `f`
        // (module docs).
        f(unsafe { &mut *self.0.get() })
    }
}
