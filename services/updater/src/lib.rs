//! Turns events into calls to a company's own APIs, each made once in effect.
//!
//! A push is read ([`events::read_message`]), planned against the routes file ([`effect::plan`], pure), and delivered:
//! claimed in the ledger, called, classified, settled. `talaria check` and `talaria explain` use the first two steps.

mod delivery;
pub mod destination;
mod drain;
pub mod effect;
mod endpoints;
mod held_levels;
mod message;
mod observed;
mod paused;
mod processing;
mod reporter;
pub mod routes;
pub mod secret;
mod settings;
mod startup;
mod statistics;
mod tasks;
pub mod tokens;

pub use settings::{HeldSettings, SecretSettings, SecretSourceName, UpdaterSettings};
pub use startup::{Application, Dependencies, RoutesFileError, load_routes};
