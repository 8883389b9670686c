//! `talaria provision` and `talaria check --subscriptions` as a user calls them, on Google's emulator.

mod checking;
mod interrupted;
mod project;
mod provisioning;
