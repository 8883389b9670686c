//! A publisher that can't do its work doesn't start, and says all that is in the way.

use std::io::Write;

use testing::RunningProgram;

use crate::platform::PROGRAM;

#[tokio::test]
async fn without_any_setting_all_that_is_missing_is_named() {
    let log = RunningProgram::refused(PROGRAM, &[], &[]).await;
    for setting in [
        "TALARIA_BUS__BACKEND=pubsub",
        "GOOGLE_CLOUD_PROJECT",
        "TALARIA_PROJECT",
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
            ("TALARIA_BUS__BACKEND", "embedded"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json"),
        ],
    )
    .await;
    for text in [
        "inside `talaria up` alone",
        "GOOGLE_CLOUD_PROJECT",
        "publisher.callers is none",
        "/no/such/file.json",
        "TALARIA_X in the environment",
    ] {
        assert!(log.contains(text), "{text} is missing in {log}");
    }
}

#[tokio::test]
async fn each_wrong_setting_is_refused_by_name() {
    let good = [
        ("TALARIA_BUS__BACKEND", "pubsub"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
    ];
    let cases = [
        ("TALARIA_TOPICC", "x", "TALARIA_TOPIC?"),
        ("TALARIA_BUS__BACKND", "x", "TALARIA_BUS__BACKEND?"),
        (
            "TALARIA_STORE__BACKEND",
            "firestore",
            "TALARIA_STORE__BACKEND",
        ),
        (
            "TALARIA_PUBLISHER__LISTEN",
            "127.0.0.1:0",
            "did you mean TALARIA_LISTEN?",
        ),
        (
            "TALARIA_BUS__BACKEND",
            "kafka",
            "TALARIA_BUS__BACKEND=pubsub",
        ),
        (
            "TALARIA_BUS__BACKEND",
            "none",
            "TALARIA_BUS__BACKEND=pubsub",
        ),
        ("GOOGLE_CLOUD_PROJECT", "My Shop", "gcloud projects list"),
        (
            "PUBSUB_EMULATOR_HOST",
            "http://127.0.0.1:1",
            "PUBSUB_EMULATOR_HOST",
        ),
        ("TALARIA_CALLERS", "shared-secret", "SHARED_SECRET"),
        (
            "TALARIA_CALLERS",
            "trusted",
            "none, shared-secret, hmac, google-id-token, cloud-run-iam or trusted-network",
        ),
        ("TALARIA_CALLERS", "hmac", "HMAC_KEY"),
        (
            "TALARIA_CALLERS",
            "google-id-token",
            "publisher.id_token.audience",
        ),
        (
            "TALARIA_CALLERS",
            "cloud-run-iam",
            "publisher.id_token.service_account",
        ),
        ("TALARIA_RATE_LIMIT__RATE", "many", "100/s"),
        ("TALARIA_RATE_LIMIT__BURST", "0", "rate_limit.burst"),
        ("PORT", "http", "PORT is"),
        ("TALARIA_LISTEN", "256.0.0.1:1", "TALARIA_LISTEN"),
        ("TALARIA_LOG__FILTER", "publisher=loud", "log.filter"),
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
async fn the_file_is_read_and_a_key_of_it_that_is_no_setting_is_refused() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "bus:\n  backend: pubsub\ntopik: x").expect("writing");
    let path = file.path().display().to_string();
    let log = RunningProgram::refused(PROGRAM, &["--config", &path], &[]).await;
    assert!(log.contains("did you mean topic?"), "{log}");
    assert!(log.contains(&path), "{log}");
}

#[tokio::test]
async fn on_cloud_run_the_refusal_is_one_line_of_json() {
    let log = RunningProgram::refused(PROGRAM, &[], &[("K_SERVICE", "publisher")]).await;
    let line: serde_json::Value = serde_json::from_str(log.trim_end()).expect("one JSON object");
    assert_eq!(line["severity"], "ERROR");
    let message = line["message"].as_str().expect("a text");
    assert!(message.contains("TALARIA_BUS__BACKEND=pubsub"), "{message}");
}
