//! The crate through its front door: every sample, every violation, and properties over arbitrary input.

mod messages;
mod properties;
mod publisher_samples;
mod push_samples;
mod support;
mod violations;
