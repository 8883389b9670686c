//! How events that are sent from here prove who sent them to the publisher.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use anyhow::Context;
use events::Timestamp;
use publisher::{Callers, PublisherSettings, Secret, SigningKey};
use reqwest::RequestBuilder;

/// What a publisher is shown. Never printed.
#[derive(Clone, Default)]
pub enum Proof {
    /// Nothing.
    #[default]
    Nothing,
    /// Its shared secret.
    SharedSecret(Secret),
    /// A signature of each request.
    Signature(Arc<SigningKey>),
}

impl Proof {
    /// With the shared secret `text`.
    pub fn shared_secret(text: &str) -> Self {
        Self::SharedSecret(Secret::new(text))
    }

    /// With signatures by the key `text`; `setting` is where it was read, for a sentence about a text that is no key.
    pub fn signature(setting: &str, text: &Secret) -> anyhow::Result<Self> {
        let key = SigningKey::read(text).with_context(|| format!("{setting} can't be used"))?;
        Ok(Self::Signature(Arc::new(key)))
    }

    /// What a publisher with these settings asks for, as far as they say. They may be of another that runs elsewhere: then
    /// whichever secret they hold.
    pub fn of_settings(settings: &PublisherSettings) -> anyhow::Result<Self> {
        let secret = settings.shared_secret.clone().map(Self::SharedSecret);
        let key = settings.hmac_key.as_ref();
        match (settings.callers, secret, key) {
            (Callers::Hmac, _, Some(key)) | (_, None, Some(key)) => {
                Self::signature("TALARIA_PUBLISHER__HMAC_KEY", key)
            }
            (_, secret, _) => Ok(secret.unwrap_or_default()),
        }
    }

    /// Puts it on a request with this body that is sent now.
    pub(crate) fn put_on(
        &self,
        request: RequestBuilder,
        body: &str,
        now: Timestamp,
    ) -> RequestBuilder {
        match self {
            Self::Nothing => request,
            Self::SharedSecret(secret) => request.header("X-Talaria-Key", secret.expose()),
            Self::Signature(key) => {
                let (id, timestamp) = (message_id(body), (now.millis() / 1000).to_string());
                let signature = key.sign(&id, &timestamp, body.as_bytes());
                request
                    .header("webhook-id", id)
                    .header("webhook-timestamp", timestamp)
                    .header("webhook-signature", signature)
            }
        }
    }
}

/// The same whenever the same body is sent.
fn message_id(body: &str) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("msg_{:016x}", hasher.finish())
}
