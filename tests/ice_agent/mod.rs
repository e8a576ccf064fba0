//! The ICE agent against RFC 8445 and its companions: a test for each rule, named after its section. Virtual time throughout.
#![allow(dead_code, reason = "the network serves tests of every kind")]

mod check_lists;
mod checks;
mod conclusion;
mod flows;
mod gathering;
mod hostile;
mod net;
mod network;
mod requests;
