//! Whether a publish could succeed, asked with least rights.

use std::time::Duration;

use bus::PublishError;
use google_cloud_gax::client_builder::Error as BuildError;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_pubsub::client::{SchemaService, TopicAdmin};
use tokio::time::timeout;

use super::PubSubSettings;
use super::access::Access;
use super::error::{publish_error, status, unavailable};

/// The longest that one answer may take.
const TIMEOUT: Duration = Duration::from_secs(2);
const PERMISSION: &str = "pubsub.topics.publish";
/// Asked about where no topic is named; it needn't be there.
const ANY_TOPIC: &str = "talaria-readiness";

/// The question about one topic. It is asked each time: `web::Readiness` keeps answers, of this bus as of every store.
pub(super) struct Readiness {
    access: Access,
    topic: Option<String>,
    name: String,
}

impl Readiness {
    pub(super) fn new(access: Access, settings: &PubSubSettings) -> Self {
        let topic = settings.ready_topic.clone();
        let name = settings.topic_name(topic.as_deref().unwrap_or(ANY_TOPIC));
        Self {
            access,
            topic,
            name,
        }
    }

    /// The answer, in time.
    pub(super) async fn get(&self) -> Result<(), PublishError> {
        timeout(TIMEOUT, self.ask()).await.unwrap_or_else(|_| {
            Err(unavailable(format!(
                "no answer of Pub/Sub within {TIMEOUT:?}"
            )))
        })
    }

    /// Asks with a client of its own: a connection that has idled between probes may be dead without knowing.
    async fn ask(&self) -> Result<(), PublishError> {
        match self.access.is_emulator {
            true => self.is_there().await,
            false => self.is_allowed().await,
        }
    }

    /// For the emulator, which knows no permissions.
    async fn is_there(&self) -> Result<(), PublishError> {
        let mut builder = TopicAdmin::builder().with_credentials(self.access.credentials.clone());
        if let Some(endpoint) = &self.access.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let client = builder.build().await.map_err(no_client)?;
        let asked = client.get_topic().set_topic(&self.name).send().await;
        match asked {
            Ok(_) => Ok(()),
            Err(error) => self.answered_with(&error),
        }
    }

    /// Asks which permissions we have on the topic, which needs none itself. A topic that isn't there grants none. (The
    /// request is the same for every resource; Google's client offers it beside the schemas.)
    async fn is_allowed(&self) -> Result<(), PublishError> {
        let mut builder =
            SchemaService::builder().with_credentials(self.access.credentials.clone());
        if let Some(endpoint) = &self.access.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let client = builder.build().await.map_err(no_client)?;
        let request = client
            .test_iam_permissions()
            .set_resource(&self.name)
            .set_permissions([PERMISSION]);
        match request.send().await {
            Ok(granted) if self.topic.is_none() || !granted.permissions.is_empty() => Ok(()),
            Ok(_) => Err(unavailable(format!(
                "there is no {}, or we may not publish to it: create it, and grant the service account \
                 roles/pubsub.publisher on it",
                self.name
            ))),
            Err(error) => self.answered_with(&error),
        }
    }

    fn answered_with(&self, error: &Error) -> Result<(), PublishError> {
        match (&self.topic, status(error).map(|status| status.code)) {
            (None, Some(Code::NotFound | Code::PermissionDenied)) => Ok(()),
            (topic, _) => {
                let topic = topic.as_deref().unwrap_or(ANY_TOPIC);
                Err(publish_error(error, topic, &self.name))
            }
        }
    }
}

fn no_client(error: BuildError) -> PublishError {
    unavailable(format!("can't make a Pub/Sub client: {error}"))
}
