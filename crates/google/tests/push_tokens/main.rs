//! Which pushes are taken: real signatures, a key server of our own, and a clock that is moved.

mod cloud_run_iam;
mod front_door;
mod key_cache;
mod many;
mod scene;
mod wrong;
