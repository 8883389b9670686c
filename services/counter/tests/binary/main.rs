//! The program `counter`, as Cloud Run runs it: refused starts, what the platform says, and Google's emulators.

mod composition;
mod emulator;
mod platform;
mod refused_starts;
mod tokens;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_counter");
