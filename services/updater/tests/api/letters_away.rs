//! Dead letters can't be kept for a while: what became of other effects of the same event is written down all the same.

use std::sync::Arc;

use async_trait::async_trait;
use events::Timestamp;
use store::{DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters, StoreUnavailable};
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, purchase};

struct Away;

fn away<T>() -> Result<T, StoreUnavailable> {
    Err(StoreUnavailable::new("away for a test"))
}

#[async_trait]
impl DeadLetters for Away {
    async fn bury(&self, _: DeadLetter) -> Result<bool, StoreUnavailable> {
        away()
    }

    async fn list(&self, _: &DeadLetterFilter) -> Result<Vec<DeadLetterSummary>, StoreUnavailable> {
        away()
    }

    async fn get(&self, _: &str) -> Result<Option<DeadLetter>, StoreUnavailable> {
        away()
    }

    async fn mark_replayed(&self, _: &str, _: Timestamp) -> Result<(), StoreUnavailable> {
        away()
    }

    async fn purge(&self, _: Timestamp) -> Result<u64, StoreUnavailable> {
        away()
    }
}

/// A route to each item of the purchase.
fn each_item(repeat: &str) -> String {
    format!(
        "destinations:\n  api:\n    url: ${{API}}\n    auth: {{ header: X-API-KEY, secret: KEY }}\n    repeat: {repeat}\n    \
         timeout: 1s\nroutes:\n  - name: stock\n    when: 'true'\n    to: api\n    each: {{ in: event.data.items, as: item, \
         key: item.item_id }}\n    path: '\"/stock/\" + item.item_id'\n    body: '{{ \"change\": -item.quantity }}'\n"
    )
}

#[tokio::test]
async fn effects_that_were_done_are_not_called_again() {
    for (repeat, refused, calls) in [("safe", "dead", 3), ("unsafe", "review", 2)] {
        let api = MockServer::start().await;
        api.answer_with(|request| match request.target.as_str() {
            "/stock/LAMP-07" => MockAnswer::status(422),
            _ => MockAnswer::status(200),
        });
        let mut world = World::new(&each_item(repeat), &api);
        world.dead_letters = Some(Arc::new(Away));
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 503, "{repeat}");
        let states = world.states("purchase:T1", "api").await;
        assert_eq!(states["DINNER-4"], "done", "{repeat}: {states:?}");

        world.dead_letters = None;
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 204, "{repeat}");
        let states = world.states("purchase:T1", "api").await;
        assert_eq!(
            (states["LAMP-07"], states["DINNER-4"]),
            (refused, "done"),
            "{repeat}"
        );
        assert_eq!(api.requests().len(), calls, "{repeat}");
        assert_eq!(world.dead_letters().await.len(), 1, "{repeat}");
    }
}
