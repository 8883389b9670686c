//! What Pub/Sub gives up on arrives at `/dead-letter`, is held, and done.

use serde_json::json;
use testing::{Proxy, eventually, firestore_emulator, pubsub_emulator};

use crate::cloud::Cloud;
use crate::program::Service;
use crate::support::BackOffice;
use crate::support::books::letters_of;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_refused_too_often_is_held_and_done_once_it_can_be() {
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
    cloud.all_settled().await;
    let letters = letters_of(&cloud.store()).await;
    assert!(letters.is_empty(), "{letters:?}");
    assert_eq!(office.calls_of("crm").len(), 1, "{:?}", office.calls());
    counter.becomes_ready(200).await;
    let journey = cloud.page().get("/api/events/login-1").await;
    assert_eq!(journey["records"][0]["effects"][0]["state"], "done");
    assert_eq!(journey["held"], json!([]));
}
