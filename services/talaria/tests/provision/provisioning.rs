//! Making topics and subscriptions.

use serde_json::{Value, json};
use testing::Proxy;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::project::{ALL, Project, ROUTES, printed, stderr};

#[tokio::test]
async fn everything_is_made_and_the_second_time_there_is_nothing_to_do() {
    let project = Project::new();
    let first = printed(&project.provision(&[]).await, 0);
    assert!(
        first.contains("topic backend-updates-dead-letter: created\n"),
        "{first}"
    );
    assert!(
        first.contains("subscription backend-updates.crm: created\n"),
        "{first}"
    );
    assert!(
        first.contains(&project.name) && first.ends_with(": 6 created\n"),
        "{first}"
    );
    assert_eq!(project.subscriptions().await, ALL);
    let second = printed(&project.provision(&[]).await, 0);
    assert!(
        second.ends_with(": 6 as wanted, nothing to do\n"),
        "{second}"
    );
    project.end().await;
}

#[tokio::test]
async fn subscriptions_are_as_the_routes_file_and_the_options_say() {
    let project = Project::new();
    let options = [
        "--updater-url",
        "http://updater:8080",
        "--counter-url",
        "http://counter:8080/",
        "--push-service-account",
        "push@shop.iam.gserviceaccount.com",
    ];
    printed(&project.provision(&options).await, 0);
    let crm = project.subscription("backend-updates.crm").await;
    let token = |audience: &str| json!({"serviceAccountEmail": "push@shop.iam.gserviceaccount.com", "audience": audience});
    let expected = json!({
        "name": format!("projects/{}/subscriptions/backend-updates.crm", project.name),
        "topic": format!("projects/{}/topics/backend-updates", project.name),
        "pushConfig": {
            "pushEndpoint": "http://updater:8080/process-backend-update/crm",
            "oidcToken": token("http://updater:8080"),
        },
        "ackDeadlineSeconds": 110,
        "messageRetentionDuration": "604800s",
        "expirationPolicy": {},
        "deadLetterPolicy": {
            "deadLetterTopic": format!("projects/{}/topics/backend-updates-dead-letter", project.name),
            "maxDeliveryAttempts": 100,
        },
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
    });
    assert_eq!(crm, expected);
    let counter = project.subscription("backend-updates.counter").await;
    assert_eq!(counter["ackDeadlineSeconds"], 60);
    let push = json!({"pushEndpoint": "http://counter:8080/tally", "oidcToken": token("http://counter:8080")});
    assert_eq!(counter["pushConfig"], push);
    let keeper = project
        .subscription("backend-updates-dead-letter.updater")
        .await;
    assert_eq!(
        keeper["pushConfig"]["pushEndpoint"],
        "http://updater:8080/dead-letter"
    );
    assert_eq!(keeper["deadLetterPolicy"], Value::Null);
    project.end().await;
}

#[tokio::test]
async fn a_project_that_is_named_is_provisioned_instead_of_the_environment_s() {
    let (named, other) = (Project::new(), Project::new());
    let told = printed(&other.provision(&["--project", &named.name]).await, 0);
    assert!(
        told.contains(&format!("project {} on", named.name)),
        "{told}"
    );
    assert_eq!(named.subscriptions().await, ALL);
    assert!(other.subscriptions().await.is_empty());
    named.end().await;
}

#[tokio::test]
async fn an_emulator_that_is_no_host_and_port_is_refused_without_waiting() {
    let mut project = Project::new();
    project.emulator = format!("http://{}", project.emulator);
    for refused in [project.provision(&[]).await, project.check(&[]).await] {
        printed(&refused, 1);
        let told = stderr(&refused);
        assert!(told.contains("write host and port alone"), "{told}");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let project = Project::new();
    let told = printed(&project.provision(&["--dry-run"]).await, 1);
    assert!(told.ends_with(": 6 would be created\n"), "{told}");
    assert!(project.subscriptions().await.is_empty());
    printed(&project.provision(&[]).await, 0);
    project
        .change("backend-updates.crm", "ackDeadlineSeconds", json!(10))
        .await;
    let told = printed(&project.provision(&["--dry-run"]).await, 1);
    assert!(
        told.contains("ack deadline: is 10 s, would be 110 s"),
        "{told}"
    );
    assert_eq!(
        project.subscription("backend-updates.crm").await["ackDeadlineSeconds"],
        10
    );
    printed(&project.provision(&[]).await, 0);
    printed(&project.provision(&["--dry-run"]).await, 0);
    project.end().await;
}

#[tokio::test]
async fn what_differs_is_changed_and_told() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    project
        .change("backend-updates.crm", "ackDeadlineSeconds", json!(10))
        .await;
    let output = project.provision(&["--json"]).await;
    let told: Value = serde_json::from_str(&printed(&output, 0)).expect("JSON");
    assert_eq!(told["asWanted"], true);
    let resources = told["resources"].as_array().expect("resources");
    let crm = resources
        .iter()
        .find(|one| one["resource"] == "subscription backend-updates.crm");
    let crm = crm.expect("the subscription");
    assert_eq!(crm["outcome"], "changed");
    assert_eq!(crm["differences"][0]["field"], "ack deadline");
    assert_eq!(crm["differences"][0]["found"], "10 s");
    assert_eq!(
        project.subscription("backend-updates.crm").await["ackDeadlineSeconds"],
        110
    );
    project.end().await;
}

#[tokio::test]
async fn what_can_t_be_changed_is_named_with_the_command_that_helps() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    project.delete("backend-updates.crm").await;
    project
        .make(
            "backend-updates.crm",
            json!({"enableMessageOrdering": true, "expirationPolicy": {}}),
        )
        .await;
    let told = printed(&project.provision(&[]).await, 1);
    assert!(
        told.contains(
            "subscription backend-updates.crm: not as wanted\n  ordering: is on, not off"
        ),
        "{told}"
    );
    assert!(
        told.contains("curl -X DELETE") && !told.contains("ack deadline"),
        "{told}"
    );
    project.delete("backend-updates.crm").await;
    printed(&project.provision(&[]).await, 0);
    project.end().await;
}

#[tokio::test]
async fn another_filter_makes_another_subscription_and_names_the_old_one() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    let filtered = ROUTES.replace(
        "repeat: unsafe",
        "repeat: unsafe, filter: 'attributes.eventType = \"purchase\"'",
    );
    project.write_routes(&filtered);
    let told = printed(&project.provision(&[]).await, 0);
    assert!(
        told.contains("subscription backend-updates.mail~b6f238d6: created"),
        "{told}"
    );
    assert!(
        told.contains("subscription backend-updates.mail: there, but nothing"),
        "{told}"
    );
    assert!(
        project
            .subscriptions()
            .await
            .contains(&"backend-updates.mail".to_owned())
    );
    let mail = project.subscription("backend-updates.mail~b6f238d6").await;
    assert_eq!(mail["filter"], "attributes.eventType = \"purchase\"");
    project.end().await;
}

/// Where the emulator answers from the `n`th connection on.
async fn emulator_from_connection(n: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        for connection in 1.. {
            let (mut here, _) = listener.accept().await.expect("a connection");
            if connection < n {
                continue;
            }
            tokio::spawn(async move {
                let there = TcpStream::connect(testing::pubsub_emulator()).await;
                copy_bidirectional(&mut here, &mut there.expect("the emulator")).await
            });
        }
    });
    address.to_string()
}

#[tokio::test]
async fn an_emulator_that_starts_later_is_waited_for() {
    let mut project = Project::new();
    // More than one comparison needs with all its repetitions.
    project.emulator = emulator_from_connection(30).await;
    printed(&project.provision(&[]).await, 0);
    assert_eq!(project.subscriptions().await, ALL);
    project.end().await;
}

#[tokio::test]
async fn an_emulator_that_never_starts_is_given_up() {
    let proxy = Proxy::start(&testing::pubsub_emulator()).await;
    proxy.cut();
    let mut project = Project::new();
    project.emulator = proxy.address();
    let refused = project.provision(&["--wait", "300ms"]).await;
    printed(&refused, 1);
    assert!(
        stderr(&refused).contains("does not answer"),
        "{}",
        stderr(&refused)
    );
}

#[tokio::test]
async fn a_real_project_is_refused_and_terraform_named() {
    let mut project = Project::new();
    project.emulator = String::new();
    let refused = project.provision(&[]).await;
    printed(&refused, 1);
    let told = stderr(&refused);
    assert!(
        told.contains("PUBSUB_EMULATOR_HOST") && told.contains("Terraform"),
        "{told}"
    );
}

#[tokio::test]
async fn a_routes_file_with_mistakes_makes_nothing() {
    let project = Project::new();
    project.write_routes(&ROUTES.replace("repeat: safe", "repeat: maybe"));
    let refused = project.provision(&[]).await;
    printed(&refused, 1);
    assert!(stderr(&refused).contains("maybe"), "{}", stderr(&refused));
    assert!(project.subscriptions().await.is_empty());
}
