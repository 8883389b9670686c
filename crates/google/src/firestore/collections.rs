//! The names of the collections. Each has its entries in `infra/firestore/firestore.indexes.json`, which is what keeps
//! old documents from being kept for good and long fields out of indexes.

macro_rules! collections {
    ($($(#[$purpose:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$purpose])* pub(super) const $name: &str = $text;)+
        #[cfg(test)]
        const ALL: &[&str] = &[$($text),+];
    };
}

collections! {
    /// What was done of each event at each destination.
    LEDGER = "ledger";
    /// Records of the ledger that are too long for one document.
    LEDGER_PARTS = "ledger_parts";
    /// Messages that wait for a destination.
    HELD_MESSAGES = "held_messages";
    /// Held messages that are too long for one document.
    HELD_MESSAGE_PARTS = "held_message_parts";
    /// What was given up.
    DEAD_LETTERS = "dead_letters";
    /// Letters that are too long for one document.
    DEAD_LETTER_PARTS = "dead_letter_parts";
    /// How destinations fare.
    DESTINATION_REPORTS = "destination_reports";
    /// Which events were counted, and what purchases added, so that orders can be refunded as a whole.
    MARKERS = "markers";
    /// Items and their figures of all time.
    ITEMS = "items";
    /// Items' figures by minute, in shards.
    MINUTES = "minutes";
    /// Items' figures by quarter of an hour, in shards.
    QUARTERS = "quarters";
    /// The minutes of an hour: their totals, and which of their shards were written.
    HOURS = "hours";
    /// The quarters of a day, likewise.
    DAYS = "days";
    /// The totals of all time, and which hours and days were written.
    TOTALS = "totals";
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    const INDEXES: &str = include_str!("../../../../infra/firestore/firestore.indexes.json");
    /// They are kept for good.
    const LASTING: &[&str] = &[ITEMS, TOTALS];
    /// What queries ask for beside documents' names, and must stay indexed.
    const ASKED_FOR: [(&str, &str); 9] = [
        (LEDGER, "identity_digest"),
        (LEDGER, "event_id_digest"),
        (HELD_MESSAGES, "due_key"),
        (HELD_MESSAGES, "age_key"),
        (HELD_MESSAGES, "waits_key"),
        (HELD_MESSAGES, "identity_digest"),
        (HELD_MESSAGES, "event_id_digest"),
        (DEAD_LETTERS, "at"),
        (DESTINATION_REPORTS, "at"),
    ];

    /// By collection and field.
    fn overrides() -> BTreeMap<(String, String), Value> {
        let indexes: Value = serde_json::from_str(INDEXES).expect("JSON");
        assert_eq!(indexes["indexes"], Value::Array(Vec::new()));
        let text = |entry: &Value, name: &str| entry[name].as_str().expect(name).to_owned();
        let entries = indexes["fieldOverrides"].as_array().expect("a list");
        let by_field = entries.iter().map(|entry| {
            let field = (text(entry, "collectionGroup"), text(entry, "fieldPath"));
            (field, entry.clone())
        });
        let by_field: BTreeMap<_, _> = by_field.collect();
        assert_eq!(by_field.len(), entries.len(), "a field has one entry");
        by_field
    }

    #[test]
    fn every_collection_is_in_the_file_of_indexes_and_no_other() {
        let overrides = overrides();
        let named: BTreeSet<_> = overrides.keys().map(|(name, _)| name.as_str()).collect();
        assert_eq!(named, ALL.iter().copied().collect());
    }

    #[test]
    fn every_collection_that_is_not_kept_for_good_is_forgotten_by_google() {
        let overrides = overrides();
        for name in ALL {
            let expiry = overrides.get(&((*name).to_owned(), "expires_at".to_owned()));
            if LASTING.contains(name) {
                assert_eq!(expiry, None, "{name}");
                continue;
            }
            let expiry = expiry.unwrap_or_else(|| panic!("{name} has a policy"));
            assert_eq!(expiry["ttl"], true, "{name}");
            assert_eq!(expiry["indexes"], Value::Array(Vec::new()), "{name}");
        }
    }

    #[test]
    fn what_is_asked_for_is_indexed() {
        let overrides = overrides();
        for (collection, field) in ASKED_FOR {
            let field = (collection.to_owned(), field.to_owned());
            assert!(!overrides.contains_key(&field), "{field:?} is exempt");
        }
    }
}
