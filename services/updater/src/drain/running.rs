//! Which destinations are being drained by this process.
//!
//! A second drain of the same destination would only be in the way of the first. One that is slow must not keep the next drain
//! from the others.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The destinations that are being drained.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<BTreeSet<String>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Entered<'a> {
    running: &'a Running,
    destination: &'a str,
}

impl Running {
    /// `None` if the destination is being drained already.
    pub(super) fn enter<'a>(&'a self, destination: &'a str) -> Option<Entered<'a>> {
        let is_first = self.lock().insert(destination.to_owned());
        is_first.then(|| Entered {
            running: self,
            destination,
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.running.lock().remove(self.destination);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_drained_once_at_a_time_whatever_goes_on_at_others() {
        let running = Running::default();
        let first = running.enter("crm");
        assert!(first.is_some());
        assert!(running.enter("crm").is_none());
        assert!(running.enter("crm").is_none(), "it is still the first's");
        assert!(running.enter("erp").is_some());
        drop(first);
        assert!(running.enter("crm").is_some());
    }
}
