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

/// The updater as Cloud Run starts it with these routes, but for `K_SERVICE`, and without Firestore.
pub fn in_container(routes: &str) -> [(&str, &str); 9] {
    [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PORT", "0"),
        ("TALARIA_PUSH_CALLERS__MODE", "cloud-run-iam"),
        ("TALARIA_PUSH_CALLERS__AUDIENCE", "https://updater.example"),
        (
            "TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT",
            "push@shop-1.iam.gserviceaccount.com",
        ),
        ("TALARIA_ROUTES", routes),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ]
}
