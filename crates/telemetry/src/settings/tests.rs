//! What can be set, and what is said of what can't.

use std::collections::BTreeMap;

use super::*;

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    variables.iter().map(pair).collect()
}

fn endpoint(text: &str) -> OtlpSettings {
    OtlpSettings {
        endpoint: Some(text.into()),
        ..OtlpSettings::default()
    }
}

#[test]
fn the_usual_variables_are_read_and_empty_ones_say_nothing() {
    let read = OtlpSettings::of_environment(&environment(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", " http://collector:4317 "),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:1/x"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_SERVICE_NAME", "shop"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "15000"),
        ("OTEL_SDK_DISABLED", "TRUE"),
    ]));
    let expected = OtlpSettings {
        endpoint: Some("http://collector:4317".into()),
        traces_endpoint: None,
        metrics_endpoint: Some("http://m:1/x".into()),
        protocol: Protocol::Grpc,
        headers: Some(SecretText::new("a=b")),
        timeout: Duration::from_millis(2500),
        service_name: Some("shop".into()),
        resource_attributes: Some("a=b".into()),
        sampler: Sampler::ParentBasedTraceIdRatio,
        sampler_ratio: 0.25,
        metric_interval: Duration::from_secs(15),
        disabled: true,
    };
    assert_eq!(read, Ok(expected));
    assert_eq!(
        OtlpSettings::of_environment(&BTreeMap::new()),
        Ok(OtlpSettings::default())
    );
}

#[test]
fn a_variable_that_can_t_be_used_is_named_with_what_would_be_right() {
    let cases = [
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/json",
            "use one of http/protobuf, grpc",
        ),
        (
            "OTEL_TRACES_SAMPLER",
            "jaeger_remote",
            "parentbased_always_on",
        ),
        ("OTEL_TRACES_SAMPLER_ARG", "a tenth", "invalid float"),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "15s",
            "whole number of milliseconds",
        ),
        (
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "-1",
            "whole number of milliseconds",
        ),
    ];
    for (variable, value, expected) in cases {
        let refused = OtlpSettings::of_environment(&environment(&[(variable, value)]));
        let said = refused.expect_err("no such value").to_string();
        assert!(said.contains(variable) && said.contains(expected), "{said}");
    }
}

#[test]
fn an_endpoint_gets_the_paths_of_its_protocol() {
    let cases = [
        (
            "http://c:4318",
            Protocol::HttpProtobuf,
            "http://c:4318/v1/traces",
            "http://c:4318/v1/metrics",
        ),
        (
            "https://c/otlp/",
            Protocol::HttpProtobuf,
            "https://c/otlp/v1/traces",
            "https://c/otlp/v1/metrics",
        ),
        (
            "http://c:4317",
            Protocol::Grpc,
            "http://c:4317/",
            "http://c:4317/",
        ),
    ];
    for (text, protocol, traces, metrics) in cases {
        let targets = OtlpSettings {
            protocol,
            ..endpoint(text)
        }
        .targets();
        let targets = targets.expect("good settings").expect("on");
        let url = |target: Option<Target>| target.map(|target| target.url.to_string());
        assert_eq!(url(targets.traces).as_deref(), Some(traces));
        assert_eq!(url(targets.metrics).as_deref(), Some(metrics));
    }
}

#[test]
fn google_s_receiver_is_known_by_its_host_alone() {
    for (text, expected) in [
        ("https://telemetry.googleapis.com", true),
        ("https://telemetry.googleapis.com:443/", true),
        ("https://telemetry.googleapis.com.evil.example", false),
        ("https://evil.example/telemetry.googleapis.com", false),
        ("https://evil.example?telemetry.googleapis.com", false),
    ] {
        let targets = endpoint(text)
            .targets()
            .expect("good settings")
            .expect("on");
        assert_eq!(targets.need_google(), expected, "{text}");
    }
}

#[test]
fn what_can_t_be_used_is_refused_without_repeating_secrets() {
    let headers = |text: &str| OtlpSettings {
        headers: Some(SecretText::new(text)),
        ..endpoint("http://c")
    };
    let cases = [
        (endpoint("collector:4318"), "otlp.endpoint"),
        (endpoint("4318"), "with its scheme"),
        (endpoint("ftp://c"), "http:// or https://"),
        (endpoint("http://me:hunter2@c:4318"), "otlp.headers"),
        (endpoint("http://telemetry.googleapis.com"), "https://"),
        (headers("authorization: Bearer hunter2"), "otlp.headers"),
        (headers("bad name=hunter2"), "otlp.headers"),
        (headers("a=hunter2%0d%0a"), "otlp.headers"),
        (headers("a=hunter2%4"), "otlp.headers"),
        (
            OtlpSettings {
                resource_attributes: Some("x".into()),
                ..endpoint("http://c")
            },
            "otlp.resource_attributes",
        ),
        (
            OtlpSettings {
                sampler_ratio: 2.0,
                ..endpoint("http://c")
            },
            "from 0 to 1",
        ),
        (
            OtlpSettings {
                sampler_ratio: f64::NAN,
                ..endpoint("http://c")
            },
            "from 0 to 1",
        ),
        (
            OtlpSettings {
                metric_interval: Duration::ZERO,
                ..endpoint("http://c")
            },
            "otlp.metric_interval",
        ),
        (
            OtlpSettings {
                timeout: Duration::ZERO,
                ..endpoint("http://c")
            },
            "otlp.timeout",
        ),
    ];
    for (settings, expected) in cases {
        let checked = settings.targets().and_then(|_| settings.attributes());
        let said = checked.expect_err(expected).to_string();
        assert!(said.contains(expected), "{said} should say {expected}");
        assert!(
            !format!("{said} {settings:?}")
                .replace("me:hunter2@c", "")
                .contains("hunter2"),
            "{said}"
        );
    }
}

#[test]
fn off_nothing_is_checked_and_a_program_refuses_what_it_can_t_speak() {
    let off = OtlpSettings {
        disabled: true,
        ..endpoint("nonsense")
    };
    assert!(off.targets().expect("off").is_none());
    assert!(endpoint("  ").targets().expect("off").is_none());
    for (settings, expected) in [
        (
            OtlpSettings {
                protocol: Protocol::Grpc,
                ..endpoint("http://c:4317")
            },
            "http/protobuf",
        ),
        (endpoint("https://telemetry.googleapis.com"), "collector"),
    ] {
        let targets = settings.targets().expect("good settings").expect("on");
        let refused = crate::http_transport(&targets)
            .err()
            .expect("can't be spoken")
            .to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}
