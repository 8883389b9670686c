//! Google's tokens of pushes, as the running program checks them.

use events::{Clock, SystemClock};
use testing::google_tokens::{FIRST, SECOND, key_set, token_claims};
use testing::{MockServer, RunningProgram};

use crate::PROGRAM;

const AUDIENCE: &str = "https://counter.example/tally";
const ACCOUNT: &str = "push@shop-1.iam.gserviceaccount.com";

#[tokio::test]
async fn in_the_mode_verify_googles_signature_decides() {
    let keys = MockServer::start().await;
    keys.answer(key_set(&[FIRST]));
    let keys_url = keys.url("/certs");
    let variables = [
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PORT", "0"),
        ("TALARIA_GOOGLE_KEYS_URL", keys_url.as_str()),
        ("TALARIA_PUSH_CALLERS__MODE", "verify"),
        ("TALARIA_PUSH_CALLERS__AUDIENCE", AUDIENCE),
        ("TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT", ACCOUNT),
        ("TALARIA_ROLE", "tally"),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let claims = token_claims(ACCOUNT, AUDIENCE, SystemClock.now().millis() / 1000);
    let (good, forged) = (FIRST.sign(&claims), SECOND.sign_as(&claims, Some(FIRST.id)));
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    let stripped = format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE");
    let client = reqwest::Client::builder().build().expect("a client");
    for (token, status) in [(&good, 400), (&forged, 401), (&stripped, 401)] {
        let push = client
            .post(format!("http://127.0.0.1:{port}/tally"))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body("{}");
        let answer = push.send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            status,
            "400: it was let in, and is no push"
        );
    }
    assert_eq!(keys.requests().len(), 1);
}
