//! From the tag to the API: the sandboxed JavaScript of the tag's template, run by Node.js with a real network, at a real
//! publisher; its events over the emulator to the updater; and the requests that a company's APIs get of them.

mod container;
mod requests;
mod ways;

use events::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};
use testing::{MockServer, pubsub_emulator};

use crate::cloud::Cloud;
use crate::program::{Program, Service};
use crate::support::BackOffice;
use container::{Container, Fired};
use requests::{requests_of_visit, shown};
use ways::{Way, be_google};

/// The tag's own trace.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// What the container has of a visitor who buys, leaves his address, and logs in.
fn visit(began: Timestamp) -> [Value; 3] {
    [
        json!({
            "event_name": "purchase", "event_timestamp_ms": began.millis(), "client_id": "1203948571.1763981200",
            "user_id": "cust-48120", "transaction_id": "ORD-70311", "value": 184.5, "currency": "EUR",
            "user_data": {"user_loyalty_tier": "gold", "customer_segment": "returning"},
            "items": [
                {"item_id": "TEA-煎茶", "item_name": "煎茶 200g", "price": 129.5, "quantity": 1},
                {"item_id": "BULB-E14", "price": "5.50", "quantity": 10},
            ],
        }),
        json!({
            "event_name": "generate_lead", "event_id": "lead-1", "event_timestamp_ms": began.millis(),
            "source": "newsletter", "medium": "email", "form_id": "form-7", "user_data": {"sha256_email_address": hashed_address()},
        }),
        json!({
            "event_name": "user_login", "event_id": "login-1", "event_timestamp_ms": began.millis(),
            "user_id": "cust-48120", "method": "passkey", "is_first_login": "false",
            "last_login_timestamp": "2025-11-20T10:00:00Z",
        }),
    ]
}

/// A visitor's address as the site hashed it.
fn hashed_address() -> String {
    "9f".repeat(32)
}

/// A company's APIs, and the services that call them.
struct Scene {
    cloud: Cloud,
    api: MockServer,
    _running: Vec<Program>,
}

impl Scene {
    /// The services with a publisher that is set so.
    async fn open(of_publisher: &[(&str, String)]) -> Self {
        let api = MockServer::start().await;
        let office = BackOffice::open().await;
        let mut cloud = Cloud::new(&office).with_quick_commits();
        for name in ["crm", "loyalty", "erp", "mail", "cdp", "shop"] {
            let variable = format!("{}_API_URL", name.to_ascii_uppercase());
            cloud = cloud.set(Service::Updater, &variable, &api.url(&format!("/{name}")));
        }
        for (name, value) in of_publisher {
            cloud = cloud.set(Service::Publisher, name, value);
        }
        cloud.provision().await;
        let mut running = Vec::new();
        for service in Service::ALL {
            running.push(cloud.start(service).await);
        }
        for program in &running {
            program.becomes_ready(200).await;
        }
        Self {
            cloud,
            api,
            _running: running,
        }
    }

    /// What the APIs were sent, once everything has been, in alphabetic order.
    async fn requests(&self) -> Vec<String> {
        self.cloud.project.all_acknowledged().await;
        let mut requests: Vec<String> = self.api.requests().iter().map(shown).collect();
        requests.sort();
        requests
    }
}

fn began() -> Timestamp {
    SystemClock.now().minus(std::time::Duration::from_secs(60))
}

fn succeeded(fired: &[Fired]) {
    for fired in fired {
        let Fired { ended, logged, .. } = fired;
        assert_eq!(*ended, json!({"success": 1, "failure": 0}), "{logged:?}");
    }
}

/// The visit over a publisher that asks for this way of proof, twice; and a purchase of somebody who has no proof.
async fn is_called_for_once_and_strangers_never(way: Way) {
    let scene = Scene::open(&way.of_publisher).await;
    let (began, publisher) = (began(), scene.cloud.url(Service::Publisher));
    let container = Container::new(&way, &publisher);
    let visit = visit(began);
    succeeded(&container.fire(&way.fields, &visit).await);
    let expected = requests_of_visit(began);
    assert_eq!(scene.requests().await, expected);
    succeeded(&container.fire(&way.fields, &visit).await);
    assert_eq!(scene.requests().await, expected, "sent twice");
    let mut other = visit[0].clone();
    other["transaction_id"] = "ORD-70312".into();
    for wrong in &way.wrong {
        let [fired] = &container.fire(wrong, std::slice::from_ref(&other)).await[..] else {
            panic!("one was fired");
        };
        assert_eq!(fired.ended, json!({"success": 0, "failure": 1}), "{wrong}");
        let logged = &fired.logged[0]["detail"];
        assert_eq!(logged, "the publisher answered 401", "{wrong}");
    }
    assert_eq!(scene.requests().await, expected, "of a stranger");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_tag_sends_with_a_shared_secret_arrives_at_the_apis_once() {
    is_called_for_once_and_strangers_never(Way::shared_secret()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_tag_signs_arrives_at_the_apis_once() {
    is_called_for_once_and_strangers_never(Way::signature()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_tag_sends_with_googles_identity_token_arrives_at_the_apis_once() {
    let google = MockServer::start().await;
    be_google(&google);
    is_called_for_once_and_strangers_never(Way::identity_token(&google)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_tag_sends_straight_to_pubsub_arrives_at_the_apis_once() {
    let scene = Scene::open(&[]).await;
    let (began, way) = (began(), Way::straight(&scene.cloud.project.name));
    let container = Container::new(&way, &format!("http://{}", pubsub_emulator()));
    for _ in 0..2 {
        succeeded(&container.fire(&way.fields, &visit(began)).await);
        assert_eq!(scene.requests().await, requests_of_visit(began));
    }
}
