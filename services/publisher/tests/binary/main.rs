//! The program `publisher`, as Cloud Run runs it: refused starts, what the platform says, and Google's Pub/Sub emulator.

mod composition;
mod emulator;
mod platform;
mod refused_starts;
mod telemetry;
mod tokens;
mod world;
