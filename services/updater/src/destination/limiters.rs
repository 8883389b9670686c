//! One limiter a destination, kept while the routes file is replaced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Limiter;
use crate::routes::{Destination, Limits};

/// The limiters of this process. Limits hold for the deployment: each instance takes its share.
pub struct Limiters {
    instances: u32,
    known: Mutex<HashMap<String, (Limits, Arc<Limiter>)>>,
}

impl Limiters {
    /// For one of at most `instances` instances.
    pub fn new(instances: u32) -> Self {
        Self {
            instances: instances.max(1),
            known: Mutex::default(),
        }
    }

    /// The destination's limiter; a new one if its limits were changed.
    pub fn of(&self, destination: &Destination) -> Arc<Limiter> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&destination.id) {
            Some((limits, limiter)) if *limits == destination.limits => Arc::clone(limiter),
            _ => {
                let limiter = Arc::new(self.limiter(destination.limits));
                known.insert(
                    destination.id.clone(),
                    (destination.limits, Arc::clone(&limiter)),
                );
                limiter
            }
        }
    }

    fn limiter(&self, limits: Limits) -> Limiter {
        let concurrency = (limits.concurrency / self.instances).max(1);
        let per_second = limits
            .rate
            .map(|rate| f64::from(rate.calls) / rate.per.as_secs_f64() / f64::from(self.instances));
        Limiter::new(concurrency as usize, per_second)
    }
}
