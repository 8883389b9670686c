//! What a program says that doesn't start, or ends badly. What is wrong may be what the log was to be started with, so this
//! goes past it, in the form that the platform reads.

use std::io::Write;
use std::process::ExitCode;

use telemetry::{LogFormat, LogSettings};
use tracing::dispatcher::with_default;

use super::Program;

/// Tells of arguments that can't be used, or of what was asked for by `--help` and `--version`.
pub(super) fn of_arguments(error: &clap::Error, format: LogFormat) -> ExitCode {
    match format {
        LogFormat::Json if error.use_stderr() => log_line(error.to_string().trim_end()),
        LogFormat::Json | LogFormat::Text => {
            // Help goes to standard output, and a reader that is gone needs none.
            let _ = error.print();
        }
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Tells why `program` didn't start, or how it ended.
pub(super) fn of_start(program: &Program, error: &anyhow::Error, format: LogFormat) -> ExitCode {
    let mut message = format!("{}: {error:#}", program.name);
    // The libraries name settings as `talaria up` does, which has those of several services.
    let (upper, name) = (program.name.to_ascii_uppercase(), program.name);
    if message.contains(&format!("TALARIA_{upper}__")) || message.contains(&format!("{name}.")) {
        message.push_str(&format!(
            "\nHere settings are named without the service: {name}.x is x, or TALARIA_X in the environment."
        ));
    }
    match format {
        LogFormat::Json => log_line(&message),
        LogFormat::Text => write(&format!("{message}\n")),
    }
    ExitCode::FAILURE
}

/// One line of a log that is there for this line alone.
fn log_line(message: &str) {
    let settings = LogSettings {
        filter: "error".into(),
        format: LogFormat::Json,
        google_project: None,
    };
    match telemetry::dispatch(&settings, write) {
        Ok(log) => with_default(&log, || tracing::error!("{message}")),
        Err(_) => write(&format!("{message}\n")),
    }
}

fn write(text: &str) {
    // There is nobody left to tell when this fails.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
