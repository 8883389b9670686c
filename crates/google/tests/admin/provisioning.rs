//! Making what is wanted: idempotent, by one or by several, and nothing that was not asked for.

use google::pubsub::admin::{Field, PushToken};

use crate::support::{CRM, DEAD_TOPIC, KEEPER, Scene, TOPIC};

fn all_missing() -> Vec<(String, Field)> {
    [TOPIC, DEAD_TOPIC, CRM, KEEPER]
        .map(|name| (name.to_owned(), Field::Existence))
        .to_vec()
}

#[tokio::test]
async fn what_is_missing_is_made_and_the_second_time_there_is_nothing_to_do() {
    let scene = Scene::new().await;
    assert_eq!(scene.differing().await, all_missing());
    scene.provision().await;
    assert_eq!(scene.differing().await, []);
    let before = scene.found(CRM).await;
    scene.provision().await;
    assert_eq!(scene.found(CRM).await, before);
    scene.end().await;
}

#[tokio::test]
async fn comparing_changes_nothing() {
    let scene = Scene::new().await;
    scene.compare().await;
    assert_eq!(scene.differing().await, all_missing());
    scene.end().await;
}

#[tokio::test]
async fn two_that_provision_at_once_don_t_disturb_each_other() {
    let scene = Scene::new().await;
    // Both find everything missing, and both make it.
    let comparison = scene.compare().await;
    let apply = || scene.admin.apply(&scene.wanted, &comparison);
    let (first, second) = tokio::join!(apply(), apply());
    first.expect("applied");
    second.expect("applied");
    assert_eq!(scene.differing().await, []);
    scene.end().await;
}

#[tokio::test]
async fn tokens_filters_and_long_names_survive_the_way_there_and_back() {
    let mut scene = Scene::new().await;
    let crm = &mut scene.wanted.subscriptions[0];
    crm.name = format!("{CRM}~0123abcd");
    crm.filter = Some("attributes.eventType = \"purchase\"".to_owned());
    crm.token = Some(PushToken {
        service_account: "push@shop.iam.gserviceaccount.com".into(),
        audience: "https://updater.example".into(),
    });
    scene.provision().await;
    assert_eq!(scene.differing().await, []);
    scene.end().await;
}

#[tokio::test]
async fn what_pubsub_refuses_is_an_error_that_names_it() {
    let mut scene = Scene::new().await;
    let crm = &mut scene.wanted.subscriptions[0];
    crm.dead_letter
        .as_mut()
        .expect("a policy")
        .max_delivery_attempts = 4;
    let comparison = scene.compare().await;
    let refused = scene.admin.apply(&scene.wanted, &comparison).await;
    let error = refused.expect_err("five is the least").to_string();
    assert!(error.contains(CRM) && error.contains("create"), "{error}");
    scene.end().await;
}
