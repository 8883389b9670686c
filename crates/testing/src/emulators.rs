//! Google's own emulators, which `scripts/with-emulators` starts. Both take any project, so each test gets one of its
//! own and sees nothing of the others.

use std::sync::atomic::{AtomicU32, Ordering};

/// `host:port` of the Pub/Sub emulator. Panics, with what to do, where none was started.
pub fn pubsub_emulator() -> String {
    started_at("PUBSUB_EMULATOR_HOST")
}

/// `host:port` of the Firestore emulator. Panics, with what to do, where none was started.
pub fn firestore_emulator() -> String {
    started_at("FIRESTORE_EMULATOR_HOST")
}

/// A project that no other test uses.
pub fn unique_project() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test-{}-{number}", std::process::id())
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the emulators listen, as Google's own clients are"
)]
fn started_at(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run scripts/with-emulators cargo test …")
    })
}
