//! The store on Firestore: ledger, held messages, dead letters, destinations' reports and tallies.
//!
//! Every write is one `Commit` with preconditions and transforms: no transaction is begun and nothing waits for a lock
//! across a round trip.

#[cfg(feature = "bare-commits")]
mod bare_commits;
mod client;
mod collections;
mod connection;
mod dead_letters;
mod destination_reports;
mod expiry;
mod held_messages;
mod ledger;
mod long_text;
mod names;
mod query;
mod rounds;
mod settings;
mod tallies;
mod value;
mod write;

use std::sync::Arc;

use store::StoreUnavailable;

#[cfg(feature = "bare-commits")]
pub use bare_commits::BareCommits;
use client::Client;
use ledger::HeldRecords;
pub use settings::FirestoreSettings;
use tallies::FirestoreTallies;

/// Ledger, held messages, dead letters, destinations' reports and tallies in one Firestore database.
pub struct FirestoreStore {
    client: Arc<Client>,
    held_records: HeldRecords,
    tallies: FirestoreTallies,
}

impl FirestoreStore {
    /// A store in the database that the settings name. Nothing is connected yet: that happens at the first call, and
    /// again at the next if it failed, so that a service can start before its database does. The connection lives on the
    /// runtime that this is called on, whoever makes the first call.
    pub fn new(settings: FirestoreSettings) -> Self {
        let client = Arc::new(Client::new(settings));
        Self {
            tallies: FirestoreTallies::new(&client),
            client,
            held_records: HeldRecords::default(),
        }
    }

    /// How many documents this store has read, as Google counts them.
    pub fn documents_read(&self) -> u64 {
        self.client.documents_read()
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), StoreUnavailable> {
        let probe = self.client.document("readiness", "probe");
        self.client.get(&[probe]).await.map(drop)
    }
}
