//! Which project's Pub/Sub a command is about, and where its pushes shall go.

#[cfg(test)]
mod tests;

use anyhow::{Context, bail, ensure};
use clap::Args;
use reqwest::Url;

use crate::invocation::Invocation;
use crate::settings::TalariaSettings;
use crate::subscriptions::{PushIdentity, Redelivery, SubscriptionPlan};

const PROJECT: &str = "GOOGLE_CLOUD_PROJECT";
pub(crate) const EMULATOR: &str = "PUBSUB_EMULATOR_HOST";

/// The project and the services. On the emulator the services are those of `talaria up` unless others are named.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TargetArguments {
    /// The Google Cloud project [default: GOOGLE_CLOUD_PROJECT]
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The updater's address [default on the emulator: where `talaria up` has it]
    #[arg(long, value_name = "URL")]
    updater_url: Option<String>,
    /// The address of the counter that tallies [default on the emulator: where `talaria up` has it]
    #[arg(long, value_name = "URL")]
    counter_url: Option<String>,
    /// The service account in whose name pushes are signed
    #[arg(long, value_name = "EMAIL")]
    push_service_account: Option<String>,
    /// The audience of the pushes' tokens [default: the address of the service that is pushed to]
    #[arg(long, value_name = "AUDIENCE", requires = "push_service_account")]
    audience: Option<String>,
}

/// One project's Pub/Sub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PubSubTarget {
    /// The project's id.
    pub(crate) project: String,
    /// `host:port` of the emulator, if it is emulated.
    pub(crate) emulator_host: Option<String>,
    /// What its subscriptions are made of.
    pub(crate) plan: SubscriptionPlan,
}

impl PubSubTarget {
    /// `project x`, and whose it is.
    pub(crate) fn shown(&self) -> String {
        match &self.emulator_host {
            None => format!("project {}", self.project),
            Some(host) => format!("project {} on the emulator at {host}", self.project),
        }
    }
}

impl TargetArguments {
    /// The target. What is missing is named all at once.
    pub(crate) fn read(
        &self,
        invocation: &Invocation,
        settings: &TalariaSettings,
    ) -> anyhow::Result<PubSubTarget> {
        let emulator_host = emulator_host(invocation);
        let on_emulator = emulator_host.is_some();
        let project = self.project.as_ref().or(variable(invocation, PROJECT));
        let usual = |listen: &str| {
            (on_emulator && !listen.ends_with(":0")).then(|| format!("http://{listen}"))
        };
        let updater = self.updater_url.clone().or(usual(&settings.updater.listen));
        let counter = self.counter_url.clone().or(usual(&settings.counter.listen));
        let account = self.push_service_account.as_ref();
        let needed = [
            ("--project, or GOOGLE_CLOUD_PROJECT", project.is_some()),
            ("--updater-url", updater.is_some()),
            ("--counter-url", counter.is_some()),
            ("--push-service-account", on_emulator || account.is_some()),
        ];
        let missing: Vec<&str> = needed
            .iter()
            .filter(|(_, is_there)| !is_there)
            .map(|(name, _)| *name)
            .collect();
        let (Some(project), Some(updater), Some(counter), []) =
            (project, updater, counter, &*missing)
        else {
            bail!("not known: {}", missing.join("; "));
        };
        Ok(PubSubTarget {
            project: project.clone(),
            emulator_host,
            plan: SubscriptionPlan {
                topic: settings.publisher.topic.clone(),
                updater: service("--updater-url", &updater, on_emulator)?,
                counter: service("--counter-url", &counter, on_emulator)?,
                push_identity: account.map(|account| PushIdentity {
                    service_account: account.clone(),
                    audience: self.audience.clone(),
                }),
                redelivery: Redelivery::default(),
            },
        })
    }
}

/// Where Pub/Sub is emulated, if it is.
pub(crate) fn emulator_host(invocation: &Invocation) -> Option<String> {
    variable(invocation, EMULATOR).cloned()
}

/// Google's own programs take an empty variable for one that is not set.
fn variable<'a>(invocation: &'a Invocation, name: &str) -> Option<&'a String> {
    let value = invocation.environment.get(name);
    value.filter(|value| !value.is_empty())
}

fn service(option: &str, written: &str, on_emulator: bool) -> anyhow::Result<Url> {
    let url: Url = written.parse().with_context(|| {
        format!("{option}: {written} is no address: write one such as https://updater.example.com")
    })?;
    ensure!(
        url.scheme() == "https" || on_emulator && url.scheme() == "http",
        "{option}: {written} can't be pushed to: Pub/Sub pushes to https:// alone"
    );
    ensure!(
        url.query().is_none() && url.fragment().is_none(),
        "{option}: {written} is more than a service's address: leave out what follows ? or #"
    );
    Ok(url)
}
