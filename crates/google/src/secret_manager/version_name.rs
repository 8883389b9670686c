//! The name of one version of a secret, as the routes file writes it and as Secret Manager wants it.

use super::SecretManagerError;

const LATEST: &str = "latest";

/// One version of one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VersionName {
    /// As it was asked for.
    written: String,
    /// `projects/P`, or `projects/P/locations/L`.
    parent: String,
    secret: String,
    version: String,
}

impl VersionName {
    /// Reads `NAME`, `NAME@VERSION` or a full name; `project` is for those without one.
    pub(super) fn read(written: &str, project: &str) -> Result<Self, SecretManagerError> {
        let named = |parent: String, secret: &str, version: &str| Self {
            written: written.to_owned(),
            parent,
            secret: secret.to_owned(),
            version: version.to_owned(),
        };
        let parts: Vec<&str> = written.split('/').collect();
        let name = match parts.as_slice() {
            [name] => {
                let (secret, version) = name.split_once('@').unwrap_or((name, LATEST));
                named(format!("projects/{project}"), secret, version)
            }
            ["projects", project, "secrets", secret, "versions", version] => {
                named(format!("projects/{project}"), secret, version)
            }
            [
                "projects",
                project,
                "locations",
                location,
                "secrets",
                secret,
                "versions",
                version,
            ] => named(
                format!("projects/{project}/locations/{location}"),
                secret,
                version,
            ),
            _ => return Err(no_name(written)),
        };
        let parent_is_plain = name.parent.split('/').all(|part| is_plain(part, b"-.:_"));
        match parent_is_plain && is_plain(&name.secret, b"-_") && is_plain(&name.version, b"-_") {
            true => Ok(name),
            false => Err(no_name(written)),
        }
    }

    /// As Secret Manager wants it.
    pub(super) fn resource(&self) -> String {
        let Self {
            parent,
            secret,
            version,
            ..
        } = self;
        format!("{parent}/secrets/{secret}/versions/{version}")
    }

    /// What gcloud's commands about the secret are told: its name, project and place.
    pub(super) fn arguments(&self) -> String {
        let mut parts = self.parent.split('/');
        let project = parts.nth(1).unwrap_or_default();
        let location = parts.nth(1).map(|place| format!(" --location={place}"));
        format!(
            "{} --project={project}{}",
            self.secret,
            location.unwrap_or_default()
        )
    }

    /// The version's number or alias, if it isn't simply the latest.
    pub(super) fn pinned(&self) -> Option<&str> {
        Some(self.version.as_str()).filter(|version| *version != LATEST)
    }

    pub(super) fn missing(&self, remedy: String) -> SecretManagerError {
        SecretManagerError::Missing {
            name: self.written.clone(),
            remedy,
        }
    }

    pub(super) fn unreadable(&self, reason: String) -> SecretManagerError {
        SecretManagerError::Unreadable {
            name: self.written.clone(),
            reason,
        }
    }
}

/// Letters, digits and `also`, beginning with a letter or digit: nothing that could lead to another address.
fn is_plain(part: &str, also: &[u8]) -> bool {
    part.starts_with(|first: char| first.is_ascii_alphanumeric())
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
}

fn no_name(written: &str) -> SecretManagerError {
    SecretManagerError::Missing {
        name: written.to_owned(),
        remedy: "name it NAME, NAME@5 or projects/PROJECT/secrets/NAME/versions/5, with letters, digits, _ and - in NAME"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_name_leads_to_one_version() {
        for (written, resource, arguments) in [
            (
                "KEY",
                "projects/shop/secrets/KEY/versions/latest",
                "KEY --project=shop",
            ),
            (
                "crm-key@5",
                "projects/shop/secrets/crm-key/versions/5",
                "crm-key --project=shop",
            ),
            (
                "KEY@current",
                "projects/shop/secrets/KEY/versions/current",
                "KEY --project=shop",
            ),
            (
                "projects/other.com:x/secrets/KEY/versions/7",
                "projects/other.com:x/secrets/KEY/versions/7",
                "KEY --project=other.com:x",
            ),
            (
                "projects/other/locations/europe-west1/secrets/KEY/versions/latest",
                "projects/other/locations/europe-west1/secrets/KEY/versions/latest",
                "KEY --project=other --location=europe-west1",
            ),
        ] {
            let name = VersionName::read(written, "shop").expect(written);
            assert_eq!(
                (name.resource().as_str(), name.arguments().as_str()),
                (resource, arguments)
            );
        }
    }

    #[test]
    fn what_is_no_name_is_asked_of_nobody() {
        for written in [
            "",
            "@5",
            "KEY@",
            "KEY@1@2",
            "a key",
            "../KEY",
            "KEY?x=1",
            "KEY%2F",
            "secrets/KEY",
            "projects/p/secrets/KEY",
            "projects/p/secrets/../versions/1",
            "projects/./secrets/KEY/versions/1",
            "projects/p/secrets/KEY/versions/1/x",
        ] {
            let error = VersionName::read(written, "shop").expect_err(written);
            assert!(
                matches!(error, SecretManagerError::Missing { .. }),
                "{written}"
            );
        }
    }
}
