//! The browser's own objects: connections, timers, signals, callbacks. Everything opened here is closed when dropped.

mod config;
mod gather;
mod objects;
mod peer;
mod probe;
mod stats;
mod wait;
mod watch;

pub use gather::browser_gather;
pub use probe::browser_probe;
pub use watch::{PairWatch, browser_watch};
