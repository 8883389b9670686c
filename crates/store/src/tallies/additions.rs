//! What a batch of events adds, by step and item: the rules, gathered in memory, so that a backend writes an item that
//! is in every event once.

use std::collections::BTreeMap;

use events::Timestamp;

use super::contribution::Contribution;
use super::{
    Bought, Figures, KnownDetails, OrderRecord, OrderTally, Overflow, Resolution, Tally, Totals,
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
    /// Altogether.
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
        if tally.transaction().is_some() {
            order.expires = order.expires.max(tally.expires);
        }
        if let Some(OrderTally::RefundOfOrder { value, .. }) = &tally.order {
            let refund = WholeRefund {
                at: tally.at,
                value: *value,
            };
            return self.refund(refund, order);
        }
        let contribution = Contribution::of(tally)?;
        self.add(tally.at, &contribution)?;
        for line in &tally.items {
            let said = KnownDetails::of(&line.details, tally.at, &tally.identity);
            let item = self.items.entry(line.item_id.clone()).or_default();
            item.details.merge(said);
        }
        if tally.transaction().is_some() {
            self.remember(Bought::of(&contribution), order)?;
        }
        Ok(())
    }

    fn refund(&mut self, refund: WholeRefund, order: &mut OrderRecord) -> Result<(), Overflow> {
        // An order comes back once, however many events say so.
        if order.refund.is_some() {
            return Ok(());
        }
        let contribution = match &order.bought {
            Some(bought) => Contribution::of_refund(bought)?,
            None => Contribution::unallocated(refund.value)?,
        };
        self.add(refund.at, &contribution)?;
        order.refund = Some(refund);
        Ok(())
    }

    fn remember(&mut self, bought: Bought, order: &mut OrderRecord) -> Result<(), Overflow> {
        match (&mut order.bought, &order.refund) {
            (None, Some(refund)) => {
                self.take_back(refund)?;
                self.add(refund.at, &Contribution::of_refund(&bought)?)?;
                order.bought = Some(bought);
            }
            (None, None) => order.bought = Some(bought),
            (Some(earlier), None) => earlier.add(&bought)?,
            // What was refunded is settled: a later purchase under its transaction is sold and stays sold.
            (Some(_), Some(_)) => {}
        }
        Ok(())
    }

    fn add(&mut self, at: Timestamp, contribution: &Contribution) -> Result<(), Overflow> {
        let steps = Step::of(at);
        for step in steps {
            let totals = self.totals.entry(step).or_default();
            totals.add(&contribution.totals)?;
        }
        for (item_id, figures) in &contribution.items {
            let item = self.items.entry(item_id.clone()).or_default();
            for step in steps {
                item.steps.entry(step).or_default().add(figures)?;
            }
        }
        Ok(())
    }

    /// Takes back what was added for a refund that is no longer unallocated; that was of no item.
    fn take_back(&mut self, refund: &WholeRefund) -> Result<(), Overflow> {
        let unallocated = Contribution::unallocated(refund.value)?;
        for step in Step::of(refund.at) {
            let totals = self.totals.entry(step).or_default();
            totals.subtract(&unallocated.totals)?;
        }
        Ok(())
    }
}
