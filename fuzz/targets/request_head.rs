//! A request's head: which trace it belongs to, and under which name it came.

#![no_main]

use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use fuzz::Parts;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};
use web::{Hosts, TraceContext, trace_of_head};

fuzz_target!(|input: &[u8]| {
    let mut input = input.to_vec();
    input.extend_from_slice(b"\n\n");
    let parts = Parts::of(&input);
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.head {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
        if let Ok(text) = std::str::from_utf8(value) {
            check_traceparent(text);
            check_cloud_trace(text);
        }
    }
    check_request(&headers);
    check_hosts(&headers);
});

fn check_traceparent(text: &str) {
    let Some(trace) = TraceContext::from_traceparent(text) else {
        return;
    };
    let written = trace.to_string();
    assert_eq!(written.len(), 55);
    assert_eq!(TraceContext::from_traceparent(&written), Some(trace));
    assert_eq!(written[2..53], text[2..53], "another trace or span");
}

fn check_cloud_trace(text: &str) {
    let Some(trace) = TraceContext::from_cloud_trace(text) else {
        return;
    };
    let (trace_id, span_id) = (trace.trace_id, trace.span_id);
    let written = format!("{trace_id:032x}/{span_id};o={}", u8::from(trace.sampled));
    assert_eq!(TraceContext::from_cloud_trace(&written), Some(trace));
    let traceparent = trace.to_string();
    assert_eq!(TraceContext::from_traceparent(&traceparent), Some(trace));
    assert!(text.to_ascii_lowercase().starts_with(&written[..33]));
}

/// `traceparent` goes first, and a header that came twice counts as none.
fn check_request(headers: &HeaderMap) {
    let only = |name: &str| {
        let mut values = headers.get_all(name);
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    let expected = only("traceparent")
        .and_then(TraceContext::from_traceparent)
        .or_else(|| only("x-cloud-trace-context").and_then(TraceContext::from_cloud_trace));
    assert_eq!(trace_of_head(headers), expected);
}

/// A name that is taken for loopback leads nowhere else, as a browser reads it.
fn check_hosts(headers: &HeaderMap) {
    let named = ["counter".to_owned()];
    let by_loopback = web::fuzzing::answers(Hosts::LoopbackNames, headers, &[]);
    let by_name = web::fuzzing::answers(Hosts::Any, headers, &named);
    let all_text = headers.get_all(HOST).all(|host| host.to_str().is_ok());
    assert_eq!(web::fuzzing::answers(Hosts::Any, headers, &[]), all_text);
    for host in headers.get_all(HOST) {
        let url = host.to_str().ok().and_then(read_as_browser);
        let Some(host) = url.as_ref().and_then(Url::host) else {
            continue;
        };
        let is_loopback = match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        assert!(is_loopback || !by_loopback, "{host} is not loopback");
        assert!(host == Host::Domain("counter") || !by_name, "{host}");
    }
}

fn read_as_browser(host: &str) -> Option<Url> {
    Url::parse(&format!("http://{host}/")).ok()
}
