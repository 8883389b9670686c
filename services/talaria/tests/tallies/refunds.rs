//! Refunds before and after what they refund; the figures are right after each step.

use serde_json::{Value, json};

use crate::counter::{Counter, world};
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::Oracle;
use crate::shown::assert_figures;

#[derive(Clone, Copy)]
enum Step {
    Purchase,
    RefundOfItems,
    RefundOfOrder,
    /// The shop says so twice.
    RefundOfOrderAgain,
}

use Step::{Purchase, RefundOfItems, RefundOfOrder, RefundOfOrderAgain};

const ORDERS: [[Step; 4]; 4] = [
    [Purchase, RefundOfItems, RefundOfOrder, RefundOfOrderAgain],
    [RefundOfOrder, Purchase, RefundOfItems, RefundOfOrderAgain],
    [RefundOfItems, RefundOfOrder, RefundOfOrderAgain, Purchase],
    [RefundOfOrder, RefundOfOrderAgain, Purchase, RefundOfItems],
];

impl Step {
    /// The event, about the order and the items of this number.
    fn event(self, order: usize, begin: i64) -> String {
        let kind = match self {
            Purchase => "purchase",
            _ => "refund",
        };
        event(kind, 10 * order + self as usize, begin, &self.data(order))
    }

    fn data(self, order: usize) -> Value {
        let (transaction, lamp) = (format!("ORD-{order}"), format!("LAMP-{order}"));
        match self {
            Purchase => {
                json!({"transactionId": transaction, "value": "34.00", "currency": "EUR", "items": [
                    {"item_id": lamp, "price": 10, "quantity": 3, "profit": "2.50"},
                    {"item_id": "TEA", "price": 500, "quantity": 1, "currency": "JPY"},
                ]})
            }
            RefundOfItems => json!({"transactionId": transaction, "currency": "EUR", "items": [
                {"item_id": lamp, "price": 10, "quantity": 1, "profit": "2.50"},
            ]}),
            RefundOfOrder | RefundOfOrderAgain => {
                json!({"transactionId": transaction, "value": "-34.00", "currency": "EUR"})
            }
        }
    }
}

#[tokio::test]
async fn refunds_and_purchases_are_right_in_any_order_after_each_step() {
    let (begin, world) = (an_hour_ago(), world());
    let (counter, mut sent) = (Counter::start(&world).await, Vec::new());
    for step in 0..ORDERS[0].len() {
        for (order, steps) in ORDERS.iter().enumerate() {
            let event = steps[step].event(order, begin);
            counter.publish(&event).await;
            sent.push(event);
        }
        world.all_acknowledged().await;
        assert_figures(&counter.page, &Oracle::published(&sent)).await;
    }
}
