//! The words of the field: backend updates, items, money, identity, validation and the clock. Pure: no network, no
//! runtime, no ambient time.
//!
//! Two doors lead in. [`from_publisher`] reads the body of `POST /publish-event`, strictly about identity and money and
//! leniently about everything real traffic does. [`read_message`] reads what a push carries, whoever wrote it. Both end in
//! the same normalised [`BackendUpdate`], and normalising that again changes nothing.

mod backend_update;
mod clock;
mod currency;
mod decimal;
mod envelope;
mod identity;
mod item;
mod json_text;
mod message;
mod money;
mod publisher_form;
mod redaction;
mod timestamp;
mod validation;
mod views;

pub use backend_update::{BackendUpdate, MAX_EVENT_AGE, MAX_EVENT_LEAD, TimestampSource};
pub use clock::{Clock, FixedClock, SystemClock};
pub use currency::{Currency, UnknownCurrency};
pub use identity::{Identity, PurchaseIdentity, effect_key_uuid};
pub use item::{Item, items};
pub use json_text::{MAX_DEPTH, nesting_depth};
pub use message::{
    EVENT_ID_ATTRIBUTE, EVENT_TYPE_ATTRIBUTE, IDENTITY_ATTRIBUTE, MessageContext,
    RECEIVED_ATTRIBUTE, Received, Unreadable, read_message,
};
pub use money::{Money, MoneyError};
pub use publisher_form::{from_publisher, from_publisher_within};
pub use redaction::{
    KeepPath, NotAPath, PersonalData, Redacted, RedactionSettings, Treatment, redact,
    redacted_beginning,
};
pub use timestamp::{NotATimestamp, Timestamp};
pub use validation::{Limits, Violation};
