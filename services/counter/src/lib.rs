//! Keeps exact tallies of items and serves the page that shows them.
//!
//! A push is read ([`events::read_message`]), turned into what it adds (`tally`, pure), and committed together with
//! the others that wait (`commit`). The page reads through one cached view of the store, so that many readers cost
//! as much as one.

mod api;
mod assets;
mod commit;
mod cost_list;
mod endpoints;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod message;
mod observed;
mod replay;
mod replayer;
mod settings;
mod shown;
mod standing;
mod startup;
mod stream;
mod tally;
mod view;
mod windows;

pub use replay::{BusReplayer, LeftAlone, ReplayOrder, ReplayReport};
pub use replayer::{
    ReplayError, ReplayOutcome, ReplayRequest, ReplaySelection, Replayed, Replayer,
};
pub use settings::{CounterSettings, PageReachable, Role};
pub use startup::{Application, Dependencies};
