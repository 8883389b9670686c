//! Topics and subscriptions on Google's emulator: made, compared, mended, named.

mod differences;
mod pages;
mod provisioning;
mod support;
mod unreachable;
