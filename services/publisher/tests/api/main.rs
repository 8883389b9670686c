//! The publisher through its front door.

mod helpers;
mod hosts;
mod openapi;
mod publish_event;
mod publish_events;
mod shutdown;
mod trusted_network;
