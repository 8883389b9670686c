//! Which pushes are taken: real signatures, a key server of our own, and a clock that is moved.

mod broken_answers;
mod cloud_run_iam;
mod front_door;
mod key_cache;
mod log;
mod many;
mod scene;
mod wrong;
