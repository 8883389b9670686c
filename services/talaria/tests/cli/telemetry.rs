//! Spans and metrics of `talaria up`, as far as it refuses them.

use super::{stderr, talaria};

#[test]
fn up_refuses_the_ways_that_it_can_t_go_and_says_which_it_can() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data").display().to_string();
    let google = "https://telemetry.googleapis.com";
    for (endpoint, protocol, expected) in [
        ("http://127.0.0.1:4317", "grpc", "http/protobuf"),
        (google, "http/protobuf", "collector"),
    ] {
        let environment = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ];
        let output = talaria(&["up", "--data", &data], &environment);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert!(!directory.path().join("data").exists(), "nothing was begun");
}
