//! The event that is explained: where its text comes from, and what the services would understand of it.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, anyhow};
use events::{MessageContext, PurchaseIdentity, Received, Timestamp, Violation, read_message};
use serde_json::Value;

/// Stands in for the id that the bus would give to the message.
const MESSAGE_ID: &str = "message-id";

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

/// Reads the event as the publisher would, if it has the publisher's form, else as a push would bring it.
pub(super) fn understand(
    text: &str,
    event_type_hint: Option<&str>,
    now: Timestamp,
    purchase_identity: PurchaseIdentity,
) -> anyhow::Result<Received> {
    let event: Value = serde_json::from_str(text).map_err(|error| {
        let several = text.trim().lines().count() > 1 && text.lines().all(is_alone);
        let place = format!("line {}, column {}", error.line(), error.column());
        if several {
            anyhow!("there are several events: give one of them, such as with head -n 1 FILE | talaria explain -")
        } else {
            anyhow!("the event is not JSON: see {place}")
        }
    })?;
    let published = if has_publisher_form(&event) {
        let update =
            events::from_publisher(&event, now).map_err(|violations| refused(&violations))?;
        update.to_bytes()
    } else {
        text.as_bytes().to_owned()
    };
    let attributes = BTreeMap::new();
    let mut context = MessageContext::new(&published, &attributes, MESSAGE_ID, now);
    context.event_type_hint = event_type_hint;
    context.purchase_identity = purchase_identity;
    let received = read_message(&context);
    received.map_err(|error| anyhow!("the event would become a dead letter: {error}"))
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
