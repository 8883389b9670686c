//! The events of one order, in every order of arrival.

use super::*;

/// What an event adds to an order: its minute, and units, revenue and profit of the mug if it names any.
#[derive(Clone, Copy)]
struct Said {
    minute: u64,
    mugs: Option<(i64, i64, Option<i64>)>,
    value: Option<i64>,
}

fn micros(micros: i64) -> Money {
    Money::from_micros(micros, Currency::NONE)
}

fn said(name: &str, counted: Counted, said: Said, order: OrderTally) -> Tally {
    let line = |(quantity, revenue, profit): (i64, i64, Option<i64>)| ItemTally {
        item_id: "mug".into(),
        details: ItemDetails::default(),
        quantity,
        revenue: Some(micros(revenue)),
        profit: profit.map(micros),
    };
    Tally {
        identity: name.to_owned(),
        counted,
        at: NOW.plus(Duration::from_secs(60 * said.minute)),
        items: said.mugs.into_iter().map(line).collect(),
        order: Some(order),
        ..purchase(&[])
    }
}

fn bought(name: &str, event: Said) -> Tally {
    let order = OrderTally::Purchase {
        transaction: Some("A".into()),
        value: event.value.map(micros),
    };
    said(name, Counted::Purchase, event, order)
}

fn returned(name: &str, event: Said) -> Tally {
    let order = OrderTally::RefundOfItems {
        transaction: Some("A".into()),
        value: event.value.map(micros),
    };
    said(name, Counted::Refund, event, order)
}

fn whole(name: &str, minute: u64, value: Option<i64>) -> Tally {
    let order = OrderTally::RefundOfOrder {
        transaction: "A".into(),
        value: value.map(micros),
    };
    let event = Said {
        minute,
        mugs: None,
        value,
    };
    said(name, Counted::Refund, event, order)
}

fn three_mugs() -> Tally {
    let event = Said {
        minute: 0,
        mugs: Some((3, 30, Some(9))),
        value: Some(33),
    };
    bought("1", event)
}

fn one_mug() -> Tally {
    let event = Said {
        minute: 1,
        mugs: Some((1, 10, Some(3))),
        value: Some(10),
    };
    returned("2", event)
}

fn gathered(events: &[Tally], order: &mut OrderRecord) -> Additions {
    let mut additions = Additions::default();
    for event in events {
        additions.gather(event, order).expect("small numbers");
    }
    additions
}

fn permutations(events: &[Tally]) -> Vec<Vec<Tally>> {
    let Some((last, others)) = events.split_last() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for shorter in permutations(others) {
        for place in 0..events.len() {
            let mut longer = shorter.clone();
            longer.insert(place, last.clone());
            all.push(longer);
        }
    }
    all
}

#[test]
fn an_orders_events_add_the_same_to_each_step_in_any_order() {
    let more = Said {
        minute: 2,
        mugs: Some((4, 45, None)),
        value: None,
    };
    let second = Said {
        minute: 40,
        mugs: Some((1, 11, None)),
        value: Some(11),
    };
    let events = [
        three_mugs(),
        one_mug(),
        whole("3", 20, Some(5)),
        whole("4", 5, None),
        returned("5", more),
        bought("6", second),
    ];
    let mut first_order = OrderRecord::default();
    let first = gathered(&events, &mut first_order);
    for arrived in permutations(&events) {
        let mut order = OrderRecord::default();
        assert_eq!(gathered(&arrived, &mut order), first, "{arrived:?}");
        assert_eq!(order, first_order, "{arrived:?}");
    }
}

#[test]
fn what_came_back_by_itself_is_left_out_of_the_whole_refund_at_its_time() {
    let whole = whole("3", 20, None);
    for events in permutations(&[three_mugs(), one_mug(), whole.clone()]) {
        let additions = gathered(&events, &mut OrderRecord::default());
        let [minute, quarter, all_time] = Step::of(whole.at);
        for (step, units, money, orders) in [
            (minute, 2, (20, -6, -2), 23),
            (quarter, 2, (20, -6, -2), 23),
            (all_time, 3, (30, 0, 0), 33),
        ] {
            let mug = &additions.items["mug"].steps[&step];
            assert_eq!(mug.units[&Counted::Refund], units, "{step:?}");
            let found = mug.money[&Currency::NONE];
            let found = (
                found.refunded_micros,
                found.profit_micros,
                found.profit_units,
            );
            assert_eq!(found, money, "{step:?}");
            let found = additions.totals[&step].orders.money[&Currency::NONE];
            assert_eq!(found.refunded_micros, orders, "{step:?}");
        }
    }
}

/// Written before it was kept what came back: the whole refund has taken off all that was bought.
#[test]
fn a_record_of_an_earlier_version_is_read_and_its_sums_become_right() {
    const KEPT: &str = r#"{"bought":{"items":{"mug":{"units":3,"money":{"XXX":{"soldMicros":30,
        "refundedMicros":0,"profitMicros":9,"profitUnits":3}}}},"valueMicros":{"XXX":33}},
        "refund":{"at":1764061261000,"value":null},"expires":1764060121000}"#;
    let mut kept: OrderRecord = serde_json::from_str(KEPT).expect("it is read");
    let mut order = OrderRecord::default();
    let whole = whole("3", 20, None);
    let before = gathered(&[three_mugs(), whole], &mut order);
    assert_eq!(kept, order, "as it would be written now");
    let written = serde_json::to_value(&order).expect("it is written");
    let as_kept: serde_json::Value = serde_json::from_str(KEPT).expect("JSON");
    assert_eq!(written, as_kept, "an earlier version can read it, too");

    let after = gathered(&[one_mug()], &mut kept);
    let refunded = |additions: &Additions| {
        let all_time = Step::of(NOW)[2];
        additions.totals[&all_time].items.units[&Counted::Refund]
    };
    assert_eq!(refunded(&before), 3);
    let all_time = &after.totals[&Step::of(NOW)[2]];
    assert_eq!(all_time.items.units, [].into(), "one here, one less there");
    assert_eq!(all_time.items.money, [].into());
}

#[test]
fn a_refund_that_changes_nothing_adds_nothing() {
    let mut order = OrderRecord::default();
    gathered(&[three_mugs(), whole("3", 5, None)], &mut order);
    let later = gathered(&[whole("4", 6, Some(1))], &mut order);
    assert!(later.is_empty(), "{later:?}");
}

/// Another refund, a minute earlier: nothing is left in the minute, and nothing changes in the quarter.
#[test]
fn a_refund_that_moves_leaves_no_entry_behind() {
    let mut order = OrderRecord::default();
    let refund = whole("3", 7, None);
    let minute = Step::of(refund.at)[0];
    let events = [three_mugs(), refund, whole("4", 6, None)];
    let moved = gathered(&events, &mut order);
    assert!(!moved.totals.contains_key(&minute));
    assert!(!moved.items["mug"].steps.contains_key(&minute));
    let again = gathered(&[whole("5", 5, None)], &mut order);
    let steps: Vec<Resolution> = again.totals.keys().map(|step| step.resolution).collect();
    assert_eq!(steps, [Resolution::Minute; 2]);
}
