//! Doors for the fuzz targets: what they drive is private, and stays so in every other build.

use events::{Received, Timestamp};
use store::tallies::Tally;

use crate::cost_list::CostList;

pub use crate::api::fuzzing::{ItemsAsked, items, letters, name, replay};

/// What an event adds, where there is no cost list.
pub fn tally(received: &Received, expires: Timestamp) -> Result<Option<Tally>, String> {
    crate::tally::tally_of(received, &CostList::default(), expires)
}
