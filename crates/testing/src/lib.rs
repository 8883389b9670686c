//! For tests only: an HTTP server that records what it is sent and answers as it is told, Google's emulators, proxies
//! that can be cut or made silent, a receiver of OTLP and what comes to it, and waiting that never sleeps.

mod emulators;
pub mod google_tokens;
mod mock_server;
mod otlp;
mod program;
mod proxy;
mod recording;
mod silent_proxy;
mod wait;

pub use emulators::{firestore_emulator, pubsub_emulator, unique_project};
pub use mock_server::{MockAnswer, MockServer, RecordedRequest};
pub use otlp::{OtlpReceiver, ReceivedPoint, ReceivedSpan};
pub use program::{Ended, RunningProgram, TRACEPARENT, assert_traced};
pub use proxy::Proxy;
pub use recording::{Recorded, Recording, assert_point_described, values_of};
pub use silent_proxy::SilentProxy;
pub use wait::{PATIENCE, eventually};
