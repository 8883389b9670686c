//! The program `publisher`: the publisher on Google Cloud's Pub/Sub.

mod wiring;

use std::process::ExitCode;

use web::program::{Program, run};

fn main() -> ExitCode {
    let program = Program {
        name: "publisher",
        about: "Takes events over HTTP and answers 202 once they are durably on Pub/Sub",
        example: "TALARIA_BUS__BACKEND=pubsub GOOGLE_CLOUD_PROJECT=my-shop-123456 publisher",
        version: env!("CARGO_PKG_VERSION"),
    };
    run(&program, wiring::start)
}
