//! The tests that every backend's tallies must pass.
//!
//! A backend writes `store::tallies_contract_tests!(harness);`, where `harness` is an async function that returns a
//! fresh [`TalliesHarness`]. Figures are compared with those of the suite's own oracle, a plain program over the events.

mod figures;
mod markers;
mod once;
pub mod oracle;
mod order;
mod refunds;
mod returns;
mod samples;
mod time;

use std::sync::Arc;

use crate::tallies::{Range, Resolution, Sums, Tallied, Tallies, Tally};

pub use figures::{
    an_item_may_have_any_id, currencies_are_never_mixed, details_are_those_of_the_latest_event,
    profit_is_counted_as_far_as_it_is_known,
};
pub use markers::{
    a_purchase_is_not_taken_for_the_order_that_has_its_name,
    an_order_that_only_a_refund_named_was_not_counted,
};
pub use once::{
    a_batch_that_is_refused_adds_nothing, an_event_in_two_batches_counts_once,
    an_event_is_known_once_it_is_added_until_it_is_forgotten,
    an_event_twice_in_one_batch_counts_once, callers_at_once_with_the_same_events_count_them_once,
};
pub use order::{
    a_shop_in_any_order_has_the_same_figures, every_order_of_a_few_events_is_the_same,
};
pub use refunds::{
    a_purchase_without_a_transaction_is_not_refunded_whole,
    a_refund_before_its_purchase_is_unallocated_until_it_comes,
    a_refund_of_items_takes_off_what_it_names, a_second_purchase_of_a_transaction_adds_up,
    a_whole_order_is_refunded_once_at_the_refunds_time,
};
pub use returns::{
    an_order_comes_back_at_the_earliest_refunds_time,
    items_that_came_back_first_are_taken_off_once,
    orders_that_change_places_take_their_items_along,
    what_is_left_of_an_order_is_right_in_any_case,
};
pub use time::{
    a_range_holds_the_steps_that_begin_in_it, a_series_has_a_point_for_each_step_that_has_anything,
    old_steps_and_markers_are_forgotten_and_all_time_is_not,
    the_version_changes_with_what_is_added_and_only_then,
};

/// Tallies under test. Each test gets a harness of its own, whose tallies hold nothing yet: a backend whose server
/// outlives a test keeps each harness apart, by a prefix or a database.
pub trait TalliesHarness: Send + Sync {
    /// The tallies.
    fn tallies(&self) -> Arc<dyn Tallies>;
}

/// Makes one test of each function of the contract. `$harness` is an async function that returns a [`TalliesHarness`];
/// the crate that calls this needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! tallies_contract_tests {
    ($harness:path) => {
        $crate::tallies_contract_tests! { $harness:
            a_batch_that_is_refused_adds_nothing
            a_purchase_is_not_taken_for_the_order_that_has_its_name
            a_purchase_without_a_transaction_is_not_refunded_whole
            a_range_holds_the_steps_that_begin_in_it
            a_refund_before_its_purchase_is_unallocated_until_it_comes
            a_refund_of_items_takes_off_what_it_names
            a_second_purchase_of_a_transaction_adds_up
            a_series_has_a_point_for_each_step_that_has_anything
            a_shop_in_any_order_has_the_same_figures
            a_whole_order_is_refunded_once_at_the_refunds_time
            an_event_in_two_batches_counts_once
            an_event_is_known_once_it_is_added_until_it_is_forgotten
            an_event_twice_in_one_batch_counts_once
            an_item_may_have_any_id
            an_order_comes_back_at_the_earliest_refunds_time
            an_order_that_only_a_refund_named_was_not_counted
            callers_at_once_with_the_same_events_count_them_once
            currencies_are_never_mixed
            details_are_those_of_the_latest_event
            every_order_of_a_few_events_is_the_same
            items_that_came_back_first_are_taken_off_once
            old_steps_and_markers_are_forgotten_and_all_time_is_not
            orders_that_change_places_take_their_items_along
            profit_is_counted_as_far_as_it_is_known
            the_version_changes_with_what_is_added_and_only_then
            what_is_left_of_an_order_is_right_in_any_case
        }
    };
    ($harness:path: $($test:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                $crate::contract::tallies::$test($harness).await;
            }
        )+
    };
}

async fn tally(tallies: &dyn Tallies, batch: &[Tally]) -> Vec<Tallied> {
    tallies.tally(batch).await.expect("the store answers")
}

/// With items by id, so that answers can be compared.
async fn sums(tallies: &dyn Tallies, range: Range) -> Sums {
    let mut sums = tallies.sums(range).await.expect("the store answers");
    sums.items
        .sort_by(|one, other| one.item_id.cmp(&other.item_id));
    sums
}

/// Every range of every resolution that the suite's events are in, and what is in each.
fn ranges() -> Vec<Range> {
    let range = |resolution, from: i64, to: i64| Range {
        resolution,
        from: samples::minute(from),
        to: samples::minute(to),
    };
    vec![
        Range::all_time(),
        range(Resolution::Minute, -60, 120),
        range(Resolution::Minute, 0, 1),
        range(Resolution::Minute, 1, 20),
        range(Resolution::Quarter, -60, 120),
        range(Resolution::Quarter, 15, 30),
    ]
}

/// Compares everything that can be asked with what the oracle says of `arrived`, repetitions included.
async fn assert_figures(tallies: &dyn Tallies, arrived: &[Tally], what: &str) {
    for range in ranges() {
        let expected = oracle::sums(arrived, range);
        assert_eq!(sums(tallies, range).await, expected, "{what}: {range:?}");
    }
}
