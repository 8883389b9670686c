//! Calls that got no usable answer: whether they may have arrived, and whether repeating them can help.

use std::error::Error;

use store::Outcome;

use super::answer::classify_silence;
use super::{CallResult, RefusedAddress};
use crate::routes::Destination;

/// Why no answer came, as spans have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// There is no secret or token to make the call with.
    NoCredentials,
    /// Its address or a header is none.
    Unbuildable,
    /// The certificate is not trusted, or the address is none that may be called.
    Guarded,
    /// No connection in time.
    ConnectTimeout,
    /// No connection.
    NoConnection,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Broken,
}

impl NoAnswer {
    /// As it is exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::Unbuildable => "unbuildable",
            Self::Guarded => "guarded",
            Self::ConnectTimeout => "connect_timeout",
            Self::NoConnection => "no_connection",
            Self::Timeout => "timeout",
            Self::Broken => "connection_broken",
        }
    }
}

/// What a call without a usable answer came to. `is_connect` means that no byte of it left.
pub(super) fn failure(destination: &Destination, error: &reqwest::Error) -> CallResult {
    if error.is_builder() {
        let note = "the call can't be built".into();
        return CallResult::unsent(Outcome::Setup, NoAnswer::Unbuildable, note);
    }
    let unsent = error.is_connect();
    if unsent && is_setup_fault(error) {
        let note = "the connection was refused by a guard: the certificate is not trusted, or the address is none that may be called";
        return CallResult::unsent(Outcome::Setup, NoAnswer::Guarded, note.into());
    }
    let (class, note) = match (unsent, error.is_timeout()) {
        (true, true) => (NoAnswer::ConnectTimeout, "no connection in time"),
        (true, false) => (NoAnswer::NoConnection, "no connection"),
        (false, true) => (NoAnswer::Timeout, "no answer in time"),
        (false, false) => (NoAnswer::Broken, "the connection broke before the answer"),
    };
    let outcome = classify_silence(destination.repeat, !unsent);
    CallResult {
        may_be_done: !unsent,
        ..CallResult::unsent(outcome, class, note.into())
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
