//! Findings in any text, dump or capture.
