//! What an API's answer means.

use store::Outcome;

use crate::routes::{AnswerClass, Destination, Repeat};

/// The class of an answer with a status. `header` looks a header up by its name in lower case.
pub fn classify(
    destination: &Destination,
    status: u16,
    header: &dyn Fn(&str) -> Option<String>,
    body: &str,
) -> Outcome {
    if let Some(class) = destination.overriding_class(status, header, body) {
        return match class {
            AnswerClass::Done => Outcome::Done,
            AnswerClass::Retry => Outcome::Retry,
            AnswerClass::Setup => Outcome::Setup,
            AnswerClass::Reject => Outcome::Reject,
        };
    }
    match (status, destination.repeat) {
        (200..=299, _) => Outcome::Done,
        // What a form's handler answers once it has done its work.
        (300..=303, Repeat::Unsafe) => Outcome::Unknown,
        (300..=399 | 401 | 403 | 407, _) => Outcome::Setup,
        // The API says itself that it did nothing.
        (425 | 429 | 503, _) => Outcome::Retry,
        (408 | 409 | 500..=599, Repeat::Safe) => Outcome::Retry,
        (408 | 409 | 500..=599, Repeat::Unsafe) => Outcome::Unknown,
        _ => Outcome::Reject,
    }
}

/// Whether an API that answered with this status may have done what it was asked. Not if it says that it refused, or
/// asks for patience.
pub fn may_be_done(status: u16) -> bool {
    !matches!(status, 304..=407 | 410..=499 | 503)
}

/// What it means that no answer came. `sent`: the call may have arrived.
pub fn classify_silence(repeat: Repeat, sent: bool) -> Outcome {
    match repeat {
        Repeat::Unsafe if sent => Outcome::Unknown,
        Repeat::Unsafe | Repeat::Safe => Outcome::Retry,
    }
}
