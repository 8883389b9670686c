//! An updater that can't do its work doesn't start, and says all that is in the way.

use testing::RunningProgram;

use crate::{PROGRAM, in_container, routes_file};

#[tokio::test]
async fn without_any_setting_all_that_is_missing_is_named() {
    let log = RunningProgram::refused(PROGRAM, &[], &[]).await;
    for setting in [
        "TALARIA_STORE__BACKEND=firestore",
        "GOOGLE_CLOUD_PROJECT",
        "TALARIA_PROJECT",
        "TALARIA_ROUTES",
    ] {
        assert!(log.contains(setting), "{setting} is missing in {log}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_container_is_named_at_once() {
    let log = RunningProgram::refused(
        PROGRAM,
        &[],
        &[
            ("PORT", "0"),
            ("TALARIA_STORE__BACKEND", "embedded"),
            ("TALARIA_DEDUPE_RETENTION", "40d"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json"),
        ],
    )
    .await;
    for text in [
        "inside `talaria up` alone",
        "GOOGLE_CLOUD_PROJECT",
        "push_callers.mode is none",
        "dedupe_retention",
        "/no/such/file.json",
    ] {
        assert!(log.contains(text), "{text} is missing in {log}");
    }
}

#[tokio::test]
async fn each_wrong_setting_is_refused_by_name() {
    let routes = routes_file();
    let routes = routes.path().display().to_string();
    let good = [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("TALARIA_ROUTES", routes.as_str()),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let cases = [
        ("TALARIA_ROUTS", "x", "TALARIA_ROUTES?"),
        ("TALARIA_BUS__BACKEND", "pubsub", "TALARIA_BUS__BACKEND"),
        (
            "TALARIA_STORE__BACKEND",
            "mongo",
            "TALARIA_STORE__BACKEND=firestore",
        ),
        (
            "TALARIA_PUSH_CALLERS__MODE",
            "verify",
            "push_callers.audience",
        ),
        (
            "TALARIA_PUSH_CALLERS__MODE",
            "cloud-run-iam",
            "push_callers.service_account",
        ),
        ("TALARIA_DEAD_LETTER_RETENTION", "32d", "dedupe_retention"),
        ("TALARIA_ROUTES", "/no/such/routes.yaml", "TALARIA_ROUTES"),
        ("API", "", "crm"),
        ("TALARIA_STORE__DATABASE", "", "store.database is \"\""),
        (
            "TALARIA_SECRET_MANAGER__ENDPOINT",
            "secretmanager.example",
            "secret_manager.endpoint",
        ),
        (
            "TALARIA_GOOGLE_KEYS_URL",
            "http://mirror.example/certs",
            "google_keys_url",
        ),
    ];
    for (name, value, expected) in cases {
        let mut variables = good.to_vec();
        variables.retain(|(other, _)| *other != name);
        variables.push((name, value));
        let log = RunningProgram::refused(PROGRAM, &[], &variables).await;
        assert!(log.contains(expected), "{name}={value}: {log}");
    }
}

#[tokio::test]
async fn away_from_cloud_run_nobody_vouches_for_the_claims_of_pushes() {
    let routes = routes_file();
    let path = routes.path().display().to_string();
    let log = RunningProgram::refused(PROGRAM, &[], &in_container(&path)).await;
    for words in [
        "push_callers.mode is cloud-run-iam",
        "K_SERVICE",
        "push_callers.mode to verify",
    ] {
        assert!(log.contains(words), "{words} is not in {log}");
    }
}
