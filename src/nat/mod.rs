//! NAT behaviour: observations in, verdicts with evidence out (RFC 4787, RFC 5780).
