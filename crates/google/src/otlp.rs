//! The ways of spans and metrics that a base build can't go: gRPC, and Google's own receiver
//! (`https://telemetry.googleapis.com`), which wants a token of the account that the process runs as.

mod grpc;

use std::sync::Arc;

use async_trait::async_trait;
use telemetry::{Authorization, HttpTransport, OtlpError, Protocol, SendError, Targets, Transport};

use crate::tokens::{GoogleTokens, TokenSettings};
use grpc::GrpcTransport;

/// What tokens for Google's receiver are good for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The way to the receivers, by either protocol, from the tokio runtime that this is called on. `project` is whose quota
/// Google's receiver counts on.
pub fn transport(
    targets: &Targets,
    project: Option<&str>,
) -> Result<Arc<dyn Transport>, OtlpError> {
    let google = targets.need_google().then(|| {
        Arc::new(GoogleAuthorization {
            tokens: GoogleTokens::new(TokenSettings::default()),
            scopes: vec![SCOPE.to_owned()],
            project: project.map(str::to_owned),
        }) as Arc<dyn Authorization>
    });
    Ok(match targets.protocol {
        Protocol::Grpc => Arc::new(GrpcTransport::new(targets, google)?),
        Protocol::HttpProtobuf => {
            let http = HttpTransport::new(targets)?;
            Arc::new(match google {
                Some(google) => http.with_google_authorization(google),
                None => http,
            })
        }
    })
}

/// A token of the account that the process runs as.
struct GoogleAuthorization {
    tokens: GoogleTokens,
    scopes: Vec<String>,
    project: Option<String>,
}

#[async_trait]
impl Authorization for GoogleAuthorization {
    async fn headers(&self) -> Result<Vec<(String, String)>, SendError> {
        let token = self.tokens.access_token(&self.scopes).await;
        let token = token.map_err(|error| SendError::Later {
            reason: error.to_string(),
            after: None,
        })?;
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        if let Some(project) = &self.project {
            headers.push(("x-goog-user-project".to_owned(), project.clone()));
        }
        Ok(headers)
    }
}
