//! What Pub/Sub gives up on arrives at `/dead-letter`, and is shown.

use serde_json::json;
use store::Reason;
use testing::{Proxy, eventually, firestore_emulator, pubsub_emulator};

use crate::cloud::Cloud;
use crate::program::Service;
use crate::support::BackOffice;
use crate::support::books::letters_of;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_refused_too_often_is_kept_and_shown() {
    let office = BackOffice::open().await;
    let pubsub = Proxy::start(&pubsub_emulator()).await;
    let firestore = Proxy::start(&firestore_emulator()).await;
    let cloud = Cloud::new(&office).through(&pubsub, &firestore);
    cloud.provision().await;
    let (crm, kept) = ("backend-updates.crm", "backend-updates-dead-letter.updater");
    let topic = format!(
        "projects/{}/topics/backend-updates-dead-letter",
        cloud.project.name
    );
    let policy = json!({"deadLetterTopic": topic, "maxDeliveryAttempts": 5});
    cloud.project.change(crm, "deadLetterPolicy", policy).await;
    let _publisher = cloud.start(Service::Publisher).await;
    let updater = cloud.start(Service::Updater).await;
    let counter = cloud.start(Service::Counter).await;
    updater.becomes_ready(200).await;
    firestore.cut();
    let event =
        json!({"eventType": "user_login", "eventId": "login-1", "userId": "cust-1", "data": {}});
    assert_eq!(cloud.try_publish(&event).await, Some(202));
    eventually("Pub/Sub to give it up", || async {
        (cloud.project.waiting(kept).await == 1).then_some(())
    })
    .await;
    firestore.restore();
    cloud.project.all_acknowledged().await;
    let letters = letters_of(&cloud.store()).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].reason, Reason::Undelivered);
    assert_eq!(letters[0].destination.as_deref(), Some("crm"));
    assert_eq!(letters[0].event_id.as_deref(), Some("login-1"));
    assert_eq!(letters[0].attempts, 5);
    counter.becomes_ready(200).await;
    let listed = cloud.page().get("/api/dead-letters").await;
    assert_eq!(listed["deadLetters"][0]["id"], letters[0].id.as_str());
    assert!(office.calls().is_empty(), "{:?}", office.calls());
}
