//! Subscriptions on a real bus whose topic gets another name.

use std::path::Path;
use std::time::Duration;

use bus::{Bus, Message};
use events::SystemClock;
use testing::{MockAnswer, MockServer, eventually};

use super::*;

const ROUTES: &str = "\
destinations:
  crm:
    url: http://127.0.0.1:9/crm
    repeat: safe
routes:
  - name: leads
    when: event.eventType == \"generate_lead\"
    to: crm
    body: '{ \"form\": event.data.leadFormId }'
";

fn open_bus(directory: &Path) -> Arc<EmbeddedBus> {
    let client = reqwest::Client::builder().no_proxy().build();
    let bus = EmbeddedBus::open(
        &directory.join("bus.sqlite"),
        Arc::new(SystemClock),
        client.expect("a client"),
        BusSettings::default(),
    );
    Arc::new(bus.expect("a bus"))
}

/// What the bus subscribes when the publisher's topic is `topic`.
fn subscriptions(bus: &Arc<EmbeddedBus>, topic: &str, server: &MockServer) -> Subscriptions {
    Subscriptions {
        bus: Arc::clone(bus),
        topic: topic.to_owned(),
        updater: server.address(),
        counter: server.address(),
        defaults: BusSettings {
            retry_min: Duration::from_millis(10),
            retry_max: Duration::from_millis(10),
            max_delivery_attempts: u32::MAX,
            ..BusSettings::default()
        },
    }
}

async fn publish(bus: &EmbeddedBus, topic: &str) {
    let message = Message {
        data: b"{}".as_slice().into(),
        attributes: BTreeMap::new(),
    };
    bus.publish(topic, message).await.expect("published");
}

/// The names of the subscriptions that are not the new topic's.
async fn old_ones(bus: &EmbeddedBus) -> Vec<String> {
    let backlog = bus.backlog().await.expect("a bus");
    let names = backlog.into_iter().map(|subscription| subscription.name);
    names.filter(|name| !name.starts_with("new")).collect()
}

async fn all_acknowledged(bus: &EmbeddedBus) {
    eventually("every acknowledgement", || async {
        let backlog = bus.backlog().await.expect("a bus");
        let is_done = backlog.iter().all(|subscription| subscription.waiting == 0);
        is_done.then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_another_topic_still_owes_is_delivered_after_the_topic_s_name_was_changed() {
    let directory = tempfile::tempdir().expect("a directory");
    let (bus, server) = (open_bus(directory.path()), MockServer::start().await);
    let routes = updater::routes::load(ROUTES, "routes.yaml", &|_| None).expect("good routes");
    let before = subscriptions(&bus, "old", &server);
    before.make_topics().await.expect("topics");
    before.bring_in_line(&routes).await.expect("subscribed");
    let after = subscriptions(&bus, "new", &server);
    after.make_topics().await.expect("topics");

    let cases = [
        (
            "old",
            &["old-dead-letter.updater", "old.counter", "old.crm"][..],
            &["/process-backend-update/crm", "/tally"][..],
        ),
        (
            "old-dead-letter",
            &["old-dead-letter.updater"],
            &["/dead-letter"],
        ),
    ];
    for (topic, kept, targets) in cases {
        before.bring_in_line(&routes).await.expect("subscribed");
        server.answer(MockAnswer::status(503));
        publish(&bus, topic).await;
        after.bring_in_line(&routes).await.expect("subscribed");
        assert_eq!(old_ones(&bus).await, kept);
        let seen = server.requests().len();
        server
            .wait_until("each to be delivered again", |requests| {
                let again = &requests[seen..];
                let came = |target| again.iter().any(|request| request.target == target);
                targets.iter().all(|target| came(*target))
            })
            .await;
        server.answer(MockAnswer::status(204));
        all_acknowledged(&bus).await;
        after.bring_in_line(&routes).await.expect("subscribed");
        assert!(
            old_ones(&bus).await.is_empty(),
            "what owes nothing is dropped"
        );
    }
}

#[tokio::test]
async fn what_waits_under_another_filter_is_delivered_under_its_old_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let (bus, server) = (open_bus(directory.path()), MockServer::start().await);
    let filtered = |filter: &str| {
        let text = ROUTES.replace(
            "repeat: safe",
            &format!("repeat: safe\n    filter: '{filter}'"),
        );
        updater::routes::load(&text, "routes.yaml", &|_| None).expect("good routes")
    };
    let names = || async {
        let backlog = bus.backlog().await.expect("a bus").into_iter();
        let crm = backlog.filter(|subscription| subscription.name.starts_with("old.crm~"));
        crm.map(|subscription| subscription.name)
            .collect::<Vec<_>>()
    };
    let subscriptions = subscriptions(&bus, "old", &server);
    subscriptions.make_topics().await.expect("topics");
    let (before, after) = (filtered("attributes:a"), filtered("attributes:b"));
    subscriptions
        .bring_in_line(&before)
        .await
        .expect("subscribed");
    let old = names().await;
    server.answer(MockAnswer::status(503));
    publish(&bus, "old").await;
    subscriptions
        .bring_in_line(&after)
        .await
        .expect("subscribed");
    let both = names().await;
    assert!(both.len() == 2 && both.contains(&old[0]), "{both:?}");
    server.answer(MockAnswer::status(204));
    all_acknowledged(&bus).await;
    subscriptions
        .bring_in_line(&after)
        .await
        .expect("subscribed");
    let left = names().await;
    assert!(left.len() == 1 && left != old, "{left:?}");
    let targets = server.requests();
    let mut targets = targets.iter().map(|request| request.target.as_str());
    assert!(targets.any(|target| target == "/process-backend-update/crm"));
}
