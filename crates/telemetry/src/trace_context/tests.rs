use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn context(sampled: bool) -> TraceContext {
    TraceContext {
        trace_id: NonZeroU128::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c).expect("not zero"),
        span_id: NonZeroU64::new(0xb7ad_6b71_6920_3331).expect("not zero"),
        sampled,
    }
}

#[test]
fn a_traceparent_is_read_as_the_standard_has_it() {
    let sound = [
        (format!("00-{TRACE}-{SPAN}-01"), true),
        (format!("00-{TRACE}-{SPAN}-00"), false),
        // Flags that nobody knows yet.
        (format!("00-{TRACE}-{SPAN}-02"), false),
        (format!("00-{TRACE}-{SPAN}-ff"), true),
        // Later versions only add.
        (format!("01-{TRACE}-{SPAN}-01"), true),
        (format!("cc-{TRACE}-{SPAN}-01-more-of-it"), true),
        (format!("fe-{TRACE}-{SPAN}-00-"), false),
    ];
    for (text, sampled) in sound {
        let read = TraceContext::from_traceparent(&text);
        assert_eq!(read, Some(context(sampled)), "{text}");
    }
}

#[test]
fn what_breaks_the_standard_is_no_traceparent() {
    let (upper, zeros) = (TRACE.to_ascii_uppercase(), "0".repeat(32));
    let broken = [
        String::new(),
        "-".repeat(55),
        "é".repeat(28),
        format!("{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}"),
        format!("00-{TRACE}-{SPAN}-"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}-001"),
        format!("00-{TRACE}-{SPAN}-01-"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("00-{TRACE}-{SPAN}-01 "),
        format!(" 00-{TRACE}-{SPAN}-01"),
        format!("01-{TRACE}-{SPAN}-01more"),
        format!("01-{TRACE}-{SPAN}-0"),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("0-{TRACE}-{SPAN}-01"),
        format!("0G-{TRACE}-{SPAN}-01"),
        format!("00_{TRACE}_{SPAN}_01"),
        format!("00-{zeros}-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", &zeros[..16]),
        format!("00-{upper}-{SPAN}-01"),
        format!("00-{TRACE}-B7AD6B7169203331-01"),
        format!("00-{TRACE}-{SPAN}-0A"),
        format!("00-{TRACE}-{SPAN}-0x"),
        format!("00-+{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{TRACE}0-{}-01", &SPAN[1..]),
    ];
    for text in broken {
        assert_eq!(TraceContext::from_traceparent(&text), None, "{text:?}");
    }
}

#[test]
fn a_context_is_shown_as_a_traceparent_without_flags_that_nobody_knows() {
    assert_eq!(context(true).to_string(), format!("00-{TRACE}-{SPAN}-01"));
    let later = TraceContext::from_traceparent(&format!("01-{TRACE}-{SPAN}-fe-x")).expect("sound");
    assert_eq!(later.to_string(), format!("00-{TRACE}-{SPAN}-00"));
    let small = TraceContext {
        trace_id: NonZeroU128::MIN,
        span_id: NonZeroU64::MIN,
        sampled: false,
    };
    let shown = small.to_string();
    assert_eq!(
        TraceContext::from_traceparent(&shown),
        Some(small),
        "{shown}"
    );
}

#[test]
fn google_s_older_header_is_read_with_its_decimal_span() {
    let span = 0xb7ad_6b71_6920_3331_u64;
    let cases = [
        (format!("{TRACE}/{span};o=1"), Some(context(true))),
        (format!("{TRACE}/{span};o=0"), Some(context(false))),
        (format!("{TRACE}/{span}"), Some(context(false))),
        (
            format!("{}/{span};o=1", TRACE.to_uppercase()),
            Some(context(true)),
        ),
        (format!("{TRACE}/{span};o=2"), None),
        (format!("{TRACE}/{span};"), None),
        (format!("{TRACE};o=1"), None),
        (format!("{TRACE}/0;o=1"), None),
        (format!("{TRACE}/+5;o=1"), None),
        (format!("{TRACE}/;o=1"), None),
        (format!("{TRACE}/99999999999999999999;o=1"), None),
        (format!("{}/5;o=1", "0".repeat(32)), None),
        (format!("{}/5;o=1", &TRACE[1..]), None),
        (String::new(), None),
    ];
    for (text, expected) in cases {
        assert_eq!(TraceContext::from_cloud_trace(&text), expected, "{text:?}");
    }
}

#[test]
fn a_context_stays_itself_through_the_sdk() {
    for sampled in [true, false] {
        let there_and_back = TraceContext::of_span(&context(sampled).to_remote());
        assert_eq!(there_and_back, Some(context(sampled)));
    }
    assert_eq!(TraceContext::of_span(&SpanContext::NONE), None);
}
