//! One ICE candidate: parse, format, priority (RFC 8839 §5.1, RFC 8445 §5.1.2).
