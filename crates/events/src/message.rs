//! Reading what a push carries. Talaria's publisher is not the only one who writes to a topic: Google's Hermes tag sends flat
//! objects without ids, the reference article bare arrays of items. All of it becomes a [`BackendUpdate`], or a
//! reason an operator can act on.

mod reading;
mod shape;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::json_text::MAX_DEPTH;
use crate::{BackendUpdate, Identity, Limits, Money, PurchaseIdentity, Timestamp, Violation};
use shape::Shape;

/// The attribute that names the event type, before anything in the data.
pub const EVENT_TYPE_ATTRIBUTE: &str = "eventType";
/// The attribute that gives the event id when the data has none.
pub const EVENT_ID_ATTRIBUTE: &str = "eventId";
/// The attribute that says when the publisher took the event, in milliseconds since the epoch.
pub const RECEIVED_ATTRIBUTE: &str = "receivedMs";
/// How far the publisher's clock may be before the bus's.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);
/// The attribute by which a replayed message keeps the identity it had.
pub const IDENTITY_ATTRIBUTE: &str = "talariaIdentity";

/// A moment after the year 9999 in an attribute is a mistake, not a time.
const LAST_PLAUSIBLE_MS: i64 = 253_402_300_799_999;

/// A message as the push envelope gives it, and how its subscription reads it.
#[derive(Clone, Copy)]
pub struct MessageContext<'a> {
    /// The decoded data.
    pub data: &'a [u8],
    /// The attributes.
    pub attributes: &'a BTreeMap<String, String>,
    /// Pub/Sub's id of the message.
    pub message_id: &'a str,
    /// When Pub/Sub took it.
    pub publish_time: Timestamp,
    /// The event type of messages that name none (`?as=` of the push address).
    pub event_type_hint: Option<&'a str>,
    /// The event type of messages that name none, get no hint, and carry items: the counter says `purchase`.
    pub items_hint: Option<&'a str>,
    /// What a purchase is recognised by.
    pub purchase_identity: PurchaseIdentity,
    /// How large the event's parts may be.
    pub limits: Limits,
}

impl<'a> MessageContext<'a> {
    /// A message read with no hints, purchases by transaction, and the default limits.
    pub fn new(
        data: &'a [u8],
        attributes: &'a BTreeMap<String, String>,
        message_id: &'a str,
        publish_time: Timestamp,
    ) -> Self {
        Self {
            data,
            attributes,
            message_id,
            publish_time,
            event_type_hint: None,
            items_hint: None,
            purchase_identity: PurchaseIdentity::default(),
            limits: Limits::default(),
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    fn received_attribute(&self) -> Option<i64> {
        let millis: i64 = self.attribute(RECEIVED_ATTRIBUTE)?.trim().parse().ok()?;
        // Nothing is received after it was published; clocks may differ a little. Whoever writes a later time here would
        // move the figures of today into the future.
        let latest = self.publish_time.plus(CLOCKS_DIFFER).millis();
        (0..=LAST_PLAUSIBLE_MS)
            .contains(&millis)
            .then_some(millis.min(latest))
    }
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The event, normalised.
    pub update: BackendUpdate,
    /// What it is recognised by when it comes again.
    pub identity: Identity,
    /// See [`BackendUpdate::value_at_stake`].
    pub value: Option<Money>,
}

impl Received {
    /// See [`BackendUpdate::content_hash`]; worked out at each call.
    pub fn content_hash(&self) -> String {
        self.update.content_hash()
    }
}

/// Why a message can't be read. It will not be readable next time either: bury it, do not ask for it again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is no data, attributes at most.
    #[error(
        "the message carries no data; publish the event as the message's data, not in attributes alone"
    )]
    Empty,
    /// The data is not JSON.
    #[error(
        "the data is not JSON at line {line}, column {column}; publish one JSON object a message, in UTF-8"
    )]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 at the start of a line.
        column: usize,
    },
    /// JSON, but neither an object nor an array.
    #[error(
        "the data is neither an object nor an array of items; publish the event as one JSON object"
    )]
    WrongShape,
    /// Nested deeper than [`MAX_DEPTH`], or it would be as a published event.
    #[error("the data is nested deeper than {MAX_DEPTH} levels; publish a flatter event")]
    TooDeep,
    /// An event with mistakes in it.
    #[error("the event is not valid: {}", summary(.0))]
    Invalid(Vec<Violation>),
}

/// Enough violations to see the pattern; the list has the rest.
fn summary(violations: &[Violation]) -> String {
    const SHOWN: usize = 10;
    let mut lines: Vec<String> = violations
        .iter()
        .take(SHOWN)
        .map(Violation::to_string)
        .collect();
    if violations.len() > SHOWN {
        lines.push(format!("and {} more", violations.len() - SHOWN));
    }
    lines.join("; ")
}

/// Reads a message in whichever form it came: the publisher's (an object with `data`, recognised by its `eventType` or
/// `eventId`), Hermes' flat object, or a bare array of items.
///
/// The event type is that of the attribute, else of `eventType`, else of `event_name`, else the hint.
pub fn read_message(context: &MessageContext<'_>) -> Result<Received, Unreadable> {
    let shape = Shape::of(context.data)?;
    let update = shape.into_update(context).map_err(Unreadable::Invalid)?;
    let identity = match context.attribute(IDENTITY_ATTRIBUTE) {
        Some(kept) => Identity::from_text(kept),
        None => Identity::of(&update, context.message_id, context.purchase_identity),
    };
    Ok(Received {
        value: update.value_at_stake(),
        update,
        identity,
    })
}
