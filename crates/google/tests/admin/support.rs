//! A project of its own on the emulator, with what is wanted there.

use std::time::Duration;

use google::pubsub::admin::{
    AdminSettings, Comparison, DeadLetter, Field, PubSubAdmin, WantedSubscription, WantedTopology,
};
use google_cloud_auth::credentials::anonymous;
use google_cloud_pubsub::client::{SubscriptionAdmin, TopicAdmin};
use google_cloud_pubsub::model::Subscription;

pub const TOPIC: &str = "updates";
pub const DEAD_TOPIC: &str = "updates-dead-letter";
pub const CRM: &str = "updates.crm";
pub const KEEPER: &str = "updates-dead-letter.updater";

pub struct Scene {
    pub project: String,
    pub admin: PubSubAdmin,
    /// Google's own clients, to make things differ.
    pub topics: TopicAdmin,
    pub subscriptions: SubscriptionAdmin,
    pub wanted: WantedTopology,
}

impl Scene {
    pub async fn new() -> Self {
        let project = testing::unique_project();
        let settings = AdminSettings {
            emulator_host: Some(testing::pubsub_emulator()),
            ..AdminSettings::new(&project)
        };
        let endpoint = format!("http://{}", testing::pubsub_emulator());
        let nobody = anonymous::Builder::new().build();
        let topics = TopicAdmin::builder()
            .with_endpoint(&endpoint)
            .with_credentials(nobody.clone());
        let subscriptions = SubscriptionAdmin::builder()
            .with_endpoint(&endpoint)
            .with_credentials(nobody);
        Self {
            project,
            admin: PubSubAdmin::connect(&settings).await.expect("a client"),
            topics: topics.build().await.expect("a client"),
            subscriptions: subscriptions.build().await.expect("a client"),
            wanted: wanted(),
        }
    }

    /// A scene where all is as wanted.
    pub async fn provisioned() -> Self {
        let scene = Self::new().await;
        scene.provision().await;
        scene
    }

    pub async fn compare(&self) -> Comparison {
        self.admin.compare(&self.wanted).await.expect("compared")
    }

    pub async fn provision(&self) {
        let comparison = self.compare().await;
        self.admin
            .apply(&self.wanted, &comparison)
            .await
            .expect("applied");
    }

    /// What differs, by the name of the resource.
    pub async fn differing(&self) -> Vec<(String, Field)> {
        let comparison = self.compare().await;
        let differences = comparison.differences();
        differences
            .map(|difference| (difference.resource.name().to_owned(), difference.field))
            .collect()
    }

    pub fn topic(&self, name: &str) -> String {
        format!("projects/{}/topics/{name}", self.project)
    }

    pub fn subscription(&self, name: &str) -> String {
        format!("projects/{}/subscriptions/{name}", self.project)
    }

    pub async fn found(&self, name: &str) -> Subscription {
        let request = self.subscriptions.get_subscription();
        let asked = request.set_subscription(self.subscription(name)).send();
        asked.await.expect("it is there")
    }

    /// Makes a subscription of Google's client.
    pub async fn make(&self, model: Subscription) {
        let request = self.subscriptions.create_subscription();
        request.with_request(model).send().await.expect("made");
    }

    pub async fn delete(&self, name: &str) {
        let request = self.subscriptions.delete_subscription();
        let asked = request.set_subscription(self.subscription(name)).send();
        asked.await.expect("deleted");
    }

    /// Leaves nothing behind that the emulator would push.
    pub async fn end(self) {
        let request = self.subscriptions.list_subscriptions();
        let asked = request
            .set_project(format!("projects/{}", self.project))
            .send();
        for left in asked.await.expect("listed").subscriptions {
            let request = self.subscriptions.delete_subscription();
            request
                .set_subscription(left.name)
                .send()
                .await
                .expect("deleted");
        }
    }
}

fn wanted() -> WantedTopology {
    let keeper = WantedSubscription {
        name: KEEPER.into(),
        topic: DEAD_TOPIC.into(),
        endpoint: "http://127.0.0.1:9/dead-letter".into(),
        token: None,
        ack_deadline: Duration::from_secs(60),
        retry_min: Duration::from_secs(10),
        retry_max: Duration::from_secs(600),
        dead_letter: None,
        retention: Duration::from_secs(7 * 24 * 60 * 60),
        filter: None,
    };
    let crm = WantedSubscription {
        name: CRM.into(),
        topic: TOPIC.into(),
        endpoint: "http://127.0.0.1:9/process-backend-update/crm".into(),
        dead_letter: Some(DeadLetter {
            topic: DEAD_TOPIC.into(),
            max_delivery_attempts: 100,
        }),
        ..keeper.clone()
    };
    WantedTopology {
        topics: vec![TOPIC.into(), DEAD_TOPIC.into()],
        subscriptions: vec![crm, keeper],
    }
}
