//! The tests that every store must pass.
//!
//! A backend writes `store::contract_tests!(harness);`, where `harness` is an async function that returns a fresh
//! [`StoreHarness`]. All times are handed in, so nothing here waits.

mod dead_letters;
mod destination_reports;
mod held_messages;
mod held_oddities;
mod held_scene;
mod ledger;
mod ledger_lifecycle;
pub mod tallies;

use std::sync::Arc;

use crate::{DeadLetters, HeldMessages, Ledger};

pub use dead_letters::{
    a_dead_letter_comes_back_whole, a_letter_buried_twice_is_kept_once,
    a_listing_shows_what_its_filter_admits_newest_first, a_replayed_letter_that_dies_again_is_new,
    letters_are_forgotten_once_their_time_has_passed,
};
pub use destination_reports::{
    a_report_replaces_the_earlier_one_of_its_instance,
    reports_are_forgotten_by_the_time_they_were_made,
};
pub use held_messages::{
    a_backlog_has_each_destination_with_its_oldest, a_held_message_comes_back_whole,
    a_message_held_again_is_kept_once, held_messages_are_forgotten_once_their_time_has_passed,
    held_messages_are_found_by_event_id_and_by_identity,
    messages_are_due_by_destination_the_longest_due_first, of_many_who_take_a_message_one_gets_it,
    what_was_held_anew_is_not_released_by_who_has_not_seen_it,
};
pub use held_oddities::{
    a_message_that_can_not_be_read_keeps_nobody_from_the_others,
    messages_are_found_by_what_they_wait_for,
};
pub use ledger::{
    a_claim_grants_all_effects_and_settled_ones_are_not_granted_again, a_lost_lease_writes_nothing,
    a_retry_is_not_granted_before_its_time, an_expired_lease_is_taken_over_after_its_grace,
    of_many_claimers_at_once_exactly_one_is_granted,
    other_content_under_the_same_identity_is_a_conflict,
};
pub use ledger_lifecycle::{
    a_dead_effect_is_opened_again, a_held_effect_is_granted_when_it_is_due_and_told_as_held,
    a_prolonged_lease_keeps_others_out, an_abandoned_call_is_granted_as_such,
    records_are_forgotten_once_their_time_has_passed,
    records_are_found_by_event_id_and_by_identity,
    the_same_advance_twice_leaves_the_record_as_after_the_first,
    what_is_no_longer_wanted_is_handed_out,
};

/// A store under test. Each test gets a fresh one, or one whose [`unique`](Self::unique) names are fresh.
pub trait StoreHarness: Send + Sync {
    /// The ledger.
    fn ledger(&self) -> Arc<dyn Ledger>;

    /// The held messages; there are none before a test holds some.
    fn held_messages(&self) -> Arc<dyn HeldMessages>;

    /// Has a part of a held message be no JSON any more.
    fn damage_held(&self, id: &str, part: HeldPart) -> impl Future<Output = ()> + Send;

    /// The dead letters.
    fn dead_letters(&self) -> Arc<dyn DeadLetters>;

    /// A name that no other test uses, where the backend outlives a test.
    fn unique(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// A part of a held message, as backends keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldPart {
    /// What listings show.
    Summary,
    /// The rest.
    Content,
}

/// Makes one test of each function of the contract. `$harness` is an async function that returns a
/// [`StoreHarness`]; the crate that calls this needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! contract_tests {
    ($harness:path) => {
        $crate::contract_tests! { $harness:
            a_backlog_has_each_destination_with_its_oldest
            a_claim_grants_all_effects_and_settled_ones_are_not_granted_again
            a_dead_effect_is_opened_again
            a_dead_letter_comes_back_whole
            a_letter_buried_twice_is_kept_once
            a_listing_shows_what_its_filter_admits_newest_first
            a_held_message_comes_back_whole
            a_message_held_again_is_kept_once
            a_message_that_can_not_be_read_keeps_nobody_from_the_others
            a_held_effect_is_granted_when_it_is_due_and_told_as_held
            a_lost_lease_writes_nothing
            a_prolonged_lease_keeps_others_out
            a_replayed_letter_that_dies_again_is_new
            a_retry_is_not_granted_before_its_time
            an_abandoned_call_is_granted_as_such
            an_expired_lease_is_taken_over_after_its_grace
            held_messages_are_forgotten_once_their_time_has_passed
            held_messages_are_found_by_event_id_and_by_identity
            letters_are_forgotten_once_their_time_has_passed
            messages_are_due_by_destination_the_longest_due_first
            messages_are_found_by_what_they_wait_for
            of_many_claimers_at_once_exactly_one_is_granted
            of_many_who_take_a_message_one_gets_it
            other_content_under_the_same_identity_is_a_conflict
            records_are_forgotten_once_their_time_has_passed
            records_are_found_by_event_id_and_by_identity
            the_same_advance_twice_leaves_the_record_as_after_the_first
            what_is_no_longer_wanted_is_handed_out
            what_was_held_anew_is_not_released_by_who_has_not_seen_it
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
