//! Google's tokens as the running program knows them: those that pushes bring, and those that its own calls carry.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus::{MessageId, PushEnvelope};
use events::{Clock, SystemClock};
use serde_json::{Value, json};
use testing::google_tokens::{FIRST, SECOND, TokenKey, key_set, token_claims};
use testing::{MockAnswer, MockServer, RunningProgram, firestore_emulator, unique_project};

use crate::{PROGRAM, routes_file};

const AUDIENCE: &str = "https://updater.example";
const ACCOUNT: &str = "push@shop-1.iam.gserviceaccount.com";

fn token(key: TokenKey, change: impl FnOnce(&mut Value)) -> String {
    let now_s = SystemClock.now().millis() / 1000;
    let mut claims = token_claims(ACCOUNT, AUDIENCE, now_s);
    change(&mut claims);
    key.sign(&claims)
}

/// The token as Cloud Run hands it on.
fn without_signature(token: &str) -> String {
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE")
}

/// An updater in a container without Firestore, that knows its callers by `mode`.
async fn start(mode: &str, keys: &MockServer) -> (RunningProgram, String) {
    let (routes, keys_url) = (routes_file(), keys.url("/certs"));
    let variables = [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("K_SERVICE", "updater"),
        ("PORT", "0"),
        ("TALARIA_GOOGLE_KEYS_URL", &keys_url),
        ("TALARIA_PUSH_CALLERS__MODE", mode),
        ("TALARIA_PUSH_CALLERS__AUDIENCE", AUDIENCE),
        ("TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT", ACCOUNT),
        ("TALARIA_ROUTES", &routes.path().display().to_string()),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let url = format!("http://127.0.0.1:{port}/process-backend-update/crm");
    (program, url)
}

/// The status of a push that brings `token` and is no push: 400 if it was let in.
async fn push(url: &str, token: &str) -> u16 {
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body("{}");
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn in_the_mode_verify_googles_signature_decides_and_the_keys_are_fetched_once() {
    let keys = MockServer::start().await;
    keys.answer(key_set(&[FIRST]));
    let (program, url) = start("verify", &keys).await;
    let good = token(FIRST, |_| {});
    let wrong = [
        token(SECOND, |_| {}),
        token(FIRST, |claims| {
            claims["aud"] = "https://counter.example".into()
        }),
        token(FIRST, |claims| {
            claims["email"] = "other@shop-1.iam.gserviceaccount.com".into()
        }),
        without_signature(&good),
        "nonsense".into(),
    ];
    for token in &wrong {
        assert_eq!(push(&url, token).await, 401, "{token}");
    }
    for _ in 0..2 {
        assert_eq!(push(&url, &good).await, 400, "let in, and no push");
    }
    assert_eq!(keys.requests().len(), 1);
    let log = program.log();
    for signature in wrong
        .iter()
        .chain([&good])
        .flat_map(|token| token.rsplit('.').next())
    {
        let is_told = signature.len() > 40 && log.contains(signature);
        assert!(!is_told, "{signature} is in {log}");
    }
}

#[tokio::test]
async fn in_the_mode_cloud_run_iam_the_claims_decide_and_no_keys_are_fetched() {
    let keys = MockServer::start().await;
    let (_program, url) = start("cloud-run-iam", &keys).await;
    let good = token(FIRST, |_| {});
    let other = token(FIRST, |claims| {
        claims["aud"] = "https://counter.example".into()
    });
    assert_eq!(push(&url, &without_signature(&good)).await, 400, "let in");
    assert_eq!(push(&url, &without_signature(&other)).await, 401);
    assert_eq!(push(&url, &good).await, 401, "nobody has checked it");
    assert!(keys.requests().is_empty());
}

const ROUTES: &str = "
destinations:
  own-service: { url: API, repeat: safe, timeout: 5s, auth: { google-identity-token: { audience: https://crm.example } } }
  google-api: { url: API, repeat: safe, timeout: 5s, auth: { google-access-token: { scopes: [https://www.googleapis.com/auth/pubsub] } } }
routes:
  - { name: own, when: 'true', to: own-service, path: '\"/own\"' }
  - { name: google, when: 'true', to: google-api, path: '\"/google\"' }
";

/// Gives tokens as the server does that Google Cloud's machines have.
fn be_metadata_server(server: &MockServer, identity: &str) {
    let identity = identity.to_owned();
    server.answer_with(move |request| {
        let account = "/computeMetadata/v1/instance/service-accounts/default/";
        let body = match request.target.strip_prefix(account) {
            Some("identity?audience=https%3A%2F%2Fcrm.example&format=full") => identity.clone(),
            Some("token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fpubsub") => {
                r#"{"access_token":"access-1","expires_in":3600,"token_type":"Bearer"}"#.to_owned()
            }
            _ => return MockAnswer::status(404),
        };
        MockAnswer::status(200).body(&body)
    });
}

async fn push_login(url: &str, id: &str) -> u16 {
    let event = json!({"eventType": "user_login", "eventId": id}).to_string();
    let envelope = PushEnvelope::new(
        "projects/test/subscriptions/backend-updates".into(),
        &MessageId(id.into()),
        SystemClock.now().to_rfc3339(),
        event.as_bytes(),
    );
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&envelope).expect("JSON"));
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn calls_carry_the_tokens_of_the_account_that_the_program_runs_as() {
    let (metadata, api) = (MockServer::start().await, MockServer::start().await);
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let far_off = 4_102_444_800_u64;
    let claims = json!({"aud": "https://crm.example", "exp": far_off});
    let identity = format!(
        "{}.{}.c2lnbmVk",
        part(json!({"alg": "RS256"})),
        part(claims)
    );
    be_metadata_server(&metadata, &identity);
    let routes = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(routes.path(), ROUTES.replace("API", &api.url(""))).expect("writing");
    let (project, host) = (format!("{}-tokens", unique_project()), metadata.address());
    let variables = [
        ("FIRESTORE_EMULATOR_HOST", firestore_emulator()),
        ("GCE_METADATA_HOST", host.to_string()),
        ("GOOGLE_CLOUD_PROJECT", project),
        ("TALARIA_LISTEN", "127.0.0.1:0".to_owned()),
        ("TALARIA_ROUTES", routes.path().display().to_string()),
        ("TALARIA_STORE__BACKEND", "firestore".to_owned()),
    ];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let url = format!("http://{}/process-backend-update", program.address().await);
    for id in ["a", "b"] {
        assert_eq!(push_login(&url, id).await, 204);
    }
    let mut sent: Vec<(String, String)> = api
        .requests()
        .iter()
        .map(|call| (call.target.clone(), call.header("authorization").to_owned()))
        .collect();
    sent.sort();
    let (own, google) = (format!("Bearer {identity}"), "Bearer access-1".to_owned());
    let call = |path: &str, header: &String| (path.to_owned(), header.clone());
    assert_eq!(
        sent,
        [
            call("/google", &google),
            call("/google", &google),
            call("/own", &own),
            call("/own", &own),
        ]
    );
    assert_eq!(metadata.requests().len(), 2, "each is fetched once");
    let log = program.log();
    assert!(
        !log.contains("access-1") && !log.contains("c2lnbmVk"),
        "{log}"
    );
}
