//! What the engines say of what they read: codes, their severity, and where.

mod diagnostic;

pub use diagnostic::{Code, Diagnostic, Diagnostics, Fix, MAX_DIAGNOSTICS, Report, Severity};
