//! The variables that Google's own tools and clients go by.

use std::collections::BTreeMap;

use web::settings::Faults;

/// What Google's usual variables say. An empty one says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsualVariables {
    /// `GOOGLE_CLOUD_PROJECT`.
    pub project: Option<String>,
    /// `PUBSUB_EMULATOR_HOST`.
    pub pubsub_emulator: Option<String>,
    /// `FIRESTORE_EMULATOR_HOST`.
    pub firestore_emulator: Option<String>,
    /// `GOOGLE_APPLICATION_CREDENTIALS`.
    pub credentials_file: Option<String>,
}

impl UsualVariables {
    /// Those of `environment`.
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        let variable = |name: &str| {
            let value = environment.get(name)?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        Self {
            project: variable("GOOGLE_CLOUD_PROJECT"),
            pubsub_emulator: variable("PUBSUB_EMULATOR_HOST"),
            firestore_emulator: variable("FIRESTORE_EMULATOR_HOST"),
            credentials_file: variable("GOOGLE_APPLICATION_CREDENTIALS"),
        }
    }

    /// Refuses a credentials file that can't be one, which Google's clients would notice at their first call only. On the
    /// emulators none is `needed`.
    pub fn check_credentials_file(&self, needed: bool) -> Result<(), Faults> {
        let Some(path) = self.credentials_file.as_ref().filter(|_| needed) else {
            return Ok(());
        };
        let fault = |what: &str| {
            Faults::of(format!(
                "GOOGLE_APPLICATION_CREDENTIALS names {path}, which {what}: name a credentials file, or unset it to run as \
                 the service account of the machine"
            ))
        };
        let text =
            std::fs::read(path).map_err(|error| fault(&format!("can't be read ({error})")))?;
        match serde_json::from_slice::<serde_json::Value>(&text) {
            Ok(file) if file.get("type").is_some() => Ok(()),
            // The file's text is a secret, so what is wrong in it is not said.
            _ => Err(fault("holds no credentials")),
        }
    }
}
