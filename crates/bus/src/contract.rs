//! The tests that every bus must pass, and what a backend brings for them.
//!
//! A backend implements [`BusHarness`] in its tests and writes `bus::contract_tests!(harness);`, where `harness` is an
//! async function that returns a fresh one. Google's emulator differs from Google in three ways that the suite leaves
//! room for: it acknowledges 203 and refuses 202 (hence [`acknowledges_each_of`] takes the statuses), it sends no
//! `deliveryAttempt`, and it takes no dead-letter policy below five attempts.

mod dead_letters;
mod deliveries;
mod harness;

pub use dead_letters::what_is_refused_too_often_moves_to_the_dead_letter_topic;
pub use deliveries::{
    a_message_is_delivered_whole_in_the_push_envelope,
    a_message_reaches_every_subscription_of_its_topic_and_no_other,
    a_refused_message_comes_again_until_it_is_acknowledged,
    a_subscription_that_is_down_costs_the_others_nothing, acknowledges_each_of,
    messages_published_by_a_hundred_tasks_all_arrive_under_their_own_ids,
    publishing_to_an_unknown_topic_is_refused_as_such,
    what_has_no_data_or_no_attributes_is_delivered_too,
};
pub use harness::{
    Answer, BusHarness, DeadLetterPolicy, Enough, PushEndpoint, SubscriptionOptions,
};

/// Makes one test of each function of the contract. `$harness` is an async function that returns a
/// [`BusHarness`]; the crate that calls this needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! contract_tests {
    ($harness:path) => {
        $crate::contract_tests! { $harness:
            a_message_is_delivered_whole_in_the_push_envelope
            a_message_reaches_every_subscription_of_its_topic_and_no_other
            a_refused_message_comes_again_until_it_is_acknowledged
            a_subscription_that_is_down_costs_the_others_nothing
            messages_published_by_a_hundred_tasks_all_arrive_under_their_own_ids
            publishing_to_an_unknown_topic_is_refused_as_such
            what_has_no_data_or_no_attributes_is_delivered_too
            what_is_refused_too_often_moves_to_the_dead_letter_topic
        }
    };
    ($harness:path: $($test:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                $crate::contract::$test(&$harness().await).await;
            }
        )+
    };
}
