//! Panics as lines: a text over several lines would be read as so many entries.

use std::panic::{PanicHookInfo, set_hook};

/// The target of panics' lines, which are the most severe there are.
pub(crate) const PANIC_TARGET: &str = "panic";

/// Logs each panic from now on, with the fields of the spans around it.
pub(crate) fn log_panics() {
    set_hook(Box::new(log_panic));
}

/// The place alone: a panic's own text can repeat what was sent.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    tracing::error!(
        target: PANIC_TARGET,
        thread = thread.name(),
        "panicked at {place}: a fault of the program, please report it with this place"
    );
}
