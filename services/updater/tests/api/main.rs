//! The updater through its front door: pushes in, calls out, and what is kept of them.

mod bad_input;
mod changed_routes;
mod claims;
mod credentials;
mod deliveries;
mod google_tokens;
mod held;
mod held_drain;
mod held_ends;
mod held_faults;
mod held_outage;
mod held_paused;
mod held_poison;
mod held_unreadable;
mod helpers;
mod letters_away;
mod push_callers;
mod routes_file;
mod settlements;
mod shutdown;
mod telemetry;
mod unsafe_destinations;
mod watched_store;
