//! What this process knows by itself of records it has claimed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::document::Kept;
use super::latest::Latest;

/// Far more than one instance works at once; what is forgotten is read again.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 16 << 20;

/// The records it has leases on, and the claims whose callers were not told what came of them.
pub(in crate::firestore) struct HeldRecords {
    records: Mutex<Latest<String, Kept>>,
    untold: Mutex<Latest<i64, ()>>,
}

/// A claim under way. Unless its caller is told what came of it, nobody works under the lease that it may have got:
/// not only when its outcome is unknown, but also when nobody waits for it any more.
pub(super) struct Untold<'a> {
    claims: &'a Mutex<Latest<i64, ()>>,
    pub(super) token: i64,
    is_told: bool,
}

impl Default for HeldRecords {
    fn default() -> Self {
        Self {
            records: Mutex::new(Latest::new(MOST, MOST_BYTES)),
            untold: Mutex::new(Latest::new(MOST, usize::MAX)),
        }
    }
}

impl HeldRecords {
    /// Keeps a record that was just written under a lease.
    pub(super) fn hold(&self, id: String, kept: Kept) {
        let weight = kept.bytes;
        locked(&self.records).put(id, kept, weight);
    }

    /// The record as it was written under the lease with that fence.
    pub(super) fn take(&self, id: &String, fence: u64) -> Option<Kept> {
        let kept = locked(&self.records).take(id)?;
        (kept.record.fence == fence).then_some(kept)
    }

    /// Begins a claim. `token` is its own, of all claims ever made by any process.
    pub(super) fn untold(&self, token: i64) -> Untold<'_> {
        Untold {
            claims: &self.untold,
            token,
            is_told: false,
        }
    }

    /// Whether that claim is over and its caller was not told what came of it.
    pub(super) fn is_untold(&self, token: i64) -> bool {
        locked(&self.untold).contains(&token)
    }
}

impl Untold<'_> {
    /// The caller is told.
    pub(super) fn tell(&mut self) {
        self.is_told = true;
    }
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            locked(self.claims).put(self.token, (), 0);
        }
    }
}

/// Nothing here panics halfway through a change, so that a poisoned map is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
