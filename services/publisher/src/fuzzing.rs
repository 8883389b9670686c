//! Doors for the fuzz targets: what they drive is private, and stays so in every other build.

use bus::Message;
use events::BackendUpdate;
use web::TraceContext;

pub use crate::endpoints::fuzzing::split;

/// The message that carries an accepted event.
pub fn message(update: &BackendUpdate, trace: TraceContext) -> Message {
    crate::publish::message(update, trace)
}
