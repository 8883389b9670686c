//! What Google's errors mean to who publishes, and to the operator who reads them.

use std::time::Duration;

use bus::PublishError;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::{Code, Status};

/// How long to wait while Pub/Sub can't be used.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The process is nobody to Google.
    #[error(
        "no credentials for Pub/Sub ({reason}): run as a service account, or: gcloud auth application-default login"
    )]
    Credentials {
        /// In the words of Google's client.
        reason: String,
    },
    /// No client can be made of the settings.
    #[error("can't make a Pub/Sub client ({reason}): check endpoint and emulator in the settings")]
    Client {
        /// In the words of Google's client.
        reason: String,
    },
}

/// Nothing can be published now.
pub(super) fn unavailable(reason: impl Into<String>) -> PublishError {
    PublishError::Unavailable {
        reason: reason.into(),
        retry_after: RETRY_AFTER,
    }
}

/// What an error of a request about `topic`, whose full name is `name`, means to its caller.
pub(super) fn publish_error(error: &Error, topic: &str, name: &str) -> PublishError {
    let Some(status) = status(error) else {
        let reason = innermost(error);
        return unavailable(match googles(error).any(Error::is_authentication) {
            true => format!("no token for Pub/Sub: {reason}"),
            false => format!("Pub/Sub can't be reached: {reason}"),
        });
    };
    match status.code {
        Code::NotFound => PublishError::UnknownTopic {
            topic: topic.to_owned(),
        },
        Code::PermissionDenied => unavailable(format!(
            "not allowed to publish to {name}: grant the service account roles/pubsub.publisher on the topic"
        )),
        Code::Unauthenticated => unavailable(format!(
            "Pub/Sub doesn't accept the credentials: run as a service account that has roles/pubsub.publisher on {name}"
        )),
        Code::ResourceExhausted => unavailable(format!(
            "Pub/Sub's quota is used up ({}): it is free again soon; if this lasts, ask for more under IAM & Admin > Quotas",
            status.message
        )),
        // Google's own words are left out: they may repeat what is wrong in the message.
        Code::InvalidArgument => unavailable(format!(
            "Pub/Sub finds the request invalid: check the name {name}, and that the topic has no schema"
        )),
        code => unavailable(format!("Pub/Sub answers {code}: {}", status.message)),
    }
}

/// What the server answered, if it did: also where Google's client has given up repeating.
pub(super) fn status(error: &Error) -> Option<&Status> {
    googles(error).find_map(Error::status)
}

/// Google's errors in the chain of causes. Between them there are links of other types: what the retry policy says when
/// it gives up is one.
fn googles(error: &Error) -> impl Iterator<Item = &Error> {
    chain(error).filter_map(|cause| cause.downcast_ref())
}

fn chain(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let outermost: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(outermost), |cause| cause.source())
}

/// The innermost cause is the one that says something.
fn innermost(error: &Error) -> String {
    chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}
