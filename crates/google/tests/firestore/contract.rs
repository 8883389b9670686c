//! What every store promises.

use std::sync::Arc;

use google::firestore::FirestoreStore;
use store::contract::{self, StoreHarness};
use store::{DeadLetters, HeldMessages, Ledger};

use crate::support::store;

store::contract_tests!(harness);

struct Harness(Arc<FirestoreStore>);

async fn harness() -> Harness {
    Harness(Arc::new(store()))
}

impl StoreHarness for Harness {
    fn ledger(&self) -> Arc<dyn Ledger> {
        self.0.clone()
    }

    fn held_messages(&self) -> Arc<dyn HeldMessages> {
        self.0.clone()
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        self.0.clone()
    }
}

#[tokio::test]
async fn a_report_replaces_the_earlier_one_of_its_instance() {
    contract::a_report_replaces_the_earlier_one_of_its_instance(&store()).await;
}

#[tokio::test]
async fn reports_are_forgotten_by_the_time_they_were_made() {
    contract::reports_are_forgotten_by_the_time_they_were_made(&store()).await;
}
