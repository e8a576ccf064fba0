//! Session descriptions (RFC 8866) with the attributes ICE needs (RFC 8839).
