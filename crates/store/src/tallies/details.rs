//! What is known of an item beside its counts, and who said so: each field stands as the latest event that names it
//! says, whatever order events come in.

use events::{Money, Timestamp};

use super::ItemDetails;

/// The fields of an item, each with the event that it is from. A field that no event names is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownDetails {
    /// `item_name`.
    pub name: Option<Said<String>>,
    /// `item_category`.
    pub category: Option<Said<String>>,
    /// `item_brand`.
    pub brand: Option<Said<String>>,
    /// Price of a unit.
    pub price: Option<Said<Money>>,
}

/// A field's value, and the event that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// What the field holds.
    pub value: T,
    /// When the event happened.
    pub at: Timestamp,
    /// The event's identity: of two events at the same time, the one with the greater text counts.
    pub by: String,
}

impl KnownDetails {
    /// What one event says of an item.
    pub fn of(details: &ItemDetails, at: Timestamp, identity: &str) -> Self {
        fn said<T: Clone>(value: &Option<T>, at: Timestamp, by: &str) -> Option<Said<T>> {
            let value = value.clone()?;
            let by = by.to_owned();
            Some(Said { value, at, by })
        }
        Self {
            name: said(&details.name, at, identity),
            category: said(&details.category, at, identity),
            brand: said(&details.brand, at, identity),
            price: said(&details.price, at, identity),
        }
    }

    /// Takes over what `other` knows from later events. Within one event the first that names a field stands.
    pub fn merge(&mut self, other: Self) {
        take_later(&mut self.name, other.name);
        take_later(&mut self.category, other.category);
        take_later(&mut self.brand, other.brand);
        take_later(&mut self.price, other.price);
    }

    /// As it is shown: `at` is the time of the latest event that any of it is from.
    pub fn shown(self) -> ItemDetails {
        let times = [
            self.name.as_ref().map(|said| said.at),
            self.category.as_ref().map(|said| said.at),
            self.brand.as_ref().map(|said| said.at),
            self.price.as_ref().map(|said| said.at),
        ];
        ItemDetails {
            name: self.name.map(|said| said.value),
            category: self.category.map(|said| said.value),
            brand: self.brand.map(|said| said.value),
            price: self.price.map(|said| said.value),
            at: times.into_iter().flatten().max(),
        }
    }
}

fn take_later<T>(known: &mut Option<Said<T>>, other: Option<Said<T>>) {
    let Some(other) = other else { return };
    let is_later = known
        .as_ref()
        .is_none_or(|known| (other.at, &other.by) > (known.at, &known.by));
    if is_later {
        *known = Some(other);
    }
}
