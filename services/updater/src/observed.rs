//! What spans say of what became of a message.

use store::StoreUnavailable;
use telemetry::{Span, key};

use crate::delivery::Disposition;

/// Says what became of a message.
pub(crate) fn conclude(span: &mut Span, processed: &Result<Disposition, StoreUnavailable>) {
    let outcome = match processed {
        Ok(Disposition::Settled { buried: false }) => "done",
        Ok(Disposition::Settled { buried: true }) => "dead",
        Ok(Disposition::Held { .. }) => "held",
        Ok(Disposition::Refuse) => "refused",
        Err(_) => {
            span.fail("store_unavailable");
            "refused"
        }
    };
    span.set(key::OUTCOME, outcome);
}
