//! What every service shares: settings, health, `problem+json`, bounded bodies, the push extractor, and running
//! until told to stop.

mod admission;
mod body;
pub mod duration;
mod health;
mod hosts;
mod problem;
pub mod program;
mod push;
mod push_callers;
mod push_event;
mod server;
pub mod settings;
mod texts;
mod trace;
mod trusted_network;

pub use admission::{Admission, AdmissionSettings, Admitted};
pub use body::{JsonLimits, media_type, parse_json, read_body, read_json};
pub use health::{Readiness, Ready, health_endpoints};
pub use hosts::Hosts;
pub use problem::{FieldViolation, Problem};
pub use push::{PushAcceptance, PushQuery, PushRequest, acknowledged, refused};
pub use push_callers::{
    PushCallers, PushCallersError, PushCallersMode, PushCredentials, PushRefusal, PushVerifier,
};
pub use push_event::{NoEvent, PushReading, read_event};
pub use server::{HttpSettings, RunningServer, StopSignal, serve};
pub use trace::{TraceContext, process_seed};
pub use trusted_network::{TRUSTED_NETWORK_WAY, UncheckedCallers, warn_of_trusted_network};
