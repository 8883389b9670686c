//! Reading how a destination is told who calls.

use url::Url;

use super::fields::{Fields, list, text};
use super::header;
use super::mistake::{Place, Report};
use super::model::{Auth, GoogleToken};
use super::yaml::{Content, Node};
use crate::secret::is_name;

pub(super) const KEYS: &[&str] = &["bearer", "header", "secret", IDENTITY_TOKEN, ACCESS_TOKEN];
pub(super) const IDENTITY_TOKEN_KEYS: &[&str] = &["audience"];
pub(super) const ACCESS_TOKEN_KEYS: &[&str] = &["scopes"];

const IDENTITY_TOKEN: &str = "google-identity-token";
const ACCESS_TOKEN: &str = "google-access-token";
const EVERY_GOOGLE_API: &str = "https://www.googleapis.com/auth/cloud-platform";

const HINT: &str = "bearer: SECRET_NAME, or header: X-API-KEY with secret: SECRET_NAME, or google-identity-token: {}, or \
                    google-access-token: {}, or no auth: at all";
const LATER: &str = "this kind of auth does not exist yet; now there are bearer: and header: with secret:, \
                     google-identity-token: and google-access-token:";
const SECRET_HINT: &str = "the name only, letters, digits, _ and -, with a version as NAME@5 or \
                           projects/PROJECT/secrets/NAME/versions/5; the secret itself never stands in this file";
const AUDIENCE_HINT: &str =
    "what the service takes tokens for, such as https://crm-1234.europe-west1.run.app";
const SCOPES_HINT: &str = "a list of scopes: [https://www.googleapis.com/auth/cloud-platform], which is also what is taken without scopes:";

/// How a destination is told who calls; not at all, where it can't be read. `url` is the destination's, if that is usable.
pub(super) fn read(node: &Node, url: Option<&Url>, report: &mut Report) -> Auth {
    if matches!(&node.content, Content::Text(text) if text == "none") {
        return Auth::None;
    }
    let later = ["basic", "oauth2", "signature", "mtls"].map(|kind| (kind, LATER));
    let Some(fields) = Fields::open(node, "auth", KEYS, &later, report) else {
        return Auth::None;
    };
    let given: Vec<&str> = KEYS
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let read = match given.as_slice() {
        ["bearer"] => secret(&fields, "bearer", report).map(|secret| Auth::Bearer { secret }),
        ["header", "secret"] => in_header(&fields, report),
        [IDENTITY_TOKEN] => identity_token(&fields, url, report).map(Auth::Google),
        [ACCESS_TOKEN] => access_token(&fields, report).map(Auth::Google),
        _ => {
            report.add_with_hint(node.place, "auth: is not exactly one kind", HINT);
            None
        }
    };
    read.unwrap_or(Auth::None)
}

fn in_header(fields: &Fields, report: &mut Report) -> Option<Auth> {
    let name = fields.text("header", report);
    let name = name.filter(|(name, place)| header::check_name(name, *place, report));
    let secret = secret(fields, "secret", report);
    let (name, _) = name?;
    Some(Auth::Header {
        name: name.to_owned(),
        secret: secret?,
    })
}

fn secret(fields: &Fields, key: &str, report: &mut Report) -> Option<String> {
    let (written, place) = fields.text(key, report)?;
    if !is_name(written) {
        let message = format!("{key}: this is not the name of a secret");
        report.add_with_hint(place, message, SECRET_HINT);
    }
    Some(written.to_owned())
}

fn identity_token(fields: &Fields, url: Option<&Url>, report: &mut Report) -> Option<GoogleToken> {
    let node = fields.get(IDENTITY_TOKEN)?;
    let what = format!("{IDENTITY_TOKEN}:");
    let fields = Fields::open(node, what, IDENTITY_TOKEN_KEYS, &[], report)?;
    let audience = match fields.text("audience", report) {
        Some((audience, place)) => {
            check_word(audience, place, "audience", AUDIENCE_HINT, report);
            audience.to_owned()
        }
        None => url?.origin().ascii_serialization(),
    };
    Some(GoogleToken::Identity { audience })
}

fn access_token(fields: &Fields, report: &mut Report) -> Option<GoogleToken> {
    let node = fields.get(ACCESS_TOKEN)?;
    let what = format!("{ACCESS_TOKEN}:");
    let fields = Fields::open(node, what, ACCESS_TOKEN_KEYS, &[], report)?;
    let Some(node) = fields.get("scopes") else {
        let scopes = vec![EVERY_GOOGLE_API.to_owned()];
        return Some(GoogleToken::Access { scopes });
    };
    let nodes = list(node, "scopes:", report)?;
    if nodes.is_empty() {
        report.add_with_hint(node.place, "scopes: names none", SCOPES_HINT);
    }
    let mut scopes = Vec::new();
    for node in nodes {
        if let Some(scope) = text(node, "a scope", report) {
            check_word(scope, node.place, "scopes", SCOPES_HINT, report);
            scopes.push(scope.to_owned());
        }
    }
    Some(GoogleToken::Access { scopes })
}

/// Both are put into an address that Google is asked under, scopes with commas between them.
fn check_word(word: &str, place: Place, key: &str, hint: &str, report: &mut Report) {
    let is_word = !word.is_empty()
        && !word.contains("${")
        && word
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',');
    if !is_word {
        report.add_with_hint(place, format!("{key}: '{word}' can't be one"), hint);
    }
}
