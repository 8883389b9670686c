//! A wanted subscription in the words of Google's client.

use std::time::Duration;

use google_cloud_pubsub::model::push_config::OidcToken;
use google_cloud_pubsub::model::{
    DeadLetterPolicy, ExpirationPolicy, PushConfig, RetryPolicy, Subscription,
};

use super::resource_names::Project;
use super::wanted::WantedSubscription;

/// The whole subscription; an update takes from it what its mask names.
pub(super) fn subscription(wanted: &WantedSubscription, project: &Project) -> Subscription {
    let mut model = Subscription::new()
        .set_name(project.subscription(&wanted.name))
        .set_topic(project.topic(&wanted.topic))
        .set_push_config(push(wanted))
        .set_ack_deadline_seconds(whole_seconds(wanted.ack_deadline))
        .set_retry_policy(retry(wanted))
        // Without a time it never expires; without the policy it would after 31 days.
        .set_expiration_policy(ExpirationPolicy::new())
        .set_filter(wanted.filter.clone().unwrap_or_default());
    // No duration that a person writes is too long for Google's.
    model.message_retention_duration = wanted.retention.try_into().ok();
    if let Some(dead_letter) = &wanted.dead_letter {
        let attempts = i32::try_from(dead_letter.max_delivery_attempts).unwrap_or(i32::MAX);
        model = model.set_dead_letter_policy(
            DeadLetterPolicy::new()
                .set_dead_letter_topic(project.topic(&dead_letter.topic))
                .set_max_delivery_attempts(attempts),
        );
    }
    model
}

fn push(wanted: &WantedSubscription) -> PushConfig {
    let push = PushConfig::new().set_push_endpoint(&wanted.endpoint);
    match &wanted.token {
        None => push,
        Some(token) => push.set_oidc_token(
            OidcToken::new()
                .set_service_account_email(&token.service_account)
                .set_audience(&token.audience),
        ),
    }
}

fn retry(wanted: &WantedSubscription) -> RetryPolicy {
    let mut policy = RetryPolicy::new();
    policy.minimum_backoff = wanted.retry_min.try_into().ok();
    policy.maximum_backoff = wanted.retry_max.try_into().ok();
    policy
}

fn whole_seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}
