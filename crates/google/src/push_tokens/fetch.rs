//! Fetching the public keys that Google signs with, within bounds of time and size.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use serde::Deserialize;
use serde_json::Value;

/// From the request to the last byte.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 1 << 20;
const USUAL_MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// The shortest and the longest time for which keys are used without asking again, whatever the answer says.
const MIN_MAX_AGE: Duration = Duration::from_secs(60);
const MAX_MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Keys by their names.
pub(super) type Keys = HashMap<String, Arc<DecodingKey>>;

/// An answer that holds at least one key.
pub(super) struct Fetched {
    pub keys: Keys,
    /// For how long the answer is fresh.
    pub max_age: Duration,
}

/// Why there are no new keys. Whatever it is, the old ones stay.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer within {FETCH_TIMEOUT:?}")]
    TimedOut,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer has the status {0}")]
    Status(u16),
    #[error("the answer has more than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error("the answer is no set of keys with at least one RS256 key in it")]
    NoKeys,
}

/// Asks `url` for the keys of today.
pub(super) async fn fetch(http: &reqwest::Client, url: &str) -> Result<Fetched, FetchError> {
    let fetching = async {
        let mut answer = http.get(url).send().await?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let max_age = max_age(answer.headers());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let keys = parse(&body).ok_or(FetchError::NoKeys)?;
        Ok(Fetched { keys, max_age })
    };
    tokio::time::timeout(FETCH_TIMEOUT, fetching)
        .await
        .map_err(|_| FetchError::TimedOut)?
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RsaKey {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    n: String,
    e: String,
}

/// The RS256 keys of a key set. Keys of other kinds are for others, and no reason to refuse the set.
fn parse(body: &[u8]) -> Option<Keys> {
    let set: KeySet = serde_json::from_slice(body).ok()?;
    let keys: Keys = set.keys.into_iter().filter_map(usable).collect();
    (!keys.is_empty()).then_some(keys)
}

fn usable(key: Value) -> Option<(String, Arc<DecodingKey>)> {
    let key: RsaKey = serde_json::from_value(key).ok()?;
    let fits = key.kty == "RSA"
        && key.alg.is_none_or(|algorithm| algorithm == "RS256")
        && key.purpose.is_none_or(|purpose| purpose == "sig");
    let decoded = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
    fits.then(|| (key.kid, Arc::new(decoded)))
}

/// How long the answer is fresh from now on: its maximum age less the age it already has.
fn max_age(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let directives = text(CACHE_CONTROL).unwrap_or_default().split(',');
    let named = directives
        .filter_map(|directive| directive.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))
        .and_then(|(_, seconds)| seconds.trim().trim_matches('"').parse().ok())
        .map(Duration::from_secs);
    let age = text(AGE).and_then(|age| age.trim().parse().ok());
    named
        .unwrap_or(USUAL_MAX_AGE)
        .saturating_sub(Duration::from_secs(age.unwrap_or(0)))
        .clamp(MIN_MAX_AGE, MAX_MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_fresh_for_what_it_says_less_its_age_within_bounds() {
        let cases: [(&[(&str, &str)], u64); 9] = [
            (&[], 3600),
            (
                &[(
                    "cache-control",
                    "public, max-age=21155, must-revalidate, no-transform",
                )],
                21_155,
            ),
            (
                &[("cache-control", "max-age=21155"), ("age", "1155")],
                20_000,
            ),
            (&[("cache-control", "Max-Age=\"600\"")], 600),
            (&[("cache-control", "max-age=0")], 60),
            (&[("cache-control", "max-age=100"), ("age", "9999")], 60),
            (&[("cache-control", "s-maxage=7, no-cache")], 3600),
            (&[("cache-control", "max-age=much")], 3600),
            (&[("cache-control", "max-age=18446744073709551615")], 86_400),
        ];
        for (pairs, seconds) in cases {
            let headers: HeaderMap = pairs
                .iter()
                .map(|&(name, value)| {
                    let name = reqwest::header::HeaderName::from_static(name);
                    (name, reqwest::header::HeaderValue::from_static(value))
                })
                .collect();
            assert_eq!(max_age(&headers), Duration::from_secs(seconds), "{pairs:?}");
        }
    }

    #[test]
    fn only_keys_for_rs256_signatures_are_kept_and_a_set_without_one_is_none() {
        let key =
            |kid: &str, more: &str| format!(r#"{{"kid":"{kid}","n":"AQAB","e":"AQAB"{more}}}"#);
        let good = key("good", r#","kty":"RSA","alg":"RS256","use":"sig""#);
        let bare = key("bare", r#","kty":"RSA""#);
        let others = [
            key("other kind", r#","kty":"EC""#),
            key("other algorithm", r#","kty":"RSA","alg":"RS512""#),
            key("other use", r#","kty":"RSA","use":"enc""#),
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.into(),
            r#"{"kid":"no base64","kty":"RSA","n":"%","e":"AQAB"}"#.into(),
            "7".into(),
        ]
        .join(",");
        let set = format!(r#"{{"keys":[{good},{others},{bare}]}}"#);
        let keys = parse(set.as_bytes()).expect("two good keys");
        let mut names: Vec<_> = keys.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["bare", "good"]);
        for none in [
            &format!(r#"{{"keys":[{others}]}}"#),
            "{}",
            "[]",
            "",
            "<html>",
        ] {
            assert!(parse(none.as_bytes()).is_none(), "{none}");
        }
    }
}
