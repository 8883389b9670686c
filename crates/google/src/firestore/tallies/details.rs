//! What is known of an item beside its counts, kept so that instances which know nothing of each other agree in the end.
//!
//! What an event says is a candidate, a field of its own in the item's document that is written once and never changed.
//! A field of the item is what the latest candidate that names it says. The latest can only become later, so a
//! candidate that is known to be overtaken in all it names may be removed by anybody at any time; none is lost, and
//! about one for each instance stays.

use std::collections::BTreeMap;

use events::{Currency, Money, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::Value;
use sha2::{Digest, Sha256};
use store::StoreUnavailable;
use store::tallies::{KnownDetails, Said};

use super::super::value::{Fields, fields, integer, integer_of, map, map_of, text, text_of};

/// The map of candidates in an item's document.
pub(super) const SAID: &str = "said";

/// What several events say of one item, by the candidates' names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Candidates(BTreeMap<String, KnownDetails>);

/// What a commit changes of an item's candidates.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Change {
    pub(super) added: BTreeMap<String, KnownDetails>,
    pub(super) removed: Vec<String>,
}

impl Candidates {
    /// Reads those of an item's document.
    pub(super) fn read(document: &Fields) -> Result<Self, StoreUnavailable> {
        let mut candidates = BTreeMap::new();
        if let Some(said) = map_of(document, SAID)? {
            for name in said.keys() {
                let candidate = map_of(said, name)?;
                let details = candidate.map(read_candidate).transpose()?;
                candidates.insert(name.clone(), details.unwrap_or_default());
            }
        }
        Ok(Self(candidates))
    }

    /// The latest of each field.
    pub(super) fn latest(&self) -> KnownDetails {
        let mut latest = KnownDetails::default();
        for candidate in self.0.values() {
            latest.merge(candidate.clone());
        }
        latest
    }

    /// Takes in what a batch says; returns what that changes. What is older than what is known changes nothing.
    pub(super) fn learn(&mut self, news: &KnownDetails) -> Change {
        let mut latest = self.latest();
        latest.merge(news.clone());
        let mut change = Change::default();
        if latest == self.latest() {
            return change;
        }
        for candidate in apart(news) {
            if is_of_use(&candidate, &latest) {
                let name = name_of(&candidate);
                let merged = change.added.entry(name).or_default();
                merged.merge(candidate);
            }
        }
        let overtaken = self.0.iter().filter(|(_, old)| !is_of_use(old, &latest));
        change.removed = overtaken.map(|(name, _)| name.clone()).collect();
        self.0.retain(|name, _| !change.removed.contains(name));
        self.0.extend(change.added.clone());
        change
    }
}

/// A field each.
fn apart(details: &KnownDetails) -> [KnownDetails; 4] {
    let KnownDetails {
        name,
        category,
        brand,
        price,
    } = details.clone();
    let none = KnownDetails::default;
    [
        KnownDetails { name, ..none() },
        KnownDetails { category, ..none() },
        KnownDetails { brand, ..none() },
        KnownDetails { price, ..none() },
    ]
}

/// Whether any field of the candidate is the latest.
fn is_of_use(candidate: &KnownDetails, latest: &KnownDetails) -> bool {
    fn is_latest<T>(candidate: &Option<Said<T>>, latest: &Option<Said<T>>) -> bool {
        match (candidate, latest) {
            (Some(candidate), Some(latest)) => {
                (candidate.at, &candidate.by) == (latest.at, &latest.by)
            }
            _ => false,
        }
    }
    is_latest(&candidate.name, &latest.name)
        || is_latest(&candidate.category, &latest.category)
        || is_latest(&candidate.brand, &latest.brand)
        || is_latest(&candidate.price, &latest.price)
}

/// The event that a candidate is from.
fn event_of(details: &KnownDetails) -> Option<(Timestamp, &str)> {
    fn event<T>(said: &Option<Said<T>>) -> Option<(Timestamp, &str)> {
        said.as_ref().map(|said| (said.at, said.by.as_str()))
    }
    event(&details.name)
        .or_else(|| event(&details.category))
        .or_else(|| event(&details.brand))
        .or_else(|| event(&details.price))
}

/// Short, and the same for all that one event says; a letter first, so that paths need no quotes.
fn name_of(candidate: &KnownDetails) -> String {
    let (at, by) = event_of(candidate).unwrap_or((Timestamp::from_millis(0), ""));
    let digest = Sha256::digest(format!("{} {by}", at.millis()));
    let mut name = String::from("e");
    for byte in digest.iter().take(8) {
        name.push_str(&format!("{byte:02x}"));
    }
    name
}

/// A candidate as a value of the map.
pub(super) fn candidate_value(candidate: &KnownDetails) -> Value {
    let (at, by) = event_of(candidate).unwrap_or((Timestamp::from_millis(0), ""));
    let mut kept = fields([("at", integer(at.millis())), ("by", text(by))]);
    for (name, said) in [
        ("item_name", &candidate.name),
        ("item_category", &candidate.category),
        ("item_brand", &candidate.brand),
    ] {
        if let Some(said) = said {
            kept.insert(name.into(), text(&said.value));
        }
    }
    if let Some(price) = &candidate.price {
        kept.insert("price_micros".into(), integer(price.value.micros()));
        let currency = price.value.currency();
        kept.insert("price_currency".into(), text(currency.as_str()));
    }
    map(kept)
}

fn read_candidate(kept: &Fields) -> Result<KnownDetails, StoreUnavailable> {
    let at = Timestamp::from_millis(integer_of(kept, "at")?.unwrap_or_default());
    let by = text_of(kept, "by")?.unwrap_or_default().to_owned();
    let said = |name| -> Result<Option<Said<String>>, StoreUnavailable> {
        Ok(text_of(kept, name)?.map(|value| Said {
            value: value.to_owned(),
            at,
            by: by.clone(),
        }))
    };
    let currency = text_of(kept, "price_currency")?.map(Currency::parse);
    let currency = currency.and_then(Result::ok).unwrap_or(Currency::NONE);
    Ok(KnownDetails {
        name: said("item_name")?,
        category: said("item_category")?,
        brand: said("item_brand")?,
        price: integer_of(kept, "price_micros")?.map(|micros| Said {
            value: Money::from_micros(micros, currency),
            at,
            by: by.clone(),
        }),
    })
}

#[cfg(test)]
mod tests;
