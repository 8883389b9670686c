//! Tallies on Firestore's emulator: the contract, and what the contract can't see.

mod contention;
mod contract;
mod costs;
mod cuts;
mod few_orders;
#[path = "../firestore/grpc_proxy.rs"]
mod grpc_proxy;
mod instances;
mod listening;
mod reading;
mod scripted;
mod shop;
mod sizes;
#[path = "../firestore/slow_proxy.rs"]
mod slow_proxy;
mod statuses;
mod streams;
