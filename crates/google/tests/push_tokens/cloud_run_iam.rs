//! Behind Cloud Run's IAM check the signature is gone, and the claims alone decide.

use std::sync::Arc;

use events::{FixedClock, Timestamp};
use google::push_tokens::{TokenError, TokenFault, TokenProof};
use serde_json::{Value, json};
use web::{PushCredentials, PushRefusal, PushVerifier};

use crate::scene::{
    FIRST, NOW_S, check, claims, claims_with, claims_without, push_tokens, unsigned,
};

const REMOVED: &str = "SIGNATURE_REMOVED_BY_GOOGLE";

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Timestamp::from_millis(NOW_S * 1000)))
}

fn token(claims: &Value) -> String {
    unsigned(
        &json!({"alg": "RS256", "kid": FIRST.id, "typ": "JWT"}),
        claims,
        REMOVED,
    )
}

#[tokio::test]
async fn the_claims_decide() {
    use TokenFault::{Audience, Email, Expired, Issuer, Malformed, NotYetValid, ServiceAccount};
    let tokens = push_tokens(TokenProof::CloudRunIam, &clock());
    assert_eq!(check(&tokens, &token(&claims())).await, Ok(()));
    let cases = [
        (claims_with("aud", json!("https://other.example")), Audience),
        (claims_with("iss", json!("https://example.com")), Issuer),
        (
            claims_with("email", json!("other@shop.iam.gserviceaccount.com")),
            ServiceAccount,
        ),
        (claims_with("email_verified", json!(false)), Email),
        (claims_with("email_verified", json!("true")), Malformed),
        (claims_without("email_verified"), Email),
        (claims_without("email"), Email),
        (claims_without("aud"), Malformed),
        (claims_without("exp"), Malformed),
        (claims_with("exp", json!(NOW_S - 30)), Expired),
        (claims_with("iat", json!(NOW_S + 31)), NotYetValid),
        (json!([]), Malformed),
    ];
    for (claims, fault) in cases {
        let answer = check(&tokens, &token(&claims)).await;
        assert_eq!(answer, Err(TokenError::Refused(fault)), "{claims}");
    }
}

#[tokio::test]
async fn a_token_that_ends_is_refused_however_often_it_was_taken() {
    let clock = clock();
    let tokens = push_tokens(TokenProof::CloudRunIam, &clock);
    let token = token(&claims());
    assert_eq!(check(&tokens, &token).await, Ok(()));
    clock.set(Timestamp::from_millis((NOW_S + 3540 + 30) * 1000));
    let ended = Err(TokenError::Refused(TokenFault::Expired));
    assert_eq!(check(&tokens, &token).await, ended);
}

#[tokio::test]
async fn a_token_that_the_platform_did_not_check_is_refused() {
    let tokens = push_tokens(TokenProof::CloudRunIam, &clock());
    let left = Err(TokenError::Refused(TokenFault::SignatureLeft));
    let signed = FIRST.sign(&claims());
    assert_eq!(
        check(&tokens, &signed).await,
        left,
        "authentication is not required"
    );
    let header = json!({"alg": "none"});
    for signature in ["", "signature_removed_by_google", "SIGNATURE_REMOVED"] {
        let token = unsigned(&header, &claims(), signature);
        assert_eq!(check(&tokens, &token).await, left, "{signature:?}");
    }
    // Whoever may call the service could write any claims beside the header that Cloud Run checks.
    let authorization = format!("Bearer {}", token(&claims()));
    for (has_serverless_authorization, expected) in
        [(false, Ok(())), (true, Err(PushRefusal::Refused))]
    {
        let credentials = PushCredentials {
            authorization: Some(&authorization),
            has_serverless_authorization,
        };
        assert_eq!(tokens.verify(credentials).await, expected);
    }
}
