//! The program `updater`: the updater on Google Cloud's Firestore.

mod wiring;

use std::process::ExitCode;

use web::program::{Program, run};

fn main() -> ExitCode {
    let program = Program {
        name: "updater",
        about: "Turns the events that Pub/Sub pushes into calls to a company's own APIs, each made once in effect",
        example: "TALARIA_STORE__BACKEND=firestore GOOGLE_CLOUD_PROJECT=my-shop-123456 TALARIA_ROUTES=routes.yaml updater",
        version: env!("CARGO_PKG_VERSION"),
    };
    run(&program, wiring::start)
}
