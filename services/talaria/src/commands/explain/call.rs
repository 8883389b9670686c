//! A call as it would go out, with its secret masked.

use std::fmt;

use serde_json::{Map, Value, json};
use updater::effect::{PlannedCall, PlannedEffect};
use updater::routes::Auth;

const MASK: &str = "••••";

/// What is shown of a call.
pub(super) struct ShownCall {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
}

impl ShownCall {
    /// Puts the destination's part and the effect's together, as the updater does when it calls.
    pub(super) fn of(effect: &PlannedEffect, call: &PlannedCall) -> anyhow::Result<Self> {
        let destination = &effect.route.destination;
        let mut headers = Headers(Vec::new());
        for (name, value) in &destination.headers {
            headers.set(name, value);
        }
        for header in &call.headers {
            headers.set(&header.name, &header.value);
        }
        headers.set("Idempotency-Key", &effect.idempotency_key.to_string());
        if call.body.is_some() && !headers.has("Content-Type") {
            headers.set("Content-Type", "application/json");
        }
        match &destination.auth {
            Auth::None => {}
            Auth::Bearer { .. } | Auth::Google(_) => {
                headers.set("Authorization", &format!("Bearer {MASK}"))
            }
            Auth::Header { name, .. } => headers.set(name, MASK),
        }
        Ok(Self {
            method: call.method.as_str(),
            url: destination.address(&call.path_and_query)?.to_string(),
            headers: headers.0,
            body: call
                .body
                .as_deref()
                .map(serde_json::from_slice)
                .transpose()?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()));
        let headers: Map<String, Value> = headers.collect();
        json!({"method": self.method, "url": self.url, "headers": headers, "body": self.body})
    }
}

impl fmt::Display for ShownCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            write!(formatter, "\n{name}: {value}")?;
        }
        match &self.body {
            Some(body) => write!(formatter, "\n\n{body:#}"),
            None => Ok(()),
        }
    }
}

/// Headers by name, whatever its case; the later value counts.
struct Headers(Vec<(String, String)>);

impl Headers {
    fn set(&mut self, name: &str, value: &str) {
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}
