//! The crate through its front door: every sample, every violation, and properties over arbitrary input.

mod event_times;
mod messages;
mod properties;
mod publisher_samples;
mod push_samples;
mod redaction;
mod redaction_identity;
mod redaction_properties;
mod support;
mod topic_samples;
mod unreadable;
mod violations;
