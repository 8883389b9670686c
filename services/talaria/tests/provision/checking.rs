//! Comparing a project with a routes file.

use serde_json::{Value, json};

use crate::project::{Project, printed, stderr};

#[tokio::test]
async fn what_was_provisioned_has_no_differences() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    let told = printed(&project.check(&[]).await, 0);
    assert!(
        told.contains("2 routes to 2 destinations, no mistakes"),
        "{told}"
    );
    assert!(
        told.contains("every one is not checked: the emulator has none"),
        "{told}"
    );
    assert!(
        told.ends_with(": 6 topics and subscriptions, no differences\n"),
        "{told}"
    );
    project.end().await;
}

#[tokio::test]
async fn every_difference_is_named_with_what_to_do_and_nothing_is_changed() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    project
        .change("backend-updates.crm", "ackDeadlineSeconds", json!(10))
        .await;
    project
        .change(
            "backend-updates.mail",
            "pushConfig",
            json!({"pushEndpoint": "http://127.0.0.1:9/"}),
        )
        .await;
    project.delete("backend-updates-dead-letter.updater").await;
    let endpoint = json!({"pushEndpoint": "http://127.0.0.1:9/old"});
    project
        .make("backend-updates.old", json!({"pushConfig": endpoint}))
        .await;
    let before = project.subscriptions().await;
    let told = printed(&project.check(&[]).await, 1);
    for expected in [
        "topic backend-updates-dead-letter: subscribers is none, its messages are lost, not at least one",
        "subscription backend-updates.crm: ack deadline is 10 s, not 110 s\n  talaria provision\n",
        "subscription backend-updates.mail: push endpoint is http://127.0.0.1:9/, not http://127.0.0.1:8081/process-backend-update/mail",
        "subscription backend-updates-dead-letter.updater: missing\n",
        "subscription backend-updates.old: there, but nothing in the routes file wants it\n  once nothing waits in it: curl -X DELETE",
        ": 5 differences",
    ] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
    assert_eq!(project.subscriptions().await, before);
    let as_json = printed(&project.check(&["--json"]).await, 1);
    let told: Value = serde_json::from_str(&as_json).expect("JSON");
    assert_eq!(told["mistakes"], json!([]));
    let compared = &told["subscriptions"];
    assert_eq!(compared["asNeeded"], false);
    assert_eq!(compared["differences"].as_array().map(Vec::len), Some(5));
    assert_eq!(compared["roles"][0]["state"], "notChecked");
    project.end().await;
}

#[tokio::test]
async fn an_event_lake_is_nothing_strange_and_must_take_what_was_redacted_alone() {
    let project = Project::new();
    printed(&project.provision(&[]).await, 0);
    let lake = |filter: &str| {
        json!({
            "bigqueryConfig": {"table": "shop.lake.events", "writeMetadata": true},
            "filter": filter,
            "expirationPolicy": {},
        })
    };
    let redacted = lake("attributes:schemaVersion");
    project.make("backend-updates-lake", redacted).await;
    project.make("backend-updates-lake-all", lake("")).await;
    let told = printed(&project.check(&[]).await, 0);
    assert!(
        told.ends_with(": 8 topics and subscriptions, no differences\n"),
        "{told}"
    );
    project.delete("backend-updates-lake").await;
    project.make("backend-updates-lake", lake("")).await;
    let told = printed(&project.check(&[]).await, 1);
    let expected =
        "subscription backend-updates-lake: filter is none, not attributes:schemaVersion";
    assert!(told.contains(expected), "{told}");
    project.end().await;
}

#[tokio::test]
async fn a_real_project_needs_to_be_told_where_the_services_are() {
    let mut project = Project::new();
    project.emulator = String::new();
    let refused = project.check(&[]).await;
    printed(&refused, 1);
    let told = stderr(&refused);
    for option in ["--updater-url", "--counter-url", "--push-service-account"] {
        assert!(told.contains(option), "{told}");
    }
}

#[tokio::test]
async fn options_of_a_comparison_without_it_are_no_silent_nothing() {
    let project = Project::new();
    let routes = project.routes().display().to_string();
    let refused = project.run(&["check", &routes, "--project", "shop"]).await;
    printed(&refused, 1);
    assert!(
        stderr(&refused).contains("--subscriptions"),
        "{}",
        stderr(&refused)
    );
}
