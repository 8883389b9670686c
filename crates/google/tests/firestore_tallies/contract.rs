//! The suite that every backend passes.

use std::sync::Arc;

use google::firestore::FirestoreStore;
use store::contract::tallies::TalliesHarness;
use store::tallies::Tallies;

use crate::shop::{settings, unique_store};

struct Harness(Arc<FirestoreStore>);

impl TalliesHarness for Harness {
    fn tallies(&self) -> Arc<dyn Tallies> {
        Arc::clone(&self.0) as Arc<dyn Tallies>
    }
}

async fn harness() -> Harness {
    Harness(unique_store())
}

store::tallies_contract_tests!(harness);

mod spread_over_odd_shards {
    use super::{Arc, FirestoreStore, Harness, settings};

    async fn harness() -> Harness {
        let mut settings = settings();
        settings.shards = 3;
        Harness(Arc::new(FirestoreStore::new(settings)))
    }

    store::tallies_contract_tests! { harness:
        an_item_may_have_any_id
        a_shop_in_any_order_has_the_same_figures
        a_series_has_a_point_for_each_step_that_has_anything
    }
}
