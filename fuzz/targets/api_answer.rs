//! What an API answers to the updater: what it means, when to come again, and what of it is kept.
//!
//! Of the head, `status` is the answer's status; the other lines are its headers.

#![no_main]

use std::sync::LazyLock;

use events::Timestamp;
use fuzz::{NOW, Parts, holds_personal_data};
use libfuzzer_sys::fuzz_target;
use store::Outcome;
use store::dead_letters::ANSWER_BYTES_KEPT;
use updater::destination::classify;
use updater::destination::fuzzing::{keepable, may_be_done, not_before};
use updater::routes::{Destination, Repeat, Routes, load};

/// A secret as an operator makes one; an API may repeat it to us.
const SECRET: &str = "k-29f0c1d7e5b84a63";
/// The shortest number that is looked for has as many digits; so has the secret.
const FEWEST_DIGITS: usize = 7;

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
    for is_whole in [true, false] {
        let kept = keepable(body, Some(SECRET), is_whole);
        assert!(kept.len() <= ANSWER_BYTES_KEPT);
        assert!(!kept.contains(SECRET));
        assert!(!holds_personal_data(&kept), "{kept:?}");
        assert_eq!(keepable(kept.as_bytes(), Some(SECRET), true), kept);
    }
    let text = String::from_utf8_lossy(body);
    if text.len() <= ANSWER_BYTES_KEPT && is_clean(&text) {
        assert_eq!(keepable(body, Some(SECRET), true), text);
    }
}

/// Nothing that addresses and numbers need, however they are written.
fn is_clean(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.is_ascii() && digits < FEWEST_DIGITS && !text.contains(['@', '%', '\\', '&'])
}
