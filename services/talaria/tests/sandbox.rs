//! The sandbox back office over HTTP.

use std::net::TcpListener;
use std::sync::Arc;

use events::{FixedClock, Timestamp};
use serde_json::{Value, json};
use talaria::sandbox::{MAX_BODY_BYTES, RunningSandbox, Sandbox};
use web::UncheckedCallers;

struct Probe {
    sandbox: RunningSandbox,
    client: reqwest::Client,
}

impl Probe {
    #[expect(clippy::disallowed_methods, reason = "a test makes its own client")]
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(1_764_060_000_000)));
        let sandbox = Sandbox::start(listener, clock, UncheckedCallers::None).expect("it starts");
        Self {
            sandbox,
            client: reqwest::Client::new(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sandbox.address())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self
            .client
            .get(self.url(path))
            .send()
            .await
            .expect("an answer");
        (
            response.status().as_u16(),
            response.text().await.expect("text"),
        )
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).await.1).expect("JSON")
    }

    /// Status, Retry-After and body of a POST.
    async fn post(&self, path: &str, key: Option<&str>, body: &str) -> (u16, String, Value) {
        let mut request = self
            .client
            .post(self.url(path))
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after");
        let wait = wait
            .map(|value| value.to_str().expect("text").to_owned())
            .unwrap_or_default();
        let body = response.text().await.expect("text");
        (
            status,
            wait,
            serde_json::from_str(&body).unwrap_or_default(),
        )
    }

    async fn behave(&self, order: Value) -> (u16, Value) {
        let (status, _, body) = self.post("/behaviour", None, &order.to_string()).await;
        (status, body)
    }
}

#[actix_web::test]
async fn what_was_sent_is_shown_newest_last_without_credentials() {
    let probe = Probe::start();
    let request = probe
        .client
        .patch(probe.url("/erp/stock/SETS%2FDINNER-4?a=1&b=%20"));
    let request = request
        .header("authorization", "Bearer very-secret")
        .body("not JSON");
    assert_eq!(request.send().await.expect("an answer").status(), 200);
    probe
        .post("/crm", Some("key-1"), r#"{"userId":"u-1"}"#)
        .await;
    let (_, shown) = probe.get("/requests").await;
    assert!(!shown.contains("very-secret"));
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        shown["requests"][0],
        json!({
            "at": "2025-11-25T08:40:00.000Z", "api": "erp", "method": "PATCH", "path": "/stock/SETS%2FDINNER-4",
            "query": "a=1&b=%20", "idempotencyKey": null, "contentType": null, "authorization": "present",
            "body": "not JSON", "status": 200, "repeated": false,
        })
    );
    let crm = &shown["requests"][1];
    assert_eq!(crm["body"], json!({"userId": "u-1"}));
    assert_eq!(
        (&crm["path"], &crm["authorization"]),
        (&json!("/"), &json!("absent"))
    );
    assert_eq!(crm["idempotencyKey"], "key-1");
}

#[actix_web::test]
async fn a_key_is_done_once_and_answered_the_same_again() {
    let probe = Probe::start();
    let first = probe.post("/loyalty/points", Some("k"), "{}").await;
    let again = probe.post("/loyalty/points", Some("k"), "{}").await;
    let other = probe.post("/loyalty/points", Some("l"), "{}").await;
    assert_eq!(first, again);
    assert_ne!(first, other);
    probe.post("/crm", Some("k"), "{}").await;
    let shown = probe.json("/requests").await;
    let expected = json!({"requests": 3, "applied": 2, "repeated": 1, "failed": 0});
    assert_eq!(shown["counts"]["loyalty"], expected);
    assert_eq!(shown["counts"]["crm"]["applied"], 1);
    assert_eq!(shown["requests"][1]["repeated"], true);
}

#[actix_web::test]
async fn a_listing_is_of_one_api_and_so_long_and_clearing_keeps_keys() {
    let probe = Probe::start();
    for key in ["a", "b", "c"] {
        probe.post("/mail/send", Some(key), "{}").await;
        probe.post("/cdp", Some(key), "{}").await;
    }
    let shown = probe.json("/requests?api=mail&limit=2").await;
    let keys: Vec<&Value> = shown["requests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| &r["idempotencyKey"])
        .collect();
    assert_eq!(keys, ["b", "c"]);
    assert_eq!(probe.get("/requests?api=pos").await.0, 422);
    assert_eq!(probe.get("/requests?limit=many").await.0, 422);
    let cleared = probe
        .client
        .delete(probe.url("/requests"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(cleared.status(), 204);
    assert_eq!(probe.json("/requests").await["requests"], json!([]));
    probe.post("/mail/send", Some("a"), "{}").await;
    assert_eq!(
        probe.json("/requests").await["counts"]["mail"]["repeated"],
        1
    );
}

#[actix_web::test]
async fn an_api_fails_as_often_as_it_is_told_and_has_done_nothing() {
    let probe = Probe::start();
    let order = json!({"api": "crm", "answer": 503, "retryAfter": 5, "times": 2});
    let (status, now) = probe.behave(order).await;
    assert_eq!((status, &now["crm"]["times"]), (200, &json!(2)));
    for _ in 0..2 {
        let (status, wait, _) = probe.post("/crm", Some("k"), "{}").await;
        assert_eq!((status, wait.as_str()), (503, "5"));
        assert_eq!(probe.post("/erp", Some("k"), "{}").await.0, 200);
    }
    assert_eq!(probe.post("/crm", Some("k"), "{}").await.0, 200);
    let counts = probe.json("/requests").await["counts"]["crm"].clone();
    assert_eq!(
        counts,
        json!({"requests": 3, "applied": 1, "repeated": 0, "failed": 2})
    );
    assert_eq!(
        probe.json("/behaviour").await["crm"],
        json!({"answer": "ok"})
    );
}

#[actix_web::test]
async fn a_stalled_api_has_done_its_work_when_the_caller_gives_up() {
    let probe = Probe::start();
    probe
        .behave(json!({"api": "erp", "stall": "10m", "times": 1}))
        .await;
    let waiting = probe
        .client
        .post(probe.url("/erp/stock"))
        .header("idempotency-key", "k");
    let waiting = waiting
        .timeout(std::time::Duration::from_millis(300))
        .send()
        .await;
    assert!(waiting.expect_err("no answer").is_timeout());
    assert_eq!(probe.post("/erp/stock", Some("k"), "").await.0, 200);
    let counts = probe.json("/requests").await["counts"]["erp"].clone();
    assert_eq!(
        (&counts["applied"], &counts["repeated"]),
        (&json!(1), &json!(1))
    );
}

#[actix_web::test]
async fn an_order_that_is_none_says_what_would_be_right() {
    let probe = Probe::start();
    let (status, problem) = probe.behave(json!({"api": "pos", "answer": 7})).await;
    let detail = problem["detail"].as_str().expect("a detail");
    assert_eq!(status, 422);
    assert!(
        detail.contains("one of crm") && detail.contains("200 to 599"),
        "{detail}"
    );
    let form = probe
        .client
        .post(probe.url("/behaviour"))
        .body("{}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        form.status(),
        415,
        "a form of another site can't give orders"
    );
}

#[actix_web::test]
async fn what_is_too_large_or_elsewhere_is_refused() {
    let probe = Probe::start();
    let large = " ".repeat(MAX_BODY_BYTES + 1);
    assert_eq!(probe.post("/crm", None, &large).await.0, 413);
    let long_key = "k".repeat(256);
    assert_eq!(probe.post("/crm", Some(&long_key), "{}").await.0, 400);
    let (status, answer) = probe.get("/crmx").await;
    assert!(
        status == 404 && answer.contains("/crm, /loyalty"),
        "{answer}"
    );
    assert_eq!(probe.get("/health/live").await.0, 200);
    assert_eq!(probe.json("/requests").await["requests"], json!([]));
}

#[actix_web::test]
async fn the_page_shows_requests_and_runs_nothing_that_was_sent() {
    let probe = Probe::start();
    probe
        .post(
            "/crm",
            Some("<b>key</b>"),
            r#"{"name":"<script>alert(1)</script>"}"#,
        )
        .await;
    let (status, page) = probe.get("/").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("&lt;script&gt;alert(1)") && page.contains("&lt;b&gt;key"),
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("http://cdn"),
        "{page}"
    );
    assert!(
        page.contains("<td>/crm</td><td class=number>1</td><td class=number>1</td>"),
        "{page}"
    );
}

#[actix_web::test]
async fn it_listens_where_nobody_else_can_reach_it_and_stops() {
    let open = TcpListener::bind("0.0.0.0:0").expect("a port");
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(0)));
    let error = Sandbox::start(open, clock, UncheckedCallers::None)
        .err()
        .expect("refused")
        .to_string();
    for way in ["sandbox.listen", "--no-sandbox", "trusted-network"] {
        assert!(error.contains(way), "{way:?} is not in {error}");
    }
    let probe = Probe::start();
    let url = probe.url("/");
    probe.sandbox.stop().await.expect("it stops");
    assert!(probe.client.get(url).send().await.is_err());
}
