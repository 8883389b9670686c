//! The requests to Pub/Sub, each bounded in time. What is not there is an answer, not an error.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::retry_policy::RetryPolicyExt;
use google_cloud_pubsub::client::{SubscriptionAdmin, TopicAdmin};
use google_cloud_pubsub::model::{Subscription, UpdateSubscriptionRequest};
use google_cloud_pubsub::retry_policy::RetryableErrors;

use super::AdminError;
use crate::pubsub::ConnectError;
use crate::pubsub::access::Access;
use crate::pubsub::error::status;

/// One answer that fails by chance is no reason to give up; who waits for longer repeats the whole.
const ATTEMPTS: u32 = 3;
/// The shortest and longest pause between them.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

pub(super) struct Requests {
    topics: TopicAdmin,
    subscriptions: SubscriptionAdmin,
    timeout: Duration,
    pub(super) on_emulator: bool,
}

impl Requests {
    pub(super) async fn connect(access: Access, timeout: Duration) -> Result<Self, AdminError> {
        let [shortest, longest] = PAUSES;
        let pauses = || {
            ExponentialBackoffBuilder::new()
                .with_initial_delay(shortest)
                .with_maximum_delay(longest)
                .clamp()
        };
        let retry = || RetryableErrors.with_attempt_limit(ATTEMPTS);
        let mut topics = TopicAdmin::builder()
            .with_credentials(access.credentials.clone())
            .with_retry_policy(retry())
            .with_backoff_policy(pauses());
        let mut subscriptions = SubscriptionAdmin::builder()
            .with_credentials(access.credentials)
            .with_retry_policy(retry())
            .with_backoff_policy(pauses());
        if let Some(endpoint) = access.endpoint {
            topics = topics.with_endpoint(&endpoint);
            subscriptions = subscriptions.with_endpoint(endpoint);
        }
        let client = |error: google_cloud_gax::client_builder::Error| ConnectError::Client {
            reason: error.to_string(),
        };
        Ok(Self {
            topics: topics.build().await.map_err(client)?,
            subscriptions: subscriptions.build().await.map_err(client)?,
            timeout,
            on_emulator: access.is_emulator,
        })
    }

    pub(super) async fn has_topic(&self, full: &str) -> Result<bool, AdminError> {
        let asked = self.topics.get_topic().set_topic(full).send();
        let action = format!("look at {full}");
        let found = self.within(&action, unless(Code::NotFound, asked)).await?;
        Ok(found.is_some())
    }

    pub(super) async fn create_topic(&self, full: &str) -> Result<(), AdminError> {
        let asked = self.topics.create_topic().set_name(full).send();
        let action = format!("create {full}");
        let made = self.within(&action, unless(Code::AlreadyExists, asked));
        made.await.map(drop)
    }

    /// Full names of all subscriptions of a topic.
    pub(super) async fn subscriptions_of(&self, full: &str) -> Result<Vec<String>, AdminError> {
        let action = format!("list the subscriptions of {full}");
        let (mut names, mut page) = (Vec::new(), String::new());
        loop {
            let request = self.topics.list_topic_subscriptions();
            let asked = request.set_topic(full).set_page_token(page).send();
            let listed = self.within(&action, unless(Code::NotFound, asked)).await?;
            let Some(listed) = listed else {
                return Ok(names);
            };
            names.extend(listed.subscriptions);
            page = listed.next_page_token;
            if page.is_empty() {
                return Ok(names);
            }
        }
    }

    pub(super) async fn subscription(
        &self,
        full: &str,
    ) -> Result<Option<Subscription>, AdminError> {
        let asked = self
            .subscriptions
            .get_subscription()
            .set_subscription(full)
            .send();
        let action = format!("look at {full}");
        self.within(&action, unless(Code::NotFound, asked)).await
    }

    pub(super) async fn create_subscription(&self, model: Subscription) -> Result<(), AdminError> {
        let action = format!("create {}", model.name);
        let asked = self
            .subscriptions
            .create_subscription()
            .with_request(model)
            .send();
        let made = self.within(&action, unless(Code::AlreadyExists, asked));
        made.await.map(drop)
    }

    pub(super) async fn update_subscription(
        &self,
        model: Subscription,
        paths: BTreeSet<&str>,
    ) -> Result<(), AdminError> {
        let action = format!("update {}", model.name);
        let mut request = UpdateSubscriptionRequest::new().set_subscription(model);
        request.update_mask.get_or_insert_default().paths =
            paths.into_iter().map(str::to_owned).collect();
        let asked = self
            .subscriptions
            .update_subscription()
            .with_request(request)
            .send();
        let updated = self.within(&action, async { asked.await.map(Some) });
        updated.await.map(drop)
    }

    async fn within<T>(
        &self,
        action: &str,
        asked: impl Future<Output = Result<Option<T>, Error>>,
    ) -> Result<Option<T>, AdminError> {
        match tokio::time::timeout(self.timeout, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(AdminError::new(action, &error)),
            Err(_) => Err(AdminError::Unreachable {
                reason: format!("no answer within {} s", self.timeout.as_secs_f64()),
            }),
        }
    }
}

/// The answer; none if it is the error of this code.
async fn unless<T>(
    code: Code,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<Option<T>, Error> {
    match asked.await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if status(&error).is_some_and(|status| status.code == code) => Ok(None),
        Err(error) => Err(error),
    }
}
