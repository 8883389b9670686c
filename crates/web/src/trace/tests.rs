use actix_web::http::header::{HeaderName, HeaderValue};

use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

type Headers<'a> = &'a [(&'a str, &'a str)];

#[test]
fn the_w3c_header_comes_first_and_a_broken_or_doubled_one_is_passed_over() {
    let w3c = format!("00-{TRACE}-{SPAN}-01");
    let (other, google) = (format!("{TRACE}/7;o=0"), Some(7));
    let cases: [(Headers<'_>, Option<u64>); 7] = [
        (&[], None),
        (&[("traceparent", &w3c)], Some(0xb7ad_6b71_6920_3331)),
        (&[("x-cloud-trace-context", &other)], google),
        (
            &[("x-cloud-trace-context", &other), ("traceparent", &w3c)],
            Some(0xb7ad_6b71_6920_3331),
        ),
        (
            &[("traceparent", "00-1"), ("x-cloud-trace-context", &other)],
            google,
        ),
        (&[("traceparent", &w3c), ("traceparent", &w3c)], None),
        (&[("traceparent", "\u{e9}")], None),
    ];
    for (headers, expected) in cases {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            map.append(name.parse::<HeaderName>().expect("a name"), value);
        }
        let read = trace_of_head(&map);
        assert_eq!(
            read.map(|trace| trace.span_id.get()),
            expected,
            "{headers:?}"
        );
    }
}

#[test]
fn each_process_has_a_seed_of_its_own() {
    assert_ne!(process_seed(), process_seed());
}
