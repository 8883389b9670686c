//! What Secret Manager's answers mean. What it says in its own words is not passed on, since nobody knows what stands in
//! it; what to do is said instead.

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_secretmanager_v1::model::SecretPayload;

use super::SecretManagerError;
use super::version_name::VersionName;

/// Whether the payload is what was stored, as far as that is known.
pub(super) fn is_whole(payload: &SecretPayload) -> bool {
    let computed = i64::from(crc32c::crc32c(&payload.data));
    payload.data_crc32c.is_none_or(|stored| stored == computed)
}

/// The payload as a text that can be a secret.
pub(super) fn text(version: &VersionName, data: &[u8]) -> Result<String, SecretManagerError> {
    let text = std::str::from_utf8(data).map_err(|_| {
        version.unreadable(format!(
            "it is no text (UTF-8); {}",
            add_version(version, "store it as one")
        ))
    })?;
    match text.trim().is_empty() {
        true => Err(version.missing(add_version(version, "it is empty; add a version with text"))),
        false => Ok(text.to_owned()),
    }
}

/// Why Secret Manager, or the way to it, refused.
pub(super) fn refusal(version: &VersionName, error: &Error) -> SecretManagerError {
    let Some(status) = error.status() else {
        return without_status(version, error);
    };
    match status.code {
        Code::NotFound => not_found(version),
        Code::FailedPrecondition => not_usable(version, status.message.contains("DESTROYED")),
        Code::InvalidArgument => version.missing(
            "Secret Manager takes this for no name: name it NAME, NAME@5 or projects/PROJECT/secrets/NAME/versions/5"
                .into(),
        ),
        Code::PermissionDenied => permission_denied(version),
        Code::Unauthenticated => unauthenticated(version),
        Code::ResourceExhausted => version.unreadable(
            "the project's quota of reads is used up; it is tried again at the next call, and the quota can be raised under \
             IAM & Admin, Quotas"
                .into(),
        ),
        code => version.unreadable(format!(
            "Secret Manager answered {}; it is tried again at the next call",
            code.name()
        )),
    }
}

/// An answer that isn't Secret Manager's own, or none.
fn without_status(version: &VersionName, error: &Error) -> SecretManagerError {
    match error.http_status_code() {
        Some(401) => return unauthenticated(version),
        Some(403) => return permission_denied(version),
        Some(code) => {
            return version.unreadable(format!(
                "something answered {code} that is not Secret Manager: is the endpoint right?"
            ));
        }
        None => {}
    }
    let reason = if error.is_authentication() {
        return unauthenticated(version);
    } else if error.is_deserialization() {
        "the answer is not Secret Manager's: is the endpoint right?"
    } else if error.is_timeout() || error.is_exhausted() {
        "no answer of Secret Manager in time; it is tried again at the next call"
    } else {
        "no connection to Secret Manager; it is tried again at the next call"
    };
    version.unreadable(reason.into())
}

fn not_found(version: &VersionName) -> SecretManagerError {
    let arguments = version.arguments();
    let remedy = match version.pinned() {
        Some(pinned) => format!(
            "name a version that `gcloud secrets versions list {arguments}` shows instead of {pinned}, or create the \
             secret with `gcloud secrets create {arguments} --data-file=-`"
        ),
        None => format!(
            "create it with `gcloud secrets create {arguments} --data-file=-`, or give it its first version with \
             `gcloud secrets versions add {arguments} --data-file=-`"
        ),
    };
    version.missing(remedy)
}

fn not_usable(version: &VersionName, is_destroyed: bool) -> SecretManagerError {
    let arguments = version.arguments();
    match (is_destroyed, version.pinned()) {
        (false, Some(pinned)) => version.missing(format!(
            "its version is disabled; enable it with `gcloud secrets versions enable {pinned} --secret={arguments}`, or \
             name another"
        )),
        (false, None) => version.missing(add_version(
            version,
            "its latest version is disabled; enable it, name an older one as NAME@5, or add one",
        )),
        (true, _) => version.missing(add_version(
            version,
            "its version was destroyed for good; name another, or add one",
        )),
    }
}

fn permission_denied(version: &VersionName) -> SecretManagerError {
    version.unreadable(format!(
        "the service account may not read it; grant it with `gcloud secrets add-iam-policy-binding {} \
         --member=serviceAccount:ACCOUNT --role=roles/secretmanager.secretAccessor`, and see that the project has \
         secretmanager.googleapis.com enabled",
        version.arguments()
    ))
}

fn unauthenticated(version: &VersionName) -> SecretManagerError {
    version.unreadable(
        "Secret Manager doesn't know who asks: run as a service account, or set GOOGLE_APPLICATION_CREDENTIALS to a file \
         with credentials"
            .into(),
    )
}

fn add_version(version: &VersionName, what: &str) -> String {
    format!(
        "{what}: `gcloud secrets versions add {} --data-file=-`",
        version.arguments()
    )
}
