//! What can be set about bus and store where a service runs by itself. A backend is named, never guessed; what is missing is
//! said by name, with the values there are.

mod bus;
mod callers;
mod names;
mod push;
mod store;
#[cfg(test)]
mod tests;
mod usual;

use std::time::Duration;

use web::settings::Faults;

pub use bus::{BusBackend, BusSettings};
pub use callers::{TokenVoucher, token_verifier};
pub use names::{check_database, check_topic, secret_manager_endpoint};
pub use push::{PushCheck, push_verifier};
pub use store::{StoreBackend, StoreSettings};
pub use usual::UsualVariables;

/// How long a message can keep coming: seven days from its subscription, which is the longest that Terraform sets, then seven
/// from the dead-letter topic's.
pub const LONGEST_DELIVERY: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Refuses to forget an event while it may still come: it would then be done, or counted, twice. `setting` is the name of
/// what says how long events are remembered; `letters` is how long dead letters can be replayed.
pub fn remembered_long_enough(
    setting: &str,
    remembered: Duration,
    letters: Duration,
) -> Result<(), Faults> {
    let needed = letters + LONGEST_DELIVERY;
    if remembered > needed {
        return Ok(());
    }
    let days = |duration: Duration| duration.as_secs().div_ceil(24 * 60 * 60);
    Err(Faults::of(format!(
        "{setting} is too short: a message can come for {} days, counting the dead-letter topic, and its letter can be \
         replayed for dead_letter_retention after that; make it longer than {} days, or shorten dead_letter_retention",
        days(LONGEST_DELIVERY),
        days(needed),
    )))
}

fn named(host: Option<&str>) -> Option<&str> {
    host.filter(|host| !host.is_empty())
}

fn embedded(part: &str, instead: &str) -> Faults {
    Faults::of(format!(
        "{part}.backend is embedded, which exists inside `talaria up` alone, because its files have one owner: set \
         TALARIA_{}__BACKEND={instead}, or run `talaria up`",
        part.to_ascii_uppercase(),
    ))
}

/// The emulators take any project, Google takes ids alone; what neither takes is refused at once.
fn project_id(project: Option<&str>) -> Result<String, Faults> {
    let Some(project) = project.filter(|project| !project.is_empty()) else {
        return Err(Faults::of(
            "project is missing: set GOOGLE_CLOUD_PROJECT, or TALARIA_PROJECT, to the project's id",
        ));
    };
    let legal = |character: char| {
        character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || matches!(character, '-' | '.' | ':')
    };
    if project.starts_with(|first: char| first.is_ascii_lowercase()) && project.chars().all(legal) {
        return Ok(project.to_owned());
    }
    Err(Faults::of(format!(
        "project is {project:?}, which is no project's id: set GOOGLE_CLOUD_PROJECT, or TALARIA_PROJECT, to the id that \
         `gcloud projects list` shows, such as my-shop-123456"
    )))
}

/// The emulator that `variable` names; an empty one names none, which is how compose files leave one out.
pub fn emulator_host(host: Option<&str>, variable: &str) -> Result<Option<String>, Faults> {
    let Some(host) = named(host) else {
        return Ok(None);
    };
    let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    // As the clients will write it. An address of version 6 needs brackets there.
    let is_host = reqwest::Url::parse(&format!("http://{host}"))
        .is_ok_and(|url| url.path() == "/" && url.username().is_empty());
    match port {
        Some(Ok(_)) if is_host => Ok(Some(host.to_owned())),
        _ => Err(Faults::of(format!(
            "{variable} is {host:?}: write host and port alone, such as 127.0.0.1:8085"
        ))),
    }
}
