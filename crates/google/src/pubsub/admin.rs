//! Topics and push subscriptions: what is there, how it differs from what is wanted, and making it so.
//!
//! Nothing is ever deleted here: a subscription's waiting messages would go with it.

mod compare;
mod difference;
mod error;
mod lake;
mod model;
mod remedy;
mod requests;
mod resource_names;
mod roles;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::PubSubSettings;
use super::access::Access;
pub use difference::{ComparedResource, Comparison, Difference, Field, Resource};
pub use error::AdminError;
use requests::Requests;
use resource_names::Project;
pub use roles::{RoleChecker, RoleFinding, RoleState};
pub use wanted::{DeadLetter, PushToken, WantedSubscription, WantedTopology};

/// Which Pub/Sub is looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSettings {
    /// The project's id.
    pub project: String,
    /// `host:port` of the emulator; `None` for Google's own Pub/Sub.
    pub emulator_host: Option<String>,
    /// The longest that one request may take, with its repetitions.
    pub request_timeout: Duration,
}

impl AdminSettings {
    /// Google's own Pub/Sub, with ten seconds for each request.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            emulator_host: None,
            request_timeout: Duration::from_secs(10),
        }
    }
}

/// Looks after the topics and subscriptions of one project.
pub struct PubSubAdmin {
    requests: Requests,
    project: Project,
}

impl PubSubAdmin {
    /// Makes the clients. Nothing is connected yet, so it succeeds where nobody listens.
    pub async fn connect(settings: &AdminSettings) -> Result<Self, AdminError> {
        let access = Access::new(&PubSubSettings {
            emulator_host: settings.emulator_host.clone(),
            ..PubSubSettings::new(&settings.project)
        })?;
        Ok(Self {
            requests: Requests::connect(access, settings.request_timeout).await?,
            project: Project(settings.project.clone()),
        })
    }

    /// Compares everything that is wanted with what is there; changes nothing.
    pub async fn compare(&self, wanted: &WantedTopology) -> Result<Comparison, AdminError> {
        let topics = wanted
            .topics
            .iter()
            .map(|topic| self.look_at_topic(topic, wanted));
        let topics = try_join_all(topics).await?;
        let subscriptions = wanted
            .subscriptions
            .iter()
            .map(|wanted| self.look_at(wanted));
        let subscriptions = try_join_all(subscriptions).await?;
        let (mut resources, mut others, mut lakes) = (Vec::new(), Vec::new(), Vec::new());
        for looked_at in topics {
            resources.push(looked_at.compared);
            others.extend(looked_at.others);
            lakes.extend(looked_at.lakes);
        }
        resources.extend(subscriptions);
        let lakes = lakes.iter().map(|name| self.look_at_lake(name));
        resources.extend(try_join_all(lakes).await?.into_iter().flatten());
        Ok(Comparison {
            resources,
            unwanted: self.pushed(others).await?,
        })
    }

    /// Makes what is missing and updates what can be updated; what can't be stays as it is. May be repeated, and be done
    /// by several at once.
    pub async fn apply(
        &self,
        wanted: &WantedTopology,
        comparison: &Comparison,
    ) -> Result<(), AdminError> {
        for compared in &comparison.resources {
            match &compared.resource {
                Resource::Topic(name) => {
                    if !compared.exists() {
                        self.requests
                            .create_topic(&self.project.topic(name))
                            .await?;
                    }
                }
                Resource::Subscription(name) => {
                    let subscription = wanted.subscriptions.iter().find(|one| one.name == *name);
                    if let Some(subscription) = subscription {
                        self.apply_to(subscription, compared).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn apply_to(
        &self,
        wanted: &WantedSubscription,
        compared: &ComparedResource,
    ) -> Result<(), AdminError> {
        let model = model::subscription(wanted, &self.project);
        if !compared.exists() {
            return self.requests.create_subscription(model).await;
        }
        let mendable = |difference: &&Difference| difference.is_mendable(self.requests.on_emulator);
        let paths: BTreeSet<&str> = compared
            .differences
            .iter()
            .filter(mendable)
            .filter_map(|difference| difference.field.update_path())
            .collect();
        match paths.is_empty() {
            true => Ok(()),
            false => self.requests.update_subscription(model, paths).await,
        }
    }

    async fn look_at_topic(
        &self,
        topic: &str,
        wanted: &WantedTopology,
    ) -> Result<LookedAtTopic, AdminError> {
        let full = self.project.topic(topic);
        let resource = Resource::Topic(topic.to_owned());
        let mut differences = Vec::new();
        let is_there = self.requests.has_topic(&full).await?;
        let subscribers = match is_there {
            true => self.requests.subscriptions_of(&full).await?,
            false => Vec::new(),
        };
        if !is_there {
            differences.push(missing(&resource));
        } else if subscribers.is_empty() && is_dead_letter_topic(topic, wanted) {
            differences.push(Difference {
                resource: resource.clone(),
                field: Field::Subscribers,
                wanted: "at least one".to_owned(),
                found: "none, its messages are lost".to_owned(),
            });
        }
        let ours = format!("{topic}.");
        let names = subscribers
            .iter()
            .filter_map(|full| self.project.short_subscription(full));
        let others = names
            .clone()
            .filter(|name| name.starts_with(&ours))
            .filter(|name| {
                wanted
                    .subscriptions
                    .iter()
                    .all(|wanted| wanted.name != *name)
            })
            .map(str::to_owned)
            .collect();
        Ok(LookedAtTopic {
            compared: ComparedResource {
                resource,
                differences,
            },
            others,
            lakes: names
                .filter(|name| lake::is_lake_of(topic, name))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// None if it was deleted meanwhile: nobody needs one.
    async fn look_at_lake(&self, name: &str) -> Result<Option<ComparedResource>, AdminError> {
        let full = self.project.subscription(name);
        let found = self.requests.subscription(&full).await?;
        Ok(found.map(|found| ComparedResource {
            resource: Resource::Subscription(name.to_owned()),
            differences: lake::compare(name, &found, &self.project),
        }))
    }

    async fn look_at(&self, wanted: &WantedSubscription) -> Result<ComparedResource, AdminError> {
        let resource = Resource::Subscription(wanted.name.clone());
        let full = self.project.subscription(&wanted.name);
        let differences = match self.requests.subscription(&full).await? {
            None => vec![missing(&resource)],
            Some(found) => compare::compare(wanted, &found, &self.project),
        };
        Ok(ComparedResource {
            resource,
            differences,
        })
    }

    /// Those that push: Talaria makes no others.
    async fn pushed(&self, names: Vec<String>) -> Result<Vec<String>, AdminError> {
        let looks = names.into_iter().map(|name| async move {
            let found = self
                .requests
                .subscription(&self.project.subscription(&name))
                .await?;
            let endpoint = found
                .and_then(|found| found.push_config)
                .map(|push| push.push_endpoint);
            let is_push = endpoint.is_some_and(|endpoint| !endpoint.is_empty());
            Ok::<_, AdminError>(is_push.then_some(name))
        });
        let pushed = try_join_all(looks).await?;
        Ok(pushed.into_iter().flatten().collect())
    }
}

/// A topic, and short names of its subscriptions beside those that are wanted.
struct LookedAtTopic {
    compared: ComparedResource,
    /// Those that could be ours.
    others: Vec<String>,
    lakes: Vec<String>,
}

fn missing(resource: &Resource) -> Difference {
    Difference {
        resource: resource.clone(),
        field: Field::Existence,
        wanted: "there".to_owned(),
        found: "missing".to_owned(),
    }
}

fn is_dead_letter_topic(topic: &str, wanted: &WantedTopology) -> bool {
    let mut subscriptions = wanted.subscriptions.iter();
    subscriptions.any(|wanted| {
        let dead_letter = wanted.dead_letter.as_ref();
        dead_letter.is_some_and(|dead_letter| dead_letter.topic == topic)
    })
}
