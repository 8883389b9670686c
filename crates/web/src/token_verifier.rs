//! The check of callers' Google identity tokens, which a service is handed: the library knows no Google.

use async_trait::async_trait;

use crate::{PushCredentials, PushRefusal};

/// Tells whose Google identity token a request carries. Asked before the request's body is read.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// The e-mail address of the service account whose token it is: one of those that the verifier was made for. Says in
    /// the log, without the token, which check failed and what to do; of many that fail alike, once in a while.
    async fn account(&self, credentials: PushCredentials<'_>) -> Result<&str, PushRefusal>;
}
