//! Candidate pairs and check lists (RFC 8445 §6.1.2); the agent that checks them is in `agent`.
//!
//! ```
//! use icelens::{candidate, ice};
//!
//! let line = |text| *candidate::parse(text).candidate().expect("a candidate");
//! let local = [
//!     line("candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host"),
//!     line("candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998"),
//! ];
//! let remote = [line("candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host")];
//! let list = ice::form_check_list(&ice::candidates(&local), &ice::candidates(&remote), ice::Role::Controlling, 100);
//! assert_eq!(list.pairs.len(), 1, "the srflx candidate is sent from its base, so its pair is redundant");
//! assert_eq!(list.pairs[0].priority, 9151314442783293438);
//! assert_eq!((list.pruned[0].local, list.pruned[0].rule), (1, ice::Rule::Redundant));
//! ```

#[cfg(feature = "agent")]
pub mod agent;
mod check_list;
mod pair;

pub use check_list::{
    CheckList, DEFAULT_PAIR_LIMIT, LeftOut, MAX_CANDIDATES, Pair, PairState, form_check_list, form_check_lists,
};
#[cfg(feature = "agent")]
use pair::excluded;
pub use pair::{Base, Candidate, Host, Names, Role, Rule, Transport, candidates, pair_priority};
