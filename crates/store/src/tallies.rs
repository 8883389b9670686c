//! Tallies: how often each item was viewed, carted, bought and refunded, for how much, and when.
//!
//! Exact under redelivery: an event's marker and everything it adds are one atomic step, so an event that comes twice
//! adds once. Nothing depends on the order in which events come: a refund may come before its purchase, and a refund of a
//! whole order before or after refunds of some of its items.

mod additions;
mod arithmetic;
mod contribution;
mod details;
mod figures;
mod goods;
mod identities;
mod order;
mod tally;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use events::Timestamp;

use crate::StoreUnavailable;
pub use additions::{Additions, ItemAdditions, Step};
pub use arithmetic::Overflow;
pub use details::{KnownDetails, Said};
pub use figures::{
    Counted, Figures, ItemDetails, ItemFigures, MoneyFigures, OrderFigures, OrderMoney, Totals,
};
pub use goods::{Goods, GoodsOfItem};
pub use identities::{EventIdentities, TalliedIdentity};
pub use order::{OrderRecord, WholeRefund};
pub use tally::{ItemTally, OrderTally, Tallied, Tally};

/// Keeps tallies.
#[async_trait]
pub trait Tallies: Send + Sync {
    /// Adds what these events add, in one atomic step; events that were added before, or earlier in the batch, add
    /// nothing. Returns what became of each, in their order.
    ///
    /// After [`TallyError::Unavailable`] it is not known whether the batch was added; the same batch may be offered
    /// again and adds once. After [`TallyError::Refused`] nothing was added; some event of the batch can't be. After
    /// [`TallyError::TooLarge`] nothing was added either; fewer at once may fit.
    async fn tally(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError>;

    /// Whether an event of that identity was added and has not been forgotten since. Knows of a batch as soon as
    /// [`tally`](Self::tally) has answered.
    async fn known(&self, identity: &str) -> Result<bool, StoreUnavailable>;

    /// What was counted in a range, for all items that have anything in it and altogether.
    async fn sums(&self, range: Range) -> Result<Sums, StoreUnavailable>;

    /// What was counted in each step of a range that has anything, oldest first: altogether, or of one item.
    async fn series(
        &self,
        range: Range,
        item: Option<&str>,
    ) -> Result<Vec<Point>, StoreUnavailable>;

    /// A number that grows with every tally that added something. Never fails for long: a reader that can't be told
    /// looks again later.
    async fn version(&self) -> Result<u64, StoreUnavailable>;

    /// Returns once [`version`](Self::version) is no longer `seen`.
    async fn changed(&self, seen: u64) -> Result<u64, StoreUnavailable>;

    /// Forgets markers and orders past their time, minutes older than three hours and quarters older than eight days.
    /// What was counted of all time stays. Returns how many of all these together.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable>;
}

/// The steps in which counts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resolution {
    /// Kept for three hours.
    Minute,
    /// A quarter of an hour, kept for eight days; time zones are made of these.
    Quarter,
    /// One step for ever; a range of it has no bounds.
    AllTime,
}

impl Resolution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Quarter, Self::AllTime];

    /// How long its steps are kept; `None` for ever.
    pub fn kept(self) -> Option<Duration> {
        const HOUR: u64 = 60 * 60;
        match self {
            Self::Minute => Some(Duration::from_secs(3 * HOUR)),
            Self::Quarter => Some(Duration::from_secs(8 * 24 * HOUR)),
            Self::AllTime => None,
        }
    }

    /// The length of a step in milliseconds; `None` for all time.
    pub fn step_ms(self) -> Option<i64> {
        match self {
            Self::Minute => Some(60_000),
            Self::Quarter => Some(15 * 60_000),
            Self::AllTime => None,
        }
    }

    /// The beginning of the step that holds `at`; the epoch for all time.
    pub fn start_of(self, at: Timestamp) -> Timestamp {
        let start = self
            .step_ms()
            .map_or(0, |step| at.millis().div_euclid(step).saturating_mul(step));
        Timestamp::from_millis(start)
    }
}

/// The steps that begin at `from` or later and before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// Which steps.
    pub resolution: Resolution,
    /// The first step's beginning, or earlier.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
}

impl Range {
    /// Everything that was ever counted.
    pub fn all_time() -> Self {
        Self {
            resolution: Resolution::AllTime,
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(i64::MAX),
        }
    }
}

/// What was counted in a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Altogether.
    pub totals: Totals,
    /// By item, in no order; none twice.
    pub items: Vec<ItemFigures>,
}

/// What was counted in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The step's beginning.
    pub start: Timestamp,
    /// Altogether, or of the one item that was asked for (orders are then empty).
    pub totals: Totals,
}

/// Why a batch was not added.
#[derive(Debug, thiserror::Error)]
pub enum TallyError {
    /// Some event of the batch can never be added, such as one that overflows a sum.
    #[error("an event of the batch can't be counted: {reason}")]
    Refused {
        /// For the operator.
        reason: String,
    },
    /// It is more than one atomic step takes. Nothing was added; fewer events at once may fit.
    #[error("the batch is too large to be counted at once: {reason}")]
    TooLarge {
        /// For the operator.
        reason: String,
    },
    /// Whether it was added is not known.
    #[error(transparent)]
    Unavailable(#[from] StoreUnavailable),
}
