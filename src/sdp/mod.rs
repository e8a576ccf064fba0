//! Session descriptions (RFC 8866) with the attributes ICE needs (RFC 8839).
//!
//! Parsing is total and keeps the text: every line is a span of it, and [`Sdp::text`] is what was given.
//!
//! ```
//! let sdp = icelens::sdp::parse("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:8hhY\r\n\
//!     m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\na=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\r\n");
//! let data = sdp.media().next().expect("a section");
//! assert_eq!((data.kind(), data.port(), data.mid()), ("application", Some(9), Some("0")));
//! assert_eq!(data.ice().ufrag, Some("8hhY"), "inherited from the session");
//! assert_eq!(data.candidates().count(), 1);
//! ```

pub(crate) mod attribute;
pub(crate) mod document;
#[cfg(feature = "lint")]
pub(crate) mod layers;
pub(crate) mod line;
#[cfg(feature = "lint")]
mod lint;
#[cfg(feature = "lint")]
pub(crate) mod rtp;
#[cfg(feature = "lint")]
pub(crate) mod values;

pub use attribute::Attribute;
#[cfg(feature = "lint")]
pub use document::lint;
pub use document::{Dtls, Fingerprint, Group, Ice, Media, MediaLine, RemoteCandidate, Sdp, Section, parse};
pub use line::{Ends, Line, Lines, MAX_LINES, report_unreadable};
