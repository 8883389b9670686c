//! Whatever comes: counted, kept, or refused so that the bus keeps it.

use serde_json::json;

use crate::helpers::{World, event};

#[tokio::test]
async fn a_message_that_can_not_be_counted_is_kept_once_and_acknowledged() {
    let overflow = event(
        "purchase",
        "e1",
        json!({"items": [
            {"item_id": "A", "price": 0, "profit": 9_000_000_000_000_i64, "quantity": 1_000_000},
        ]}),
    )
    .to_string();
    let cases: [(&str, &[u8], &str); 5] = [
        ("no data", b"", "unreadable"),
        ("no JSON", b"{\"eventType\":", "unreadable"),
        ("no UTF-8", b"\xff\xfe", "unreadable"),
        (
            "no amount",
            br#"{"eventType":"purchase","eventId":"1","data":{"value":"much"}}"#,
            "invalid",
        ),
        ("money that overflows", overflow.as_bytes(), "invalid"),
    ];
    let world = World::new();
    let counter = world.start();
    for (index, (what, data, reason)) in cases.into_iter().enumerate() {
        for _ in 0..2 {
            let status = counter.push_data("/tally", &index.to_string(), data).await;
            assert_eq!(status, 204, "{what}");
        }
        let letters = world.letters().await;
        assert_eq!(letters.len(), index + 1, "{what} is kept once");
        let of_reason = letters
            .iter()
            .filter(|letter| letter.reason.name() == reason);
        assert!(of_reason.count() > 0, "{what} is {reason}");
    }
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(summary["now"]["orders"], 0);
}

#[tokio::test]
async fn one_sum_that_overflows_does_not_hold_up_the_others() {
    let world = World::new();
    let counter = world.start();
    // Each alone fits; the item's sum does not.
    let item = json!({"item_id": "A", "price": 10_000_000_000_i64});
    let large = |id: &str| {
        event(
            "purchase",
            id,
            json!({"currency": "EUR", "value": 1, "items": vec![item.clone(); 100]}),
        )
    };
    for number in 1..=9 {
        counter.push(&large(&number.to_string())).await;
    }
    let (second, fine) = (
        large("10"),
        event("view_item", "v", json!({"items": [{"item_id": "B"}]})),
    );
    tokio::join!(counter.push(&second), counter.push(&fine));
    let letters = world.letters().await;
    assert_eq!((letters.len(), letters[0].reason.name()), (1, "invalid"));
    assert_eq!(letters[0].event_id.as_deref(), Some("10"));
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(
        (&summary["now"]["orders"], &summary["now"]["views"]),
        (&json!(9), &json!(1))
    );
}

#[tokio::test]
async fn an_absurd_event_becomes_a_dead_letter_and_adds_nothing() {
    let world = World::new();
    let counter = world.start();
    let items = json!([{"item_id": "A", "price": 1, "quantity": 1_000_001}]);
    let absurd = event("purchase", "1", json!({"currency": "EUR", "items": items}));
    counter.push(&absurd).await;
    let letters = world.letters().await;
    assert_eq!((letters.len(), letters[0].reason.name()), (1, "invalid"));
    assert!(
        letters[0].detail.contains("quantity"),
        "{}",
        letters[0].detail
    );
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(summary["now"]["orders"], 0);
}

#[tokio::test]
async fn events_that_are_not_counted_are_acknowledged() {
    let world = World::new();
    let counter = world.start();
    counter
        .push(&event("scroll", "1", json!({"items": [{"item_id": "A"}]})))
        .await;
    counter
        .push(&json!({"transaction_id": "T1", "value": 1}))
        .await;
    assert_eq!(counter.item_ids("/api/items?window=all").await, [""; 0]);
    assert!(world.letters().await.is_empty());
    assert_eq!(
        counter.post("/tally", b"[]".to_vec()).await.0,
        400,
        "no push at all"
    );
}

#[tokio::test]
async fn a_store_that_fails_refuses_pushes_and_readers_and_counts_once_when_it_is_back() {
    let world = World::new();
    let counter = world.start();
    let purchase = event(
        "purchase",
        "e",
        json!({"transactionId": "T", "value": 5, "currency": "EUR"}),
    );
    let text = purchase.to_string();
    world.tallies.set_down(true);
    assert_eq!(counter.push_data("/tally", "1", text.as_bytes()).await, 503);
    assert_eq!(counter.get("/api/summary").await.0, 503);
    assert_eq!(counter.get("/health/ready").await.0, 503);
    world.tallies.set_down(false);
    for _ in 0..2 {
        assert_eq!(counter.push_data("/tally", "1", text.as_bytes()).await, 204);
    }
    // A bad answer holds for a second.
    testing::eventually("readiness", || async {
        (counter.get("/health/ready").await.0 == 200).then_some(())
    })
    .await;
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(summary["now"]["orders"], 1);
    assert!(world.letters().await.is_empty());
}
