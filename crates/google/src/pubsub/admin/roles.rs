//! Whether Pub/Sub itself may do what the subscriptions ask of it: forward what it gives up, and sign tokens for its
//! pushes. All of it is done by Pub/Sub's own service account, the agent of the project.

mod judgement;
mod policy;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use google_cloud_auth::credentials::{Builder as DefaultCredentials, Credentials};

use super::{AdminError, WantedTopology};
use crate::pubsub::ConnectError;
use judgement::judge;
use policy::RoleHosts;
use policy::{Policies, PolicyHolder};

const PUBLISHER: &str = "roles/pubsub.publisher";
const SUBSCRIBER: &str = "roles/pubsub.subscriber";
const TOKEN_CREATOR: &str = "roles/iam.serviceAccountTokenCreator";
/// Roles that hold the permission as well as the usual one does.
const PUBLISHERS: &[&str] = &[
    PUBLISHER,
    "roles/pubsub.editor",
    "roles/pubsub.admin",
    "roles/editor",
    "roles/owner",
];
const SUBSCRIBERS: &[&str] = &[
    SUBSCRIBER,
    "roles/pubsub.editor",
    "roles/pubsub.admin",
    "roles/editor",
    "roles/owner",
];
/// The agent's own role, which it has on every project whose Pub/Sub was switched on after April 2021, can sign tokens.
const TOKEN_CREATORS: &[&str] = &[
    TOKEN_CREATOR,
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/pubsub.serviceAgent",
];

/// One role that Pub/Sub's agent needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleFinding {
    /// On what: `topic x`, `subscription x`, `service account x`.
    pub resource: String,
    /// The usual role; others may hold the same permission.
    pub role: &'static str,
    /// Whether the agent has it.
    pub state: RoleState,
    /// The command that grants it.
    pub remedy: String,
}

/// Whether a role is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleState {
    /// By the resource's policy or by the project's.
    Granted,
    /// By neither. A folder's or an organisation's policy may still do it; those are not looked at.
    Missing,
    /// It can't be told, for this reason.
    NotChecked(String),
}

/// Reads policies and compares them with what the subscriptions need.
pub struct RoleChecker {
    policies: Policies,
    project: String,
}

struct Need {
    holder: PolicyHolder,
    role: &'static str,
    roles: &'static [&'static str],
}

impl RoleChecker {
    /// With the credentials of the environment that the process runs in.
    pub fn connect(http: reqwest::Client, project: &str) -> Result<Self, AdminError> {
        let credentials = DefaultCredentials::default().build();
        let credentials = credentials.map_err(|error| ConnectError::Credentials {
            reason: error.to_string(),
        })?;
        Ok(Self::with(http, credentials, RoleHosts::default(), project))
    }

    fn with(
        http: reqwest::Client,
        credentials: Credentials,
        hosts: RoleHosts,
        project: &str,
    ) -> Self {
        Self {
            policies: Policies::new(http, credentials, hosts),
            project: project.to_owned(),
        }
    }

    /// Every role that is needed, and whether it is there. What can't be read makes no error: it is said to be unchecked.
    pub async fn check(&self, wanted: &WantedTopology) -> Vec<RoleFinding> {
        let number = self.policies.project_number(&self.project).await;
        let agent = number.map(|number| format!("service-{number}@{}", policy::AGENTS_OF_PUBSUB));
        let project = self
            .policies
            .read(&PolicyHolder::Project(self.project.clone()))
            .await;
        let findings = self.needs(wanted).into_iter().map(async |need| {
            let own = self.policies.read(&need.holder).await;
            RoleFinding {
                resource: need.holder.to_string(),
                role: need.role,
                state: judge(&own, &project, agent.as_deref(), need.roles),
                remedy: need
                    .holder
                    .grant(need.role, agent.as_deref(), &self.project),
            }
        });
        join_all(findings).await
    }

    fn needs(&self, wanted: &WantedTopology) -> Vec<Need> {
        let (mut topics, mut accounts) = (BTreeSet::new(), BTreeSet::new());
        let mut needs = Vec::new();
        for subscription in &wanted.subscriptions {
            if let Some(dead_letter) = &subscription.dead_letter {
                topics.insert(&dead_letter.topic);
                needs.push(Need {
                    holder: PolicyHolder::Subscription(
                        self.project.clone(),
                        subscription.name.clone(),
                    ),
                    role: SUBSCRIBER,
                    roles: SUBSCRIBERS,
                });
            }
            accounts.extend(
                subscription
                    .token
                    .as_ref()
                    .map(|token| &token.service_account),
            );
        }
        needs.extend(topics.into_iter().map(|topic| Need {
            holder: PolicyHolder::Topic(self.project.clone(), topic.clone()),
            role: PUBLISHER,
            roles: PUBLISHERS,
        }));
        needs.extend(accounts.into_iter().map(|account| Need {
            holder: PolicyHolder::ServiceAccount(account.clone()),
            role: TOKEN_CREATOR,
            roles: TOKEN_CREATORS,
        }));
        needs
    }
}
