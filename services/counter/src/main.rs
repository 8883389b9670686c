//! The program `counter`: the counter on Google Cloud's Firestore.

mod wiring;

use std::process::ExitCode;

use web::program::{Program, run};

fn main() -> ExitCode {
    let program = Program {
        name: "counter",
        about: "Keeps exact tallies of the events that Pub/Sub pushes, and serves the page that shows them",
        example: "TALARIA_STORE__BACKEND=firestore TALARIA_BUS__BACKEND=pubsub GOOGLE_CLOUD_PROJECT=my-shop-123456 counter",
        version: env!("CARGO_PKG_VERSION"),
    };
    run(&program, wiring::start)
}
