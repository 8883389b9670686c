//! The counter through its front door: pushes in, figures out.

mod bad_input;
mod faulty;
mod helpers;
mod items;
mod journey;
mod operators;
mod push_callers;
mod refunds;
mod samples;
mod shutdown;
mod standing;
mod stream;
mod telemetry;
mod trusted_network;
mod windows;
