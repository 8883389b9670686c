//! Who may publish, where callers sign or send a shared secret: exactly those who prove it are let in, under the place of
//! their own key.
//!
//! In `webhook-signature`, `current`, `previous` and `stranger` stand for the right signature under such a key, and in
//! `x-talaria-key` for such a secret: a fuzzer can't find them.

#![no_main]

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use fuzz::{NOW, Parts};
use libfuzzer_sys::fuzz_target;
use publisher::{CallerCheck, Callers, PublisherSettings, Secret, SigningKey};

const WORDS: [&str; 3] = ["current", "previous", "stranger"];
const KEYS: [&str; 3] = [
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
    "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=",
];
const SECRETS: [&str; 3] = [
    "d3b07384d113edec49eaa6238ad5ff00",
    "c157a79031e1c40f85931829bc5fc552",
    "6f5902ac237024bdd0c176cb93063dc4",
];
/// The keys and secrets that are set; the last belongs to somebody else.
const KNOWN: usize = 2;

static SIGNED: LazyLock<CallerCheck> = LazyLock::new(|| check(Callers::Hmac));
static SHARED: LazyLock<CallerCheck> = LazyLock::new(|| check(Callers::SharedSecret));
static SIGNERS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| KEYS.map(|key| SigningKey::read(&Secret::new(key)).expect("a key")));

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let headers = headers(&parts);
    let expected = signer(&headers, parts.body);
    assert_eq!(caller(&SIGNED, &headers, parts.body), expected);
    // What is signed is the body, to its last byte.
    let other = [parts.body, b" "].concat();
    let unsigned = expected.is_none() || caller(&SIGNED, &headers, &other).is_none();
    assert!(unsigned, "another body passes with the same signature");
    let secrets: Vec<_> = headers.get_all("x-talaria-key").collect();
    let secret = match secrets[..] {
        [secret] => Some(secret.as_bytes()),
        _ => None,
    };
    let expected = SECRETS[..KNOWN]
        .iter()
        .position(|known| secret == Some(known.as_bytes()));
    assert_eq!(caller(&SHARED, &headers, parts.body), expected);
});

fn check(callers: Callers) -> CallerCheck {
    let secret = |text: &str| Some(Secret::new(text));
    let settings = PublisherSettings {
        callers,
        hmac_key: secret(KEYS[0]),
        hmac_key_previous: secret(KEYS[1]),
        shared_secret: secret(SECRETS[0]),
        shared_secret_previous: secret(SECRETS[1]),
        ..PublisherSettings::default()
    };
    let address = SocketAddr::from(([0, 0, 0, 0], 80));
    CallerCheck::from_settings(&settings, address, None).expect("the settings are right")
}

/// The place of the caller who is let in.
fn caller(check: &CallerCheck, headers: &HeaderMap, body: &[u8]) -> Option<usize> {
    let proof = pin!(check.check_head(headers, NOW));
    let Poll::Ready(proof) = proof.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing is waited for");
    };
    let caller = check.check_body(proof.ok()?, body, NOW).ok()?;
    (0..KNOWN).find(|place| format!("{caller:?}") == format!("Caller({place})"))
}

/// The head, with the words replaced by what they stand for.
fn headers(parts: &Parts<'_>) -> HeaderMap {
    let id = parts.text("webhook-id").unwrap_or_default();
    let timestamp = parts.text("webhook-timestamp").unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.head {
        let value = match (*name, std::str::from_utf8(value)) {
            ("webhook-signature", Ok(text)) => {
                replaced(text, |place| SIGNERS[place].sign(id, timestamp, parts.body)).into_bytes()
            }
            ("x-talaria-key", Ok(text)) => {
                replaced(text, |place| SECRETS[place].to_owned()).into_bytes()
            }
            _ => value.to_vec(),
        };
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
            headers.append(name, value);
        }
    }
    headers
}

fn replaced(text: &str, by: impl Fn(usize) -> String) -> String {
    let mut text = text.to_owned();
    for (place, word) in WORDS.iter().enumerate() {
        if text.contains(word) {
            text = text.replace(word, &by(place));
        }
    }
    text
}

/// Whose signature the request has, as the standard and the documentation have it.
fn signer(headers: &HeaderMap, body: &[u8]) -> Option<usize> {
    let only = |name: &str| {
        let values: Vec<_> = headers.get_all(name).collect();
        let [value] = values[..] else {
            return None;
        };
        value.to_str().ok()
    };
    let id = only("webhook-id")?;
    let timestamp = only("webhook-timestamp")?;
    let signatures: Vec<&str> = only("webhook-signature")?.split(' ').collect();
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i128 = timestamp.parse().ok().filter(|_| is_number)?;
    let apart_ms = (seconds.checked_mul(1000)? - i128::from(NOW.millis())).abs();
    let is_sound = (1..=256).contains(&id.len())
        && !id.contains('.')
        && timestamp.len() <= 12
        && apart_ms <= 5 * 60 * 1000
        && signatures.len() <= 8;
    (0..KNOWN)
        .rev()
        .filter(|_| is_sound)
        .find(|place| signatures.contains(&&*SIGNERS[*place].sign(id, timestamp, body)))
}
