//! Ledger, dead letters and destinations' reports on Firestore: their contracts, and what several processes on one
//! database, long texts and outages ask of them. Runs against Google's emulator.

mod claims;
mod contract;
mod dead_letters;
mod lost_answers;
mod outages;
mod sizes;
mod slow_proxy;
mod support;
