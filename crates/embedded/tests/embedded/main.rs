//! The embedded bus and store, through their front doors: both contracts, and what only these backends promise.

mod bus_contract;
mod deliveries;
mod durability;
mod files;
mod held_messages;
mod limits;
mod operations;
mod store;
mod support;
mod tallies;
