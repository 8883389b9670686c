//! Names and addresses at Google Cloud, refused at the start where none could be one: a service that starts with one does
//! nothing until somebody reads its log.

use web::settings::Faults;

/// Refuses what Pub/Sub takes for no topic's id.
pub fn check_topic(topic: &str) -> Result<(), Faults> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+%".contains(&byte);
    let is_id = (3..=255).contains(&topic.len())
        && topic.starts_with(|first: char| first.is_ascii_alphabetic())
        && !topic.starts_with("goog")
        && topic.bytes().all(legal);
    match is_id {
        true => Ok(()),
        false => Err(Faults::of(format!(
            "topic is {topic:?}, which is no topic's id: set TALARIA_TOPIC to what `gcloud pubsub topics list` shows after \
             projects/…/topics/, or leave it out for backend-updates"
        ))),
    }
}

/// Refuses what Firestore takes for no database's id.
pub fn check_database(database: &str) -> Result<(), Faults> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_named = (4..=63).contains(&database.len())
        && database.starts_with(|first: char| first.is_ascii_lowercase())
        && !database.ends_with('-')
        && database.bytes().all(legal);
    match is_named || database == "(default)" {
        true => Ok(()),
        false => Err(Faults::of(format!(
            "store.database is {database:?}, which is no database's id: set TALARIA_STORE__DATABASE to what `gcloud firestore \
             databases list` shows after projects/…/databases/, or leave it out for (default)"
        ))),
    }
}

/// Where Secret Manager is asked; nothing for Google's usual address, which an empty text means as well.
pub fn secret_manager_endpoint(endpoint: Option<&str>) -> Result<Option<String>, Faults> {
    let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.is_empty()) else {
        return Ok(None);
    };
    let is_address = reqwest::Url::parse(endpoint).is_ok_and(|url| {
        let is_http = matches!(url.scheme(), "https" | "http");
        is_http && url.path() == "/" && url.query().is_none() && url.username().is_empty()
    });
    match is_address {
        true => Ok(Some(endpoint.to_owned())),
        false => Err(Faults::of(format!(
            "secret_manager.endpoint is {endpoint:?}, which is no address: write it with https:// and without a path, such as \
             https://secretmanager.europe-west1.rep.googleapis.com, or leave it out for Google's usual one"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_named_by_its_id() {
        for good in ["backend-updates", "items-realtime", "a.b", "Z~1%2F"] {
            assert_eq!(check_topic(good), Ok(()), "{good}");
        }
        let long = "a".repeat(256);
        for bad in [
            "", "ab", "1-topic", "a b c", "a/b/c", "google-x", "tópico", &long,
        ] {
            let faults = check_topic(bad).expect_err(bad).to_string();
            assert!(faults.contains("TALARIA_TOPIC"), "{faults}");
        }
    }

    #[test]
    fn a_database_is_named_by_its_id() {
        for good in ["(default)", "tallies", "shop-2"] {
            assert_eq!(check_database(good), Ok(()), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", "default)", "abc", "Tallies", "tallies-", "1-tally", "a/bcd", &long,
        ] {
            let faults = check_database(bad).expect_err(bad).to_string();
            assert!(faults.contains("TALARIA_STORE__DATABASE"), "{faults}");
        }
    }

    #[test]
    fn secret_managers_address_is_written_with_its_scheme_alone() {
        for (written, expected) in [
            (None, None),
            (Some(""), None),
            (Some("http://127.0.0.1:9400"), Some("http://127.0.0.1:9400")),
            (
                Some("https://secretmanager.europe-west1.rep.googleapis.com/"),
                Some("https://secretmanager.europe-west1.rep.googleapis.com/"),
            ),
        ] {
            let endpoint = secret_manager_endpoint(written).expect("good");
            assert_eq!(endpoint.as_deref(), expected);
        }
        for bad in [
            "secretmanager.europe-west1.rep.googleapis.com",
            "127.0.0.1:9400",
            "localhost:9400",
            "https://secretmanager.googleapis.com/v1",
            "https://me@secretmanager.googleapis.com",
            "ftp://secretmanager.googleapis.com",
            "https://",
        ] {
            let faults = secret_manager_endpoint(Some(bad)).expect_err(bad);
            assert!(faults.to_string().contains("https://"), "{faults}");
        }
    }
}
