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

/// Or its first publish would be the first to notice.
#[tokio::test]
async fn an_emulator_whose_name_is_empty_is_none_and_google_wants_credentials() {
    for variable in ["PUBSUB_EMULATOR_HOST", "TALARIA_BUS__EMULATOR_HOST"] {
        let variables = [
            ("TALARIA_BUS__BACKEND", "pubsub"),
            ("GOOGLE_CLOUD_PROJECT", "shop-1"),
            ("TALARIA_LISTEN", "127.0.0.1:0"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json"),
            (variable, ""),
        ];
        let log = RunningProgram::refused(PROGRAM, &[], &variables).await;
        assert!(log.contains("/no/such/file.json"), "{variable}: {log}");
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
        ("TALARIA_BUS__MAX_IN_FLIGHT", "0", "bus.max_in_flight is 0"),
        (
            "TALARIA_BUS__MAX_BYTES_IN_FLIGHT",
            "1000",
            "event.max_body_bytes",
        ),
        ("TALARIA_RATE_LIMIT__RATE", "many", "100/s"),
        ("TALARIA_RATE_LIMIT__BURST", "0", "rate_limit.burst"),
        ("TALARIA_TOPIC", "", "topic is \"\""),
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
async fn where_logs_are_json_every_refusal_is_one_line_of_json() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "log: {{ format: json }}").expect("writing");
    let path = file.path().display().to_string();
    let on_cloud_run = ("K_SERVICE", "publisher");
    type Case<'a> = (&'a [&'a str], (&'a str, &'a str), i32, &'a str);
    let cases: [Case<'_>; 5] = [
        (&[], on_cloud_run, 1, "TALARIA_BUS__BACKEND=pubsub"),
        (
            &[],
            ("TALARIA_LOG__FORMAT", "json"),
            1,
            "TALARIA_BUS__BACKEND=pubsub",
        ),
        (
            &["--config", &path],
            ("PORT", "0"),
            1,
            "TALARIA_BUS__BACKEND=pubsub",
        ),
        (&["--config", "/no/such"], on_cloud_run, 1, "/no/such"),
        (&["--confg", "x"], on_cloud_run, 2, "--config"),
    ];
    for (arguments, variable, code, expected) in cases {
        let ended = RunningProgram::start(PROGRAM, arguments, &[variable])
            .ended()
            .await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.log);
        let lines = ended.json_lines();
        assert_eq!((lines.len(), &lines[0]["severity"]), (1, &"ERROR".into()));
        let message = lines[0]["message"].as_str().expect("a text");
        assert!(message.contains(expected), "{message}");
    }
    let text = [on_cloud_run, ("TALARIA_LOG__FORMAT", "text")];
    let log = RunningProgram::refused(PROGRAM, &[], &text).await;
    assert!(log.starts_with("publisher: "), "{log}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it listens").to_string();
    let variables = [
        ("TALARIA_BUS__BACKEND", "pubsub"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
        ("TALARIA_LISTEN", address.as_str()),
    ];
    let log = RunningProgram::refused(PROGRAM, &[], &variables).await;
    for words in [&address, "is another program there", "TALARIA_LISTEN"] {
        assert!(log.contains(words), "{words} is not in {log}");
    }
}

#[tokio::test]
async fn away_from_cloud_run_nobody_vouches_for_the_claims_of_callers() {
    let variables = [
        ("TALARIA_BUS__BACKEND", "pubsub"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
        ("PORT", "0"),
        ("TALARIA_CALLERS", "cloud-run-iam"),
        ("TALARIA_ID_TOKEN__AUDIENCE", "https://publisher.example"),
        (
            "TALARIA_ID_TOKEN__SERVICE_ACCOUNT",
            "tag@shop.iam.gserviceaccount.com",
        ),
    ];
    let log = RunningProgram::refused(PROGRAM, &[], &variables).await;
    for words in [
        "publisher.callers is cloud-run-iam",
        "K_SERVICE",
        "google-id-token",
    ] {
        assert!(log.contains(words), "{words} is not in {log}");
    }
}
