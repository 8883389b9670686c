//! What every store promises.

use std::sync::Arc;

use google::firestore::{FirestoreSettings, FirestoreStore};
use store::contract::{self, HeldPart, StoreHarness};
use store::{DeadLetters, HeldMessages, Ledger};

use crate::support::{set_field, settings, store};

store::contract_tests!(harness);

struct Harness(Arc<FirestoreStore>, FirestoreSettings);

async fn harness() -> Harness {
    let settings = settings();
    Harness(Arc::new(FirestoreStore::new(settings.clone())), settings)
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

    async fn damage_held(&self, id: &str, part: HeldPart) {
        let field = match part {
            HeldPart::Summary => "summary",
            HeldPart::Content => "message",
        };
        set_field(&self.1, &format!("held_messages/{id}"), field, "{").await;
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
