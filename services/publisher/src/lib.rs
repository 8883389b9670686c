//! Takes events over HTTP and answers 202 once they are durably on the bus; never before.

mod callers;
mod endpoints;
mod publish;
mod settings;
mod startup;
mod traces;

pub use callers::{CallerCheck, CallerSetupError};
pub use settings::{Callers, PublisherSettings, Secret};
pub use startup::{Application, Dependencies};
