//! Reading IAM policies over HTTP: those of service accounts and projects are outside the Pub/Sub client.

use std::fmt;
use std::time::Duration;

use google_cloud_auth::credentials::{CacheableResource, Credentials};
use reqwest::{Method, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// Where the agents of Pub/Sub live, one a project.
pub(super) const AGENTS_OF_PUBSUB: &str = "gcp-sa-pubsub.iam.gserviceaccount.com";
const TIMEOUT: Duration = Duration::from_secs(10);
/// Conditions are told in this version alone.
const VERSION: (&str, &str) = ("options.requestedPolicyVersion", "3");

/// Where Google's services are asked, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleHosts {
    /// Pub/Sub.
    pub(super) pubsub: String,
    /// Identity and Access Management.
    pub(super) iam: String,
    /// Resource Manager.
    pub(super) resource_manager: String,
}

impl Default for RoleHosts {
    fn default() -> Self {
        Self {
            pubsub: "https://pubsub.googleapis.com".to_owned(),
            iam: "https://iam.googleapis.com".to_owned(),
            resource_manager: "https://cloudresourcemanager.googleapis.com".to_owned(),
        }
    }
}

/// What has a policy. Topics and subscriptions are named by project and short name.
pub(super) enum PolicyHolder {
    Topic(String, String),
    Subscription(String, String),
    ServiceAccount(String),
    Project(String),
}

impl fmt::Display for PolicyHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(_, name) => write!(formatter, "topic {name}"),
            Self::Subscription(_, name) => write!(formatter, "subscription {name}"),
            Self::ServiceAccount(account) => write!(formatter, "service account {account}"),
            Self::Project(project) => write!(formatter, "project {project}"),
        }
    }
}

impl PolicyHolder {
    /// The command that grants `role` to Pub/Sub's agent.
    pub(super) fn grant(&self, role: &str, agent: Option<&str>, project: &str) -> String {
        let command = match self {
            Self::Topic(_, name) => format!("pubsub topics add-iam-policy-binding {name}"),
            Self::Subscription(_, name) => {
                format!("pubsub subscriptions add-iam-policy-binding {name}")
            }
            Self::ServiceAccount(account) => {
                format!("iam service-accounts add-iam-policy-binding {account}")
            }
            Self::Project(project) => format!("projects add-iam-policy-binding {project}"),
        };
        let agent = agent.map_or_else(
            || format!("service-PROJECT_NUMBER@{AGENTS_OF_PUBSUB}"),
            str::to_owned,
        );
        format!(
            "gcloud {command} --project={project} --member=serviceAccount:{agent} --role={role}"
        )
    }
}

/// Who has which role.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Policy {
    #[serde(default)]
    pub(super) bindings: Vec<Binding>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Binding {
    pub(super) role: String,
    #[serde(default)]
    pub(super) members: Vec<String>,
    pub(super) condition: Option<serde::de::IgnoredAny>,
}

/// Why there is no policy to look at.
#[derive(Debug)]
pub(super) enum Unread {
    /// Nor anything that could have one.
    NotThere,
    /// Because of this.
    Unreadable(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectAnswer {
    project_number: String,
}

pub(super) struct Policies {
    http: reqwest::Client,
    credentials: Credentials,
    hosts: RoleHosts,
}

impl Policies {
    pub(super) fn new(http: reqwest::Client, credentials: Credentials, hosts: RoleHosts) -> Self {
        Self {
            http,
            credentials,
            hosts,
        }
    }

    pub(super) async fn read(&self, holder: &PolicyHolder) -> Result<Policy, Unread> {
        let RoleHosts {
            pubsub,
            iam,
            resource_manager,
        } = &self.hosts;
        let (method, url) = match holder {
            PolicyHolder::Topic(project, name) => (
                Method::GET,
                format!("{pubsub}/v1/projects/{project}/topics/{name}"),
            ),
            PolicyHolder::Subscription(project, name) => (
                Method::GET,
                format!("{pubsub}/v1/projects/{project}/subscriptions/{name}"),
            ),
            PolicyHolder::ServiceAccount(account) => (
                Method::POST,
                format!("{iam}/v1/projects/-/serviceAccounts/{account}"),
            ),
            PolicyHolder::Project(project) => (
                Method::POST,
                format!("{resource_manager}/v1/projects/{project}"),
            ),
        };
        let request = self.http.request(method, format!("{url}:getIamPolicy"));
        self.send(match holder {
            PolicyHolder::Project(_) => request.body(r#"{"options":{"requestedPolicyVersion":3}}"#),
            _ => request.query(&[VERSION]),
        })
        .await
    }

    /// The number that is part of the name of the project's agents, if it may be known.
    pub(super) async fn project_number(&self, project: &str) -> Option<String> {
        let url = format!("{}/v1/projects/{project}", self.hosts.resource_manager);
        let answer: Result<ProjectAnswer, _> = self.send(self.http.get(url)).await;
        answer.ok().map(|answer| answer.project_number)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Unread> {
        timeout(TIMEOUT, self.ask(request))
            .await
            .unwrap_or_else(|_| {
                let reason = format!("no answer within {} s", TIMEOUT.as_secs());
                Err(Unread::Unreadable(reason))
            })
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Unread> {
        let unreadable = |error: &dyn std::error::Error| Unread::Unreadable(error.to_string());
        let credentials = self.credentials.headers(Default::default()).await;
        let request = match credentials.map_err(|error| unreadable(&error))? {
            CacheableResource::New { data, .. } => request.headers(data),
            CacheableResource::NotModified => request,
        };
        let request = request.header("Content-Type", "application/json");
        let answer = request.send().await.map_err(|error| unreadable(&error))?;
        let body = understood(answer)?.bytes().await;
        let body = body.map_err(|error| unreadable(&error))?;
        serde_json::from_slice(&body).map_err(|error| unreadable(&error))
    }
}

fn understood(answer: Response) -> Result<Response, Unread> {
    match answer.status().as_u16() {
        200 => Ok(answer),
        404 => Err(Unread::NotThere),
        401 | 403 => Err(Unread::Unreadable(
            "its policy may not be read: roles/iam.securityReviewer on the project is enough"
                .to_owned(),
        )),
        status => Err(Unread::Unreadable(format!(
            "its policy can't be read: Google answers {status}"
        ))),
    }
}
