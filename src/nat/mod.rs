//! NAT behaviour: observations in, verdicts with evidence out (RFC 4787, RFC 5780).
//!
//! Nothing here decides while it measures. Sockets, browsers and the simulator all produce [`Observation`]s; [`infer`]
//! turns a set of them into a [`NatReport`], whose every [`Axis`] names the observations it rests on, or says why it
//! does not know.
//!
//! ```
//! use icelens::nat::{infer, Behaviour, Classic, Observation, Verdict};
//!
//! let base = "192.168.1.7:51000";
//! let seen = [
//!     Observation::binding(base.parse()?, "198.51.100.1:3478".parse()?, "203.0.113.5:40000".parse()?),
//!     Observation::binding(base.parse()?, "198.51.100.2:3478".parse()?, "203.0.113.5:40000".parse()?),
//! ];
//! let report = infer(&seen);
//! assert_eq!(report.paths[0].mapping.value, Verdict::Is(Behaviour::EndpointIndependent));
//! assert_eq!(report.paths[0].classic, Classic::Cone); // nothing is known of filtering
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod axis;
pub mod discovery;
mod infer;
mod observation;
mod report;
mod server;
mod traversal;

pub use axis::{Axis, Behaviour, Verdict};
pub use infer::{MAX_DESTINATIONS, MAX_OBSERVATIONS, MAX_PATHS, infer};
pub use observation::{Conditions, Endpoint, EndpointError, Observation, Outcome, Source, Test};
pub use report::{Classic, Levels, NatReport, Path, Pooling, PortAllocation, PortFigures, Warning};
pub use server::{
    Answered, LEAST_RESPONSE_PORT, MAX_ANSWER, MAX_GAIN, MAX_PADDING, MAX_QUEUE, Served, ServerOptions, StunServer,
};
pub use traversal::{
    FilterScope, Forecast, MAX_PREDICTION_PROBES, Odds, PeerForecast, Side, forecast_classics, predict_traversal,
    prediction_odds,
};
