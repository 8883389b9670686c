//! What is remembered of an order under its transaction, so that it can be refunded as a whole, before or after it is
//! known and whatever of it came back by itself. How it is kept, as JSON or otherwise, is the backend's choice.
//!
//! A record is sums and the earliest refund, so it is the same in whatever order its events came.

use events::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::contribution::Contribution;
use super::{Goods, Overflow};

/// One transaction. The default is one that nothing is known of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    /// What its purchases added; `None` until one comes. There are several only where purchases are told apart by their
    /// event ids.
    pub bought: Option<Goods>,
    /// What refunds of its items took off; nothing in records that were kept before this was.
    #[serde(default, skip_serializing_if = "Goods::is_empty")]
    pub returned: Goods,
    /// The refund of all of it.
    pub refund: Option<WholeRefund>,
    /// When it may be forgotten: the latest that any of its events names.
    pub expires: Timestamp,
}

/// A refund of a whole order; of several the earliest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeRefund {
    /// When it happened; what it takes off is taken off there.
    pub at: Timestamp,
    /// What it said itself, counted as unallocated as long as nothing was bought.
    pub value: Option<Money>,
}

/// What the refund of a whole order adds, and when.
#[derive(Debug, PartialEq)]
pub(super) struct TakenOff {
    pub(super) at: Timestamp,
    pub(super) contribution: Contribution,
}

impl OrderRecord {
    /// What the refund of the whole order adds, as far as the order is known; `None` if there is no such refund.
    pub(super) fn taken_off(&self) -> Result<Option<TakenOff>, Overflow> {
        let Some(refund) = &self.refund else {
            return Ok(None);
        };
        let contribution = match &self.bought {
            Some(bought) => Contribution::of_refund(&bought.less(&self.returned))?,
            None => Contribution::unallocated(refund.value)?,
        };
        Ok(Some(TakenOff {
            at: refund.at,
            contribution,
        }))
    }

    pub(super) fn buy(&mut self, goods: &Goods) -> Result<(), Overflow> {
        self.bought.get_or_insert_default().add(goods)
    }

    pub(super) fn give_back(&mut self, goods: &Goods) -> Result<(), Overflow> {
        self.returned.add(goods)
    }

    /// An order comes back once, however many events say so.
    pub(super) fn refund_whole(&mut self, refund: WholeRefund) {
        let is_earlier = self
            .refund
            .as_ref()
            .is_none_or(|known| refund.rank() < known.rank());
        if is_earlier {
            self.refund = Some(refund);
        }
    }
}

impl WholeRefund {
    /// Of two at the same time, either will do if it is always the same one.
    fn rank(&self) -> (Timestamp, Option<(Currency, i64)>) {
        let value = self.value.map(|value| (value.currency(), value.micros()));
        (self.at, value)
    }
}
