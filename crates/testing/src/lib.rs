//! For tests only: an HTTP server that records what it is sent and answers as it is told, and waiting that never
//! sleeps. It stands in for APIs and for push endpoints alike.

mod mock_server;
mod wait;

pub use mock_server::{MockAnswer, MockServer, RecordedRequest};
pub use wait::{PATIENCE, eventually};
