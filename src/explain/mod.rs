//! Codes of all engines for what they read, with severity and place.

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident,)*) => {
        /// Code of a diagnostic. `docs/diagnostics.md` has cause, example and fix of each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, for example `sdp.sctp-legacy-line`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether this is a matter of rules, reported with feature `lint`; the others say what can't be read.
            pub const fn is_rule(self) -> bool {
                self as u8 > Self::SdpTooManyLines as u8
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

mod codes;
mod diagnostic;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Fix, MAX_DIAGNOSTICS, Report, Severity};
