//! Calls that got no usable answer: whether they may have arrived, and whether repeating them can help.

use std::error::Error;

use store::Outcome;

use super::answer::classify_silence;
use super::{CallResult, RefusedAddress};
use crate::routes::Destination;

/// What a call without a usable answer came to. `is_connect` means that no byte of it left.
pub(super) fn failure(destination: &Destination, error: &reqwest::Error) -> CallResult {
    if error.is_builder() {
        return CallResult::unsent(Outcome::Setup, "the call can't be built".into());
    }
    let unsent = error.is_connect();
    if unsent && is_setup_fault(error) {
        let note = "the connection was refused by a guard: the certificate is not trusted, or the address is none that may be called";
        return CallResult::unsent(Outcome::Setup, note.into());
    }
    let note = match (unsent, error.is_timeout()) {
        (true, true) => "no connection in time",
        (true, false) => "no connection",
        (false, true) => "no answer in time",
        (false, false) => "the connection broke before the answer",
    };
    let outcome = classify_silence(destination.repeat, !unsent);
    CallResult {
        may_be_done: !unsent,
        ..CallResult::unsent(outcome, note.into())
    }
}

/// Whether a connection failed for a reason that no repetition mends: TLS (which reports invalid data), or the
/// address guard.
fn is_setup_fault(error: &reqwest::Error) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<RefusedAddress>() {
            return true;
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            if io.kind() == std::io::ErrorKind::InvalidData {
                return true;
            }
            // An I/O error shows the source of what it wraps, not what it wraps.
            if io
                .get_ref()
                .is_some_and(|inner| inner.is::<RefusedAddress>())
            {
                return true;
            }
        }
        source = cause.source();
    }
    false
}
