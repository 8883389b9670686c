//! The program `counter`, as Cloud Run runs it: refused starts, what the platform says, and Google's emulators.

mod composition;
mod emulator;
mod platform;
mod refused_starts;
mod tokens;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_counter");

/// The counter that tallies as Cloud Run starts it, but for `K_SERVICE`, and without Firestore.
pub const IN_CONTAINER: [(&str, &str); 8] = [
    ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
    ("GOOGLE_CLOUD_PROJECT", "shop-1"),
    ("PORT", "0"),
    ("TALARIA_PUSH_CALLERS__MODE", "cloud-run-iam"),
    ("TALARIA_PUSH_CALLERS__AUDIENCE", "https://counter.example"),
    (
        "TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT",
        "push@shop-1.iam.gserviceaccount.com",
    ),
    ("TALARIA_ROLE", "tally"),
    ("TALARIA_STORE__BACKEND", "firestore"),
];
