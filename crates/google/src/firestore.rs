//! The store on Firestore: ledger, dead letters, destinations' reports and tallies.
//!
//! Every write is one `Commit` with preconditions and transforms: no transaction is begun and nothing waits for a lock
//! across a round trip.

mod client;
mod connection;
mod names;
mod settings;
mod value;
mod write;

use store::StoreUnavailable;

use client::Client;
pub use settings::FirestoreSettings;

/// Ledger, dead letters, destinations' reports and tallies in one Firestore database.
pub struct FirestoreStore {
    client: Client,
}

impl FirestoreStore {
    /// A store in the database that the settings name. Nothing is connected yet: that happens at the first call, and
    /// again at the next if it failed, so that a service can start before its database does.
    pub fn new(settings: FirestoreSettings) -> Self {
        Self {
            client: Client::new(settings),
        }
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), StoreUnavailable> {
        let probe = self.client.document("readiness", "probe");
        self.client.get(&[probe]).await.map(drop)
    }
}
