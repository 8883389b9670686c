//! What an API answers to the updater: what it means, when to come again, and what of it is kept.
//!
//! Of the head, `status` is the answer's status; the other lines are its headers.

#![no_main]

use std::sync::LazyLock;

use events::Timestamp;
use fuzz::{NOW, Parts};
use libfuzzer_sys::fuzz_target;
use store::Outcome;
use store::dead_letters::ANSWER_BYTES_KEPT;
use updater::destination::classify;
use updater::destination::fuzzing::{keepable, may_be_done, not_before};
use updater::routes::{Destination, Repeat, Routes, load};

/// A secret as an operator makes one; an API may repeat it to us.
const SECRET: &str = "k-29f0c1d7e5b84a63";

static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let source = include_str!("../routes/answers.yaml");
    load(source, "answers.yaml", &|_| None).expect("the routes file is right")
});

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let status = parts.text("status").and_then(|status| status.parse().ok());
    let status = status
        .filter(|status| (100..1000).contains(status))
        .unwrap_or(200);
    let body = String::from_utf8_lossy(parts.body);
    let header = |name: &str| parts.text(name).map(str::to_owned);
    for destination in ROUTES.destinations() {
        let outcome = classify(destination, status, &header, &body);
        assert_eq!(outcome, classify(destination, status, &header, &body));
        check_outcome(destination, status, outcome);
    }
    if let Some(value) = parts.text("retry-after") {
        check_retry_after(value);
    }
    check_kept(parts.body);
});

fn check_outcome(destination: &Destination, status: u16, outcome: Outcome) {
    if !destination.responses.is_empty() {
        // A rule never leaves the outcome open.
        return;
    }
    match (outcome, destination.repeat) {
        (Outcome::Done, _) => assert!((200..300).contains(&status)),
        (Outcome::Retry, Repeat::Unsafe) => assert!(matches!(status, 425 | 429 | 503)),
        (Outcome::Unknown, repeat) => {
            assert_eq!(repeat, Repeat::Unsafe);
            assert!(may_be_done(status));
        }
        (Outcome::Reject, _) => assert!(!(200..300).contains(&status)),
        _ => {}
    }
}

fn check_retry_after(value: &str) {
    let Some(at) = not_before(value, NOW) else {
        return;
    };
    assert!(at > NOW);
    if let Ok(seconds) = value.trim().parse::<u64>() {
        let wait = i64::try_from(seconds).unwrap_or(i64::MAX);
        let expected = NOW.millis().saturating_add(wait.saturating_mul(1000));
        assert_eq!(at, Timestamp::from_millis(expected));
    }
    // Who asks again when the moment has come need not wait any longer, if a date was named.
    if !value
        .trim()
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'+')
    {
        assert_eq!(not_before(value, at), None);
    }
}

fn check_kept(body: &[u8]) {
    let kept = keepable(body, Some(SECRET));
    assert!(kept.len() <= ANSWER_BYTES_KEPT);
    assert!(!kept.contains(SECRET));
    assert!(!holds_address(&kept), "an e-mail address was kept");
    assert_eq!(keepable(kept.as_bytes(), Some(SECRET)), kept);
    let clean = !body.contains(&b'@') && !String::from_utf8_lossy(body).contains(SECRET);
    if clean && body.len() <= ANSWER_BYTES_KEPT / 3 {
        assert_eq!(kept, String::from_utf8_lossy(body));
    }
}

/// A letter or digit, an `@`, a letter or digit, and a dot with a letter or digit behind it before anything that ends a
/// domain.
fn holds_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let named = text[..at].chars().next_back();
        let domain =
            text[at + 1..].split(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c)));
        let domain = domain.into_iter().next().unwrap_or_default();
        let labels: Vec<&str> = domain.split('.').collect();
        named.is_some_and(|c| c.is_ascii_alphanumeric())
            && labels.len() > 1
            && labels.iter().take(2).all(|label| !label.is_empty())
    })
}
