//! A counter that can't do its work doesn't start, and says all that is in the way.

use testing::RunningProgram;

use crate::{IN_CONTAINER, PROGRAM};

#[tokio::test]
async fn without_any_setting_all_that_is_missing_is_named() {
    let log = RunningProgram::refused(PROGRAM, &[], &[]).await;
    for setting in [
        "TALARIA_STORE__BACKEND=firestore",
        "TALARIA_BUS__BACKEND=pubsub",
        "TALARIA_BUS__BACKEND=none",
        "GOOGLE_CLOUD_PROJECT",
        "TALARIA_PROJECT",
    ] {
        assert!(log.contains(setting), "{setting} is missing in {log}");
    }
}

#[tokio::test]
async fn what_only_the_page_needs_is_not_asked_of_a_process_that_tallies() {
    let role = [("TALARIA_ROLE", "tally")];
    let log = RunningProgram::refused(PROGRAM, &[], &role).await;
    assert!(log.contains("TALARIA_STORE__BACKEND=firestore"), "{log}");
    assert!(!log.contains("BUS__BACKEND"), "{log}");
}

#[tokio::test]
async fn what_is_wrong_in_a_container_is_named_at_once() {
    let log = RunningProgram::refused(
        PROGRAM,
        &[],
        &[
            ("PORT", "0"),
            ("TALARIA_BUS__BACKEND", "embedded"),
            ("TALARIA_STORE__BACKEND", "embedded"),
            ("TALARIA_MARKER_RETENTION", "40d"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json"),
        ],
    )
    .await;
    for text in [
        "bus.backend is embedded",
        "store.backend is embedded",
        "GOOGLE_CLOUD_PROJECT",
        "push_callers.mode is none",
        "page_readers is none",
        "marker_retention",
        "/no/such/file.json",
    ] {
        assert!(log.contains(text), "{text} is missing in {log}");
    }
}

#[tokio::test]
async fn each_wrong_setting_is_refused_by_name() {
    let good = [
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("TALARIA_BUS__BACKEND", "none"),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let cases = [
        ("TALARIA_TIMEZONE", "UTC", "TALARIA_TIME_ZONE?"),
        ("TALARIA_TIME_ZONE", "Bielefeld", "time_zone"),
        ("TALARIA_ROLE", "pages", "both, tally or page"),
        ("TALARIA_TOPIC", "a/b", "topic is"),
        ("TALARIA_STORE__DATABASE", "Shop", "store.database is"),
        (
            "TALARIA_BUS__BACKEND",
            "kafka",
            "TALARIA_BUS__BACKEND=pubsub",
        ),
        (
            "TALARIA_PUSH_CALLERS__MODE",
            "verify",
            "push_callers.audience",
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
    let log = RunningProgram::refused(PROGRAM, &[], &IN_CONTAINER).await;
    for words in [
        "push_callers.mode is cloud-run-iam",
        "K_SERVICE",
        "push_callers.mode to verify",
    ] {
        assert!(log.contains(words), "{words} is not in {log}");
    }
}
