//! What doesn't fit.

use super::*;

#[test]
fn what_does_not_fit_in_a_commit_is_said_before() {
    let given = Given::nothing();
    let many: Vec<Tally> = (0..501)
        .map(|number: usize| purchase(&number.to_string(), &items(1)))
        .collect();
    let long = vec!["x".repeat(1 << 20); 1];
    let long: Vec<Tally> = (0..9)
        .map(|number| {
            let item = format!("{number}{}", long[0]);
            purchase(&number.to_string(), &[item])
        })
        .collect();
    let hours: Vec<Tally> = (0..60)
        .map(|minute| Tally {
            at: Timestamp::from_millis(1_764_057_600_000 + minute * 60_000),
            ..purchase(&minute.to_string(), &items(4))
        })
        .collect();
    for (events, words) in [
        (&many, "500 events"),
        (&long, "bytes"),
        (&hours, "one document"),
    ] {
        let NoPlan::TooLarge(reason) = given.plan(events).expect_err("too large") else {
            panic!("{words} is another error");
        };
        assert!(reason.contains(words), "{reason}");
    }
    given.plan(&hours[..20]).expect("fewer fit");
}

#[test]
fn a_sum_that_would_not_fit_is_no_plan() {
    let mut given = Given::nothing();
    set(&mut given.totals, Number::Orders, i64::MAX);
    let overflow = given.plan(&[purchase("A", &items(1))]);
    assert!(matches!(overflow, Err(NoPlan::Overflow(_))), "{overflow:?}");
    let mut given = Given::nothing();
    let mut gold = KnownItem::default();
    let euro = euros(0).currency();
    set_of_item(&mut gold.sums, Number::Profit(euro), i64::MAX);
    given.items.insert("item 0".into(), gold);
    let overflow = given.plan(&[purchase("A", &items(1))]);
    assert!(matches!(overflow, Err(NoPlan::Overflow(_))), "{overflow:?}");
}
