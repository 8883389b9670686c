//! Any text, cut short: what an API answered, for whoever looks after it.

use super::find::{find, replaced};
use super::settings::{RedactionSettings, Treatment};

/// Looked at behind the end, for what begins before it: more than the longest address has, each byte of it encoded.
const OVERLAP_BYTES: usize = 3 << 10;

/// Nobody chose that any kind should stay in a text that the sender didn't write.
const EVERYTHING: RedactionSettings = RedactionSettings {
    emails: Treatment::Redact,
    card_numbers: Treatment::Redact,
    phone_numbers: Treatment::Redact,
    keep: Vec::new(),
};

/// The beginning of any text, `most_bytes` at most, with every address and number in it replaced by what it was. One that
/// the end would cut is replaced as well, so that no part of it is left.
pub fn redacted_beginning(text: &str, most_bytes: usize) -> String {
    let looked_at = text.floor_char_boundary(most_bytes.saturating_add(OVERLAP_BYTES));
    let mut found = find(&text[..looked_at], &EVERYTHING, false);
    found.retain(|found| found.range.start < most_bytes);
    let last = found.last().map_or(0, |last| last.range.end);
    let end = text.floor_char_boundary(most_bytes).max(last);
    let mut kept = replaced(&text[..end], &found, false);
    kept.truncate(kept.floor_char_boundary(most_bytes));
    // The cut can make a number or an address of what was more than one.
    while let Some(made) = find(&kept, &EVERYTHING, false).first() {
        kept.truncate(made.range.start);
    }
    kept
}
