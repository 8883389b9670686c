//! Pushes as Pub/Sub sends them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use events::{Clock, SystemClock};
use serde_json::{Value, json};

/// The wrapped push of `data`, published just now.
pub fn envelope(message_id: &str, data: &Value) -> Value {
    envelope_of_base64(message_id, &STANDARD.encode(data.to_string()))
}

/// The same of data that is encoded already, or should be.
pub fn envelope_of_base64(message_id: &str, data: &str) -> Value {
    let published = SystemClock.now().to_rfc3339();
    json!({
        "message": {
            "data": data, "messageId": message_id, "message_id": message_id,
            "publishTime": published, "publish_time": published,
        },
        "subscription": "projects/shop-prod/subscriptions/of-a-test",
    })
}
