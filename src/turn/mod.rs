//! TURN beyond its messages (RFC 8656): ChannelData.
//!
//! TURN's methods and attributes are in [`stun`](crate::stun). The client and the server are not built yet.
mod channel_data;

pub use channel_data::{CHANNELS, ChannelData, ChannelDataError};
