//! What a batch of events adds, by step and item: the rules, gathered in memory, so that a backend writes an item that
//! is in every event once.

use std::collections::BTreeMap;

use events::Timestamp;

use super::arithmetic::Operation;
use super::contribution::Contribution;
use super::order::TakenOff;
use super::{
    Figures, Goods, KnownDetails, OrderRecord, OrderTally, Overflow, Resolution, Tally, Totals,
    WholeRefund,
};

/// One step of one resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// How long it is.
    pub resolution: Resolution,
    /// Its beginning.
    pub start: Timestamp,
}

impl Step {
    /// The steps that `at` is counted in, one a resolution.
    pub fn of(at: Timestamp) -> [Self; 3] {
        Resolution::ALL.map(|resolution| Self {
            resolution,
            start: resolution.start_of(at),
        })
    }
}

/// What is to be added to what is kept. Numbers may be negative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Additions {
    /// Altogether. A step that comes to nothing is not among them, even if it doesn't for each item.
    pub totals: BTreeMap<Step, Totals>,
    /// By item id.
    pub items: BTreeMap<String, ItemAdditions>,
}

/// What is to be added to one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemAdditions {
    /// Counts.
    pub steps: BTreeMap<Step, Figures>,
    /// What the events say of it; to be merged with what is known.
    pub details: KnownDetails,
}

impl Additions {
    /// Whether nothing is added.
    pub fn is_empty(&self) -> bool {
        self.totals.is_empty()
    }

    /// Gathers what one event adds that was never added before. `order` is what is kept under the event's
    /// [transaction](Tally::transaction), or a new record; it is changed, and kept again if the event has a transaction.
    ///
    /// After an error neither this nor `order` is of any use.
    pub fn gather(&mut self, tally: &Tally, order: &mut OrderRecord) -> Result<(), Overflow> {
        if tally.transaction().is_none() {
            self.add_event(tally)?;
            return Ok(());
        }
        order.expires = order.expires.max(tally.expires);
        let before = order.taken_off()?;
        match &tally.order {
            Some(OrderTally::RefundOfOrder { value, .. }) => order.refund_whole(WholeRefund {
                at: tally.at,
                value: *value,
            }),
            Some(OrderTally::RefundOfItems { .. }) => {
                order.give_back(&Goods::of_refund(&self.add_event(tally)?))?;
            }
            Some(OrderTally::Purchase { .. }) | None => {
                order.buy(&Goods::of_purchase(&self.add_event(tally)?))?;
            }
        }
        self.settle(before, order.taken_off()?)
    }

    /// Adds an event that stands for itself: any but a refund of a whole order.
    fn add_event(&mut self, tally: &Tally) -> Result<Contribution, Overflow> {
        let contribution = Contribution::of(tally)?;
        self.change(tally.at, &contribution, i64::checked_add)?;
        for line in &tally.items {
            let said = KnownDetails::of(&line.details, tally.at, &tally.identity);
            let item = self.items.entry(line.item_id.clone()).or_default();
            item.details.merge(said);
        }
        Ok(contribution)
    }

    /// Brings what was added for the refund of a whole order in line with what is known of the order now.
    fn settle(
        &mut self,
        before: Option<TakenOff>,
        after: Option<TakenOff>,
    ) -> Result<(), Overflow> {
        if before == after {
            return Ok(());
        }
        if let Some(before) = before {
            self.change(before.at, &before.contribution, i64::checked_sub)?;
        }
        if let Some(after) = after {
            self.change(after.at, &after.contribution, i64::checked_add)?;
        }
        Ok(())
    }

    /// What comes to nothing leaves no entry.
    fn change(
        &mut self,
        at: Timestamp,
        contribution: &Contribution,
        operation: Operation,
    ) -> Result<(), Overflow> {
        let steps = Step::of(at);
        for step in steps {
            let totals = self.totals.entry(step).or_default();
            totals.combine(&contribution.totals, operation)?;
            if *totals == Totals::default() {
                self.totals.remove(&step);
            }
        }
        for (item_id, figures) in &contribution.items {
            let item = self.items.entry(item_id.clone()).or_default();
            for step in steps {
                let sum = item.steps.entry(step).or_default();
                sum.combine(figures, operation)?;
                if *sum == Figures::default() {
                    item.steps.remove(&step);
                }
            }
            if *item == ItemAdditions::default() {
                self.items.remove(item_id);
            }
        }
        Ok(())
    }
}
