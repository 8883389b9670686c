//! Three programs that tell a receiver, APIs that take, refuse and mistrust, and events full of what nobody may be told.

use serde_json::{Value, json};
use testing::{MockAnswer, MockServer, OtlpReceiver, eventually};

use crate::cloud::Cloud;
use crate::one_trace::traceparent;
use crate::program::{Program, Service};
use crate::support::BackOffice;

/// A part of every value of every event, of what the APIs answer, and of addresses that strangers ask for.
pub const SECRET: &str = "zq7";
/// The destinations that a purchase means nothing to.
pub const IDLE: [&str; 2] = ["erp", "shop"];

const JSON: &str = "application/json";

const ROUTES: &str = "\
destinations:
  crm:
    url: ${CRM_API_URL}
    repeat: safe
  erp:
    url: ${ERP_API_URL}
    repeat: safe
  shop:
    url: ${SHOP_API_URL}
    repeat: safe
routes:
  - name: purchases
    when: event.eventType == \"purchase\"
    to: crm
    path: '\"/of/\" + event.userId'
    query: { order: event.data.transactionId }
    body: '{ \"user\": event.userId, \"value\": event.data.value }'
  - name: leads
    when: event.eventType == \"generate_lead\"
    to: erp
    body: '{ \"form\": event.data.leadFormId }'
  - name: logins
    when: event.eventType == \"user_login\"
    to: shop
    body: '{ \"user\": event.userId }'
";

pub struct Scene {
    pub cloud: Cloud,
    pub receiver: OtlpReceiver,
    /// `/crm` takes everything, `/erp` refuses for good, `/shop` takes Talaria for a stranger.
    pub api: MockServer,
}

impl Scene {
    /// Topics and subscriptions, and programs to be started with `variables` more.
    pub async fn open(variables: &[(&str, &str)]) -> Self {
        let (receiver, api) = (OtlpReceiver::start().await, MockServer::start().await);
        api.answer_with(|request| {
            let status = match request.target.get(..4) {
                Some("/erp") => 422,
                Some("/sho") => 401,
                _ => 200,
            };
            MockAnswer::status(status)
                .header("x-answer", "zq7")
                .body("{\"id\":\"zq7-answer\"}")
        });
        let office = BackOffice::open().await;
        let mut cloud = Cloud::new(&office).with_quick_commits();
        for name in ["crm", "erp", "shop"] {
            let variable = format!("{}_API_URL", name.to_ascii_uppercase());
            cloud = cloud.set(Service::Updater, &variable, &api.url(&format!("/{name}")));
        }
        let is_grpc = variables.iter().any(|(_, value)| *value == "grpc");
        let endpoint = match is_grpc {
            true => receiver.grpc_endpoint(),
            false => receiver.http_endpoint(),
        };
        for service in Service::ALL {
            cloud = cloud.set(service, "OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
            for (name, value) in variables {
                cloud = cloud.set(service, name, value);
            }
        }
        let cloud = cloud.with_routes(ROUTES);
        cloud.provision().await;
        Self {
            cloud,
            receiver,
            api,
        }
    }

    /// All three, ready.
    pub async fn start_all(&self) -> [Program; 3] {
        let [publisher, updater, counter] = Service::ALL.map(|service| self.cloud.start(service));
        let programs = [publisher.await, updater.await, counter.await];
        for program in &programs {
            program.becomes_ready(200).await;
        }
        programs
    }

    /// Posts an event as a tag does that records its part of the trace; the status.
    pub async fn publish_in_trace(&self, event: &Value) -> u16 {
        let text = event.to_string();
        let request = self.request("/publish-event", JSON, &text);
        status(request.header("traceparent", traceparent())).await
    }

    /// Posts an event as a tag does that knows of no trace.
    pub async fn publish(&self, event: &Value) -> u16 {
        self.post("/publish-event", JSON, &event.to_string()).await
    }

    /// Posts anything to the publisher.
    pub async fn post(&self, path: &str, content_type: &str, body: &str) -> u16 {
        status(self.request(path, content_type, body)).await
    }

    /// With as much about the visitor as there is room for.
    fn request(&self, path: &str, content_type: &str, body: &str) -> reqwest::RequestBuilder {
        let url = self.cloud.url(Service::Publisher);
        self.cloud
            .client
            .post(format!("{url}{path}?who={SECRET}"))
            .header("content-type", content_type)
            .header("user-agent", "zq7-browser")
            .header("x-forwarded-for", "zq7")
            .body(body.to_owned())
    }

    /// Waits until the first event is counted.
    pub async fn is_counted(&self) {
        let page = self.cloud.page();
        eventually("the event to be counted", || async {
            let items = page.get("/api/items?window=all").await;
            (items["total"] == 1).then_some(())
        })
        .await;
    }
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    let answer = request.send().await.expect("an answer");
    answer.status().as_u16()
}

/// Counted, and called for at `crm`. Each value but words and ids holds [`SECRET`].
pub fn purchase() -> Value {
    json!({
        "eventType": "purchase", "eventId": "evt-1", "clientId": "zq7-client", "userId": "zq7-customer",
        "consent": {"analytics": "zq7"},
        "data": {
            "transactionId": "zq7-order", "value": 184.5, "currency": "EUR", "email": "zq7@zq7.example.com",
            "coupon": "zq7-coupon", "loyaltyTier": "zq7-tier", "zq7_name": "zq7", "nested": {"zq7": ["zq7"]},
            "items": [{
                "item_id": "zq7-lamp", "item_name": "zq7 lamp", "item_brand": "zq7", "item_category": "zq7", "price": 129.5,
                "quantity": 1,
            }],
        },
    })
}

/// Refused by `erp` for good.
pub fn lead() -> Value {
    json!({
        "eventType": "generate_lead", "eventId": "evt-2", "clientId": "zq7-client",
        "data": {"leadFormId": "zq7-form", "emailHashed": "zq7-hash"},
    })
}

/// Held, since `shop` takes Talaria for a stranger.
pub fn login() -> Value {
    json!({"eventType": "user_login", "eventId": "evt-3", "userId": "zq7-customer", "data": {"loginMethod": "zq7"}})
}
