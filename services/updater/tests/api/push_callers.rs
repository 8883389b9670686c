//! Who may push. The mode `cloud-run-iam` stands for both that check tokens: what a token must say is the same.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use google::push_tokens::{GOOGLE_KEYS_URL, GooglePushTokens};
use serde_json::json;
use telemetry::LogSettings;
use testing::MockServer;
use web::{PushCallersMode, PushVerifier};

use crate::helpers::{NOW_MS, Updater, World, envelope, one_route, purchase};

const AUDIENCE: &str = "https://updater.example";
const ACCOUNT: &str = "push@shop.iam.gserviceaccount.com";

/// A world that knows its callers.
fn guarded(api: &MockServer) -> World {
    let mut world = World::new(&one_route("safe", ""), api);
    let callers = &mut world.settings.push_callers;
    callers.mode = PushCallersMode::CloudRunIam;
    callers.audience = vec![AUDIENCE.into()];
    callers.service_account = vec![ACCOUNT.into()];
    let http = reqwest::Client::builder().build().expect("a client");
    let tokens =
        GooglePushTokens::from_settings(callers, GOOGLE_KEYS_URL, http, world.clock.clone());
    world.push_verifier = tokens.map(|tokens| Arc::new(tokens) as Arc<dyn PushVerifier>);
    world
}

/// What Cloud Run hands on of a push's token.
fn authorization(audience: &str, account: &str) -> String {
    let now_s = NOW_MS / 1000;
    let claims = json!({
        "iss": "https://accounts.google.com", "aud": audience, "email": account, "email_verified": true,
        "iat": now_s, "exp": now_s + 3600,
    });
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(&json!({"alg": "RS256", "kid": "k", "typ": "JWT"}));
    format!(
        "Bearer {header}.{}.SIGNATURE_REMOVED_BY_GOOGLE",
        part(&claims)
    )
}

async fn push(updater: &Updater, path: &str, body: &[u8], authorization: Option<&str>) -> u16 {
    let client = reqwest::Client::builder().build().expect("a client");
    let mut request = client
        .post(updater.url(path))
        .header("content-type", "application/json")
        .header("host", "updater-abc-ew.a.run.app")
        .body(body.to_vec());
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn strangers_are_refused_at_every_address_and_nothing_is_done_for_them() {
    let api = MockServer::start().await;
    let world = guarded(&api);
    let updater = world.start();
    let good = authorization(AUDIENCE, ACCOUNT);
    let wrong = [
        None,
        Some("Bearer nonsense".to_owned()),
        Some(authorization("https://counter.example", ACCOUNT)),
        Some(authorization(
            AUDIENCE,
            "other@shop.iam.gserviceaccount.com",
        )),
    ];
    let body = envelope("1", purchase("T1").to_string().as_bytes(), &[]);
    let paths = [
        "/process-backend-update",
        "/process-backend-update/api",
        "/dead-letter",
    ];
    for path in paths {
        for authorization in &wrong {
            // A body that is no push shows that nobody has looked at it.
            for body in [&body[..], b"no push"] {
                let status = push(&updater, path, body, authorization.as_deref()).await;
                assert_eq!(status, 401, "{path} {authorization:?}");
            }
        }
    }
    for authorization in &wrong {
        let status = push(&updater, "/drain", b"", authorization.as_deref()).await;
        assert_eq!(status, 401, "{authorization:?}");
    }
    assert!(api.requests().is_empty());
    assert!(world.dead_letters().await.is_empty());
    assert_eq!(push(&updater, "/drain", b"", Some(&good)).await, 200);
    for path in paths {
        assert_eq!(
            push(&updater, path, &body, Some(&good)).await,
            204,
            "{path}"
        );
    }
    assert_eq!(api.requests().len(), 1);
    assert_eq!(world.reasons().await, ["undelivered"]);
    for path in ["/health/live", "/health/ready"] {
        let answer = reqwest::get(updater.url(path)).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path} asks nobody");
    }
}

#[tokio::test]
async fn only_an_updater_that_knows_its_callers_listens_where_others_reach_it() {
    let api = MockServer::start().await;
    let everywhere = || TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
    let refused = |world: &World, words: &[&str]| {
        let error = world.try_start_on(everywhere(), "test").err();
        let error = error.expect("a refusal").to_string();
        for word in words {
            assert!(error.contains(word), "{word:?} is not in {error}");
        }
    };
    refused(
        &World::new(&one_route("safe", ""), &api),
        &[
            "push_callers.mode is none",
            "0.0.0.0",
            "127.0.0.1",
            "verify",
            "cloud-run-iam",
            "trusted-network",
        ],
    );
    let mut unset = guarded(&api);
    unset.settings.push_callers.mode = PushCallersMode::Verify;
    unset.settings.push_callers.audience.clear();
    refused(&unset, &["verify", "push_callers.audience"]);
    let mut embedded = guarded(&api);
    embedded.push_verifier = None;
    refused(&embedded, &["cloud-run-iam", "talaria up"]);
    let world = guarded(&api);
    let started = world.try_start_on(everywhere(), "test");
    let updater = started.expect("it knows its callers");
    updater.application.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn on_a_network_that_is_named_trusted_pushes_need_no_token_and_come_under_any_name() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.push_callers.mode = PushCallersMode::TrustedNetwork;
    let lines = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&lines);
    let dispatch = telemetry::dispatch(&LogSettings::default(), move |line| {
        written.lock().expect("no panic holds it").push_str(line);
    })
    .expect("a filter");
    let everywhere = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
    let port = everywhere.local_addr().expect("an address").port();
    let updater = tracing::dispatcher::with_default(&dispatch, || {
        world.try_start_on(everywhere, "test").expect("it is named")
    });
    let said = lines.lock().expect("no panic holds it").clone();
    assert!(
        said.contains("WARN")
            && said.contains("the updater's push_callers.mode is trusted-network"),
        "{said}"
    );
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .post(format!(
            "http://127.0.0.1:{port}/process-backend-update/api"
        ))
        .header("content-type", "application/json")
        .header("host", "updater:8080")
        .body(envelope("1", purchase("T1").to_string().as_bytes(), &[]));
    assert_eq!(request.send().await.expect("an answer").status(), 204);
    assert_eq!(api.requests().len(), 1);
    updater.application.stop().await.expect("a clean stop");
}
