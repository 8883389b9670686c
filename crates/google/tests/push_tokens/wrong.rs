//! Each kind of wrong token is refused by the check that is meant for it, and none brings the process down.

use google::push_tokens::{TokenError, TokenFault};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use web::{PushCredentials, PushRefusal, PushVerifier};

use crate::scene::{
    ACCOUNT, AUDIENCE, FIRST, NOW_S, SECOND, Scene, claims, claims_with, claims_without, unsigned,
};

fn refused(fault: TokenFault) -> Result<(), TokenError> {
    Err(TokenError::Refused(fault))
}

#[tokio::test]
async fn a_token_with_a_wrong_claim_is_refused() {
    use TokenFault::{Audience, Email, Expired, Issuer, Malformed, NotYetValid, ServiceAccount};
    let scene = Scene::new().await;
    let cases = [
        (
            "aud",
            json!("https://updater.example/process-backend-update/erp"),
            Audience,
        ),
        ("aud", json!(format!("{AUDIENCE}/")), Audience),
        ("aud", json!(AUDIENCE.to_uppercase()), Audience),
        ("aud", json!(""), Audience),
        ("aud", json!([AUDIENCE]), Malformed),
        ("aud", Value::Null, Malformed),
        ("iss", json!("https://accounts.google.com.example"), Issuer),
        ("iss", json!("https://securetoken.google.com/shop"), Issuer),
        ("iss", json!(["https://accounts.google.com"]), Malformed),
        (
            "email",
            json!("push@other.iam.gserviceaccount.com"),
            ServiceAccount,
        ),
        ("email", json!(format!(" {ACCOUNT}")), ServiceAccount),
        ("email", Value::Null, Email),
        ("email", json!([ACCOUNT]), Malformed),
        ("email_verified", json!(false), Email),
        ("email_verified", Value::Null, Email),
        ("email_verified", json!("true"), Malformed),
        ("email_verified", json!(1), Malformed),
        ("exp", json!(NOW_S - 30), Expired),
        ("exp", json!(0), Expired),
        ("exp", json!(i64::MIN), Expired),
        ("exp", json!("1764063900"), Malformed),
        ("exp", json!(1.5e300), Malformed),
        ("exp", Value::Null, Malformed),
        ("iat", json!(NOW_S + 31), NotYetValid),
        ("iat", json!(i64::MAX), NotYetValid),
        ("iat", json!("now"), Malformed),
        ("nbf", json!(NOW_S + 31), NotYetValid),
    ];
    for (name, value, fault) in cases {
        let token = FIRST.sign(&claims_with(name, value.clone()));
        assert_eq!(scene.check(&token).await, refused(fault), "{name}: {value}");
    }
    for (name, fault) in [
        ("iss", Malformed),
        ("aud", Malformed),
        ("exp", Malformed),
        ("email", Email),
        ("email_verified", Email),
    ] {
        let token = FIRST.sign(&claims_without(name));
        assert_eq!(scene.check(&token).await, refused(fault), "without {name}");
    }
    assert_eq!(scene.fetches(), 1);
}

#[tokio::test]
async fn what_google_may_write_otherwise_is_taken() {
    let scene = Scene::new().await;
    for (name, value) in [
        ("iss", json!("accounts.google.com")),
        ("aud", json!("https://updater.example")),
        ("email", json!("scheduler@shop.iam.gserviceaccount.com")),
        ("exp", json!(NOW_S - 29)),
        ("exp", json!(i64::MAX)),
        ("iat", json!(NOW_S + 30)),
        ("nbf", json!(NOW_S + 30)),
        (
            "google",
            json!({"compute_engine": {"zone": "europe-west1-b"}}),
        ),
    ] {
        let token = FIRST.sign(&claims_with(name, value.clone()));
        assert_eq!(scene.check(&token).await, Ok(()), "{name}: {value}");
    }
    let token = FIRST.sign(&claims_without("iat"));
    assert_eq!(scene.check(&token).await, Ok(()), "without iat");
}

#[tokio::test]
async fn a_token_that_google_did_not_sign_is_refused() {
    use TokenFault::{
        Algorithm as OtherAlgorithm, Malformed, Signature, SignatureRemoved, UnknownKey,
    };
    let scene = Scene::new().await;
    let good = FIRST.sign(&claims());
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let (header, payload) = signed.split_once('.').expect("two parts");
    let other = FIRST.sign(&claims_with("sub", json!("1176")));
    let other_payload = other.split('.').nth(1).expect("a payload");
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.kid = Some(FIRST.id.into());
    let modulus = FIRST.public()["n"].as_str().expect("a modulus").to_owned();
    let with_public_key = EncodingKey::from_secret(modulus.as_bytes());
    let none = |alg: &str| unsigned(&json!({"alg": alg, "kid": FIRST.id}), &claims(), "");
    let critical = json!({"alg": "RS256", "kid": FIRST.id, "crit": ["exp"], "exp": 1});
    let cases = [
        (
            "another key's signature",
            SECOND.sign_as(&claims(), Some(FIRST.id)),
            Signature,
        ),
        (
            "another token's signature",
            format!("{header}.{other_payload}.{signature}"),
            Signature,
        ),
        ("no signature", format!("{signed}."), Signature),
        (
            "half a signature",
            good[..good.len() - 40].to_owned(),
            Signature,
        ),
        (
            "a signature that is no base64",
            format!("{signed}.%%%"),
            Signature,
        ),
        (
            "a signature that was taken off",
            format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE"),
            SignatureRemoved,
        ),
        ("a key nobody knows", SECOND.sign(&claims()), UnknownKey),
        (
            "a key's name in other letters",
            FIRST.sign_as(&claims(), Some("First")),
            UnknownKey,
        ),
        ("no key", FIRST.sign_as(&claims(), None), OtherAlgorithm),
        ("alg none", none("none"), OtherAlgorithm),
        ("alg None", none("None"), OtherAlgorithm),
        ("alg of another RSA", none("RS512"), OtherAlgorithm),
        (
            "HS256 with the public key",
            encode(&hmac, &claims(), &with_public_key).expect("a token"),
            OtherAlgorithm,
        ),
        ("two parts", signed.to_owned(), Malformed),
        ("one part", payload.to_owned(), Malformed),
        ("four parts", format!("{good}.{signature}"), Malformed),
        (
            "an extension to be understood",
            unsigned(&critical, &claims(), signature),
            Malformed,
        ),
        (
            "a header that is no JSON",
            format!("e30x.{payload}.{signature}"),
            Malformed,
        ),
        (
            "a header that is no object",
            unsigned(&json!([]), &claims(), signature),
            Malformed,
        ),
        (
            "a megabyte",
            format!("{header}.{}.{signature}", "A".repeat(1 << 20)),
            Malformed,
        ),
        ("a megabyte of dots", ".".repeat(1 << 20), Malformed),
        ("dots", "..".into(), Malformed),
        ("other letters", "é.ü.ß".into(), Malformed),
    ];
    for (what, token, fault) in cases {
        assert_eq!(scene.check(&token).await, refused(fault), "{what}");
    }
    assert_eq!(scene.check(&good).await, Ok(()), "and the good one is good");
}

#[tokio::test]
async fn a_signed_payload_that_is_no_claims_is_refused() {
    let scene = Scene::new().await;
    for payload in [json!([]), json!("claims"), json!(7), Value::Null, json!({})] {
        let token = FIRST.sign(&payload);
        assert_eq!(
            scene.check(&token).await,
            refused(TokenFault::Malformed),
            "{payload}"
        );
    }
}

#[tokio::test]
async fn no_piece_of_a_good_token_is_taken() {
    let scene = Scene::new().await;
    let good = FIRST.sign(&claims());
    for end in 1..good.len() {
        assert!(
            scene.check(&good[..end]).await.is_err(),
            "{end} bytes of it"
        );
        assert!(
            scene.check(&good[end..]).await.is_err(),
            "without {end} bytes"
        );
    }
}

#[tokio::test]
async fn only_one_bearer_token_in_the_authorization_header_is_one() {
    let scene = Scene::new().await;
    let good = FIRST.sign(&claims());
    let refused = Err(PushRefusal::Refused);
    let cases = [
        (None, refused),
        (Some(String::new()), refused),
        (Some(good.clone()), refused),
        (Some("Bearer".into()), refused),
        (Some("Bearer ".into()), refused),
        (Some(format!("Basic {good}")), refused),
        (Some(format!("Bearer {good} {good}")), refused),
        (Some(format!("Bearer {good}, Bearer {good}")), refused),
        (Some(format!("bearer  {good} ")), Ok(())),
        (Some(format!("Bearer {good}")), Ok(())),
    ];
    for (authorization, expected) in cases {
        let credentials = PushCredentials {
            authorization: authorization.as_deref(),
            has_serverless_authorization: false,
        };
        let answer = scene.tokens.verify(credentials).await;
        assert_eq!(answer, expected, "{authorization:?}");
    }
}
