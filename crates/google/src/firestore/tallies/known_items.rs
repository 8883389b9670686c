//! An item as its document has it, for those who write to it and for those who read it.

use firestore::gcloud_sdk::google::firestore::v1::Document;
use store::StoreUnavailable;
use store::tallies::{Counted, Figures, ItemDetails, ItemFigures};

use super::super::names::{field_path, unescaped};
use super::super::value::{Fields, integer_of, map_of, text_of};
use super::details::Candidates;
use super::figures::{Number, counters, is_near_the_end, read, set_of_item};

/// The item's id in the document, which is named by it but may have it only as a digest.
pub(super) const ITEM_ID: &str = "item_id";
/// Units that were bought, as in the article that shops know.
const BOUGHT: &str = "counter";
/// Events by their type.
const BY_TYPE: &str = "by_type";

/// What is known of an item; the default is one that nothing is known of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct KnownItem {
    /// Whether it has a document.
    pub(super) exists: bool,
    pub(super) candidates: Candidates,
    /// Of all time.
    pub(super) sums: Figures,
}

impl KnownItem {
    pub(super) fn read(document: &Document) -> Result<Self, StoreUnavailable> {
        Ok(Self {
            exists: true,
            candidates: Candidates::read(&document.fields)?,
            sums: figures_of(&document.fields)?,
        })
    }

    /// Whether its sums must be read before they are added to.
    pub(super) fn is_near_the_end(&self) -> bool {
        is_near_the_end(&self.sums)
    }

    /// As it is shown.
    pub(super) fn details(&self) -> ItemDetails {
        self.candidates.latest().shown()
    }
}

/// The item of a document, as it is shown.
pub(super) fn shown(document: &Document) -> Result<ItemFigures, StoreUnavailable> {
    let item = KnownItem::read(document)?;
    // Whoever counted while the database was emptied took the item for one that has its id there.
    let named = || unescaped(document.name.rsplit('/').next().unwrap_or_default());
    let item_id = text_of(&document.fields, ITEM_ID)?.map(str::to_owned);
    let item_id = item_id.or_else(named).ok_or_else(|| {
        StoreUnavailable::new("an item's document has no item_id: somebody else wrote it")
    })?;
    Ok(ItemFigures {
        item_id,
        details: item.details(),
        figures: item.sums,
    })
}

/// The path of a number in an item's document.
pub(super) fn item_path(number: Number) -> String {
    match number {
        Number::Units(Counted::Purchase) => BOUGHT.into(),
        Number::Events(counted) => field_path(&[BY_TYPE, counted.name()]),
        _ => field_path(&number.name()),
    }
}

fn figures_of(fields: &Fields) -> Result<Figures, StoreUnavailable> {
    let mut figures = read(fields)?.items;
    let bought = integer_of(fields, BOUGHT)?.unwrap_or_default();
    set_of_item(&mut figures, Number::Units(Counted::Purchase), bought);
    if map_of(fields, BY_TYPE)?.is_some() {
        for (name, count) in counters(fields, BY_TYPE)? {
            if let Some(counted) = Counted::parse(name) {
                set_of_item(&mut figures, Number::Events(counted), count);
            }
        }
    }
    Ok(figures)
}
