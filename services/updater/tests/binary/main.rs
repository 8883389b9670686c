//! The program `updater`, as Cloud Run runs it: refused starts, what the platform says, and Google's Firestore emulator.

mod composition;
mod emulator;
mod platform;
mod refused_starts;
mod tokens;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_updater");

/// Routes with one destination, which gets every login.
pub const ROUTES: &str = r#"
destinations:
  crm:
    url: ${API}
    repeat: safe
    timeout: 5s
    auth: { header: X-API-KEY, secret: CRM_KEY }
routes:
  - name: login
    when: event.eventType == "user_login"
    to: crm
    path: '"/logins"'
    body: '{ "id": event.eventId }'
"#;

/// A routes file, which is gone when it is dropped.
pub fn routes_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), ROUTES).expect("writing");
    file
}
