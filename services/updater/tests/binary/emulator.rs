//! The updater on Google's Firestore emulator, through a connection that can be cut.

use bus::{MessageId, PushEnvelope};
use events::{Clock, SystemClock};
use serde_json::json;
use tempfile::NamedTempFile;
use testing::{
    MockAnswer, MockServer, Proxy, RunningProgram, eventually, firestore_emulator, unique_project,
};

use crate::{PROGRAM, routes_file};

/// An updater behind a proxy, and the API that it calls.
struct World {
    updater: String,
    program: RunningProgram,
    project: String,
    routes: NamedTempFile,
    proxy: Proxy,
    api: MockServer,
    client: reqwest::Client,
}

impl World {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let api = MockServer::start().await;
        let proxy = Proxy::start(&firestore_emulator()).await;
        let project = format!("{}-updater", unique_project());
        let routes = routes_file();
        let mut program = run(&project, &routes, &proxy, &api, variables);
        Self {
            updater: format!("http://{}", program.address().await),
            program,
            project,
            routes,
            proxy,
            api,
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    /// Stops the program and starts another on the same database.
    async fn restart(&mut self) {
        let next = run(&self.project, &self.routes, &self.proxy, &self.api, &[]);
        let first = std::mem::replace(&mut self.program, next);
        let (ended, _) = first.terminate().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        self.updater = format!("http://{}", self.program.address().await);
    }

    /// Pushes a login as Pub/Sub does; the status.
    async fn push(&self, id: &str) -> u16 {
        let event = json!({"eventType": "user_login", "eventId": id});
        let envelope = PushEnvelope::new(
            "projects/test/subscriptions/backend-updates.crm".into(),
            &MessageId(format!("message-{id}")),
            SystemClock.now().to_rfc3339(),
            event.to_string().as_bytes(),
        );
        let request = self
            .client
            .post(format!("{}/process-backend-update/crm", self.updater))
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&envelope).expect("JSON"));
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn becomes_ready(&self, expected: u16) {
        let url = format!("{}/health/ready", self.updater);
        eventually(&format!("readiness {expected}"), || async {
            let answer = self.client.get(&url).send().await.expect("an answer");
            (answer.status().as_u16() == expected).then_some(())
        })
        .await;
    }

    fn calls(&self) -> usize {
        self.api.requests().len()
    }
}

fn run(
    project: &str,
    routes: &NamedTempFile,
    proxy: &Proxy,
    api: &MockServer,
    variables: &[(&str, &str)],
) -> RunningProgram {
    let (api, emulator) = (api.url(""), proxy.address());
    let routes = routes.path().display().to_string();
    let mut all = vec![
        ("API", api.as_str()),
        ("CRM_KEY", "from-the-environment"),
        ("FIRESTORE_EMULATOR_HOST", &emulator),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("TALARIA_PROJECT", project),
        ("TALARIA_ROUTES", &routes),
        ("TALARIA_STORE__BACKEND", "firestore"),
        ("TALARIA_STORE__REQUEST_TIMEOUT", "3s"),
    ];
    all.extend(variables);
    RunningProgram::start(PROGRAM, &[], &all)
}

#[tokio::test]
async fn an_effect_is_done_once_and_firestore_remembers_it_for_the_next_process() {
    let mut world = World::start(&[]).await;
    world.becomes_ready(200).await;
    assert_eq!(world.push("a").await, 204);
    assert_eq!(world.push("a").await, 204, "it comes again");
    world.restart().await;
    assert_eq!(world.push("a").await, 204, "it comes to another process");
    assert_eq!(world.calls(), 1);
    let call = &world.api.requests()[0];
    assert_eq!(call.header("x-api-key"), "from-the-environment");
}

#[tokio::test]
async fn secrets_come_from_secret_manager_where_that_is_set() {
    let manager = MockServer::start().await;
    manager.answer_with(|request| {
        let known = request.target.contains("/secrets/CRM_KEY/versions/latest");
        match known {
            true => MockAnswer::status(200)
                .header("content-type", "application/json")
                .body(r#"{"name": "x", "payload": {"data": "ZnJvbS1zZWNyZXQtbWFuYWdlcgo="}}"#),
            false => MockAnswer::status(404),
        }
    });
    let endpoint = manager.url("");
    let world = World::start(&[
        ("TALARIA_SECRETS__SOURCE", "secret-manager"),
        ("TALARIA_SECRET_MANAGER__ENDPOINT", &endpoint),
    ])
    .await;
    assert_eq!(world.push("a").await, 204);
    let call = &world.api.requests()[0];
    assert_eq!(call.header("x-api-key"), "from-secret-manager");
    let asked = manager.requests();
    assert!(
        asked[0].target.contains(&world.project),
        "{}",
        asked[0].target
    );
}

#[tokio::test]
async fn without_firestore_it_refuses_pushes_and_recovers_by_itself() {
    let world = World::start(&[]).await;
    assert_eq!(world.push("before").await, 204);
    world.proxy.cut();
    assert_eq!(world.push("during").await, 503);
    assert_eq!(
        world.calls(),
        1,
        "nothing is called that can't be written down"
    );
    world.becomes_ready(503).await;
    world.proxy.restore();
    world.becomes_ready(200).await;
    assert_eq!(world.push("during").await, 204);
    assert_eq!(world.push("before").await, 204);
    assert_eq!(world.calls(), 2);
}

#[tokio::test]
async fn a_call_under_way_is_finished_although_the_order_to_stop_is_repeated() {
    let world = World::start(&[]).await;
    let answer = MockAnswer::status(200).after(std::time::Duration::from_millis(700));
    world.api.answer(answer);
    let stopping = async {
        world.api.wait_for_requests(1).await;
        world.program.tell_to_stop();
        world.program.tell_to_stop();
    };
    let (status, ()) = tokio::join!(world.push("a"), stopping);
    assert_eq!(status, 204);
    let (ended, took) = world.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
}
