//! How a subscription that is there differs from the one that is wanted; pure.

use std::time::Duration;

use google_cloud_pubsub::model::push_config::{AuthenticationMethod, OidcToken, Wrapper};
use google_cloud_pubsub::model::{PushConfig, Subscription};

use super::difference::{Difference, Field, Resource};
use super::resource_names::Project;
use super::wanted::{PushToken, WantedSubscription};

/// What Pub/Sub writes instead of the name of a topic that was deleted.
const DELETED_TOPIC: &str = "_deleted-topic_";
const NONE: &str = "none";
/// Pub/Sub's defaults where a subscription says nothing.
const USUAL_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const USUAL_EXPIRATION: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// All differences, in the order of [`Field`]; none if it is as wanted.
pub(super) fn compare(
    wanted: &WantedSubscription,
    found: &Subscription,
    project: &Project,
) -> Vec<Difference> {
    let mut report = Report::new(Resource::Subscription(wanted.name.clone()));
    compare_topic(wanted, found, project, &mut report);
    compare_push(wanted, found, &mut report);
    compare_patience(wanted, found, project, &mut report);
    let filter = wanted.filter.as_deref();
    compare_life_of(wanted.retention, filter, found, &mut report);
    report.differences
}

pub(super) struct Report {
    resource: Resource,
    pub(super) differences: Vec<Difference>,
}

impl Report {
    pub(super) fn new(resource: Resource) -> Self {
        Self {
            resource,
            differences: Vec::new(),
        }
    }

    pub(super) fn expect(
        &mut self,
        field: Field,
        wanted: impl Into<String>,
        found: impl Into<String>,
    ) {
        let (wanted, found) = (wanted.into(), found.into());
        if wanted != found {
            self.differences.push(Difference {
                resource: self.resource.clone(),
                field,
                wanted,
                found,
            });
        }
    }
}

fn compare_topic(
    wanted: &WantedSubscription,
    found: &Subscription,
    project: &Project,
    report: &mut Report,
) {
    let topic = match found.topic.as_str() {
        DELETED_TOPIC => "a deleted topic",
        full => project.short_topic(full),
    };
    report.expect(Field::Topic, &wanted.topic, topic);
}

fn compare_push(wanted: &WantedSubscription, found: &Subscription, report: &mut Report) {
    let delivery = delivery(found);
    report.expect(Field::Delivery, "push", delivery);
    if delivery != "push" {
        return;
    }
    let none = PushConfig::default();
    let push = found.push_config.as_ref().unwrap_or(&none);
    let endpoint = match push.push_endpoint.as_str() {
        "" => "none, it waits to be pulled",
        endpoint => endpoint,
    };
    report.expect(Field::Endpoint, &wanted.endpoint, endpoint);
    let is_bare = matches!(push.wrapper, Some(Wrapper::NoWrapper(_)));
    let envelope = if is_bare { "no envelope" } else { "Pub/Sub's" };
    report.expect(Field::Envelope, "Pub/Sub's", envelope);
    compare_token(wanted.token.as_ref(), push, report);
}

fn delivery(found: &Subscription) -> &'static str {
    if found.bigquery_config.is_some() {
        "to BigQuery"
    } else if found.cloud_storage_config.is_some() {
        "to Cloud Storage"
    } else if found.bigtable_config.is_some() {
        "to Bigtable"
    } else {
        "push"
    }
}

fn compare_token(wanted: Option<&PushToken>, push: &PushConfig, report: &mut Report) {
    let found = match &push.authentication_method {
        Some(AuthenticationMethod::OidcToken(token)) => Some(token.as_ref()),
        _ => None,
    };
    let account = |token: &OidcToken| token.service_account_email.clone();
    report.expect(
        Field::TokenAccount,
        wanted.map_or(NONE, |token| &token.service_account),
        found.map_or(NONE.to_owned(), account),
    );
    if let (Some(wanted), Some(found)) = (wanted, found) {
        let audience = match found.audience.as_str() {
            "" => push.push_endpoint.as_str(),
            audience => audience,
        };
        report.expect(Field::TokenAudience, &wanted.audience, audience);
    }
}

fn compare_patience(
    wanted: &WantedSubscription,
    found: &Subscription,
    project: &Project,
    report: &mut Report,
) {
    let deadline = format!("{} s", found.ack_deadline_seconds);
    report.expect(Field::AckDeadline, seconds(wanted.ack_deadline), deadline);
    let retry = found.retry_policy.as_ref().map(|policy| {
        let read = |backoff: &Option<_>, usual| {
            let backoff = backoff.and_then(|backoff| Duration::try_from(backoff).ok());
            backoff.unwrap_or(Duration::from_secs(usual))
        };
        retry_text(
            read(&policy.minimum_backoff, 10),
            read(&policy.maximum_backoff, 600),
        )
    });
    report.expect(
        Field::RetryPolicy,
        retry_text(wanted.retry_min, wanted.retry_max),
        retry.unwrap_or_else(|| "none, refused messages come again at once".to_owned()),
    );
    let dead_letter = found.dead_letter_policy.as_ref();
    report.expect(
        Field::DeadLetterTopic,
        wanted
            .dead_letter
            .as_ref()
            .map_or(NONE, |wanted| &wanted.topic),
        dead_letter.map_or(NONE, |found| project.short_topic(&found.dead_letter_topic)),
    );
    if let (Some(wanted), Some(found)) = (&wanted.dead_letter, dead_letter) {
        report.expect(
            Field::DeadLetterAttempts,
            wanted.max_delivery_attempts.to_string(),
            // Zero stands for the default.
            match found.max_delivery_attempts {
                0 => "5".to_owned(),
                attempts => attempts.to_string(),
            },
        );
    }
}

/// What every subscription of the topics has in common: it lives, keeps what waits, and gets what it should.
pub(super) fn compare_life_of(
    wanted_retention: Duration,
    wanted_filter: Option<&str>,
    found: &Subscription,
    report: &mut Report,
) {
    let attached = |is_detached| if is_detached { "detached" } else { "attached" };
    report.expect(Field::Detached, attached(false), attached(found.detached));
    let retention = found.message_retention_duration;
    let retention = retention.and_then(|retention| Duration::try_from(retention).ok());
    report.expect(
        Field::Retention,
        seconds(wanted_retention),
        seconds(retention.unwrap_or(USUAL_RETENTION)),
    );
    let expiration = match &found.expiration_policy {
        None => Some(USUAL_EXPIRATION),
        Some(policy) => policy.ttl.and_then(|ttl| Duration::try_from(ttl).ok()),
    };
    let expiration = expiration.map(|unused| format!("after {} unused", seconds(unused)));
    report.expect(
        Field::Expiration,
        "never",
        expiration.unwrap_or_else(|| "never".to_owned()),
    );
    let filter = |filter: &str| if filter.is_empty() { NONE } else { filter }.to_owned();
    report.expect(
        Field::Filter,
        filter(wanted_filter.unwrap_or_default()),
        filter(&found.filter),
    );
    let on = |is_on| if is_on { "on" } else { "off" };
    report.expect(
        Field::Ordering,
        on(false),
        on(found.enable_message_ordering),
    );
    report.expect(
        Field::ExactlyOnce,
        on(false),
        on(found.enable_exactly_once_delivery),
    );
}

fn retry_text(shortest: Duration, longest: Duration) -> String {
    format!("{} to {}", seconds(shortest), seconds(longest))
}

/// Pub/Sub may keep parts of a second, and a difference that is not shown can't be mended.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
