//! The publisher through its front door.

mod allowed_events;
mod body_limits;
mod callers;
mod connection;
mod helpers;
mod hmac;
mod hosts;
mod openapi;
mod publish_event;
mod publish_events;
mod rate_limit;
mod redaction;
mod shutdown;
mod strangers;
mod telemetry;
mod trusted_network;
