//! Who may push. The mode `cloud-run-iam` stands for both that check tokens: what a token must say is the same.

use std::net::TcpListener;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use counter::Role;
use google::push_tokens::{GOOGLE_KEYS_URL, GooglePushTokens};
use serde_json::json;
use web::{PushCallersMode, PushVerifier};

use crate::helpers::{Counter, NOW_MS, World, envelope, event};

const AUDIENCE: &str = "https://counter.example/tally";
const ACCOUNT: &str = "push@shop.iam.gserviceaccount.com";

/// A world that knows its callers.
fn guarded(role: Role) -> World {
    let mut world = World::new();
    world.settings.role = role;
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
fn authorization(audience: &str) -> String {
    let now_s = NOW_MS / 1000;
    let claims = json!({
        "iss": "https://accounts.google.com", "aud": audience, "email": ACCOUNT, "email_verified": true,
        "iat": now_s, "exp": now_s + 3600,
    });
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(&json!({"alg": "RS256", "kid": "k", "typ": "JWT"}));
    format!(
        "Bearer {header}.{}.SIGNATURE_REMOVED_BY_GOOGLE",
        part(&claims)
    )
}

async fn push(counter: &Counter, host: Option<&str>, authorization: Option<&str>) -> u16 {
    let view = event("view_item", "1", json!({"items": [{"item_id": "A"}]}));
    let mut request = counter
        .client
        .post(counter.url("/tally"))
        .header("content-type", "application/json")
        .body(envelope("1", view.to_string().as_bytes()));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    if let Some(host) = host {
        request = request.header("host", host);
    }
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn strangers_are_refused_and_nothing_is_counted_for_them() {
    let world = guarded(Role::Both);
    let counter = world.start();
    let good = authorization(AUDIENCE);
    let other = authorization("https://updater.example");
    for wrong in [None, Some("Bearer nonsense"), Some(other.as_str())] {
        assert_eq!(push(&counter, None, wrong).await, 401, "{wrong:?}");
    }
    let views = async || counter.get_json("/api/summary?window=all").await["now"]["views"].clone();
    assert_eq!(views().await, 0, "and the page needs no token");
    assert_eq!(push(&counter, None, Some(&good)).await, 204);
    assert_eq!(views().await, 1);
    assert!(world.letters().await.is_empty());
    assert_eq!(counter.get("/health/ready").await.0, 200);
}

#[tokio::test]
async fn behind_a_platform_pushes_come_under_any_name_but_the_page_answers_under_loopbacks_alone() {
    let (name, good) = (Some("counter-abc-ew.a.run.app"), authorization(AUDIENCE));
    let tally = guarded(Role::Tally).start();
    assert_eq!(push(&tally, name, Some(&good)).await, 204);
    let both = guarded(Role::Both).start();
    assert_eq!(push(&both, name, Some(&good)).await, 421);
}

#[tokio::test]
async fn only_a_counter_that_knows_its_callers_listens_where_others_reach_it() {
    let everywhere = || TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
    let refused = |world: &World, words: &[&str]| {
        let error = world.try_start_on(everywhere()).err();
        let error = error.expect("a refusal").to_string();
        for word in words {
            assert!(error.contains(word), "{word:?} is not in {error}");
        }
    };
    let mut unset = guarded(Role::Tally);
    unset.settings.push_callers.service_account.clear();
    refused(&unset, &["cloud-run-iam", "push_callers.service_account"]);
    let mut embedded = guarded(Role::Tally);
    embedded.push_verifier = None;
    refused(&embedded, &["talaria up"]);
    // Nothing is known of the page's readers, whoever may push.
    let ways = [
        "counter.page_readers is none",
        "127.0.0.1",
        "trusted-network",
    ];
    refused(&guarded(Role::Both), &ways);
    let started = guarded(Role::Tally).try_start_on(everywhere());
    let counter = started.expect("it knows its callers");
    counter.application.stop().await.expect("a clean stop");
    let mut page = World::new();
    page.settings.role = Role::Page;
    page.settings.push_callers.mode = PushCallersMode::Verify;
    page.try_start().expect("nobody pushes to a page");
}
