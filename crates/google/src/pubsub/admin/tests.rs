//! Each kind of difference, found in what Google's client reads; and what is to be done about it.

use google_cloud_pubsub::model::push_config::NoWrapper;
use google_cloud_pubsub::model::{BigQueryConfig, Subscription};

use super::*;

fn wanted() -> WantedSubscription {
    WantedSubscription {
        name: "updates.crm".into(),
        topic: "updates".into(),
        endpoint: "https://updater.example/process-backend-update/crm".into(),
        token: Some(PushToken {
            service_account: "push@shop.iam.gserviceaccount.com".into(),
            audience: "https://updater.example".into(),
        }),
        ack_deadline: Duration::from_secs(60),
        retry_min: Duration::from_secs(10),
        retry_max: Duration::from_secs(600),
        dead_letter: Some(DeadLetter {
            topic: "updates-dead-letter".into(),
            max_delivery_attempts: 100,
        }),
        retention: Duration::from_secs(7 * 24 * 60 * 60),
        filter: Some("attributes.eventType = \"purchase\"".into()),
    }
}

fn project() -> Project {
    Project("shop".into())
}

fn differences(found: &Subscription) -> Vec<Difference> {
    compare::compare(&wanted(), found, &project())
}

#[test]
fn what_is_made_of_the_wanted_is_as_wanted() {
    assert_eq!(differences(&model::subscription(&wanted(), &project())), []);
}

#[test]
fn what_pubsub_leaves_out_because_it_is_usual_is_no_difference() {
    let mut found = model::subscription(&wanted(), &project());
    found.message_retention_duration = None;
    found.retry_policy = Some(google_cloud_pubsub::model::RetryPolicy::new());
    assert_eq!(differences(&found), []);
}

#[test]
fn an_audience_that_is_left_out_is_the_endpoint() {
    let mut wanted = wanted();
    let endpoint = wanted.endpoint.clone();
    let token = wanted.token.as_mut().expect("a token");
    token.audience = String::new();
    let found = model::subscription(&wanted, &project());
    wanted.token.as_mut().expect("a token").audience = endpoint;
    assert_eq!(compare::compare(&wanted, &found, &project()), []);
}

#[test]
fn each_kind_of_difference_is_found_with_both_sides() {
    type Change = fn(&mut Subscription);
    let cases: [(Field, &str, &str, Change); 18] = [
        (Field::Topic, "updates", "a deleted topic", |found| {
            found.topic = "_deleted-topic_".into()
        }),
        (Field::Topic, "updates", "other", |found| {
            found.topic = "projects/shop/topics/other".into()
        }),
        (Field::Detached, "attached", "detached", |found| {
            found.detached = true
        }),
        (Field::Delivery, "push", "to BigQuery", |found| {
            found.push_config = None;
            found.bigquery_config = Some(BigQueryConfig::new());
        }),
        (
            Field::Endpoint,
            "https://updater.example/process-backend-update/crm",
            "https://updater.example/crm",
            |found| push(found).push_endpoint = "https://updater.example/crm".into(),
        ),
        (Field::Envelope, "Pub/Sub's", "no envelope", |found| {
            let bare = push(found).clone().set_no_wrapper(NoWrapper::new());
            found.push_config = Some(bare);
        }),
        (
            Field::TokenAccount,
            "push@shop.iam.gserviceaccount.com",
            "none",
            |found| {
                push(found).authentication_method = None;
            },
        ),
        (
            Field::TokenAudience,
            "https://updater.example",
            "other",
            |found| {
                let token = google_cloud_pubsub::model::push_config::OidcToken::new()
                    .set_service_account_email("push@shop.iam.gserviceaccount.com")
                    .set_audience("other");
                let changed = push(found).clone().set_oidc_token(token);
                found.push_config = Some(changed);
            },
        ),
        (Field::AckDeadline, "60 s", "10 s", |found| {
            found.ack_deadline_seconds = 10
        }),
        (
            Field::RetryPolicy,
            "10 s to 600 s",
            "none, refused messages come again at once",
            |found| {
                found.retry_policy = None;
            },
        ),
        (
            Field::RetryPolicy,
            "10 s to 600 s",
            "0.5 s to 600 s",
            |found| {
                let policy = found.retry_policy.as_mut().expect("a policy");
                policy.minimum_backoff = Duration::from_millis(500).try_into().ok();
            },
        ),
        (
            Field::DeadLetterTopic,
            "updates-dead-letter",
            "none",
            |found| found.dead_letter_policy = None,
        ),
        (Field::DeadLetterAttempts, "100", "5", |found| {
            found
                .dead_letter_policy
                .as_mut()
                .expect("a policy")
                .max_delivery_attempts = 5;
        }),
        (Field::Retention, "604800 s", "600 s", |found| {
            found.message_retention_duration = Duration::from_secs(600).try_into().ok();
        }),
        (
            Field::Expiration,
            "never",
            "after 2678400 s unused",
            |found| found.expiration_policy = None,
        ),
        (
            Field::Filter,
            "attributes.eventType = \"purchase\"",
            "none",
            |found| found.filter.clear(),
        ),
        (Field::Ordering, "off", "on", |found| {
            found.enable_message_ordering = true
        }),
        (Field::ExactlyOnce, "off", "on", |found| {
            found.enable_exactly_once_delivery = true
        }),
    ];
    for (field, is_wanted, is_found, change) in cases {
        let mut found = model::subscription(&wanted(), &project());
        change(&mut found);
        let expected = Difference {
            resource: Resource::Subscription("updates.crm".into()),
            field,
            wanted: is_wanted.into(),
            found: is_found.into(),
        };
        assert_eq!(differences(&found), [expected], "{field}");
    }
}

fn push(found: &mut Subscription) -> &mut google_cloud_pubsub::model::PushConfig {
    found.push_config.as_mut().expect("it pushes")
}

fn difference(resource: Resource, field: Field) -> Difference {
    Difference {
        resource,
        field,
        wanted: "so".into(),
        found: "otherwise".into(),
    }
}

#[test]
fn every_difference_says_what_to_do() {
    let topology = WantedTopology {
        topics: vec!["updates".into()],
        subscriptions: vec![wanted()],
    };
    let create = "gcloud pubsub subscriptions create updates.crm --project=shop --topic=updates \
                  --push-endpoint=https://updater.example/process-backend-update/crm \
                  --push-auth-service-account=push@shop.iam.gserviceaccount.com \
                  --push-auth-token-audience=https://updater.example --ack-deadline=60 \
                  --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=updates-dead-letter \
                  --max-delivery-attempts=100 --message-retention-duration=604800s --expiration-period=never \
                  --message-filter='attributes.eventType = \"purchase\"'"
        .replace("\\\"", "\"");
    let update = |options: &str| {
        format!("gcloud pubsub subscriptions update updates.crm --project=shop {options}")
    };
    let cases = [
        (Field::Existence, create.clone()),
        (Field::AckDeadline, update("--ack-deadline=60")),
        (
            Field::RetryPolicy,
            update("--min-retry-delay=10s --max-retry-delay=600s"),
        ),
        (
            Field::DeadLetterAttempts,
            update("--dead-letter-topic=updates-dead-letter --max-delivery-attempts=100"),
        ),
        (Field::Expiration, update("--expiration-period=never")),
        (
            Field::ExactlyOnce,
            update("--no-enable-exactly-once-delivery"),
        ),
    ];
    for (field, expected) in cases {
        let difference = difference(Resource::Subscription("updates.crm".into()), field);
        assert_eq!(difference.remedy(&topology, "shop"), expected, "{field}");
    }
    for field in [
        Field::Topic,
        Field::Detached,
        Field::Delivery,
        Field::Filter,
        Field::Ordering,
    ] {
        let difference = difference(Resource::Subscription("updates.crm".into()), field);
        let remedy = difference.remedy(&topology, "shop");
        assert!(
            remedy.contains("subscriptions delete updates.crm") && remedy.ends_with(&create),
            "{remedy}"
        );
        assert!(!difference.is_mendable(false));
    }
    let topic = difference(Resource::Topic("updates".into()), Field::Existence);
    assert_eq!(
        topic.remedy(&topology, "shop"),
        "gcloud pubsub topics create updates --project=shop"
    );
}
