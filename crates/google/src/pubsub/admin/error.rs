//! Why topics and subscriptions can't be looked at or made, and what to do.

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;

use crate::pubsub::ConnectError;
use crate::pubsub::error::status;

/// What went wrong; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no client.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Pub/Sub does not answer now, and may later.
    #[error("Pub/Sub does not answer ({reason}): is it up, and can it be reached from here?")]
    Unreachable {
        /// In the words of Google's client.
        reason: String,
    },
    /// The credentials don't suffice.
    #[error(
        "not allowed to {action} ({reason}): roles/pubsub.viewer is needed to look, roles/pubsub.editor to change"
    )]
    Denied {
        /// What was tried.
        action: String,
        /// In Pub/Sub's words.
        reason: String,
    },
    /// Pub/Sub finds that it can't be done.
    #[error("Pub/Sub refuses to {action}: {reason}")]
    Refused {
        /// What was tried.
        action: String,
        /// In Pub/Sub's words.
        reason: String,
    },
}

impl AdminError {
    /// Whether the same may work in a moment.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    pub(super) fn new(action: &str, error: &Error) -> Self {
        let Some(status) = status(error) else {
            if error.is_authentication() {
                let reason = innermost(error);
                return ConnectError::Credentials { reason }.into();
            }
            return Self::Unreachable {
                reason: innermost(error),
            };
        };
        let (action, reason) = (action.to_owned(), status.message.clone());
        match status.code {
            Code::PermissionDenied | Code::Unauthenticated => Self::Denied { action, reason },
            Code::Unavailable | Code::DeadlineExceeded | Code::Internal | Code::Aborted => {
                Self::Unreachable { reason }
            }
            _ => Self::Refused { action, reason },
        }
    }
}

/// The cause that says something; those around it only say that there is one.
fn innermost(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
