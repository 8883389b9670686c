//! The whole of Talaria as a user starts it: the real program, its data directory, mock APIs in the test's process, whose
//! counts survive whatever is done to the program.

mod bad_input;
mod dead_letters;
mod flood;
mod isolation;
mod kills;
#[expect(
    dead_code,
    reason = "the programs on Google's emulators need more of it"
)]
mod one_trace;
mod refused_starts;
mod routes_change;
mod samples;
mod sandbox;
mod stopping;
mod strangers;
mod support;
mod telemetry;
