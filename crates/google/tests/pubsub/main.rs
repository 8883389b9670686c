//! The bus on Pub/Sub's emulator, through its front door: the contract, its bounds, and what happens when Pub/Sub is away.

mod bus_contract;
mod limits;
mod publishing;
mod readiness;
mod recovery;
mod support;
