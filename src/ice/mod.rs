//! Candidate pairs and check lists (RFC 8445 §6.1.2).
