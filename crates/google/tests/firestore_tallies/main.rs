//! Tallies on Firestore's emulator: the contract, and what the contract can't see.

mod contract;
mod cuts;
mod instances;
mod listening;
mod reading;
mod shop;
mod sizes;
#[path = "../firestore/slow_proxy.rs"]
mod slow_proxy;
