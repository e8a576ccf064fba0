//! Codes of all engines for what they read, with severity and place.

mod diagnostic;

pub use diagnostic::{Code, Diagnostic, Diagnostics, Fix, MAX_DIAGNOSTICS, Report, Severity};
