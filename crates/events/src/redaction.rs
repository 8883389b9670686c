//! Keeps personal data that nobody asked for out of messages: e-mail addresses, card numbers and, by choice, phone numbers
//! in clear, in any text of an event, at any depth and in objects' keys. Pure, and linear in the event's size.
//!
//! # What is found
//!
//! Texts are looked at as their readers would see them: percent-encoding is undone (`a%40b.com`, twice encoded too), and so
//! are the escapes of JSON within a text (`\u0040`, `\n`) and HTML's references (`&#64;`, `&commat;`); full-width letters and
//! digits are read as plain ones, and invisible characters (soft hyphens, zero-width joiners, directions) are not there.
//!
//! - **E-mail addresses**: letters, digits and `._+-'`, or a name in double quotes; an `@`; and a domain of two labels or more
//!   whose last is of letters (or `xn--…`), also where an id is glued to it (`jane@example.com-1764060134`). Letters are those
//!   of any script. Where words are written without spaces (`連絡先jane@example.comまで`), those around an address stay, but
//!   those that reach up to the `@` are its name, if a well-known top-level domain follows: `写真@jane.doe` is a handle. Not
//!   found: a host without a dot, a last label that is a file's ending (`logo@2x.png`), addresses with a number for a host,
//!   versions (`pkg@5.3.0.RELEASE`), and coupons (`SAVE@10.NOW`: one or two digits, unless under com, net, org or cn).
//!   Whatever has the form is found, `git@github.com` too.
//! - **Card numbers**: 15 or 16 digits in one piece, or in groups as cards show them (4-4-4-4, 4-6-5) with one space, dash,
//!   dot or plus between; with an issuer's first digits and the right check digit; not part of a longer word, of a decimal or
//!   of an account's number in groups (`AT61 1904 …`).
//!   An order number that happens to be all that can't be told from a card: send it as `transactionId`, or keep its path.
//! - **Phone numbers**: a plus and 8 to 15 digits, the first not zero, with spaces and `-./()` between; also a
//!   whole text of 7 to 15 digits whose member is called `phone`, `mobile_number` or the like. Other national numbers look
//!   like any number and are not found.
//!
//! JSON numbers are never touched, nor the event's own ids, nor texts of members called `transaction_id`, `user_id`,
//! `item_id`, `sku` and so on (at any depth), nor what is at or below a kept path.
//!
//! # What becomes of it
//!
//! [`Treatment::Redact`] puts `[e-mail]`, `[card number]` or `[phone number]` in its place. [`Treatment::Hash`] puts the
//! SHA-256 in hexadecimal there, normalised as Google's enhanced conversions want it: an address in small letters, without
//! the dots before the `@` of gmail.com and googlemail.com (Meta keeps those); a phone number as E.164, with its plus.
//! A text that is nothing but the value becomes the bare hash. A card number's hash could be turned back by trying, so there
//! is none. A phone number without its country, and a key, are redacted even then. What was replaced once stays as it is.

mod beginning;
mod card;
mod decode;
mod email;
mod entity;
mod find;
mod keep;
mod names;
mod phone;
mod place;
mod settings;
mod suspicion;
#[cfg(test)]
mod tests;
mod text;
mod walk;

use crate::{BackendUpdate, Violation};
pub use beginning::redacted_beginning;
pub use keep::{KeepPath, NotAPath};
pub use names::PersonalData;
pub use settings::{RedactionSettings, Treatment};
use walk::Walk;

/// Where something was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// JSON pointers into the published form, in its order; keys stand in them as they are published. Only so many are
    /// listed: a hundred, and few enough bytes that an answer stays small.
    pub pointers: Vec<String>,
    /// Further places that are not listed.
    pub more: usize,
    /// Values by kind, in the order of [`PersonalData::ALL`].
    values: [usize; PersonalData::ALL.len()],
}

impl Redacted {
    /// Whether nothing was replaced.
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty() && self.more == 0
    }

    /// How many values of a kind were replaced; a text can hold several.
    pub fn values(&self, kind: PersonalData) -> usize {
        self.values[kind as usize]
    }
}

/// Replaces personal data in a normalised event as the settings say.
///
/// # Errors
/// Every place that holds what the settings refuse, without its value. The event is then half done: drop it.
pub fn redact(
    update: &mut BackendUpdate,
    settings: &RedactionSettings,
) -> Result<Redacted, Vec<Violation>> {
    let mut walk = Walk::new(settings);
    if !settings.is_off() {
        walk.top(&mut update.extra);
        walk.object("data", &mut update.data);
        if let Some(consent) = &mut update.consent {
            walk.value("consent", consent);
        }
    }
    walk.finish()
}
