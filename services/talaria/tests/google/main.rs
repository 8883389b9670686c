//! The three services as they run on Google Cloud: three real programs of their own, on Google's emulators, with the
//! emulator's own pushes, and mock APIs in the test's process, whose counts survive whatever is done to the programs.

mod chaos;
mod checking;
mod cloud;
mod counters;
#[expect(dead_code, reason = "the tests of the tallies need more of it")]
#[path = "../tallies/events_of_a_shop.rs"]
mod events_of_a_shop;
mod first_walk;
mod given_up;
#[path = "../end_to_end/one_trace.rs"]
mod one_trace;
#[path = "../tallies/oracle/mod.rs"]
mod oracle;
mod outages;
#[path = "../tallies/page.rs"]
mod page;
mod program;
mod project;
mod sending;
#[path = "../tallies/shown.rs"]
mod shown;
mod stopping;
mod stream;
#[expect(
    dead_code,
    unused_imports,
    reason = "the other end-to-end tests need more of it"
)]
#[path = "../end_to_end/support/mod.rs"]
mod support;
#[path = "../end_to_end/samples/table/mod.rs"]
mod table;
mod tag;
mod telemetry;
