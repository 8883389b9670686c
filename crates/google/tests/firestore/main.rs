//! Ledger, dead letters and destinations' reports on Firestore: their contracts, and what several processes on one
//! database, long texts, outages and production's own answers ask of them. Runs against Google's emulator.

mod claims;
mod contract;
mod dead_letters;
mod expiry;
mod grpc_proxy;
mod lost_answers;
mod outages;
mod queries;
mod sizes;
mod slow_proxy;
mod statuses;
mod support;
