//! Bus and store on SQLite, for one machine: durable before they answer, and safe to kill.
//!
//! [`EmbeddedBus`] and [`EmbeddedStore`] have a file each in the data directory. The store keeps what must survive for
//! 45 days; the bus' journal holds a week of messages and may be thrown away once it is drained. Apart, a ledger's
//! commit never waits behind a flood of publishes, and one file can be lost, copied or repaired without the other.
//!
//! Another process may open both files beside the one that delivers, to look or to publish; [`Ownership`] makes sure
//! that only one delivers.

mod bus;
mod database;
mod dead_letters;
mod destination_reports;
mod error;
mod file;
mod held_messages;
mod ledger;
mod ownership;
mod readers;
mod store;
mod tallies;
mod writer;

pub use self::bus::{
    BusSettings, EmbeddedBus, JournalUnavailable, Purged, StoredMessage, SubscribeError,
    Subscription, SubscriptionBacklog, WaitingDelivery,
};
pub use self::store::{EmbeddedStore, StoreCounts, StoreSettings};
pub use error::OpenError;
pub use ownership::Ownership;
