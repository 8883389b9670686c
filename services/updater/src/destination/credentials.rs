//! What a call is authenticated with: a secret or a token, and the header it goes into.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::http::{header_name, header_value};
use crate::routes::{Auth, GoogleToken};
use crate::secret::{SecretText, Secrets};
use crate::tokens::OutgoingTokens;

/// The longest that a call waits for its secret or token. Below the margin by which a lease outlasts a call.
const PATIENCE: Duration = Duration::from_secs(5);

/// Secrets and tokens for calls.
pub struct Credentials {
    secrets: Arc<Secrets>,
    /// Where Google's tokens come from, if this process has any.
    tokens: Option<Arc<dyn OutgoingTokens>>,
}

impl Credentials {
    /// Secrets from `secrets`, tokens from `tokens`.
    pub fn new(secrets: Arc<Secrets>, tokens: Option<Arc<dyn OutgoingTokens>>) -> Self {
        Self { secrets, tokens }
    }

    /// What a call needs, which a header can carry; nothing where it needs none. The error says what to do.
    pub async fn get(&self, auth: &Auth) -> Result<Option<SecretText>, String> {
        let got = self.get_any(auth).await?;
        if let Some(secret) = &got
            && header_of(auth, secret).is_err()
        {
            // No destination will ever refuse it, and it is to be read again once somebody has put it right.
            self.refused(auth, secret);
            return Err(format!(
                "{} holds a line break or another character that no header can carry: store it again without",
                name_of(auth)
            ));
        }
        Ok(got)
    }

    async fn get_any(&self, auth: &Auth) -> Result<Option<SecretText>, String> {
        let getting = async {
            match auth {
                Auth::None => Ok(None),
                Auth::Bearer { secret } | Auth::Header { secret, .. } => {
                    let secret = self.secrets.get(secret).await;
                    secret.map(Some).map_err(|error| error.to_string())
                }
                Auth::Google(wanted) => self.token(wanted).await.map(Some),
            }
        };
        tokio::time::timeout(PATIENCE, getting)
            .await
            .unwrap_or_else(|_| {
                Err(format!(
                    "{} did not come within {PATIENCE:?}; it is tried again",
                    name_of(auth)
                ))
            })
    }

    /// Notes that a destination refused what was sent, so that the next call gets a new one if there is one.
    pub fn refused(&self, auth: &Auth, sent: &SecretText) {
        match auth {
            Auth::None => {}
            Auth::Bearer { secret } | Auth::Header { secret, .. } => {
                self.secrets.refused(secret, sent);
            }
            Auth::Google(wanted) => {
                if let Some(tokens) = &self.tokens {
                    tokens.forget(wanted);
                }
            }
        }
    }

    async fn token(&self, wanted: &GoogleToken) -> Result<SecretText, String> {
        let Some(tokens) = &self.tokens else {
            return Err(format!(
                "there is no {wanted} here: Google's tokens are given where the updater runs as a service by itself, as on \
                 Cloud Run; on one machine use bearer: or header: with a secret"
            ));
        };
        let token = tokens.token(wanted).await;
        token.map_err(|error| error.to_string())
    }
}

fn name_of(auth: &Auth) -> String {
    match auth {
        Auth::Google(wanted) => format!("the {wanted}"),
        _ => format!("the secret {}", auth.secret().unwrap_or_default()),
    }
}

/// The header that says who calls. Its value is marked, so that it is never shown.
pub(super) fn header_of(
    auth: &Auth,
    secret: &SecretText,
) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let (name, mut value) = match auth {
        Auth::None => return Ok(None),
        Auth::Bearer { .. } | Auth::Google(_) => {
            let value = format!("Bearer {}", secret.expose());
            (AUTHORIZATION, header_value("Authorization", &value)?)
        }
        Auth::Header { name, .. } => (header_name(name)?, header_value(name, secret.expose())?),
    };
    value.set_sensitive(true);
    Ok(Some((name, value)))
}
