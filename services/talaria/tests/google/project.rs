//! A project of its own on the Pub/Sub emulator, looked at through the emulator's REST interface.

use reqwest::Method;
use serde_json::{Value, json};
use testing::{eventually, pubsub_emulator, unique_project};

/// Its push subscriptions are deleted at the end, also of a test that fails: the emulator pushes to a dead endpoint for ever.
pub struct Project {
    pub name: String,
    rest: Rest,
}

impl Project {
    pub fn new(client: &reqwest::Client) -> Self {
        let name = unique_project();
        let rest = Rest {
            project: name.clone(),
            client: client.clone(),
        };
        Self { name, rest }
    }

    /// What is refused comes again after a second, as the emulator has it without a retry policy. `talaria provision` makes
    /// that ten and more.
    pub async fn redeliver_quickly(&self) {
        for name in self.push_subscriptions().await {
            self.change(&name, "retryPolicy", Value::Null).await;
        }
    }

    /// Changes one field of a subscription by hand; null takes it away.
    pub async fn change(&self, subscription: &str, field: &str, value: Value) {
        let path = format!("subscriptions/{subscription}");
        let mut changed = self.rest.call(Method::GET, &path, None).await;
        changed[field] = value;
        let body = json!({"subscription": changed, "updateMask": field});
        self.rest.call(Method::PATCH, &path, Some(body)).await;
    }

    /// Makes for each push subscription another that is never read, through which the first one can be looked at.
    pub async fn watch(&self) {
        for subscription in self.rest.subscriptions().await {
            let path = format!("subscriptions/{}", look_of(&short_name(&subscription)));
            let body = json!({"topic": subscription["topic"]});
            self.rest.call(Method::PUT, &path, Some(body)).await;
        }
    }

    /// How many messages a watched subscription has not acknowledged: a snapshot keeps those.
    pub async fn waiting(&self, subscription: &str) -> usize {
        let look = look_of(subscription);
        let snapshot = format!("snapshots/{look}");
        let of = json!({"subscription": self.rest.full(&format!("subscriptions/{subscription}"))});
        self.rest.call(Method::PUT, &snapshot, Some(of)).await;
        let to = json!({"snapshot": self.rest.full(&snapshot)});
        let seek = format!("subscriptions/{look}:seek");
        self.rest.call(Method::POST, &seek, Some(to)).await;
        let most = json!({"maxMessages": 1000, "returnImmediately": true});
        let pull = format!("subscriptions/{look}:pull");
        let pulled = self.rest.call(Method::POST, &pull, Some(most)).await;
        self.rest.call(Method::DELETE, &snapshot, None).await;
        pulled["receivedMessages"].as_array().map_or(0, Vec::len)
    }

    /// Messages that wait for services whose push address begins so.
    pub async fn waiting_for(&self, url: &str) -> usize {
        let mut waiting = 0;
        for subscription in self.rest.subscriptions().await {
            let endpoint = subscription["pushConfig"]["pushEndpoint"].as_str();
            if endpoint.is_some_and(|endpoint| !endpoint.is_empty() && endpoint.starts_with(url)) {
                waiting += self.waiting(&short_name(&subscription)).await;
            }
        }
        waiting
    }

    /// Waits until every push is acknowledged. A busy machine gets all the time it needs as long as it gets on.
    pub async fn all_acknowledged(&self) {
        let mut waiting = usize::MAX;
        while waiting > 0 {
            waiting = eventually("fewer messages to wait", || async {
                Some(self.waiting_for("http").await).filter(|now| *now < waiting)
            })
            .await;
        }
    }

    pub async fn push_subscriptions(&self) -> Vec<String> {
        let all = self.rest.subscriptions().await;
        let pushed = all.iter().filter(|one| {
            let endpoint = one["pushConfig"]["pushEndpoint"].as_str();
            endpoint.is_some_and(|endpoint| !endpoint.is_empty())
        });
        pushed.map(short_name).collect()
    }
}

/// The emulator's REST interface, for one project.
struct Rest {
    project: String,
    client: reqwest::Client,
}

impl Rest {
    async fn subscriptions(&self) -> Vec<Value> {
        let listed = self.call(Method::GET, "subscriptions", None).await;
        let listed = listed["subscriptions"].as_array().cloned();
        listed.unwrap_or_default()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("http://{}/v1/{}", pubsub_emulator(), self.full(path));
        let mut request = self.client.request(method.clone(), &url);
        if let Some(body) = body {
            let request_with_type = request.header("content-type", "application/json");
            request = request_with_type.body(body.to_string());
        }
        let answer = request.send().await.expect("the emulator answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, 200, "{method} {url}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    fn full(&self, path: &str) -> String {
        format!("projects/{}/{path}", self.project)
    }

    async fn delete_subscriptions(&self) {
        for subscription in self.subscriptions().await {
            let path = format!("subscriptions/{}", short_name(&subscription));
            self.call(Method::DELETE, &path, None).await;
        }
    }
}

fn look_of(subscription: &str) -> String {
    format!("look-{subscription}")
}

fn short_name(subscription: &Value) -> String {
    let full = subscription["name"].as_str().expect("a name");
    full.rsplit('/').next().unwrap_or(full).to_owned()
}

/// A client for tests.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().build();
    client.expect("a client")
}

impl Drop for Project {
    fn drop(&mut self) {
        let rest = Rest {
            project: self.name.clone(),
            client: client(),
        };
        // The test's own runtime may be ending.
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(rest.delete_subscriptions());
        });
        let deleted = deleting.join();
        assert!(deleted.is_ok() || std::thread::panicking());
    }
}
