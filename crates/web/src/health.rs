//! `GET /health/live` and `GET /health/ready`. Neither path ends in `z`: Cloud Run answers those itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;

use crate::{Problem, only_get};

/// Tells whether a service can do its work now.
#[async_trait]
pub trait Ready: Send + Sync {
    /// What is missing, in words for an operator; `Ok` if nothing is.
    async fn ready(&self) -> Result<(), String>;
}

/// How long a good answer holds: anybody may ask, and asking the store costs money.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// Between two lines of the log about what is missing.
const PAUSE: Duration = Duration::from_secs(10);

/// Asks at most once a second as long as the answer is good; a bad one is never kept.
pub struct Readiness {
    ready: Arc<dyn Ready>,
    good_until: Mutex<Option<Instant>>,
    told: Mutex<Option<Instant>>,
}

impl Readiness {
    /// Nothing asked yet.
    pub fn new(ready: Arc<dyn Ready>) -> web::Data<Self> {
        web::Data::new(Self {
            ready,
            good_until: Mutex::default(),
            told: Mutex::default(),
        })
    }

    async fn get(&self) -> Result<(), String> {
        let now = Instant::now();
        if self.good_until().is_some_and(|until| now < until) {
            return Ok(());
        }
        let answer = self.ready.ready().await;
        *self.good_until() = answer.is_ok().then(|| now + GOOD_FOR);
        answer
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

    fn good_until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.good_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Store {
        is_up: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl Ready for Store {
        async fn ready(&self) -> Result<(), String> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match self.is_up.load(Ordering::Relaxed) {
                true => Ok(()),
                false => Err("down".into()),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_answer_holds_for_a_second_and_a_bad_one_not_at_all() {
        let store = Arc::new(Store::default());
        let readiness = Readiness::new(Arc::clone(&store) as Arc<dyn Ready>);
        assert!(readiness.get().await.is_err());
        store.is_up.store(true, Ordering::Relaxed);
        for _ in 0..100 {
            assert_eq!(readiness.get().await, Ok(()));
        }
        assert_eq!(store.asked.load(Ordering::Relaxed), 2);
        store.is_up.store(false, Ordering::Relaxed);
        assert_eq!(readiness.get().await, Ok(()), "for a second");
        tokio::time::advance(GOOD_FOR).await;
        assert!(readiness.get().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn however_often_strangers_ask_the_log_is_told_once_in_ten_seconds() {
        let readiness = Readiness::new(Arc::new(Store::default()));
        assert!(readiness.is_to_be_told());
        assert!(!readiness.is_to_be_told());
        tokio::time::advance(PAUSE).await;
        assert!(readiness.is_to_be_told());
    }
}
