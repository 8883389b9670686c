//! Google identity tokens, signed with keys of our own, and the answer of a server that publishes those keys.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::MockAnswer;

/// A key pair that signs tokens. Made for tests with `openssl genrsa -traditional 2048`, and worth nothing elsewhere.
#[derive(Clone, Copy)]
pub struct TokenKey {
    /// Its name.
    pub id: &'static str,
    der: &'static [u8],
}

/// One key.
pub const FIRST: TokenKey = TokenKey {
    id: "first",
    der: include_bytes!("google_tokens/first.der"),
};
/// Another.
pub const SECOND: TokenKey = TokenKey {
    id: "second",
    der: include_bytes!("google_tokens/second.der"),
};

impl TokenKey {
    fn signing(self) -> EncodingKey {
        EncodingKey::from_rsa_der(self.der)
    }

    /// The public half, as a key server publishes it.
    pub fn public(self) -> Value {
        let key = Jwk::from_encoding_key(&self.signing(), Algorithm::RS256).expect("an RSA key");
        let mut key = serde_json::to_value(key).expect("JSON");
        key["kid"] = self.id.into();
        key["use"] = "sig".into();
        key
    }

    /// A token with these claims.
    pub fn sign(self, claims: &Value) -> String {
        self.sign_as(claims, Some(self.id))
    }

    /// A token that says it is signed with the key of another name, or of none.
    pub fn sign_as(self, claims: &Value, key_id: Option<&str>) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = key_id.map(str::to_owned);
        encode(&header, claims, &self.signing()).expect("a token")
    }
}

/// The claims of a service account's token that was made out a minute before `now_s`, seconds since the epoch.
pub fn token_claims(account: &str, audience: &str, now_s: i64) -> Value {
    json!({
        "iss": "https://accounts.google.com", "aud": audience, "azp": "1175", "sub": "1175", "email": account,
        "email_verified": true, "iat": now_s - 60, "exp": now_s + 3540,
    })
}

/// A key server's answer.
pub fn key_set(keys: &[TokenKey]) -> MockAnswer {
    let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
    MockAnswer::status(200).body(&json!({ "keys": keys }).to_string())
}
