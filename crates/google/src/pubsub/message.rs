//! From Talaria's message to Google's. What Google would refuse is refused here: messages travel in batches, and one that
//! is invalid would take its neighbours down with it.

use bus::{Message, PublishError};
use google_cloud_pubsub::model::Message as GoogleMessage;

use super::error::unavailable;

/// Google takes 10 MB a request; a little of that is the request's own frame.
const MAX_MESSAGE_BYTES: usize = 10_000_000 - 8 * 1024;
const MAX_ATTRIBUTES: usize = 100;
const MAX_KEY_BYTES: usize = 256;
const MAX_VALUE_BYTES: usize = 1024;

/// The message as Google's client takes it, if it is one that Google takes and has at most `max_bytes`.
pub(super) fn google_message(
    message: Message,
    max_bytes: usize,
) -> Result<GoogleMessage, PublishError> {
    check_limit(message.size(), max_bytes.min(MAX_MESSAGE_BYTES))?;
    for (key, value) in &message.attributes {
        check_limit(key.len(), MAX_KEY_BYTES)?;
        check_limit(value.len(), MAX_VALUE_BYTES)?;
    }
    if message.size() == 0 || message.attributes.len() > MAX_ATTRIBUTES {
        return Err(unavailable(format!(
            "Pub/Sub takes no message without data and attributes, and at most {MAX_ATTRIBUTES} attributes"
        )));
    }
    Ok(GoogleMessage::new()
        .set_data(message.data)
        .set_attributes(message.attributes))
}

fn check_limit(size: usize, limit: usize) -> Result<(), PublishError> {
    match size > limit {
        true => Err(PublishError::TooLarge { size, limit }),
        false => Ok(()),
    }
}
