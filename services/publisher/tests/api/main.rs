//! The publisher through its front door.

mod helpers;
mod publish_event;
mod publish_events;
mod shutdown;
