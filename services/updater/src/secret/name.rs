//! Names of secrets, as a routes file writes them. The file is the same wherever it is used, so the name may say which version
//! Secret Manager shall give, though environment and files have one only.

/// True for `NAME`, `NAME@5` and `projects/…/secrets/NAME/versions/5`.
pub(crate) fn is_name(written: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(plain);
    let is_project = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| plain(byte) || matches!(byte, b'.' | b':'))
    };
    match written.split('/').collect::<Vec<_>>().as_slice() {
        [name] => match name.split_once('@') {
            Some((name, version)) => is_plain(name) && is_plain(version),
            None => is_plain(name),
        },
        ["projects", project, "secrets", name, "versions", version] => {
            is_project(project) && is_plain(name) && is_plain(version)
        }
        [
            "projects",
            project,
            "locations",
            location,
            "secrets",
            name,
            "versions",
            version,
        ] => is_project(project) && is_plain(location) && is_plain(name) && is_plain(version),
        _ => false,
    }
}

/// The name without project and version.
pub(super) fn bare(written: &str) -> &str {
    let name = match written.split_once("/secrets/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => written,
    };
    name.split('@').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_say_which_version_and_its_bare_name_stays() {
        for (written, expected) in [
            ("CRM_API_KEY", "CRM_API_KEY"),
            ("crm-key@5", "crm-key"),
            ("projects/shop/secrets/KEY/versions/latest", "KEY"),
            ("projects/a.b:c/secrets/KEY/versions/5", "KEY"),
            (
                "projects/p/locations/eu-west1/secrets/KEY/versions/5",
                "KEY",
            ),
        ] {
            assert!(is_name(written), "{written}");
            assert_eq!(bare(written), expected);
        }
        for written in [
            "",
            "my secret",
            "@5",
            "KEY@",
            "KEY@1@2",
            "a/b",
            "../KEY",
            "projects/../secrets/K/versions/1",
            "projects/p/secrets/K",
            "projects/p/secrets/K/versions/",
            "${KEY}",
        ] {
            assert!(!is_name(written), "{written}");
        }
    }
}
