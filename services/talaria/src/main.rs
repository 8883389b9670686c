//! The program `talaria`.

use std::process::ExitCode;

fn main() -> ExitCode {
    talaria::run(std::env::args_os(), web::settings::process_environment())
}
