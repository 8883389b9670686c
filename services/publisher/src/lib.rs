//! Takes events over HTTP and answers 202 once they are durably on the bus; never before.

mod callers;
mod endpoints;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod observed;
mod publish;
mod rate_limit;
mod settings;
mod startup;
mod traces;

pub use callers::{CallerCheck, CallerSetupError, SigningKey, SigningKeyError};
pub use settings::{Callers, IdTokenSettings, PublisherSettings, RateLimitSettings, Secret};
pub use startup::{Application, Dependencies};
