//! An item's document: its sums of all time and what is known of it.

use std::collections::BTreeMap;

use events::Timestamp;
use store::tallies::{Figures, ItemAdditions, ItemDetails, Overflow, Resolution, Step};

use super::super::super::client::Client;
use super::super::super::collections::ITEMS;
use super::super::super::names::field_path;
use super::super::super::value::text;
use super::super::change::Change;
use super::super::details::{SAID, candidate_value};
use super::super::figures::numbers_of;
use super::super::known_items::{ITEM_ID, KnownItem, item_path};
use super::{Batch, NoPlan, Plan, PlannedItem};

pub(super) const ALL_TIME: Step = Step {
    resolution: Resolution::AllTime,
    start: Timestamp::from_millis(0),
};

impl Plan {
    pub(super) fn add_items(&mut self, client: &Client, batch: &Batch<'_>) -> Result<(), NoPlan> {
        let nothing_known = KnownItem::default();
        for (item_id, additions) in &batch.additions.items {
            let known = batch.items.get(item_id).unwrap_or(&nothing_known);
            let planned = self.add_item(client, item_id, additions, known)?;
            self.items.push(planned);
        }
        Ok(())
    }

    fn add_item(
        &mut self,
        client: &Client,
        item_id: &str,
        additions: &ItemAdditions,
        known: &KnownItem,
    ) -> Result<PlannedItem, NoPlan> {
        let mut change = Change::of(client.document(ITEMS, item_id));
        let mut after = known.clone();
        if !known.exists {
            change.set(&[ITEM_ID], text(item_id));
            after.exists = true;
        }
        let learnt = after.candidates.learn(&additions.details);
        for (name, candidate) in &learnt.added {
            change.set(&[SAID, name], candidate_value(candidate));
        }
        for name in &learnt.removed {
            change.remove(&[SAID, name]);
        }
        set_plain(&mut change, &known.details(), &after.details());

        let mut numbers = Vec::new();
        if let Some(figures) = additions.steps.get(&ALL_TIME) {
            // Firestore stops at the ends of 64 bits instead of failing, so a sum that would not fit is refused before.
            // What other instances added to the item in the last moment is not known here.
            after.sums.add(figures)?;
            for (number, more) in numbers_of(figures) {
                change.add(item_path(number), more);
                numbers.push(Some(number));
            }
            for (currency, net) in net_revenue(figures)? {
                change.add(field_path(&["revenue_micros", &currency]), net);
                numbers.push(None);
            }
        }
        Ok(PlannedItem {
            item_id: item_id.to_owned(),
            write: self.push(change)?,
            numbers,
            after,
        })
    }
}

/// What is left of revenue after refunds, for those who read the document by themselves.
fn net_revenue(figures: &Figures) -> Result<BTreeMap<String, i64>, Overflow> {
    let what = "net item revenue";
    let mut net = BTreeMap::new();
    for (currency, money) in &figures.money {
        let left = money.sold_micros.checked_sub(money.refunded_micros);
        let left = left.ok_or(Overflow { what })?;
        if left != 0 {
            net.insert(currency.as_str().to_owned(), left);
        }
    }
    Ok(net)
}

/// Fields for those who read the document by themselves: as this writer knows them, which may lag behind another.
fn set_plain(change: &mut Change, before: &ItemDetails, after: &ItemDetails) {
    for (name, before, after) in [
        ("item_name", &before.name, &after.name),
        ("item_category", &before.category, &after.category),
        ("item_brand", &before.brand, &after.brand),
    ] {
        if let Some(value) = after.as_ref().filter(|_| before != after) {
            change.set(&[name], text(value));
        }
    }
    if let Some(price) = after.price.filter(|_| before.price != after.price) {
        change.set(&["price"], text(price.to_decimal_string()));
        change.set(&["price_currency"], text(price.currency().as_str()));
    }
}
