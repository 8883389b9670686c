//! `GET /health/live` and `GET /health/ready`. Neither path ends in `z`: Cloud Run answers those itself.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use serde_json::json;

use crate::Problem;

/// Tells whether a service can do its work now.
#[async_trait]
pub trait Ready: Send + Sync {
    /// What is missing, in words for an operator; `Ok` if nothing is.
    async fn ready(&self) -> Result<(), String>;
}

/// Adds both addresses; `ready` decides the second.
pub fn health_endpoints(configuration: &mut web::ServiceConfig, ready: web::Data<dyn Ready>) {
    configuration.service(
        web::scope("/health")
            .app_data(ready)
            .route("/live", web::get().to(live))
            .route("/ready", web::get().to(is_ready)),
    );
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "up"}))
}

async fn is_ready(ready: web::Data<dyn Ready>) -> Result<HttpResponse, Problem> {
    match ready.ready().await {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
        Err(missing) => {
            tracing::warn!(missing, "not ready");
            Err(Problem::unavailable(
                "a part of the service is not available; its log says which",
                Duration::from_secs(1),
            ))
        }
    }
}
