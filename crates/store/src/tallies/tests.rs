//! What is gathered in memory. The rest of the rules is shown by the contract, on every backend.

mod orders;

use std::time::Duration;

use events::{Currency, Money, Timestamp};

use super::{
    Additions, Counted, Figures, ItemDetails, ItemTally, KnownDetails, MoneyFigures, OrderRecord,
    OrderTally, Resolution, Step, Tally,
};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_061_000);

fn purchase(lines: &[(&str, i64)]) -> Tally {
    let line = |(item_id, micros): &(&str, i64)| ItemTally {
        item_id: (*item_id).to_owned(),
        details: ItemDetails::default(),
        quantity: 1,
        revenue: Some(Money::from_micros(*micros, Currency::NONE)),
        profit: None,
    };
    Tally {
        identity: "purchase:A".into(),
        counted: Counted::Purchase,
        at: NOW,
        expires: NOW.plus(Duration::from_secs(60)),
        items: lines.iter().map(line).collect(),
        order: Some(OrderTally::Purchase {
            transaction: Some("A".into()),
            value: None,
        }),
    }
}

#[test]
fn an_event_is_counted_in_one_step_of_each_resolution() {
    let starts = Step::of(NOW).map(|step| (step.resolution, step.start.millis()));
    let expected = [
        (Resolution::Minute, 1_764_060_060_000),
        (Resolution::Quarter, 1_764_059_400_000),
        (Resolution::AllTime, 0),
    ];
    assert_eq!(starts, expected);
    for end in [i64::MIN, i64::MAX] {
        Step::of(Timestamp::from_millis(end));
    }
}

#[test]
fn an_item_on_two_lines_is_in_one_event() {
    let mut additions = Additions::default();
    let tally = purchase(&[("mug", 5), ("mug", 6), ("lid", 7)]);
    let gathered = additions.gather(&tally, &mut OrderRecord::default());
    gathered.expect("small numbers");
    assert_eq!(additions.items.len(), 2);
    for figures in additions.items["mug"].steps.values() {
        assert_eq!(figures.events, [(Counted::Purchase, 1)].into());
        assert_eq!(figures.units, [(Counted::Purchase, 2)].into());
        assert_eq!(figures.money[&Currency::NONE].sold_micros, 11);
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let mut order = OrderRecord::default();
    let overflow = Additions::default().gather(&purchase(&[("a", i64::MAX), ("b", 1)]), &mut order);
    let words = overflow.expect_err("too large together").to_string();
    assert!(words.contains("item revenue"), "{words}");
    let mut refunded = purchase(&[("a", i64::MIN)]);
    refunded.items[0].profit = refunded.items[0].revenue;
    refunded.counted = Counted::Refund;
    refunded.order = None;
    let overflow = Additions::default().gather(&refunded, &mut order);
    assert!(overflow.is_err(), "the negative of the least is no number");
}

#[test]
fn what_comes_to_nothing_leaves_no_entry() {
    let figures = Figures {
        events: [(Counted::Refund, 1)].into(),
        units: [(Counted::Refund, 2)].into(),
        money: [(
            Currency::NONE,
            MoneyFigures {
                profit_micros: -3,
                ..MoneyFigures::default()
            },
        )]
        .into(),
    };
    let mut sum = Figures::default();
    sum.add(&figures).expect("small numbers");
    assert_eq!(sum, figures);
    sum.combine(&figures, i64::checked_sub)
        .expect("small numbers");
    assert_eq!(sum, Figures::default());
}

#[test]
fn an_order_remembers_the_latest_expiry_and_is_kept_as_it_was() {
    let mut order = OrderRecord::default();
    let mut additions = Additions::default();
    let tally = purchase(&[("mug", 5)]);
    additions.gather(&tally, &mut order).expect("small numbers");
    assert_eq!(order.expires, tally.expires);
    let refund = Tally {
        order: Some(OrderTally::RefundOfOrder {
            transaction: "A".into(),
            value: None,
        }),
        counted: Counted::Refund,
        expires: NOW,
        ..tally.clone()
    };
    additions
        .gather(&refund, &mut order)
        .expect("small numbers");
    assert_eq!(order.expires, tally.expires);
    let text = serde_json::to_string(&order).expect("it serialises");
    let read: OrderRecord = serde_json::from_str(&text).expect("it comes back");
    assert_eq!(read, order);
}

#[test]
fn details_merge_to_the_same_whichever_comes_first() {
    let details = |name: &str| ItemDetails {
        name: Some(name.to_owned()),
        ..ItemDetails::default()
    };
    let one = KnownDetails::of(&details("one"), NOW, "a");
    let other = KnownDetails::of(&details("other"), NOW, "b");
    for [mut first, second] in [[one.clone(), other.clone()], [other, one]] {
        first.merge(second);
        assert_eq!(first.shown().name.as_deref(), Some("other"));
    }
}
