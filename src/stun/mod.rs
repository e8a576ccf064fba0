//! STUN and TURN messages (RFC 8489, RFC 8656 and the rest of the family, and classic RFC 3489).
//!
//! [`Message`] is a view over the caller's bytes, checked once; reading it allocates nothing.
//! [`Builder`] writes into a buffer the caller gives. One [table](ATTRIBUTES) holds what is known of each attribute.
//!
//! ```
//! use icelens::stun::{Builder, Class, Key, Message, Method, TransactionId, Value, attribute};
//!
//! let key = Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");
//! let mut buffer = [0; 128];
//! let mut request = Builder::new(&mut buffer, Class::Request, Method::BINDING, TransactionId::new([7; 12]))?;
//! request.attribute(attribute::USERNAME, &Value::Text("evtj:h6vY"))?;
//! request.attribute(attribute::PRIORITY, &Value::Number(0x6e00_01ff))?;
//! request.sign(&key)?.fingerprint()?;
//! let bytes = request.finish();
//!
//! let message = Message::parse(bytes)?;
//! assert_eq!(message.username(), Some("evtj:h6vY"));
//! assert!(message.verify(&key).is_valid() && message.fingerprint().is_valid());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod address;
mod attribute_table;
pub mod auth;
mod builder;
pub mod challenge;
mod crc;
mod error;

mod header;
pub(crate) mod integrity;
mod md5;
mod message;
pub mod nonce;
pub mod server;
pub mod transaction;
mod value;

pub use attribute_table::{ATTRIBUTES, AttributeInfo, Classes, Kind, attribute, lookup, lookup_name};
pub use builder::Builder;
pub use error::{BuildError, ParseError, ParseErrorKind, ValueError, ValueErrorKind};
pub use header::{Class, Dialect, HEADER_LEN, MAGIC_COOKIE, Method, TransactionId, is_message};
pub use integrity::{Algorithm, Check, Key, sha256, user_hash};
pub use message::{Attribute, Attributes, Message};
pub use value::{AlgorithmParameters, Algorithms, Codes, ErrorCode, REASONS, Value, default_reason};
