//! Held messages that were not settled in all their time.

use std::time::Duration;

use bus::Push;
use events::Timestamp;
use store::dead_letters::Death;
use store::{HeldSummary, Reason, StoreUnavailable};

use super::{Processor, PushAddress};
use crate::delivery::Disposition;

/// So long before it would be forgotten. By then its effects have been given up, unless something broke every time.
const BEFORE_FORGOTTEN: Duration = Duration::from_secs(12 * 60 * 60);

/// When a held message would soon be forgotten unseen.
pub(crate) fn overdue_at(held: &HeldSummary) -> Timestamp {
    held.expires.minus(BEFORE_FORGOTTEN)
}

impl Processor {
    /// Keeps an overdue message for a person. No call is made for it any more.
    pub(crate) async fn bury_overdue(
        &self,
        held: &HeldSummary,
        push: Push,
        address: &PushAddress,
    ) -> Result<Disposition, StoreUnavailable> {
        let received = self.read_event(&push, address).ok();
        let about = format!("overdue/{}/{}", held.id, held.first_held.millis());
        let detail = "it was held until its time was up and could never be worked: look for errors of the updater in this \
                      time, then replay";
        let death = Death {
            attempts: held.tries,
            ..Death::of_message(about, Reason::Exhausted, detail).at(&held.destination)
        };
        self.deliverer
            .bury_push(&push, received.as_ref(), death)
            .await?;
        Ok(Disposition::Settled { buried: true })
    }
}
