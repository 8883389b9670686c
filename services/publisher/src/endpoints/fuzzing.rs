//! The endpoints' own parsers, for the fuzz targets.

use ::web::{JsonLimits, Problem};
use actix_web::test::TestRequest;
use serde_json::Value;

use super::publish_events;
use crate::settings::PublisherSettings;

/// The events of a batch of this media type, as the default settings have it.
pub fn split(media_type: &str, body: &[u8]) -> Result<Vec<Result<Value, Problem>>, Problem> {
    let settings = PublisherSettings::default();
    let limits = JsonLimits {
        max_depth: settings.event.max_depth + 1,
        ..settings.event.clone()
    };
    let request = TestRequest::default().insert_header(("content-type", media_type));
    publish_events::split(&request.to_http_request(), body, &limits, &settings)
}
