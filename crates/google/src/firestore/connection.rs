//! Connecting to a database.

use firestore::errors::FirestoreError;
use firestore::gcloud_sdk::google_cloud_auth::credentials::{
    CacheableResource, Credentials, CredentialsProvider, EntityTag,
};
use firestore::gcloud_sdk::google_cloud_auth::errors::CredentialsError;
use firestore::{FirestoreDb, FirestoreDbOptions};
use futures_util::TryFutureExt;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::runtime::Handle;

use super::FirestoreSettings;

/// Connects with the credentials of the environment that the process runs in; to the emulator with its own.
///
/// The connection's tasks live on `home`, and it ends with them. Whoever asks first may be a worker of a server, which ends
/// before the last work is written down.
pub(super) async fn connect(
    settings: &FirestoreSettings,
    home: Option<&Handle>,
) -> Result<FirestoreDb, String> {
    let opening = open(settings.clone()).map_err(|error| error.to_string());
    match home {
        Some(home) => {
            let opened = home.spawn(opening).await;
            opened.unwrap_or_else(|broken_off| Err(broken_off.to_string()))
        }
        None => opening.await,
    }
}

async fn open(settings: FirestoreSettings) -> Result<FirestoreDb, FirestoreError> {
    let options = FirestoreDbOptions::new(settings.project.clone())
        .with_database_id(settings.database.clone());
    match settings.emulator_host {
        None => FirestoreDb::with_options(options).await,
        Some(host) => {
            let options = options.with_firebase_api_url(format!("http://{host}"));
            FirestoreDb::with_options_auth(options, Credentials::from(EmulatorCredentials::new()))
                .await
        }
    }
}

/// What Firebase's tools send to the emulator, which then applies no security rules.
#[derive(Debug)]
struct EmulatorCredentials {
    tag: EntityTag,
}

impl EmulatorCredentials {
    fn new() -> Self {
        Self {
            tag: EntityTag::new(),
        }
    }
}

impl CredentialsProvider for EmulatorCredentials {
    async fn headers(
        &self,
        extensions: http::Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        if extensions.get::<EntityTag>() == Some(&self.tag) {
            return Ok(CacheableResource::NotModified);
        }
        let owner = HeaderValue::from_static("Bearer owner");
        Ok(CacheableResource::New {
            entity_tag: self.tag.clone(),
            data: HeaderMap::from_iter([(AUTHORIZATION, owner)]),
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}
