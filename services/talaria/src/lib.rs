//! The command line, and the whole of Talaria in one process.
//!
//! [`run`] reads the arguments and runs one of `commands`; each command has a file of its own. `wiring` builds the
//! services on the embedded backends; [`sandbox`] and [`demo`] let a newcomer see them work.

mod cli;
mod commands;
pub mod demo;
mod invocation;
mod output;
pub mod sandbox;
pub mod settings;
mod wiring;

pub use cli::run;
