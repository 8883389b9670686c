//! Each kind of difference that the emulator can have: found, and mended or named.

use std::time::Duration;

use google::pubsub::admin::Field;
use google_cloud_pubsub::model::push_config::{NoWrapper, OidcToken};
use google_cloud_pubsub::model::{PushConfig, Subscription, UpdateSubscriptionRequest};

use crate::support::{CRM, DEAD_TOPIC, KEEPER, Scene, TOPIC};

type Change = fn(&mut Subscription);

fn push(found: &mut Subscription) -> &mut PushConfig {
    found.push_config.as_mut().expect("it pushes")
}

/// The field, the path by which the change is made, the change.
const MENDABLE: [(Field, &str, Change); 10] = [
    (Field::AckDeadline, "ack_deadline_seconds", |found| {
        found.ack_deadline_seconds = 11
    }),
    (Field::RetryPolicy, "retry_policy", |found| {
        found.retry_policy = None
    }),
    (Field::RetryPolicy, "retry_policy", |found| {
        let policy = found.retry_policy.as_mut().expect("a policy");
        policy.maximum_backoff = Duration::from_secs(20).try_into().ok();
    }),
    (Field::DeadLetterTopic, "dead_letter_policy", |found| {
        found.dead_letter_policy = None
    }),
    (Field::DeadLetterAttempts, "dead_letter_policy", |found| {
        found
            .dead_letter_policy
            .as_mut()
            .expect("a policy")
            .max_delivery_attempts = 5;
    }),
    (Field::Endpoint, "push_config", |found| {
        push(found).push_endpoint = "http://127.0.0.1:9/".into()
    }),
    (Field::Envelope, "push_config", |found| {
        let bare = push(found).clone().set_no_wrapper(NoWrapper::new());
        found.push_config = Some(bare);
    }),
    (Field::TokenAccount, "push_config", |found| {
        let token = OidcToken::new().set_service_account_email("a@b.example");
        let signed = push(found).clone().set_oidc_token(token);
        found.push_config = Some(signed);
    }),
    (Field::Retention, "message_retention_duration", |found| {
        found.message_retention_duration = Duration::from_secs(3600).try_into().ok();
    }),
    (
        Field::ExactlyOnce,
        "enable_exactly_once_delivery",
        |found| {
            found.enable_exactly_once_delivery = true;
        },
    ),
];

#[tokio::test]
async fn what_can_be_updated_is_found_and_mended() {
    let scene = Scene::provisioned().await;
    for (field, path, change) in MENDABLE {
        let mut model = scene.found(CRM).await;
        change(&mut model);
        let mut request = UpdateSubscriptionRequest::new().set_subscription(model);
        request.update_mask.get_or_insert_default().paths = vec![path.to_owned()];
        let asked = scene
            .subscriptions
            .update_subscription()
            .with_request(request);
        asked.send().await.expect("changed");
        assert_eq!(
            scene.differing().await,
            [(CRM.to_owned(), field)],
            "{field}"
        );
        scene.provision().await;
        assert_eq!(scene.differing().await, [], "{field}");
    }
    scene.end().await;
}

#[tokio::test]
async fn several_differences_are_mended_in_one_go() {
    let scene = Scene::provisioned().await;
    scene.delete(CRM).await;
    let bare = Subscription::new()
        .set_name(scene.subscription(CRM))
        .set_topic(scene.topic(TOPIC))
        .set_ack_deadline_seconds(10);
    scene.make(bare).await;
    let fields: Vec<Field> = scene
        .differing()
        .await
        .into_iter()
        .map(|(_, field)| field)
        .collect();
    let expected = [
        Field::Endpoint,
        Field::AckDeadline,
        Field::RetryPolicy,
        Field::DeadLetterTopic,
        Field::Expiration,
    ];
    assert_eq!(fields, expected);
    scene.provision().await;
    let left = [(CRM.to_owned(), Field::Expiration)];
    assert_eq!(
        scene.differing().await,
        left,
        "the emulator can't update an expiration"
    );
    scene.end().await;
}

#[tokio::test]
async fn what_can_t_be_changed_is_named_and_left_alone() {
    let cases: [(Field, Change); 3] = [
        (Field::Filter, |found| {
            found.filter = "attributes:other".into()
        }),
        (Field::Ordering, |found| {
            found.enable_message_ordering = true
        }),
        (Field::Expiration, |found| found.expiration_policy = None),
    ];
    for (field, change) in cases {
        let scene = Scene::provisioned().await;
        let mut model = scene.found(CRM).await;
        scene.delete(CRM).await;
        change(&mut model);
        scene.make(model.clone()).await;
        let comparison = scene.compare().await;
        let differences: Vec<_> = comparison.differences().collect();
        assert_eq!(differences.len(), 1, "{field}");
        assert_eq!(differences[0].field, field);
        assert!(!differences[0].is_mendable(true), "{field}");
        scene.provision().await;
        assert_eq!(
            scene.differing().await,
            [(CRM.to_owned(), field)],
            "{field}"
        );
        scene.end().await;
    }
}

#[tokio::test]
async fn a_subscription_whose_topic_was_deleted_is_named_also_when_the_topic_is_back() {
    let scene = Scene::provisioned().await;
    let request = scene.topics.delete_topic().set_topic(scene.topic(TOPIC));
    request.send().await.expect("deleted");
    let of_subscription = (CRM.to_owned(), Field::Topic);
    let of_topic = (TOPIC.to_owned(), Field::Existence);
    assert_eq!(scene.differing().await, [of_topic, of_subscription.clone()]);
    scene.provision().await;
    assert_eq!(scene.differing().await, [of_subscription]);
    let comparison = scene.compare().await;
    let difference = comparison.differences().next().expect("a difference");
    assert_eq!(difference.found, "a deleted topic");
    let remedy = difference.remedy(&scene.wanted, &scene.project);
    assert!(
        remedy.contains("subscriptions delete updates.crm"),
        "{remedy}"
    );
    scene.end().await;
}

#[tokio::test]
async fn a_dead_letter_topic_that_nobody_reads_is_named() {
    let scene = Scene::provisioned().await;
    scene.delete(KEEPER).await;
    let expected = [
        (DEAD_TOPIC.to_owned(), Field::Subscribers),
        (KEEPER.to_owned(), Field::Existence),
    ];
    assert_eq!(scene.differing().await, expected);
    scene.provision().await;
    assert_eq!(scene.differing().await, []);
    scene.end().await;
}

#[tokio::test]
async fn a_push_subscription_of_a_destination_that_is_gone_is_named_and_others_are_not() {
    let scene = Scene::provisioned().await;
    let of_topic = |name: &str| {
        Subscription::new()
            .set_name(scene.subscription(name))
            .set_topic(scene.topic(TOPIC))
    };
    let endpoint = PushConfig::new().set_push_endpoint("http://127.0.0.1:9/old");
    scene
        .make(of_topic("updates.old").set_push_config(endpoint.clone()))
        .await;
    // Pulled by somebody else, and pushed under a name that Talaria never gives.
    scene.make(of_topic("updates.pulled")).await;
    scene.make(of_topic("lake").set_push_config(endpoint)).await;
    let comparison = scene.compare().await;
    assert_eq!(comparison.unwanted, ["updates.old"]);
    assert_eq!(comparison.differences().count(), 0);
    scene.provision().await;
    assert_eq!(
        scene.compare().await.unwanted,
        ["updates.old"],
        "nothing is deleted"
    );
    scene.end().await;
}
