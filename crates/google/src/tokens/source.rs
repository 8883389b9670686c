//! Where one kind of token comes from.

use std::fmt;

use google_cloud_auth::build_errors::Error as BuildError;
use google_cloud_auth::credentials::idtoken::{self, IDTokenCredentials};
use google_cloud_auth::credentials::{self, AccessTokenCredentials};
use google_cloud_auth::errors::CredentialsError;

/// Which token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// For this audience.
    Identity(String),
    /// For these scopes.
    Access(Vec<String>),
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(audience) => write!(formatter, "identity token for {audience}"),
            Self::Access(scopes) => write!(formatter, "access token for {}", scopes.join(" ")),
        }
    }
}

/// Google's client for one kind of token, with its cache. Its work goes on in the background until it is dropped.
pub(super) enum Source {
    Identity(IDTokenCredentials),
    Access(AccessTokenCredentials),
}

impl Source {
    /// From a metadata server, or by the credentials of the environment. Receivers know service accounts by their e-mail
    /// addresses, so that is asked for.
    pub(super) fn make(wanted: &Wanted, metadata: Option<&str>) -> Result<Self, BuildError> {
        match (wanted, metadata) {
            (Wanted::Identity(audience), Some(endpoint)) => idtoken::mds::Builder::new(audience)
                .with_format(idtoken::mds::Format::Full)
                .with_endpoint(endpoint)
                .build()
                .map(Self::Identity),
            (Wanted::Identity(audience), None) => idtoken::Builder::new(audience)
                .with_include_email()
                .build()
                .map(Self::Identity),
            (Wanted::Access(scopes), Some(endpoint)) => credentials::mds::Builder::default()
                .with_scopes(scopes)
                .with_endpoint(endpoint)
                .build_access_token_credentials()
                .map(Self::Access),
            (Wanted::Access(scopes), None) => credentials::Builder::default()
                .with_scopes(scopes)
                .build_access_token_credentials()
                .map(Self::Access),
        }
    }

    /// The token there is, or the next one.
    pub(super) async fn token(&self) -> Result<String, CredentialsError> {
        match self {
            Self::Identity(credentials) => credentials.id_token().await,
            Self::Access(credentials) => Ok(credentials.access_token().await?.token),
        }
    }
}
