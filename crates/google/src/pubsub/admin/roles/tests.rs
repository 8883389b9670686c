//! Roles found through a stand-in for Google's services.

use std::time::Duration;

use google_cloud_auth::credentials::anonymous;
use testing::{MockAnswer, MockServer};

use super::*;
use crate::pubsub::admin::{DeadLetter, PushToken, WantedSubscription};

const AGENT: &str = "serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com";
const OTHER_AGENT: &str = "serviceAccount:service-999@gcp-sa-pubsub.iam.gserviceaccount.com";

fn wanted() -> WantedTopology {
    WantedTopology {
        topics: vec!["updates".into(), "dead".into()],
        subscriptions: vec![WantedSubscription {
            name: "updates.crm".into(),
            topic: "updates".into(),
            endpoint: "https://updater.example/crm".into(),
            token: Some(PushToken {
                service_account: "push@shop.iam.gserviceaccount.com".into(),
                audience: "https://updater.example".into(),
            }),
            ack_deadline: Duration::from_secs(60),
            retry_min: Duration::from_secs(10),
            retry_max: Duration::from_secs(600),
            dead_letter: Some(DeadLetter {
                topic: "dead".into(),
                max_delivery_attempts: 100,
            }),
            retention: Duration::from_secs(7 * 24 * 60 * 60),
            filter: None,
        }],
    }
}

fn granted(role: &str, member: &str) -> MockAnswer {
    let policy =
        serde_json::json!({"bindings": [{"role": role, "members": ["user:a@b.example", member]}]});
    MockAnswer::status(200).body(&policy.to_string())
}

/// What Google says: a policy for each resource, by a part of its address.
async fn states(answers: Vec<(&'static str, MockAnswer)>) -> Vec<(String, RoleState)> {
    findings(answers)
        .await
        .into_iter()
        .map(|finding| (finding.resource, finding.state))
        .collect()
}

async fn findings(answers: Vec<(&'static str, MockAnswer)>) -> Vec<RoleFinding> {
    let server = MockServer::start().await;
    server.answer_with(move |request| {
        let named = answers
            .iter()
            .find(|(part, _)| request.target.contains(part));
        named.map_or_else(
            || MockAnswer::status(200).body("{}"),
            |(_, answer)| answer.clone(),
        )
    });
    let host = format!("http://{}", server.address());
    let hosts = RoleHosts {
        pubsub: host.clone(),
        iam: host.clone(),
        resource_manager: host,
    };
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let checker = RoleChecker::with(http, anonymous::Builder::new().build(), hosts, "shop");
    checker.check(&wanted()).await
}

const PROJECT: &str = "/v1/projects/shop:getIamPolicy";
const NUMBER: &str = "/v1/projects/shop";
const TOPIC: &str = "/topics/dead:getIamPolicy";
const SUBSCRIPTION: &str = "/subscriptions/updates.crm:getIamPolicy";
const ACCOUNT: &str = "/serviceAccounts/push@shop.iam.gserviceaccount.com:getIamPolicy";

fn number() -> MockAnswer {
    MockAnswer::status(200).body(r#"{"projectNumber":"123","projectId":"shop"}"#)
}

#[tokio::test]
async fn roles_that_are_granted_on_the_resources_are_found() {
    let states = states(vec![
        (TOPIC, granted(PUBLISHER, AGENT)),
        (SUBSCRIPTION, granted(SUBSCRIBER, AGENT)),
        (ACCOUNT, granted(TOKEN_CREATOR, AGENT)),
        (PROJECT, MockAnswer::status(403)),
        (NUMBER, number()),
    ])
    .await;
    let granted = |resource: &str| (resource.to_owned(), RoleState::Granted);
    let expected = [
        granted("subscription updates.crm"),
        granted("topic dead"),
        granted("service account push@shop.iam.gserviceaccount.com"),
    ];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn a_role_that_the_project_grants_holds_for_its_resources() {
    let states = states(vec![
        (PROJECT, granted("roles/pubsub.editor", AGENT)),
        (NUMBER, number()),
    ])
    .await;
    assert_eq!(states[0].1, RoleState::Granted);
    assert_eq!(states[1].1, RoleState::Granted);
    assert_eq!(
        states[2].1,
        RoleState::Missing,
        "an editor can't sign tokens"
    );
}

#[tokio::test]
async fn what_is_granted_to_another_project_s_agent_is_missing_and_the_command_names_ours() {
    let findings = findings(vec![
        (TOPIC, granted(PUBLISHER, OTHER_AGENT)),
        (NUMBER, number()),
    ])
    .await;
    // The project's policy is the answer about the project, which has no bindings.
    assert_eq!(findings[1].state, RoleState::Missing);
    assert_eq!(
        findings[1].remedy,
        format!(
            "gcloud pubsub topics add-iam-policy-binding dead --project=shop --member={AGENT} --role={PUBLISHER}"
        )
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_unchecked_and_never_said_to_be_missing() {
    let conditional = serde_json::json!({"bindings": [
        {"role": PUBLISHER, "members": [AGENT], "condition": {"expression": "request.time < now"}},
    ]});
    type Answers = Vec<(&'static str, MockAnswer)>;
    let cases: [(&str, Answers, usize, &str); 5] = [
        (
            "own",
            vec![(TOPIC, MockAnswer::status(403))],
            1,
            "may not be read",
        ),
        (
            "project",
            vec![(PROJECT, MockAnswer::status(403)), (NUMBER, number())],
            1,
            "not granted there",
        ),
        (
            "custom",
            vec![(TOPIC, granted("projects/shop/roles/forwarder", AGENT))],
            1,
            "custom role",
        ),
        (
            "condition",
            vec![(
                TOPIC,
                MockAnswer::status(200).body(&conditional.to_string()),
            )],
            1,
            "condition",
        ),
        (
            "broken",
            vec![(ACCOUNT, MockAnswer::status(500))],
            2,
            "answers 500",
        ),
    ];
    for (name, answers, which, expected) in cases {
        match &states(answers).await[which].1 {
            RoleState::NotChecked(reason) => assert!(reason.contains(expected), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_has_no_role() {
    let states = states(vec![(ACCOUNT, MockAnswer::status(404)), (NUMBER, number())]).await;
    assert_eq!(states[2].1, RoleState::Missing);
}

#[tokio::test]
async fn where_the_project_s_number_is_unknown_any_agent_of_pubsub_is_taken_for_its_own() {
    let states = states(vec![
        (TOPIC, granted(PUBLISHER, AGENT)),
        (NUMBER, MockAnswer::status(403)),
    ])
    .await;
    assert_eq!(states[1].1, RoleState::Granted);
}
