//! Warnings about routes that read what the publisher keeps out of messages. Nobody can know the values of an event that is
//! still to come; a member called `email` or `billing_phone` says enough.

use events::{KeepPath, PersonalData, RedactionSettings, Treatment};
use updater::routes::{EventRead, Mistake, Route, Routes};

/// One warning for each place of personal data that a route reads and that is not kept.
pub(super) fn warnings(routes: &Routes, redaction: &RedactionSettings) -> Vec<Mistake> {
    let mut warnings = Vec::new();
    for route in routes.routes() {
        let read = route.reads.iter();
        warnings.extend(read.filter_map(|read| warning(route, read, redaction)));
    }
    warnings
}

fn warning(route: &Route, read: &EventRead, redaction: &RedactionSettings) -> Option<Mistake> {
    let name = read.path.iter().rev().find(|step| *step != "*")?;
    let kind = PersonalData::named(name)?;
    let does = match redaction.treatment(kind) {
        Treatment::Off => return None,
        Treatment::Redact => "redacts",
        Treatment::Hash => "hashes",
        Treatment::Refuse => "refuses events with",
    };
    if redaction.spares(&read.path) {
        return None;
    }
    let message = format!(
        "route '{}' reads {}, and the publisher {does} {} in clear",
        route.name,
        read.written(),
        kind.plural()
    );
    Some(read.warning(message, hint(kind, read, redaction.treatment(kind))))
}

/// What to set. A card number can't be hashed.
fn hint(kind: PersonalData, read: &EventRead, treatment: Treatment) -> String {
    let keep = format!(
        "publisher.redaction.keep: [{}] lets it through",
        KeepPath::of(&read.path)
    );
    match kind {
        PersonalData::CardNumber => keep,
        _ if treatment == Treatment::Hash => format!("the API gets a SHA-256; {keep}"),
        _ => format!(
            "{keep}; publisher.redaction.{}: hash sends its SHA-256",
            kind.setting()
        ),
    }
}
