//! The tallies of the real program, held against an oracle: a small program of its own that reads the events as they were
//! sent, knows the distinct ones by their identity, and adds up in whole numbers of 128 bits.

mod counter;
mod events_of_a_shop;
mod item_ids;
mod items;
mod kills;
mod malformed;
mod many;
mod oracle;
mod page;
mod refunds;
mod samples;
mod shown;
#[expect(
    dead_code,
    unused_imports,
    reason = "the other end-to-end tests need more of it"
)]
#[path = "../end_to_end/support/mod.rs"]
mod support;
