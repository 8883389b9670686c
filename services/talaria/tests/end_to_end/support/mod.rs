//! What the tests share.

mod back_office;
mod load;
mod process;
mod push;
mod samples;
mod world;

pub use back_office::{BackOffice, Call};
pub use load::{Accepted, Load, Shopper, wait_for_more};
pub use process::TalariaProcess;
pub use push::{envelope, envelope_of_base64};
pub use samples::sample;
pub use world::World;
