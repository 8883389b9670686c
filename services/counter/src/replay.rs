//! Replaying dead letters: they go on their way again, as idempotent as any delivery.

mod bus_replayer;
mod from_page;
mod letter;
mod report;
mod selected;
#[cfg(test)]
mod tests;

pub use bus_replayer::{BusReplayer, ReplayOrder};
pub use report::{LeftAlone, ReplayReport};
