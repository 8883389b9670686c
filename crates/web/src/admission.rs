//! Bounded memory: a request is let in only while there is room for it and its body.
//!
//! Without this, a flood would be buffered until the process is killed, and with it everything it had accepted.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Problem;

/// How much a service takes on at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmissionSettings {
    /// Requests worked on at the same time.
    pub max_requests: usize,
    /// Bytes of their bodies together. A body that is parsed can take sixteen times its size.
    pub max_body_bytes_in_flight: usize,
}

impl Default for AdmissionSettings {
    fn default() -> Self {
        Self {
            max_requests: 1024,
            max_body_bytes_in_flight: 16 << 20,
        }
    }
}

/// Counts what is in flight. One a service; cloning shares the counts.
#[derive(Clone)]
pub struct Admission {
    requests: Arc<Semaphore>,
    kibibytes: Arc<Semaphore>,
    retry_after: Duration,
}

/// A place that was taken; dropping it gives it back.
#[derive(Debug)]
pub struct Admitted {
    _request: OwnedSemaphorePermit,
    _kibibytes: Option<OwnedSemaphorePermit>,
}

/// Room that a body takes as it comes; dropping it gives it back.
pub(crate) struct Room {
    admission: Admission,
    taken: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// Room as the settings say.
    pub fn new(settings: &AdmissionSettings) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(settings.max_requests)),
            kibibytes: Arc::new(Semaphore::new(settings.max_body_bytes_in_flight / 1024)),
            retry_after: Duration::from_secs(1),
        }
    }

    /// Takes a place for a request whose body has at most `body_bytes`, or refuses at once with 503.
    pub fn admit(&self, body_bytes: usize) -> Result<Admitted, Problem> {
        let request = self.request()?;
        let kibibytes = self.kibibytes(body_bytes.div_ceil(1024))?;
        Ok(Admitted {
            _request: request,
            _kibibytes: Some(kibibytes),
        })
    }

    /// Room for a body of which nothing has come yet.
    pub(crate) fn room(&self) -> Room {
        Room {
            admission: self.clone(),
            taken: None,
        }
    }

    fn request(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let request = Arc::clone(&self.requests).try_acquire_owned();
        request.map_err(|_| self.full())
    }

    fn kibibytes(&self, count: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let count = u32::try_from(count).map_err(|_| self.full())?;
        let kibibytes = Arc::clone(&self.kibibytes).try_acquire_many_owned(count);
        kibibytes.map_err(|_| self.full())
    }

    fn full(&self) -> Problem {
        Problem::unavailable("too much is in flight; send it again", self.retry_after)
    }
}

impl Room {
    /// Makes it large enough for `body_bytes`, or refuses at once with 503.
    pub(crate) fn grow(&mut self, body_bytes: usize) -> Result<(), Problem> {
        let taken = self.taken.as_ref();
        let taken = taken.map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = body_bytes.div_ceil(1024).saturating_sub(taken);
        if missing == 0 {
            return Ok(());
        }
        let more = self.admission.kibibytes(missing)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }

    /// The place of a request whose body is whole, or a refusal with 503.
    pub(crate) fn admit(self) -> Result<Admitted, Problem> {
        Ok(Admitted {
            _request: self.admission.request()?,
            _kibibytes: self.taken,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_house_refuses_until_somebody_leaves() {
        let admission = Admission::new(&AdmissionSettings {
            max_requests: 2,
            max_body_bytes_in_flight: 4096,
        });
        let large = admission.admit(3000).expect("room for three KiB of four");
        assert!(
            admission.admit(2000).is_err(),
            "five KiB don't fit into four"
        );
        let small = admission.admit(10).expect("one KiB is left");
        assert!(admission.admit(0).is_err(), "two requests are the most");
        let mut room = admission.room();
        assert!(room.grow(1).is_err(), "no byte fits");
        drop(small);
        drop(large);
        room.grow(1000).expect("one KiB of four");
        room.grow(2000).expect("another");
        assert!(admission.admit(3000).is_err(), "two KiB are left");
        assert!(room.grow(5000).is_err(), "five KiB don't fit into four");
        drop(room.admit().expect("nobody else is here"));
        admission.admit(4096).expect("everything was given back");
    }
}
