//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod dead_letters;
pub(crate) mod explain;
pub(crate) mod journey;
pub(crate) mod kept;
pub(crate) mod provision;
pub(crate) mod pubsub_target;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod send;
pub(crate) mod up;
