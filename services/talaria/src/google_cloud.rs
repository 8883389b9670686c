//! A project's topics and subscriptions on Google Cloud, for the commands that look after them. Built with the feature
//! `google` alone; without it `without_google_cloud.rs` stands in.

mod shown;

use std::time::Duration;

use google::pubsub::admin::{
    AdminError, AdminSettings, Comparison, DeadLetter, PubSubAdmin, PushToken, RoleChecker,
    WantedSubscription, WantedTopology,
};
use tokio::time::{Instant, sleep};

use crate::commands::kept;
use crate::commands::pubsub_target::{EMULATOR, PubSubTarget};
use crate::subscriptions::{DesiredState, DesiredSubscription, Report, RoleReport};

/// A look at what is not up yet costs nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Topics and subscriptions of one project, real or emulated.
pub(crate) struct PubSubProject {
    admin: PubSubAdmin,
    project: String,
    emulator_host: Option<String>,
}

impl PubSubProject {
    pub(crate) fn available() -> anyhow::Result<()> {
        Ok(())
    }

    pub(crate) async fn connect(target: &PubSubTarget) -> anyhow::Result<Self> {
        let host = target.emulator_host.as_deref();
        let emulator_host = google::settings::emulator_host(host, EMULATOR)?;
        let settings = AdminSettings {
            emulator_host: emulator_host.clone(),
            ..AdminSettings::new(&target.project)
        };
        Ok(Self {
            admin: PubSubAdmin::connect(&settings).await?,
            project: target.project.clone(),
            emulator_host,
        })
    }

    /// Compares what is desired with what is there. While nobody answers, asks again for as long as `patience` lasts.
    pub(crate) async fn compare(
        &self,
        desired: &DesiredState,
        patience: Duration,
    ) -> anyhow::Result<Report> {
        let wanted = topology(desired);
        let comparison = self.look(&wanted, patience).await?;
        let roles = self.roles(&wanted).await?;
        let place = shown::Place {
            project: &self.project,
            emulator_host: self.emulator_host.as_deref(),
        };
        Ok(place.report(&wanted, &comparison, roles))
    }

    /// Makes what is missing, and changes what can be changed.
    pub(crate) async fn apply(&self, desired: &DesiredState) -> anyhow::Result<()> {
        let wanted = topology(desired);
        let comparison = self.admin.compare(&wanted).await?;
        Ok(self.admin.apply(&wanted, &comparison).await?)
    }

    async fn look(
        &self,
        wanted: &WantedTopology,
        patience: Duration,
    ) -> Result<Comparison, AdminError> {
        let deadline = Instant::now() + patience;
        loop {
            match self.admin.compare(wanted).await {
                Err(error) if error.is_unreachable() && Instant::now() < deadline => {
                    sleep(LOOK_AGAIN).await;
                }
                result => return result,
            }
        }
    }

    async fn roles(&self, wanted: &WantedTopology) -> anyhow::Result<Vec<RoleReport>> {
        if self.emulator_host.is_some() {
            return Ok(vec![shown::roles_of_emulator()]);
        }
        let checker = RoleChecker::connect(kept::client()?, &self.project)?;
        let findings = checker.check(wanted).await;
        Ok(findings.into_iter().map(shown::role).collect())
    }
}

fn topology(desired: &DesiredState) -> WantedTopology {
    WantedTopology {
        topics: desired.topics.clone(),
        subscriptions: desired.subscriptions.iter().map(subscription).collect(),
    }
}

fn subscription(desired: &DesiredSubscription) -> WantedSubscription {
    let redelivery = desired.redelivery;
    WantedSubscription {
        name: desired.name.clone(),
        topic: desired.topic.clone(),
        endpoint: desired.endpoint.to_string(),
        token: desired.token.as_ref().map(|token| PushToken {
            service_account: token.service_account.clone(),
            audience: token.audience.clone(),
        }),
        ack_deadline: desired.ack_deadline,
        retry_min: redelivery.shortest,
        retry_max: redelivery.longest,
        dead_letter: desired.dead_letter_topic.as_ref().map(|topic| DeadLetter {
            topic: topic.clone(),
            max_delivery_attempts: redelivery.max_attempts,
        }),
        retention: redelivery.retention,
        filter: desired.filter.clone(),
    }
}
