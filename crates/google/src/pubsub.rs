//! The bus on Google's Pub/Sub, and the care of its topics and subscriptions ([`admin`]).

mod access;
pub mod admin;
mod bus;
mod connection;
mod error;
mod in_flight;
mod line;
mod message;
mod readiness;
mod settings;
#[cfg(test)]
mod tests;

pub use self::bus::PubSubBus;
pub use self::error::ConnectError;
pub use self::settings::PubSubSettings;
