//! `GET /health/live` and `GET /health/ready`. Neither path ends in `z`: Cloud Run answers those itself.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::{Problem, only_get};

#[cfg(test)]
mod tests;

/// Tells whether a service can do its work now. Each call may ask a bus or a store; [`Readiness`] bounds how often.
#[async_trait]
pub trait Ready: Send + Sync {
    /// Who is asked, such as `the store`: the log names it where no answer comes.
    fn asks(&self) -> &'static str;

    /// What is missing, in words for an operator; `Ok` if nothing is.
    async fn ready(&self) -> Result<(), String>;
}

/// How long an answer holds, good or bad: anybody may ask, and each question costs the bus or the store a request.
const HOLDS: Duration = Duration::from_secs(1);
/// The longest that one answer may take; below the four seconds that a probe waits.
const WITHIN: Duration = Duration::from_secs(3);
/// Between two lines of the log about what is missing.
const PAUSE: Duration = Duration::from_secs(10);

/// Asks one question at a time and at most one a second, however many want to know, and whether the answer is good or bad.
pub struct Readiness {
    ready: Arc<dyn Ready>,
    last: Arc<Mutex<Option<Answer>>>,
    told: std::sync::Mutex<Option<Instant>>,
}

/// What was answered, and when.
struct Answer {
    came: Instant,
    ready: Result<(), String>,
}

impl Readiness {
    /// Nothing asked yet.
    pub fn new(ready: Arc<dyn Ready>) -> web::Data<Self> {
        web::Data::new(Self {
            ready,
            last: Arc::default(),
            told: std::sync::Mutex::default(),
        })
    }

    /// The last answer while it holds, else a new one, which is also that of all who come meanwhile.
    async fn get(&self) -> Result<(), String> {
        let mut last = Arc::clone(&self.last).lock_owned().await;
        if let Some(answer) = &*last
            && answer.came.elapsed() < HOLDS
        {
            return answer.ready.clone();
        }
        let asked = Arc::clone(&self.ready);
        // A task, so that it is answered whoever stops waiting: who hangs up at once would else have it asked each time.
        let asking = tokio::spawn(async move {
            let ready = timeout(WITHIN, asked.ready()).await.unwrap_or_else(|_| {
                Err(format!("no answer of {} within {WITHIN:?}", asked.asks()))
            });
            *last = Some(Answer {
                came: Instant::now(),
                ready: ready.clone(),
            });
            ready
        });
        asking
            .await
            .unwrap_or_else(|_| Err("the question broke off".to_owned()))
    }

    /// Whether the log is to be told of a bad answer now: how often they are asked for is up to strangers.
    fn is_to_be_told(&self) -> bool {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|told| now.duration_since(told) >= PAUSE);
        if is_due {
            *told = Some(now);
        }
        is_due
    }
}

/// Adds both addresses; `readiness` decides the second.
pub fn health_endpoints(configuration: &mut web::ServiceConfig, readiness: web::Data<Readiness>) {
    configuration.service(
        web::scope("/health")
            .app_data(readiness)
            .service(only_get("/live", web::get().to(live)))
            .service(only_get("/ready", web::get().to(is_ready))),
    );
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "up"}))
}

async fn is_ready(readiness: web::Data<Readiness>) -> Result<HttpResponse, Problem> {
    match readiness.get().await {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
        Err(missing) => {
            if readiness.is_to_be_told() {
                tracing::warn!(missing, "not ready");
            }
            Err(Problem::unavailable(
                "a part of the service is not available; its log says which",
                Duration::from_secs(1),
            ))
        }
    }
}
