//! Why there is no token, in words for whoever runs the service. The client's own words may hold what a server answered,
//! so they are not passed on.

use google_cloud_auth::build_errors::Error as BuildError;
use google_cloud_auth::errors::CredentialsError;

use super::source::Wanted;

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not with the credentials there are.
    #[error("there is no {token}: {remedy}")]
    NotAvailable {
        /// Which token.
        token: String,
        /// What to do.
        remedy: String,
    },
    /// Perhaps later.
    #[error("no {token} can be had now: {reason}; it is tried again")]
    Unreachable {
        /// Which token.
        token: String,
        /// Why.
        reason: String,
    },
}

impl TokenError {
    pub(super) fn not_available(wanted: &Wanted, remedy: impl Into<String>) -> Self {
        Self::NotAvailable {
            token: wanted.to_string(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn unreachable(wanted: &Wanted, reason: &str) -> Self {
        Self::Unreachable {
            token: wanted.to_string(),
            reason: reason.to_owned(),
        }
    }
}

/// The credentials can't be used.
pub(super) fn not_made(wanted: &Wanted, error: &BuildError) -> TokenError {
    let remedy = if error.is_not_supported() {
        match wanted {
            Wanted::Identity(_) => {
                "a person's credentials give none: run as a service account, or as one with `gcloud auth \
                 application-default login --impersonate-service-account=ACCOUNT`"
            }
            Wanted::Access(_) => "these credentials give none: run as a service account",
        }
    } else {
        "the file of credentials can't be used: set GOOGLE_APPLICATION_CREDENTIALS to a good one, or unset it to run as the \
         machine's service account"
    };
    TokenError::not_available(wanted, remedy)
}

/// The credentials were used, and no token came.
pub(super) fn refused(wanted: &Wanted, error: &CredentialsError) -> TokenError {
    if error.is_transient() {
        let reason = "Google, or the machine's metadata server, can't be reached or is busy (off Google Cloud, set \
                      GOOGLE_APPLICATION_CREDENTIALS to a file with credentials)";
        return TokenError::unreachable(wanted, reason);
    }
    TokenError::not_available(
        wanted,
        "Google, or the machine's metadata server, refused to give it: see that the service runs as a service account that \
         exists, and that the audience or the scopes are right",
    )
}
