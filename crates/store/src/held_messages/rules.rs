//! The rules of held messages, as plain functions that a backend runs inside its atomic step.

use std::time::Duration;

use events::Timestamp;

use super::{HeldSummary, Wait};

/// To be kept longer means to be written whole in some backends, which is not worth less than this.
const WORTH_WRITING: Duration = Duration::from_secs(24 * 60 * 60);

/// What is kept when a message that is there is held anew.
pub fn held_again(existing: HeldSummary, anew: &HeldSummary) -> HeldSummary {
    let is_longer = anew.expires > existing.expires.plus(WORTH_WRITING);
    HeldSummary {
        due: existing.due.min(anew.due),
        expires: if is_longer {
            anew.expires
        } else {
            existing.expires
        },
        waits_for: anew.waits_for.clone().or(existing.waits_for),
        version: existing.version + 1,
        ..existing
    }
}

/// What is kept when a message is taken; `None` if it is no longer as it was `seen`.
pub fn taken(existing: HeldSummary, seen: &HeldSummary, until: Timestamp) -> Option<HeldSummary> {
    is_unchanged(&existing, seen).then(|| HeldSummary {
        due: until,
        waits_for: None,
        tries: existing.tries.saturating_add(1),
        version: existing.version + 1,
        ..existing
    })
}

/// What is kept when a message is put off; `None` if it is no longer as it was `taken`.
pub fn put_off(existing: HeldSummary, taken: &HeldSummary, wait: Wait) -> Option<HeldSummary> {
    is_unchanged(&existing, taken).then(|| HeldSummary {
        due: wait.due,
        reason: wait.reason,
        waits_for: wait.waits_for,
        version: existing.version + 1,
        ..existing
    })
}

/// Whether a message is still as somebody saw or left it.
pub fn is_unchanged(existing: &HeldSummary, seen: &HeldSummary) -> bool {
    // A message that was released and held again begins at the first version again.
    existing.version == seen.version && existing.first_held == seen.first_held
}
