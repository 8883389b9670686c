//! The event that is explained: where its text comes from, and what the services would understand of it.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, anyhow};
use events::{
    MessageContext, PurchaseIdentity, Received, Redacted, RedactionSettings, Timestamp, Violation,
    read_message,
};
use serde_json::Value;

/// Stands in for the id that the bus would give to the message.
const MESSAGE_ID: &str = "message-id";

/// How the event would come to the services.
pub(super) struct Way<'a> {
    /// What the publisher does about personal data; nothing if the event doesn't come through it.
    pub(super) redaction: Option<&'a RedactionSettings>,
    /// The type of an event that names none.
    pub(super) event_type_hint: Option<&'a str>,
    /// What makes two purchases the same.
    pub(super) purchase_identity: PurchaseIdentity,
    /// When it comes.
    pub(super) now: Timestamp,
}

/// An event as the services would have it.
pub(super) struct Understood {
    /// The event and its identity.
    pub(super) received: Received,
    /// What the publisher replaced before.
    pub(super) redacted: Redacted,
}

/// The text of the event that the argument names or is.
pub(super) fn read(argument: &str) -> anyhow::Result<String> {
    if argument.trim_start().starts_with(['{', '[']) {
        return Ok(argument.to_owned());
    }
    if argument == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("can't read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(argument).with_context(|| {
        format!("can't read {argument}: name a file, - or the event's JSON itself")
    })
}

/// Reads the event as the publisher would, if it has the publisher's form and comes that way, else as a push would bring it.
pub(super) fn understand(text: &str, way: &Way<'_>) -> anyhow::Result<Understood> {
    let event = parsed(text)?;
    let mut redacted = Redacted::default();
    let published = match way.redaction.filter(|_| has_publisher_form(&event)) {
        Some(redaction) => {
            let refused = |violations: Vec<Violation>| refused(&violations);
            let mut update = events::from_publisher(&event, way.now).map_err(refused)?;
            redacted = events::redact(&mut update, redaction).map_err(refused)?;
            update.to_bytes()
        }
        None => text.as_bytes().to_owned(),
    };
    let attributes = BTreeMap::new();
    let mut context = MessageContext::new(&published, &attributes, MESSAGE_ID, way.now);
    context.event_type_hint = way.event_type_hint;
    context.purchase_identity = way.purchase_identity;
    match read_message(&context) {
        Ok(received) => Ok(Understood { received, redacted }),
        Err(error) => Err(anyhow!("the event would become a dead letter: {error}")),
    }
}

fn parsed(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        let several = text.trim().lines().count() > 1 && text.lines().all(is_alone);
        let place = format!("line {}, column {}", error.line(), error.column());
        if several {
            anyhow!("there are several events: give one of them, such as with head -n 1 FILE | talaria explain -")
        } else {
            anyhow!("the event is not JSON: see {place}")
        }
    })
}

fn is_alone(line: &str) -> bool {
    line.trim().is_empty() || serde_json::from_str::<Value>(line).is_ok()
}

fn has_publisher_form(event: &Value) -> bool {
    let named = event.get("eventType").is_some() || event.get("eventId").is_some();
    named && event.get("data").is_none_or(Value::is_object)
}

fn refused(violations: &[Violation]) -> anyhow::Error {
    let listed: Vec<String> = violations
        .iter()
        .map(|violation| format!("  {violation}"))
        .collect();
    anyhow!(
        "the publisher would refuse the event:\n{}",
        listed.join("\n")
    )
}
