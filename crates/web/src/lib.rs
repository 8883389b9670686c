//! What every service shares: settings, health, `problem+json`, bounded bodies, the push extractor, and running
//! until told to stop.

mod admission;
mod body;
pub mod duration;
mod event_span;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod health;
mod hosts;
mod invitation;
mod methods;
mod observed;
mod problem;
pub mod program;
mod push;
mod push_callers;
mod push_event;
mod rate;
mod refusals;
mod server;
pub mod settings;
pub mod texts;
mod token_verifier;
mod trace;
mod trusted_network;
mod unread;

pub use admission::{Admission, AdmissionSettings, Admitted};
pub use body::{
    JsonLimits, check_body_type, media_type, parse_json, read_body, read_json, read_unproven_body,
};
pub use event_span::describe_event;
pub use health::{Readiness, Ready, health_endpoints};
pub use hosts::Hosts;
pub use invitation::Invitation;
pub use methods::{only_get, only_post};
pub use observed::{Observation, trace_of_request};
pub use problem::{FieldViolation, Problem};
pub use push::{PushAcceptance, PushQuery, PushRequest, acknowledged, refused};
pub use push_callers::{
    PushCallers, PushCallersError, PushCallersMode, PushCredentials, PushRefusal, PushVerifier,
};
pub use push_event::{NoEvent, PushReading, read_event};
pub use rate::{NotARate, Rate};
pub use refusals::{Others, Refusals};
pub use server::{HttpSettings, RunningServer, StopSignal, serve, serve_invited, serve_observed};
pub use telemetry::TraceContext;
pub use token_verifier::TokenVerifier;
pub use trace::{message_span, process_seed, trace_of_head, trace_of_message};
pub use trusted_network::{TRUSTED_NETWORK_WAY, UncheckedCallers, warn_of_trusted_network};
pub use unread::refuse_unread;
