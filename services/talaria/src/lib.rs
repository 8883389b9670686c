//! The command line, and the whole of Talaria in one process.
//!
//! [`run`] reads the arguments and runs one of `commands`; each command has a file of its own. `wiring` builds the
//! services on the embedded backends; [`sandbox`] and [`demo`] let a newcomer see them work.

mod cli;
mod commands;
pub mod demo;
// The one choice that is made by a feature: Google's clients would double the build of those who run all of it here. What
// stands in for them says how to get them.
#[cfg_attr(not(feature = "google"), path = "without_google_cloud.rs")]
mod google_cloud;
mod invocation;
mod output;
pub mod proof;
pub mod sandbox;
pub mod settings;
pub mod subscriptions;
mod wiring;

pub use cli::run;
