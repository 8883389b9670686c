//! Bus and store on Google Cloud: Pub/Sub and Firestore; secrets from Secret Manager; tokens of pushes and for outgoing
//! calls. Google's clients are named in this crate alone.
//!
//! Every part is told its project, endpoint and emulator by settings: nothing here reads the environment.

pub mod caller_tokens;
pub mod firestore;
pub mod otlp;
pub mod pubsub;
pub mod push_tokens;
pub mod secret_manager;
pub mod settings;
pub mod tokens;
