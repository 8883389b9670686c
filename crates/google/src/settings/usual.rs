//! The variables that Google's own tools and clients go by.

use std::collections::BTreeMap;
use std::net::SocketAddr;

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
    /// `K_SERVICE`, which Cloud Run sets.
    pub cloud_run_service: Option<String>,
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
            cloud_run_service: variable("K_SERVICE"),
        }
    }

    /// Refuses to take Cloud Run's word where there is no Cloud Run: nobody has checked the tokens there, and whoever reaches
    /// `address` could write one himself. `setting` is what says cloud-run-iam, `instead` what has everything checked.
    pub fn check_cloud_run_vouches(
        &self,
        setting: &str,
        instead: &str,
        address: SocketAddr,
    ) -> Result<(), Faults> {
        if self.cloud_run_service.is_some() || address.ip().is_loopback() {
            return Ok(());
        }
        Err(Faults::of(format!(
            "{setting} is cloud-run-iam and this is not Cloud Run (there is no K_SERVICE), so nobody checks the tokens that \
             come to {address}: set {setting} to {instead}, or listen on 127.0.0.1"
        )))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloud_runs_word_is_taken_on_cloud_run_and_on_loopback_alone() {
        let of = |name: &str, value: &str| {
            UsualVariables::of(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
        };
        let check = |usual: &UsualVariables, address: &str| {
            let address = address.parse().expect("an address");
            usual.check_cloud_run_vouches("push_callers.mode", "verify", address)
        };
        let (there, elsewhere) = (of("K_SERVICE", "updater"), of("K_SERVICE", " "));
        assert_eq!(check(&there, "0.0.0.0:8080"), Ok(()));
        for loopback in ["127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(check(&elsewhere, loopback), Ok(()));
        }
        for reachable in ["0.0.0.0:8080", "[::]:8080", "10.0.0.7:8080"] {
            let faults = check(&elsewhere, reachable)
                .expect_err(reachable)
                .to_string();
            for words in [
                "push_callers.mode is cloud-run-iam",
                "K_SERVICE",
                reachable,
                "push_callers.mode to verify",
            ] {
                assert!(faults.contains(words), "{words} is not in {faults}");
            }
        }
    }
}
