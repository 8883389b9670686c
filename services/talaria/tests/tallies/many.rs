//! One item in very many events, and very many items.

use serde_json::json;

use crate::counter::{Counter, world};
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::Oracle;
use crate::shown::assert_figures_and_details;

const KINDS: [&str; 5] = [
    "purchase",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "refund",
];
const CURRENCIES: [&str; 3] = ["EUR", "DKK", "SEK"];
const EVENTS_OF_ONE_ITEM: usize = 2000;
const DIFFERENT_ITEMS: usize = 10_000;
const ITEMS_OF_ONE_EVENT: usize = 5;
/// No category has more items than one answer of the API.
const CATEGORIES: usize = 5;

#[tokio::test]
async fn one_item_in_every_event_is_counted_exactly() {
    let begin = an_hour_ago();
    let events: Vec<String> = (0..EVENTS_OF_ONE_ITEM)
        .map(|number| {
            // Sums of such prices are wrong in floats.
            let cents = 10 + number % 90;
            let item = json!({
                "item_id": "EVERYWHERE", "item_name": format!("Name {number}"), "price": format!("0.{cents}"),
                "quantity": 1 + number % 3, "profit": format!("0.0{}", number % 10), "currency": "EUR",
            });
            let mut items = vec![item.clone()];
            if number % 7 == 0 {
                items.push(item);
            }
            event(KINDS[number % 5], number, begin, &json!({"items": items}))
        })
        .collect();
    let world = world();
    let counter = Counter::start(&world).await;
    counter.publish_all(&events).await;
    // A few of them again.
    counter.publish_all(&events[..EVENTS_OF_ONE_ITEM / 4]).await;
    world.all_acknowledged().await;
    assert_figures_and_details(&counter.page, &Oracle::published(&events)).await;
}

#[tokio::test]
async fn ten_thousand_different_items_are_all_counted_and_shown() {
    let begin = an_hour_ago();
    let item = |number: usize| {
        json!({
            "item_id": format!("ITEM-{number}"), "item_name": format!("Name {number}"),
            "item_category": format!("category-{}", number % CATEGORIES),
            "price": format!("{}.{:02}", number % 300, number % 100),
            "currency": CURRENCIES[number % CURRENCIES.len()],
        })
    };
    let events: Vec<String> = (0..DIFFERENT_ITEMS / ITEMS_OF_ONE_EVENT)
        .map(|number| {
            let first = number * ITEMS_OF_ONE_EVENT;
            let items: Vec<_> = (first..first + ITEMS_OF_ONE_EVENT).map(item).collect();
            event(KINDS[number % 5], number, begin, &json!({"items": items}))
        })
        .collect();
    let world = world();
    let counter = Counter::start(&world).await;
    counter.publish_all(&events).await;
    world.all_acknowledged().await;
    assert_figures_and_details(&counter.page, &Oracle::published(&events)).await;
}
