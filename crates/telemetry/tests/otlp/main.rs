//! Spans and metrics on their way to a receiver that is there, or isn't.

mod arrivals;
mod everything;
mod helpers;
mod sampling;
mod troubles;
