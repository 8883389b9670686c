//! What the tests share.

mod back_office;
pub mod books;
pub mod load;
mod moods;
mod process;
mod push;
mod samples;
pub mod world;

pub use back_office::BackOffice;
pub use books::{
    assert_books_balance, assert_each_was_done_once, assert_no_unsafe_call_was_repeated,
};
pub use load::{Load, Shopper, wait_for_more};
pub use moods::be_moody;
pub use process::TalariaProcess;
pub use push::{envelope, envelope_of_base64};
pub use samples::sample;
pub use world::World;
