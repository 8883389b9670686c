//! What one event adds.

use events::{Money, Timestamp};

use super::{Counted, ItemDetails};

/// What one event adds, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// What makes two messages the same event; names the marker.
    pub identity: String,
    /// What kind of event.
    pub counted: Counted,
    /// When it happened: the minute and the quarter that it is counted in.
    pub at: Timestamp,
    /// When its marker may be forgotten.
    pub expires: Timestamp,
    /// By item; the same item may stand here several times.
    pub items: Vec<ItemTally>,
    /// For purchases and refunds.
    pub order: Option<OrderTally>,
}

impl Tally {
    /// The transaction under which something is remembered or looked up for this event.
    pub fn transaction(&self) -> Option<&str> {
        match self.order.as_ref()? {
            OrderTally::Purchase { transaction, .. }
            | OrderTally::RefundOfItems { transaction, .. } => transaction.as_deref(),
            OrderTally::RefundOfOrder { transaction, .. } => Some(transaction),
        }
    }
}

/// What an event adds to an item. All amounts are as the event names them, also a refund's: they are not negative there.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemTally {
    /// The item's id, as long and as odd as it comes.
    pub item_id: String,
    /// Name, category and so on; each is shown as the latest event that names it says. What is latest is decided by
    /// [`Tally::at`], then by [`Tally::identity`]; `details.at` is not read.
    pub details: ItemDetails,
    /// Units.
    pub quantity: i64,
    /// Price times quantity; `None` if no price is given, and for events that move no money.
    pub revenue: Option<Money>,
    /// Profit of all units; `None` if it isn't known, which is not zero.
    pub profit: Option<Money>,
}

/// What an event adds to orders.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderTally {
    /// An order. What it adds is remembered under its transaction, so that it can be refunded as a whole.
    Purchase {
        /// Absent for bare items: such an order can't be refunded as a whole.
        transaction: Option<String>,
        /// `value`, else the sum of the items; `None` if neither is known or its items' currencies differ.
        value: Option<Money>,
    },
    /// Some items of an order come back: takes off what it names, at its own time. What it takes off is remembered under
    /// its transaction, so that a refund of the whole order takes off what is left.
    RefundOfItems {
        /// The order; absent where the event doesn't say.
        transaction: Option<String>,
        /// `value`, else the sum of the items.
        value: Option<Money>,
    },
    /// A whole order comes back: takes off what is left of it, once an order, at the time of the earliest such refund.
    /// Left is what its purchases added less what refunds of its items took off, whichever comes first; never less than
    /// nothing, and nothing in a currency that it was not bought in. Until a purchase comes it is counted as unallocated.
    /// The event's own items are not looked at. Where several purchases share a transaction, they are one order.
    RefundOfOrder {
        /// The order.
        transaction: String,
        /// What the event itself says; shown while the refund is unallocated.
        value: Option<Money>,
    },
}

/// What became of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tallied {
    /// It was added.
    Added,
    /// It had been added before.
    Known,
}
